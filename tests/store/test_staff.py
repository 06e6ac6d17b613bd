"""The staff directory in the database: one import after another, and back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff_changes import compare
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.errors import StaffError
from asaka_bot.store.database import open_database
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.staff_drafts import StaffDrafts
from tests.fakes.notice_world import WORKING
from tests.fakes.staff import person


def with_store(url, work):
    async def run():
        engine = await open_database(url)
        try:
            return await work(StaffStore(engine))
        finally:
            await engine.dispose()

    return asyncio.run(run())


async def changes_to(store, *people):
    directory = {each.staff_id: each for each in await store.people()}
    return compare(directory, Roster(people=people, has_workplaces=True))


async def load(store, *people, file="名簿.xlsx"):
    return await store.apply(await changes_to(store, *people), by="職員課", file=file)


def test_an_import_makes_the_directory(url):
    """Joined, moved and left people are as the file says; leavers become inactive at once."""

    async def work(store):
        await load(store, person(1), person(2), person(3))
        await load(store, person(1), person(2, title="課長", office=("福祉部",)), person(4))
        assert {each.staff_id: each for each in await store.people()} == {
            "1": person(1),
            "2": person(2, title="課長", office=("福祉部",)),
            "3": replace(person(3), active=False),
            "4": person(4),
        }

    with_store(url, work)


def test_undo_goes_back_step_by_step(url):
    """The last import that isn't undone is taken back, until there is none."""

    async def work(store):
        await load(store, person(1), person(2))
        first = await store.people()
        await load(store, person(2, title="課長"), person(3))
        assert (await store.undo(by="係長")).undone_by == "係長"
        assert await store.people() == first
        await store.undo(by="係長")
        assert await store.people() == ()
        with pytest.raises(StaffError, match="ありません"):
            await store.undo(by="係長")

    with_store(url, work)


def test_who_was_changed_how_is_forgotten_after_400_days(url):
    """Until then it can be undone; afterwards the history keeps the counts, and says why it can't be."""

    async def run():
        engine, moment = await open_database(url), WORKING

        async def clock():
            return moment

        store, drafts = StaffStore(engine, clock), StaffDrafts(engine, clock)
        try:
            await load(store, person(1))
            moment += timedelta(days=1)
            await load(store, person(1), person(2))
            await drafts.keep(await changes_to(store, person(3)), ignored=(), by="職員課", file="途中.xlsx")
            moment += timedelta(minutes=59)
            assert (await drafts.forget_old(), await store.forget_old()) == (0, 0)
            moment = WORKING + timedelta(days=400, seconds=1)
            assert (await drafts.forget_old(), await store.forget_old(), await store.forget_old()) == (1, 1, 0)
            async with engine.connect() as connection:
                kept = (await connection.execute(text("SELECT changes FROM staff_import ORDER BY id"))).scalars().all()
            assert [bool(each) for each in kept] == [False, True]
            assert (await store.undo(by="係長")).joined == 1
            with pytest.raises(StaffError, match="400日"):
                await store.undo(by="係長")
            assert [each.joined for each in await store.history(9)] == [1, 1]
            assert [each.staff_id for each in await store.people()] == ["1"]
        finally:
            await engine.dispose()

    asyncio.run(run())


def test_only_the_import_that_is_meant_is_undone(url):
    """A second press of the same button doesn't take back the import before."""

    async def work(store):
        one = await load(store, person(1))
        two = await load(store, person(1), person(2))
        with pytest.raises(StaffError, match="いちばん新しい"):
            await store.undo(by="係長", number=one)
        await store.undo(by="係長", number=two)
        with pytest.raises(StaffError, match="いちばん新しい"):
            await store.undo(by="係長", number=two)
        assert await store.people() == (person(1),)

    with_store(url, work)


def test_changes_seen_before_another_import_are_refused(url):
    """Of two imports compared with the same directory one is made, also at the same moment."""

    async def work(store):
        found = [await changes_to(store, person(n)) for n in (1, 2)]
        done = await asyncio.gather(
            *(store.apply(each, by="職員課", file="x") for each in found), return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in done) == ["StaffError", "int"]
        assert len(await store.people()) == 1

    with_store(url, work)


def test_history_counts(url):
    """The newest first, with who, what and how many."""

    async def work(store):
        await load(store, person(1), person(2), file="4月.xlsx")
        await load(store, person(1), person(2, title="課長"), file="5月.csv")
        newest, oldest = await store.history(10)
        assert (newest.file, newest.joined, newest.moved, newest.left, newest.unchanged) == ("5月.csv", 0, 1, 0, 1)
        assert (oldest.file, oldest.made_by, oldest.joined, oldest.undone_at) == ("4月.xlsx", "職員課", 2, None)
        assert len(await store.history(1)) == 1

    with_store(url, work)


def test_a_thousand_people_and_back(url):
    """A whole city hall joins, leaves and comes back."""

    async def work(store):
        staff = invented_staff(1_500)
        await load(store, *staff)
        await load(store, *staff[:10])
        assert sum(each.active for each in await store.people()) == 10
        await store.undo(by="職員課")
        assert set(await store.people()) == set(staff)
        await store.undo(by="職員課")
        assert await store.people() == ()

    with_store(url, work)
