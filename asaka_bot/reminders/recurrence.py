"""The dates a rule names: every week, a weekday of the month, a range of days, a quarter, a date, beside another rule.

Each kind gives *runs*: dates that belong together. Most runs are one date; a week such as 10/1-10/7 is one run of many.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from asaka_bot.reminders.calendar import MonthDay, Span, WorkingDays

Run = tuple[date, ...]
_MARGIN = timedelta(days=120)  # a rule beside another looks this far for it
_ALL_MONTHS = tuple(range(1, 13))


class WhenClosed(StrEnum):
    """What a day on which city hall is closed does to a rule."""

    SKIP = "skip"  # nothing is sent
    PREVIOUS = "previous"  # it is sent on the working day before
    NEXT = "next"  # it is sent on the working day after


class Point(StrEnum):
    """A working day that hangs on the run of another rule."""

    BEFORE = "before"  # so many working days before its first day
    LAST = "last"  # its last working day


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A weekday of every week (0 is Monday)."""

    weekday: int

    def runs(self, first: date, last: date, calendar: WorkingDays) -> Iterator[Run]:  # noqa: ARG002 - as all kinds
        """Every run that touches `first`..`last`."""
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7)
        while day <= last:
            yield (day,)
            day += timedelta(days=7)

    def turn(self, day: date) -> int:
        """Counts up by one from each date to the next, so that texts take turns."""
        return day.toordinal() // 7


@dataclass(frozen=True, slots=True, kw_only=True)
class NthWeekday:
    """The first to fourth such weekday of a month; -1 is the last."""

    number: int
    weekday: int
    months: tuple[int, ...] = _ALL_MONTHS

    def runs(self, first: date, last: date, calendar: WorkingDays) -> Iterator[Run]:  # noqa: ARG002 - as all kinds
        """Every run that touches `first`..`last`."""
        for year in range(first.year, last.year + 1):
            for month in sorted(self.months):
                if first <= (day := self._in_month(year, month)) <= last:
                    yield (day,)

    def turn(self, day: date) -> int:
        """Counts up by one from each date to the next, so that texts take turns."""
        return _turn_of_month(day, self.months)

    def _in_month(self, year: int, month: int) -> date:
        if self.number < 0:
            last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            return last - timedelta(days=(last.weekday() - self.weekday) % 7)
        start = date(year, month, 1)
        return start + timedelta(days=(self.weekday - start.weekday()) % 7 + 7 * (self.number - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRange:
    """Monday to Friday in a range of days of every year; weekends do not belong to it."""

    span: Span

    def runs(self, first: date, last: date, calendar: WorkingDays) -> Iterator[Run]:  # noqa: ARG002 - as all kinds
        """Every run that touches `first`..`last`, whole."""
        for year in range(first.year - 1, last.year + 1):
            start = self.span.first.in_year(year)
            end = self.span.last.in_year(year + (self.span.last < self.span.first))
            days = (start + timedelta(days=n) for n in range((end - start).days + 1))
            run = tuple(day for day in days if day.weekday() < 5)
            if run and run[0] <= last and run[-1] >= first:
                yield run

    def turn(self, day: date) -> int:
        """Counts the weekdays from the beginning of the range, so that the first text opens it every year."""
        start = self.span.first.in_year(day.year)
        if start > day:
            start = self.span.first.in_year(day.year - 1)
        return sum((start + timedelta(days=n)).weekday() < 5 for n in range((day - start).days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarterly:
    """The first working day of the given months."""

    months: tuple[int, ...]

    def runs(self, first: date, last: date, calendar: WorkingDays) -> Iterator[Run]:
        """Every run that touches `first`..`last`."""
        for year in range(first.year, last.year + 1):
            for month in sorted(self.months):
                if first <= (day := calendar.first_of_month(year, month)) <= last:
                    yield (day,)

    def turn(self, day: date) -> int:
        """Counts up by one from each date to the next, so that texts take turns."""
        return _turn_of_month(day, self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDate:
    """A date of every year, or of one year only."""

    day: MonthDay
    year: int | None = None

    def runs(self, first: date, last: date, calendar: WorkingDays) -> Iterator[Run]:  # noqa: ARG002 - as all kinds
        """Every run that touches `first`..`last`."""
        for year in range(first.year, last.year + 1):
            if self.year in (None, year) and first <= (day := self.day.in_year(year)) <= last:
                yield (day,)

    def turn(self, day: date) -> int:
        """Counts up by one from each date to the next, so that texts take turns."""
        return day.year


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A working day beside the run of another rule, as that rule is really sent."""

    rule: str
    point: Point
    of: "Independent"
    of_when_closed: WhenClosed
    working_days: int = 1

    def runs(self, first: date, last: date, calendar: WorkingDays) -> Iterator[Run]:
        """Every run that touches `first`..`last`."""
        for run in self.of.runs(first - _MARGIN, last + _MARGIN, calendar):
            sent = [d for day in run if (d := settled(day, self.of_when_closed, calendar)) is not None]
            if not sent:
                continue
            day = max(sent) if self.point is Point.LAST else calendar.before(min(sent), self.working_days)
            if first <= day <= last:
                yield (day,)

    def turn(self, day: date) -> int:
        """Counts up from one year to the next; the other rule's own counting need not fit this one's dates."""
        return _turn_of_month(day, _ALL_MONTHS) if not isinstance(self.of, DayRange | FixedDate) else day.year


Independent = Weekly | NthWeekday | DayRange | Quarterly | FixedDate
Recurrence = Independent | Relative


def settled(day: date, when_closed: WhenClosed, calendar: WorkingDays) -> date | None:
    """The working day on which a rule is sent that falls on `day`; None where it is skipped."""
    if calendar.is_working(day):
        return day
    match when_closed:
        case WhenClosed.SKIP:
            return None
        case WhenClosed.PREVIOUS:
            return calendar.before(day)
        case WhenClosed.NEXT:
            return calendar.after(day)


def _turn_of_month(day: date, months: tuple[int, ...]) -> int:
    passed = sum(month <= day.month for month in months)
    return day.year * len(months) + passed
