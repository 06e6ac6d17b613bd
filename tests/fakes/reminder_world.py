"""A database, a clock that can be set, and as many reminder flows over them as wanted."""

import asyncio
from datetime import date, timedelta

from sqlalchemy import func, select

from asaka_bot.reminders.flow import ReminderFlow
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.reminders import ReminderStore
from asaka_bot.store.sending_hold import SendingHold
from asaka_bot.store.tables import delivery, message, occurrence


class World:
    """A database, a clock that can be set, and as many flows over them as wanted."""

    def __init__(self, engine, schedule, start):
        self.now = start
        self.elapsed = 0.0
        self.engine, self.schedule = engine, schedule
        self.outbox = OutboxStore(engine, clock=self.told)
        self.book = ReminderStore(engine, self.outbox, clock=self.told)
        self.hold = SendingHold(engine, clock=self.told)

    async def told(self):
        return self.now

    def flow(self):
        return ReminderFlow(self.schedule, self.book, elapsed=lambda: self.elapsed)

    def pass_(self, **span):
        self.now += timedelta(**span)
        self.elapsed += timedelta(**span).total_seconds()

    async def rows(self, first=date(2026, 1, 1), last=date(2027, 12, 31)):
        return {(o.rule, o.day): o.status.value for o in await self.book.occurrences(first, last)}

    async def messages(self):
        async with self.engine.connect() as connection:
            origins = (await connection.execute(select(message.c.origin).order_by(message.c.id))).scalars().all()
            deliveries = await connection.scalar(select(func.count()).select_from(delivery))
        assert deliveries == len(origins)
        return list(origins)

    async def queued(self):
        """When the message of each occurrence that was sent was put into the outbox."""
        wanted = select(occurrence.c.rule, occurrence.c.local_date, message.c.created_at).join(message)
        async with self.engine.connect() as connection:
            moments = {(row.rule, row.local_date): row.created_at for row in await connection.execute(wanted)}
        decided = await self.book.occurrences(date(2020, 1, 1), date(2040, 1, 1))
        return {o: moments[o.rule, o.day] for o in decided if o.status.value == "sent"}


def in_world(url, schedule, start, work):
    async def run():
        engine = await open_database(url)
        try:
            return await work(World(engine, schedule, start))
        finally:
            await engine.dispose()

    return asyncio.run(run())
