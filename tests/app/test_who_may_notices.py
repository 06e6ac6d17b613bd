"""X4 and X5 for notices: every address for every role, and no form of the console without the token of its session."""

import asyncio

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from asaka_bot.app.application import make_app
from asaka_bot.app.notice_desk import NoticeDesk
from asaka_bot.app.notice_parts import notice_parts
from asaka_bot.broadcasts.notice import Content, Plan
from asaka_bot.hr_console import sessions
from asaka_bot.reminders.calendar import WorkingDays
from asaka_bot.roles import Actor, HrRole
from asaka_bot.settings import Settings
from asaka_bot.store.audit import AuditLog
from asaka_bot.store.database import open_database
from tests.app.test_who_may_what import (
    ADMIN,
    APPROVER,
    EDITOR,
    HEADS,
    HTTPS,
    OUTSIDE,
    RANKS,
    VIEWER,
    furnish,
    mail,
    signed_in,
)

# The least that each page and each form needs; the pages of names are in NAMES besides.
SHOWN = {
    "": HEADS,
    "/new": EDITOR,
    "/replies": EDITOR,
    "/lists": EDITOR,
    "/{id}": HEADS,
    "/{id}/edit": EDITOR,
    "/{id}/recipients": EDITOR,
    "/{id}/submit": EDITOR,
    "/{id}/live": HEADS,
    "/{id}/people": HEADS,
    "/{id}/correct": EDITOR,
}
DONE = {
    "/new": EDITOR,
    "/replies/handle": EDITOR,
    "/lists/keep": EDITOR,
    "/lists/remove": EDITOR,
    "/{id}/edit": EDITOR,
    "/{id}/copy": EDITOR,
    "/{id}/discard": EDITOR,
    "/{id}/test": EDITOR,
    "/{id}/submit": EDITOR,
    "/{id}/approve": APPROVER,
    "/{id}/send-back": APPROVER,
    "/{id}/review": APPROVER,
    "/{id}/correct": EDITOR,
    "/{id}/cancel": EDITOR,
    "/{id}/recall": EDITOR,
    "/{id}/remind": EDITOR,
    "/{id}/confirm-for": EDITOR,
    "/{id}/export": EDITOR,
}
NAMES = {("GET", "/{id}/people"): (VIEWER,)}  # 所属長 see the names of their office, viewers see none


async def send_one(settings: Settings) -> None:
    """Notice 1 goes to everybody."""
    engine = await open_database(settings.database)
    desk, actor = NoticeDesk(notice_parts(engine, {}, WorkingDays(), web=True)), Actor(person="t", role=HrRole.ADMIN)
    made = await desk.create(actor, Content(title="題", body="文", confirm=True, urgent=True), Plan(audience="全員"))
    await desk.submit(actor, made.id, made.version, frozenset({"unreachable"}))
    await engine.dispose()


async def entries(settings: Settings) -> int:
    """How long the audit log is."""
    engine = await open_database(settings.database)
    found = await AuditLog(engine).verify()
    await engine.dispose()
    assert found.whole
    return found.entries


@pytest.fixture
def settings(tmp_path) -> Settings:
    made = Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})
    asyncio.run(furnish(made))
    asyncio.run(send_one(made))
    return made


def addresses(app, prefix: str) -> list[tuple[str, str]]:
    """Every method and path below a prefix."""
    return sorted(
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route) and (route.path == prefix or route.path.startswith(f"{prefix}/"))
        for method in route.methods or ()
    )


@pytest.mark.parametrize("rank", RANKS)
def test_every_notice_address_for_every_role(settings, service, rank):
    """As the tables say, for a notice that went to everybody; an address in neither table belongs in one."""
    asyncio.run(signed_in(settings, rank, 1))
    app = make_app(settings, service)
    headers = {"cookie": f"{sessions.COOKIE}={rank}0"}
    found = addresses(app, "/hr/notices")
    assert {path for _, path in found} == {f"/hr/notices{path}" for path in (*SHOWN, *DONE)}
    with TestClient(app, base_url=HTTPS, follow_redirects=False) as client:
        for method, path in found:
            short = path.removeprefix("/hr/notices")
            # Whoever reloads the address of a form is led to its page.
            least = DONE[short] if method == "POST" else SHOWN.get(short, HEADS)
            form = {"csrf": "c", "reason": "理由", "version": "1", "id": "1"} if method == "POST" else None
            status = client.request(method, path.format(id=1), headers=headers, data=form).status_code
            refused = RANKS.index(rank) < RANKS.index(least) or rank in NAMES.get(("GET", short), ())
            assert (status == 403) == refused, (method, path, status)
            assert status < 500, (method, path, status)


def test_no_form_is_taken_without_the_token_of_its_session(settings, service):
    """X5: every form, from an admin's own browser, without a token, with a wrong one, with that of a colleague."""
    for rank in (ADMIN, EDITOR):
        asyncio.run(signed_in(settings, rank, 1))
    app = make_app(settings, service)
    forms = [path for method, path in addresses(app, "/hr") if method == "POST" and path not in OUTSIDE]
    assert len(forms) > 25
    with TestClient(app, base_url=HTTPS, follow_redirects=False) as client:
        before = asyncio.run(entries(settings))
        headers = {"cookie": f"{sessions.COOKIE}={ADMIN}0"}
        for path in forms:
            for token in ({}, {"csrf": ""}, {"csrf": "d"}, {"csrf": mail(ADMIN)}):
                form = {"staff_id": "1", "reason": "理由", "name": "名", "numbers": "1", **token}
                status = client.post(path.replace("{id}", "1"), headers=headers, data=form).status_code
                assert status == 403, (path, token, status)
        assert asyncio.run(entries(settings)) == before


def test_nobody_reaches_what_is_not_theirs_by_guessing(settings, service):
    """X5: ids of notices that don't exist, or never could."""
    asyncio.run(signed_in(settings, ADMIN, 1))
    app = make_app(settings, service)
    with TestClient(app, base_url=HTTPS, cookies={sessions.COOKIE: f"{ADMIN}0"}) as client:
        for method, path in addresses(app, "/hr/notices"):
            if "{id}" not in path or (
                method != "POST" and path.rpartition("/")[2] not in ("{id}", "edit", "live", "people")
            ):
                continue
            for id_ in ("999", "0", "-1", "1'--", "9" * 19, "１", "%00", "1%20"):
                form = {"csrf": "c", "reason": "理由", "version": "1"} if method == "POST" else None
                status = client.request(method, path.replace("{id}", id_), data=form).status_code
                assert status == 404, (method, path, id_, status)
