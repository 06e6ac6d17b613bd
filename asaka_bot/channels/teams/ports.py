"""What Teams needs of the rest of the product."""

from dataclasses import dataclass, field
from typing import Protocol

from asaka_bot.channels.feedback import FeedbackPort
from asaka_bot.channels.notices import NoticeWriting, Responses
from asaka_bot.channels.without_notices import WithoutResponses, WithoutWriting
from asaka_bot.outgoing import ContactPoint

CHANNEL = "teams"  # the name of the platform in addresses, events and contact points


class Events(Protocol):
    """Remembers which events have been acted on."""

    async def first_time(self, channel: str, event: str) -> bool:
        """True for exactly one of all calls with the same event."""


class Contacts(Protocol):
    """Where people are reached."""

    async def learn(self, point: ContactPoint) -> None:
        """Keep the newest address of a person."""

    async def find(self, channel: str, user: str) -> ContactPoint | None:
        """The person's address, None before first contact."""

    async def at(self, channel: str, address: str) -> ContactPoint | None:
        """Whoever is reached at an address."""

    async def set_reachable(self, channel: str, user: str, reachable: bool) -> None:
        """Note that a person has removed the bot, or has it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All of it."""

    events: Events
    contacts: Contacts
    feedback: FeedbackPort
    responses: Responses = field(default_factory=WithoutResponses)
    writing: NoticeWriting = field(default_factory=WithoutWriting)
    console_url: str = ""  # where people of HR reach the console; empty: unknown
