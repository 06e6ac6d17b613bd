"""The staff directory in the database: imported as a whole, undone import by import, the last one first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.broadcasts.staff import Person
from asaka_bot.broadcasts.staff_changes import Changes, as_json, dumped, fingerprint, from_json, loaded
from asaka_bot.errors import StaffError
from asaka_bot.store import audit
from asaka_bot.store.database import Clock, looking_up, now_by, reading, upsert
from asaka_bot.store.tables import person, staff_import

_ROWS_AT_ONCE = 1_000
_UNDO_LASTS = timedelta(days=400)  # until after the next 1 April
_FORGOTTEN = ""  # in the place of an import's changes
_CHANGED_MEANWHILE = "差分を確かめたあとに、名簿が変わりました。もう一度ファイルを読み込んで、差分を確かめてください"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import of a file; the counts are people."""

    id: int
    made_by: str
    made_at: datetime
    file: str
    joined: int
    moved: int
    left: int
    unchanged: int
    undone_at: datetime | None
    undone_by: str | None


class StaffStore:
    """People as the last import knows them, and the imports."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def people(self) -> tuple[Person, ...]:
        """Everybody who was ever imported, leavers included (inactive), by office, rank and number."""
        async with reading(self._engine).connect() as connection:
            return await _people(connection)

    async def find(self, staff_id: str) -> Person | None:
        """One person, leavers included."""
        found = await self._where(person.c.staff_id == staff_id)
        return found[0] if found else None

    async def known_by(self, email: str) -> tuple[Person, ...]:
        """Everybody with this e-mail in lower case, leavers included: usually one, or nobody."""
        return await self._where(person.c.email == email)

    async def _where(self, which: ColumnElement[bool]) -> tuple[Person, ...]:
        async with looking_up(self._engine).connect() as connection:
            rows = (await connection.execute(select(person).where(which))).mappings()
            return tuple(from_json(dict(row)) for row in rows)

    async def apply(self, changes: Changes, *, by: str, file: str) -> int:
        """Make the changes in one transaction and keep how to undo them; returns the number of the import.

        Raises:
            StaffError: the directory is no longer the one that the changes were made from.
        """
        async with self._engine.begin() as connection:
            await _alone(connection)
            if fingerprint(await _people(connection)) != changes.basis:
                raise StaffError(_CHANGED_MEANWHILE)
            await _write(connection, [change.after for change in changes.all])
            row = {
                "made_by": by[:120],
                "made_at": await now_by(connection, self._clock),
                "file": file[:200],
                "joined": len(changes.joined),
                "moved": len(changes.moved),
                "left": len(changes.left),
                "unchanged": changes.unchanged,
                "changes": dumped(changes.all),
            }
            made = await connection.execute(insert(staff_import).values(row).returning(staff_import.c.id))
            number: int = made.scalar_one()
            counts = {"joined": len(changes.joined), "moved": len(changes.moved), "left": len(changes.left)}
            await audit.record(connection, by, Action.STAFF_IMPORT, str(number), counts, self._clock)
            return number

    async def undo(self, *, by: str, number: int | None = None) -> Import:
        """Take the last import back that isn't undone yet; with `number` only if it is that one.

        Raises:
            StaffError: there is none, the last one is another, or it is too long ago.
        """
        async with self._engine.begin() as connection:
            await _alone(connection)
            last = select(staff_import).where(staff_import.c.undone_at.is_(None))
            found = (await connection.execute(last.order_by(staff_import.c.id.desc()).limit(1))).mappings().first()
            if found is None:
                raise StaffError("取り消せる取り込みはありません")
            if number not in (None, found["id"]):
                raise StaffError("取り消せるのは、いちばん新しい取り込みだけです。履歴を見直してください")
            if found["changes"] == _FORGOTTEN:
                raise StaffError("取り込みから400日が過ぎたため、取り消せません。正しい名簿を取り込んでください")
            changes = loaded(found["changes"])
            await _write(connection, [change.before for change in changes if change.before])
            new = [change.staff_id for change in changes if change.before is None]
            for start in range(0, len(new), _ROWS_AT_ONCE):
                gone = person.c.staff_id.in_(new[start : start + _ROWS_AT_ONCE])
                await connection.execute(delete(person).where(gone))
            undone = {"undone_at": await now_by(connection, self._clock), "undone_by": by[:120]}
            await connection.execute(update(staff_import).where(staff_import.c.id == found["id"]).values(undone))
            await audit.record(connection, by, Action.STAFF_UNDO, str(found["id"]), clock=self._clock)
            return _import({**found, **undone})

    async def forget_old(self) -> int:
        """Drop who was changed how by imports of more than 400 days ago; their counts stay. Returns how many imports."""
        async with self._engine.begin() as connection:
            limit = await now_by(connection, self._clock) - _UNDO_LASTS
            old = (staff_import.c.made_at < limit, staff_import.c.changes != _FORGOTTEN)
            return (await connection.execute(update(staff_import).where(*old).values(changes=_FORGOTTEN))).rowcount

    async def history(self, limit: int) -> Sequence[Import]:
        """The last imports, the newest first."""
        columns = [column for column in staff_import.c if column.name != "changes"]
        wanted = select(*columns).order_by(staff_import.c.id.desc()).limit(limit)
        async with reading(self._engine).connect() as connection:
            return [_import(row) for row in (await connection.execute(wanted)).mappings()]


async def _alone(connection: AsyncConnection) -> None:
    """Let one import after another through; on SQLite whoever may write is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE"))


async def _people(connection: AsyncConnection) -> tuple[Person, ...]:
    rows = (await connection.execute(select(person))).mappings()
    return tuple(sorted((from_json(dict(row)) for row in rows), key=lambda each: each.order))


async def _write(connection: AsyncConnection, people: Sequence[Person]) -> None:
    if not people:
        return
    added = upsert(connection, person)
    changed = {column.name: added.excluded[column.name] for column in person.c if not column.primary_key}
    written = added.on_conflict_do_update(index_elements=[person.c.staff_id], set_=changed)
    await connection.execute(written, [as_json(each) for each in people])


def _import(row: RowMapping | dict[str, Any]) -> Import:
    return Import(**{name: row[name] for name in Import.__dataclass_fields__})
