"""When a repeating notice leaves, by the rules and the calendar of the reminders."""

from datetime import datetime, timedelta

from asaka_bot.broadcasts.notice import Repeat, RepeatKind
from asaka_bot.reminders.calendar import MonthDay, WorkingDays
from asaka_bot.reminders.recurrence import FixedDate, Independent, NthWeekday, Weekly, WhenClosed, settled
from asaka_bot.tokyo import TOKYO

_LOOK_AHEAD = timedelta(days=400)


def next_time(repeat: Repeat, after: datetime, calendar: WorkingDays) -> datetime | None:
    """The first time later than `after`; None: there is none any more."""
    first = after.astimezone(TOKYO).date()
    days = set()
    for run in _rule(repeat).runs(first, first + _LOOK_AHEAD, calendar):
        for day in run:
            if repeat.until is not None and day > repeat.until:
                continue
            sent = settled(day, WhenClosed.PREVIOUS, calendar)
            if sent is not None and sent >= first:
                days.add(sent)
    times = sorted(datetime.combine(day, repeat.at, TOKYO) for day in days)
    return next((time for time in times if time > after), None)


def _rule(repeat: Repeat) -> Independent:
    match repeat.kind:
        case RepeatKind.WEEKLY:
            return Weekly(weekday=repeat.weekday)
        case RepeatKind.NTH_WEEKDAY:
            return NthWeekday(number=repeat.number, weekday=repeat.weekday)
        case RepeatKind.YEARLY:
            return FixedDate(day=MonthDay(month=repeat.month, day=repeat.day))
