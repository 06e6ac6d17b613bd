"""What all tests share: the shipped knowledge, one engine over it, a moment that stands still, databases."""

import fcntl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

from asaka_bot.answering.answer import Engine
from asaka_bot.channels.answers import AnswerService, EngineThread
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.store import database
from asaka_bot.store.database import open_database
from tests.fakes.databases import Copies, copies, copy_tables, migrate, postgresql_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The cores are shared and tables of holidays are built on first use: a slow example is no failure.
settings.register_profile("asaka", deadline=None)
settings.load_profile("asaka")

CACHE = Path(__file__).resolve().parents[1] / "var" / "cache"  # git ignores var/


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow proofs take the time they need."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture(scope="session")
def knowledge() -> KnowledgeBase:
    return files.load(files.SHIPPED)


@pytest.fixture(scope="session")
def engine(knowledge: KnowledgeBase) -> Engine:
    """The engine over the shipped knowledge; its trained weights stay in var/cache from run to run."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "tests.lock").open("w") as lock:  # of processes that test side by side only one trains
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Engine(knowledge, cache=CACHE)


@pytest.fixture(scope="session")
def service(engine: Engine) -> AnswerService:
    return AnswerService(EngineThread(engine))


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser; not for the whole session, as its event loop would stand in the way of tests that run their own."""
    from tests.fakes.chromium import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def tables_without_alembic() -> Iterator[None]:
    """Nearly every test with a database would pay for all migrations; those about them ask for `real_migrations`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_migrate", copy_tables)
        yield


@pytest.fixture
def real_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_migrate", migrate)


@pytest.fixture(scope="session")
def migrated() -> Iterator[Copies]:
    """Databases with the tables that the product's migrations made."""

    async def work(url: str) -> None:
        await (await open_database(url)).dispose()

    with copies(work) as made:
        yield made


@pytest.fixture
def postgresql(migrated: Copies) -> str:
    """A database with its tables and nothing in them."""
    return migrated.fresh()


@pytest.fixture
def empty_postgresql() -> Iterator[str]:
    """A database of the test's own with nothing in it, dropped afterwards."""
    with postgresql_database() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'new' / 'asaka.db'}"
    return request.getfixturevalue("postgresql")
