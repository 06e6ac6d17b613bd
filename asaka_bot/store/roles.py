"""Who has which role in HR's work, in the database, by e-mail in lower case."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.errors import RoleError
from asaka_bot.roles import HrRole, email_of
from asaka_bot.store.audit import record
from asaka_bot.store.database import Clock, now_by, reading, upsert
from asaka_bot.store.tables import hr_role, person


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A role that somebody was given."""

    person: str
    role: HrRole
    given_by: str
    given_at: datetime


class RoleStore:
    """Roles as admins have given them."""

    def __init__(self, engine: AsyncEngine, admins: AbstractSet[str] = frozenset(), clock: Clock | None = None) -> None:
        """`admins` are those whom the environment names; they need no row."""
        self._engine, self._admins, self._clock = engine, frozenset(admins), clock

    async def role_of(self, person: str) -> HrRole | None:
        """The role that the person was given, None without one."""
        wanted = select(hr_role.c.role).where(hr_role.c.person == person)
        async with reading(self._engine).connect() as connection:
            found: str | None = await connection.scalar(wanted)
        return None if found is None else HrRole(found)

    async def all(self) -> tuple[Given, ...]:
        """Everybody who was given a role, by e-mail."""
        async with reading(self._engine).connect() as connection:
            rows = await connection.execute(select(hr_role).order_by(hr_role.c.person))
            return tuple(
                Given(person=row.person, role=HrRole(row.role), given_by=row.given_by, given_at=row.given_at)
                for row in rows
            )

    async def give(self, person: str, role: HrRole | None, by: str) -> bool:
        """Give the person another role, or none; False where they had it already.

        Raises:
            RoleError: this is no e-mail address, or nobody would be left who can give roles.
        """
        email = email_of(person)
        if not email:
            raise RoleError("メールアドレスの形ではありません。taro.asaka@city.example のように、半角で書いてください")
        async with self._engine.begin() as connection:
            await _alone(connection)
            before = await connection.scalar(select(hr_role.c.role).where(hr_role.c.person == email))
            if before == role:
                return False
            if before == HrRole.ADMIN and not await self._another_admin(connection, email):
                raise RoleError("管理の権限を持つ人がいなくなります。先に、ほかの人に管理の権限を付けてください")
            if role is None:
                await connection.execute(delete(hr_role).where(hr_role.c.person == email))
            else:
                now = await now_by(connection, self._clock)
                row = {"person": email, "role": role, "given_by": by[:120], "given_at": now}
                added = upsert(connection, hr_role).values(row)
                await connection.execute(added.on_conflict_do_update(index_elements=["person"], set_=row))
            await record(connection, by, Action.ROLE_GIVE, email, {"before": before, "role": role}, self._clock)
            return True

    async def _another_admin(self, connection: AsyncConnection, leaving: str) -> bool:
        """Whether somebody can give roles besides `leaving`; those who have left city hall can't."""
        rows = await connection.scalars(select(hr_role.c.person).where(hr_role.c.role == HrRole.ADMIN))
        others = (set(rows) - {leaving}) | self._admins
        known = select(person.c.email, func.count().filter(person.c.active)).where(person.c.email.in_(others))
        left = {email for email, active in await connection.execute(known.group_by(person.c.email)) if not active}
        return bool(others - left)


async def _alone(connection: AsyncConnection) -> None:
    """Of two admins who take each other's role at once, the second finds the first gone."""
    if connection.dialect.name == "postgresql":  # on SQLite whoever may write is alone already
        await connection.execute(text("LOCK TABLE hr_role IN SHARE ROW EXCLUSIVE MODE"))
