"""The calendar of city hall: holidays, closures, corrections, and the yearly confirmation."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.errors import ScheduleError
from asaka_bot.reminders.calendar import Closure, Correction, MonthDay, Span, WorkingDays, YearlyClosure

NEW_YEAR = YearlyClosure(span=Span(first=MonthDay(month=12, day=29), last=MonthDay(month=1, day=3)), reason="年末年始")
ASAKA = WorkingDays(yearly=(NEW_YEAR,))
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_every_day_2020_to_2035_agrees_with_another_library():
    """Two independent tables of holidays, the weekends and 12/29-1/3 give the same working days."""
    other = holidays.country_holidays("JP", years=range(2020, 2036))
    day = date(2020, 1, 1)
    wrong = []
    while day.year < 2036:
        new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
        if ASAKA.is_working(day) == (day in other or day.weekday() >= 5 or new_year):
            wrong.append(day)
        day += timedelta(days=1)
    assert wrong == []


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 9, 23), "秋分の日"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2026, 5, 6), "憲法記念日の振替休日"),
        (date(2026, 12, 29), "年末年始"),
        (date(2027, 1, 1), "元日"),
        (date(2027, 1, 3), "年末年始"),
        (date(2026, 11, 22), "日曜日"),
        (date(2026, 11, 21), "土曜日"),
        (date(2027, 1, 4), ""),
    ],
)
def test_reasons(day, reason):
    """A closed day has its reason as a noun."""
    assert ASAKA.closed_because(day) == reason


def test_corrections_and_closures():
    """HR's corrections count over the table, and a city closure over everything."""
    mended = WorkingDays(
        closures=(Closure(first=date(2030, 8, 13), last=date(2030, 8, 14), reason="庁舎の停電"),),
        corrections=(
            Correction(day=date(2030, 3, 20), holiday=False, name="春分の日"),
            Correction(day=date(2030, 3, 21), holiday=True, name="春分の日"),
        ),
    )
    assert mended.is_working(date(2030, 3, 20))
    assert mended.closed_because(date(2030, 3, 21)) == "春分の日"
    assert mended.closed_because(date(2030, 8, 14)) == "庁舎の停電"
    assert mended.before(date(2030, 8, 15)) == date(2030, 8, 9)  # over the weekend and 山の日's substitute


@given(DAYS, st.integers(1, 20))
def test_before_and_after(day, count):
    """Walking over working days ends on one, with exactly so many on the way."""
    later = ASAKA.after(day, count)
    assert ASAKA.is_working(later)
    assert sum(ASAKA.is_working(day + timedelta(days=n + 1)) for n in range((later - day).days)) == count
    earlier = ASAKA.before(day, count)
    assert ASAKA.is_working(earlier)
    assert sum(ASAKA.is_working(earlier + timedelta(days=n)) for n in range((day - earlier).days)) == count


def test_a_calendar_without_working_days_is_an_error():
    """A closure that never ends is reported instead of searching for ever."""
    shut = WorkingDays(closures=(Closure(first=date(2020, 1, 1), last=date(2040, 1, 1), reason="閉"),))
    with pytest.raises(ScheduleError, match=r"calendar\.yaml"):
        shut.after(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2026, 6, 1), ()),
        (date(2026, 11, 1), ()),  # 61 days before
        (date(2026, 11, 2), (2027,)),  # 60 days before
        (date(2026, 12, 31), (2027,)),
        (date(2027, 1, 1), (2027,)),
    ],
)
def test_a_year_is_to_be_confirmed_60_days_before_it_starts(today, years):
    """Only the years that HR has not confirmed are named, and not earlier than 60 days ahead."""
    assert WorkingDays(confirmed_years=frozenset({2026})).unconfirmed(today) == years


def test_the_29th_of_february_is_the_28th_in_common_years():
    """A day that a year does not have is the last of its month."""
    leap = MonthDay(month=2, day=29)
    assert [leap.in_year(y) for y in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]
