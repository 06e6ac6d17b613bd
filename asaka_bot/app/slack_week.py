"""The reminders of this week as Slack's App Home lists them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from asaka_bot.channels.slack.ports import Item
from asaka_bot.reminders.occurrences import Occurrence, Status
from asaka_bot.reminders.rules import Audience
from asaka_bot.tokyo import now_in_tokyo

_SHOWN = frozenset({Status.PLANNED, Status.MERGED, Status.SENT})


class SlackWeek:
    """Implements `channels.slack.ports.WeekPort` over the reminders of `occurrences` (first day, last day)."""

    def __init__(self, occurrences: Callable[[date, date], Awaitable[Sequence[Occurrence]]]) -> None:
        self._occurrences = occurrences

    async def this_week(self) -> Sequence[Item]:
        """What goes to everybody from Monday to Sunday."""
        today = now_in_tokyo().date()
        monday = today - timedelta(days=today.weekday())
        found = await self._occurrences(monday, monday + timedelta(days=6))
        return [
            Item(day=each.day, title=each.title)
            for each in found
            if each.audience is Audience.EVERYONE and each.status in _SHOWN
        ]
