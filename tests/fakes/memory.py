"""A platform in memory: it accepts, or does what the test tells it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from asaka_bot.delivery.channel import Absent, Found, Letter, Lookup, Outcome, Refused, Sent, Traits

Act = Callable[["MemoryChannel", Letter], Awaitable[Outcome]]


async def accept(channel: "MemoryChannel", letter: Letter) -> Outcome:
    """The platform takes the message and says so."""
    return channel.take(letter)


class MemoryChannel:
    """Keeps what it was sent; `act` decides what becomes of a call."""

    def __init__(self, traits: Traits | None = None, *, act: Act = accept, name: str = "memory") -> None:
        self.name, self.act = name, act
        self.traits = traits or Traits(read_back=True, update=True, timeout_seconds=5, settle_seconds=0.1)
        self.stands: dict[str, Letter] = {}
        self.arrived: Counter[str] = Counter()  # by marker
        self.under_way = self.most_under_way = 0

    def take(self, letter: Letter) -> Sent:
        self.stands[letter.marker] = letter
        self.arrived[letter.marker] += 1
        return Sent(platform_ref=f"ref-{letter.marker}")

    async def send(self, letter: Letter) -> Outcome:
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        try:
            if letter.address.to == "nowhere":
                return Refused(reason="送信先が受け付けませんでした（channel_not_found）。")
            return await self.act(self, letter)
        finally:
            self.under_way -= 1

    async def find(self, letter: Letter) -> Lookup:
        await asyncio.sleep(0)
        if letter.marker in self.stands:
            return Found(platform_ref=f"ref-{letter.marker}")
        return Absent()

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:
        await asyncio.sleep(0)
        if platform_ref != f"ref-{letter.marker}":
            return Refused(reason="送信先が受け付けませんでした（message_not_found）。")
        self.stands[letter.marker] = letter
        return Sent(platform_ref=platform_ref)
