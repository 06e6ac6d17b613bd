"""A platform that takes nothing from the bot at present, whoever it is for: its app was removed, its token revoked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """What people of HR read about it."""

    channel: str
    reason: str  # a sentence, without secrets
    since: datetime
    waiting: int  # deliveries that leave when it is over


class OutagePort(Protocol):
    """While an outage stands, no replica sends anything to its channel; deliveries wait as they are."""

    async def begin(self, channel: str, reason: str) -> bool:
        """Let nothing more leave on `channel`; False where that is known already, and the first reason stays."""

    async def end(self, channel: str) -> bool:
        """Let everything leave again; False where nothing stood in the way."""

    async def stands(self, channel: str) -> bool:
        """Whether an outage stands."""
