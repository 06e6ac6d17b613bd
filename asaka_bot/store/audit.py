"""The audit log in the database: written inside the transaction of the action itself, read back, verified."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import NullType

from asaka_bot.audit import GENESIS, Action, Chain, Details, Entry, Verdict, seal
from asaka_bot.store.database import Clock, now_by, reading
from asaka_bot.store.tables import audit

_APPEND_LOCK = 8_352_002  # beside that of the migrations
_ROWS_AT_ONCE = 1_000
_UNREADABLE = datetime.fromtimestamp(0, UTC)  # stands for a moment that is none: the digest can't fit it
_NEWEST = select(audit.c.id, audit.c.digest).order_by(audit.c.id.desc()).limit(1)
# The moment as the database holds it: one that was spoilt must be found, not end the look at the log.
_ROWS = select(*(type_coerce(c, NullType()).label("at") if c is audit.c.at else c for c in audit.c))


async def record(
    connection: AsyncConnection,
    person: str,
    action: Action,
    subject: str,
    details: Details | None = None,
    clock: Clock | None = None,
) -> Entry:
    """Append an entry in the transaction of the action: both are kept, or neither.

    Let it be the last statement of the transaction: from here to its end all other actions wait.
    """
    if connection.dialect.name == "postgresql":  # SQLite lets one writer in at a time anyway
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _APPEND_LOCK})
    last = (await connection.execute(_NEWEST)).one_or_none()
    entry = seal(
        (last.id, last.digest) if last else None,
        at=await now_by(connection, clock),
        person=person,
        action=action,
        subject=subject,
        details=details or {},
    )
    row = {column.name: getattr(entry, column.name) for column in audit.c}
    await connection.execute(insert(audit).values(row))
    return entry


class AuditLog:
    """What people did, as it stands in the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def latest(self, limit: int, before: int | None = None) -> Sequence[Entry]:
        """The newest entries first; with `before` those older than the entry of that id."""
        wanted = _ROWS.order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(audit.c.id < before)
        async with reading(self._engine).connect() as connection:
            return [_entry(row) for row in await connection.execute(wanted)]

    async def verify(self, noted: str | None = None) -> Verdict:
        """Walk along all entries; `noted` is a head that was written down outside and must be among them."""
        chain = Chain(noted)
        async with (
            reading(self._engine).connect() as connection,
            connection.stream(_ROWS.order_by(audit.c.id)) as rows,
        ):
            async for part in rows.partitions(_ROWS_AT_ONCE):
                for row in part:
                    broken = chain.follow(_entry(row))
                    if broken:
                        return chain.verdict(broken)
        return chain.verdict()

    async def head(self) -> str:
        """The digest of the newest entry, to be written down outside; `audit.GENESIS` where there is none."""
        async with reading(self._engine).connect() as connection:
            last = (await connection.execute(_NEWEST)).one_or_none()
        return last.digest if last else GENESIS


def _entry(row: Any) -> Entry:
    """The row as an entry, whatever somebody may have put into it: SQLite keeps any value in any column."""
    at = row.at
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            at = _UNREADABLE
    if not isinstance(at, datetime):
        at = _UNREADABLE
    return Entry(
        id=row.id,
        at=at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC),
        person=str(row.person),
        action=str(row.action),
        subject=str(row.subject),
        details=str(row.details),
        previous=str(row.previous),
        digest=str(row.digest),
    )
