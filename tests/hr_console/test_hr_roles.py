"""Roles at the door: who gets how far, from one request to the next."""

import asyncio
import re
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot.errors import StoreError
from asaka_bot.hr_console import sessions
from asaka_bot.hr_console.routes import routes
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.roles import Actor, HrRole
from tests.fakes.console import NOW, MemorySessions, busy, ports
from tests.fakes.roles import MemoryRoles

HANAKO = "hanako@city.example"
MENU = {
    HrRole.VIEWER: ["/hr", "/hr/reminders", "/hr/deliveries"],
    HrRole.EDITOR: ["/hr", "/hr/reminders", "/hr/deliveries", "/hr/staff"],
    HrRole.APPROVER: ["/hr", "/hr/reminders", "/hr/deliveries", "/hr/staff", "/hr/audit"],
}
BUTTONS = {
    "/hr/reminders/pause": HrRole.EDITOR,
    "/hr/reminders/resume": HrRole.EDITOR,
    "/hr/reminders/test": HrRole.EDITOR,
    "/hr/deliveries/decide": HrRole.EDITOR,
    "/hr/deliveries/release": HrRole.APPROVER,
}


@pytest.fixture
def roles() -> MemoryRoles:
    return MemoryRoles(known={HANAKO: Actor(person=HANAKO, name="人事 花子", staff_id="1")})


@pytest.fixture
def store() -> MemorySessions:
    return MemorySessions()


@pytest.fixture
def client(store, roles) -> TestClient:
    """A browser that Hanako has signed in on with her account."""
    reminders, deliveries = busy()
    deliveries.held = "控えから戻したため"
    found = ports(store, reminders, deliveries, roles=roles)
    begun = {"csrf": "c", "now": NOW, "expires_at": NOW + timedelta(hours=1)}
    asyncio.run(store.begin(session=digest_of("hers"), person=HANAKO, **begun))
    return TestClient(
        Starlette(routes=routes(lambda: found, lambda: NOW)),
        base_url="https://asaka.example",
        follow_redirects=False,
        cookies={sessions.COOKIE: "hers"},
    )


def test_without_a_role_the_page_says_whom_to_ask(client):
    """Nothing of the console is shown, and she can sign out."""
    refused = client.get("/hr")
    assert refused.status_code == 403
    assert "権限を管理している職員課の担当" in refused.text
    assert HANAKO in refused.text
    assert "ノー残業デー" not in refused.text
    assert 'class="menu"' not in refused.text
    assert client.post("/hr/sign-out", data={"csrf": "c"}).status_code == 200


def test_a_role_counts_from_the_next_request_on(client, roles):
    """Given, changed and taken while the session lasts."""
    assert client.get("/hr/audit").status_code == 403
    roles.given[HANAKO] = HrRole.APPROVER
    assert client.get("/hr/audit").status_code == 200
    roles.given[HANAKO] = HrRole.VIEWER
    assert client.get("/hr/audit").status_code == 403
    assert client.get("/hr").status_code == 200
    del roles.given[HANAKO]
    assert client.get("/hr").status_code == 403


def test_who_leaves_is_signed_out(client, roles, store):
    """At the very next request, and for good."""
    roles.given[HANAKO] = HrRole.ADMIN
    assert client.get("/hr").status_code == 200
    back = roles.known[HANAKO]
    roles.known[HANAKO] = Actor(person=HANAKO, left=True)
    assert client.get("/hr").status_code == 401
    assert store.open == {}
    roles.known[HANAKO] = back
    assert client.get("/hr").status_code == 401


def test_what_cannot_be_looked_up_is_refused(client, roles, store, monkeypatch):
    """A failing database lets nobody in, and the page says so; the session stays."""
    roles.given[HANAKO] = HrRole.ADMIN
    roles.failing = True
    for method, path in (("GET", "/hr"), ("POST", "/hr/deliveries/release"), ("GET", "/hr/sign-in")):
        refused = client.request(method, path)
        assert refused.status_code == 503
        assert "いまは使えません" in refused.text
        assert "ノー残業デー" not in refused.text
    roles.failing = False
    assert client.get("/hr").status_code == 200

    async def gone(_digest, *, now):
        raise StoreError(str(now))

    monkeypatch.setattr(store, "find", gone)
    assert client.get("/hr").status_code == 503


@pytest.mark.parametrize("role", HrRole)
def test_the_role_of_a_link_lasts_with_its_session(client, store, role):
    """Whoever signs in by a link has what the link says, whatever roles there are."""
    until = NOW + timedelta(hours=1)
    asyncio.run(store.add_link(digest=digest_of("t"), person="手伝い", role=role, expires_at=until))
    before = client.cookies[sessions.COOKIE]
    client.post("/hr/sign-in", data={"token": "t"})
    assert client.get("/hr/reminders").status_code == 200
    assert client.get("/hr/audit").status_code == (200 if role in (HrRole.APPROVER, HrRole.ADMIN) else 403)
    assert store.open.keys().isdisjoint({digest_of(before)})  # whoever was signed in here before is so no longer


def test_a_head_comes_to_the_notices_alone(client, roles):
    """The door opens the pages of notices to them, and leads them there."""
    roles.known[HANAKO] = Actor(person=HANAKO, heads=("総務部", "職員課"))
    assert client.get("/hr").headers["location"] == "/hr/notices"
    assert client.get("/hr/notices").status_code not in (401, 403)
    for path in ("/hr/reminders", "/hr/deliveries", "/hr/staff", "/hr/audit", "/hr/noticesx"):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("role", MENU)
def test_the_menu_shows_what_the_role_opens(client, roles, role):
    """And everything in it opens."""
    roles.given[HANAKO] = role
    menu = re.search(r'<nav class="menu".*?</nav>', client.get("/hr").text, re.DOTALL)[0]
    paths = re.findall(r'href="([^"]+)"', menu)
    assert [path for path in paths if path != "/hr/notices"] == MENU[role]
    assert all(client.get(path).status_code == 200 for path in MENU[role])


@pytest.mark.parametrize("role", HrRole)
def test_buttons_are_shown_to_those_who_may_press_them(client, roles, role):
    """Every form on a page would be accepted."""
    roles.given[HANAKO] = role
    shown = client.get("/hr/reminders").text + client.get("/hr/deliveries").text
    ranks = list(HrRole)
    for action, least in BUTTONS.items():
        assert (f'action="{action}"' in shown) == (ranks.index(role) >= ranks.index(least)), action


def test_recipients_are_named_to_those_who_may_see_names(client, roles):
    """To others the page says which role would show them."""
    roles.given[HANAKO] = HrRole.VIEWER
    page = client.get("/hr/deliveries").text
    assert "都市計画課チャネル" not in page
    assert "権限「作成」以上で見られます" in page
    roles.given[HANAKO] = HrRole.EDITOR
    assert "都市計画課チャネル" in client.get("/hr/deliveries").text


def test_a_refusal_names_what_who_and_whom_to_ask(client, roles):
    """Which permission, which role they have, and where to turn."""
    roles.given[HANAKO] = HrRole.EDITOR
    page = client.post("/hr/deliveries/release", data={"csrf": "c"})
    assert page.status_code == 403
    for part in ("止まっている送信の再開", "作成", "権限を管理している職員課の担当", "今の操作は行われていません"):
        assert part in page.text
