"""Imports of the staff directory that wait an hour for a person's confirmation."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.broadcasts.staff_changes import Changes, dumped, loaded, sorted_out
from asaka_bot.store.database import Clock, now_by, reading
from asaka_bot.store.tables import staff_draft

_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """A row of staff_draft."""

    file: str
    changes: Changes
    ignored: tuple[str, ...]


class StaffDrafts:
    """Drafts by token, each for the person alone who made it; whatever has expired goes with the next one, or soon after."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def keep(self, changes: Changes, *, ignored: Sequence[str], by: str, file: str) -> str:
        """Keep the changes for an hour; returns the token."""
        token = secrets.token_urlsafe(16)
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            await _forget(connection, now)
            row = {
                "token": token,
                "made_by": by,
                "expires_at": now + _LASTS,
                "file": file[:200],
                "basis": changes.basis,
                "changes": dumped(changes.all),
                "unchanged": changes.unchanged,
                "ignored": "\n".join(ignored),
            }
            await connection.execute(insert(staff_draft).values(row))
        return token

    async def forget_old(self) -> int:
        """Drop what has expired; returns how many drafts."""
        async with self._engine.begin() as connection:
            return await _forget(connection, await now_by(connection, self._clock))

    async def find(self, token: str, *, by: str) -> StoredDraft | None:
        """What `by` has drafted, None where there is no such draft any more."""
        async with reading(self._engine).connect() as connection:
            now = await now_by(connection, self._clock)
            own = (staff_draft.c.token == token, staff_draft.c.made_by == by, staff_draft.c.expires_at > now)
            row = (await connection.execute(select(staff_draft).where(*own))).one_or_none()
        return None if row is None else _draft(row)

    async def take(self, token: str, *, by: str) -> StoredDraft | None:
        """The same, and it is gone: nobody can take it twice."""
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            own = (staff_draft.c.token == token, staff_draft.c.made_by == by, staff_draft.c.expires_at > now)
            row = (await connection.execute(delete(staff_draft).where(*own).returning(staff_draft))).one_or_none()
        return None if row is None else _draft(row)


async def _forget(connection: AsyncConnection, now: datetime) -> int:
    return (await connection.execute(delete(staff_draft).where(staff_draft.c.expires_at <= now))).rowcount


def _draft(row: Row[tuple[object, ...]]) -> StoredDraft:
    changes = sorted_out(loaded(row.changes), basis=row.basis, unchanged=row.unchanged)
    return StoredDraft(file=row.file, changes=changes, ignored=tuple(row.ignored.splitlines()))
