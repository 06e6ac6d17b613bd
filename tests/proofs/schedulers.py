"""Schedulers as processes that can be killed, in a time that runs faster than the clock on the wall."""

import asyncio
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from asaka_bot.reminders import files
from asaka_bot.reminders.clock import Clock
from asaka_bot.reminders.flow import ReminderFlow
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.reminders import ReminderStore
from tests.proofs.nursery import nursery

_RULE = """
  - id: {id}
    title: お知らせ{id}
    subject: overtime
    when: {{weekly: {weekday}}}
    when_closed: skip
    time: "{hour:02d}:00"
    until: "23:59"
    audience: everyone
    destinations: [web:{id}]
    priority: {number}
    source: 第5-1
    line: お知らせ{id}です。
    texts: [{{title: お知らせ{id}, text: [今日は{id}の日です。]}}]
"""
_FILES = {
    "calendar.yaml": "yearly: []\nclosures: []\nholidays: []\nconfirmed_years: [2026, 2027]\n",
    "destinations.yaml": "destinations:\n  everyone: [web:everyone]\n  managers: [web:managers]\n  hr: [web:hr]\n",
    "wording.yaml": "next_days: {}\nfigures: {}\navoid: []\n",
}


def write_schedule(folder: Path, rules: int) -> Path:
    """A schedule with so many weekly rules, each with a place of its own, spread over the working week."""
    folder.mkdir()
    for name, text in _FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    days = ("mon", "tue", "wed", "thu", "fri")
    written = "valid: {from: 2026-04-01, to: 2031-03-31}\nrules:\n" + "".join(
        _RULE.format(id=f"r{number:02d}", weekday=days[number % 5], hour=8 + number // 5, number=number + 1)
        for number in range(rules)
    )
    (folder / "rules.yaml").write_text(written, encoding="utf-8")
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class FastTime:
    """From `began` (seconds of the machine's own clock) on, time starts at `start` and runs `speed` times as fast."""

    start: datetime
    began: float
    speed: float

    def elapsed(self) -> float:
        """Seconds passed, in fast time."""
        return (time.monotonic() - self.began) * self.speed

    async def now(self) -> datetime:
        """The present moment, in fast time."""
        return self.start + timedelta(seconds=self.elapsed())


def schedule_until_killed(database: str, folder: Path, fast: FastTime) -> None:
    """The life of one scheduler."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for as long as the process lives
    asyncio.run(_schedule(database, folder, fast))


async def _schedule(database: str, folder: Path, fast: FastTime) -> None:
    engine = await open_database(database)
    book = ReminderStore(engine, OutboxStore(engine, clock=fast.now), clock=fast.now)
    flow = ReminderFlow(files.load(folder), book, elapsed=fast.elapsed)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    clock = Clock(flow.tick, every_seconds=0.02)
    clock.start()
    await stopped.wait()
    await clock.stop()
    await engine.dispose()


def start(database: str, folder: Path, fast: FastTime) -> multiprocessing.Process:
    """Begin a scheduler; forked from a process that has everything imported."""
    process = nursery.Process(target=schedule_until_killed, args=(database, folder, fast), daemon=True)
    process.start()
    return process
