"""Every address of the console and every method of the desks, for every role: what is in no table fails the test."""

import asyncio
import contextlib
import inspect
from datetime import date, timedelta

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from asaka_bot.app.application import make_app
from asaka_bot.app.audit_desk import AuditDesk
from asaka_bot.app.delivery_desk import DeliveryDesk
from asaka_bot.app.reminder_desk import ReminderDesk
from asaka_bot.app.role_desk import RoleDesk
from asaka_bot.app.staff_desk import StaffDesk
from asaka_bot.broadcasts.staff_changes import compare
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.errors import NotPermittedError
from asaka_bot.hr_console import sessions
from asaka_bot.roles import Actor, HrRole
from asaka_bot.settings import Settings
from asaka_bot.store.database import open_database
from asaka_bot.store.roles import RoleStore
from asaka_bot.store.sessions import Sessions
from asaka_bot.store.staff import StaffStore
from asaka_bot.tokyo import now_in_tokyo
from tests.fakes.staff import person

HTTPS = "https://asaka.example"
RANKS = ("nobody", "head", *HrRole)
ALL, HEADS, VIEWER, EDITOR, APPROVER, ADMIN = "nobody", "head", *HrRole
OUTSIDE = {"/hr/sign-in", "/hr/sign-in/account", "/hr/sign-in/callback"}

# The least that an address needs, whatever the method. Notices decide by themselves what each role sees of them.
ADDRESSES = {
    "/hr": VIEWER,
    "/hr/{rest:path}": VIEWER,
    "/hr/sign-out": ALL,
    "/hr/reminders": VIEWER,
    "/hr/reminders/pause": EDITOR,
    "/hr/reminders/resume": EDITOR,
    "/hr/reminders/test": EDITOR,
    "/hr/deliveries": VIEWER,
    "/hr/deliveries/decide": EDITOR,
    "/hr/deliveries/release": APPROVER,
    "/hr/staff": EDITOR,
    "/hr/staff/load": APPROVER,
    "/hr/staff/check": APPROVER,
    "/hr/staff/confirm": APPROVER,
    "/hr/staff/undo": APPROVER,
    "/hr/audit": APPROVER,
    "/hr/settings": ADMIN,
    "/hr/settings/role": ADMIN,
    "/hr/settings/rules": ADMIN,
}

NEEDS = {
    ReminderDesk: {
        "preview": VIEWER,
        "pauses": VIEWER,
        "tried": VIEWER,
        "for_hr": VIEWER,
        "pause": EDITOR,
        "resume": EDITOR,
        "send_test": EDITOR,
    },
    DeliveryDesk: {
        "recent": VIEWER,
        "undecided": VIEWER,
        "hold": VIEWER,
        "outages": VIEWER,
        "decide": EDITOR,
        "release": APPROVER,
    },
    StaffDesk: {
        "people": EDITOR,
        "recipients": EDITOR,
        "history": EDITOR,
        "compare": APPROVER,
        "apply": APPROVER,
        "draft": APPROVER,
        "find_draft": APPROVER,
        "confirm": APPROVER,
        "undo": APPROVER,
    },
    AuditDesk: {"latest": APPROVER, "verify": APPROVER},
    RoleDesk: {
        "rules": VIEWER,
        "people": ADMIN,
        "give": ADMIN,
        "change_rules": ADMIN,
        "configuration": ADMIN,
    },
}
# What acts for nobody: public to all staff, or the very question who somebody is.
FOR_NOBODY = {ReminderDesk: {"occurrences", "rules", "warnings", "ics"}, RoleDesk: {"actor_of"}}


class Reached(Exception):  # noqa: N818 - it is no error
    """The desk has come through to what lies behind it."""


class Behind:
    """Stands for everything that a desk uses."""

    def __getattr__(self, name: str) -> object:
        raise Reached(name)


def mail(rank: str) -> str:
    return f"{rank}@city.example"


async def furnish(settings: Settings) -> None:
    """A person of each rank."""
    engine = await open_database(settings.database)
    people = [person(n, email=mail(rank), title="課長" if rank == "head" else "") for n, rank in enumerate(RANKS)]
    await StaffStore(engine).apply(compare({}, Roster(people=tuple(people))), by="t", file="f")
    for role in HrRole:
        await RoleStore(engine).give(mail(role), role, "t")
    await engine.dispose()


