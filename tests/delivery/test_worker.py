"""The worker: every delivery comes to its end whatever platform and database do, and stopping loses nothing."""

import asyncio
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from asaka_bot.delivery.channel import Later, Traits, Uncertain
from asaka_bot.delivery.outbox import after_send
from asaka_bot.delivery.worker import Rhythm, Worker
from asaka_bot.outgoing import Address, Kind, Message, WhenUncertain
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import Balance, OutboxStore
from asaka_bot.store.tables import delivery
from tests.fakes.memory import MemoryChannel

MESSAGE = Message(title="題", paragraphs=("本文",))
QUICK = Rhythm(settle_seconds=0.05, expire_seconds=0.1, poll_seconds=0.2)
BLIND = Traits(read_back=False, update=False, timeout_seconds=0.1)


class Post:
    """An outbox in a file, and workers on it."""

    def __init__(self, engine):
        self.engine = engine
        self.outbox = OutboxStore(engine, lease_margin_seconds=0.2)

    async def put(self, count, channel="memory", to=None, **what):
        pairs = [(f"人{n}", Address(channel=channel, to=to or f"C{n}")) for n in range(count)]
        async with self.engine.begin() as connection:
            return await self.outbox.enqueue(
                connection, MESSAGE, kind=Kind.NOTICE, origin="n", recipients=pairs, **what
            )

    async def ends(self, id_, worker, seconds=10.0):
        """Run the worker until nothing of the message is open; where it stands then."""
        running = asyncio.create_task(worker.run())
        started = time.monotonic()
        while (balance := await self.outbox.counts(id_)).open and time.monotonic() - started < seconds:
            await asyncio.sleep(0.02)
        worker.stop()
        await running
        return balance


@pytest.fixture
def post(tmp_path):
    def run(work):
        async def inside():
            engine = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'asaka.db'}")
            try:
                return await work(Post(engine))
            finally:
                await engine.dispose()

        return asyncio.run(inside())

    return run


def worker_on(outbox, channel, **how):
    return Worker(outbox, channel, holder="h", **{"rhythm": QUICK, **how})


def test_everything_is_sent_once_within_the_concurrency(post):
    """Many deliveries arrive once each, and never more calls are under way than the platform permits."""

    async def slowly(channel, letter):
        await asyncio.sleep(0.01)
        return channel.take(letter)

    async def work(p):
        channel = MemoryChannel(act=slowly)
        balance = await p.ends(await p.put(200), worker_on(p.outbox, channel))
        assert balance == Balance(sent=200)
        assert set(channel.arrived.values()) == {1}
        assert channel.most_under_way == channel.traits.concurrency

    post(work)


def test_an_unclear_call_is_read_back(post):
    """What arrived without an answer is found; what didn't arrive is sent again; neither is doubled."""
    asked = []

    async def unclear(channel, letter):
        asked.append(letter.marker)
        if asked.count(letter.marker) > 1 or letter.address.to in ("C0", "C1"):
            channel.take(letter)
        return Uncertain(reason="500")

    async def work(p):
        channel = MemoryChannel(act=unclear)
        assert await p.ends(await p.put(4), worker_on(p.outbox, channel)) == Balance(sent=4)
        assert set(channel.arrived.values()) == {1}
        assert len(asked) == 6

    post(work)


def test_a_call_without_answer_is_held_where_nothing_can_be_read_back(post):
    """After its time a call is given up, and a person decides; with `resend` it is made again."""
    silent = {"C0"}

    async def sometimes(channel, letter):
        if letter.address.to in silent:
            silent.clear()
            await asyncio.sleep(60)
        return channel.take(letter)

    async def work(p):
        held = await p.ends(await p.put(2), worker_on(p.outbox, MemoryChannel(BLIND, act=sometimes)))
        assert held == Balance(held=1, sent=1)
        assert "応答がなかった" in (await p.outbox.held())[0].reason
        silent.add("C0")
        twice = await p.put(2, when_uncertain=WhenUncertain.RESEND)
        assert await p.ends(twice, worker_on(p.outbox, MemoryChannel(BLIND, act=sometimes))) == Balance(sent=2)

    post(work)


