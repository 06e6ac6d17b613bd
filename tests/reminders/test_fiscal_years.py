"""Ten fiscal years of every reminder, against a table that another calculation made and against dates found by hand."""

import csv
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from holidays import country_holidays

from asaka_bot.reminders import files, occurrences

FISCAL_YEARS = range(2026, 2036)
FIRST, LAST = date(2026, 4, 1), date(2036, 3, 31)
SENT = (occurrences.Status.PLANNED, occurrences.Status.MERGED)

WEDNESDAY = "no-overtime-wednesday"
FRIDAY = "no-overtime-friday"
COMPLETE = "complete-no-overtime-day"
WEEK = "on-time-leaving-week"
EVE = "on-time-leaving-week-eve"
QUARTER = "leave-plan-quarterly"
RATE = "disability-rate-june"
RETENTION = "disability-retention-april"
RULES = (WEDNESDAY, FRIDAY, COMPLETE, WEEK, EVE, QUARTER, RATE, RETENTION)

# Found by hand: weekdays by counting, holidays by the wording of 国民の祝日に関する法律, equinoxes by their instants in JST.
FALLS = [
    (date(2026, 4, 1), WEDNESDAY),  # the first day of the plan is a Wednesday, and open
    (date(2026, 4, 1), QUARTER),  # 4/1 is open: the quarter starts on the day itself
    (date(2026, 4, 1), RETENTION),  # the same day, a third rule
    (date(2026, 5, 1), FRIDAY),  # open, between 昭和の日 (Wed) and 憲法記念日 (Sun)
    (date(2027, 1, 4), QUARTER),  # the first open day after the year end is Monday 1/4
    (date(2028, 4, 3), QUARTER),  # 4/1 is a Saturday
    (date(2028, 4, 3), RETENTION),  # the same
    (date(2028, 7, 3), QUARTER),  # 7/1 is a Saturday
    (date(2028, 9, 29), EVE),  # 10/1 is a Sunday: the Friday before it
    (date(2028, 10, 6), WEEK),  # the last open day of a week that ends on Saturday 10/7
    (date(2029, 3, 21), COMPLETE),  # third Wednesday and open: 春分の日 is Tuesday 3/20 (17:01 JST) in 2029
    (date(2029, 4, 2), RETENTION),  # 4/1 is a Sunday
    (date(2030, 3, 19), COMPLETE),  # the third Wednesday, 3/20, is 春分の日 (22:51 JST): the Tuesday before
    (date(2030, 6, 3), RATE),  # 6/1 is a Saturday
    (date(2030, 10, 7), WEEK),  # the week begins on a Tuesday and still holds the Monday after
    (date(2031, 1, 6), QUARTER),  # 1/1-1/3 closed, 1/4 and 1/5 are a weekend
    (date(2031, 6, 2), RATE),  # 6/1 is a Sunday
    (date(2032, 1, 5), QUARTER),  # 1/4 is a Sunday
    (date(2033, 9, 21), COMPLETE),  # 敬老の日 (Mon) and 秋分の日 (Fri) are three days apart: no 国民の休日 between
    (date(2033, 9, 30), EVE),  # 10/1 is a Saturday
    (date(2033, 10, 3), WEEK),  # the first open day of that week
    (date(2035, 3, 20), COMPLETE),  # the third Wednesday, 3/21, is 春分の日 (04:03 JST): the Tuesday before
    (date(2035, 12, 28), FRIDAY),  # 御用納め, the last open day of the year
]
CLOSED = [  # no rule at all
    date(2026, 5, 6),  # Wed: substitute for 憲法記念日 on Sunday 5/3, after 5/4 and 5/5 that are holidays themselves
    date(2026, 9, 22),  # Tue: 国民の休日 between 敬老の日 (9/21) and 秋分の日 (9/23)
    date(2026, 9, 23),  # Wed: 秋分の日 (09:05 JST)
    date(2026, 12, 30),  # Wed: year end
    date(2027, 1, 1),  # Fri: 元日
    date(2027, 12, 29),  # Wed: the first day of the year-end closure
    date(2027, 12, 31),  # Fri: year end
    date(2028, 9, 22),  # Fri: 秋分の日 (20:45 JST; a day earlier than in 2027)
    date(2029, 1, 3),  # Wed: the last day of the closure
    date(2029, 2, 12),  # Mon: substitute for 建国記念の日 on a Sunday
    date(2029, 9, 24),  # Mon: substitute for 秋分の日 on Sunday 9/23 (02:37 JST)
    date(2030, 3, 20),  # Wed: 春分の日
    date(2031, 5, 6),  # Tue: substitute for みどりの日 on Sunday 5/4
    date(2031, 12, 31),  # Wed: year end
    date(2032, 1, 2),  # Fri: year end
    date(2032, 9, 21),  # Tue: 国民の休日 between 敬老の日 (9/20) and 秋分の日 (9/22)
    date(2032, 9, 22),  # Wed: 秋分の日 (20:10 JST)
    date(2033, 3, 21),  # Mon: substitute for 春分の日 on Sunday 3/20
    date(2033, 10, 1),  # Sat: the on-time leaving week begins on a weekend
    date(2035, 3, 21),  # Wed: 春分の日
]


