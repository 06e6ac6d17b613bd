"""The outbox in the database: who claims what and when, what is written down, what people decide; on both databases."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.delivery.channel import Absent, Found, Later, Refused, Sent, Traits, Uncertain
from asaka_bot.delivery.outbox import State, after_lookup, after_send, after_uncertainty, never_started
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, Kind, Message, WhenUncertain
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import Balance, Decision, OutboxStore
from asaka_bot.store.tables import sending_hold

START = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FREE = Traits(read_back=True, update=False)
GENTLE = replace(FREE, per_destination_seconds=1.0)
MESSAGE = Message(
    title="本日はノー残業デーです",
    paragraphs=("定時で退庁しましょう😀",),
    also=("10月の予定表",),
    topics=(Option(label="年休", topic="annual-leave"),),
    source="行動計画 3(2)",
)


@dataclass
class Bench:
    """An outbox on a clock that the test moves."""

    engine: AsyncEngine
    moment: datetime = START

    def __post_init__(self) -> None:
        self.outbox = OutboxStore(self.engine, clock=self.now)

    async def now(self) -> datetime:
        return self.moment

    def later(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    async def put(self, *to: str, channel="slack", **what) -> int:
        pairs = [(f"人{n}", Address(channel=channel, to=place)) for n, place in enumerate(to)]
        async with self.engine.begin() as connection:
            return await self.outbox.enqueue(
                connection, MESSAGE, kind=Kind.NOTICE, origin="n-1", recipients=pairs, **what
            )

    async def claim(self, most=16, traits=FREE, holder="a", channel="slack", finished=()):
        return await self.outbox.claim(channel, traits, most=most, holder=holder, finished=finished)

    async def places(self, **how) -> list[str]:
        return [delivery.address.to for delivery in await self.claim(**how)]

    async def end(self, delivery, outcome, traits=FREE) -> None:
        await self.outbox.record([after_send(delivery, outcome, traits, self.moment)])


@pytest.fixture
def bench(url) -> Callable[[Callable[[Bench], Awaitable[object]]], object]:
    """Runs a test's coroutine with a bench over a fresh database."""

    def run(work):
        async def inside():
            engine = await open_database(url)
            try:
                return await work(Bench(engine))
            finally:
                await engine.dispose()

        return asyncio.run(inside())

    return run


def test_what_is_queued_comes_out_whole(bench):
    """A claimed delivery carries message, recipient, address and the mark of its call."""

    async def work(b):
        id_ = await b.put("C1", when_uncertain=WhenUncertain.RESEND)
        (got,) = await b.claim()
        assert (got.message, got.message_id, got.when_uncertain) == (MESSAGE, id_, WhenUncertain.RESEND)
        assert (got.recipient, got.address) == ("人0", Address(channel="slack", to="C1"))
        assert (got.state, got.attempts, got.started_at) == (State.SENDING, 1, START)
        assert len(got.marker) == 32

    bench(work)


def test_a_rolled_back_transaction_queues_nothing(bench):
    """The outbox rows belong to the transaction of the feature that queues them."""

    async def work(b):
        async with b.engine.connect() as connection, connection.begin() as transaction:
            pairs = [("x", Address(channel="slack", to="C1"))]
            await b.outbox.enqueue(connection, MESSAGE, kind=Kind.TEST, origin="o", recipients=pairs)
            await transaction.rollback()
        assert await b.claim() == []
        assert await b.outbox.recent(5) == []

    bench(work)


def test_a_recipient_named_twice_gets_one(bench):
    """One delivery for each recipient and channel, to the first address given."""

    async def work(b):
        to = [("私", Address(channel="slack", to=place)) for place in ("C1", "C2")]
        async with b.engine.begin() as connection:
            await b.outbox.enqueue(
                connection,
                MESSAGE,
                kind=Kind.TEST,
                origin="o",
                recipients=[*to, ("私", Address(channel="web", to="everyone"))],
            )
        assert await b.places() == ["C1"]
        assert await b.places(channel="web") == ["everyone"]

    bench(work)


def test_order_is_priority_then_due_then_age(bench):
    """The smaller priority leaves first, then what was due first, then what was queued first."""

    async def work(b):
        await b.put("late", due_at=START - timedelta(minutes=1))
        await b.put("old-1", "old-2", due_at=START - timedelta(minutes=5))
        await b.put("urgent", priority=1)
        await b.put("future", due_at=START + timedelta(seconds=1), priority=0)
        assert await b.places(most=3) == ["urgent", "old-1", "old-2"]
        b.later(1)
        assert await b.places() == ["future", "late"]

    bench(work)