def test_a_channel_that_raises_leaves_an_unclear_outcome(post):
    """A bug in a channel is neither a sent message nor a lost one."""

    async def broken(_channel, _letter):
        raise KeyError("ts")

    async def work(p):
        balance = await p.ends(await p.put(3), worker_on(p.outbox, MemoryChannel(BLIND, act=broken)))
        assert balance == Balance(held=3)

    post(work)


def test_a_refused_delivery_is_dead_with_its_reason(post):
    """What the platform refuses isn't tried again and says why."""

    async def work(p):
        balance = await p.ends(await p.put(1, to="nowhere"), worker_on(p.outbox, MemoryChannel()))
        assert balance == Balance(dead=1)
        assert "channel_not_found" in (await p.outbox.held())[0].reason

    post(work)


def test_later_means_not_before(post):
    """After a 429 the call is repeated, not earlier than the platform said."""
    calls = []

    async def patience(channel, letter):
        calls.append(time.monotonic())
        return Later(retry_after_seconds=0.4, reason="429") if len(calls) == 1 else channel.take(letter)

    async def work(p):
        assert await p.ends(await p.put(1), worker_on(p.outbox, MemoryChannel(act=patience))) == Balance(sent=1)
        assert 0.4 <= calls[1] - calls[0] <= 1.4

    post(work)


def test_stopping_waits_for_the_calls_under_way(post):
    """A stop claims nothing more, and what was being sent is recorded as sent."""

    async def slowly(channel, letter):
        await asyncio.sleep(0.3)
        return channel.take(letter)

    async def work(p):
        id_ = await p.put(100)
        channel = MemoryChannel(act=slowly)
        worker = worker_on(p.outbox, channel)
        running = asyncio.create_task(worker.run())
        while not channel.under_way:
            await asyncio.sleep(0.01)
        worker.stop()
        await running
        assert await p.outbox.counts(id_) == Balance(sent=16, pending=84)
        assert len(channel.arrived) == 16

    post(work)


def test_stopping_has_an_end(post):
    """A platform that never answers holds the stop up only as long as stated; its calls count as unclear."""

    async def never(_channel, _letter):
        await asyncio.sleep(3600)

    async def work(p):
        id_ = await p.put(3)
        channel = MemoryChannel(replace(BLIND, timeout_seconds=600), act=never)
        worker = worker_on(p.outbox, channel, rhythm=replace(QUICK, stop_seconds=0.3))
        running = asyncio.create_task(worker.run())
        while not channel.under_way:
            await asyncio.sleep(0.01)
        worker.stop()
        started = time.monotonic()
        await running
        assert time.monotonic() - started < 1
        assert await p.outbox.counts(id_) == Balance(held=3)

    post(work)


def test_a_database_that_hangs_does_not_hold_the_stop_up(post):
    """Where a transaction never ends, the stop does, as long as stated."""

    class Hanging(OutboxStore):
        async def claim(self, *_args, **_named):
            await asyncio.sleep(3600)

        record = claim

    async def work(p):
        rhythm = replace(QUICK, stop_seconds=0.3, record_seconds=0.3)
        worker = worker_on(Hanging(p.engine), MemoryChannel(), rhythm=rhythm)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.1)
        worker.stop()
        started = time.monotonic()
        await running
        assert time.monotonic() - started < 2

    post(work)


class Failing:
    """An outbox whose database fails every other time."""

    def __init__(self, outbox):
        self._outbox, self._calls = outbox, 0

    def __getattr__(self, name):
        method = getattr(self._outbox, name)

        async def sometimes(*positional, **named):
            self._calls += 1
            if self._calls % 2:
                raise ConnectionError("the database restarts")
            return await method(*positional, **named)

        return sometimes


def test_errors_of_the_database_lose_no_result(post):
    """A database that fails half of the time delays deliveries, and loses and doubles none."""

    async def work(p):
        channel = MemoryChannel()
        worker = worker_on(Failing(p.outbox), channel, rhythm=replace(QUICK, first_retry_seconds=0.01))
        assert await p.ends(await p.put(60), worker) == Balance(sent=60)
        assert set(channel.arrived.values()) == {1}

    post(work)


