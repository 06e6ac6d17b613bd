"""The dates that each kind of rule names, over month ends, leap days, year ends and fiscal years."""

import calendar as months
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.reminders.calendar import MonthDay, Span, WorkingDays, YearlyClosure
from asaka_bot.reminders.recurrence import (
    DayRange,
    FixedDate,
    NthWeekday,
    Point,
    Quarterly,
    Relative,
    Weekly,
    WhenClosed,
    settled,
)

NEW_YEAR = YearlyClosure(span=Span(first=MonthDay(month=12, day=29), last=MonthDay(month=1, day=3)), reason="年末年始")
ASAKA = WorkingDays(yearly=(NEW_YEAR,))
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
LENGTHS = st.integers(0, 800)
MONTH_DAYS = st.dates(date(2028, 1, 1), date(2028, 12, 31)).map(MonthDay.of)
WEEKDAYS = st.integers(0, 6)


def between(first: date, length: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(length + 1)]


def dates(kind, first: date, length: int) -> list[date]:
    last = first + timedelta(days=length)
    return sorted(d for run in kind.runs(first, last, ASAKA) for d in run if first <= d <= last)


@given(WEEKDAYS, DAYS, LENGTHS)
def test_weekly_is_every_such_weekday(weekday, first, length):
    assert dates(Weekly(weekday=weekday), first, length) == [
        d for d in between(first, length) if d.weekday() == weekday
    ]


@given(st.integers(1, 4), WEEKDAYS, DAYS, LENGTHS)
def test_nth_weekday_lies_in_its_seven_days_of_the_month(number, weekday, first, length):
    expected = [d for d in between(first, length) if d.weekday() == weekday and (d.day - 1) // 7 == number - 1]
    assert dates(NthWeekday(number=number, weekday=weekday), first, length) == expected


@given(WEEKDAYS, DAYS, LENGTHS)
def test_last_weekday_is_in_the_last_seven_days_of_the_month(weekday, first, length):
    ends = [months.monthrange(d.year, d.month)[1] for d in between(first, length)]
    expected = [
        d for d, end in zip(between(first, length), ends, strict=True) if d.weekday() == weekday and d.day > end - 7
    ]
    assert dates(NthWeekday(number=-1, weekday=weekday), first, length) == expected


@given(MONTH_DAYS, MONTH_DAYS, DAYS, LENGTHS)
def test_a_range_is_its_weekdays_also_over_the_end_of_the_year(start, end, first, length):
    """Except around 29 February, a day belongs to the range exactly if its month and day do."""
    leap = MonthDay(month=2, day=29)
    if leap in (start, end):
        return
    span = Span(first=start, last=end)
    expected = [d for d in between(first, length) if d in span and d.weekday() < 5]
    assert dates(DayRange(span=span), first, length) == expected


@given(st.sets(st.integers(1, 12), min_size=1), DAYS, LENGTHS)
def test_quarterly_is_the_first_working_day_of_its_months(chosen, first, length):
    expected = [
        d
        for d in between(first, length)
        if d.month in chosen
        and ASAKA.is_working(d)
        and not any(ASAKA.is_working(d.replace(day=n)) for n in range(1, d.day))
    ]
    assert dates(Quarterly(months=tuple(chosen)), first, length) == expected


@given(MONTH_DAYS, DAYS, st.integers(366, 800))
def test_a_fixed_date_comes_once_a_year(day, first, length):
    found = dates(FixedDate(day=day), first, length)
    years = [y for y in range(first.year, found[-1].year + 1) if y not in {d.year for d in found}]
    assert len(found) == len({d.year for d in found})
    assert years in ([], [first.year])
    assert all(MonthDay.of(d) == day or (day.day == 29 and (d.month, d.day) == (2, 28)) for d in found)


def test_a_date_of_one_year_only():
    assert dates(FixedDate(day=MonthDay(month=3, day=31), year=2031), date(2026, 4, 1), 3650) == [date(2031, 3, 31)]


@given(MONTH_DAYS, st.integers(0, 20), st.integers(1, 10), st.sampled_from(WhenClosed), DAYS)
def test_before_a_range_is_so_many_working_days_before_what_is_sent_first(start, length, count, when_closed, first):
    end = MonthDay.of(date(2028, start.month, start.day) + timedelta(days=length))
    other = DayRange(span=Span(first=start, last=end))
    hung = Relative(rule="r", point=Point.BEFORE, of=other, of_when_closed=when_closed, working_days=count)
    for day in dates(hung, first, 366):
        assert ASAKA.is_working(day)
        beginning = ASAKA.after(day, count)
        assert any(
            min(sent) == beginning
            for run in other.runs(day - timedelta(days=60), day + timedelta(days=60), ASAKA)
            if (sent := [s for d in run if (s := settled(d, when_closed, ASAKA))])
        )


def test_the_working_day_before_and_the_last_of_the_leaving_week():
    """10/1-10/7, year by year: the eve and the last working day."""
    week = DayRange(span=Span(first=MonthDay(month=10, day=1), last=MonthDay(month=10, day=7)))
    eve = Relative(rule="w", point=Point.BEFORE, of=week, of_when_closed=WhenClosed.SKIP)
    end = Relative(rule="w", point=Point.LAST, of=week, of_when_closed=WhenClosed.SKIP)
    assert dates(eve, date(2026, 4, 1), 365 * 3)[:3] == [date(2026, 9, 30), date(2027, 9, 30), date(2028, 9, 29)]
    assert dates(end, date(2026, 4, 1), 365 * 3)[:3] == [date(2026, 10, 7), date(2027, 10, 7), date(2028, 10, 6)]


@given(DAYS, st.sampled_from(WhenClosed))
def test_settling_ends_on_the_nearest_working_day(day, when_closed):
    found = settled(day, when_closed, ASAKA)
    if ASAKA.is_working(day):
        assert found == day
    elif when_closed is WhenClosed.SKIP:
        assert found is None
    else:
        ahead = when_closed is WhenClosed.NEXT
        assert found is not None
        assert (found > day) is ahead
        between_them = range(1, abs((found - day).days))
        assert not any(ASAKA.is_working(day + timedelta(days=n if ahead else -n)) for n in between_them)


@given(
    st.one_of(
        st.builds(Weekly, weekday=WEEKDAYS),
        st.builds(NthWeekday, number=st.sampled_from([1, 2, 3, 4, -1]), weekday=WEEKDAYS),
        st.just(Quarterly(months=(1, 4, 7, 10))),
        st.builds(FixedDate, day=MONTH_DAYS),
    ),
    DAYS,
)
def test_turns_count_up_by_one(kind, first):
    """From each date to the next the turn goes up by one, so that no two neighbours say the same."""
    found = dates(kind, first, 1500)
    turns = [kind.turn(d) for d in found]
    assert [b - a for a, b in pairwise(turns)] == [1] * (len(turns) - 1)
