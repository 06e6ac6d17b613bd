"""The outbox as the features and the people of HR see it: put messages in, withdraw them, decide, and look."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from asaka_bot.audit import Action, Details
from asaka_bot.delivery.outbox import State
from asaka_bot.outgoing import Address, Kind, Message, WhenUncertain
from asaka_bot.store import content
from asaka_bot.store.audit import record
from asaka_bot.store.claims import WITHDRAWN, Claims
from asaka_bot.store.database import reading
from asaka_bot.store.tables import delivery
from asaka_bot.store.tables import message as messages

_ROWS_AT_ONCE = 1000  # in one INSERT; all in one would be slow to build


class Decision(StrEnum):
    """What a person of HR says about a delivery that did not certainly arrive."""

    RESEND = "resend"  # 再送
    SENT = "sent"  # 送信済み: it did arrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How many deliveries of a message stand where; together they are all recipients."""

    pending: int = 0
    sending: int = 0  # a call is under way
    unknown: int = 0  # will be looked up
    held: int = 0  # 到達不明
    sent: int = 0
    dead: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """Every recipient."""
        return self.open + self.held + self.sent + self.dead + self.cancelled

    @property
    def open(self) -> int:
        """Those that the outbox itself still works on."""
        return self.pending + self.sending + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A message that was put into the outbox, and how far it is."""

    message_id: int
    kind: Kind
    origin: str
    message: Message
    until: datetime | None
    created_at: datetime
    withdrawn_at: datetime | None
    finished_at: datetime | None  # of the latest delivery that came to an end
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A delivery on which a person decides: held (到達不明) or dead (refused)."""

    marker: str
    message_id: int
    kind: Kind
    origin: str
    title: str
    recipient: str
    address: Address
    state: State
    reason: str
    attempts: int
    started_at: datetime


