"""S3: the bot was down for a while; pytest -n 0 -m slow tests/proofs/test_s3_stops.py."""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from asaka_bot.reminders import files
from asaka_bot.reminders.occurrences import occurrences
from asaka_bot.tokyo import TOKYO
from tests.fakes.reminder_world import in_world
from tests.proofs.lives import sqlite_in

DOWN = {
    "10 min": timedelta(minutes=10),
    "3 h": timedelta(hours=3),
    "3 d": timedelta(days=3),
    "30 d": timedelta(days=30),
}


@pytest.fixture(scope="module")
def schedule():
    return files.load(files.SHIPPED)


def expected(schedule, stopped, back):
    """What the policy says of everything that came due while the bot was down, or can still leave today."""
    said = {}
    for each in occurrences(schedule, stopped.date(), back.date()):
        if each.due_at <= back and each.until >= stopped:
            late = back > each.until
            if each.status.value in ("planned", "merged"):
                said[each.rule, each.day] = "missed" if late else {"planned": "sent"}.get(each.status.value, "merged")
            else:
                said[each.rule, each.day] = each.status.value
    return said


@pytest.mark.parametrize(
    ("span", "lives"),
    [*((span, 2) for span in DOWN), *(pytest.param(span, 50, marks=pytest.mark.slow) for span in DOWN)],
)
def test_the_policy_holds_exactly(tmp_path, schedule, figures, span, lives):
    """What can still leave today leaves once, every other due day is listed with its reason; nothing is passed over."""
    dice, total = random.Random(span), Counter()
    for life in range(lives):
        stopped = datetime(2026, 4, 2, tzinfo=TOKYO) + timedelta(minutes=dice.randrange(4 * 365 * 24 * 60))
        if life == 0:
            stopped = datetime(2026, 11, 11, 8, 55, tzinfo=TOKYO)  # just before a Wednesday's reminder

        async def work(world, stopped=stopped):
            await world.flow().tick()
            before = await world.rows(stopped.date() - timedelta(days=20), stopped.date() + timedelta(days=60))
            world.pass_(seconds=DOWN[span].total_seconds())
            await world.flow().tick()
            rows = await world.rows(stopped.date() - timedelta(days=20), stopped.date() + timedelta(days=60))
            said = expected(schedule, stopped, world.now)
            assert {key: status for key, status in rows.items() if key not in before} == {
                key: status for key, status in said.items() if key not in before
            }
            assert len(await world.messages()) == sum(status == "sent" for status in rows.values())
            reasons = await world.book.occurrences(stopped.date() - timedelta(days=20), world.now.date())
            assert all(o.note for o in reasons if o.status.value in ("missed", "skipped", "suspended"))
            return Counter(rows.values())

        total += in_world(sqlite_in(tmp_path / str(life)), schedule, stopped, work)
    figures(f"S3 down for {span}", stops=lives, **total, passed_over=0)
