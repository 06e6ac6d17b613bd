"""Lists of people that HR has given a name."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.broadcasts.notice import NamedList
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.tables import staff_list


class StaffLists:
    """By name; `members` is what audiences need of them."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def all(self) -> Sequence[NamedList]:
        """Every list, by name."""
        async with reading(self._engine).connect() as connection:
            rows = await connection.execute(select(staff_list).order_by(staff_list.c.name))
            return [
                NamedList(
                    name=row.name, staff_ids=tuple(json.loads(row.members)), made_by=row.made_by, made_at=row.made_at
                )
                for row in rows
            ]

    async def members(self) -> Mapping[str, frozenset[str]]:
        """The staff ids of each list."""
        return {each.name: frozenset(each.staff_ids) for each in await self.all()}

    async def keep(self, name: str, staff_ids: Sequence[str], by: str) -> None:
        """Make a list, or give it other members."""
        async with self._engine.begin() as connection:
            row = {
                "name": name,
                "members": json.dumps(list(dict.fromkeys(staff_ids))),
                "made_by": by,
                "made_at": await now_by(connection, self._clock),
            }
            made = upsert(connection, staff_list).values(row)
            changed = {key: made.excluded[key] for key in row if key != "name"}
            await connection.execute(made.on_conflict_do_update(index_elements=["name"], set_=changed))
            await record(connection, by, Action.LIST_KEEP, name, {"people": len(staff_ids)}, self._clock)

    async def remove(self, name: str, by: str) -> None:
        """Remove a list; nothing happens where there is none."""
        async with self._engine.begin() as connection:
            gone = delete(staff_list).where(staff_list.c.name == name)
            if (await connection.execute(gone)).rowcount:
                await record(connection, by, Action.LIST_REMOVE, name, clock=self._clock)
