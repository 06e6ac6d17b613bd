"""How far a notice is: people counted by office and state, named, and put into the queue of the platforms."""

from collections.abc import Sequence
from itertools import zip_longest

from sqlalchemy import CTE, and_, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.broadcasts.notice import Round, Stand, Standing, Tally
from asaka_bot.broadcasts.staff import Office, office_of
from asaka_bot.delivery.outbox import State
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, reading
from asaka_bot.store.notice_rows import in_office
from asaka_bot.store.tables import delivery, message, notice_message, notice_recipient

# Of a person's deliveries the one that is furthest counts: one copy that arrived is enough.
_FURTHEST = (Stand.ARRIVED, Stand.WAITING, Stand.HELD, Stand.DEAD, Stand.CANCELLED)
_OF_STATE = {
    State.SENT: Stand.ARRIVED,
    State.PENDING: Stand.WAITING,
    State.SENDING: Stand.WAITING,
    State.UNKNOWN: Stand.WAITING,
    State.HELD: Stand.HELD,
    State.DEAD: Stand.DEAD,
    State.CANCELLED: Stand.CANCELLED,
}
_RANK = case({state.value: _FURTHEST.index(stand) for state, stand in _OF_STATE.items()}, value=delivery.c.state)
_NOBODY = len(_FURTHEST)
_STANDS = (*_FURTHEST, Stand.UNREACHABLE)
# Whoever has no delivery can't be reached, or the notice hasn't left yet.
_WITHOUT_DELIVERY = case((notice_recipient.c.unreachable.is_(None), _FURTHEST.index(Stand.WAITING)), else_=_NOBODY)
_STEPS = 2  # 部/課