def test_a_dead_platform_does_not_delay_another(post):
    """Each channel has a worker of its own."""

    async def never(_channel, _letter):
        await asyncio.sleep(3600)

    async def work(p):
        await p.put(50, channel="dead")
        id_ = await p.put(50)
        dead = MemoryChannel(replace(BLIND, timeout_seconds=600), act=never, name="dead")
        stuck = worker_on(p.outbox, dead, rhythm=replace(QUICK, stop_seconds=0.1))
        other = asyncio.create_task(stuck.run())
        started = time.monotonic()
        assert await p.ends(id_, worker_on(p.outbox, MemoryChannel())) == Balance(sent=50)
        assert time.monotonic() - started < 2
        stuck.stop()
        await other

    post(work)


def test_a_machine_that_slept_after_the_claim_makes_no_call(post):
    """Where a call could outlast its lease it isn't begun; the delivery waits again."""

    class Sleepy(OutboxStore):
        awake_at = 0.0

        async def claim(self, *positional, **named):
            claimed = await super().claim(*positional, **named)
            self.awake_at = 100.0
            return claimed

    async def work(p):
        outbox, channel = Sleepy(p.engine), MemoryChannel()
        id_ = await p.put(1)
        worker = worker_on(outbox, channel, monotonic=lambda: outbox.awake_at)
        running = asyncio.create_task(worker.run())
        while not channel.arrived:
            await asyncio.sleep(0.01)
        worker.stop()
        await running
        assert await p.outbox.counts(id_) == Balance(sent=1)
        async with p.engine.connect() as connection:
            assert await connection.scalar(select(delivery.c.attempts)) == 2

    post(work)


def test_a_woken_worker_sends_at_once(post):
    """Idle, a worker sends within two seconds; woken, right away."""

    async def work(p):
        channel = MemoryChannel()
        worker = worker_on(p.outbox, channel, rhythm=Rhythm())
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.3)
        started = time.monotonic()
        await p.put(1)
        worker.wake()
        while not channel.arrived and time.monotonic() - started < 3:
            await asyncio.sleep(0.005)
        assert time.monotonic() - started < 0.5
        worker.stop()
        await running

    post(work)


def test_what_a_dead_replica_left_is_taken_over(post):
    """A delivery that a killed replica was sending is read back and sent by another."""

    async def work(p):
        channel = MemoryChannel(replace(MemoryChannel().traits, timeout_seconds=0.3))
        id_ = await p.put(6)
        first, *_ = await p.outbox.claim("memory", channel.traits, most=3, holder="killed")
        channel.take(first.letter)
        assert await p.ends(id_, worker_on(p.outbox, channel)) == Balance(sent=6)
        assert set(channel.arrived.values()) == {1}

    post(work)


def test_a_read_back_without_answer_is_repeated(post):
    """A platform that doesn't say whether a message arrived is asked again; sending to others goes on meanwhile."""

    class Reluctant(MemoryChannel):
        asked = 0

        async def find(self, letter):
            self.asked += 1
            if self.asked == 1:
                await asyncio.sleep(60)
            if self.asked == 2:
                raise KeyError("messages")
            return await super().find(letter)

    async def unclear(channel, letter):
        channel.take(letter)
        return Uncertain(reason="502") if letter.address.to == "C0" else channel.take(letter)

    async def work(p):
        channel = Reluctant(Traits(read_back=True, update=False, timeout_seconds=0.2, settle_seconds=0.05), act=unclear)
        worker = worker_on(p.outbox, channel, rhythm=replace(QUICK, look_again_seconds=0.1))
        assert await p.ends(await p.put(5), worker) == Balance(sent=5)
        assert channel.asked == 3

    post(work)


def test_what_can_no_longer_be_read_back_is_held(post):
    """Unknown deliveries of a channel that can't be read back any more go to a person."""

    async def work(p):
        id_ = await p.put(1)
        readable = MemoryChannel().traits
        (claimed,) = await p.outbox.claim("memory", readable, most=1, holder="x")
        now = await p.outbox.now()
        await p.outbox.record([after_send(claimed, Uncertain(reason="500"), readable, now)])
        assert await p.ends(id_, worker_on(p.outbox, MemoryChannel(BLIND))) == Balance(held=1)

    post(work)
