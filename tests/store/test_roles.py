"""Roles and the rules of the office in the database: given, taken, recorded, and never the last admin gone."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import update

from asaka_bot.app.role_desk import RoleDesk
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.broadcasts.staff_changes import compare
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.errors import NotPermittedError, RoleError, StoreError
from asaka_bot.roles import Actor, HrRole, email_of
from asaka_bot.store.audit import AuditLog
from asaka_bot.store.database import connect, open_database
from asaka_bot.store.hr_settings import HrSettings
from asaka_bot.store.roles import RoleStore
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.tables import person as people
from tests.fakes.roles import ADMIN
from tests.fakes.staff import person

WRONG = (
    "",
    "a",
    "a@b",
    "a b@city.example",
    "a@b.example\n<",
    "\u212a@b.example",
    "あ@b.example",
    "a" * 120 + "@b.example",
)
HEAD, STAFF, LEAVER = "head@city.example", "staff@city.example", "left@city.example"
ROSTER = Roster(
    people=(
        person(1, email=HEAD, title="課長", office=("総務部", "職員課")),
        person(2, email=STAFF, name="例 二郎"),
        person(3, email=LEAVER, title="課長"),
        person(4, email="shared@city.example", title="課長"),
        person(5, email="shared@city.example"),
        person(6, email="back@city.example"),
        person(7, email="back@city.example", title="館長", office=("生涯学習部", "図書館")),
    ),
    has_workplaces=True,
)


class Office:
    """Roles, rules and directory over one database."""

    def __init__(self, engine, admins=frozenset()) -> None:
        self.engine, self.roles, self.rules = engine, RoleStore(engine, admins), HrSettings(engine)
        self.staff, self.log = StaffStore(engine), AuditLog(engine)
        self.desk = RoleDesk(self.roles, self.rules, self.staff, admins)

    async def furnish(self) -> None:
        """Import the roster, once; two of its people leave."""
        if await self.staff.people():
            return
        await self.staff.apply(compare({}, ROSTER), by="t", file="f")
        async with self.engine.begin() as connection:
            gone = update(people).where(people.c.staff_id.in_(["3", "6"]))
            await connection.execute(gone.values(active=False))

    async def said(self) -> list[tuple[str, str, dict]]:
        entries = [each for each in reversed(await self.log.latest(99)) if not each.action.startswith("staff.")]
        return [(each.action, each.subject, json.loads(each.details)) for each in entries]


@pytest.fixture
def office(url):
    """Runs work on an office, with the admins whom the environment names."""

    def run(work, admins=frozenset()):
        @asynccontextmanager
        async def opened():
            engine = await open_database(url)
            try:
                yield Office(engine, frozenset(admins))
            finally:
                await engine.dispose()

        async def go():
            async with opened() as found:
                await found.furnish()
                return await work(found)

        return asyncio.run(go())

    return run


def test_a_role_is_given_changed_and_taken(office):
    """Each is recorded with what was before; the e-mail is known in lower case, whoever writes it how."""

    async def work(found):
        assert await found.roles.give(" Hanako@City.Example", HrRole.VIEWER, "職員課")
        assert await found.roles.give("hanako@city.example", HrRole.APPROVER, "職員課")
        assert not await found.roles.give("hanako@city.example", HrRole.APPROVER, "職員課")
        assert await found.roles.role_of("hanako@city.example") is HrRole.APPROVER
        assert [(each.person, each.given_by) for each in await found.roles.all()] == [("hanako@city.example", "職員課")]
        assert await found.roles.give("hanako@city.example", None, "職員課")
        assert await found.roles.role_of("hanako@city.example") is None
        assert not await found.roles.give("hanako@city.example", None, "職員課")
        return await found.said()

    who = "hanako@city.example"
    assert office(work) == [
        ("role.give", who, {"before": None, "role": "viewer"}),
        ("role.give", who, {"before": "viewer", "role": "approver"}),
        ("role.give", who, {"before": "approver", "role": None}),
    ]


@pytest.mark.parametrize("role", [None, HrRole.APPROVER])
def test_the_last_admin_stays(office, role):
    """Neither taken nor made smaller, until somebody else is admin who has not left."""

    async def work(found):
        await found.roles.give(STAFF, HrRole.ADMIN, "t")
        await found.roles.give(LEAVER, HrRole.ADMIN, "t")
        with pytest.raises(RoleError, match="先に"):
            await found.roles.give(STAFF, role, "t")
        assert await found.roles.role_of(STAFF) is HrRole.ADMIN
        await found.roles.give(HEAD, HrRole.ADMIN, "t")
        assert await found.roles.give(STAFF, role, "t")

    office(work)


def test_the_environment_can_name_the_admin(office):
    """Then the last row may go, unless the one who is named has left."""

    async def work(found):
        await found.roles.give(STAFF, HrRole.ADMIN, "t")
        return await found.roles.give(STAFF, None, "t")

    assert office(work, {"it@city.example"})
    with pytest.raises(RoleError):
        office(work, {LEAVER})


def test_two_admins_cannot_take_each_others_role_at_once(office):
    """One of them is left, whoever is faster."""

    async def work(found):
        await found.roles.give(STAFF, HrRole.ADMIN, "t")
        await found.roles.give(HEAD, HrRole.ADMIN, "t")
        taken = (found.roles.give(STAFF, None, HEAD), found.roles.give(HEAD, None, STAFF))
        done = await asyncio.gather(*taken, return_exceptions=True)
        assert sorted(type(each).__name__ for each in done) == ["RoleError", "bool"]
        assert len(await found.roles.all()) == 1

    office(work)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_address(text):
    """Nor is one with letters whose lower case would be somebody else's (the Kelvin sign is no k)."""
    assert email_of(text) == ""


