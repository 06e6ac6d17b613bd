"""What admins have set in the console, in the database."""

from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.tables import hr_setting


class HrSettings:
    """The rules of the office; what nobody has set has its default."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock

    async def read(self) -> OfficeRules:
        """The rules in force."""
        async with reading(self._engine).connect() as connection:
            return await _read(connection)

    async def change(self, rules: OfficeRules, by: str) -> int:
        """Let `rules` be in force from now on; how many of them are new, each with its entry in the audit log."""
        async with self._engine.begin() as connection:
            before, now = await _read(connection), await now_by(connection, self._clock)
            pairs = {each.name: (getattr(before, each.name), getattr(rules, each.name)) for each in fields(rules)}
            changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
            for name, (_, new) in changed.items():
                row = {"name": name, "value": str(new), "changed_by": by[:120], "changed_at": now}
                added = upsert(connection, hr_setting).values(row)
                await connection.execute(added.on_conflict_do_update(index_elements=["name"], set_=row))
            for name, (old, new) in changed.items():
                await record(connection, by, Action.SETTING_CHANGE, name, {"before": old, "value": new}, self._clock)
            return len(changed)


async def _read(connection: AsyncConnection) -> OfficeRules:
    known = {each.name for each in fields(OfficeRules)}
    rows = await connection.execute(select(hr_setting.c.name, hr_setting.c.value))
    return OfficeRules(**{row.name: int(row.value) for row in rows if row.name in known})
