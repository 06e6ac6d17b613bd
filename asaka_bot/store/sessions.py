"""Sign-in links and sessions of HR in the database, by the digests of their tokens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.audit import Action
from asaka_bot.store.audit import record
from asaka_bot.store.database import reading
from asaka_bot.store.tables import hr_session, sign_in_link

_NAMED_BY = 12  # characters of its digest name a session in the audit log


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A row of hr_session."""

    person: str
    csrf: str
    made_at: datetime
    expires_at: datetime


class Sessions:
    """Links and sessions; whatever has expired goes with the next sign-in."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add_link(self, *, digest: str, person: str, expires_at: datetime) -> None:
        """Keep a link that signs `person` in once."""
        row = {"digest": digest, "person": person, "expires_at": expires_at}
        async with self._engine.begin() as connection:
            await connection.execute(insert(sign_in_link).values(row))

    async def redeem(self, *, link: str, session: str, csrf: str, now: datetime, expires_at: datetime) -> str | None:
        """Use up the link and open the session; the person, or None where the link is unknown, used or expired."""
        unused = (sign_in_link.c.digest == link, sign_in_link.c.used_at.is_(None), sign_in_link.c.expires_at > now)
        # One statement finds and uses it: of two requests at once, the second finds it used.
        use = update(sign_in_link).where(*unused).values(used_at=now).returning(sign_in_link.c.person)
        async with self._engine.begin() as connection:
            person: str | None = (await connection.execute(use)).scalar_one_or_none()
            if person is None:
                return None
            for table in (sign_in_link, hr_session):
                await connection.execute(delete(table).where(table.c.expires_at <= now))
            row = {"digest": session, "person": person, "csrf": csrf, "made_at": now, "expires_at": expires_at}
            await connection.execute(insert(hr_session).values(row))
            await record(connection, person, Action.SIGN_IN, session[:_NAMED_BY])
        return person

    async def find(self, digest: str, *, now: datetime) -> StoredSession | None:
        """The session that is open at `now`."""
        wanted = select(hr_session).where(hr_session.c.digest == digest, hr_session.c.expires_at > now)
        async with reading(self._engine).connect() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        if row is None:
            return None
        return StoredSession(person=row.person, csrf=row.csrf, made_at=row.made_at, expires_at=row.expires_at)

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
