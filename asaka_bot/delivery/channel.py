"""The port to a platform: what the outbox needs of whatever carries its messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asaka_bot.outgoing import Address, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a platform can do, and what it permits."""

    read_back: bool  # `find` can tell afterwards whether a message arrived
    update: bool  # a message that stands can be changed
    timeout_seconds: float = 10.0  # a call that takes longer has an unknown outcome
    settle_seconds: float = 60.0  # from an unknown outcome until `find` may be trusted; longer than any call
    per_second: float | None = None  # messages a second to the whole platform; None: as many as it takes
    per_destination_seconds: float = 0.0  # the shortest time between two messages to one address
    concurrency: int = 16  # calls under way at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one address, with the mark by which it is found again."""

    marker: str  # opaque, unique; travels with the message where the platform permits
    address: Address
    message: Message
    started_at: datetime  # when the call began; `find` need not look further back


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The platform has it; ``platform_ref`` is its name there (Slack: ts)."""

    platform_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The platform certainly has not taken it and says when to come back (429)."""

    retry_after_seconds: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The platform certainly has not taken it and never will (4xx)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """Nobody can tell whether the platform took it (timeout, reset, 408, 5xx)."""

    reason: str


Outcome = Sent | Later | Refused | Uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The message stands at its address."""

    platform_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The message does not stand at its address, and no call under way can put it there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The platform does not say; ask again later."""

    retry_after_seconds: float
    reason: str


Lookup = Found | Absent | Unreadable


class Channel(Protocol):
    """A platform that carries messages. No method raises for what a platform may do; cancellation passes through."""

    @property
    def name(self) -> str:
        """The first half of its addresses: web, console, slack, teams."""

    @property
    def traits(self) -> Traits:
        """What it can do, and what it permits."""

    async def send(self, letter: Letter) -> Outcome:
        """Try once; repeating is the outbox's to decide."""

    async def find(self, letter: Letter) -> Lookup:
        """Whether an earlier `send` of the letter arrived; asked only where ``traits.read_back``."""

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:
        """Replace what stands at `platform_ref`; asked only where ``traits.update``."""
