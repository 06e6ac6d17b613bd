"""Where links and sessions of HR are kept: one contract for the database and for the fake in memory."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from asaka_bot.hr_console.sessions import digest_of, make_sign_in_link
from asaka_bot.roles import HrRole
from asaka_bot.store.database import open_database
from asaka_bot.store.sessions import Sessions
from asaka_bot.tokyo import now_in_tokyo
from tests.fakes.console import MemorySessions

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opened(request, tmp_path: Path):
    """Opens the store of the kind asked for."""
    if request.param == "memory":

        @asynccontextmanager
        async def memory():
            yield MemorySessions()

        return memory
    postgresql = request.param == "postgresql"
    url = request.getfixturevalue("postgresql") if postgresql else f"sqlite+aiosqlite:///{tmp_path / 'asaka.db'}"

    @asynccontextmanager
    async def database():
        engine = await open_database(url)
        yield Sessions(engine)
        await engine.dispose()

    return database


def with_store(opened, work):
    async def run():
        async with opened() as store:
            return await work(store)

    return asyncio.run(run())


async def redeem(store, *, link="link", session="session", now=NOW):
    return await store.redeem(link=link, session=session, csrf="csrf", now=now, expires_at=now + HOUR)


def test_a_link_opens_one_session(opened):
    """The first redemption opens a session for the person of the link, the second opens none."""

    async def work(store):
        await store.add_link(digest="link", person="職員課", role=HrRole.ADMIN, expires_at=NOW + HOUR)
        assert await redeem(store) == "職員課"
        assert await redeem(store, session="another") is None
        assert await store.find("another", now=NOW) is None
        return await store.find("session", now=NOW)

    session = with_store(opened, work)
    assert (session.person, session.csrf, session.made_at, session.expires_at) == ("職員課", "csrf", NOW, NOW + HOUR)


def test_of_many_at_once_one_gets_in(opened):
    """Ten redemptions at the same moment open one session."""

    async def work(store):
        await store.add_link(digest="link", person="職員課", role=HrRole.ADMIN, expires_at=NOW + HOUR)
        return await asyncio.gather(*(redeem(store, session=f"s{n}") for n in range(10)))

    assert sorted(with_store(opened, work), key=str) == [None] * 9 + ["職員課"]


@pytest.mark.parametrize(("link", "late"), [("unknown", timedelta()), ("link", HOUR)])
def test_unknown_and_expired_links_open_nothing(opened, link, late):
    """A link nobody made, and one whose hour is over, are worth nothing."""

    async def work(store):
        await store.add_link(digest="link", person="職員課", role=HrRole.ADMIN, expires_at=NOW + HOUR)
        assert await redeem(store, link=link, now=NOW + late) is None
        return await store.find("session", now=NOW + late)

    assert with_store(opened, work) is None


def test_a_session_ends_when_its_time_is_over(opened):
    """It is found until its end, later only if it was renewed."""

    async def work(store):
        await store.add_link(digest="link", person="職員課", role=HrRole.ADMIN, expires_at=NOW + HOUR)
        await redeem(store)
        assert await store.find("session", now=NOW + HOUR) is None
        await store.renew("session", expires_at=NOW + 2 * HOUR)
        assert await store.find("session", now=NOW + HOUR) is not None

    with_store(opened, work)


def test_a_closed_session_is_gone(opened):
    """After signing out the token is worth nothing; closing twice does no harm."""

    async def work(store):
        await store.add_link(digest="link", person="職員課", role=HrRole.ADMIN, expires_at=NOW + HOUR)
        await redeem(store)
        await store.close("session")
        await store.close("session")
        return await store.find("session", now=NOW)

    assert with_store(opened, work) is None


def test_only_digests_are_kept(tmp_path):
    """Neither file of the database holds the token of a link; what has expired goes with the next sign-in."""
    file = tmp_path / "asaka.db"

    async def work():
        engine = await open_database(f"sqlite+aiosqlite:///{file}")
        store = Sessions(engine)
        await store.add_link(digest="old", person="職員課", role=HrRole.ADMIN, expires_at=now_in_tokyo() - HOUR)
        link = await make_sign_in_link(store, "http://127.0.0.1:8080/")
        token = link.removeprefix("http://127.0.0.1:8080/hr/sign-in?token=")
        assert not any(token.encode() in kept.read_bytes() for kept in tmp_path.iterdir())
        assert await redeem(store, link=digest_of(token), now=now_in_tokyo()) == "職員課"
        await engine.dispose()
        return token

    token = asyncio.run(work())
    assert len(token) >= 43
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT digest FROM sign_in_link").fetchall() == [(digest_of(token),)]