def test_nobody_claims_what_is_claimed(bench):
    """Ten claims at once share the deliveries out without giving one twice."""

    async def work(b):
        await b.put(*(f"C{n}" for n in range(40)))
        shares = await asyncio.gather(*(b.claim(most=5, holder=f"h{n}") for n in range(10)))
        shares += [await b.claim(most=40)]
        assert Counter(d.address.to for share in shares for d in share) == {f"C{n}": 1 for n in range(40)}

    bench(work)


def test_one_call_at_a_time_to_a_gentle_destination(bench):
    """With a shortest time per destination, one delivery is under way to it, and the next waits its time."""

    async def work(b):
        await b.put("C1", "C1", "C2", "C1")
        first, second = await b.claim(traits=GENTLE)
        assert [first.address.to, second.address.to] == ["C1", "C2"]
        b.later(5)
        assert await b.claim(traits=GENTLE) == []  # the call to C1 is still under way
        await b.end(first, Sent(platform_ref="1"))
        assert await b.places(traits=GENTLE) == ["C1"]
        assert await b.claim(traits=GENTLE) == []

    bench(work)


def test_a_busy_destination_does_not_hide_the_others(bench):
    """Three hundred deliveries to one address don't keep the one behind them from leaving."""

    async def work(b):
        await b.put(*["C1"] * 300, "C2")
        assert await b.places(traits=GENTLE, most=16) == ["C1", "C2"]

    bench(work)


def test_replicas_respect_each_others_destinations(bench):
    """Claims of several replicas at the same moment give a gentle destination one delivery."""

    async def work(b):
        await b.put(*["C1"] * 20)
        shares = await asyncio.gather(*(b.claim(traits=GENTLE, holder=f"h{n}") for n in range(8)))
        assert sum(len(share) for share in shares) == 1

    bench(work)


def test_the_platform_budget_is_shared(bench):
    """However many replicas claim at one moment, the platform's rate holds for all of them together."""

    async def work(b):
        await b.put(*(f"C{n}" for n in range(60)))
        paced = replace(FREE, per_second=10.0)
        left = []
        for turn in range(20):
            shares = await asyncio.gather(*(b.claim(traits=paced, holder=f"h{n}") for n in range(4)))
            left += [turn * 0.1 + one.leave_in_seconds for share in shares for one in share]
            assert 0 < await b.outbox.seconds_to_next("slack", paced) <= 0.3
            b.later(0.1)
        assert sorted(left) == pytest.approx([number / 10 for number in range(len(left))])
        assert 20 <= len(left) <= 24

    bench(work)


def test_a_destination_that_asked_for_patience_is_left_alone(bench):
    """After a 429 its address waits as long as it said, also for other messages; other addresses don't."""

    async def work(b):
        await b.put("C1")
        (first,) = await b.claim()
        await b.end(first, Later(retry_after_seconds=30, reason="429"))
        await b.put("C1", "C2")
        assert await b.places() == ["C2"]
        assert await b.outbox.seconds_to_next("slack", FREE) == pytest.approx(30, abs=0.1)
        b.later(29.9)
        assert await b.claim() == []
        b.later(0.2)
        assert len(await b.claim()) == 2

    bench(work)


def test_nothing_leaves_while_sending_is_on_hold(bench):
    """An unreleased hold stops every claim; after its release all goes on."""

    async def work(b):
        await b.put("C1")
        async with b.engine.begin() as connection:
            await connection.execute(insert(sending_hold).values(reason="復元", since=START))
        assert await b.claim() == []
        assert await b.outbox.seconds_to_next("slack", FREE) is None
        async with b.engine.begin() as connection:
            await connection.execute(update(sending_hold).values(released_at=START, released_by="人事"))
        assert await b.places() == ["C1"]

    bench(work)


def test_results_are_written_with_the_next_claim(bench):
    """One transaction records what has finished and claims what comes next."""

    async def work(b):
        id_ = await b.put("C1", "C2")
        (first,) = await b.claim(most=1)
        result = after_send(first, Sent(platform_ref="ts-1"), FREE, START)
        assert await b.places(most=1, finished=[result]) == ["C2"]
        assert await b.outbox.counts(id_) == Balance(sent=1, sending=1)

    bench(work)


def test_a_dead_replica_is_taken_over_after_its_lease(bench):
    """What a dead replica was sending is found once its lease has run out, not before."""

    async def work(b):
        id_ = await b.put("C1")
        await b.claim(holder="dies")
        b.later(29)
        assert await b.outbox.claim_abandoned("slack", FREE, most=9) == []
        b.later(2)
        (left,) = await b.outbox.claim_abandoned("slack", FREE, most=9)
        await b.outbox.record([after_uncertainty(left, "途中で止まりました", FREE, b.moment)])
        assert await b.outbox.counts(id_) == Balance(unknown=1)
        assert await b.outbox.claim_lookups("slack", FREE, most=9, holder="b") == []
        b.later(59)
        assert await b.outbox.claim_lookups("slack", FREE, most=9, holder="b") == []
        b.later(2)
        (unknown,) = await b.outbox.claim_lookups("slack", FREE, most=9, holder="b")
        assert await b.outbox.claim_lookups("slack", FREE, most=9, holder="c") == []
        await b.outbox.record([after_lookup(unknown, Found(platform_ref="ts"), b.moment)])
        assert await b.outbox.counts(id_) == Balance(sent=1)

    bench(work)


