"""Copies of the database: whole, consistent, and silent until a person lets sending go on."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from asaka_bot.errors import StoreError
from asaka_bot.store.backup import backup, restore
from asaka_bot.store.database import open_database
from asaka_bot.store.sending_hold import OLDER_DATA, RESTORED, SendingHold
from asaka_bot.store.tables import delivery, feedback, hr_session, message

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


async def fill(engine, count=30):
    """A message with deliveries in several states, some feedback, somebody signed in."""
    async with engine.begin() as connection:
        row = {
            "kind": "notice",
            "origin": "n1",
            "content": "{}",
            "priority": 5,
            "when_uncertain": "hold",
            "created_at": NOON,
        }
        made = await connection.execute(insert(message).values(row).returning(message.c.id))
        number = made.scalar_one()
        states = ("pending", "sending", "unknown", "held", "sent", "dead")
        rows = [
            {
                "marker": f"{n:032d}",
                "message_id": number,
                "recipient": f"p{n}",
                "channel": "web",
                "address": f"p{n}",
                "priority": 5,
                "state": states[n % 6],
                "attempts": 0,
                "due_at": NOON,
            }
            for n in range(count)
        ]
        await connection.execute(insert(delivery), rows)
        await connection.execute(insert(feedback).values(month="2026-11", topic="t", helpful=True))
        session = {"digest": "d", "person": "p", "csrf": "c", "made_at": NOON, "expires_at": NOON}
        await connection.execute(insert(hr_session).values(session))


async def states_of(engine):
    async with engine.connect() as connection:
        counted = select(delivery.c.state, func.count()).group_by(delivery.c.state)
        return dict((await connection.execute(counted)).all())


def test_a_copy_is_whole_and_holds_all_sending(url, tmp_path):
    """Every row is in the copy; what had not surely left is held; nobody is signed in; sending waits for a person."""

    async def work():
        engine = await open_database(url)
        await fill(engine)
        await backup(engine, tmp_path / "copy.db", "山田")
        assert await states_of(engine) == dict.fromkeys(("pending", "sending", "unknown", "held", "sent", "dead"), 5)
        await engine.dispose()
        copy = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}")
        try:
            assert await states_of(copy) == {"held": 20, "sent": 5, "dead": 5}
            async with copy.connect() as connection:
                assert await connection.scalar(select(func.count()).select_from(hr_session)) == 0
                assert await connection.scalar(select(func.count()).select_from(feedback)) == 1
            hold = SendingHold(copy)
            assert await hold.reason() == RESTORED
            await hold.release("山田")
            assert await hold.reason() is None
            assert await hold.last_release() is not None
        finally:
            await copy.dispose()

    asyncio.run(work())
    assert [f.name for f in tmp_path.glob("copy*")] == ["copy.db"]


def test_a_copy_fills_an_empty_database_and_numbering_goes_on(url, tmp_path):
    """A restored database accepts new rows; one that holds rows already is not overwritten."""

    async def work():
        first = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'first.db'}")
        await fill(first)
        await backup(first, tmp_path / "copy.db", "山田")
        await first.dispose()
        engine = await open_database(url)
        try:
            assert await restore(engine, tmp_path / "copy.db", "山田") > 30
            assert await SendingHold(engine).reason() == RESTORED
            async with engine.begin() as connection:
                row = {
                    "kind": "k",
                    "origin": "o",
                    "content": "{}",
                    "priority": 5,
                    "when_uncertain": "hold",
                    "created_at": NOON,
                }
                made = await connection.execute(insert(message).values(row).returning(message.c.id))
                assert made.scalar_one() == 2
            with pytest.raises(StoreError, match="データがあります"):
                await restore(engine, tmp_path / "copy.db", "山田")
        finally:
            await engine.dispose()

    asyncio.run(work())


def test_a_copy_made_under_writing_shows_one_moment(url, tmp_path):
    """Rows written in pairs while the copy is made are in it in pairs."""

    async def work():
        engine = await open_database(url)
        stop = asyncio.Event()

        async def write():
            while not stop.is_set():
                async with engine.begin() as connection:
                    for topic in ("a", "b"):
                        await connection.execute(insert(feedback).values(month="2026-11", topic=topic, helpful=True))

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.2)
        await backup(engine, tmp_path / "copy.db", "山田")
        stop.set()
        await writing
        await engine.dispose()
        copy = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}")
        async with copy.connect() as connection:
            counted = dict(
                (await connection.execute(select(feedback.c.topic, func.count()).group_by(feedback.c.topic))).all()
            )
        await copy.dispose()
        assert counted["a"] == counted["b"] > 0

    asyncio.run(work())


def test_an_existing_file_is_not_overwritten(url, tmp_path):
    """Neither a copy nor any other file is lost by a slip of the name."""
    (tmp_path / "copy.db").write_text("mine")

    async def work():
        engine = await open_database(url)
        try:
            with pytest.raises(StoreError, match="すでにあります"):
                await backup(engine, tmp_path / "copy.db", "山田")
            with pytest.raises(StoreError, match="がありません"):
                await restore(engine, tmp_path / "none.db", "山田")
        finally:
            await engine.dispose()

    asyncio.run(work())
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_an_older_database_than_before_holds_all_sending(url):
    """Whoever puts yesterday's file in place by hand starts held as well; the same or a newer one goes on."""

    async def work():
        engine = await open_database(url)
        try:
            hold = SendingHold(engine)
            seen = await hold.beat(None)
            assert await hold.beat(seen) >= seen
            assert await hold.reason() is None
            await hold.beat(seen + timedelta(days=1))
            assert await hold.reason() == OLDER_DATA
        finally:
            await engine.dispose()

    asyncio.run(work())
