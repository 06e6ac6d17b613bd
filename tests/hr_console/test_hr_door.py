"""The door of the HR console: the one-time link, the session and its lifetimes, and that every route lies behind it."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from asaka_bot.account_settings import CALLBACK_PATH, START_PATH
from asaka_bot.app.application import make_app
from asaka_bot.hr_console import sessions
from asaka_bot.hr_console.routes import routes
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.roles import HrRole
from asaka_bot.settings import Settings
from tests.fakes.console import NOW, MemorySessions, ports

HTTPS = "https://asaka.example"
TOKEN = "t" * 43


@dataclass
class Clock:
    """Shows the time that the test sets."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> MemorySessions:
    store = MemorySessions()
    asyncio.run(
        store.add_link(
            digest=digest_of(TOKEN), person="職員課", role=HrRole.ADMIN, expires_at=NOW + sessions.LINK_LASTS
        )
    )
    return store


@pytest.fixture
def app(store, clock) -> Starlette:
    found = ports(sessions=store)
    return Starlette(routes=routes(lambda: found, clock))


@pytest.fixture
def client(app) -> TestClient:
    return TestClient(app, base_url=HTTPS, follow_redirects=False)


def sign_in(client: TestClient) -> None:
    assert client.post("/hr/sign-in", data={"token": TOKEN}).headers["location"] == "/hr"


def csrf_in(html: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', html)[1]


def test_opening_the_link_does_not_use_it_up(client):
    """Previews of the link may open it as often as they like; the button signs in."""
    for _ in range(3):
        page = client.get(f"/hr/sign-in?token={TOKEN}")
        assert page.status_code == 200
        assert "人事コンソールに入る" in page.text
        assert "set-cookie" not in page.headers
    sign_in(client)
    assert client.get("/hr").status_code == 200


def test_the_link_works_once(app):
    """The second browser is told how to get a new link."""
    first, second = (TestClient(app, base_url=HTTPS, follow_redirects=False) for _ in range(2))
    sign_in(first)
    refused = second.post("/hr/sign-in", data={"token": TOKEN})
    assert refused.status_code == 403
    assert "asaka-bot hr-link" in refused.text
    assert "asaka-bot serve" in refused.text
    assert second.get("/hr").status_code == 401


def test_the_link_lasts_an_hour(client, clock):
    """After an hour the link is worth nothing."""
    clock.now += timedelta(hours=1)
    assert client.post("/hr/sign-in", data={"token": TOKEN}).status_code == 403


def test_the_cookie_is_locked_to_this_site(client):
    """The cookie is for this host alone, over HTTPS alone, out of reach of scripts and of other sites."""
    cookie = client.post("/hr/sign-in", data={"token": TOKEN}).headers["set-cookie"]
    assert cookie.startswith("__Host-asaka-hr=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "secure", "samesite=strict", "path=/"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_plain_http_elsewhere_is_explained(app, method):
    """Where browsers would drop the cookie the page says so, and the link stays good."""
    plain = TestClient(app, base_url="http://asaka.example:8080", follow_redirects=False)
    refused = plain.request(method, f"/hr/sign-in?token={TOKEN}", data={"token": TOKEN} if method == "POST" else None)
    assert refused.status_code == 403
    assert "HTTPS" in refused.text
    assert "http://127.0.0.1:8080/" in refused.text
    sign_in(TestClient(app, base_url=HTTPS, follow_redirects=False))


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"])
def test_the_own_computer_needs_no_https(app, address):
    """On the computer itself browsers accept the cookie without HTTPS."""
    client = TestClient(app, base_url=address, follow_redirects=False)
    assert client.get(f"/hr/sign-in?token={TOKEN}").status_code == 200
    assert client.post("/hr/sign-in", data={"token": TOKEN}).status_code == 303


def test_an_idle_session_ends(client, clock):
    """Each use gives another hour; an hour without any ends it."""
    sign_in(client)
    for _ in range(3):
        clock.now += timedelta(minutes=59)
        assert client.get("/hr").status_code == 200
    clock.now += timedelta(minutes=60)
    assert client.get("/hr").status_code == 401


def test_a_page_that_watches_keeps_no_session_open(client, clock, store):
    """Figures that a notice's page asks for by itself are no use of the session."""
    sign_in(client)
    for _ in range(59):
        clock.now += timedelta(minutes=1)
        assert client.get("/hr/notices/1/live").status_code == 404  # there is no such notice; the door is open
    assert store.renewals == 0
    clock.now += timedelta(minutes=1)
    assert client.get("/hr/notices/1/live").status_code == 401


def test_a_busy_session_ends_after_eight_hours(client, clock):
    """However busy it is."""
    sign_in(client)
    while clock.now < NOW + timedelta(hours=7, minutes=50):
        clock.now += timedelta(minutes=10)
        assert client.get("/hr").status_code == 200
    clock.now = NOW + timedelta(hours=8)
    assert client.get("/hr").status_code == 401


def test_clicks_in_quick_succession_write_once(client, clock, store):
    """A session is not written to at every click."""
    sign_in(client)
    for _ in range(20):
        clock.now += timedelta(seconds=3)
        client.get("/hr/deliveries")
    assert store.renewals == 1


def test_signing_out(client, app):
    """Afterwards the cookie is gone, and worth nothing to whoever copied it."""
    sign_in(client)
    copied = client.cookies[sessions.COOKIE]
    out = client.post("/hr/sign-out", data={"csrf": csrf_in(client.get("/hr").text)})
    assert "サインアウトしました" in out.text
    assert client.get("/hr").status_code == 401
    thief = TestClient(app, base_url=HTTPS, cookies={sessions.COOKIE: copied})
    assert thief.get("/hr").status_code == 401


def test_who_is_signed_in_skips_the_button(client):
    """The link opened again leads to the console while the session lasts."""
    sign_in(client)
    assert client.get(f"/hr/sign-in?token={TOKEN}").headers["location"] == "/hr"


@pytest.mark.parametrize("token", ["", "wrong", "ア" * 43])
@pytest.mark.parametrize(
    "path", ["/hr/sign-out", "/hr/reminders/pause", "/hr/reminders/test", "/hr/deliveries/release", "/hr/anything"]
)
def test_forms_without_the_token_of_the_session_change_nothing(client, path, token):
    """A form that this session didn't get is refused with a way back."""
    sign_in(client)
    refused = client.post(path, data={"csrf": token})
    assert refused.status_code == 403
    assert "今の操作は行われていません" in refused.text


def test_the_token_of_another_session_is_refused(app, store):
    """Tokens are not shared between sessions."""
    asyncio.run(
        store.add_link(
            digest=digest_of("second"), person="職員課", role=HrRole.ADMIN, expires_at=NOW + timedelta(hours=1)
        )
    )
    first, second = (TestClient(app, base_url=HTTPS, follow_redirects=False) for _ in range(2))
    sign_in(first)
    second.post("/hr/sign-in", data={"token": "second"})
    assert first.post("/hr/sign-out", data={"csrf": csrf_in(second.get("/hr").text)}).status_code == 403


def test_the_token_of_an_older_session_is_refused(client, store):
    """A form that was open before signing in again changes nothing, though it was good before."""
    sign_in(client)
    old = csrf_in(client.get("/hr").text)
    until = NOW + timedelta(hours=1)
    asyncio.run(store.add_link(digest=digest_of("2"), person="職員課", role=HrRole.ADMIN, expires_at=until))
    client.post("/hr/sign-in", data={"token": "2"})
    assert client.post("/hr/deliveries/release", data={"csrf": old}).status_code == 403
    new = csrf_in(client.get("/hr").text)
    assert client.post("/hr/deliveries/release", data={"csrf": new}).status_code == 303


def test_reloading_a_form_address_leads_to_its_page(client):
    """Whoever reloads after a form comes back to the page, and not to an error."""
    sign_in(client)
    assert client.get("/hr/reminders/pause").headers["location"] == "/hr/reminders"
    assert client.get("/hr/nothing-here").status_code == 404


def test_every_route_is_closed(tmp_path, service):
    """All routes of the running application below /hr, by every method, refuse whoever has no session."""
    settings = Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})
    app = make_app(settings, service)
    paths = {route.path.replace("{rest:path}", "no/such/page") for route in app.routes if isinstance(route, Route)}
    paths = {path for path in paths if path == "/hr" or path.startswith("/hr/")}
    assert len(paths) > 9
    with TestClient(app, base_url=HTTPS, follow_redirects=False) as outsider:
        for cookie in ("", "x" * 43, digest_of(TOKEN)):
            for path in sorted(paths | {"/hr/", "/hr//", "/hr/reminders/"}):
                for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
                    headers = {"cookie": f"{sessions.COOKIE}={cookie}"}
                    status = outsider.request(method, path, headers=headers).status_code
                    allowed = {"/hr/sign-in": (401, 403, 405)}.get(path, (401, 403))
                    if path in (START_PATH, CALLBACK_PATH):  # without a provider they lead to the sign-in page
                        allowed = (*allowed, 303)
                    assert status in allowed, (method, path, status)


