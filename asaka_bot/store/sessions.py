"""Sign-in links and sessions of HR in the database, by the digests of their tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.errors import StoreError
from asaka_bot.roles import HrRole
from asaka_bot.store.audit import record
from asaka_bot.store.database import reading
from asaka_bot.store.tables import hr_session, sign_in_link

_NAMED_BY = 12  # characters of its digest name a session in the audit log


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A row of hr_session."""

    person: str
    role: HrRole | None
    csrf: str
    made_at: datetime
    expires_at: datetime


class Sessions:
    """Links and sessions; whatever has expired goes with the next sign-in."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add_link(self, *, digest: str, person: str, role: HrRole | None, expires_at: datetime) -> None:
        """Keep a link that signs `person` in once, with `role` for as long as the session lasts."""
        row = {"digest": digest, "person": person, "role": role, "expires_at": expires_at}
        async with self._engine.begin() as connection:
            await connection.execute(insert(sign_in_link).values(row))

    async def redeem(self, *, link: str, session: str, csrf: str, now: datetime, expires_at: datetime) -> str | None:
        """Use up the link and open the session; the person, or None where the link is unknown, used or expired."""
        unused = (sign_in_link.c.digest == link, sign_in_link.c.used_at.is_(None), sign_in_link.c.expires_at > now)
        # One statement finds and uses it: of two requests at once, the second finds it used.
        use = update(sign_in_link).where(*unused).values(used_at=now)
        async with self._engine.begin() as connection:
            given = use.returning(sign_in_link.c.person, sign_in_link.c.role)
            found = (await connection.execute(given)).one_or_none()
            if found is None:
                return None
            row = {"person": found.person, "role": found.role, "csrf": csrf, "made_at": now, "expires_at": expires_at}
            await _open(connection, row | {"digest": session}, now)
        return str(found.person)

    async def begin(self, *, session: str, person: str, csrf: str, now: datetime, expires_at: datetime) -> None:
        """Open a session for somebody whose account has proved who they are; its role is looked up each time."""
        row = {"digest": session, "person": person, "csrf": csrf, "made_at": now, "expires_at": expires_at}
        async with self._engine.begin() as connection:
            await _open(connection, row, now)

    async def find(self, digest: str, *, now: datetime) -> StoredSession | None:
        """The session that is open at `now`. Raises `StoreError` where that can't be found out."""
        wanted = select(hr_session).where(hr_session.c.digest == digest, hr_session.c.expires_at > now)
        try:
            async with reading(self._engine).connect() as connection:
                row = (await connection.execute(wanted)).mappings().one_or_none()
        except (SQLAlchemyError, OSError) as error:
            raise StoreError("サインインを確かめられません。しばらくしてから、もう一度お試しください") from error
        if row is None:
            return None
        role = None if row["role"] is None else HrRole(row["role"])
        return StoredSession(role=role, **{name: row[name] for name in ("person", "csrf", "made_at", "expires_at")})

    async def renew(self, digest: str, *, expires_at: datetime) -> None:
        """Let the session end at `expires_at` instead."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(hr_session).where(hr_session.c.digest == digest).values(expires_at=expires_at)
            )

    async def close(self, digest: str) -> None:
        """End the session at once."""
        async with self._engine.begin() as connection:
            gone = delete(hr_session).where(hr_session.c.digest == digest).returning(hr_session.c.person)
            person: str | None = (await connection.execute(gone)).scalar_one_or_none()
            if person is not None:
                await record(connection, person, Action.SIGN_OUT, digest[:_NAMED_BY])


async def _open(connection: AsyncConnection, row: Mapping[str, object], now: datetime) -> None:
    for table in (sign_in_link, hr_session):
        await connection.execute(delete(table).where(table.c.expires_at <= now))
    await connection.execute(insert(hr_session).values(row))
    await record(connection, str(row["person"]), Action.SIGN_IN, str(row["digest"])[:_NAMED_BY])
