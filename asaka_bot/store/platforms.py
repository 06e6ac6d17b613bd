"""What the bot remembers of platforms: events it has acted on, and where people are reached."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.outgoing import ContactPoint
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.tables import contact_point, seen_event

_KEPT = timedelta(days=3)  # platforms deliver again within hours
_SETTABLE = ("address", "email", "service_url", "tenant", "reachable", "learned_at")


class EventLog:
    """Each event acts once, whichever replica receives it, and however often."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def first_time(self, channel: str, event: str) -> bool:
        """True for exactly one of all calls with the same event."""
        async with self._engine.begin() as connection:
            row = {"channel": channel, "event": event[:200], "seen_at": await now_by(connection, self._clock)}
            insert = upsert(connection, seen_event).values(row).on_conflict_do_nothing()
            return (await connection.execute(insert.returning(seen_event.c.event))).first() is not None

    async def forget_old(self) -> int:
        """Drop what is older than three days; returns how many rows."""
        async with self._engine.begin() as connection:
            limit = await now_by(connection, self._clock) - _KEPT
            return (await connection.execute(delete(seen_event).where(seen_event.c.seen_at < limit))).rowcount


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
        async with reading(self._engine).connect() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        return None if row is None else _point(dict(row))

    async def at(self, channel: str, address: str) -> ContactPoint | None:
        """Whoever is reached at an address of a platform."""
        wanted = select(contact_point).where(contact_point.c.channel == channel, contact_point.c.address == address)
        async with reading(self._engine).connect() as connection:
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
