"""D4: 30 % of the calls answered by 429, in virtual time; pytest -n 0 -m slow tests/proofs/test_d4_rate_limits.py."""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass

import pytest

from asaka_bot.delivery.channel import Later, Traits
from asaka_bot.delivery.worker import Rhythm, Worker
from asaka_bot.outgoing import Address, Kind, Message
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import Balance, OutboxStore
from tests.fakes.memory import MemoryChannel
from tests.proofs.lives import sqlite_in
from tests.proofs.virtual import VirtualTime

TRAITS = Traits(read_back=True, update=True, per_destination_seconds=1.0, concurrency=64)
RHYTHM = Rhythm(settle_seconds=30.0, expire_seconds=30.0)  # nothing is unknown or late here
SHARE = 0.3  # of all calls
TROUBLED = 0.5  # of the destinations; the others are never told to wait
_OF_TROUBLED = 2 * SHARE / (1 + SHARE)  # of the calls to these, for each of their retries is a call again


@dataclass
class Seen:
    """What the platform saw of one destination."""

    free_at: float = 0.0  # as the platform said, or one second after the last call
    calls: int = 0
    early: int = 0
    waited: float = 0.0  # the longest time a call came later than it might have
    retries: int = 0


@pytest.mark.parametrize(
    ("destinations", "each"),
    [(12, 3), pytest.param(200, 50, marks=pytest.mark.slow)],
    ids=["small", "full"],
)
def test_no_call_early_none_lost_others_unaffected(tmp_path, figures, destinations, each):
    """A 429 holds its own destination up, exactly as long as it said."""
    chance, time = random.Random(4), VirtualTime()
    seen: dict[str, Seen] = defaultdict(Seen)

    async def act(channel, letter):
        place = seen[letter.address.to]
        moment = time.monotonic()
        place.early += moment < place.free_at - 1e-6
        place.waited = max(place.waited, moment - place.free_at)
        place.calls += 1
        troubled = int(letter.address.to[1:]) < destinations * TROUBLED
        if troubled and chance.random() < _OF_TROUBLED:
            seconds = chance.randint(1, 30)
            place.free_at, place.retries = moment + seconds, place.retries + 1
            return Later(retry_after_seconds=seconds, reason="429")
        place.free_at = moment + TRAITS.per_destination_seconds
        return channel.take(letter)

    async def run():
        engine = await open_database(sqlite_in(tmp_path))
        outbox, channel, over = OutboxStore(engine, clock=time.now), MemoryChannel(TRAITS, act=act), asyncio.Event()
        to = [f"C{n}" for n in range(destinations)]
        message = Message(title="題", paragraphs=())
        async with engine.begin() as connection:
            pairs = [(f"{place}-{n}", Address(channel="memory", to=place)) for n in range(each) for place in to]
            id_ = await outbox.enqueue(connection, message, kind=Kind.NOTICE, origin="n", recipients=pairs)
        worker = Worker(
            time.watched(outbox), channel, holder="v", rhythm=RHYTHM, sleep=time.sleep, monotonic=time.monotonic
        )
        running, passing = asyncio.create_task(worker.run()), asyncio.create_task(time.pass_until(over))
        while (balance := await outbox.counts(id_)).open:
            await asyncio.sleep(0.05)
        worker.stop()
        await running
        over.set()
        await passing
        await engine.dispose()
        return balance, channel

    balance, channel = asyncio.run(run())
    calls, retries = (sum(getattr(place, name) for place in seen.values()) for name in ("calls", "retries"))
    calm = [place for place in seen.values() if not place.retries]
    figures(
        "D4 429 in virtual time",
        destinations=destinations,
        calls=calls,
        share_of_429=f"{retries / calls:.0%}",
        early=sum(place.early for place in seen.values()),
        lost=destinations * each - balance.sent,
        longest_delay_of_untroubled_destinations=f"{max(place.waited for place in calm):.2f} s",
        longest_delay_of_troubled_ones=f"{max(place.waited for place in seen.values()):.2f} s",
        virtual_minutes=f"{time.monotonic() / 60:.1f}",
    )
    assert balance == Balance(sent=destinations * each)
    assert set(channel.arrived.values()) == {1}
    assert sum(place.early for place in seen.values()) == 0
    assert max(place.waited for place in calm) <= 1.0
