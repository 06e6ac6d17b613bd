"""S1: schedulers killed again and again; pytest -n 0 -m slow tests/proofs/test_s1_schedulers.py."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from asaka_bot.reminders import files
from asaka_bot.reminders.flow import ReminderFlow
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.reminders import ReminderStore
from asaka_bot.tokyo import TOKYO
from tests.proofs.lives import sqlite_in
from tests.proofs.nursery import warm
from tests.proofs.schedulers import FastTime, start, write_schedule

MONDAY = datetime(2027, 5, 10, 0, 0, tzinfo=TOKYO)  # nothing is closed by the calendar from here on but holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much happens."""

    rules: int
    weeks: int
    kills: int
    replicas: int
    seconds_a_week: float


SMALL = Plan(rules=10, weeks=1, kills=4, replicas=2, seconds_a_week=5.0)
FULL = Plan(rules=20, weeks=40, kills=240, replicas=4, seconds_a_week=9.0)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("plan", [SMALL, pytest.param(FULL, marks=pytest.mark.slow)], ids=["small", "full"])
def test_every_occurrence_once(request, tmp_path, figures, plan, kind):
    """Each due day of each rule gets one row, and each that was sent exactly one message, whoever dies meanwhile."""
    database = sqlite_in(tmp_path) if kind == "sqlite" else request.getfixturevalue("postgresql")
    folder = write_schedule(tmp_path / "schedules", plan.rules)
    asyncio.run(first_look(database, folder))
    warm()
    fast = FastTime(start=MONDAY, began=time.monotonic(), speed=7 * 86_400 / plan.seconds_a_week)
    kills = run(database, folder, fast, plan)
    rows, messages, deliveries = count(database, plan)
    figures(
        f"S1 {kind}",
        schedulers=plan.replicas,
        kills=kills,
        occurrences=sum(rows.values()),
        **{status: rows[status] for status in sorted(rows)},
        messages=sum(messages.values()),
    )
    assert kills >= plan.kills
    assert sum(rows.values()) == plan.rules * plan.weeks
    assert set(rows) <= {"sent", "missed", "skipped"}  # missed: every scheduler was dead until the day was over
    assert rows["sent"] > 0, "no scheduler lived long enough to send: nothing is proved"
    assert sum(messages.values()) == rows["sent"] == deliveries
    assert set(messages.values()) <= {1}


def run(database, folder, fast, plan):
    """Kill one scheduler after the other until the weeks are over; then let one finish."""
    dice = random.Random(7)
    living = [start(database, folder, fast) for _ in range(plan.replicas)]
    pause = plan.weeks * plan.seconds_a_week / plan.kills
    end = fast.began + plan.weeks * plan.seconds_a_week
    kills = 0
    while kills < plan.kills or time.monotonic() < end:
        time.sleep(min(pause * dice.uniform(0.5, 1.2), max(0.0, end - time.monotonic()) + 0.05))
        if kills < plan.kills:
            victim = living.pop(dice.randrange(len(living)))
            victim.kill()
            victim.join()
            kills += 1
            living.append(start(database, folder, fast))
    wait_for(database, plan)
    for process in living:
        process.terminate()
        process.join()
    return kills


def wait_for(database, plan):
    """Until everything due by the end of the last week is decided; what comes later is not counted."""
    limit = time.monotonic() + 30
    while sum(count(database, plan)[0].values()) < plan.rules * plan.weeks and time.monotonic() < limit:
        time.sleep(0.1)


async def first_look(database, folder):
    """The rules are known from the first moment on, however long the first scheduler takes to live."""

    async def monday():
        return MONDAY

    engine = await open_database(database)
    book = ReminderStore(engine, OutboxStore(engine, clock=monday), clock=monday)
    await ReminderFlow(files.load(folder), book).tick()
    await engine.dispose()


def count(database, plan):
    """Rows by status, messages by occurrence, and deliveries, of the weeks that the proof is about."""
    engine = create_engine(database.replace("+aiosqlite", ""))
    last = (MONDAY + timedelta(weeks=plan.weeks) - timedelta(days=1)).date()
    within = "FROM occurrence WHERE local_date <= :last"
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT status, count(*) {within} GROUP BY status"), {"last": last}).all()
        named = text(
            "SELECT o.rule, o.local_date, count(m.id) FROM occurrence o JOIN message m ON m.id = o.message_id"
            " WHERE o.local_date <= :last GROUP BY o.rule, o.local_date"
        )
        messages = {(rule, day): n for rule, day, n in connection.execute(named, {"last": last})}
        orphans = connection.execute(
            text(
                "SELECT count(*) FROM message WHERE id NOT IN (SELECT message_id FROM occurrence WHERE message_id IS NOT NULL)"
            )
        ).scalar_one()
        deliveries = connection.execute(
            text(
                "SELECT count(*) FROM delivery d JOIN occurrence o ON o.message_id = d.message_id"
                " WHERE o.local_date <= :last"
            ),
            {"last": last},
        ).scalar_one()
    engine.dispose()
    assert orphans == 0
    return Counter(dict(rows)), Counter(messages), deliveries
