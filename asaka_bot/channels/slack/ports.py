"""What Slack needs of the rest of the product; the wiring hands it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from asaka_bot.outgoing import ContactPoint


class EventPort(Protocol):
    """Remembers which events have been acted on, over restarts and replicas."""

    async def first_time(self, channel: str, event: str) -> bool:
        """True for exactly one of all calls with the same event."""


class ContactPort(Protocol):
    """Where people are reached."""

    async def learn(self, point: ContactPoint) -> None:
        """Keep the newest address of a person."""

    async def find(self, channel: str, user: str) -> ContactPoint | None:
        """The person's address, None before first contact."""

    async def set_reachable(self, channel: str, user: str, reachable: bool) -> None:
        """Note that a person can no longer be reached, or can again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of the App Home: a reminder of this week."""

    day: date
    title: str


class WeekPort(Protocol):
    """The reminders of this week."""

    async def this_week(self) -> Sequence[Item]:
        """In the order of their days."""


class Nothing:
    """Stands in for the week until its feature is there."""

    async def this_week(self) -> Sequence[Item]:
        """No reminders."""
        return ()