def test_every_page_that_needs_no_session_shows_nothing_of_the_year(client):
    """Before the sign-in the pages name neither rules nor deliveries."""
    for path in ("/hr", "/hr/reminders", "/hr/sign-in", f"/hr/sign-in?token={TOKEN}"):
        html = client.get(path).text
        assert "ノー残業デー" not in html
        assert "サインアウト</button>" not in html


def test_link_printed_for_the_server_signs_in(tmp_path, service):
    """The link of `asaka-bot hr-link` opens the console of the server over the same data."""
    from asaka_bot import app as application

    settings = Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})
    link = urlsplit(asyncio.run(application.hr_link(settings, HTTPS)))
    with TestClient(make_app(settings, service), base_url=HTTPS) as client:
        page = client.get(f"{link.path}?{link.query}")
        token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
        home = client.post("/hr/sign-in", data={"token": token})
        assert "ホーム" in home.text
        assert home.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in home.headers["content-security-policy"]
        assert client.get("/hr/reminders").status_code == 200


def test_a_link_carries_person_and_role(tmp_path, service):
    """What `asaka-bot hr-link --person --role` says holds for the session."""
    from asaka_bot import app as application

    settings = Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})
    made = application.hr_link(settings, HTTPS, person="手伝い", role=HrRole.VIEWER)
    token = asyncio.run(made).rpartition("=")[2]
    with TestClient(make_app(settings, service), base_url=HTTPS) as client:
        assert "手伝い" in client.post("/hr/sign-in", data={"token": token}).text
        assert client.get("/hr/reminders").status_code == 200
        assert client.get("/hr/staff").status_code == 403
