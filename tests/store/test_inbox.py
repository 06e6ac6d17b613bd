"""The inbox of the web chat: each message once, the newest first, on both databases."""

import asyncio

from asaka_bot.outgoing import Address, Message
from asaka_bot.store.database import open_database
from asaka_bot.store.inbox import InboxStore

EVERYONE, MANAGERS = Address(channel="web", to="everyone"), Address(channel="web", to="managers")


def message(title: str) -> Message:
    return Message(title=title, paragraphs=("本文",))


def with_inbox(url, work):
    async def run():
        engine = await open_database(url)
        try:
            return await work(InboxStore(engine))
        finally:
            await engine.dispose()

    return asyncio.run(run())


def test_a_marker_arrives_once(url):
    """However often and however simultaneously a marker is delivered, one message stands there."""

    async def work(inbox):
        refs = await asyncio.gather(*(inbox.deliver("m1", EVERYONE, message("一")) for _ in range(8)))
        assert set(refs) == {await inbox.find("m1")}
        assert await inbox.count_after([EVERYONE], 0) == 1
        assert await inbox.find("m2") is None

    with_inbox(url, work)


def test_latest_and_unread_of_the_readers_addresses(url):
    """A reader sees what went to any of their audiences, the newest first, and how much of it is new."""

    async def work(inbox):
        for number, address in enumerate((EVERYONE, MANAGERS, EVERYONE)):
            await inbox.deliver(f"m{number}", address, message(f"題{number}"))
        both = await inbox.latest([EVERYONE, MANAGERS], 2)
        assert [(r.message.title, r.address) for r in both] == [("題2", EVERYONE), ("題1", MANAGERS)]
        assert both[0].received_at.tzinfo is not None
        assert [r.message.title for r in await inbox.latest([EVERYONE], 9)] == ["題2", "題0"]
        assert await inbox.count_after([EVERYONE], both[1].id) == 1
        assert await inbox.count_after([EVERYONE, MANAGERS], 0) == 3
        assert await inbox.latest([], 9) == []
        assert await inbox.count_after([], 0) == 0

    with_inbox(url, work)


def test_replacing(url):
    """What arrived can get another text; what never arrived can't."""

    async def work(inbox):
        ref = await inbox.deliver("m1", EVERYONE, message("前"))
        assert await inbox.replace("m1", message("後")) == ref
        assert await inbox.replace("m2", message("後")) is None
        assert [r.message.title for r in await inbox.latest([EVERYONE], 9)] == ["後"]

    with_inbox(url, work)
