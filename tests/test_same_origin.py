"""Requests that other sites make a browser send: refused on the whole application but for the webhooks."""

import pytest
from starlette.testclient import TestClient

from asaka_bot.app.application import make_app
from asaka_bot.settings import Settings

HOST = "https://asaka.example"
NULL = {"origin": "null"}


@pytest.fixture(scope="module")
def client(tmp_path_factory, service):
    settings = Settings.model_validate({"ASAKA_DATA_DIR": tmp_path_factory.mktemp("data")})
    with TestClient(make_app(settings, service), base_url=HOST, follow_redirects=False) as running:
        yield running


FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": HOST},
    {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    {"origin": "https://evil.example"},
    {"origin": "https://asaka.example.evil.example"},
    {"origin": "https://asaka.example:8443"},
    {"origin": "nonsense"},
]
OWN = [
    {},
    {"sec-fetch-site": "same-origin", "origin": HOST},
    {"sec-fetch-site": "same-origin", "origin": "null"},
    {"sec-fetch-site": "none"},
    {"origin": HOST},
    {"origin": "https://ASAKA.example"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/feedback", "/hr-desk", "/dates", "/hr/sign-in", "/hr/reminders/pause", "/nowhere"])
def test_foreign_requests_are_refused(client, path, headers):
    """Whatever another site sends is refused in Japanese, with the headers of every response."""
    response = client.post(path, data={"token": "x"}, headers=headers)
    assert response.status_code == 403
    assert "ほかのサイトから" in response.text
    assert "content-security-policy" in response.headers


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_every_method_that_changes_something_is_watched(client, method):
    """Not only forms."""
    response = client.request(method, "/dates", headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403


@pytest.mark.parametrize("headers", OWN)
def test_own_requests_pass(client, headers):
    """Forms of our own pages, and programs that are no browser, pass."""
    assert client.post("/dates", data={"due": "2027-03-10"}, headers=headers).status_code == 200


def test_a_hidden_origin_is_good_enough_for_the_chat_only(client):
    """Without Fetch Metadata (plain HTTP in the office) the chat works; the console asks for more."""
    assert client.post("/dates", data={"due": "2027-03-10"}, headers=NULL).status_code == 200
    refused = client.post("/hr/sign-in", data={"token": "x"}, headers=NULL)
    assert "ほかのサイトから" in refused.text


@pytest.mark.parametrize("path", ["/slack/events", "/api/messages"])
def test_webhooks_are_not_browsers(client, path):
    """Platforms prove themselves in their own way."""
    assert client.post(path, headers={"origin": "https://evil.example"}).status_code != 403


def test_reading_is_open(client):
    """Links from elsewhere lead here."""
    assert client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200
