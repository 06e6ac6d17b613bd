"""The fiscal year as a grid: every day once, and what stands for a day."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.hr_console import words, year
from asaka_bot.hr_console.ports import Planned
from asaka_bot.tokyo import TOKYO

TODAY = date(2026, 11, 24)


def planned(day: date, status: str = "planned", title: str = "ノー残業デー") -> Planned:
    return Planned(
        rule="r",
        title=title,
        day=day,
        due_at=datetime.combine(day, time(8, 30), TOKYO),
        audience="everyone",
        status=status,
        note="",
        kind="overtime",
    )


@given(st.integers(2020, 2099))
def test_every_day_of_the_year_stands_in_one_cell(which):
    """Twelve months from April to March hold each day once, under its weekday."""
    months = year.months(which, [], TODAY, TODAY)
    days = [cell.day for month in months for week in month.weeks for cell in week if cell]
    first, last = year.bounds(which)
    assert days == [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    assert [month.first.month for month in months] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]
    for month in months:
        for week in month.weeks:
            assert all(cell is None or cell.day.isoweekday() % 7 == place for place, cell in enumerate(week))
    assert all(year.fiscal_year_of(day) == which for day in days)


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        (("planned", "merged"), "planned"),
        (("merged", "sent"), "sent"),
        (("sent", "missed"), "missed"),
        (("planned", "suspended"), "suspended"),
        (("skipped", "merged"), "skipped"),
    ],
)
def test_what_matters_most_stands_for_the_day(statuses, shown):
    """Of several the one that HR should see first gives the mark; the label counts the others."""
    day = date(2026, 12, 16)
    grid = year.months(2026, [planned(day, status) for status in statuses], TODAY, day)
    cell = next(c for m in grid for w in m.weeks for c in w if c and c.day == day)
    assert cell.lead.status == shown
    assert cell.chosen
    assert cell.label == f"12月16日（水） ノー残業デー（{words.STATUSES[shown].name}）、ほか1件"


def test_a_new_kind_of_rule_has_a_mark():
    """A kind that nobody has given a colour yet is shown as 「そのほか」."""
    assert words.kind("made-up").name == "そのほか"


def test_all_states_of_the_outbox_are_counted():
    """No delivery falls between the counts."""
    from asaka_bot.delivery.outbox import State

    assert sum(count for _, count in words.counts(dict.fromkeys(State, 1))) == len(State)


def test_signs_differ():
    """No two kinds share a letter, and no two states a sign: colour is never the only difference."""
    for marks in (words.KINDS, words.STATUSES):
        assert len({mark.sign for mark in marks.values()}) == len(marks)
