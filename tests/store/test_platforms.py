"""Events act once; people's addresses are kept up to date."""

import asyncio
from dataclasses import replace

from asaka_bot.outgoing import ContactPoint
from asaka_bot.store.database import open_database
from asaka_bot.store.platforms import AddressBook, EventLog


def with_engine(url, work):
    async def run():
        engine = await open_database(url)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def test_an_event_acts_once(url):
    """Of many deliveries of one event at the same moment exactly one acts; the same id elsewhere is another event."""

    async def work(engine):
        log = EventLog(engine)
        first = await asyncio.gather(*(log.first_time("slack", "Ev1") for _ in range(20)))
        assert sum(first) == 1
        assert await log.first_time("teams", "Ev1")
        assert await log.first_time("slack", "Ev2")
        assert await log.forget_old() == 0

    with_engine(url, work)


def test_events_that_come_together_are_told_apart(url):
    """Events that share a transaction each act once, and one that is cancelled or refused takes no other along."""

    async def work(engine):
        log = EventLog(engine)
        assert await log.first_time("slack", "Ev0")
        given_up = asyncio.ensure_future(log.first_time("slack", "Ev5"))
        asked = [log.first_time("slack", f"Ev{number % 4}") for number in range(12)]
        refused = log.first_time("slack", "Ev\0")  # PostgreSQL takes no such text, SQLite does
        together = asyncio.gather(*asked, refused, return_exceptions=True)
        await asyncio.sleep(0)
        given_up.cancel()
        *told, _ = await together
        assert told == [False, True, True, True, *[False] * 8]

    with_engine(url, work)


def test_the_newest_address_counts(url):
    """A later contact replaces the address, but does not forget an e-mail that it doesn't know."""

    async def work(engine):
        book = AddressBook(engine)
        point = ContactPoint(channel="teams", user="aad-1", address="a:1", email="Taro@Example.jp", tenant="t")
        await book.learn(point)
        await book.learn(replace(point, address="a:2", email=""))
        assert await book.find("teams", "aad-1") == replace(point, address="a:2", email="taro@example.jp")
        assert await book.at("teams", "a:2") == await book.find("teams", "aad-1")
        assert await book.find("slack", "aad-1") is None
        await book.set_reachable("teams", "aad-1", False)
        assert not (await book.find("teams", "aad-1")).reachable
        assert await book.everybody() == (await book.find("teams", "aad-1"),)

    with_engine(url, work)
