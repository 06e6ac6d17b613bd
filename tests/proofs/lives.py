"""Replicas as processes that can be killed, and the count of what arrived in the end."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.delivery.channel import Channel, Traits
from asaka_bot.delivery.worker import Rhythm, Worker
from asaka_bot.outgoing import Address, Kind, Message
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore, Undelivered
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.tables import contact_point
from tests.fakes.gateways import slack_gateway, teams_gateway
from tests.fakes.server import Running
from tests.proofs.nursery import nursery

MESSAGE = Message(title="本日はノー残業デーです", paragraphs=("定時で退庁しましょう。",))

# A tenth and less of the times in production, so that a thousand lives fit into minutes; their order is the same:
# a call < its lease < the settling.
SLACK = Traits(
    read_back=True, update=True, timeout_seconds=0.5, settle_seconds=3.0, per_destination_seconds=0.05, concurrency=16
)
TEAMS = replace(SLACK, read_back=False)
QUICK = Rhythm(poll_seconds=0.2, settle_seconds=0.2, look_again_seconds=0.5, expire_seconds=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One replica from its start to its end."""

    url: str
    platform: str
    traits: Traits
    holder: str = "r"
    lease_margin_seconds: float = 0.5
    rhythm: Rhythm = QUICK
    database: str
    proof: int = field(default_factory=os.getpid)


def live(life: Life) -> None:
    """Deliver until killed, or asked to stop by SIGTERM."""
    # What a replica says matters to people, not to the proof; writing it would cost time.
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for as long as the process lives
    asyncio.run(_deliver(life))


async def end_with(proof: int) -> None:
    """Don't outlive a proof that was broken off."""
    while True:
        await asyncio.sleep(2)
        try:
            os.kill(proof, 0)
        except ProcessLookupError:
            os._exit(1)


async def _deliver(life: Life) -> None:
    engine = await open_database(life.database)
    outbox = OutboxStore(engine, lease_margin_seconds=life.lease_margin_seconds)
    async with _gateway(life, engine) as channel:
        worker = Worker(outbox, channel, holder=life.holder, rhythm=life.rhythm)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        orphaned = asyncio.create_task(end_with(life.proof))
        await worker.run()
        orphaned.cancel()
    await engine.dispose()


def _gateway(life: Life, engine: AsyncEngine) -> AbstractAsyncContextManager[Channel]:
    """The shipped channel, over the platform's own library."""
    if life.platform == "slack":
        return slack_gateway(life.url, life.traits)
    return teams_gateway(AddressBook(engine), life.traits)


def start(life: Life) -> multiprocessing.Process:
    """Begin a life; forked from a process that has everything imported, so that it soon delivers."""
    process = nursery.Process(target=live, args=(life,), daemon=True)
    process.start()
    return process


class Ledger:
    """The outbox and the platform's journal, seen from outside."""

    def __init__(self, database: str, server: Running) -> None:
        self.database, self._server = database, server
        self._engine = create_engine(database.replace("+aiosqlite", ""))
        self._counts = Counter()

    def prepare(self) -> None:
        """Make the tables."""
        asyncio.run(self._with_outbox(None))

    async def _with_outbox(self, work) -> object:
        engine = await open_database(self.database)
        try:
            return await work(engine, OutboxStore(engine)) if work else None
        finally:
            await engine.dispose()

    def introduce(self, recipients: int) -> None:
        """Let the bot know so many people on Teams, as it does once they have written to it."""

        async def work(engine, _outbox: OutboxStore) -> None:
            known = {"channel": "teams", "email": "", "service_url": self._server.url, "tenant": "", "reachable": True}
            names = [_address(n) for n in range(recipients)]
            rows = [{**known, "user": name, "address": name, "learned_at": datetime.now(UTC)} for name in names]
            async with engine.begin() as connection:
                await connection.execute(insert(contact_point), rows)

        asyncio.run(self._with_outbox(work))

    def broadcast(self, recipients: int, channel: str) -> int:
        """Queue a message for so many recipients, each with an address of their own."""

        async def work(engine, outbox: OutboxStore) -> int:
            pairs = [(f"人{n}", Address(channel=channel, to=_address(n))) for n in range(recipients)]
            async with engine.begin() as connection:
                return await outbox.enqueue(connection, MESSAGE, kind=Kind.NOTICE, origin="proof", recipients=pairs)

        return asyncio.run(self._with_outbox(work))

    def cancel(self, message_id: int) -> int:
        """Withdraw a message."""
        return asyncio.run(self._with_outbox(lambda _engine, outbox: outbox.cancel(message_id)))

    def held(self) -> list[Undelivered]:
        """What HR sees."""
        return asyncio.run(self._with_outbox(lambda _engine, outbox: outbox.held(limit=1_000_000)))

    def states(self) -> Counter[str]:
        """How many deliveries are in which state."""
        with self._engine.connect() as connection:
            return Counter(dict(connection.execute(text("SELECT state, count(*) FROM delivery GROUP BY state")).all()))

    def open(self) -> int:
        """How many deliveries the outbox still works on."""
        states = self.states()
        return states["pending"] + states["sending"] + states["unknown"]

    def holders(self) -> Counter[str]:
        """How many deliveries each replica is sending."""
        asked = text("SELECT lease_holder, count(*) FROM delivery WHERE state = 'sending' GROUP BY lease_holder")
        with self._engine.connect() as connection:
            return Counter(dict(connection.execute(asked).all()))

    def verdict(self) -> "Verdict":
        """Compare the outbox with what the platform accepted."""
        arrived = Counter(line["marker"] for line in self._server.accepted())
        with self._engine.connect() as connection:
            states = dict(connection.execute(text("SELECT marker, state FROM delivery")).all())
        return Verdict(
            deliveries=len(states),
            states=Counter(states.values()),
            lost=sum(state == "sent" and not arrived[marker] for marker, state in states.items())
            + sum(state not in ("sent", "held", "dead", "cancelled") for state in states.values()),
            doubled=sum(count > 1 for count in arrived.values()),
            strangers=len(arrived.keys() - states.keys()),
        )

    def close(self) -> None:
        self._engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a proof."""

    deliveries: int
    states: Counter[str]
    lost: int  # said to be sent but never accepted, or not at an end
    doubled: int  # accepted more than once
    strangers: int  # accepted, but unknown to the outbox


def _address(number: int) -> str:
    return f"D{number:06d}"


def sqlite_in(folder: Path) -> str:
    """A database in a file of its own."""
    return f"sqlite+aiosqlite:///{folder / 'asaka.db'}"
