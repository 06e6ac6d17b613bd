"""Databases to test against: SQLite in a file, and PostgreSQL where one runs."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

SERVER = "postgresql+psycopg://root@127.0.0.1/"


@pytest.fixture
def postgresql() -> Iterator[str]:
    """A database of the test's own, dropped afterwards."""
    server = create_engine(SERVER + "postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    name = f"asaka_test_{uuid.uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    except OperationalError:
        server.dispose()
        pytest.skip("no PostgreSQL at 127.0.0.1")
    yield SERVER + name
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'new' / 'asaka.db'}"
    return request.getfixturevalue("postgresql")
