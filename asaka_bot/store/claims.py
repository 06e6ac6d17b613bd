"""What the workers do with the outbox: claim what is due, within the budgets, and write down what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.delivery.channel import Traits
from asaka_bot.delivery.outbox import Change, Delivery, State
from asaka_bot.delivery.pacing import grant, seconds_to_next
from asaka_bot.outgoing import Address, WhenUncertain
from asaka_bot.store import content, recording
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.outages import nothing_leaves
from asaka_bot.store.tables import delivery, destination, message, pace

TOO_LATE = "送る期限を過ぎたため、送りませんでした。"
WITHDRAWN = "取り消されたため、送りませんでした。"

_ORDER = (delivery.c.priority, delivery.c.due_at, delivery.c.id)
_GIVEN = (
    delivery.c.id,
    delivery.c.marker,
    delivery.c.message_id,
    delivery.c.recipient,
    delivery.c.channel,
    delivery.c.address,
    delivery.c.state,
    delivery.c.attempts,
    delivery.c.started_at,
)


class Claims:
    """The outbox as its workers see it; implements `asaka_bot.delivery.outbox.Outbox`."""

    def __init__(self, engine: AsyncEngine, *, clock: Clock | None = None, lease_margin_seconds: float = 20.0) -> None:
        """`clock` replaces the database's own; a lease lasts `lease_margin_seconds` longer than the longest call."""
        self._engine, self._clock, self._margin = engine, clock, lease_margin_seconds

    async def now(self) -> datetime:
        """The database's clock."""
        async with reading(self._engine).connect() as connection:
            return await self._now(connection)

    async def claim(
        self, channel: str, traits: Traits, *, most: int, holder: str, finished: Sequence[Change] = ()
    ) -> Sequence[Delivery]:
        """Turn up to `most` due deliveries into `sending`, and write what `finished` says, in one transaction."""
        async with self._engine.begin() as connection:
            # Budgets belong to all replicas: one after another. The gate comes first, always, so that none deadlock.
            free_at = await self._gate(connection, channel) if _has_budget(traits) else None
            now = await self._now(connection)
            await recording.write(connection, finished, now)
            if traits.per_second is not None and free_at is not None:
                most = len(grant(free_at, per_second=traits.per_second, now=now, most=most).moments)
            if most < 1 or await nothing_leaves(connection, channel):
                return []
            ids = await _chosen(connection, channel, traits, now, most)
            claimed = await self._lease(connection, ids, traits, now, holder)
            if claimed and traits.per_second is not None and free_at is not None:
                given = grant(free_at, per_second=traits.per_second, now=now, most=len(claimed))
                await connection.execute(update(pace).where(pace.c.channel == channel).values(free_at=given.free_at))
                waits = [(moment - now).total_seconds() for moment in given.moments]
                claimed = [replace(one, leave_in_seconds=wait) for one, wait in zip(claimed, waits, strict=True)]
            if claimed and traits.per_destination_seconds > 0:
                await recording.occupy(connection, {_place(d): _free_again(d, traits) for d in claimed})
            return claimed

    async def seconds_to_next(self, channel: str, traits: Traits) -> float | None:
        """How long until `claim` may give something; None: nothing waits, or sending is on hold."""
        async with reading(self._engine).connect() as connection:
            now = await self._now(connection)
            if await nothing_leaves(connection, channel):
                return None
            at_once = await connection.scalar(_leaving(select(delivery.c.id), channel, traits, now).limit(1))
            if at_once is not None:
                moment = now
            else:
                later = case(
                    (destination.c.free_at > delivery.c.due_at, destination.c.free_at), else_=delivery.c.due_at
                )
                waiting = _waiting(select(func.min(later)), channel, traits, now)
                moment = (await connection.execute(waiting)).scalar_one()
                if moment is None:
                    return None
            if traits.per_second is not None:
                free_at = await connection.scalar(select(pace.c.free_at).where(pace.c.channel == channel))
                if free_at is not None:
                    wait = seconds_to_next(free_at, per_second=traits.per_second, now=now)
                    moment = max(moment, now + timedelta(seconds=wait))
            return max(0.0, float((moment - now).total_seconds()))

    async def claim_lookups(self, channel: str, traits: Traits, *, most: int, holder: str) -> Sequence[Delivery]:
        """Lease up to `most` unknown deliveries whose time to be looked up has come."""
        async with reading(self._engine).connect() as connection:
            now = await self._now(connection)
            due = select(delivery.c.id).where(
                delivery.c.state == State.UNKNOWN,
                delivery.c.channel == channel,
                delivery.c.due_at <= now,
                or_(delivery.c.lease_until.is_(None), delivery.c.lease_until <= now),
            )
            if await connection.scalar(due.limit(1)) is None or await nothing_leaves(connection, channel):
                return []  # nothing to write, so nobody has to wait for the lock
        async with self._engine.begin() as connection:
            due = due.order_by(*_ORDER).limit(most).with_for_update(skip_locked=True)
            ids = (await connection.execute(due)).scalars().all()
            leased = {"lease_holder": holder, "lease_until": self._lease_until(traits, now)}
            return await _changed(connection, ids, State.UNKNOWN, leased)

    async def claim_abandoned(self, channel: str, traits: Traits, *, most: int) -> Sequence[Delivery]:  # noqa: ARG002
        """Deliveries still `sending` whose lease has run out: their replica died."""
        async with reading(self._engine).connect() as connection:
            now = await self._now(connection)
            left = select(*_GIVEN).where(
                delivery.c.state == State.SENDING, delivery.c.channel == channel, delivery.c.lease_until <= now
            )
            return await _deliveries(connection, (await connection.execute(left.order_by(*_ORDER).limit(most))).all())

    async def record(self, changes: Sequence[Change]) -> None:
        """Write what became of claimed deliveries; what has been settled by somebody else meanwhile stays."""
        async with self._engine.begin() as connection:
            await recording.write(connection, changes, await self._now(connection))

    async def expire(self, channel: str) -> int:
        """Cancel what waits but must not leave any more: withdrawn, or past its `until`. Returns how many."""
        async with reading(self._engine).connect() as connection:
            now = await self._now(connection)
            late = _expired(channel, now)
            if await connection.scalar(select(delivery.c.id).where(late).limit(1)) is None:
                return 0  # nothing to write, so nobody has to wait for the lock
        withdrawn = exists().where(message.c.id == delivery.c.message_id, message.c.withdrawn_at.is_not(None))
        cancelled = {
            "state": State.CANCELLED,
            "finished_at": now,
            "reason": case((withdrawn, literal(WITHDRAWN)), else_=literal(TOO_LATE)),
        }
        async with self._engine.begin() as connection:
            return (await connection.execute(update(delivery).where(late).values(cancelled))).rowcount

    async def _now(self, connection: AsyncConnection) -> datetime:
        return await now_by(connection, self._clock)

    def _lease_until(self, traits: Traits, now: datetime) -> datetime:
        return now + timedelta(seconds=traits.timeout_seconds + self._margin)

    async def _gate(self, connection: AsyncConnection, channel: str) -> datetime:
        """Lock the channel's row until the end of the transaction; when its budget is free."""
        held = select(pace.c.free_at).where(pace.c.channel == channel).with_for_update()
        free_at = await connection.scalar(held)
        if free_at is None:
            row = {"channel": channel, "free_at": await self._now(connection)}
            await connection.execute(upsert(connection, pace).values(row).on_conflict_do_nothing())
            free_at = await connection.scalar(held)
        return free_at or await self._now(connection)

    async def _lease(
        self, connection: AsyncConnection, ids: Sequence[int], traits: Traits, now: datetime, holder: str
    ) -> list[Delivery]:
        return await _changed(
            connection,
            ids,
            State.PENDING,
            {
                "state": State.SENDING,
                "attempts": delivery.c.attempts + 1,
                "started_at": now,
                "lease_holder": holder,
                "lease_until": self._lease_until(traits, now),
            },
        )


