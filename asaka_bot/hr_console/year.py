"""A fiscal year of reminders as twelve months of weeks."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from asaka_bot.hr_console.ports import Planned
from asaka_bot.hr_console.words import KINDS, STATUSES, Mark, kind, short_day

_FIRST_MONTH = 4
_SUNDAY = 6
_ORDER = list(STATUSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One day; without ``lead`` nothing falls on it."""

    day: date
    lead: Planned | None
    more: int  # how many others fall on it
    today: bool
    chosen: bool

    @property
    def kind(self) -> Mark:
        """The kind of what stands for the day."""
        return kind(self.lead.kind) if self.lead else KINDS["other"]

    @property
    def status(self) -> Mark:
        """The status of what stands for the day."""
        return STATUSES[self.lead.status if self.lead else "planned"]

    @property
    def label(self) -> str:
        """The day in words, for those who don't see its mark."""
        if self.lead is None:
            return short_day(self.day)
        others = f"、ほか{self.more}件" if self.more else ""
        return f"{short_day(self.day)} {self.lead.title}（{self.status.name}）{others}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month; days of its neighbours are None."""

    first: date
    weeks: tuple[tuple[Cell | None, ...], ...]

    @property
    def title(self) -> str:
        """10月."""
        return f"{self.first.month}月"


def fiscal_year_of(day: date) -> int:
    """The year in whose April the fiscal year of `day` began."""
    return day.year if day.month >= _FIRST_MONTH else day.year - 1


def bounds(year: int) -> tuple[date, date]:
    """The first and the last day of a fiscal year."""
    return date(year, _FIRST_MONTH, 1), date(year + 1, _FIRST_MONTH, 1) - timedelta(days=1)


def months(year: int, planned: Sequence[Planned], today: date, chosen: date) -> tuple[Month, ...]:
    """April to March of the next year."""
    by_day: dict[date, list[Planned]] = {}
    for item in planned:
        by_day.setdefault(item.day, []).append(item)
    return tuple(
        _month(year + (0 if number >= _FIRST_MONTH else 1), number, by_day, today, chosen)
        for number in [*range(_FIRST_MONTH, 13), *range(1, _FIRST_MONTH)]
    )


def next_day(planned: Sequence[Planned], today: date) -> date:
    """The day to show first: the next on which something leaves, else today."""
    return min((item.day for item in planned if item.day >= today and item.status == "planned"), default=today)


def _month(year: int, number: int, by_day: dict[date, list[Planned]], today: date, chosen: date) -> Month:
    weeks = Calendar(firstweekday=_SUNDAY).monthdatescalendar(year, number)
    cells = tuple(
        tuple(_cell(day, by_day.get(day, ()), today, chosen) if day.month == number else None for day in week)
        for week in weeks
    )
    return Month(first=date(year, number, 1), weeks=cells)


def _cell(day: date, items: Sequence[Planned], today: date, chosen: date) -> Cell:
    lead = min(items, key=lambda item: _ORDER.index(item.status), default=None)
    return Cell(day=day, lead=lead, more=max(len(items) - 1, 0), today=day == today, chosen=day == chosen)
