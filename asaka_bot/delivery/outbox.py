"""The states of a delivery, and which one follows from what a platform said.

    pending -> sending -> sent
       ^          |-----> dead         refused for good; a person may send it again
       |          |-----> pending      refused for now (429): certainly not taken
       |          '-----> unknown      crash, timeout, reset, 5xx: nobody can tell
       |                     |-------> sent | pending   the platform can be read back
       |                     '-------> held             it cannot: a person of HR decides
       '-- held -> sent | pending
    pending | held -> cancelled

Neither Slack nor Teams takes an idempotency key. `sending` is therefore committed before the call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from asaka_bot.delivery.channel import (
    Absent,
    Found,
    Later,
    Letter,
    Lookup,
    Outcome,
    Refused,
    Sent,
    Traits,
    Uncertain,
    Unreadable,
)
from asaka_bot.outgoing import Address, Message, WhenUncertain


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"  # waits for its time and for the budgets
    SENDING = "sending"  # a call may be under way; committed before it starts
    UNKNOWN = "unknown"  # the call's outcome is not known; will be looked up or held
    HELD = "held"  # 到達不明: a person of HR decides
    SENT = "sent"  # the platform has it
    DEAD = "dead"  # the platform refused it for good
    CANCELLED = "cancelled"  # withdrawn, or too late to leave


FINAL = frozenset({State.SENT, State.DEAD, State.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one recipient on one channel."""

    marker: str
    message_id: int
    message: Message
    when_uncertain: WhenUncertain
    recipient: str
    address: Address
    state: State
    attempts: int  # calls started so far
    started_at: datetime  # when the last call was claimed
    leave_in_seconds: float = 0.0  # from the claim on: so long its call has to wait for the platform's budget

    @property
    def letter(self) -> Letter:
        """What the channel needs to know."""
        return Letter(marker=self.marker, address=self.address, message=self.message, started_at=self.started_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a delivery, to be written in one transaction."""

    marker: str
    attempts: int  # the call it follows from; where another has started meanwhile, it says nothing any more
    state: State
    due_at: datetime | None = None  # pending: not before; unknown: when to look it up
    platform_ref: str | None = None
    reason: str | None = None
    destination_free_at: datetime | None = None  # the platform asked to leave this address alone until then


def after_send(delivery: Delivery, outcome: Outcome, traits: Traits, now: datetime) -> Change:
    """What follows from the answer to a call."""
    match outcome:
        case Sent(platform_ref=ref):
            return _change(delivery, State.SENT, platform_ref=ref)
        case Later(retry_after_seconds=seconds, reason=reason):
            again = now + timedelta(seconds=seconds)
            return _change(delivery, State.PENDING, due_at=again, reason=reason, destination_free_at=again)
        case Refused(reason=reason):
            return _change(delivery, State.DEAD, reason=reason)
        case Uncertain(reason=reason):
            return after_uncertainty(delivery, reason, traits, now)


def after_uncertainty(delivery: Delivery, reason: str, traits: Traits, now: datetime) -> Change:
    """What follows where nobody can tell: a crash that left `sending` behind, a timeout, a 5xx."""
    if traits.read_back:
        # Counted from now, not from the start: a clock that was put forward makes a call under way look like an old one.
        settled = now + timedelta(seconds=traits.settle_seconds)
        return _change(delivery, State.UNKNOWN, due_at=settled, reason=reason)
    if delivery.when_uncertain is WhenUncertain.RESEND:
        return _change(delivery, State.PENDING, due_at=now, reason=reason)
    return _change(delivery, State.HELD, reason=reason)


def after_lookup(delivery: Delivery, lookup: Lookup, now: datetime) -> Change:
    """What follows from reading a delivery back."""
    match lookup:
        case Found(platform_ref=ref):
            return _change(delivery, State.SENT, platform_ref=ref)
        case Absent():
            return _change(delivery, State.PENDING, due_at=now)
        case Unreadable(retry_after_seconds=seconds, reason=reason):
            again = now + timedelta(seconds=seconds)
            return _change(delivery, State.UNKNOWN, due_at=again, reason=reason)


def never_started(delivery: Delivery) -> Change:
    """A delivery that was claimed but not called for (the worker stops): it waits again."""
    return _change(delivery, State.PENDING, due_at=delivery.started_at)


def _change(delivery: Delivery, state: State, **what: Any) -> Change:
    return Change(marker=delivery.marker, attempts=delivery.attempts, state=state, **what)


class Outbox(Protocol):
    """Where deliveries are kept. Every method is one transaction; the database's clock is the only one."""

    async def now(self) -> datetime:
        """The database's clock."""

    async def claim(
        self, channel: str, traits: Traits, *, most: int, holder: str, finished: Sequence[Change] = ()
    ) -> Sequence[Delivery]:
        """Turn up to `most` due deliveries into `sending`, leased to `holder`, within the budgets of `traits`.

        What `finished` says is written in the same transaction, as by `record`: one commit less for each call.
        """

    async def seconds_to_next(self, channel: str, traits: Traits) -> float | None:
        """How long until `claim` may give something; None: nothing waits, or sending is on hold."""

    async def claim_lookups(self, channel: str, traits: Traits, *, most: int, holder: str) -> Sequence[Delivery]:
        """Lease up to `most` unknown deliveries whose time to be looked up has come."""

    async def claim_abandoned(self, channel: str, traits: Traits, *, most: int) -> Sequence[Delivery]:
        """Deliveries still `sending` whose lease has run out: their replica died."""

    async def record(self, changes: Sequence[Change]) -> None:
        """Write what became of claimed deliveries; what has been settled by somebody else meanwhile stays."""

    async def expire(self, channel: str) -> int:
        """Cancel what waits but must not leave any more: withdrawn, or past its `until`. Returns how many."""
