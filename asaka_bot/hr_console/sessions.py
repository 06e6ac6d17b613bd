"""Who is signed in to the HR console: one-time links, sessions, their tokens and lifetimes."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from starlette.responses import Response

from asaka_bot.roles import Actor, HrRole
from asaka_bot.tokyo import now_in_tokyo

COOKIE = (
    "__Host-asaka-hr"  # the prefix makes browsers refuse it unless it is Secure, for this host only, for every path
)
SIGN_IN = "/hr/sign-in"
LINK_LASTS = timedelta(hours=1)
SESSION_LASTS = timedelta(hours=8)
IDLE_LASTS = timedelta(minutes=60)
_RENEWED_EVERY = timedelta(minutes=1)  # not at every click: each renewal is a write
_TOKEN_BYTES = 32  # 256 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person of HR, signed in."""

    person: str  # as `Actor.person`
    csrf: str  # stands in every form of the session
    actor: Actor  # as features ask who it is


class Session(Protocol):
    """A session as it is kept."""

    @property
    def person(self) -> str:
        """Who signed in."""

    @property
    def role(self) -> HrRole | None:
        """The role that came with the link; None: whatever the person has at each request."""

    @property
    def csrf(self) -> str:
        """What every form of the session carries."""

    @property
    def made_at(self) -> datetime:
        """When the person signed in."""

    @property
    def expires_at(self) -> datetime:
        """When it ends unless it is renewed."""


class SessionStore(Protocol):
    """Keeps links and sessions, by the digests of their tokens. Every method is one transaction."""

    async def add_link(self, *, digest: str, person: str, role: HrRole | None, expires_at: datetime) -> None:
        """Keep a link that signs `person` in once, with `role` for as long as the session lasts."""

    async def redeem(self, *, link: str, session: str, csrf: str, now: datetime, expires_at: datetime) -> str | None:
        """Use up the link and open the session; the person, or None where the link is unknown, used or expired."""

    async def begin(self, *, session: str, person: str, csrf: str, now: datetime, expires_at: datetime) -> None:
        """Open a session for somebody whose account has proved who they are; its role is looked up each time."""

    async def find(self, digest: str, *, now: datetime) -> Session | None:
        """The session that is open at `now`. Raises `StoreError` where that can't be found out."""

    async def renew(self, digest: str, *, expires_at: datetime) -> None:
        """Let the session end at `expires_at` instead."""

    async def close(self, digest: str) -> None:
        """End the session at once."""


def give(response: Response, token: str) -> None:
    """Let the browser keep the session; without an age the cookie goes when the browser is closed."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")


def new_token() -> str:
    """256 random bits, safe in an address and in a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What is kept of a token. Of 256 random bits a plain hash is enough: nobody can guess their way back."""
    return hashlib.sha256(token.encode()).hexdigest()


def matches(given: str, kept: str) -> bool:
    """Whether both are the same, in a time that doesn't tell how far they agree."""
    return hmac.compare_digest(given.encode(), kept.encode())


def ends_at(made_at: datetime, now: datetime) -> datetime:
    """When a session used at `now` ends: 60 minutes later, but 8 hours after the sign-in at the latest."""
    return min(now + IDLE_LASTS, made_at + SESSION_LASTS)


def renewal(session: Session, now: datetime) -> datetime | None:
    """The new end of a session used at `now`, None while the old one is good enough."""
    end = ends_at(session.made_at, now)
    return end if end - session.expires_at >= _RENEWED_EVERY else None


async def make_sign_in_link(
    store: SessionStore, base_url: str, *, person: str = "職員課", role: HrRole = HrRole.ADMIN
) -> str:
    """A link below `base_url` that signs `person` in once within the hour, with `role`."""
    token = new_token()
    await store.add_link(digest=digest_of(token), person=person, role=role, expires_at=now_in_tokyo() + LINK_LASTS)
    return f"{base_url.rstrip('/')}{SIGN_IN}?token={token}"
