"""Woken by the clock, it asks the database what time it is, and has what came due written down and sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from asaka_bot.reminders.due import Key, Known, due, next_due
from asaka_bot.reminders.occurrences import Occurrence, Status, occurrences
from asaka_bot.reminders.rules import Schedule
from asaka_bot.reminders.steadiness import Steadiness, seconds_since_boot
from asaka_bot.reminders.suspension import Suspension
from asaka_bot.tokyo import TOKYO

_log = structlog.get_logger(__name__)

_LOOK_AGAIN = timedelta(seconds=30)  # HR may have paused or resumed meanwhile
_LOOK_BACK = timedelta(days=7)  # before the last decided day: what a crash left open


class OccurrenceBook(Protocol):
    """Where decided occurrences are kept; its clock is the database's."""

    async def now(self) -> datetime:
        """The database's clock."""

    async def held(self) -> bool:
        """Whether all sending waits for a person."""

    async def last_release(self) -> datetime | None:
        """When sending was last released after it had been held."""

    async def known_since(self, rules: Sequence[str]) -> Mapping[str, datetime]:
        """When each rule was first asked for; a new rule is noted with the present moment."""

    async def last_day(self, today: date) -> date | None:
        """The last day, today at most, of which anything is decided."""

    async def decided(self, first: date, last: date) -> Mapping[Key, Status]:
        """What is decided of these days."""

    async def suspensions(self) -> Sequence[Suspension]:
        """Every pause that HR has set, ended ones included."""

    async def record(self, group: Sequence[Occurrence]) -> bool:
        """Write down a group and queue its message in one transaction; False where another replica was first."""


@dataclass(slots=True, kw_only=True)
class _Look:
    """When the flow last looked, and when it need look again."""

    at: datetime
    again: datetime


class ReminderFlow:
    """One step at a time: `tick` is called every second or so and does nothing while nothing is due."""

    def __init__(
        self,
        schedule: Schedule,
        book: OccurrenceBook,
        *,
        on_queued: Callable[[], None] = lambda: None,
        elapsed: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._schedule, self._book = schedule, book
        self._on_queued, self._steadiness = on_queued, Steadiness(elapsed)
        self._last: _Look | None = None

    async def tick(self) -> int:
        """Decide what is due; returns how many occurrences were written down."""
        now = await self._book.now()
        if not self._steadiness.believed(now):
            return 0
        if self._last is not None and self._last.at <= now < self._last.again:
            self._last.at = now
            return 0
        if await self._book.held():
            return 0
        return await self._decide(now)

    async def _decide(self, now: datetime) -> int:
        today = now.astimezone(TOKYO).date()
        since = await self._book.known_since(sorted(self._schedule.rules))
        if not since:
            return 0
        last_day = await self._book.last_day(today) or min(since.values()).astimezone(TOKYO).date()
        first = min(last_day, today) - _LOOK_BACK
        planned = occurrences(self._schedule, first, today + timedelta(days=1), await self._book.suspensions())
        known = Known(
            decided=await self._book.decided(first, today + timedelta(days=1)),
            since=since,
            quiet_until=await self._book.last_release(),
        )
        written = 0
        for group in due(planned, known, now):
            if await self._book.record(group):
                written += len(group)
                for occurrence in group:
                    _log.info(
                        "occurrence", rule=occurrence.rule, day=str(occurrence.day), status=occurrence.status.value
                    )
        if written:
            self._on_queued()
        coming = next_due(planned, known, now)
        again = min(coming, now + _LOOK_AGAIN) if coming else now + _LOOK_AGAIN
        self._last = _Look(at=now, again=again)
        return written