def _place(claimed: Delivery) -> tuple[str, str]:
    return claimed.address.channel, claimed.address.to


def _free_again(claimed: Delivery, traits: Traits) -> datetime:
    return claimed.started_at + timedelta(seconds=claimed.leave_in_seconds + traits.per_destination_seconds)


def _has_budget(traits: Traits) -> bool:
    return traits.per_second is not None or traits.per_destination_seconds > 0


def _waiting(columns: Select[Any], channel: str, traits: Traits, now: datetime) -> Select[Any]:
    """Of the deliveries that wait and may still leave, at whatever time."""
    its_destination = and_(destination.c.channel == delivery.c.channel, destination.c.address == delivery.c.address)
    chosen = columns.select_from(delivery.join(message).outerjoin(destination, its_destination)).where(
        delivery.c.state == State.PENDING,
        delivery.c.channel == channel,
        message.c.withdrawn_at.is_(None),
        or_(message.c.until.is_(None), message.c.until > now),
    )
    if traits.per_destination_seconds > 0:  # one call at a time to each address
        busy = select(delivery.c.address.label("address")).where(
            delivery.c.state == State.SENDING, delivery.c.channel == channel
        )
        chosen = chosen.where(delivery.c.address.not_in(busy.correlate(None)))
    return chosen


