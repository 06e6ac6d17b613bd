"""What becomes of deliveries that nobody works on: abandoned by a dead replica, unknown, or too late."""

import asyncio
from collections.abc import Callable

import structlog

from asaka_bot.delivery.channel import Channel, Lookup, Unreadable
from asaka_bot.delivery.outbox import Delivery, Outbox, after_lookup, after_uncertainty
from asaka_bot.delivery.patience import Patience

_log = structlog.get_logger()

_ABANDONED = "送信中にサーバーが止まったため、届いたか確かめられません。"
_UNREADABLE = "届いたかどうかを、まだ確かめられません。"
_AT_ONCE = 100  # abandoned deliveries in one transaction


class Settler:
    """Settles one channel's deliveries; asked again and again by the channel's worker."""

    def __init__(
        self, outbox: Outbox, channel: Channel, *, holder: str, patience: Patience, look_again_seconds: float
    ) -> None:
        """`look_again_seconds`: after a read-back that failed without saying when to come back."""
        self._outbox, self._channel, self._holder, self._patience = outbox, channel, holder, patience
        self._look_again_seconds = look_again_seconds

    async def take_over(self) -> int:
        """Treat what a dead replica was sending like any call without an answer; how many."""
        name, traits = self._channel.name, self._channel.traits
        left = await self._outbox.claim_abandoned(name, traits, most=_AT_ONCE)
        if left:
            now = await self._outbox.now()
            await self._outbox.record([after_uncertainty(delivery, _ABANDONED, traits, now) for delivery in left])
            _log.info("deliveries_taken_over", channel=name, count=len(left))
        return len(left)

    async def look_up(self, stopping: Callable[[], bool]) -> int:
        """Read back what is unknown and has had time to settle; how many.

        Where `stopping` says so meanwhile, nothing is written: the next life looks again.
        """
        name, traits = self._channel.name, self._channel.traits
        unknown = await self._outbox.claim_lookups(
            name, traits, most=self._channel.traits.concurrency, holder=self._holder
        )
        if not unknown:
            return 0
        if traits.read_back:
            lookups = await asyncio.gather(*(self._find(delivery) for delivery in unknown))
            if stopping():
                return 0
            now = await self._outbox.now()
            changes = [after_lookup(delivery, found, now) for delivery, found in zip(unknown, lookups, strict=True)]
        else:  # it could be read back when the call began; now a person decides
            now = await self._outbox.now()
            changes = [after_uncertainty(delivery, _ABANDONED, traits, now) for delivery in unknown]
        await self._outbox.record(changes)
        return len(unknown)

    async def expire(self) -> int:
        """Cancel what must not leave any more; how many."""
        if count := await self._outbox.expire(self._channel.name):
            _log.info("deliveries_expired", channel=self._channel.name, count=count)
        return count

    async def _find(self, delivery: Delivery) -> Lookup:
        nothing = Unreadable(retry_after_seconds=self._look_again_seconds, reason=_UNREADABLE)
        seconds = self._channel.traits.timeout_seconds
        try:
            return await self._patience.within(seconds, self._channel.find(delivery.letter), nothing)
        except Exception as error:  # a channel that breaks its promise must not stop the others' settling
            _log.error("channel_failed", channel=self._channel.name, error=type(error).__name__)
            return nothing
