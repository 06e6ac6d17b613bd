"""The staff directory behind the console: the one in memory and the real one behave alike."""

import asyncio
from datetime import timedelta

import pytest

from asaka_bot.app.staff_desk import StaffDesk
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.errors import StaffError
from asaka_bot.store.database import open_database
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.staff_drafts import StaffDrafts
from tests.fakes.console import NOW
from tests.fakes.staff import MemoryStaff, person

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
        token = await staff.draft(FIRST, by="甲", file="a.xlsx")
        found = await staff.find_draft(token, by="甲")
        assert (found.file, len(found.changes.joined), tuple(found.ignored)) == ("a.xlsx", 2, ("備考",))
        assert await staff.find_draft(token, by="乙") is None
        assert await staff.people() == [] or await staff.people() == ()
        with pytest.raises(StaffError):
            await staff.confirm(token, by="乙")
        await staff.confirm(token, by="甲")
        assert [each.staff_id for each in await staff.people()] == ["1", "2"]
        with pytest.raises(StaffError):
            await staff.confirm(token, by="甲")

    with_staff(work)


def test_a_draft_of_an_older_directory_is_refused(with_staff):
    """What was shown is no longer what would happen."""

    async def work(staff):
        tokens = [await staff.draft(roster, by="甲", file="x") for roster in (FIRST, SECOND)]
        await staff.confirm(tokens[0], by="甲")
        with pytest.raises(StaffError):
            await staff.confirm(tokens[1], by="甲")
        assert len(await staff.people()) == 2

    with_staff(work)


def test_undo_and_history(with_staff):
    """The newest first; only the last that isn't undone can be undone."""

    async def work(staff):
        one = await staff.confirm(await staff.draft(FIRST, by="甲", file="a"), by="甲")
        two = await staff.confirm(await staff.draft(SECOND, by="甲", file="b"), by="甲")
        with pytest.raises(StaffError):
            await staff.undo(by="甲", number=one)
        assert (await staff.undo(by="甲", number=two)).undone_at is not None
        assert [(each.file, each.undone_at is None) for each in await staff.history(9)] == [("b", False), ("a", True)]
        assert [each.title for each in await staff.people()] == ["", ""]

    with_staff(work)


def test_drafts_end_after_an_hour(url):
    """Afterwards they can neither be seen nor used, and the next one sweeps them away."""

    async def work():
        engine = await open_database(url)
        moment = NOW

        async def clock():
            return moment

        staff = StaffDesk(StaffStore(engine), StaffDrafts(engine, clock), AddressBook(engine))
        token = await staff.draft(FIRST, by="甲", file="a")
        moment += timedelta(minutes=59)
        assert await staff.find_draft(token, by="甲")
        moment += timedelta(minutes=1)
        assert await staff.find_draft(token, by="甲") is None
        with pytest.raises(StaffError, match="1時間"):
            await staff.confirm(token, by="甲")
        await engine.dispose()

    asyncio.run(work())
