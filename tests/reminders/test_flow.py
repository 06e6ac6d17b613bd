"""The flow on real databases: once, in time, whatever clocks, crashes and other replicas do."""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from asaka_bot.reminders import files
from asaka_bot.store.sending_hold import hold
from asaka_bot.tokyo import TOKYO
from tests.fakes.reminder_world import in_world

WEDNESDAY = date(2026, 11, 11)


@pytest.fixture(scope="module")
def schedule():
    return files.load(files.SHIPPED)


def at(hour, minute=0, day=WEDNESDAY):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


def test_a_day_goes_out_once(url, schedule):
    """From morning to evening one message leaves, in its hour and not before."""

    async def work(world):
        flow = world.flow()
        for _ in range(24 * 2):
            await flow.tick()
            if world.now < at(0, day=WEDNESDAY + timedelta(days=1)) and world.now.astimezone(TOKYO).hour < 8:
                assert await world.messages() == []
            world.pass_(minutes=30)
        assert await world.messages() == ["no-overtime-wednesday"]
        assert (await world.rows())["no-overtime-wednesday", WEDNESDAY] == "sent"

    in_world(url, schedule, at(0), work)


def test_four_replicas_at_once_write_one_row(url, schedule):
    """Whoever comes second finds the row and leaves it."""

    async def work(world):
        flows = [world.flow() for _ in range(4)]
        await asyncio.gather(*(flow.tick() for flow in flows))
        world.pass_(hours=12)
        await asyncio.gather(*(flow.tick() for flow in flows))
        assert await world.messages() == ["no-overtime-wednesday"]

    in_world(url, schedule, at(0), work)


def test_a_clock_set_back_doubles_nothing(url, schedule):
    """An hour lived twice sends once."""

    async def work(world):
        flow = world.flow()
        for step in (9, -1, 1, -9, 9):
            world.now += timedelta(hours=step)
            world.elapsed += 60
            await flow.tick()
            await world.flow().tick()
        assert (await world.messages()).count("no-overtime-wednesday") == 1

    in_world(url, schedule, at(0), work)


def test_a_clock_that_leaps_ahead_and_back_sends_nothing_early(url, schedule):
    """A leap is believed only after the clock has stood for two minutes."""

    async def work(world):
        flow = world.flow()
        await flow.tick()
        world.now += timedelta(days=1)
        for _ in range(10):
            assert await flow.tick() == 0
            world.pass_(seconds=10)
        world.now -= timedelta(days=1)
        await flow.tick()
        assert await world.messages() == []
        assert await world.rows(WEDNESDAY) == {}

    in_world(url, schedule, at(0), work)


def test_a_lasting_leap_is_believed_in_the_end(url, schedule):
    """A machine whose clock was put right goes on after two minutes."""

    async def work(world):
        flow = world.flow()
        await flow.tick()
        world.now += timedelta(hours=10)
        for _ in range(30):
            await flow.tick()
            world.pass_(seconds=10)
        assert await world.messages() == ["no-overtime-wednesday"]

    in_world(url, schedule, at(0), work)


def test_what_falls_in_a_pause_never_leaves(url, schedule):
    """Paused days are listed as suspended, also after the pause; then all goes on by itself."""

    async def work(world):
        flow = world.flow()
        await flow.tick()
        await world.book.pause(None, WEDNESDAY, WEDNESDAY, "台風", "山田")
        for _ in range(10 * 8):
            world.pass_(hours=3)
            await flow.tick()
        rows = await world.rows()
        assert rows["no-overtime-wednesday", WEDNESDAY] == "suspended"
        assert rows["complete-no-overtime-day", WEDNESDAY + timedelta(days=7)] == "sent"
        assert "no-overtime-wednesday" not in await world.messages()

    in_world(url, schedule, at(0), work)


def test_a_pause_can_be_ended_once(url, schedule):
    """Whoever resumes second learns that it had ended."""

    async def work(world):
        await world.book.pause("no-overtime-wednesday", WEDNESDAY, WEDNESDAY, "選挙", "山田")
        (pause,) = await world.book.suspensions()
        assert await world.book.resume(pause.id, "佐藤")
        assert not await world.book.resume(pause.id, "佐藤")
        await world.flow().tick()
        world.pass_(hours=12)
        await world.flow().tick()
        assert await world.messages() == ["no-overtime-wednesday"]

    in_world(url, schedule, at(0), work)


def test_nothing_is_decided_while_sending_is_held(url, schedule):
    """On a restored copy the day passes in silence; after the release it is listed as missed."""

    async def work(world):
        await world.flow().tick()
        async with world.engine.begin() as connection:
            await hold(connection, "復元", world.now)
        world.pass_(hours=10)
        flow = world.flow()
        assert await flow.tick() == 0
        await world.hold.release("山田")
        world.pass_(minutes=1)
        await flow.tick()
        assert (await world.rows())["no-overtime-wednesday", WEDNESDAY] == "missed"
        assert await world.messages() == []

    in_world(url, schedule, at(0), work)
