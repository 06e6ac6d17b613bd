"""Outages in memory; keeps the promises of `asaka_bot.delivery.outage.OutagePort` as the database does."""

from dataclasses import dataclass, field


@dataclass
class MemoryOutages:
    """Implements `OutagePort`."""

    standing: dict[str, str] = field(default_factory=dict)

    async def begin(self, channel: str, reason: str) -> bool:
        new = channel not in self.standing
        self.standing.setdefault(channel, reason)
        return new

    async def end(self, channel: str) -> bool:
        return self.standing.pop(channel, None) is not None

    async def stands(self, channel: str) -> bool:
        return channel in self.standing
