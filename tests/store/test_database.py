"""Opening a database that holds nothing yet."""

import asyncio

import pytest
from sqlalchemy import create_engine, inspect

from asaka_bot.store.database import open_database
from asaka_bot.store.tables import metadata
from tests.fakes.databases import copy_tables, migrate

pytestmark = pytest.mark.usefixtures("real_migrations")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'new' / 'asaka.db'}"
    return request.getfixturevalue("empty_postgresql")


def test_who_opens_first_makes_the_tables(empty):
    """Replicas that start one after the other and beside each other find the same tables, made once."""

    async def work() -> set[str]:
        first = await open_database(empty)
        others = await asyncio.gather(*(open_database(empty) for _ in range(3)))
        async with first.connect() as connection:
            found = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
        for engine in (first, *others):
            await engine.dispose()
        return found

    assert asyncio.run(work()) == set(metadata.tables) | {"alembic_version"}


def test_replicas_that_start_together_make_the_tables_once(empty_postgresql):
    """None fails because another one was making them."""

    async def work() -> None:
        for engine in await asyncio.gather(*(open_database(empty_postgresql) for _ in range(4))):
            await engine.dispose()

    asyncio.run(work())


def test_tests_get_the_tables_that_the_migrations_make(tmp_path):
    """What other tests open in SQLite instead is the same to the letter."""

    def written(folder: str, how) -> list[str]:
        (tmp_path / folder).mkdir()
        engine = create_engine(f"sqlite:///{tmp_path / folder / 'asaka.db'}")
        with engine.begin() as connection:
            how(connection)
        with engine.connect() as connection:
            lines = list(connection.connection.driver_connection.iterdump())
        engine.dispose()
        return lines

    assert written("copied", copy_tables) == written("migrated", migrate)
