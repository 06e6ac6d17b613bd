"""Notices in the database up to the moment they leave: drafts, approval, their frozen recipients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action, Details
from asaka_bot.broadcasts.audience import Recipient
from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan
from asaka_bot.broadcasts.notice_checks import DUPLICATE_WITHIN, digest_of
from asaka_bot.broadcasts.staff import Office, office_text
from asaka_bot.errors import NoticeError
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, looking_up, now_by, reading
from asaka_bot.store.notice_rows import (
    agreed_in,
    in_office,
    notice_of,
    notices,
    uncounted,
    written_agreed,
    written_content,
    written_plan,
)
from asaka_bot.store.tables import notice, notice_recipient

CHANGED_MEANWHILE = "ほかの人が、このお知らせを変えたか、もう送りました。開き直して、いまの内容を確かめてください"
_ROWS_AT_ONCE = 1_000
_EDITABLE = (NoticeState.DRAFT, NoticeState.AWAITING, NoticeState.MISSED)
_NOT_SUBMITTED: dict[str, Any] = {
    "submitted_by": None,
    "submitted_at": None,
    "approved_by": None,
    "approved_at": None,
    "due_at": None,
    "recipients": 0,
    "unreachable": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a person decided when they submitted a notice."""

    state: NoticeState  # awaiting | scheduled
    due_at: datetime | None
    recipients: Sequence[Recipient]
    agreed: frozenset[str]  # questions


