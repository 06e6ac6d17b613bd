"""The flow on real databases: once, in time, whatever clocks, crashes and other replicas do."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from asaka_bot.reminders import files
from asaka_bot.reminders.flow import ReminderFlow
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.reminders import ReminderStore
from asaka_bot.store.sending_hold import SendingHold, hold
from asaka_bot.store.tables import delivery, message
from asaka_bot.tokyo import TOKYO

WEDNESDAY = date(2026, 11, 11)


@pytest.fixture(scope="module")
def schedule():
    return files.load(files.SHIPPED)


class World:
    """A database, a clock that can be set, and as many flows over them as wanted."""

    def __init__(self, engine, schedule, start):
        self.now = start
        self.elapsed = 0.0
        self.engine, self.schedule = engine, schedule
        self.outbox = OutboxStore(engine, clock=self.told)
        self.book = ReminderStore(engine, self.outbox, clock=self.told)
        self.hold = SendingHold(engine, clock=self.told)

    async def told(self):
        return self.now

    def flow(self):
        return ReminderFlow(self.schedule, self.book, elapsed=lambda: self.elapsed)

    def pass_(self, **span):
        self.now += timedelta(**span)
        self.elapsed += timedelta(**span).total_seconds()

    async def rows(self, first=date(2026, 1, 1), last=date(2027, 12, 31)):
        return {(o.rule, o.day): o.status.value for o in await self.book.occurrences(first, last)}

    async def messages(self):
        async with self.engine.connect() as connection:
            origins = (await connection.execute(select(message.c.origin).order_by(message.c.id))).scalars().all()
            deliveries = await connection.scalar(select(func.count()).select_from(delivery))
        assert deliveries == len(origins)
        return list(origins)


def in_world(url, schedule, start, work):
    async def run():
        engine = await open_database(url)
        try:
            return await work(World(engine, schedule, start))
        finally:
            await engine.dispose()

    return asyncio.run(run())


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


@pytest.mark.parametrize("down", [timedelta(minutes=10), timedelta(hours=3), timedelta(days=3), timedelta(days=30)])
def test_after_a_stop_the_policy_holds_exactly(url, schedule, down):
    """S3: what can still leave today leaves, every other due day is listed as missed; nothing is left out."""

    async def work(world):
        await world.flow().tick()
        world.pass_(seconds=down.total_seconds())
        await world.flow().tick()
        rows = await world.rows()
        today = world.now.astimezone(TOKYO).date()
        expected = {}
        for each in planned(schedule, WEDNESDAY - timedelta(days=1), today):
            if world.start <= each.until and each.due_at <= world.now:
                late = world.now > each.until
                expected[each.rule, each.day] = (
                    "missed" if late and each.status in ("planned", "merged") else each.status
                )
        expected = {key: "sent" if status == "planned" else status for key, status in expected.items()}
        assert rows == expected
        assert sum(status == "sent" for status in rows.values()) == len(await world.messages())

    def planned(schedule, first, last):
        from asaka_bot.reminders.occurrences import occurrences

        return occurrences(schedule, first, last)

    async def with_start(world):
        world.start = world.now
        await work(world)

    in_world(url, schedule, at(8), with_start)


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
        for _ in range(10 * 24):
            world.pass_(hours=1)
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


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_zone_of_the_host_does_not_matter(url, schedule, zone, monkeypatch):
    """S2: a year's end, 29 February and the change to summer time elsewhere move nothing."""
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()

    async def work(world):
        flow = world.flow()
        await flow.tick()
        for _ in range(80 * 2):
            world.pass_(hours=12)
            await flow.tick()
        rows = await world.rows(date(2027, 12, 25), date(2028, 3, 20))
        sent = sorted(day for (_, day), status in rows.items() if status == "sent")
        assert len(sent) == len(set(sent)) or len({k for k, s in rows.items() if s == "sent"}) == len(sent)
        assert date(2028, 2, 29) not in sent or date(2028, 2, 29).weekday() < 5
        assert rows["no-overtime-wednesday", date(2027, 12, 29)] == "skipped"
        assert rows["no-overtime-wednesday", date(2028, 3, 1)] == "sent"

    try:
        in_world(url, schedule, datetime(2027, 12, 24, 15, 0, tzinfo=UTC), work)
    finally:
        monkeypatch.undo()
        time.tzset()
