"""The staff directory behind the console: the one in memory and the real one behave alike."""

import asyncio
from datetime import timedelta

import pytest

from asaka_bot.app.staff_desk import StaffDesk
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.errors import StaffError
from asaka_bot.roles import Actor, HrRole
from asaka_bot.store.database import open_database
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.staff_drafts import StaffDrafts
from tests.fakes.console import NOW
from tests.fakes.staff import MemoryStaff, person

KO, OTSU = (Actor(person=name, role=HrRole.APPROVER) for name in ("甲", "乙"))
FIRST = Roster(people=(person(1), person(2)), ignored=("備考",), has_workplaces=True)
SECOND = Roster(people=(person(2, title="課長"), person(3)), has_workplaces=True)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def with_staff(request, tmp_path):
    """Runs work on a directory of each kind."""

    def run(work):
        if request.param == "memory":
            asyncio.run(work(MemoryStaff(now=NOW)))
            return
        url = (
            f"sqlite+aiosqlite:///{tmp_path / 'asaka.db'}"
            if request.param == "sqlite"
            else request.getfixturevalue("postgresql")
        )

        async def real():
            engine = await open_database(url)
            try:
                await work(StaffDesk(StaffStore(engine), StaffDrafts(engine), AddressBook(engine)))
            finally:
                await engine.dispose()

        asyncio.run(real())

    return run


def test_a_draft_is_shown_and_confirmed_once(with_staff):
    """It holds the changes; nobody else sees it, and it can't be used twice."""

    async def work(staff):
        token = await staff.draft(KO, FIRST, file="a.xlsx")
        found = await staff.find_draft(KO, token)
        assert (found.file, len(found.changes.joined), tuple(found.ignored)) == ("a.xlsx", 2, ("備考",))
        assert await staff.find_draft(OTSU, token) is None
        assert await staff.people(KO) == [] or await staff.people(KO) == ()
        with pytest.raises(StaffError):
            await staff.confirm(OTSU, token)
        await staff.confirm(KO, token)
        assert [each.staff_id for each in await staff.people(KO)] == ["1", "2"]
        with pytest.raises(StaffError):
            await staff.confirm(KO, token)

    with_staff(work)


def test_a_draft_of_an_older_directory_is_refused(with_staff):
    """What was shown is no longer what would happen."""

    async def work(staff):
        tokens = [await staff.draft(KO, roster, file="x") for roster in (FIRST, SECOND)]
        await staff.confirm(KO, tokens[0])
        with pytest.raises(StaffError):
            await staff.confirm(KO, tokens[1])
        assert len(await staff.people(KO)) == 2

    with_staff(work)


def test_undo_and_history(with_staff):
    """The newest first; only the last that isn't undone can be undone."""

    async def work(staff):
        one = await staff.confirm(KO, await staff.draft(KO, FIRST, file="a"))
        two = await staff.confirm(KO, await staff.draft(KO, SECOND, file="b"))
        with pytest.raises(StaffError):
            await staff.undo(KO, number=one)
        assert (await staff.undo(KO, number=two)).undone_at is not None
        assert [(each.file, each.undone_at is None) for each in await staff.history(KO, 9)] == [
            ("b", False),
            ("a", True),
        ]
        assert [each.title for each in await staff.people(KO)] == ["", ""]

    with_staff(work)


def test_drafts_end_after_an_hour(url):
    """Afterwards they can neither be seen nor used, and the next one sweeps them away."""

    async def work():
        engine = await open_database(url)
        moment = NOW

        async def clock():
            return moment

        staff = StaffDesk(StaffStore(engine), StaffDrafts(engine, clock), AddressBook(engine))
        token = await staff.draft(KO, FIRST, file="a")
        moment += timedelta(minutes=59)
        assert await staff.find_draft(KO, token)
        moment += timedelta(minutes=1)
        assert await staff.find_draft(KO, token) is None
        with pytest.raises(StaffError, match="1時間"):
            await staff.confirm(KO, token)
        await engine.dispose()

    asyncio.run(work())
