"""The database's own clock: the only one that decides what is due, whatever the hosts of the replicas believe."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Clock = Callable[[AsyncConnection], Awaitable[datetime]]


async def database_clock(connection: AsyncConnection) -> datetime:
    """The present moment, aware, in UTC; on PostgreSQL the moment of asking, not that of the transaction's begin."""
    if connection.dialect.name == "sqlite":
        told = await connection.execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"))
        return datetime.fromisoformat(told.scalar_one()).replace(tzinfo=UTC)
    moment: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return moment.astimezone(UTC)
