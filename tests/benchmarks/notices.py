"""`python -m tests.benchmarks.notices`: 10,000 recipients queued, the live page over them, and D7, confirmations at once.

D7: 10,000 confirmations, each pressed three times at the same moment, arriving as fast as they are counted.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from asaka_bot.store.database import open_database
from tests.fakes.notice_world import HANAKO, TARO, TEXT, TO_ALL, NoticeWorld
from tests.fakes.staff import person

_LOOKS = 30
AT_ONCE = 4  # people pressing at the same moment, three times each
AGREED = frozenset({"quiet-hours", "duplicate", "unreachable"})


async def measure(url: str, people: int) -> None:
    """Print all figures for one database."""
    engine = await open_database(url)
    try:
        world = NoticeWorld(engine)
        staff = [person(number, office=(f"第{number % 10}部", f"第{number % 49}課")) for number in range(1, people + 1)]
        await world.hire(*staff, channel="slack")
        number = await _queue(world, people)
        await _look(world, number)
        markers = {each.recipient: each.marker for each in await world.deliver(most=people)}
        await _look(world, number)
        await _confirm(world, number, markers)
        await _look(world, number)
    finally:
        await engine.dispose()


async def _queue(world: NoticeWorld, people: int) -> int:
    made = await world.draft(TEXT, TO_ALL)
    began = time.perf_counter()
    await world.desk.submit(HANAKO, made.id, made.version, AGREED)
    submitted = time.perf_counter()
    await world.desk.approve(TARO, made.id, made.version + 1)
    queued = time.perf_counter()
    print(
        f"{people:,} recipients: expanded and frozen in {submitted - began:.2f} s, "
        f"approved and queued in {queued - submitted:.2f} s, together {queued - began:.2f} s"
    )
    return made.id


async def _look(world: NoticeWorld, number: int) -> None:
    seconds = []
    for _ in range(_LOOKS):
        began = time.perf_counter()
        progress = await world.desk.progress(HANAKO, number)
        seconds.append(time.perf_counter() - began)
    seconds.sort()
    total = progress.total
    print(
        f"live page: median {statistics.median(seconds) * 1000:.0f} ms, slowest {seconds[-1] * 1000:.0f} ms "
        f"(waiting {total.waiting:,}, arrived {total.arrived:,}, confirmed {total.confirmed:,}, of {total.people:,})"
    )


async def press_three_times(world: NoticeWorld, markers: dict[str, str], at_once: int) -> list[float]:
    """Everybody presses 確認しました three times at the same moment; the seconds that each press took, in order of size."""
    seconds: list[float] = []
    gate = asyncio.Semaphore(at_once)

    async def press(recipient: str, marker: str) -> None:
        began = time.perf_counter()
        await world.responses.respond("slack", f"S{recipient}", marker, "confirm")
        seconds.append(time.perf_counter() - began)

    async def three_times(recipient: str, marker: str) -> None:
        async with gate:
            await asyncio.gather(*(press(recipient, marker) for _ in range(3)))

    await asyncio.gather(*(three_times(recipient, marker) for recipient, marker in markers.items()))
    return sorted(seconds)


async def _confirm(world: NoticeWorld, number: int, markers: dict[str, str]) -> None:
    began = time.perf_counter()
    seconds = await press_three_times(world, markers, AT_ONCE)
    took = time.perf_counter() - began
    confirmed = (await world.desk.find(HANAKO, number)).confirmed
    async with world.engine.connect() as connection:
        rows = await connection.scalar(text("SELECT count(*) FROM notice_recipient WHERE confirmed_at IS NOT NULL"))
    print(
        f"D7: {len(seconds):,} presses of {len(markers):,} people in {took:.1f} s, confirmed {confirmed:,} ({rows:,} rows), "
        f"p50 {seconds[len(seconds) // 2] * 1000:.0f} ms, p99 {seconds[int(len(seconds) * 0.99)] * 1000:.0f} ms, "
        f"slowest {seconds[-1] * 1000:.0f} ms"
    )


def main() -> None:
    """Measure on SQLite, or on the database that is given."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--database", default="", help="an empty database; without it SQLite in a folder of its own")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(given.database or f"sqlite+aiosqlite:///{Path(folder) / 'asaka.db'}", given.people))


if __name__ == "__main__":
    main()
