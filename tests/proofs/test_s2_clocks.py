"""S2: clocks that are wrong, set and leap; pytest -n 0 -m slow tests/proofs/test_s2_clocks.py."""

import ast
import random
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import asaka_bot
from asaka_bot.reminders import files
from asaka_bot.tokyo import TOKYO
from tests.fakes.reminder_world import in_world
from tests.proofs.lives import sqlite_in

PACKAGE = Path(asaka_bot.__file__).parent
STARTS = (
    datetime(2028, 2, 24, 7, 0, tzinfo=TOKYO),  # 29 February
    datetime(2027, 12, 24, 7, 0, tzinfo=TOKYO),  # a year's end
    datetime(2027, 3, 11, 7, 0, tzinfo=TOKYO),  # summer time begins in New York; the fiscal year ends
    datetime(2026, 10, 28, 7, 0, tzinfo=TOKYO),  # a 31st; summer time ends in New York
    datetime(2027, 9, 27, 7, 0, tzinfo=TOKYO),  # the week of leaving on time
)


@pytest.fixture(params=["UTC", "America/New_York"])
def host(request, monkeypatch):
    """The zone of the machine."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def schedule():
    return files.load(files.SHIPPED)


@pytest.mark.parametrize(
    ("lives", "days"), [(1, 2), pytest.param(10, 10, marks=pytest.mark.slow)], ids=["small", "full"]
)
def test_none_doubled_none_early(tmp_path, schedule, figures, host, lives, days):
    """Clocks go back by up to three days and leap ahead for moments; each due day is decided once, none too early."""
    counted = {"steps": 0, "jumps": 0, "sent": 0}
    for life in range(lives):
        dice = random.Random(life)
        start = STARTS[life % len(STARTS)]

        async def work(world, dice=dice, start=start):
            flows = [world.flow() for _ in range(3)]
            true = start
            while true < start + timedelta(days=days):
                error = dice.choice([0, 0, 0, 0, -1, -60, -3_600, -86_400, -3 * 86_400, 60, 3_600, 3 * 86_400])
                counted["jumps"] += error != 0
                for _ in range(3):  # a wrong clock stays wrong for a minute; then it is put right
                    world.now = true + timedelta(seconds=error)
                    await dice.choice(flows).tick()
                    true += timedelta(seconds=20)
                    world.elapsed += 20
                step = dice.choice([300, 1_800, 7_200])
                for _ in range(8):
                    true += timedelta(seconds=step / 8)
                    world.elapsed += step / 8
                    world.now = true
                    await dice.choice(flows).tick()
                counted["steps"] += 1
            rows = await world.book.occurrences(start.date() - timedelta(days=30), start.date() + timedelta(days=60))
            sent = [o for o in rows if o.status.value == "sent"]
            assert len(await world.messages()) == len(sent)
            assert all(o.due_at <= true for o in rows)
            for each, moment in (await world.queued()).items():
                assert moment >= each.due_at, each
            counted["sent"] += len(sent)

        in_world(sqlite_in(tmp_path / str(life)), schedule, start, work)
    figures(f"S2 host in {host}", lives=lives, **counted, doubled=0, early=0)
    assert counted["sent"] >= lives
    assert counted["jumps"] > 5 * lives


def test_only_the_database_tells_the_time():
    """Neither reminders nor deliveries nor the store look at the clock of the host; nor can its zone matter to them."""
    asked = []
    for folder in ("reminders", "delivery", "store"):
        for file in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow", "time", "localtime"}:
                    owner = ast.unparse(node.value)
                    if owner in {"datetime", "date", "time", "datetime.datetime", "datetime.date"}:
                        asked.append(f"{file.name}:{node.lineno}: {owner}.{node.attr}")
    assert asked == []