class NoticeProgress:
    """Everything is counted when it is asked for; nothing can be out of step with the outbox."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def tallies(self, number: int, office: Office = ()) -> Sequence[tuple[Office, Tally]]:
        """The recipients counted, by the first two steps of their offices, in the order of the directory."""
        furthest = _furthest(number)
        rank = func.coalesce(furthest.c.rank, _WITHOUT_DELIVERY).label("rank")
        confirmed = notice_recipient.c.confirmed_at.is_not(None).label("confirmed")
        counted = (
            select(notice_recipient.c.office, rank, confirmed, func.count(), func.min(notice_recipient.c.place))
            .outerjoin(furthest, furthest.c.recipient == notice_recipient.c.staff_id)
            .where(notice_recipient.c.notice == number, notice_recipient.c.listed, in_office(office))
            .group_by(notice_recipient.c.office, rank, confirmed)
        )
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(counted)).all()
        found: dict[Office, dict[str, int]] = {}
        for written, its_rank, has_confirmed, count, _place in sorted(rows, key=lambda row: row[4]):
            tally = found.setdefault(office_of(written)[:_STEPS], {})
            name = _STANDS[its_rank].value
            tally[name] = tally.get(name, 0) + count
            if has_confirmed:
                tally["confirmed"] = tally.get("confirmed", 0) + count
        return [(each, Tally(**tally)) for each, tally in found.items()]

    async def answers(self, number: int, office: Office = ()) -> dict[int, int]:
        """How many chose each answer."""
        chosen = select(notice_recipient.c.answer, func.count()).where(
            notice_recipient.c.notice == number, notice_recipient.c.answer.is_not(None), in_office(office)
        )
        async with reading(self._engine).connect() as connection:
            rows = await connection.execute(chosen.group_by(notice_recipient.c.answer))
            return {answer: count for answer, count in rows if answer is not None}

    async def from_posts(self, number: int) -> int:
        """Who confirmed below a channel post without being a recipient."""
        unlisted = (notice_recipient.c.notice == number, ~notice_recipient.c.listed)
        counted = select(func.count()).select_from(notice_recipient).where(*unlisted)
        async with reading(self._engine).connect() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def ahead_of(self, number: int) -> dict[str, int]:
        """On each channel on which deliveries of the notice wait, how many leave before the last of them, it included."""
        ids = select(notice_message.c.message_id).where(notice_message.c.notice == number)
        open_ = delivery.c.state.in_((State.PENDING, State.SENDING))
        last = (
            select(
                delivery.c.channel, func.max(delivery.c.priority).label("priority"), func.max(delivery.c.id).label("id")
            )
            .where(delivery.c.message_id.in_(ids), open_)
            .group_by(delivery.c.channel)
            .cte("last")
        )
        before = or_(
            delivery.c.priority < last.c.priority,
            and_(delivery.c.priority == last.c.priority, delivery.c.id <= last.c.id),
        )
        counted = select(delivery.c.channel, func.count()).join(last, last.c.channel == delivery.c.channel)
        async with reading(self._engine).connect() as connection:
            rows = await connection.execute(counted.where(open_, before).group_by(delivery.c.channel))
            return {row[0]: row[1] for row in rows}

    async def rounds(self, number: int, office: Office = ()) -> Sequence[Round]:
        """Each 再通知 with whom it went to, and who confirmed until the next one."""
        wanted = (
            select(notice_message.c.round, notice_message.c.message_id, notice_message.c.sent_by, message.c.created_at)
            .join(message, message.c.id == notice_message.c.message_id)
            .where(notice_message.c.notice == number, notice_message.c.round > 0)
            .order_by(notice_message.c.round)
        )
        its = (notice_recipient.c.notice == number, notice_recipient.c.listed, in_office(office))
        of_person = and_(notice_recipient.c.staff_id == delivery.c.recipient, *its)
        people = select(func.count(delivery.c.recipient.distinct())).join(notice_recipient, of_person)
        confirmed = select(func.count()).select_from(notice_recipient).where(*its)
        found = []
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(wanted)).all()
            for row, following in zip_longest(rows, rows[1:]):
                since = notice_recipient.c.confirmed_at >= row.created_at
                until = notice_recipient.c.confirmed_at < following.created_at if following else true()
                found.append(
                    Round(
                        number=row.round,
                        sent_at=row.created_at,
                        sent_by=row.sent_by or "",
                        people=await connection.scalar(people.where(delivery.c.message_id == row.message_id)) or 0,
                        confirmed=await connection.scalar(confirmed.where(since, until)) or 0,
                    )
                )
        return found

    async def exported(self, number: int, people: int, by: str) -> None:
        """Write down that somebody took the names out of the system."""
        async with self._engine.begin() as connection:
            await record(connection, by, Action.NOTICE_EXPORT, str(number), {"people": people}, self._clock)

    async def reasons(self, number: int, office: Office = ()) -> Sequence[tuple[str, int]]:
        """Why people were not reached, the most frequent first."""
        counted: dict[str, int] = {}
        for each in await self.standings(number, office, troubled=True):
            if each.reason and each.stand is not Stand.CANCELLED:
                counted[each.reason] = counted.get(each.reason, 0) + 1
        return sorted(counted.items(), key=lambda pair: -pair[1])

    async def standings(
        self, number: int, office: Office = (), *, answers: Sequence[str] = (), troubled: bool = False
    ) -> Sequence[Standing]:
        """The recipients by name, in the order of the directory; `troubled`: those not reached alone."""
        furthest = _furthest(number)
        rank = func.coalesce(furthest.c.rank, _WITHOUT_DELIVERY).label("rank")
        wanted = (
            select(notice_recipient, rank, furthest.c.reason)
            .outerjoin(furthest, furthest.c.recipient == notice_recipient.c.staff_id)
            .where(notice_recipient.c.notice == number, notice_recipient.c.listed, in_office(office))
            .order_by(notice_recipient.c.place)
        )
        if troubled:
            fine = (_FURTHEST.index(Stand.ARRIVED), _FURTHEST.index(Stand.WAITING))
            wanted = wanted.where(rank.not_in(fine))
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(wanted)).all()
        return [
            Standing(
                staff_id=row.staff_id,
                name=row.name,
                office=row.office,
                title=row.title,
                stand=_STANDS[row.rank],
                reason=(row.unreachable if row.rank == _NOBODY else row.reason) or "",
                confirmed_at=row.confirmed_at,
                confirmed_by=row.confirmed_by or "",
                answer=answers[row.answer - 1] if row.answer and row.answer <= len(answers) else "",
            )
            for row in rows
        ]


def _furthest(number: int) -> CTE:
    """For each recipient of a notice the rank of the delivery that is furthest, and its reason."""
    ids = select(notice_message.c.message_id).where(notice_message.c.notice == number)
    each = select(
        delivery.c.recipient, func.min(_RANK).label("rank"), func.max(delivery.c.reason).label("reason")
    ).where(delivery.c.message_id.in_(ids))
    return each.group_by(delivery.c.recipient).cte("furthest")
