"""Databases of a test's own: PostgreSQL's, and tables in SQLite without alembic."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from asaka_bot.store import database

SERVER = "postgresql+psycopg://root@127.0.0.1/"


@contextmanager
def postgresql_database(like: str = "") -> Iterator[str]:
    """The address of a new database, a copy of the one at `like`; skips the test where there is no server."""
    server = create_engine(SERVER + "postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    name = f"asaka_test_{uuid.uuid4().hex[:12]}"
    template = like.removeprefix(SERVER) or "template1"
    try:
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    except OperationalError:
        server.dispose()
        pytest.skip("no PostgreSQL at 127.0.0.1")
    yield SERVER + name
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


# What a test may have done to the tables themselves: any of it shows in one of these lists.
_SHAPE = """
SELECT md5(string_agg(found, '|' ORDER BY found)) FROM (
    SELECT relname || relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT attrelid::regclass || attname || atttypid || attnotnull || attisdropped FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT tgrelid::regclass || tgname || tgenabled::text FROM pg_trigger
    UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS everything (found)
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
_SEQUENCES = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Copies:
    """Databases for one test after the other, each as `template` is.

    It is one database whose rows are taken back before each test: a copy of all its files takes forty times as long;
    where a test changed more than rows, the next one gets a new copy.
    """

    def __init__(self, template: str, until: ExitStack) -> None:
        """What was made is dropped at the end of `until`."""
        self._template, self._until = template, until
        self._current: Engine | None = None
        server = create_engine(template)
        with server.begin() as connection:
            self._shape = connection.execute(text(_SHAPE)).scalar_one()
            tables = list(connection.execute(text(_TABLES)).scalars())
            filled = [t for t in tables if connection.execute(text(f'SELECT EXISTS (TABLE "{t}")')).scalar_one()]
            connection.execute(text("CREATE SCHEMA kept"))
            for table in filled:
                connection.execute(text(f'CREATE TABLE kept."{table}" AS TABLE "{table}"'))
            numbers = connection.execute(text(_SEQUENCES)).all()
        server.dispose()  # nobody may look at a template while it is copied
        self._back = "; ".join(
            [
                "SET LOCAL session_replication_role = replica",  # no trigger refuses, and any order will do
                "SET LOCAL synchronous_commit = off",
                *(f'DELETE FROM "{table}"' for table in tables),  # noqa: S608
                *(f'INSERT INTO "{table}" OVERRIDING SYSTEM VALUE TABLE kept."{table}"' for table in filled),
                *(f"SELECT setval('\"{name}\"', {last}, {used})" for name, last, used in numbers),
            ]
        )

    def fresh(self) -> str:
        """The address for the next test; the one before has ended."""
        if self._current is None or not self._taken_back(self._current):
            self._current = create_engine(self._until.enter_context(postgresql_database(self._template)))
            self._until.callback(self._current.dispose)
        return self._current.url.render_as_string(hide_password=False)

    def _taken_back(self, engine: Engine) -> bool:
        with engine.begin() as connection:
            connection.execute(text(_OTHERS))  # whom the test left behind
            if connection.execute(text(_SHAPE)).scalar_one() != self._shape:
                return False
            connection.exec_driver_sql(self._back)
        return True


@contextmanager
def copies(furnish: Callable[[str], Coroutine[Any, Any, None]]) -> Iterator[Copies]:
    """Copies of the database that `furnish` fills."""
    with postgresql_database() as template, ExitStack() as until:
        asyncio.run(furnish(template))
        yield Copies(template, until)


migrate = database._migrate
_statements: list[str] = []


def copy_tables(connection: Connection) -> None:
    """Make the tables in a new SQLite database as the migrations leave them, in an eighth of their time."""
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        migrate(connection)
        return
    if not _statements:
        memory = create_engine("sqlite://")
        with memory.begin() as model:
            migrate(model)
        with memory.connect() as model:
            written = model.connection.driver_connection.iterdump()
            _statements.extend(each for each in written if each not in ("BEGIN TRANSACTION;", "COMMIT;"))
        memory.dispose()
    for statement in _statements:
        connection.exec_driver_sql(statement)
