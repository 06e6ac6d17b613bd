"""Open the database and bring its tables up to date at start."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from asaka_bot.errors import StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 8_352_001  # any number that no other program on the same server takes


def connect(url: str) -> AsyncEngine:
    """The engine for `url`; nothing is opened before the first use."""
    # An error must not carry what people wrote into a log.
    engine = create_async_engine(url, hide_parameters=True)
    if url.startswith("sqlite"):
        event.listen(engine.sync_engine, "connect", _durable)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


async def bring_up_to_date(engine: AsyncEngine) -> None:
    """Create the database where there is none, and apply what migrations are missing.

    Raises:
        StoreError: the database can't be reached or changed.
    """
    try:
        if engine.dialect.name == "sqlite" and engine.url.database:
            await asyncio.to_thread(Path(engine.url.database).parent.mkdir, parents=True, exist_ok=True)
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
    except Exception as error:
        raise StoreError(
            f"データベースを開けません（{type(error).__name__}）。ASAKA_DATABASE_URL と、フォルダーの書き込み権限を確かめてください"
        ) from error


async def open_database(url: str) -> AsyncEngine:
    """The engine for `url`, its tables up to date. Raises `StoreError` as `bring_up_to_date` does."""
    engine = connect(url)
    try:
        await bring_up_to_date(engine)
    except StoreError:
        await engine.dispose()
        raise
    return engine


def _durable(connection: Any, _record: object) -> None:
    """SQLite so that nothing committed is lost, and readers don't wait for a writer."""
    connection.isolation_level = None  # the driver begins no transaction of its own; `_begin` does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A transaction that may write says so at once: one that finds out later fails where another wrote meanwhile."""
    options = connection.get_execution_options()
    if not options.get("one_statement", False):
        connection.exec_driver_sql("BEGIN" if options.get("reading", False) else "BEGIN IMMEDIATE")


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same database for transactions that only read: on SQLite these wait for nobody."""
    return engine.execution_options(reading=True)


def looking_up(engine: AsyncEngine) -> AsyncEngine:
    """The same database for one SELECT: SQLite needs no BEGIN for that, which would cost half as much again."""
    return engine.execution_options(reading=True, one_statement=True)


_CLOCKS = {
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')",
    # Not now(): that stands still while a transaction waits for a lock.
    "postgresql": "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
}


async def database_now(connection: AsyncConnection) -> datetime:
    """The database's own clock, the only one on which all replicas agree."""
    written = (await connection.exec_driver_sql(_CLOCKS[connection.dialect.name])).scalar_one()
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


Clock = Callable[[], Awaitable[datetime]]  # what proofs in virtual time put in the place of the database's clock


async def now_by(connection: AsyncConnection, clock: Clock | None) -> datetime:
    """The present moment: the database's, unless another clock was given."""
    return await clock() if clock else await database_now(connection)


def upsert(connection: AsyncConnection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that can say what to do on a conflict; both databases spell it alike, SQLAlchemy doesn't."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _migrate(connection: Connection) -> None:
    """Apply what is missing; where nothing is, alembic need not even be loaded (0.3 s of every start)."""
    if connection.dialect.name == "postgresql":  # replicas that start together migrate one after another
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    newest = max(path.stem.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    if inspect(connection).has_table("alembic_version"):
        applied = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        if applied == newest:
            return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