async def signed_in(settings: Settings, rank: str, count: int) -> None:
    """As many sessions, as signing out ends one."""
    engine, now = await open_database(settings.database), now_in_tokyo()
    for number in range(count):
        await Sessions(engine).begin(
            session=sessions.digest_of(f"{rank}{number}"),
            person=mail(rank),
            csrf="c",
            now=now,
            expires_at=now + timedelta(minutes=59),
        )
    await engine.dispose()


@pytest.mark.parametrize("rank", RANKS)
def test_every_address_for_every_role(tmp_path, service, rank):
    """As the table says; an address that isn't in the table belongs in it."""
    settings = Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})
    asyncio.run(furnish(settings))
    app = make_app(settings, service)
    found = {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route) and (route.path == "/hr" or route.path.startswith("/hr/"))
        for method in route.methods or ()
        if route.path not in OUTSIDE
    }
    asyncio.run(signed_in(settings, rank, len(found)))
    with TestClient(app, base_url=HTTPS, follow_redirects=False) as client:
        for number, (method, path) in enumerate(sorted(found)):
            notice = path.startswith("/hr/notices")
            least = HEADS if notice else ADDRESSES[path]
            headers = {"cookie": f"{sessions.COOKIE}={rank}{number}"}
            form = {"csrf": "c"} if method not in ("GET", "HEAD") else None
            address = path.replace("{rest:path}", "no/such/page").replace("{", "").replace("}", "")
            answer = client.request(method, address, headers=headers, data=form)
            led_away = rank == "head" and path == "/hr"
            if led_away:
                assert answer.headers["location"] == "/hr/notices", (method, path)
            elif RANKS.index(rank) < RANKS.index(least):
                assert answer.status_code == 403, (method, path, answer.status_code)
            elif not notice:
                assert answer.status_code not in (401, 403, 500, 503), (method, path, answer.status_code)


def test_the_table_of_addresses_names_no_others(tmp_path, service):
    """What is gone from the application goes from the table."""
    app = make_app(Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"}), service)
    assert ADDRESSES.keys() | OUTSIDE <= {route.path for route in app.routes if isinstance(route, Route)}


def methods(desk: type) -> dict[str, inspect.Signature]:
    found = inspect.getmembers(desk, inspect.isfunction)
    return {name: inspect.signature(method) for name, method in found if not name.startswith("_")}


@pytest.mark.parametrize("desk", NEEDS, ids=lambda desk: desk.__name__)
def test_every_method_is_in_a_table(desk):
    """It takes an actor first, or acts for nobody."""
    for name, signature in methods(desk).items():
        takes = list(signature.parameters)[1:2] == ["actor"]
        assert takes == (name in NEEDS[desk]), name
        assert takes != (name in FOR_NOBODY.get(desk, ())), name


@pytest.mark.parametrize(
    ("desk", "name"),
    [(desk, name) for desk, names in NEEDS.items() for name in names],
    ids=lambda part: str(part)[-40:],
)
def test_every_method_for_every_role(desk, name):
    """Below the least role it refuses before it touches anything; from there on it acts."""
    signature = methods(desk)[name]
    given = {
        each.name: date(2026, 12, 1) if each.annotation is date else Behind()
        for each in list(signature.parameters.values())[2:]
        if each.default is inspect.Parameter.empty
    }
    behind = [each for each in list(inspect.signature(desk).parameters.values()) if each.default is each.empty]
    made = desk(*(Behind() for _ in behind))
    for rank in RANKS:
        heads = ("総務部", "職員課") if rank == "head" else ()
        actor = Actor(person=mail(rank), role=HrRole(rank) if rank in list(HrRole) else None, heads=heads)
        work = getattr(made, name)
        if RANKS.index(rank) < RANKS.index(NEEDS[desk][name]):
            with pytest.raises(NotPermittedError):
                asyncio.run(work(actor, **given))
            continue
        # Whatever comes of the stand-ins: a refusal would fail the test, and so would arguments that don't fit.
        signature.bind(made, actor, **given)
        with contextlib.suppress(Reached, TypeError, AttributeError):
            asyncio.run(work(actor, **given))
