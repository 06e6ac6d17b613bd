"""A platform that takes nothing: its deliveries wait, at every replica, and the others leave; on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from asaka_bot.delivery.channel import Later, Sent, Traits
from asaka_bot.delivery.outbox import after_send
from asaka_bot.delivery.replacing import Replaced
from asaka_bot.outgoing import Address, Kind, Message
from asaka_bot.store.database import open_database
from asaka_bot.store.outages import Outages
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.replacements import Replacements
from asaka_bot.store.tables import delivery
from tests.fakes.outages import MemoryOutages

TRAITS = Traits(read_back=True, update=True, per_second=100.0)
MESSAGE = Message(title="お知らせ", paragraphs=("本文です。",))


@pytest.fixture
def run(url):
    """Runs a test's coroutine with two replicas' views of one fresh database."""

    def go(work):
        async def inside():
            engines = [await open_database(url) for _ in range(2)]
            try:
                return await work(*engines)
            finally:
                for engine in engines:
                    await engine.dispose()

        return asyncio.run(inside())

    return go


async def put(engine, *channels, until=None):
    pairs = [("職員", Address(channel=channel, to="U1")) for channel in channels]
    return await OutboxStore(engine).put(MESSAGE, kind=Kind.NOTICE, origin="n-1", recipients=pairs, until=until)


async def claimed(engine, channel):
    found = await OutboxStore(engine).claim(channel, TRAITS, most=16, holder="a")
    return [each.address.to for each in found]


async def keeps_its_promises(outages):
    return (
        [await outages.begin("slack", "一"), await outages.begin("slack", "二"), await outages.stands("slack")],
        [await outages.stands("teams"), await outages.end("teams"), await outages.end("slack")],
        [await outages.end("slack"), await outages.stands("slack"), await outages.begin("slack", "三")],
    )


PROMISED = ([True, False, True], [False, False, True], [False, False, True])


def test_an_outage_begins_and_ends_once(run):
    """The first to notice begins it, and the first to see it over ends it, whichever replica asks."""

    async def work(one, other):
        assert await keeps_its_promises(Outages(one)) == PROMISED
        await Outages(one).end("slack")
        many = await asyncio.gather(*(Outages(each).begin("slack", "理由") for each in (one, other) * 8))
        assert sum(many) == 1
        many = await asyncio.gather(*(Outages(each).end("slack") for each in (one, other) * 8))
        assert sum(many) == 1

    run(work)


def test_the_memory_of_tests_keeps_the_same_promises():
    """What stands in for the store in other tests answers alike."""
    assert asyncio.run(keeps_its_promises(MemoryOutages())) == PROMISED


def test_deliveries_wait_and_others_leave(run):
    """While it stands no replica claims, looks up or replaces anything there; afterwards all of it leaves."""

    async def work(one, other):
        await put(one, "slack", "teams")
        outages = Outages(one)
        await outages.begin("slack", "外されました。")
        for engine in (one, other):
            assert await claimed(engine, "slack") == []
            assert await OutboxStore(engine).seconds_to_next("slack", TRAITS) is None
        assert await claimed(other, "teams") == ["U1"]
        (shown,) = await outages.all()
        assert (shown.channel, shown.reason, shown.waiting) == ("slack", "外されました。", 1)
        assert abs(shown.since - datetime.now(UTC)) < timedelta(minutes=1)
        await outages.end("slack")
        assert await outages.all() == []
        assert await claimed(other, "slack") == ["U1"]

    run(work)


def test_the_call_that_noticed_waits_as_well(run):
    """What was under way comes back, with its reason, and leaves once the platform lets the bot in."""

    async def work(one, other):
        await put(one, "slack")
        store, outages = OutboxStore(one), Outages(one)
        (under_way,) = await store.claim("slack", TRAITS, most=1, holder="a")
        await outages.begin("slack", "外されました。")
        refused = Later(retry_after_seconds=0.0, reason="外されました。")
        await store.record([after_send(under_way, refused, TRAITS, await store.now())])
        assert await store.held() == []
        assert await claimed(other, "slack") == []
        await outages.end("slack")
        assert await claimed(other, "slack") == ["U1"]

    run(work)


def test_texts_that_stand_are_replaced_afterwards(run):
    """A correction waits too."""

    async def work(one, other):
        await put(one, "slack")
        store, outages = OutboxStore(one), Outages(one)
        (sent,) = await store.claim("slack", TRAITS, most=1, holder="a")
        await store.record([after_send(sent, Sent(platform_ref="17.1"), TRAITS, await store.now())])
        async with one.begin() as connection:
            await connection.execute(delivery.update().values(update_at=await store.now() - timedelta(seconds=1)))
        await outages.begin("slack", "外されました。")
        book = Replacements(other)
        assert await book.claim_replacements("slack", TRAITS, most=8) == []
        await outages.end("slack")
        (found,) = await book.claim_replacements("slack", TRAITS, most=8)
        await book.record_replacements([Replaced(replacement=found)])

    run(work)


def test_what_becomes_too_late_does_not_leave_afterwards(run):
    """A delivery past its time is cancelled although nothing leaves, and says why."""

    async def work(one, _other):
        store = OutboxStore(one)
        number = await put(one, "slack", until=await store.now() + timedelta(seconds=0.2))
        await Outages(one).begin("slack", "外されました。")
        await asyncio.sleep(0.3)
        assert await store.expire("slack") == 1
        assert (await store.counts(number)).cancelled == 1

    run(work)
