"""What the bot remembers of platforms: events it has acted on, and where people are reached."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.outgoing import ContactPoint
from asaka_bot.store.database import Clock, looking_up, now_by, reading, upsert
from asaka_bot.store.tables import contact_point, seen_event

_KEPT = timedelta(days=3)  # platforms deliver again within hours
_AT_ONCE = 100  # events a transaction
_PAUSE_SECONDS = 0.04  # between two transactions while events come thick: each costs 2.6 ms of processor time
_SETTABLE = ("address", "email", "service_url", "tenant", "reachable", "learned_at")

_Event = tuple[str, str]  # its channel and its name there


class EventLog:
    """Each event acts once, whichever replica receives it, and however often."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock
        self._asked: list[tuple[_Event, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def first_time(self, channel: str, event: str) -> bool:
        """True for exactly one of all calls with the same event, once that is committed.

        A call that comes alone is written down at once; those that come thick share a transaction.
        """
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked.append(((channel, event[:200]), answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        while self._asked:
            asked, self._asked = self._asked[:_AT_ONCE], self._asked[_AT_ONCE:]
            try:
                await self._settle(asked)
            finally:  # where this task is cancelled, nobody may wait for ever
                for _, answer in asked:
                    answer.cancel()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _settle(self, asked: Sequence[tuple[_Event, asyncio.Future[bool]]]) -> None:
        waiting = [(event, answer) for event, answer in asked if not answer.done()]
        try:
            new = await self._remember({event for event, _ in waiting})
        except Exception as error:
            if len(waiting) > 1:  # one that the database refuses must not take the others along
                for one in waiting:
                    await self._settle([one])
            elif waiting and not waiting[0][1].done():
                waiting[0][1].set_exception(error)
            return
        for event, answer in waiting:
            if not answer.done():
                answer.set_result(event in new)
                new.discard(event)

    async def _remember(self, events: Collection[_Event]) -> set[_Event]:
        """Write the events down in one transaction; those that were not there before."""
        if not events:
            return set()
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            # In the same order everywhere, so that replicas with the same events do not wait for each other in turn.
            rows = [{"channel": channel, "event": event, "seen_at": now} for channel, event in sorted(events)]
            insert = upsert(connection, seen_event).values(rows).on_conflict_do_nothing()
            written = await connection.execute(insert.returning(seen_event.c.channel, seen_event.c.event))
            return {(row.channel, row.event) for row in written}

    async def forget_old(self) -> int:
        """Drop what is older than three days; returns how many rows."""
        async with self._engine.begin() as connection:
            limit = await now_by(connection, self._clock) - _KEPT
            return (await connection.execute(delete(seen_event).where(seen_event.c.seen_at < limit))).rowcount


async def first_time(connection: AsyncConnection, channel: str, event: str, clock: Clock | None) -> bool:
    """As `EventLog.first_time`, for what has to become true together with it, in the caller's transaction."""
    row = {"channel": channel, "event": event, "seen_at": await now_by(connection, clock)}
    insert = upsert(connection, seen_event).values(row).on_conflict_do_nothing()
    return (await connection.execute(insert.returning(seen_event.c.event))).scalar_one_or_none() is not None


class AddressBook:
    """Where people are reached on each platform."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def learn(self, point: ContactPoint) -> None:
        """Keep the newest address of a person; an empty e-mail leaves the one that is known."""
        async with self._engine.begin() as connection:
            await self._learn(connection, point)

    async def find(self, channel: str, user: str) -> ContactPoint | None:
        """The person's address on a platform, None before first contact."""
        wanted = select(contact_point).where(contact_point.c.channel == channel, contact_point.c.user == user)
        async with looking_up(self._engine).connect() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        return None if row is None else _point(dict(row))

    async def at(self, channel: str, address: str) -> ContactPoint | None:
        """Whoever is reached at an address of a platform."""
        wanted = select(contact_point).where(contact_point.c.channel == channel, contact_point.c.address == address)
        async with looking_up(self._engine).connect() as connection:
            row = (await connection.execute(wanted.limit(1))).mappings().one_or_none()
        return None if row is None else _point(dict(row))

    async def everybody(self) -> tuple[ContactPoint, ...]:
        """Everybody on every platform, those who are unreachable included."""
        async with reading(self._engine).connect() as connection:
            return tuple(_point(dict(row)) for row in (await connection.execute(select(contact_point))).mappings())

    async def set_reachable(self, channel: str, user: str, reachable: bool) -> None:
        """Note that a person has blocked or removed the bot, or has it again."""
        who = update(contact_point).where(contact_point.c.channel == channel, contact_point.c.user == user)
        async with self._engine.begin() as connection:
            await connection.execute(who.values(reachable=reachable))

    async def _learn(self, connection: AsyncConnection, point: ContactPoint) -> None:
        row = {
            "channel": point.channel,
            "user": point.user,
            "address": point.address,
            "email": point.email.lower(),
            "service_url": point.service_url,
            "tenant": point.tenant,
            "reachable": point.reachable,
            "learned_at": await now_by(connection, self._clock),
        }
        made = upsert(connection, contact_point).values(row)
        changed = {name: made.excluded[name] for name in _SETTABLE if name != "email" or point.email}
        await connection.execute(made.on_conflict_do_update(index_elements=["channel", "user"], set_=changed))


def _point(row: dict[str, object]) -> ContactPoint:
    row.pop("learned_at")
    return ContactPoint(**row)  # type: ignore[arg-type] # the columns are the fields