def _leaving(columns: Select[Any], channel: str, traits: Traits, now: datetime) -> Select[Any]:
    """Of the deliveries that may leave now."""
    due = and_(delivery.c.due_at <= now, or_(destination.c.free_at.is_(None), destination.c.free_at <= now))
    return _waiting(columns, channel, traits, now).where(due)


async def _chosen(connection: AsyncConnection, channel: str, traits: Traits, now: datetime, most: int) -> Sequence[int]:
    """Ids of up to `most` deliveries that may leave now, in their order; to one address one, where it wants pauses."""
    if traits.per_destination_seconds <= 0:
        free = _leaving(select(delivery.c.id), channel, traits, now).order_by(*_ORDER).limit(most)
        locked = free.with_for_update(of=delivery, skip_locked=True)
        return [row.id for row in await connection.execute(locked)]
    # Nobody else claims here: the channel's gate is shut. Mostly the next few go to enough different addresses;
    # only where one address blocks the view all that waits is looked through.
    view = most * 8
    ahead = _leaving(select(delivery.c.id, delivery.c.address), channel, traits, now).order_by(*_ORDER).limit(view)
    rows = (await connection.execute(ahead)).all()
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.address, row.id)
    if len(first) >= most or len(rows) < view:
        return list(first.values())[:most]
    turn = func.row_number().over(partition_by=delivery.c.address, order_by=_ORDER).label("turn")
    every = _leaving(select(*_ORDER, turn), channel, traits, now).subquery()
    firsts = select(every.c.id).where(every.c.turn == 1).order_by(every.c.priority, every.c.due_at, every.c.id)
    return [row.id for row in await connection.execute(firsts.limit(most))]


def _expired(channel: str, now: datetime) -> ColumnElement[bool]:
    over = or_(message.c.until <= now, message.c.withdrawn_at.is_not(None))
    return and_(
        delivery.c.state == State.PENDING,
        delivery.c.channel == channel,
        exists().where(message.c.id == delivery.c.message_id, over),
    )


async def _changed(
    connection: AsyncConnection, ids: Sequence[int], state: State, values: dict[str, Any]
) -> list[Delivery]:
    """Update those of the rows that are still in `state`, and give them back in the order of `ids`."""
    if not ids:
        return []
    changed = update(delivery).where(delivery.c.id.in_(ids), delivery.c.state == state).values(values)
    place = {id_: number for number, id_ in enumerate(ids)}
    rows = sorted((await connection.execute(changed.returning(*_GIVEN))).all(), key=lambda row: place[row.id])
    return await _deliveries(connection, rows)


async def _deliveries(connection: AsyncConnection, rows: Sequence[Any]) -> list[Delivery]:
    if not rows:
        return []
    wanted = select(message.c.id, message.c.content, message.c.when_uncertain)
    wanted = wanted.where(message.c.id.in_({row.message_id for row in rows}))
    messages = {
        id_: (content.read(written), WhenUncertain(uncertain))
        for id_, written, uncertain in await connection.execute(wanted)
    }
    return [
        Delivery(
            marker=row.marker,
            message_id=row.message_id,
            message=messages[row.message_id][0],
            when_uncertain=messages[row.message_id][1],
            recipient=row.recipient,
            address=Address(channel=row.channel, to=row.address),
            state=State(row.state),
            attempts=row.attempts,
            started_at=row.started_at,
        )
        for row in rows
    ]
