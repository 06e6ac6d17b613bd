"""What has to be replaced at a platform, in the outbox; implements `asaka_bot.delivery.replacing.ReplacementBook`."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.delivery.channel import Letter, Traits
from asaka_bot.delivery.outbox import State
from asaka_bot.delivery.replacing import Replaced, Replacement
from asaka_bot.outgoing import Address
from asaka_bot.store import content
from asaka_bot.store.database import Clock, now_by, reading
from asaka_bot.store.outages import nothing_leaves
from asaka_bot.store.tables import delivery, message

_MARGIN = timedelta(seconds=60)


class Replacements:
    """`update_at` of a delivery says from when on its message is to be replaced; a lease puts it off."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def claim_replacements(self, channel: str, traits: Traits, *, most: int) -> Sequence[Replacement]:
        """Lease up to `most` messages whose text has changed since they arrived."""
        async with reading(self._engine).connect() as connection:
            now = await now_by(connection, self._clock)
            due = (delivery.c.update_at <= now, delivery.c.channel == channel, delivery.c.state == State.SENT)
            waiting = select(delivery.c.id).where(*due).limit(1)
            if await connection.scalar(waiting) is None or await nothing_leaves(connection, channel):
                return []
        until = now + timedelta(seconds=traits.timeout_seconds * most) + _MARGIN
        async with self._engine.begin() as connection:
            free = select(delivery.c.id).where(*due).order_by(delivery.c.id).limit(most)
            ids = (await connection.execute(free.with_for_update(skip_locked=True))).scalars().all()
            leased = update(delivery).where(delivery.c.id.in_(ids)).values(update_at=until)
            await connection.execute(leased)
            wanted = select(delivery, message.c.content).join(message).where(delivery.c.id.in_(ids))
            rows = (await connection.execute(wanted.order_by(delivery.c.id))).all()
        return [
            Replacement(
                letter=Letter(
                    marker=row.marker,
                    address=Address(channel=row.channel, to=row.address),
                    message=content.read(row.content),
                    started_at=row.started_at,
                ),
                platform_ref=row.platform_ref,
                leased_until=until,
            )
            for row in rows
            if row.platform_ref  # said by a person to have arrived: where it stands nobody knows
        ]

    async def record_replacements(self, done: Sequence[Replaced]) -> None:
        """Write down what became of them; one whose text has changed once more meanwhile stays to be replaced."""
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            for each in done:
                its = (
                    delivery.c.marker == each.replacement.letter.marker,
                    delivery.c.update_at == each.replacement.leased_until,
                )
                again = None if each.again_in_seconds is None else now + timedelta(seconds=each.again_in_seconds)
                await connection.execute(update(delivery).where(*its).values(update_at=again))
