"""Messages that stand at a platform are replaced where their text has changed since; doing so twice does no harm."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from asaka_bot.delivery.channel import Channel, Later, Letter, Outcome, Refused, Sent, Traits, Uncertain
from asaka_bot.delivery.patience import Patience, Sleep

_log = structlog.get_logger()
_SHARE = 0.5  # of the platform's budget; what leaves for the first time has the rest
_POLL_SECONDS = 2.0
_AGAIN_SECONDS = 60.0  # after an outcome that nobody knows
_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A message to put in the place of what stands at `platform_ref`."""

    letter: Letter
    platform_ref: str
    leased_until: datetime  # another replica tries it then, unless `Replaced` is recorded first


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What became of it: done (or impossible for good), or to be tried again."""

    replacement: Replacement
    again_in_seconds: float | None = None


class ReplacementBook(Protocol):
    """Where it is kept what has to be replaced. Every method is one transaction."""

    async def claim_replacements(self, channel: str, traits: Traits, *, most: int) -> Sequence[Replacement]:
        """Lease up to `most` messages whose text has changed since they arrived."""

    async def record_replacements(self, done: Sequence[Replaced]) -> None:
        """Write down what became of them; one whose text has changed once more meanwhile stays to be replaced."""


class Replacer:
    """Replaces one channel's messages, one after another, until it is stopped."""

    def __init__(self, book: ReplacementBook, channel: Channel, *, sleep: Sleep = asyncio.sleep) -> None:
        self._book, self._channel, self._patience = book, channel, Patience(sleep)
        self._stopping, self._stir = asyncio.Event(), asyncio.Event()
        per_second = channel.traits.per_second
        self._pause_seconds = 0.0 if per_second is None else 1 / (per_second * _SHARE)

    def wake(self) -> None:
        """Say that something may have to be replaced."""
        self._stir.set()

    def stop(self) -> None:
        """Begin no other replacement; `run` returns after the call under way."""
        self._stopping.set()
        self._stir.set()

    async def run(self) -> None:
        """Replace until `stop`."""
        while not self._stopping.is_set():
            self._stir.clear()
            try:
                busy = await self.turn()
            except Exception as error:  # whatever the database has: the lease runs out, and another turn tries again
                _log.warning("replacing_failed", channel=self._channel.name, error=type(error).__name__)
                busy = 0
            if not busy:
                await self._patience.until(self._stir, _POLL_SECONDS)

    async def turn(self) -> int:
        """Replace what is due now, up to a handful; returns how many."""
        traits = self._channel.traits
        claimed = await self._book.claim_replacements(self._channel.name, traits, most=_AT_ONCE)
        wait = 0.0  # as long as the platform asked to be left alone
        for each in claimed:
            if self._stopping.is_set() or wait:
                await self._book.record_replacements([Replaced(replacement=each, again_in_seconds=wait)])
                continue
            outcome = await self._call(each)
            done = Replaced(replacement=each, again_in_seconds=_again(outcome))
            await self._book.record_replacements([done])
            if isinstance(outcome, Later):
                wait = outcome.retry_after_seconds
            await self._patience.until(self._stopping, self._pause_seconds)
        if wait:
            await self._patience.until(self._stopping, wait)
        return len(claimed)

    async def _call(self, each: Replacement) -> Outcome:
        no_answer: Outcome = Uncertain(reason="")
        try:
            call = self._channel.update(each.letter, each.platform_ref)
            return await self._patience.within(self._channel.traits.timeout_seconds, call, no_answer)
        except Exception as error:  # a channel that breaks its promise
            _log.error("channel_failed", channel=self._channel.name, error=type(error).__name__)
            return no_answer


def _again(outcome: Outcome) -> float | None:
    match outcome:
        case Sent() | Refused():  # refused: the person removed it, or the platform forgot it; nothing is left to mend
            return None
        case Later(retry_after_seconds=seconds):
            return seconds
        case Uncertain():
            return _AGAIN_SECONDS
