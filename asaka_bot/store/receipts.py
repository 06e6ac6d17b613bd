"""What came of notices: who has confirmed and answered, once each, and how far the deliveries are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.broadcasts.staff import Person, office_text
from asaka_bot.delivery.outbox import State
from asaka_bot.outgoing import Address
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, looking_up, now_by, upsert
from asaka_bot.store.tables import delivery, message, notice_message, notice_recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One delivery of a notice: which notice, to whom, where."""

    notice: int | None  # None: a trial
    origin: str
    recipient: str  # a staff id; of a post its address
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Responded:
    """What a person has said to a notice, as it stands now."""

    confirmed_at: datetime
    answer: int | None
    new: bool  # this press changed it


class Receipts:
    """Confirmations and answers. A press is counted once, whichever copy it came from."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock
        self._turn = asyncio.Lock()

    async def copy(self, marker: str) -> Copy | None:
        """The delivery behind a button; None where there is none, or it belongs to no notice."""
        return await self._copy(delivery.c.marker == marker)

    async def copy_at(self, channel: str, address: str, platform_ref: str) -> str | None:
        """The marker of the notice that stands at a place of a platform."""
        its = (
            delivery.c.channel == channel,
            delivery.c.address == address,
            delivery.c.platform_ref == platform_ref,
        )
        wanted = select(delivery.c.marker).join(notice_message, notice_message.c.message_id == delivery.c.message_id)
        async with looking_up(self._engine).connect() as connection:
            marker: str | None = await connection.scalar(wanted.where(*its).limit(1))
        return marker

    async def _copy(self, which: ColumnElement[bool]) -> Copy | None:
        wanted = (
            select(
                notice_message.c.notice,
                message.c.origin,
                delivery.c.recipient,
                delivery.c.channel,
                delivery.c.address,
            )
            .join(message, message.c.id == delivery.c.message_id)
            .outerjoin(notice_message, notice_message.c.message_id == delivery.c.message_id)
        )
        async with looking_up(self._engine).connect() as connection:
            row = (await connection.execute(wanted.where(which))).one_or_none()
        if row is None or not (row.notice or row.origin.startswith("notice-test:")):
            return None
        address = Address(channel=row.channel, to=row.address)
        return Copy(notice=row.notice, origin=row.origin, recipient=row.recipient, address=address)

    async def respond(self, number: int, staff_id: str, channel: str, answer: int | None) -> Responded | None:
        """Count a press of a recipient; None: the person is none."""
        known = await self._known(number, staff_id, answer)
        if not isinstance(known, _Response):
            return known
        # One after another: SQLite lets writers that meet sleep for a while, and of several presses one is enough.
        waited = self._turn.locked()
        async with self._turn:
            if waited:
                known = await self._known(number, staff_id, answer)
            return await self._count(number, staff_id, channel, answer) if isinstance(known, _Response) else known

    async def _known(self, number: int, staff_id: str, answer: int | None) -> "Responded | _Response | None":
        """What follows without any write; a `_Response` where the press is new."""
        said = await self.response_of(number, staff_id)
        if said is not None and said.confirmed_at is not None and answer in (None, said.answer):
            return Responded(confirmed_at=said.confirmed_at, answer=said.answer, new=False)
        return said

    async def _count(self, number: int, staff_id: str, channel: str, answer: int | None) -> Responded:
        its = (notice_recipient.c.notice == number, notice_recipient.c.staff_id == staff_id)
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            first = (*its, notice_recipient.c.confirmed_at.is_(None))
            confirmed = update(notice_recipient).where(*first).values(confirmed_at=now, confirmed_on=channel)
            new = (await connection.execute(confirmed)).rowcount > 0
            if answer is not None:
                other = (*its, func.coalesce(notice_recipient.c.answer, 0) != answer)
                changed = update(notice_recipient).where(*other).values(answer=answer, answered_at=now)
                new = (await connection.execute(changed)).rowcount > 0 or new
            row = (await connection.execute(_response(number, staff_id))).one()
        return Responded(confirmed_at=row.confirmed_at, answer=row.answer, new=new)

    async def join(self, number: int, person: Person, channel: str, answer: int | None) -> Responded:
        """Count a press below a channel post by a person who was no recipient by name."""
        row = {
            "notice": number,
            "staff_id": person.staff_id,
            "name": person.name,
            "office": office_text(person.office),
            "title": person.title,
            "place": 0,
            "listed": False,
        }
        async with self._engine.begin() as connection:
            await connection.execute(upsert(connection, notice_recipient).values(row).on_conflict_do_nothing())
        joined = await self.respond(number, person.staff_id, channel, answer)
        assert joined is not None  # noqa: S101 - the row was made above and rows are never removed once a notice left
        return joined

    async def response_of(self, number: int, staff_id: str) -> "_Response | None":
        """What a recipient has said so far; None: the person is no recipient."""
        async with looking_up(self._engine).connect() as connection:
            row = (await connection.execute(_response(number, staff_id))).one_or_none()
        return None if row is None else _Response(confirmed_at=row.confirmed_at, answer=row.answer)

    async def confirm_for(self, number: int, staff_id: str, by: str) -> bool:
        """代理確認; False where the person has confirmed already, or is no recipient."""
        open_ = (
            notice_recipient.c.notice == number,
            notice_recipient.c.staff_id == staff_id,
            notice_recipient.c.confirmed_at.is_(None),
        )
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            done = update(notice_recipient).where(*open_).values(confirmed_at=now, confirmed_by=by)
            if (await connection.execute(done)).rowcount == 0:
                return False
            await record(connection, by, Action.NOTICE_PROXY, str(number), {"staff": staff_id}, self._clock)
        return True

    async def to_person(self, staff_id: str, channel: str, limit: int) -> Sequence[tuple[int, str, datetime | None]]:
        """The last notices that reached a person on a channel: id, marker of the newest copy, when confirmed."""
        newest = func.max(delivery.c.id).label("id")
        copies = (
            select(notice_message.c.notice, newest)
            .join(delivery, delivery.c.message_id == notice_message.c.message_id)
            .where(
                delivery.c.recipient == staff_id, delivery.c.channel == channel, delivery.c.state == State.SENT.value
            )
            .group_by(notice_message.c.notice)
            .order_by(newest.desc())
            .limit(limit)
            .cte("copies")
        )
        its = and_(notice_recipient.c.notice == copies.c.notice, notice_recipient.c.staff_id == staff_id)
        wanted = (
            select(copies.c.notice, delivery.c.marker, notice_recipient.c.confirmed_at)
            .join(delivery, delivery.c.id == copies.c.id)
            .join(notice_recipient, its)
            .order_by(copies.c.id.desc())
        )
        async with looking_up(self._engine).connect() as connection:
            return [(row[0], row[1], row[2]) for row in await connection.execute(wanted)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    confirmed_at: datetime | None
    answer: int | None


def _response(number: int, staff_id: str) -> Select[tuple[datetime | None, int | None]]:
    its = (notice_recipient.c.notice == number, notice_recipient.c.staff_id == staff_id)
    return select(notice_recipient.c.confirmed_at, notice_recipient.c.answer).where(*its)
