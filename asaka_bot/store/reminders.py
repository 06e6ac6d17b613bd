"""Decided occurrences and HR's pauses in the database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.audit import Action, Details
from asaka_bot.outgoing import Address, Kind, Message, WhenUncertain
from asaka_bot.reminders.due import Key
from asaka_bot.reminders.occurrences import Occurrence, Status
from asaka_bot.reminders.rules import Audience
from asaka_bot.reminders.suspension import Suspension
from asaka_bot.store import content
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.sending_hold import SendingHold
from asaka_bot.store.tables import message as messages
from asaka_bot.store.tables import milestone, occurrence, suspension
from asaka_bot.tokyo import TOKYO

_FIRST_SEEN = "rule:"
_TEST_PRIORITY = 0  # somebody sits and waits for it


class ReminderStore:
    """Implements `reminders.flow.OccurrenceBook`, and the pauses."""

    def __init__(self, engine: AsyncEngine, outbox: OutboxStore, clock: Clock | None = None) -> None:
        self._engine, self._outbox, self._clock = engine, outbox, clock
        self._hold = SendingHold(engine, clock)

    async def now(self) -> datetime:
        """The database's clock."""
        async with reading(self._engine).connect() as connection:
            return await now_by(connection, self._clock)

    async def held(self) -> bool:
        """Whether all sending waits for a person."""
        return await self._hold.reason() is not None

    async def last_release(self) -> datetime | None:
        """When sending was last released after it had been held."""
        return await self._hold.last_release()

    async def known_since(self, rules: Sequence[str]) -> Mapping[str, datetime]:
        """When each rule was first asked for; a new rule is noted with the present moment."""
        names = [_FIRST_SEEN + rule for rule in rules]
        noted = select(milestone.c.name, milestone.c.moment).where(milestone.c.name.in_(names))
        async with reading(self._engine).connect() as connection:
            known = {row.name: row.moment for row in await connection.execute(noted)}
        new = [name for name in names if name not in known]
        if new:
            async with self._engine.begin() as connection:
                now = await now_by(connection, self._clock)
                rows = [{"name": name, "moment": now} for name in new]
                await connection.execute(upsert(connection, milestone).on_conflict_do_nothing(), rows)
                known |= {row.name: row.moment for row in await connection.execute(noted)}
        return {name.removeprefix(_FIRST_SEEN): moment for name, moment in known.items()}

    async def last_day(self, today: date) -> date | None:
        """The last day, today at most, of which anything is decided."""
        newest = select(func.max(occurrence.c.local_date)).where(occurrence.c.local_date <= today)
        async with reading(self._engine).connect() as connection:
            last: date | None = await connection.scalar(newest)
            return last

    async def decided(self, first: date, last: date) -> Mapping[Key, Status]:
        """What is decided of these days."""
        return {(row.rule, row.day): row.status for row in await self.occurrences(first, last)}

    async def record(self, group: Sequence[Occurrence]) -> bool:
        """Write down a group and queue its message in one transaction; False where another replica was first."""
        async with self._engine.begin() as connection:
            now = await now_by(connection, self._clock)
            rows = [
                {
                    "rule": o.rule,
                    "local_date": o.day,
                    "due_at": o.due_at,
                    "title": o.title,
                    "audience": o.audience,
                    "status": o.status.value,
                    "note": o.note,
                    "decided_at": now,
                }
                for o in group
            ]
            for row in rows:  # a group is small; one that is there already takes the whole group back
                made = upsert(connection, occurrence).values(row).on_conflict_do_nothing()
                if (await connection.execute(made.returning(occurrence.c.id))).first() is None:
                    await connection.rollback()
                    return False
            first = group[0]
            if first.status is Status.SENT and first.message is not None:
                queued = await self._outbox.enqueue(
                    connection,
                    first.message,
                    kind=Kind.REMINDER,
                    origin=first.rule,
                    priority=first.priority,
                    until=first.until,
                    when_uncertain=WhenUncertain.HOLD,
                    recipients=[(str(address), address) for address in first.destinations],
                    due_at=first.due_at,
                )
                of_group = (occurrence.c.local_date == first.day) & occurrence.c.rule.in_([o.rule for o in group])
                await connection.execute(update(occurrence).where(of_group).values(message_id=queued))
        return True

    async def occurrences(self, first: date, last: date) -> Sequence[Occurrence]:
        """What was decided of these days, as it stands in the database; what has left with its message."""
        wanted = select(occurrence, messages.c.content).outerjoin(messages)
        wanted = wanted.where(occurrence.c.local_date.between(first, last))
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(wanted.order_by(occurrence.c.due_at, occurrence.c.id))).all()
        return [
            Occurrence(
                rule=row.rule,
                day=row.local_date,
                due_at=row.due_at.astimezone(TOKYO),
                until=row.due_at.astimezone(TOKYO),
                title=row.title,
                audience=Audience(row.audience),
                destinations=(),
                priority=0,
                status=Status(row.status),
                note=row.note,
                message=content.read(row.content) if row.content and row.status == Status.SENT else None,
            )
            for row in rows
        ]

    async def suspensions(self) -> Sequence[Suspension]:
        """Every pause that HR has set, the newest first, ended ones included."""
        return [pause for pause, _ in await self.pauses()]

    async def pauses(self) -> Sequence[tuple[Suspension, datetime]]:
        """The same, each with the moment at which it was set."""
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(select(suspension).order_by(suspension.c.id.desc()))).all()
        return [
            (
                Suspension(
                    id=row.id,
                    rule=row.rule,
                    first_day=row.first_day,
                    last_day=row.last_day,
                    reason=row.reason,
                    made_by=row.made_by,
                    ended_at=row.ended_at,
                ),
                row.made_at,
            )
            for row in rows
        ]

    async def pause(self, rule: str | None, first: date, last: date, reason: str, person: str) -> None:
        """Pause a rule, or all, from one day to another."""
        async with self._engine.begin() as connection:
            row = {"rule": rule, "first_day": first, "last_day": last, "reason": reason, "made_by": person}
            made = insert(suspension).values(**row, made_at=await now_by(connection, self._clock))
            number: int = (await connection.execute(made.returning(suspension.c.id))).scalar_one()
            silent = _silent(rule, first, last)
            await record(connection, person, Action.PAUSE, str(number), silent, self._clock)

    async def resume(self, number: int, person: str) -> bool:
        """End a pause before its last day; False where it had ended."""
        async with self._engine.begin() as connection:
            open_one = update(suspension).where(suspension.c.id == number, suspension.c.ended_at.is_(None))
            ended = open_one.values(ended_at=await now_by(connection, self._clock), ended_by=person)
            found = suspension.c.rule, suspension.c.first_day, suspension.c.last_day
            row = (await connection.execute(ended.returning(*found))).one_or_none()
            if row is None:
                return False
            silent = _silent(row.rule, row.first_day, row.last_day)
            await record(connection, person, Action.RESUME, str(number), silent, self._clock)
        return True

    async def send_test(self, rule: str, message: Message, address: Address, person: str, until: datetime) -> None:
        """Queue a message of `rule` for one address, ahead of all others; after `until` it does not leave."""
        async with self._engine.begin() as connection:
            queued = await self._outbox.enqueue(
                connection,
                message,
                kind=Kind.TEST,
                origin=rule,
                recipients=[(str(address), address)],
                priority=_TEST_PRIORITY,
                until=until,
                when_uncertain=WhenUncertain.HOLD,
            )
            sent: Details = {"to": str(address), "message": queued}
            await record(connection, person, Action.TEST, rule, sent, self._clock)

    async def counts(self) -> Mapping[str, int]:
        """How many occurrences ended in each status."""
        counted = select(occurrence.c.status, func.count().label("many")).group_by(occurrence.c.status)
        async with reading(self._engine).connect() as connection:
            return {row.status: row.many for row in await connection.execute(counted)}


def _silent(rule: str | None, first: date, last: date) -> Details:
    """What the audit log says of a pause; its reason, which people write freely, stands with the pause alone."""
    return {"rule": rule, "first": first.isoformat(), "last": last.isoformat()}
