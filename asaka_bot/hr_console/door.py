"""The door of the HR console: nobody passes without a session, nothing is changed without its token."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.design.pages import fields
from asaka_bot.errors import NotPermittedError, StoreError
from asaka_bot.hr_console import access, sessions
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor

Endpoint = Callable[[Request], Awaitable[Response]]
Guarded = Callable[[Request, Visitor], Awaitable[Response]]
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Door:
    """Lets people with a session in, as far as their role goes; everybody else stays outside."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, now: Callable[[], datetime]) -> None:
        self._ports, self._pages, self._now = ports, pages, now

    def guard(self, endpoint: Guarded, *, used: bool = True) -> Endpoint:
        """The endpoint behind the door; `used`: whoever asks for it uses the session, which then lasts longer.

        401 without a session; 403 where the role is too small, or a form lacks the token of the session; 503 where
        neither can be found out.
        """

        async def guarded(request: Request) -> Response:
            try:
                return await self._let_through(request, endpoint, used)
            except StoreError:
                return self.unavailable()
            finally:
                await request.close()  # the files that came with a form

        return guarded

    def outside(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint before the door, which nobody needs a session for."""

        async def told(request: Request) -> Response:
            try:
                return await endpoint(request)
            except StoreError:
                return self.unavailable()
            finally:
                await request.close()

        return told

    async def _let_through(self, request: Request, endpoint: Guarded, used: bool) -> Response:
        visitor = await self.visitor(request, used=used)
        if visitor is None:
            return self._pages.page(
                "outside.html",
                visitor=None,
                status=401,
                title="サインインが必要です",
                lost=request.method != "GET",
                again=request.url.path,
            )
        if not access.may_enter(visitor.actor, request.url.path):
            return self._refuse(request, visitor)
        if request.method not in ("GET", "HEAD"):
            given = (await fields(request)).get("csrf", "")
            if not sessions.matches(given, visitor.csrf):
                return self._pages.page("stale.html", visitor=visitor, status=403, title="もう一度お試しください")
        try:
            return await endpoint(request, visitor)
        except NotPermittedError as error:
            return self._not_permitted(visitor, str(error))

    def _refuse(self, request: Request, visitor: Visitor) -> Response:
        """What is said to those whose role doesn't lead here."""
        if visitor.actor.heads and request.url.path == access.HOME:
            return RedirectResponse(access.NOTICES, status_code=303)
        if visitor.actor.role is None:
            return self._pages.page("no_role.html", visitor=visitor, status=403, title="権限がありません")
        return self._not_permitted(visitor, visitor.actor.refusal(access.needed(request.url.path)))

    def _not_permitted(self, visitor: Visitor, reason: str) -> Response:
        return self._pages.page(
            "not_permitted.html", visitor=visitor, status=403, title="この操作はできません", reason=reason
        )

    def unavailable(self) -> Response:
        """Nobody is let in where it can't be found out who it is."""
        return self._pages.page("unavailable.html", visitor=None, status=503, title="いまは使えません")

    async def visitor(self, request: Request, *, used: bool = True) -> Visitor | None:
        """Who is signed in on this browser; where the session is `used`, that keeps it from becoming idle.

        Who they are is looked up at each request: a role that was taken counts no more, and whoever has left city hall
        is signed out. Raises `StoreError` where it can't be looked up.
        """
        token = request.cookies.get(sessions.COOKIE, "")
        if not token:
            return None
        now, store = self._now(), self._ports().sessions
        digest = sessions.digest_of(token)
        session = await store.find(digest, now=now)
        if session is None or now >= session.made_at + sessions.SESSION_LASTS:
            return None
        actor = await self._ports().roles.actor_of(session.person)
        if actor.left:
            await store.close(digest)
            return None
        if session.role is not None:  # it came with the link
            actor = replace(actor, role=session.role)
        end = sessions.renewal(session, now)
        if used and end is not None:
            await store.renew(digest, expires_at=end)
        return Visitor(person=actor.person, csrf=session.csrf, actor=actor)

    async def let_in(self, link: str) -> str | None:
        """Redeem the token of a link; the token of the new session, None where the link is worth nothing."""
        token, now = sessions.new_token(), self._now()
        person = await self._ports().sessions.redeem(
            link=sessions.digest_of(link),
            session=sessions.digest_of(token),
            csrf=sessions.new_token(),
            now=now,
            expires_at=sessions.ends_at(now, now),
        )
        return None if person is None else token

    async def admit(self, person: str) -> str:
        """Open a session for somebody whose account has proved who they are; its token, which nobody knew before."""
        token, now = sessions.new_token(), self._now()
        await self._ports().sessions.begin(
            session=sessions.digest_of(token),
            person=person,
            csrf=sessions.new_token(),
            now=now,
            expires_at=sessions.ends_at(now, now),
        )
        return token

    async def let_out(self, request: Request) -> None:
        """End the session of this browser."""
        await self._ports().sessions.close(sessions.digest_of(request.cookies.get(sessions.COOKIE, "")))


def carries_secure_cookies(request: Request) -> bool:
    """Whether browsers keep a Secure cookie from here: over HTTPS, and on the computer itself."""
    return request.url.scheme == "https" or request.url.hostname in _LOOPBACK
