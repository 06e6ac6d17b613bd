"""One Starlette application: the web chat, the HR console, the calendars, and whether the process lives and is ready."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from asaka_bot import unwired
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.web import calendar_feed
from asaka_bot.channels.web import inbound as web
from asaka_bot.channels.web.calendar_feed import CalendarFeed
from asaka_bot.channels.web.inbox import InboxEntry, InboxReader
from asaka_bot.errors import StoreError
from asaka_bot.hr_console import routes as hr
from asaka_bot.hr_console.ports import Deliveries, Feed, Ports, Reminders
from asaka_bot.hr_console.sessions import SessionStore
from asaka_bot.outgoing import Address
from asaka_bot.same_origin import SameOrigin
from asaka_bot.settings import Settings
from asaka_bot.store.database import open_database
from asaka_bot.store.feedback import FeedbackStore
from asaka_bot.store.sessions import Sessions
from asaka_bot.tokyo import now_in_tokyo

MAX_BODY_BYTES = 1_000_000
_HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cross-origin-opener-policy": b"same-origin",
}
_GRACE_SECONDS = 5  # for answers under way when the process is told to stop


class SafeHeaders:
    """Adds the security headers; pages are not kept by browsers or proxies, so that no question stays behind."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cached = scope["path"].startswith("/static/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = b"public, max-age=3600" if cached else b"no-store"
                own = [(name, value) for name, value in message["headers"] if name.lower() != b"cache-control"]
                message["headers"] = [*own, *_HEADERS.items(), (b"cache-control", kept)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses a body of more than 1 MB as soon as that is known, before anything parses it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated) > MAX_BODY_BYTES:
            await _too_large()(scope, receive, send)
            return
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client has gone
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
            if size > MAX_BODY_BYTES:
                await _too_large()(scope, receive, send)
                return
        body: Message = {"type": "http.request", "body": b"".join(chunks), "more_body": False}
        given = False

        async def receive_whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return body

        await self._app(scope, receive_whole, send)


def _too_large() -> Response:
    return PlainTextResponse("送られた内容が大きすぎます（上限1MB）。短くしてもう一度お試しください。", status_code=413)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the pages reach once the database is open."""

    feedback: web.FeedbackPort
    inbox: InboxReader
    calendar: CalendarFeed
    sessions: SessionStore
    reminders: Reminders
    deliveries: Deliveries


def features_over(engine: AsyncEngine) -> Features:
    """The features of the product over its open database."""
    return Features(
        feedback=FeedbackStore(engine, now_in_tokyo),
        inbox=unwired.NoInbox(),
        calendar=unwired.NoCalendar(),
        sessions=Sessions(engine),
        reminders=unwired.NoReminders(),
        deliveries=unwired.NoDeliveries(),
    )


class _Opened:
    """The features for routes that were made before the database was open."""

    def __init__(self) -> None:
        self.features: Features | None = None

    def now(self) -> Features:
        """The features. Requests come only between start and end, when they are there."""
        if self.features is None:
            raise StoreError("データベースがまだ開いていません。少し待ってから、もう一度お試しください")
        return self.features

    async def record(self, *, topic: str, facet: str | None, helpful: bool, question: str | None) -> None:
        """Keep a vote."""
        await self.now().feedback.record(topic=topic, facet=facet, helpful=helpful, question=question)

    async def latest(self, addresses: Sequence[Address], limit: int) -> Sequence[InboxEntry]:
        """The newest messages of the inbox."""
        return await self.now().inbox.latest(addresses, limit)

    async def count_after(self, addresses: Sequence[Address], last_id: int) -> int:
        """The count at the bell, which stands on every page."""
        try:
            return await self.now().inbox.count_after(addresses, last_id)
        except SQLAlchemyError as error:
            raise StoreError("データベースを読めません") from error

    async def ics(self, audience: str) -> bytes:
        """A calendar."""
        return await self.now().calendar.ics(audience)


def make_app(
    settings: Settings, service: AnswerService, wire: Callable[[AsyncEngine], Features] = features_over
) -> Starlette:
    """The application; its lifespan opens and closes the database, over which `wire` builds the features."""
    opened = _Opened()
    secret = secret_key(settings.data_dir)
    feeds = tuple(
        Feed(title=title, path=calendar_feed.address(secret, audience))
        for audience, title in {"everyone": "全職員", "managers": "所属長・管理職員", "hr": "職員課用"}.items()
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        engine: AsyncEngine = await open_database(settings.database)
        opened.features = wire(engine)
        yield
        opened.features = None
        await engine.dispose()

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        ready = opened.features is not None
        return PlainTextResponse("ok" if ready else "starting", status_code=200 if ready else 503)

    def hr_ports() -> Ports:
        now = opened.now()
        return Ports(sessions=now.sessions, reminders=now.reminders, deliveries=now.deliveries, feeds=feeds)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            *hr.routes(hr_ports),
            *calendar_feed.routes(opened, secret),
            *web.routes(service, opened, opened, secret),
        ],
        middleware=[Middleware(SafeHeaders), Middleware(SameOrigin), Middleware(BodyLimit)],
        lifespan=lifespan,
    )


def secret_key(folder: Path) -> str:
    """The key that signs conversation state: made once, kept in the data folder, readable by the owner only."""
    file = folder / "secret.key"
    key = file.read_text(encoding="ascii").strip() if file.is_file() else ""
    if not key:
        key = secrets.token_urlsafe(48)
        folder.mkdir(parents=True, exist_ok=True)
        half_done = folder / "secret.part"
        half_done.touch(mode=0o600)
        half_done.write_text(key, encoding="ascii")
        half_done.replace(file)
    return key


def run(settings: Settings, service: AnswerService, host: str, port: int) -> None:
    """Serve until told to stop. Requests are not logged: their addresses would tell who asked what."""
    uvicorn.run(
        make_app(settings, service),
        host=host,
        port=port,
        log_level=settings.log_level.lower(),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