def test_an_answer_that_comes_late_counts_if_no_other_call_began(bench):
    """A slow replica's certain answer settles what others held for unknown, but not what they sent again."""

    async def work(b):
        id_ = await b.put("C1", "C2")
        slow = await b.claim(holder="slow")
        await b.outbox.record([after_uncertainty(d, "?", FREE, START) for d in slow])
        await b.end(slow[0], Sent(platform_ref="ts"))
        await b.outbox.record([after_lookup(slow[1], Absent(), START)])
        (again,) = await b.claim(holder="b")
        await b.end(slow[1], Refused(reason="too late to matter"))
        assert await b.outbox.counts(id_) == Balance(sent=1, sending=1)
        await b.end(again, Sent(platform_ref="ts"))
        await b.end(again, Uncertain(reason="said twice"))
        assert await b.outbox.counts(id_) == Balance(sent=2)

    bench(work)


def test_held_and_dead_are_listed_and_decided(bench):
    """A person sends again or confirms what is held, sends again what was refused; the first word counts."""

    async def work(b):
        teams = replace(FREE, read_back=False)
        id_ = await b.put("C1", "C2", "C3")
        one, two, three = await b.claim()
        await b.end(one, Uncertain(reason="応答がありませんでした。"), teams)
        await b.end(two, Uncertain(reason="応答がありませんでした。"), teams)
        await b.end(three, Refused(reason="送信先が受け付けませんでした（channel_not_found）。"))
        listed = await b.outbox.held()
        assert [(d.state, d.address.to) for d in listed] == [("held", "C1"), ("held", "C2"), ("dead", "C3")]
        assert (listed[2].title, listed[2].reason[-20:]) == (MESSAGE.title, "（channel_not_found）。")
        assert await b.outbox.decide(one.marker, Decision.SENT, "人事 花子")
        assert not await b.outbox.decide(one.marker, Decision.RESEND, "人事 太郎")
        assert not await b.outbox.decide(three.marker, Decision.SENT, "人事 太郎")
        assert await b.outbox.decide(two.marker, Decision.RESEND, "人事 太郎")
        assert await b.outbox.decide(three.marker, Decision.RESEND, "人事 太郎")
        assert await b.outbox.counts(id_) == Balance(sent=1, pending=2)
        assert [d.attempts for d in await b.claim()] == [2, 2]

    bench(work)


def test_a_cancelled_message_never_leaves_again(bench):
    """Cancelling takes back what waits and what is held; what comes back from the platform later stays back too."""

    async def work(b):
        id_ = await b.put("C1", "C2", "C3", "C4")
        sent, back, held = await b.claim(most=3)
        await b.end(held, Uncertain(reason="?"), replace(FREE, read_back=False))
        assert await b.outbox.cancel(id_) == 2
        await b.end(sent, Sent(platform_ref="ts"))
        await b.end(back, Later(retry_after_seconds=1, reason="429"))
        b.later(5)
        assert await b.claim() == []
        assert await b.outbox.seconds_to_next("slack", FREE) is None
        assert await b.outbox.expire("slack") == 1
        assert await b.outbox.counts(id_) == Balance(sent=1, cancelled=3)
        assert not await b.outbox.decide(held.marker, Decision.RESEND, "人事")

    bench(work)


def test_what_is_too_late_stays(bench):
    """After its `until` a delivery isn't claimed any more, and is cancelled with a reason."""

    async def work(b):
        id_ = await b.put("C1", until=START + timedelta(minutes=1))
        other = await b.put("C2")
        b.later(60)
        assert await b.places() == ["C2"]
        assert await b.outbox.expire("web") == 0
        assert await b.outbox.expire("slack") == 1
        assert await b.outbox.counts(id_) == Balance(cancelled=1)
        assert (await b.outbox.counts(other)).sending == 1

    bench(work)


def test_recent_messages_with_their_counts(bench):
    """The newest first, each with what it says and where its deliveries stand."""

    async def work(b):
        await b.put("C1")
        b.later(60)
        second = await b.put("C1", "C2", until=START + timedelta(hours=3))
        (delivery, *_) = await b.claim(most=2)
        await b.end(delivery, Sent(platform_ref="ts"))
        newest, oldest = await b.outbox.recent(9)
        assert (newest.message_id, newest.message, newest.kind) == (second, MESSAGE, Kind.NOTICE)
        assert (newest.created_at, newest.until) == (b.moment, START + timedelta(hours=3))
        assert newest.balance == Balance(sending=1, pending=1)
        assert (oldest.balance, oldest.finished_at) == (Balance(sent=1), b.moment)
        assert [d.message_id for d in await b.outbox.recent(1)] == [second]

    bench(work)


