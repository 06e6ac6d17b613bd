"""The reminders as an iCalendar feed (RFC 5545, RFC 7986) that calendar programs subscribe to."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event, vDuration

from asaka_bot.outgoing import as_text
from asaka_bot.reminders.occurrences import Occurrence, Status
from asaka_bot.reminders.rules import Audience, Schedule

_REFRESH = timedelta(hours=6)
_REFRESH_TEXT = "PT6H"  # the same, for the older property
_LENGTH = timedelta(minutes=15)
_SHOWN = frozenset({Status.PLANNED, Status.SENT})
_CANCELLED = frozenset({Status.SUSPENDED, Status.MISSED})  # subscribers may hold an earlier version of it
_FAR = date(2100, 1, 1)  # the time zone is written out until then
# Nobody records when a rule was changed; one fixed moment keeps the feed the same from call to call.
_STAMP = datetime(2026, 4, 1, tzinfo=UTC)


def feed(schedule: Schedule, occurrences: Iterable[Occurrence], audience: Audience | None = None) -> bytes:
    """The occurrences of one audience (None: of all) as a calendar.

    Merged ones are lines in the event of the rule that carries them; skipped ones are left out, suspended and missed
    ones are cancelled. The UID of an event is its rule and day, so that it stays the same whatever becomes of it.
    Notes (要確認, reasons of a pause) are HR's: they stand only in the feed of HR and in the one of all.
    """
    name = "朝霞市 働き方リマインダー" + (f"（{audience.label}）" if audience else "")
    calendar = Calendar()
    calendar.add("prodid", "-//Asaka City//asaka-bot//JA")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Tokyo")
    refresh = vDuration(_REFRESH)
    refresh.params["VALUE"] = "DURATION"
    calendar.add("refresh-interval", refresh)
    calendar.add("x-published-ttl", _REFRESH_TEXT)
    for each in occurrences:
        if audience in (None, each.audience) and each.status in _SHOWN | _CANCELLED:
            calendar.add_component(_event(schedule, each, noted=audience in (None, Audience.HR)))
    if calendar.events:
        calendar.add_missing_timezones(last_date=_FAR)
    written: bytes = calendar.to_ical()
    return written


def uid(rule: str, day: date) -> str:
    """The lasting name of an occurrence in calendars."""
    return f"{rule}-{day:%Y%m%d}@asaka-bot"


def _event(schedule: Schedule, each: Occurrence, *, noted: bool) -> Event:
    rule = schedule.rules.get(each.rule)
    cancelled = each.status in _CANCELLED
    event = Event()
    event.add("uid", uid(each.rule, each.day))
    event.add("dtstamp", _STAMP)
    event.add("dtstart", each.due_at)
    event.add("dtend", each.due_at + _LENGTH)
    event.add("summary", each.title)
    description = [as_text(each.message)] if each.message else []
    description += [each.note] if each.note and noted else []
    if description:
        event.add("description", "\n\n".join(description))
    event.add("categories", [rule.subject.label if rule else "リマインダー", each.audience.label])
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("sequence", int(cancelled))
    event.add("transp", "TRANSPARENT")  # a reminder does not make anybody busy
    return event