def test_what_is_no_address_gets_no_role(office):
    """It can't be given one, and has none."""

    async def work(found):
        for text in WRONG:
            with pytest.raises(RoleError, match="メールアドレス"):
                await found.roles.give(text, HrRole.ADMIN, "t")
            assert await found.desk.actor_of(text) == Actor(person=text)

    office(work)


def test_the_directory_tells_who_somebody_is(office):
    """Name, number and the office that they lead; without a role that is all."""

    async def work(found):
        await found.roles.give(STAFF, HrRole.EDITOR, "t")
        return [
            await found.desk.actor_of(each) for each in (HEAD.upper(), STAFF, "back@city.example", "no@city.example")
        ]

    assert office(work) == [
        Actor(person=HEAD, name="例 1", staff_id="1", heads=("総務部", "職員課")),
        Actor(person=STAFF, role=HrRole.EDITOR, name="例 二郎", staff_id="2"),
        Actor(person="back@city.example", name="例 7", staff_id="7", heads=("生涯学習部", "図書館")),
        Actor(person="no@city.example"),
    ]


def test_a_shared_address_is_nobody_in_the_directory(office):
    """Of several people with one address none is meant: no office is led by it."""

    async def work(found):
        return await found.desk.actor_of("shared@city.example")

    assert office(work) == Actor(person="shared@city.example")


def test_who_has_left_is_nobody(office):
    """Whatever the role was, and even where the environment names them."""

    async def work(found):
        await found.roles.give(LEAVER, HrRole.ADMIN, "t")
        return await found.desk.actor_of(LEAVER)

    for admins in (set(), {LEAVER}):
        assert office(work, admins) == Actor(person=LEAVER, left=True)


def test_the_environment_names_admins(office):
    """They need no row, stand in the list, and are told apart there."""

    async def work(found):
        await found.roles.give(STAFF, HrRole.VIEWER, "職員課")
        assert (await found.desk.actor_of("it@city.example")).role is HrRole.ADMIN
        return [(each.person, each.role, each.named, each.given_by) for each in await found.desk.people(ADMIN)]

    assert office(work, {"it@city.example"}) == [
        ("it@city.example", HrRole.ADMIN, True, ""),
        (STAFF, HrRole.VIEWER, False, "職員課"),
    ]


def test_a_database_that_fails_gives_nobody_a_role(tmp_path):
    """Not even those whom the environment names."""
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such.db'}")
    desk = Office(engine, frozenset({STAFF})).desk
    with pytest.raises(StoreError):
        asyncio.run(desk.actor_of(STAFF))


def test_the_rules_of_the_office(office):
    """Defaults, then what an admin has set, each change in the log."""

    async def work(found):
        assert await found.desk.rules(ADMIN) == OfficeRules(approval_above=30, most_rounds=2)
        assert await found.desk.change_rules(ADMIN, OfficeRules(approval_above=0)) == 1
        assert await found.desk.change_rules(ADMIN, OfficeRules(approval_above=0)) == 0
        assert await found.desk.change_rules(ADMIN, OfficeRules(approval_above=50, most_rounds=3)) == 2
        assert await found.rules.read() == OfficeRules(approval_above=50, most_rounds=3)
        with pytest.raises(NotPermittedError):
            await found.desk.change_rules(Actor(person="a", role=HrRole.APPROVER), OfficeRules())
        return await found.said()

    assert office(work) == [
        ("setting.change", "approval_above", {"before": 30, "value": 0}),
        ("setting.change", "approval_above", {"before": 0, "value": 50}),
        ("setting.change", "most_rounds", {"before": 2, "value": 3}),
    ]


@pytest.mark.parametrize("values", [{"approval_above": -1}, {"approval_above": 100_001}, {"most_rounds": 11}])
def test_rules_have_bounds(values):
    """A number that makes no sense is refused where it is made."""
    with pytest.raises(ValueError, match=next(iter(values))):
        OfficeRules(**values)
