"""Which days city hall works: national holidays, the city's closures, and HR's corrections."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import jpholiday

from asaka_bot.errors import ScheduleError

_WEEKEND = {5: "土曜日", 6: "日曜日"}
_WARN_BEFORE = timedelta(days=60)  # before a year that nobody has confirmed
_LONGEST_SEARCH = 366  # days; closures that long are a slip of the pen

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class MonthDay:
    """A day of every year; 29 February stands for the 28th where the year has none."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The date in `year`; the last day of the month where the day does not exist."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return date(year, self.month + 1, 1) - ONE_DAY  # only February and the 30-day months are short

    @classmethod
    def of(cls, day: date) -> "MonthDay":
        """The day of the year on which `day` falls."""
        return cls(month=day.month, day=day.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days of every year, both ends included; it may run over the end of the year (12/29-1/3)."""

    first: MonthDay
    last: MonthDay

    def __contains__(self, day: date) -> bool:
        here = MonthDay.of(day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyClosure:
    """Days on which city hall is closed every year."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Days on which city hall is closed once, both ends included."""

    first: date
    last: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A holiday that turned out differently from the forecast: moved by a special law, an equinox off by a day."""

    day: date
    holiday: bool  # False: a working day, unless it is a weekend
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """The calendar of city hall."""

    yearly: tuple[YearlyClosure, ...] = ()
    closures: tuple[Closure, ...] = ()
    corrections: tuple[Correction, ...] = ()
    confirmed_years: frozenset[int] = frozenset()

    def closed_because(self, day: date) -> str:
        """Why city hall is closed on `day`, as a Japanese noun (文化の日, 土曜日); empty on a working day."""
        for closure in self.closures:
            if closure.first <= day <= closure.last:
                return closure.reason
        if name := self._holiday(day):
            return name
        for each in self.yearly:
            if day in each.span:
                return each.reason
        return _WEEKEND.get(day.weekday(), "")

    def is_working(self, day: date) -> bool:
        """Whether city hall works on `day`."""
        return not self.closed_because(day)

    def before(self, day: date, count: int = 1) -> date:
        """The `count`-th working day before `day`."""
        return self._walk(day, -ONE_DAY, count)

    def after(self, day: date, count: int = 1) -> date:
        """The `count`-th working day after `day`."""
        return self._walk(day, ONE_DAY, count)

    def first_of_month(self, year: int, month: int) -> date:
        """The first working day of a month."""
        return self.after(date(year, month, 1) - ONE_DAY)

    def unconfirmed(self, today: date) -> tuple[int, ...]:
        """The years, this one and from 60 days before its start the next, whose holidays nobody has confirmed."""
        years = dict.fromkeys((today.year, (today + _WARN_BEFORE).year))
        return tuple(year for year in years if year not in self.confirmed_years)

    def _holiday(self, day: date) -> str:
        for correction in self.corrections:
            if correction.day == day:
                return correction.name if correction.holiday else ""
        return _national(day.year).get(day, "")

    def _walk(self, day: date, step: timedelta, count: int) -> date:
        for _ in range(_LONGEST_SEARCH):
            day += step
            if self.is_working(day):
                count -= 1
                if count <= 0:
                    return day
        raise ScheduleError([f"calendar.yaml: {day} の前後に開庁日がありません。closures の期間を確かめてください"])


@lru_cache(maxsize=64)
def _national(year: int) -> dict[date, str]:
    return {day: name.replace(" 振替休日", "の振替休日") for day, name in jpholiday.year_holidays(year)}
