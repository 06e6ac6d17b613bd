"""Notices on their way: into the outbox in one transaction, changed, stopped, taken back, sent again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.broadcasts.audience import Recipient
from asaka_bot.broadcasts.notice import Content, NoticeState
from asaka_bot.broadcasts.notice_checks import digest_of
from asaka_bot.delivery.outbox import State
from asaka_bot.errors import NoticeError
from asaka_bot.outgoing import Address, Kind, Message, WhenUncertain
from asaka_bot.store import content as contents
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, now_by, reading
from asaka_bot.store.notice_rows import written_content
from asaka_bot.store.notices import CHANGED_MEANWHILE, advance, freeze, frozen, go_on
from asaka_bot.store.outbox import OutboxStore, withdraw
from asaka_bot.store.tables import delivery, notice, notice_message, notice_recipient
from asaka_bot.store.tables import message as messages

URGENT_PRIORITY, NOTICE_PRIORITY, AGAIN_PRIORITY = 1, 5, 6
_STANDING = (State.SENDING, State.UNKNOWN, State.HELD, State.SENT)  # something stands at the platform, or may
_SENT = (NoticeState.SENT,)
_STOPPABLE = {
    NoticeState.CANCELLED: (NoticeState.AWAITING, NoticeState.SCHEDULED, NoticeState.SENT),
    NoticeState.RECALLED: (NoticeState.SENT, NoticeState.CANCELLED),
}

# The addresses of a person today, and why there are none.
Reach = Callable[[str], tuple[Sequence[Address], str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is put into the outbox for a notice."""

    message: Message
    posts: Sequence[Address] = ()
    urgent: bool = False
    when_uncertain: WhenUncertain = WhenUncertain.HOLD