class NoticeStore:
    """Every change is one transaction, with its entry in the audit log, and only applies to the version it was made on."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def now(self) -> datetime:
        """The database's clock."""
        async with reading(self._engine).connect() as connection:
            return await now_by(connection, self._clock)

    async def find(self, number: int, *, counted: bool = True) -> Notice:
        """One notice; `counted`: with how many have confirmed. Raises `KeyError` where there is none."""
        async with looking_up(self._engine).connect() as connection:
            wanted = notices() if counted else uncounted()
            row = (await connection.execute(wanted.where(notice.c.id == number))).one_or_none()
        if row is None:
            raise KeyError(number)
        return notice_of(row)

    async def latest(self, limit: int, before: int | None = None, office: Office = ()) -> Sequence[Notice]:
        """The newest first; with `office` those that went to somebody of it."""
        wanted = notices().order_by(notice.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(notice.c.id < before)
        if office:
            went = exists().where(notice_recipient.c.notice == notice.c.id, in_office(office))
            wanted = wanted.where(notice.c.sent_at.is_not(None), went)
        async with reading(self._engine).connect() as connection:
            return [notice_of(row) for row in await connection.execute(wanted)]

    async def goes_to(self, number: int, office: Office) -> bool:
        """Whether a notice that was sent went to somebody of an office."""
        went = select(notice_recipient.c.staff_id).where(notice_recipient.c.notice == number, in_office(office))
        async with reading(self._engine).connect() as connection:
            return await connection.scalar(went.limit(1)) is not None

    async def same_text(self, number: int, content: Content) -> tuple[int, datetime] | None:
        """Another notice with the same text that left within a day, or is about to leave: its id and moment."""
        async with reading(self._engine).connect() as connection:
            since = await now_by(connection, self._clock) - DUPLICATE_WITHIN
            waiting = notice.c.state.in_((NoticeState.AWAITING, NoticeState.SCHEDULED))
            wanted = select(notice.c.id, notice.c.sent_at, notice.c.submitted_at).where(
                notice.c.digest == digest_of(content), notice.c.id != number, or_(notice.c.sent_at > since, waiting)
            )
            row = (await connection.execute(wanted.order_by(notice.c.id.desc()).limit(1))).one_or_none()
        return None if row is None else (row.id, row.sent_at or row.submitted_at)

    async def create(self, content: Content, plan: Plan, by: str) -> Notice:
        """Keep a draft."""
        async with self._engine.begin() as connection:
            row = {
                "version": 1,
                "state": NoticeState.DRAFT,
                "content": written_content(content),
                "plan": written_plan(plan),
                "digest": digest_of(content),
                "made_by": by,
                "made_at": await now_by(connection, self._clock),
                "note": "",
                "recipients": 0,
                "unreachable": 0,
                "agreed": written_agreed(frozenset()),
            }
            number: int = (await connection.execute(insert(notice).values(row).returning(notice.c.id))).scalar_one()
            await record(connection, by, Action.NOTICE_WRITE, str(number), clock=self._clock)
        return await self.find(number)

    async def change(self, number: int, version: int, content: Content, plan: Plan, by: str) -> Notice:
        """Keep a draft's new text; one that awaits approval, or was missed, becomes a draft again."""
        values = {
            **_NOT_SUBMITTED,
            "state": NoticeState.DRAFT,
            "content": written_content(content),
            "plan": written_plan(plan),
            "digest": digest_of(content),
        }
        async with self._engine.begin() as connection:
            await advance(connection, number, version, _EDITABLE, values)
            await _forget_recipients(connection, number)
            await record(connection, by, Action.NOTICE_WRITE, str(number), clock=self._clock)
        return await self.find(number)

    async def discard(self, number: int, by: str) -> None:
        """Remove a draft."""
        async with self._engine.begin() as connection:
            gone = delete(notice).where(notice.c.id == number, notice.c.state == NoticeState.DRAFT)
            await _forget_recipients(connection, number)
            if (await connection.execute(gone)).rowcount == 0:
                raise NoticeError(CHANGED_MEANWHILE)
            await record(connection, by, Action.NOTICE_DISCARD, str(number), clock=self._clock)

    async def submit(self, number: int, version: int, submission: Submission, by: str) -> None:
        """Freeze the recipients and let the notice wait: for approval, or for its time."""
        people = submission.recipients
        async with self._engine.begin() as connection:
            values = {
                "state": submission.state,
                "due_at": submission.due_at,
                "submitted_by": by,
                "submitted_at": await now_by(connection, self._clock),
                "recipients": len(people),
                "unreachable": sum(bool(each.unreachable) for each in people),
                "agreed": written_agreed(submission.agreed),
                "note": "",
            }
            await advance(connection, number, version, _EDITABLE, values)
            await freeze(connection, number, people)
            told: Details = {"people": len(people), "state": submission.state.value}
            await record(connection, by, Action.NOTICE_SUBMIT, str(number), told, self._clock)

    async def approve(self, number: int, version: int, due_at: datetime, by: str) -> None:
        """A second person lets it leave at `due_at`."""
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            values = {"state": NoticeState.SCHEDULED, "approved_by": by, "approved_at": now, "due_at": due_at}
            await advance(connection, number, version, (NoticeState.AWAITING,), values)
            await record(connection, by, Action.NOTICE_APPROVE, str(number), clock=self._clock)

    async def send_back(self, number: int, version: int, reason: str, by: str) -> None:
        """A second person makes it a draft again."""
        async with self._engine.begin() as connection:
            values = {**_NOT_SUBMITTED, "state": NoticeState.DRAFT, "note": reason}
            await advance(connection, number, version, (NoticeState.AWAITING,), values)
            await _forget_recipients(connection, number)
            await record(connection, by, Action.NOTICE_SEND_BACK, str(number), clock=self._clock)

    async def review(self, number: int, by: str) -> None:
        """A second person has looked at an urgent notice afterwards."""
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            open_ = (notice.c.id == number, notice.c.reviewed_by.is_(None), notice.c.sent_at.is_not(None))
            done = update(notice).where(*open_).values(reviewed_by=by, reviewed_at=now)
            if (await connection.execute(done)).rowcount == 0:
                raise NoticeError(CHANGED_MEANWHILE)
            await record(connection, by, Action.NOTICE_REVIEW, str(number), clock=self._clock)

    async def due(self) -> Sequence[int]:
        """Notices whose time has come."""
        async with reading(self._engine).connect() as connection:
            now = await now_by(connection, self._clock)
            waiting = (notice.c.state == NoticeState.SCHEDULED, notice.c.due_at <= now)
            return list(
                (await connection.execute(select(notice.c.id).where(*waiting).order_by(notice.c.due_at))).scalars()
            )

    async def miss(self, number: int, due_at: datetime, reason: str) -> bool:
        """Its time came while nothing ran; False where somebody was faster."""
        async with self._engine.begin() as connection:
            late = update(notice).where(
                notice.c.id == number, notice.c.state == NoticeState.SCHEDULED, notice.c.due_at == due_at
            )
            values = {"state": NoticeState.MISSED, "note": reason, "version": notice.c.version + 1}
            return (await connection.execute(late.values(values))).rowcount > 0

    async def go_on(self, number: int, due_at: datetime, next_due: datetime | None, note: str = "") -> bool:
        """Let a repeating notice wait for its next day, None: it was the last; False where somebody was faster."""
        async with self._engine.begin() as connection:
            return await go_on(connection, number, due_at, next_due, note)

    async def frozen(self, number: int) -> Sequence[Row[Any]]:
        """The recipients as they were frozen, in the order of the directory."""
        async with reading(self._engine).connect() as connection:
            return await frozen(connection, number)

    async def due_at(self, number: int) -> datetime | None:
        """When a notice that waits is to leave."""
        async with reading(self._engine).connect() as connection:
            moment: datetime | None = await connection.scalar(select(notice.c.due_at).where(notice.c.id == number))
        return moment

    async def agreed(self, number: int) -> frozenset[str]:
        """What its sender agreed to."""
        async with reading(self._engine).connect() as connection:
            return agreed_in((await connection.execute(select(notice.c.agreed).where(notice.c.id == number))).one())


async def advance(
    connection: AsyncConnection, number: int, version: int | None, of: Sequence[NoticeState], values: dict[str, Any]
) -> None:
    """Change a notice that is in one of the states `of`, and in `version` where one is given.

    Raises:
        NoticeError: it is not, any more.
    """
    changed = update(notice).where(notice.c.id == number, notice.c.state.in_(of))
    if version is not None:
        changed = changed.where(notice.c.version == version)
    if (await connection.execute(changed.values(version=notice.c.version + 1, **values))).rowcount == 0:
        raise NoticeError(CHANGED_MEANWHILE)


async def go_on(
    connection: AsyncConnection, number: int, due_at: datetime, next_due: datetime | None, note: str
) -> bool:
    """As `NoticeStore.go_on`, in the caller's transaction."""
    its_turn = (notice.c.id == number, notice.c.state == NoticeState.SCHEDULED, notice.c.due_at == due_at)
    values: dict[str, Any] = {"due_at": next_due, "note": note}
    if next_due is None:
        values |= {"state": NoticeState.SENT, "note": "最後の回まで送りました。"}
    return (await connection.execute(update(notice).where(*its_turn).values(values))).rowcount > 0


async def frozen(connection: AsyncConnection, number: int) -> Sequence[Row[Any]]:
    """As `NoticeStore.frozen`, in the caller's transaction."""
    wanted = select(notice_recipient).where(notice_recipient.c.notice == number, notice_recipient.c.listed)
    return (await connection.execute(wanted.order_by(notice_recipient.c.place))).all()


async def freeze(connection: AsyncConnection, number: int, recipients: Sequence[Recipient]) -> None:
    """Write down whom a notice means, instead of whom it meant before."""
    await _forget_recipients(connection, number)
    rows = [
        {
            "notice": number,
            "staff_id": each.person.staff_id,
            "name": each.person.name,
            "office": office_text(each.person.office),
            "title": each.person.title,
            "place": place,
            "listed": True,
            "unreachable": each.unreachable or None,
        }
        for place, each in enumerate(recipients)
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await connection.execute(insert(notice_recipient), rows[start : start + _ROWS_AT_ONCE])


async def _forget_recipients(connection: AsyncConnection, number: int) -> None:
    await connection.execute(delete(notice_recipient).where(notice_recipient.c.notice == number))