@cache
def expected() -> frozenset[tuple[str, date]]:
    """Read what `make_expected_dates.py` wrote, as pairs of rule and day."""
    with Path(__file__).with_name("expected_dates.csv").open(encoding="utf-8", newline="") as file:
        return frozenset((row["rule"], date.fromisoformat(row["date"])) for row in csv.DictReader(file))


@cache
def sent(first: date, last: date):
    """Ask the product for all that leaves from `first` to `last`: everything but what it skips."""
    computed = occurrences.occurrences(files.load(files.SHIPPED), first, last)
    return tuple(occurrence for occurrence in computed if occurrence.status in SENT)


@pytest.mark.parametrize("fiscal_year", FISCAL_YEARS)
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_falls_on_the_days_of_the_table_in_every_fiscal_year(rule, fiscal_year):
    """Asked for one fiscal year, the product misses none of the table's days, adds none and doubles none."""
    first, last = date(fiscal_year, 4, 1), date(fiscal_year + 1, 3, 31)
    days = Counter(occurrence.day for occurrence in sent(first, last) if occurrence.rule == rule)
    table = {day for of, day in expected() if of == rule and first <= day <= last}
    assert sorted(table - days.keys()) == [], "missing"
    assert sorted(days.keys() - table) == [], "extra"
    assert sorted(day for day, times in days.items() if times > 1) == [], "doubled"


def test_the_table_holds_every_rule_in_every_fiscal_year():
    """The table itself cannot be empty where the product is, nor speak of a rule that nobody compares."""
    held = {(rule, day.year - (day.month < 4)) for rule, day in expected()}
    assert held == {(rule, fiscal_year) for rule in RULES for fiscal_year in FISCAL_YEARS}


def test_no_reminder_of_any_shipped_rule_falls_on_a_day_off():
    """Weekends, the public holidays of the `holidays` package and 12/29-1/3 stay silent for ten years."""
    public = country_holidays("JP", years=range(FIRST.year, LAST.year + 1))
    fallen = sent(FIRST, LAST)
    off = [
        (occurrence.rule, occurrence.day)
        for occurrence in fallen
        if occurrence.day.weekday() >= 5
        or occurrence.day in public
        or (occurrence.day.month, occurrence.day.day) in {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}
    ]
    assert {occurrence.rule for occurrence in fallen} >= set(RULES)
    assert off == []


def test_no_rule_falls_twice_on_a_day_and_no_audience_reads_two_messages_on_one():
    """Over the ten years each rule takes a day once, and what meets on a day reaches an audience as one message."""
    fallen = sent(FIRST, LAST)
    times = Counter((occurrence.rule, occurrence.day) for occurrence in fallen)
    assert [place for place, number in times.items() if number > 1] == []

    messages = Counter(
        (occurrence.day, occurrence.audience)
        for occurrence in fallen
        if occurrence.status == occurrences.Status.PLANNED
    )
    meetings = {(occurrence.day, occurrence.audience) for occurrence in fallen}
    assert [meeting for meeting in meetings if messages[meeting] != 1] == []


@pytest.mark.parametrize(("day", "rule"), FALLS, ids=str)
def test_a_rule_falls_on_a_day_found_by_hand(day, rule):
    """The product and the table both have the rule on this day."""
    assert rule in {occurrence.rule for occurrence in sent(FIRST, LAST) if occurrence.day == day}
    assert (rule, day) in expected()


@pytest.mark.parametrize("day", CLOSED, ids=str)
def test_nothing_falls_on_a_closed_day_found_by_hand(day):
    """Neither the product nor the table has anything on this day."""
    assert [occurrence.rule for occurrence in sent(FIRST, LAST) if occurrence.day == day] == []
    assert [rule for rule, of in expected() if of == day] == []
