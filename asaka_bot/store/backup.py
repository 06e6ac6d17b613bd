"""A consistent copy of the whole database in one SQLite file, made while the bot runs, and the way back.

The copy is the same whatever the database is, so a copy of PostgreSQL can be opened on one machine. It holds all
sending until a person confirms: nobody can tell what has left since it was made.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.delivery.outbox import State
from asaka_bot.errors import StoreError
from asaka_bot.store.audit import record
from asaka_bot.store.database import database_now, open_database
from asaka_bot.store.sending_hold import RESTORED, hold
from asaka_bot.store.tables import delivery, hr_session, metadata, outage, sign_in_link, staff_draft

_ROWS_AT_ONCE = 2_000
# A copy must not sign anybody in; what waits for an hour, or stands at a platform just now, is not worth keeping.
_KEPT_OUT = {hr_session.name, sign_in_link.name, staff_draft.name, outage.name}
_UNDECIDED = (State.PENDING, State.SENDING, State.UNKNOWN)
_NOT_KNOWN = "控えから戻したデータのため、送ったかどうかが分かりません。"


async def backup(engine: AsyncEngine, file: Path, person: str) -> int:
    """Copy the database into the new `file` for `person`; returns the number of rows.

    The entry in the audit log is newer than the copy, and therefore not in it.

    Raises:
        StoreError: the file exists already or can't be written.
    """
    if file.exists():
        raise StoreError(f"{file} はすでにあります。別の名前を指定してください")
    half_done = file.with_name(file.name + ".part")
    half_done.unlink(missing_ok=True)
    copy = await open_database(f"sqlite+aiosqlite:///{half_done}")
    try:
        async with engine.connect() as source:
            await _see_one_moment(source)
            async with copy.begin() as target:
                rows = await _copy(source, target)
                await hold(target, RESTORED, await database_now(source))
                unclear = update(delivery).where(delivery.c.state.in_([s.value for s in _UNDECIDED]))
                await target.execute(unclear.values(state=State.HELD.value, reason=_NOT_KNOWN, lease_until=None))
    finally:
        await copy.dispose()
    await asyncio.to_thread(_leave_one_file, half_done)
    await _hand_over(engine, half_done, file, person, rows)
    return rows


async def restore(engine: AsyncEngine, file: Path, person: str) -> int:
    """Fill the empty database from a copy for `person`; returns the number of rows.

    Raises:
        StoreError: there is no such copy, or the database holds rows already.
    """
    if not file.is_file():
        raise StoreError(f"{file} がありません。asaka-bot backup で作ったファイルを指定してください")
    copy = await open_database(f"sqlite+aiosqlite:///{file}")
    try:
        async with copy.connect() as source, engine.begin() as target:
            for table in metadata.sorted_tables:
                if (await target.execute(select(func.count()).select_from(table))).scalar_one():
                    raise StoreError(
                        "いまのデータベースにデータがあります。空のデータベース（新しい ASAKA_DATA_DIR か ASAKA_DATABASE_URL）に戻してください"
                    )
            rows = await _copy(source, target)
            await _continue_numbering(target)
            await record(target, person, Action.RESTORE, _named(file), {"rows": rows})
    finally:
        await copy.dispose()
    return rows


async def _see_one_moment(source: AsyncConnection) -> None:
    """Let the transaction see the database as it was at one moment, while others go on writing."""
    if source.dialect.name == "postgresql":
        await source.execution_options(isolation_level="REPEATABLE READ")
    else:
        await source.execution_options(reading=True)


async def _hand_over(engine: AsyncEngine, half_done: Path, file: Path, person: str, rows: int) -> None:
    """Give the copy its name within the transaction of its entry in the audit log; where that fails, take it back."""
    try:
        async with engine.begin() as connection:
            await record(connection, person, Action.BACKUP, _named(file), {"rows": rows})
            half_done.replace(file)
    except BaseException:
        renamed = not half_done.exists()
        (file if renamed else half_done).unlink(missing_ok=True)
        raise


def _named(file: Path) -> str:
    """What the audit log calls the file: its name, as long as a column may be."""
    return file.name[-200:]


def _leave_one_file(file: Path) -> None:
    """Fold what SQLite keeps beside the file into it; a copy gets carried around alone."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


async def _copy(source: AsyncConnection, target: AsyncConnection) -> int:
    rows = 0
    for table in metadata.sorted_tables:
        if table.name in _KEPT_OUT:
            continue
        async with source.stream(select(table)) as found:
            async for part in found.mappings().partitions(_ROWS_AT_ONCE):
                await target.execute(insert(table), [dict(row) for row in part])
                rows += len(part)
        await asyncio.sleep(0)
    return rows


async def _continue_numbering(target: AsyncConnection) -> None:
    """PostgreSQL counts on from where it was, not from where the copied rows end."""
    if target.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" in table.c and table.c.id.autoincrement:
            await target.execute(
                text(_AFTER_LAST), {"sequence": f"{table.name}_id_seq", "last": await _last(target, table)}
            )


_AFTER_LAST = "SELECT setval(CAST(:sequence AS regclass), GREATEST(:last, 1), :last > 0)"


async def _last(target: AsyncConnection, table: Table) -> int:
    last: int = (await target.execute(select(func.coalesce(func.max(table.c.id), 0)))).scalar_one()
    return last
