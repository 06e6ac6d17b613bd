"""Nothing leaves from a restored copy before a person says so: what has left since the copy was made is unknown."""

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, now_by, reading
from asaka_bot.store.tables import milestone, sending_hold

RESTORED = "控えから戻したデータで動いています。控えを取った後に何を送ったかが分からないため、送信を止めています。"
OLDER_DATA = "データベースが、前に動いていたときより古いものに替わっています。そのため、送信を止めています。"
_HEARTBEAT = "heartbeat"


class SendingHold:
    """Whether sending is held, why, and who released it."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def reason(self) -> str | None:
        """Why nothing leaves at present; None where sending goes on."""
        held = select(sending_hold.c.reason).where(sending_hold.c.released_at.is_(None)).order_by(sending_hold.c.id)
        async with reading(self._engine).connect() as connection:
            return (await connection.execute(held.limit(1))).scalar_one_or_none()

    async def last_release(self) -> datetime | None:
        """When sending was last released; what fell due before it is not sent any more."""
        async with reading(self._engine).connect() as connection:
            last: datetime | None = await connection.scalar(select(func.max(sending_hold.c.released_at)))
            return last

    async def release(self, person: str) -> None:
        """Let sending go on."""
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            held = update(sending_hold).where(sending_hold.c.released_at.is_(None))
            released = held.values(released_at=now, released_by=person).returning(sending_hold.c.id)
            holds = (await connection.execute(released)).scalars().all()
            if holds:
                many = {"holds": len(holds)}
                await record(connection, person, Action.RELEASE, str(max(holds)), many, self._clock)

    async def beat(self, seen: datetime | None) -> datetime:
        """Note that the bot lives; returns the moment noted, to be kept outside the database and given back as `seen`.

        A database that knows only an older moment than `seen` is a copy of an earlier day: sending is held.
        """
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            noted = select(milestone.c.moment).where(milestone.c.name == _HEARTBEAT)
            known: datetime | None = await connection.scalar(noted)
            if seen is not None and (known is None or known < seen):
                await hold(connection, OLDER_DATA, now)
            if known is None:
                await connection.execute(insert(milestone).values(name=_HEARTBEAT, moment=now))
                return now
            newest = max(now, known)
            await connection.execute(update(milestone).where(milestone.c.name == _HEARTBEAT).values(moment=newest))
            return newest


async def hold(connection: AsyncConnection, reason: str, now: datetime) -> None:
    """Hold all sending, within the caller's transaction."""
    await connection.execute(insert(sending_hold).values(reason=reason, since=now))
