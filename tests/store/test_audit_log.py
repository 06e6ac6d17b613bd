"""The audit log in both databases: one chain under any number of writers, and no way to change it unseen."""

import asyncio
import multiprocessing
import tracemalloc
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, insert, make_url, text
from sqlalchemy.exc import DBAPIError

from asaka_bot.audit import GENESIS, Action, Broken, Fault, seal
from asaka_bot.store.audit import AuditLog, record
from asaka_bot.store.database import open_database
from asaka_bot.store.tables import audit

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
_WITHOUT_TRIGGERS = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", "DROP TRIGGER audit_no_replace"),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER ALL",),
}


@asynccontextmanager
async def opened(url: str):
    engine = await open_database(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def append(engine, subject: str, person: str = "山田"):
    async with engine.begin() as connection:
        return await record(connection, person, Action.DECIDE, subject, {"decision": "sent", "message": 1})


async def write(url: str, count: int, person: str = "山田") -> None:
    async with opened(url) as engine:
        for number in range(count):
            await append(engine, str(number), person)


def write_in_a_process(url: str, count: int, person: str) -> None:
    asyncio.run(write(url, count, person))


def verdict_of(url: str, noted: str | None = None):
    async def look():
        async with opened(url) as engine:
            return await AuditLog(engine).verify(noted)

    return asyncio.run(look())


def at_the_database(url: str, *statements: str) -> None:
    """What somebody does who has the database itself in hand."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def tamper(url: str, *statements: str) -> None:
    """The same, around the triggers."""
    at_the_database(url, *_WITHOUT_TRIGGERS[make_url(url).get_backend_name()], *statements)


def test_entries_follow_on_each_other(url):
    """What was recorded is read back newest first, page by page; the chain holds and ends at the head."""

    async def work():
        async with opened(url) as engine:
            log = AuditLog(engine)
            assert await log.head() == GENESIS
            made = [await append(engine, str(number)) for number in range(5)]
            assert await log.latest(2) == [made[4], made[3]]
            assert await log.latest(9, before=3) == [made[1], made[0]]
            assert await log.head() == made[4].digest
            verdict = await log.verify(made[1].digest)
            assert (verdict.whole, verdict.entries, verdict.head) == (True, 5, made[4].digest)

    asyncio.run(work())


def test_an_action_that_fails_leaves_no_entry(url):
    """The entry goes back with the rest of its transaction, and leaves no gap."""

    async def work():
        async with opened(url) as engine:
            await append(engine, "1")

            async def fail():
                async with engine.begin() as connection:
                    await record(connection, "山田", Action.PAUSE, "2")
                    raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                await fail()
            assert (await append(engine, "3")).id == 2
            assert (await AuditLog(engine).verify()).entries == 2

    asyncio.run(work())


def test_twenty_writers_at_once_make_one_chain(url):
    """The chain never forks, and every entry is in it."""

    async def work():
        async with opened(url) as engine:

            async def writer(name: str):
                for number in range(3):
                    await append(engine, str(number), name)

            await asyncio.gather(*(writer(f"writer {n}") for n in range(20)))
            return await AuditLog(engine).verify()

    verdict = asyncio.run(work())
    assert (verdict.whole, verdict.entries) == (True, 60)


def test_several_processes_make_one_chain(url):
    """Replicas and commands append beside each other."""
    asyncio.run(write(url, 1))
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=write_in_a_process, args=(url, 10, f"process {n}")) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    verdict = verdict_of(url)
    assert (verdict.whole, verdict.entries) == (True, 31)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET person = '佐藤' WHERE id = 2",
        "UPDATE audit SET person = person",
        "DELETE FROM audit WHERE id = 3",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_changes(url, statement):
    """Neither a row nor all rows can be changed or removed while the triggers stand."""
    asyncio.run(write(url, 3))
    with pytest.raises(DBAPIError, match="audit is append-only"):
        at_the_database(url, statement)
    assert verdict_of(url).entries == 3


def test_postgresql_refuses_to_empty_the_table(postgresql):
    """TRUNCATE passes by the triggers of rows; it has one of its own."""
    asyncio.run(write(postgresql, 2))
    with pytest.raises(DBAPIError, match="audit is append-only"):
        at_the_database(postgresql, "TRUNCATE audit")


@pytest.mark.parametrize("id_", ["2", "9"])
def test_sqlite_refuses_to_replace_a_row(tmp_path, id_):
    """INSERT OR REPLACE would remove the old row without asking the trigger on DELETE."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'asaka.db'}"
    asyncio.run(write(url, 3))
    again = f"SELECT {id_}, at, '佐藤', action, subject, details, previous, digest FROM audit WHERE id = 2"  # noqa: S608
    with pytest.raises(DBAPIError, match="audit is append-only"):
        at_the_database(url, f"INSERT OR REPLACE INTO audit {again}")
    assert verdict_of(url).entries == 3


_TAMPERED = {
    "at": ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE id = 3", 3, Fault.CHANGED),
    "person": ("UPDATE audit SET person = '佐藤' WHERE id = 3", 3, Fault.CHANGED),
    "action": ("UPDATE audit SET action = 'reminder.test' WHERE id = 3", 3, Fault.CHANGED),
    "subject": ("UPDATE audit SET subject = 'x' WHERE id = 3", 3, Fault.CHANGED),
    "details": ("UPDATE audit SET details = '{}' WHERE id = 3", 3, Fault.CHANGED),
    "digest": ("UPDATE audit SET digest = 'x' WHERE id = 3", 3, Fault.CHANGED),
    "previous": ("UPDATE audit SET previous = 'x' WHERE id = 3", 3, Fault.OUT_OF_ORDER),
    "id": ("UPDATE audit SET id = 9 WHERE id = 3", 3, Fault.MISSING),
    "deleted": ("DELETE FROM audit WHERE id = 3", 3, Fault.MISSING),
    "first deleted": ("DELETE FROM audit WHERE id = 1", 1, Fault.MISSING),
}


@pytest.mark.parametrize("what", _TAMPERED)
def test_tampering_is_found_and_named(url, what):
    """Around the triggers anything can be changed, but not unseen."""
    statement, place, fault = _TAMPERED[what]
    asyncio.run(write(url, 5))
    tamper(url, statement)
    assert verdict_of(url).broken == Broken(id=place, fault=fault)


def test_swapped_rows_are_found(url):
    """Two rows that exchange their numbers stand out of order."""
    asyncio.run(write(url, 5))
    exchanged = ((3, 99), (4, 3), (99, 4))
    tamper(url, *(f"UPDATE audit SET id = {to} WHERE id = {of}" for of, to in exchanged))  # noqa: S608
    assert verdict_of(url).broken == Broken(id=3, fault=Fault.OUT_OF_ORDER)


def test_an_inserted_row_is_found(url):
    """A row slipped in after the last one doesn't follow on it."""
    asyncio.run(write(url, 3))
    row = "SELECT 4, at, person, action, subject, details, 'x', digest FROM audit WHERE id = 3"
    tamper(url, f"INSERT INTO audit {row}")
    assert verdict_of(url).broken == Broken(id=4, fault=Fault.OUT_OF_ORDER)


def test_a_cut_end_is_found_by_the_head_noted_outside(url):
    """Without the newest rows the rest is a whole chain; only the noted head tells."""

    async def last():
        async with opened(url) as engine:
            return await AuditLog(engine).head()

    asyncio.run(write(url, 4))
    head = asyncio.run(last())
    tamper(url, "DELETE FROM audit WHERE id = 4")
    assert verdict_of(url).whole
    assert verdict_of(url, head).broken == Broken(id=0, fault=Fault.CUT)


@pytest.mark.parametrize("spoilt", ["'nonsense'", "x'00ff'", "7", "''"])
@pytest.mark.parametrize("column", ["at", "person", "digest"])
def test_sqlite_values_of_any_kind_are_read(tmp_path, column, spoilt):
    """A spoilt value is a changed entry, and ends neither the look at the chain nor the list."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'asaka.db'}"
    asyncio.run(write(url, 3))
    tamper(url, f"UPDATE audit SET {column} = {spoilt} WHERE id = 2")  # noqa: S608

    async def listed():
        async with opened(url) as engine:
            return await AuditLog(engine).latest(9)

    assert verdict_of(url).broken == Broken(id=2, fault=Fault.CHANGED)
    assert len(asyncio.run(listed())) == 3


def test_verifying_takes_no_more_memory_for_more_rows(url):
    """Twenty thousand rows are walked along in the memory of a thousand."""
    rows, last = [], None
    for number in range(20_000):
        entry = seal(last, at=NOON, person="山田", action=Action.DECIDE, subject=str(number), details={"message": 1})
        rows.append({column.name: getattr(entry, column.name) for column in audit.c})
        last = (entry.id, entry.digest)

    async def work():
        async with opened(url) as engine:
            async with engine.begin() as connection:
                await connection.execute(insert(audit), rows)
            rows.clear()
            tracemalloc.start()
            try:
                verdict = await AuditLog(engine).verify()
                return verdict, tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    verdict, most_bytes = asyncio.run(work())
    assert (verdict.whole, verdict.entries) == (True, 20_000)
    assert most_bytes < 6_000_000
