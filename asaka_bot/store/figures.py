"""How many deliveries and occurrences stand where, for the operators' figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.delivery.outbox import State
from asaka_bot.store.database import database_now, reading
from asaka_bot.store.tables import delivery, occurrence, outage, sending_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFigures:
    """What the database says about deliveries and reminders at one moment."""

    deliveries: Mapping[tuple[str, str], int]  # (channel, state) -> how many
    occurrences: Mapping[str, int]  # status -> how many
    oldest_waiting_seconds: float  # how long the oldest due delivery has waited; 0 where none waits
    held: bool  # sending waits for a person
    out: Sequence[str]  # channels that take nothing from the bot at present


async def delivery_figures(engine: AsyncEngine) -> DeliveryFigures:
    """Count."""
    by_state = select(delivery.c.channel, delivery.c.state, func.count().label("many"))
    by_status = select(occurrence.c.status, func.count().label("many")).group_by(occurrence.c.status)
    held = select(func.count()).select_from(sending_hold).where(sending_hold.c.released_at.is_(None))
    async with reading(engine).connect() as connection:
        now = await database_now(connection)
        waiting = select(func.min(delivery.c.due_at)).where(delivery.c.state == State.PENDING, delivery.c.due_at <= now)
        oldest = await connection.scalar(waiting)
        states = await connection.execute(by_state.group_by(delivery.c.channel, delivery.c.state))
        return DeliveryFigures(
            deliveries={(row.channel, row.state): row.many for row in states},
            occurrences={row.status: row.many for row in await connection.execute(by_status)},
            oldest_waiting_seconds=(now - oldest).total_seconds() if oldest else 0.0,
            held=bool(await connection.scalar(held)),
            out=(await connection.execute(select(outage.c.channel))).scalars().all(),
        )