def test_when_the_next_one_is_due(bench):
    """The next moment counts due times and destinations that want patience; an empty outbox has none."""

    async def work(b):
        assert await b.outbox.next_due() is None
        assert await b.outbox.seconds_to_next("slack", GENTLE) is None
        await b.put("C1", due_at=START + timedelta(seconds=40))
        assert await b.outbox.next_due("slack") == START + timedelta(seconds=40)
        assert await b.outbox.next_due("web") is None
        assert await b.outbox.seconds_to_next("slack", GENTLE) == 40
        b.later(41)
        assert await b.outbox.seconds_to_next("slack", GENTLE) == 0
        await b.claim(traits=GENTLE)
        await b.put("C1")
        assert await b.outbox.seconds_to_next("slack", GENTLE) is None  # its destination is busy
        assert await b.outbox.seconds_to_next("slack", FREE) == 1  # and has just been written to

    bench(work)


def test_what_was_never_started_waits_again(bench):
    """A worker that stops between claim and call gives the delivery back."""

    async def work(b):
        await b.put("C1")
        (claimed,) = await b.claim()
        await b.outbox.record([never_started(claimed)])
        assert await b.places() == ["C1"]

    bench(work)


def test_the_database_has_a_clock(url):
    """Without a clock of its own the outbox asks the database."""

    async def work():
        engine = await open_database(url)
        now = await OutboxStore(engine).now()
        await engine.dispose()
        return now

    assert abs((asyncio.run(work()) - datetime.now(UTC)).total_seconds()) < 2


def test_ten_thousand_recipients_are_queued_quickly(bench):
    """1,000 recipients take less than a second, 10,000 less than three."""

    async def work(b):
        started = time.perf_counter()
        await b.put(*(f"C{n}" for n in range(1_000)))
        thousand = time.perf_counter() - started
        await b.put(*(f"C{n}" for n in range(10_000)))
        return thousand, time.perf_counter() - started - thousand

    thousand, ten_thousand = bench(work)
    assert thousand <= 1
    assert ten_thousand <= 3


OUTCOMES = (
    Sent(platform_ref="ts"),
    Later(retry_after_seconds=2, reason="429"),
    Refused(reason="404"),
    Uncertain(reason="500"),
)


class Disorder:
    """Everything that can happen to an outbox, by chance; answers come late, twice, or never."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench, self.chance, self.calls = bench, random.Random(seed), []
        self.events = (self.claim, self.claim, self.answer, self.answer, self.settle, self.decide)

    async def happen(self) -> None:
        traits = replace(GENTLE, read_back=self.chance.random() < 0.5)
        await self.chance.choice(self.events)(traits)
        self.bench.later(self.chance.choice([0.2, 0.2, 0.5, 0.5, 1, 40]))
        await self.bench.outbox.expire("slack")

    async def claim(self, traits):
        self.calls += await self.bench.claim(traits=traits, most=3)

    async def answer(self, traits):
        if self.calls:
            await self.bench.end(self.chance.choice(self.calls), self.chance.choice(OUTCOMES), traits)

    async def settle(self, traits):
        outbox, now = self.bench.outbox, self.bench.moment
        left = await outbox.claim_abandoned("slack", traits, most=9)
        unknown = await outbox.claim_lookups("slack", traits, most=9, holder="l")
        await outbox.record([after_uncertainty(d, "?", traits, now) for d in left])
        found = [self.chance.choice([Absent(), Found(platform_ref="ts")]) for _ in unknown]
        await outbox.record([after_lookup(d, said, now) for d, said in zip(unknown, found, strict=True)])

    async def decide(self, _traits):
        for one in await self.bench.outbox.held():
            await self.bench.outbox.decide(one.marker, self.chance.choice(list(Decision)), "人事")


def test_the_balance_always_holds(bench):
    """Whatever happens in whatever order, every recipient is counted once, and what is sent stays sent."""

    async def work(b):
        until = START + timedelta(minutes=9)
        messages = {await b.put(*(f"C{n}" for n in range(count)), until=until): count for count in (5, 9)}
        disorder, sent = Disorder(b, 3), 0
        for step in range(90):
            await disorder.happen()
            if step == 60:
                await b.outbox.cancel(min(messages))
            balances = {id_: await b.outbox.counts(id_) for id_ in messages}
            assert {id_: balance.total for id_, balance in balances.items()} == messages
            assert sum(balance.sent for balance in balances.values()) >= sent
            sent = sum(balance.sent for balance in balances.values())
        assert sent

    bench(work)
