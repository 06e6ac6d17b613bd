"""The server around the web chat: headers, the limit of bodies, signs of life, and the key."""

import stat
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from asaka_bot import server
from asaka_bot.app.application import make_app
from asaka_bot.channels.answers import AnswerService
from asaka_bot.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})


@pytest.fixture
def client(settings: Settings, service: AnswerService):
    with TestClient(make_app(settings, service)) as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/no-such-page", "/static/chat.css", "/blank"])
def test_headers_of_every_response(client, path):
    """Whatever is asked for, nothing may run or frame it but our own pages."""
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "kept"), [("/", "no-store"), ("/blank", "no-store"), ("/static/chat.css", "public, max-age=3600")]
)
def test_only_static_files_are_kept(client, path, kept):
    """Browsers keep style and script, never a page; there is one such header, not two."""
    assert client.get(path).headers.get_list("cache-control") == [kept]


def test_answers_are_not_kept(client):
    """The page with a question on it stays in no cache."""
    response = client.post("/ask", data={"question": "育休はいつまで取れますか"})
    assert response.status_code == 200
    assert "育児休業" in response.text
    assert response.headers["cache-control"] == "no-store"


def test_body_of_a_megabyte_passes(client):
    """A form at the limit is still read."""
    body = b"question=" + b"a" * (server.MAX_BODY_BYTES - len(b"question="))
    response = client.post("/ask", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert response.status_code == 200


def test_larger_body_is_refused_by_its_length(client):
    """One byte more is refused in Japanese before it is parsed, with the headers of every response."""
    response = client.post("/ask", content=b"q" * (server.MAX_BODY_BYTES + 1))
    assert response.status_code == 413
    assert "1MB" in response.text
    assert "content-security-policy" in response.headers


def test_larger_body_without_a_length_is_refused(client):
    """A stream that doesn't tell its length is cut off at the limit."""
    sent = 0

    def chunks():
        nonlocal sent
        for _ in range(50):
            sent += 1
            yield b"q" * 100_000

    response = client.post("/ask", content=chunks())
    assert response.status_code == 413


@pytest.mark.parametrize("length", ["-5", "many", "1e9", " ", "99999999999999999999"])
def test_nonsensical_length_is_refused(client, length):
    """A length that is no number of bytes within the limit is refused."""
    response = client.post("/ask", content=b"question=a", headers={"content-length": length})
    assert response.status_code in (400, 413)


def test_small_body_without_a_length_passes(client):
    """A short form that is streamed is read in full."""
    body = urlencode({"question": "育休はいつまで取れますか"}).encode()
    parts = iter([body[:20], body[20:]])
    response = client.post("/ask", content=parts, headers={"content-type": "application/x-www-form-urlencoded"})
    assert response.status_code == 200
    assert "育児休業" in response.text


def test_alive_and_ready(client):
    """With the database open the server is alive and ready."""
    assert (client.get("/livez").status_code, client.get("/livez").text) == (200, "ok")
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ok")


def test_alive_but_not_ready_before_the_start(settings, service):
    """Until the database is open the process lives, but takes no traffic."""
    waiting = TestClient(make_app(settings, service))
    assert waiting.get("/livez").status_code == 200
    assert waiting.get("/readyz").status_code == 503


def test_not_ready_after_the_end(settings, service):
    """Once told to stop it takes no more traffic."""
    with TestClient(make_app(settings, service)) as running:
        assert running.get("/readyz").status_code == 200
    assert running.get("/readyz").status_code == 503


def test_start_makes_the_database(client, settings):
    """The first start makes data folder and database."""
    assert client.get("/readyz").status_code == 200
    assert (settings.data_dir / "asaka.db").is_file()


def test_key_is_for_the_owner_only(tmp_path):
    """Nobody else on the machine can read the key that signs conversations."""
    server.secret_key(tmp_path / "new" / "data")
    mode = stat.S_IMODE((tmp_path / "new" / "data" / "secret.key").stat().st_mode)
    assert mode == 0o600


def test_key_stays_the_same(tmp_path):
    """A restart doesn't break open conversations; another installation has another key."""
    first = server.secret_key(tmp_path / "a")
    assert server.secret_key(tmp_path / "a") == first
    assert server.secret_key(tmp_path / "b") != first
    assert len(first) >= 32


def test_empty_key_is_never_used(tmp_path):
    """A key file that was left empty by a crash is made anew: an empty key would sign for everybody."""
    (tmp_path / "secret.key").touch(mode=0o600)
    assert len(server.secret_key(tmp_path)) >= 32
