"""PostgreSQL databases of a test's own, dropped afterwards."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

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
