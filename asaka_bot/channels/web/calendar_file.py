"""The dates that follow from a birth as an iCalendar file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from asaka_bot.answering.compose import date_row
from asaka_bot.answering.life_events import life_events
from asaka_bot.messages import DateRow

_TO_POSTNATAL_END = timedelta(days=56)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the dates are computed from; at least one of the days is set."""

    due: date | None = None
    birth: date | None = None
    multiple: bool = False

    def rows(self) -> tuple[DateRow, ...]:
        """Every date that follows. Raises `DateError` where none is given or one lies out of range."""
        return tuple(date_row(e) for e in life_events(due=self.due, birth=self.birth, multiple=self.multiple))


def given_of(rows: Sequence[DateRow]) -> Given | None:
    """What the rows of a reply were computed from, None where that can't be told.

    A reply carries the rows only; the download needs the day itself. Each candidate is computed again and
    counts only if it gives exactly these rows.
    """
    after = next((row for row in rows if row.id == "postnatal-leave-end"), None)
    if after is None:
        return None
    day = after.end - _TO_POSTNATAL_END
    candidates = (Given(due=day), Given(due=day, multiple=True), Given(birth=day))
    return next((given for given in candidates if given.rows() == tuple(rows)), None)


def calendar_file(given: Given, now: datetime) -> bytes:
    """The .ics file of all dates of `given`, written at `now` (aware).

    The UIDs are made of the row and of the day given, so that importing twice replaces instead of doubling.
    Raises `DateError` where no day is given or one lies out of range.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Asaka Bot//dates//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    days = "-".join(f"{day:%Y%m%d}" for day in (given.due, given.birth) if day)
    for row in given.rows():
        calendar.add_component(_event(row, f"{row.id}-{days}@asaka-bot", now))
    written: bytes = calendar.to_ical()
    return written


def _event(row: DateRow, uid: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("summary", row.title)
    event.add("dtstart", row.start)
    event.add("dtend", row.end + timedelta(days=1))  # RFC 5545 3.6.1: the end is exclusive
    event.add("description", f"{row.note}\n根拠：{row.basis}（{row.tag.value}）")
    event.add("class", "PRIVATE")  # calendars at work are often shared; a pregnancy is nobody else's business
    event.add("transp", "TRANSPARENT")
    return event
