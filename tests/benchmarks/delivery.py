"""How fast and how faithful the delivery is: `python -m tests.benchmarks.delivery [--kills 40]`."""

import argparse
import asyncio
import random
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from asaka_bot.delivery.channel import Traits
from asaka_bot.delivery.worker import Worker
from asaka_bot.outgoing import Address, Kind, Message
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore
from tests.benchmarks import scheduler_peer
from tests.fakes.memory import MemoryChannel
from tests.fakes.server import running
from tests.proofs.kills import Plan, kill_again_and_again
from tests.proofs.lives import SLACK, Ledger, Life, sqlite_in

MESSAGE = Message(title="本日はノー残業デーです", paragraphs=("定時で退庁しましょう。",))
RATES = (7.5, 20.0, 50.0)  # messages a second
MEASURED_SECONDS = 20.0


async def _queue(engine, outbox: OutboxStore, count: int, due_at: datetime | None = None) -> int:
    pairs = [(f"人{n}", Address(channel="memory", to=f"C{n}")) for n in range(count)]
    async with engine.begin() as connection:
        return await outbox.enqueue(
            connection, MESSAGE, kind=Kind.NOTICE, origin="benchmark", recipients=pairs, due_at=due_at
        )


async def _with_worker(folder: Path, channel: MemoryChannel, work: Callable) -> object:
    """Do `work` with an engine, an outbox and a worker; the database is a file, synchronous=FULL."""
    engine = await open_database(sqlite_in(folder))
    outbox = OutboxStore(engine)
    worker = Worker(outbox, channel, holder="benchmark")
    try:
        return await work(engine, outbox, worker)
    finally:
        await engine.dispose()


async def unthrottled(folder: Path) -> tuple[float, float, float]:
    """Seconds to queue 1,000 and 10,000 recipients, and to deliver 10,000."""
    channel = MemoryChannel()

    async def work(engine, outbox, worker):
        started = time.perf_counter()
        await _queue(engine, outbox, 1_000, datetime.now(UTC) + timedelta(days=1))
        thousand = time.perf_counter() - started
        await _queue(engine, outbox, 10_000)
        ten_thousand = time.perf_counter() - started - thousand
        started = time.perf_counter()
        task = asyncio.create_task(worker.run())
        while len(channel.arrived) < 10_000:
            await asyncio.sleep(0.01)
        worker.stop()
        await task
        return thousand, ten_thousand, time.perf_counter() - started

    return await _with_worker(folder, channel, work)


async def at_a_limit(folder: Path, per_second: float) -> tuple[float, float]:
    """The share of the permitted rate that is reached, and the most in any second as a share of it."""
    moments: list[float] = []

    async def act(channel, letter):
        moments.append(time.monotonic())
        await asyncio.sleep(0.05)  # as long as a platform takes
        return channel.take(letter)

    traits = Traits(read_back=True, update=True, per_second=per_second)

    async def work(engine, outbox, worker):
        await _queue(engine, outbox, int(per_second * MEASURED_SECONDS * 2))
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(MEASURED_SECONDS + 1)
        worker.stop()
        await task

    await _with_worker(folder, MemoryChannel(traits, act=act), work)
    measured = [moment for moment in moments if moment < moments[0] + MEASURED_SECONDS]
    most = max(bisect_left(moments, moment + 1) - index for index, moment in enumerate(moments))
    return len(measured) / (per_second * MEASURED_SECONDS), most / per_second


async def latency(folder: Path, turns: int = 20) -> list[float]:
    """Seconds from due to leaving, of an idle worker that nobody wakes; in order."""
    left: list[datetime] = []

    async def act(channel, letter):
        left.append(datetime.now(UTC))
        return channel.take(letter)

    async def work(engine, outbox, worker):
        chance, late = random.Random(1), []
        task = asyncio.create_task(worker.run())
        for turn in range(turns):
            due_at = datetime.now(UTC) + timedelta(seconds=chance.uniform(-0.2, 1.5))
            queued_at = datetime.now(UTC)
            await _queue(engine, outbox, 1, due_at)
            while len(left) == turn:
                await asyncio.sleep(0.01)
            late.append((left[-1] - max(due_at, queued_at)).total_seconds())
        worker.stop()
        await task
        return sorted(late)

    return await _with_worker(folder, MemoryChannel(act=act), work)


def beside_apscheduler(folder: Path, kills: int) -> Table:
    """The same kills, the same fake Slack: what is lost and doubled."""
    recipients, busy_seconds = 500, 0.5
    table = Table("", "kills", "deliveries", "lost", "doubled", title="kill -9 while sending, same fake Slack")
    with running("slack_server", folder, delay_seconds=0.02) as server:
        ledger = Ledger(sqlite_in(folder), server)
        ledger.prepare()
        life = Life(url=server.url, platform="slack", traits=SLACK, database=ledger.database)
        plan = Plan(kills=kills, recipients=recipients, busy_seconds=busy_seconds, unprepared=0)
        kill_again_and_again(ledger, life, plan)
        ours = ledger.verdict()
        ledger.close()
    table.add_row("this outbox", *map(str, (kills, ours.deliveries, ours.lost, ours.doubled)))
    peer_folder = folder / "peer"
    peer_folder.mkdir()
    with running("slack_server", peer_folder, delay_seconds=0.02) as server:
        theirs = scheduler_peer.killed(
            server, peer_folder, kills=kills, recipients=recipients, busy_seconds=busy_seconds
        )
    table.add_row("APScheduler 3.11, SQLAlchemyJobStore", str(kills), *map(str, theirs))
    return table


def main() -> None:
    """Print all figures."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--kills", type=int, default=40)
    kills = arguments.parse_args().kills
    console = Console()
    table = Table("figure", "measured", "target", title="Delivery on SQLite (WAL, synchronous=FULL)")
    with tempfile.TemporaryDirectory() as given:
        folders = (folder for number in range(99) if (folder := Path(given) / str(number)).mkdir() is None)
        thousand, ten_thousand, delivered = asyncio.run(unthrottled(next(folders)))
        table.add_row("1,000 recipients queued", f"{thousand:.2f} s", "<= 1 s")
        table.add_row("10,000 recipients queued", f"{ten_thousand:.2f} s", "< 3 s")
        table.add_row("10,000 deliveries, unthrottled", f"{delivered:.1f} s", "<= 20 s")
        for rate in RATES:
            share, most = asyncio.run(at_a_limit(next(folders), rate))
            table.add_row(f"share of {rate:g} messages/s", f"{share:.1%}", ">= 97 %")
            table.add_row("  the most in any second", f"{most:.0%}", f"<= {1.1 + 1 / rate:.0%}")
        late = asyncio.run(latency(next(folders)))
        table.add_row("due to leaving, idle, worst of 20", f"{late[-1]:.2f} s", "<= 2 s")
        console.print(table)
        console.print(beside_apscheduler(next(folders), kills))


if __name__ == "__main__":
    main()
