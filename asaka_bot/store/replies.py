"""What people wrote back to HR."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.broadcasts.notice import NoticeReply
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, now_by, reading
from asaka_bot.store.notice_rows import notice_of, notices
from asaka_bot.store.tables import notice, notice_reply, person


class Replies:
    """Texts that people agreed to hand over, each with who dealt with it."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def add(self, number: int, staff_id: str, text: str) -> None:
        """Keep a reply to a notice."""
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            row = {"notice": number, "staff_id": staff_id, "text": text, "received_at": now}
            await connection.execute(insert(notice_reply).values(row))

    async def latest(self, *, handled: bool, limit: int) -> Sequence[NoticeReply]:
        """The newest first."""
        wanted = select(notice_reply, person.c.name, person.c.office).outerjoin(
            person, person.c.staff_id == notice_reply.c.staff_id
        )
        done = notice_reply.c.handled_at.is_not(None)
        wanted = wanted.where(done if handled else ~done).order_by(notice_reply.c.id.desc()).limit(limit)
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(wanted)).all()
            of = notices().where(notice.c.id.in_({row.notice for row in rows}))
            titles = {row.id: notice_of(row).content.title for row in await connection.execute(of)}
        return [
            NoticeReply(
                id=row.id,
                notice=row.notice,
                title=titles[row.notice],
                staff_id=row.staff_id,
                name=row.name or row.staff_id,
                office=row.office or "",
                text=row.text,
                received_at=row.received_at,
                handled_by=row.handled_by or "",
                handled_at=row.handled_at,
            )
            for row in rows
        ]

    async def handle(self, number: int, by: str) -> bool:
        """Mark a reply as dealt with; False where somebody did so before."""
        open_ = (notice_reply.c.id == number, notice_reply.c.handled_at.is_(None))
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            done = update(notice_reply).where(*open_).values(handled_by=by, handled_at=now)
            if (await connection.execute(done)).rowcount == 0:
                return False
            await record(connection, by, Action.REPLY_HANDLED, str(number), clock=self._clock)
        return True
