"""The door of the HR console: nobody passes without a session, nothing is changed without its token."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.design.pages import fields
from asaka_bot.hr_console import sessions
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.sessions import SessionStore, Visitor
from asaka_bot.roles import Actor, HrRole

Endpoint = Callable[[Request], Awaitable[Response]]
Guarded = Callable[[Request, Visitor], Awaitable[Response]]
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Door:
    """Lets people with a session in; everybody else stays outside."""

    def __init__(self, store: Callable[[], SessionStore], pages: Pages, now: Callable[[], datetime]) -> None:
        self._store, self._pages, self._now = store, pages, now

    def guard(self, endpoint: Guarded) -> Endpoint:
        """The endpoint behind the door: 401 without a session, 403 where a form lacks the token of the session."""

        async def guarded(request: Request) -> Response:
            try:
                return await self._let_through(request, endpoint)
            finally:
                await request.close()  # the files that came with a form

        return guarded

    async def _let_through(self, request: Request, endpoint: Guarded) -> Response:
        visitor = await self.visitor(request)
        if visitor is None:
            return self._pages.page(
                "outside.html",
                visitor=None,
                status=401,
                title="サインインが必要です",
                lost=request.method != "GET",
                again=request.url.path,
            )
        if request.method not in ("GET", "HEAD"):
            given = (await fields(request)).get("csrf", "")
            if not sessions.matches(given, visitor.csrf):
                return self._pages.page("stale.html", visitor=visitor, status=403, title="もう一度お試しください")
        return await endpoint(request, visitor)

    async def visitor(self, request: Request) -> Visitor | None:
        """Who is signed in on this browser; using a session keeps it from becoming idle."""
        token = request.cookies.get(sessions.COOKIE, "")
        if not token:
            return None
        now = self._now()
        digest = sessions.digest_of(token)
        session = await self._store().find(digest, now=now)
        if session is None or now >= session.made_at + sessions.SESSION_LASTS:
            return None
        end = sessions.renewal(session, now)
        if end is not None:
            await self._store().renew(digest, expires_at=end)
        actor = Actor(person=session.person, role=HrRole.ADMIN)  # whoever holds a link may do everything
        return Visitor(person=session.person, csrf=session.csrf, actor=actor)

    async def let_in(self, link: str) -> str | None:
        """Redeem the token of a link; the token of the new session, None where the link is worth nothing."""
        token, now = sessions.new_token(), self._now()
        person = await self._store().redeem(
            link=sessions.digest_of(link),
            session=sessions.digest_of(token),
            csrf=sessions.new_token(),
            now=now,
            expires_at=sessions.ends_at(now, now),
        )
        return None if person is None else token

    async def let_out(self, request: Request) -> None:
        """End the session of this browser."""
        await self._store().close(sessions.digest_of(request.cookies.get(sessions.COOKIE, "")))


def carries_secure_cookies(request: Request) -> bool:
    """Whether browsers keep a Secure cookie from here: over HTTPS, and on the computer itself."""
    return request.url.scheme == "https" or request.url.hostname in _LOOPBACK