class OutboxStore(Claims):
    """All of the outbox: what `Claims` gives the workers, and what features and people need."""

    async def enqueue(  # noqa: PLR0913 - one keyword for each thing that the callers decide
        self,
        connection: AsyncConnection,
        message: Message,
        *,
        kind: Kind,
        origin: str,
        recipients: Sequence[tuple[str, Address]],
        priority: int = 5,
        until: datetime | None = None,
        when_uncertain: WhenUncertain = WhenUncertain.HOLD,
        due_at: datetime | None = None,
    ) -> int:
        """Put a message for (recipient, address) pairs into the outbox, in the caller's transaction; its id.

        A recipient gets it once on each channel: of further addresses on the same channel only the first counts.
        The smaller `priority` leaves first, not before `due_at` (None: at once) and not after `until`.
        """
        now = await self._now(connection)
        added = insert(messages).values(
            kind=kind,
            origin=origin,
            content=content.written(message),
            priority=priority,
            when_uncertain=when_uncertain,
            until=until,
            created_at=now,
        )
        message_id: int = (await connection.execute(added.returning(messages.c.id))).scalar_one()
        first: dict[tuple[str, str], Address] = {}
        for recipient, address in recipients:
            first.setdefault((recipient, address.channel), address)
        rows = [
            {
                "marker": secrets.token_hex(16),
                "message_id": message_id,
                "recipient": recipient,
                "channel": channel,
                "address": address.to,
                "priority": priority,
                "state": State.PENDING,
                "attempts": 0,
                "due_at": due_at or now,
            }
            for (recipient, channel), address in first.items()
        ]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            await connection.execute(insert(delivery), rows[start : start + _ROWS_AT_ONCE])
        return message_id

    async def put(self, message: Message, **how: Any) -> int:
        """`enqueue` in a transaction of its own."""
        async with self._engine.begin() as connection:
            return await self.enqueue(connection, message, **how)

    async def cancel(self, message_id: int) -> int:
        """Withdraw a message: all of it that waits or is held, and what comes back later. Returns how many at once."""
        async with self._engine.begin() as connection:
            return await withdraw(connection, message_id, await self._now(connection))

    async def decide(self, marker: str, decision: Decision, person: str) -> bool:
        """Settle a held or dead delivery by a person's word.

        False, and nothing changes: somebody else decided first, the message was withdrawn, or a refused delivery is
        said to have arrived.
        """
        valid = select(messages.c.id).where(messages.c.id == delivery.c.message_id, messages.c.withdrawn_at.is_(None))
        decided = update(delivery).where(delivery.c.marker == marker, valid.exists())
        async with self._engine.begin() as connection:
            now = await self._now(connection)
            if decision is Decision.SENT:
                arrived = {"state": State.SENT, "finished_at": now, "reason": f"{person}が、届いたことを確かめました。"}
                decided = decided.where(delivery.c.state == State.HELD).values(arrived)
            else:
                reason = f"{person}が、もう一度送ることにしました。"
                again = {"state": State.PENDING, "due_at": now, "finished_at": None, "reason": reason}
                decided = decided.where(delivery.c.state.in_((State.HELD, State.DEAD))).values(again)
            of = (await connection.execute(decided.returning(delivery.c.message_id))).scalar_one_or_none()
            if of is None:
                return False
            settled: Details = {"decision": decision.value, "message": of}
            await record(connection, person, Action.DECIDE, marker, settled, self._clock)
        return True

    async def counts(self, message_id: int) -> Balance:
        """Where the deliveries of a message stand."""
        async with reading(self._engine).connect() as connection:
            return (await _balances(connection, [message_id])).get(message_id, Balance())

    async def recent(self, limit: int) -> Sequence[Dispatch]:
        """The newest messages, with their counts."""
        newest = select(messages).order_by(messages.c.id.desc()).limit(limit)
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(newest)).all()
            ids = [row.id for row in rows]
            balances = await _balances(connection, ids)
            ends = select(delivery.c.message_id, func.max(delivery.c.finished_at)).where(delivery.c.message_id.in_(ids))
            finished = {row[0]: row[1] for row in await connection.execute(ends.group_by(delivery.c.message_id))}
        return [
            Dispatch(
                message_id=row.id,
                kind=Kind(row.kind),
                origin=row.origin,
                message=content.read(row.content),
                until=row.until,
                created_at=row.created_at,
                withdrawn_at=row.withdrawn_at,
                finished_at=finished.get(row.id),
                balance=balances.get(row.id, Balance()),
            )
            for row in rows
        ]

    async def held(self, limit: int = 1000) -> Sequence[Undelivered]:
        """What a person has to decide on, held and dead, the newest message first."""
        async with reading(self._engine).connect() as connection:
            return [_undelivered(row) for row in await connection.execute(_undecided().limit(limit))]

    async def next_due(self, channel: str | None = None) -> datetime | None:
        """When the next delivery that waits is due, on one channel or on any."""
        soonest = select(func.min(delivery.c.due_at)).where(delivery.c.state == State.PENDING)
        if channel is not None:
            soonest = soonest.where(delivery.c.channel == channel)
        async with reading(self._engine).connect() as connection:
            moment: datetime | None = await connection.scalar(soonest)
        return moment


async def withdraw(connection: AsyncConnection, message_id: int, now: datetime) -> int:
    """As `OutboxStore.cancel`, in the caller's transaction."""
    once = and_(messages.c.id == message_id, messages.c.withdrawn_at.is_(None))
    await connection.execute(update(messages).where(once).values(withdrawn_at=now))
    waiting = and_(delivery.c.message_id == message_id, delivery.c.state.in_((State.PENDING, State.HELD)))
    end = {"state": State.CANCELLED, "finished_at": now, "reason": WITHDRAWN}
    return (await connection.execute(update(delivery).where(waiting).values(end))).rowcount


async def _balances(connection: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Balance]:
    counted = select(delivery.c.message_id, delivery.c.state, func.count()).where(delivery.c.message_id.in_(ids))
    states: dict[int, Counter[str]] = {}
    for id_, state, count in await connection.execute(counted.group_by(delivery.c.message_id, delivery.c.state)):
        states.setdefault(id_, Counter())[state] = count
    return {id_: Balance(**found) for id_, found in states.items()}


def _undecided() -> Select[Any]:
    wanted = select(delivery, messages.c.kind, messages.c.origin, messages.c.content).join(messages)
    wanted = wanted.where(delivery.c.state.in_((State.HELD, State.DEAD)))
    return wanted.order_by(delivery.c.message_id.desc(), delivery.c.id)


def _undelivered(row: Any) -> Undelivered:
    return Undelivered(
        marker=row.marker,
        message_id=row.message_id,
        kind=Kind(row.kind),
        origin=row.origin,
        title=content.read(row.content).title,
        recipient=row.recipient,
        address=Address(channel=row.channel, to=row.address),
        state=State(row.state),
        reason=row.reason or "",
        attempts=row.attempts,
        started_at=row.started_at,
    )
