"""Platforms that take nothing from the bot at present, known to all replicas; implements `delivery.outage.OutagePort`."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.delivery.outage import Outage
from asaka_bot.delivery.outbox import State
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.tables import delivery, outage, sending_hold

_WAITING = (State.PENDING, State.SENDING, State.UNKNOWN)


class Outages:
    """One row a channel, gone when it is over."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def begin(self, channel: str, reason: str) -> bool:
        """Let nothing more leave on `channel`; False where that is known already, and the first reason stays."""
        if await self.stands(channel):
            return False  # nothing to write, so nobody has to wait for the lock
        async with self._engine.begin() as connection:
            row = {"channel": channel, "reason": reason, "since": await now_by(connection, self._clock)}
            added = upsert(connection, outage).values(row).on_conflict_do_nothing()
            return (await connection.execute(added.returning(outage.c.channel))).scalar_one_or_none() is not None

    async def end(self, channel: str) -> bool:
        """Let everything leave again; False where nothing stood in the way."""
        if not await self.stands(channel):
            return False
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(outage).where(outage.c.channel == channel))).rowcount > 0

    async def stands(self, channel: str) -> bool:
        """Whether an outage stands."""
        async with reading(self._engine).connect() as connection:
            found = await connection.scalar(select(outage.c.channel).where(outage.c.channel == channel))
        return found is not None

    async def all(self) -> Sequence[Outage]:
        """Every outage, with how many deliveries wait for its end."""
        waiting = (
            select(func.count())
            .select_from(delivery)
            .where(delivery.c.channel == outage.c.channel, delivery.c.state.in_(_WAITING))
            .scalar_subquery()
        )
        wanted = select(outage, waiting.label("waiting")).order_by(outage.c.channel)
        async with reading(self._engine).connect() as connection:
            return [Outage(**row) for row in (await connection.execute(wanted)).mappings()]


async def nothing_leaves(connection: AsyncConnection, channel: str) -> bool:
    """Whether all sending is held, or the platform takes nothing."""
    held = exists().where(sending_hold.c.released_at.is_(None))
    return bool(await connection.scalar(select(or_(held, exists().where(outage.c.channel == channel)))))
