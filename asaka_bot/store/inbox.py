"""The inbox of the web chat in the database; implements `asaka_bot.channels.web.gateway.InboxPort`."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.outgoing import Address, Message, Received
from asaka_bot.store import content
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.tables import inbox

_CHANNEL = "web"


class InboxStore:
    """What arrived for each audience; a marker arrives once."""

    def __init__(self, engine: AsyncEngine, *, clock: Clock | None = None) -> None:
        """`clock` replaces the database's own."""
        self._engine, self._clock = engine, clock

    async def deliver(self, marker: str, address: Address, message: Message) -> str:
        """Put a message in, once for each marker, however often it is asked; what the inbox calls it."""
        async with self._engine.begin() as connection:
            row = {
                "marker": marker,
                "address": address.to,
                "content": content.written(message),
                "received_at": await now_by(connection, self._clock),
            }
            await connection.execute(upsert(connection, inbox).values(row).on_conflict_do_nothing())
            return str(await connection.scalar(select(inbox.c.id).where(inbox.c.marker == marker)))

    async def find(self, marker: str) -> str | None:
        """What the inbox calls the message with this marker; None: it never arrived."""
        async with reading(self._engine).connect() as connection:
            id_ = await connection.scalar(select(inbox.c.id).where(inbox.c.marker == marker))
        return None if id_ is None else str(id_)

    async def replace(self, marker: str, message: Message) -> str | None:
        """Put another text in the place of what arrived; None: it never arrived."""
        changed = update(inbox).where(inbox.c.marker == marker).values(content=content.written(message))
        async with self._engine.begin() as connection:
            id_ = await connection.scalar(changed.returning(inbox.c.id))
        return None if id_ is None else str(id_)

    async def latest(self, addresses: Sequence[Address], limit: int) -> Sequence[Received]:
        """What arrived at any of the addresses, the newest first."""
        newest = select(inbox).where(_at(addresses)).order_by(inbox.c.id.desc()).limit(limit)
        async with reading(self._engine).connect() as connection:
            return [
                Received(
                    id=row.id,
                    address=Address(channel=_CHANNEL, to=row.address),
                    message=content.read(row.content),
                    received_at=row.received_at,
                    marker=row.marker,
                )
                for row in await connection.execute(newest)
            ]

    async def count_after(self, addresses: Sequence[Address], last_id: int) -> int:
        """How many arrived at the addresses after the one with the id `last_id`."""
        newer = select(func.count()).select_from(inbox).where(_at(addresses), inbox.c.id > last_id)
        async with reading(self._engine).connect() as connection:
            return (await connection.execute(newer)).scalar_one()


def _at(addresses: Sequence[Address]) -> ColumnElement[bool]:
    return inbox.c.address.in_([address.to for address in addresses if address.channel == _CHANNEL])