class NoticeSending:
    """Every method is one transaction with its entry in the audit log."""

    def __init__(self, engine: AsyncEngine, outbox: OutboxStore, clock: Clock | None = None) -> None:
        self._engine, self._outbox, self._clock = engine, outbox, clock

    async def send(
        self, number: int, version: int | None, parcel: Parcel, reach: Reach, *, of: Sequence[NoticeState], by: str
    ) -> int:
        """Put a notice whose recipients are frozen into the outbox; how many people it goes to.

        Raises:
            NoticeError: it is in none of the states `of`, or in another version: it was sent, stopped or changed.
        """
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            await advance(connection, number, version, of, {"state": NoticeState.SENT, "sent_at": now, "due_at": None})
            return await self._enqueue_all(connection, number, parcel, reach, by)

    async def send_turn(  # noqa: PLR0913 - one keyword for each thing that makes the turn
        self,
        series: int,
        due_at: datetime,
        day: date,
        next_due: datetime | None,
        parcel: Parcel,
        content: Content,
        recipients: Sequence[Recipient],
        reach: Reach,
        *,
        by: str,
    ) -> int | None:
        """Make the notice of one day of a repeating one, and send it; its id, None where somebody was faster."""
        async with self._engine.begin() as connection:
            if not await go_on(connection, series, due_at, next_due, ""):
                return None
            now = await now_by(connection, self._clock)
            parent = select(notice.c.plan, notice.c.made_by, notice.c.submitted_by, notice.c.approved_by)
            made = (await connection.execute(parent.where(notice.c.id == series))).one()
            row = {
                "version": 1,
                "state": NoticeState.SENT,
                "content": written_content(content),
                "plan": made.plan,
                "digest": digest_of(content),
                "made_by": made.made_by,
                "made_at": now,
                "submitted_by": made.submitted_by,
                "submitted_at": now,
                "approved_by": made.approved_by,
                "sent_at": now,
                "note": "",
                "recipients": len(recipients),
                "unreachable": 0,
                "agreed": "[]",
                "series": series,
                "series_day": day,
            }
            number: int = (await connection.execute(insert(notice).values(row).returning(notice.c.id))).scalar_one()
            await freeze(connection, number, recipients)
            await self._enqueue_all(connection, number, parcel, reach, by)
            return number

    async def _enqueue_all(
        self, connection: AsyncConnection, number: int, parcel: Parcel, reach: Reach, by: str
    ) -> int:
        to: list[tuple[str, Address]] = []
        changed = []
        people = await frozen(connection, number)
        unreachable = 0
        for person in people:
            addresses, why = reach(person.staff_id)
            to += [(person.staff_id, address) for address in addresses]
            unreachable += not addresses
            if (person.unreachable or "") != why:
                changed.append({"its_id": person.staff_id, "its_reason": why or None})
        to += [(str(post), post) for post in parcel.posts]
        priority = URGENT_PRIORITY if parcel.urgent else NOTICE_PRIORITY
        await self._enqueue(connection, number, 0, parcel, to, priority)
        if changed:
            its = (notice_recipient.c.notice == number, notice_recipient.c.staff_id == bindparam("its_id"))
            await connection.execute(
                update(notice_recipient).where(*its).values(unreachable=bindparam("its_reason")), changed
            )
        await connection.execute(update(notice).where(notice.c.id == number).values(unreachable=unreachable))
        told = {"people": len(people), "unreachable": unreachable, "posts": len(parcel.posts)}
        await record(connection, by, Action.NOTICE_SEND, str(number), told, self._clock)
        return len(people)

    async def _enqueue(
        self,
        connection: AsyncConnection,
        number: int,
        round_: int,
        parcel: Parcel,
        to: Sequence[tuple[str, Address]],
        priority: int,
        by: str | None = None,
    ) -> None:
        message_id = await self._outbox.enqueue(
            connection,
            parcel.message,
            kind=Kind.NOTICE,
            origin=f"notice:{number}",
            recipients=to,
            priority=priority,
            when_uncertain=parcel.when_uncertain,
        )
        row = {"message_id": message_id, "notice": number, "round": round_, "sent_by": by}
        await connection.execute(insert(notice_message).values(row))

    async def remind(self, number: int, round_: int, parcel: Parcel, reach: Reach, *, by: str) -> int:
        """再通知, the `round_`-th, to those who have not confirmed and can be reached; how many people.

        Raises:
            NoticeError: the notice was stopped, or somebody sent this round already.
        """
        async with self._engine.begin() as connection:
            await advance(connection, number, None, _SENT, {})
            last = select(func.max(notice_message.c.round)).where(notice_message.c.notice == number)
            if await connection.scalar(last) != round_ - 1:
                raise NoticeError(CHANGED_MEANWHILE)
            open_ = [person for person in await frozen(connection, number) if person.confirmed_at is None]
            to = [(person.staff_id, address) for person in open_ for address in reach(person.staff_id)[0]]
            people = len({who for who, _address in to})
            await self._enqueue(connection, number, round_, parcel, to, AGAIN_PRIORITY, by)
            told = {"people": people, "round": round_}
            await record(connection, by, Action.NOTICE_REMIND, str(number), told, self._clock)
        return people

    async def test(self, number: int, message: Message, to: Sequence[Address], *, by: str, until: datetime) -> None:
        """Send a notice to its writer alone."""
        async with self._engine.begin() as connection:
            await self._outbox.enqueue(
                connection,
                message,
                kind=Kind.TEST,
                origin=f"notice-test:{number}",
                recipients=[(by[:120], address) for address in to],
                priority=0,
                until=until,
            )
            await record(connection, by, Action.NOTICE_TEST, str(number), clock=self._clock)

    async def edit(
        self,
        number: int,
        version: int,
        content: Content,
        texts: Mapping[int, Message],
        channels: Sequence[str],
        *,
        by: str,
    ) -> int:
        """Change what was sent, by round; on `channels` what stands there is replaced. How many deliveries these are."""
        async with self._engine.begin() as connection:
            values = {"content": written_content(content), "digest": digest_of(content)}
            await advance(connection, number, version, _SENT, values)
            replaced = await self._replace(connection, number, texts, channels)
            await record(connection, by, Action.NOTICE_EDIT, str(number), {"replaced": replaced}, self._clock)
        return replaced

    async def cancel(self, number: int, *, by: str) -> int:
        """Stop what has not left; how many deliveries stop at once."""
        async with self._engine.begin() as connection:
            stopped = await self._stop(connection, number, NoticeState.CANCELLED, "", by)
            await record(connection, by, Action.NOTICE_CANCEL, str(number), {"stopped": stopped}, self._clock)
        return stopped

    async def recall(
        self, number: int, reason: str, texts: Mapping[int, Message], channels: Sequence[str], *, by: str
    ) -> int:
        """Stop what has not left, and replace what has arrived; how many deliveries are replaced."""
        async with self._engine.begin() as connection:
            await self._stop(connection, number, NoticeState.RECALLED, reason, by)
            replaced = await self._replace(connection, number, texts, channels)
            await record(connection, by, Action.NOTICE_RECALL, str(number), {"replaced": replaced}, self._clock)
        return replaced

    async def _stop(self, connection: AsyncConnection, number: int, state: NoticeState, note: str, by: str) -> int:
        now = await now_by(connection, self._clock)
        ended = {"state": state, "ended_by": by, "ended_at": now, "due_at": None, "note": note}
        await advance(connection, number, None, _STOPPABLE[state], ended)
        rounds = select(notice_message.c.message_id).where(notice_message.c.notice == number)
        ids = (await connection.execute(rounds)).scalars().all()
        return sum([await withdraw(connection, message_id, now) for message_id in ids])

    async def _replace(
        self, connection: AsyncConnection, number: int, texts: Mapping[int, Message], channels: Sequence[str]
    ) -> int:
        """Give each round its new text; what waits leaves with it, what stands at a platform will be replaced."""
        now = await now_by(connection, self._clock)
        rounds = select(notice_message.c.round, notice_message.c.message_id).where(notice_message.c.notice == number)
        replaced = 0
        for round_, message_id in (await connection.execute(rounds)).all():
            written = contents.written(texts[round_])
            await connection.execute(update(messages).where(messages.c.id == message_id).values(content=written))
            standing = (
                delivery.c.message_id == message_id,
                delivery.c.state.in_(_STANDING),
                delivery.c.channel.in_(channels),
            )
            replaced += (await connection.execute(update(delivery).where(*standing).values(update_at=now))).rowcount
        return replaced

    async def rounds(self, number: int) -> int:
        """How many times the notice has left: 1 with the notice itself, one more with each 再通知."""
        counted = select(func.count()).select_from(notice_message).where(notice_message.c.notice == number)
        async with reading(self._engine).connect() as connection:
            return (await connection.execute(counted)).scalar_one()
