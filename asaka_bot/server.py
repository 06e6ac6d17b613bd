"""One Starlette application: the web chat, the HR console, the calendars, and whether the process lives and is ready."""

import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.feedback import FeedbackPort
from asaka_bot.channels.notices import Responses
from asaka_bot.channels.web import calendar_feed
from asaka_bot.channels.web import inbound as web
from asaka_bot.channels.web.calendar_feed import CalendarFeed
from asaka_bot.channels.web.inbox import InboxReader
from asaka_bot.hr_console import employees
from asaka_bot.hr_console import routes as hr
from asaka_bot.hr_console.notice_ports import Notices
from asaka_bot.hr_console.ports import Audit, Deliveries, Feed, Ports, Reminders, Roles, Staff
from asaka_bot.hr_console.sessions import SessionStore
from asaka_bot.hr_console.staff_pages import MOST_UPLOAD_BYTES, UPLOAD
from asaka_bot.same_origin import SameOrigin

if TYPE_CHECKING:  # loaded where an OpenID Connect provider is configured
    from asaka_bot.hr_console.accounts import Accounts

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
# How long one thread keeps the interpreter while another waits. Under 50 questions a second through Slack, 3 ms gave the
# quickest answers of 0.1, 0.5, 2, 3 and Python's own 5 ms (tests.benchmarks.slack_load).
_TURN_SECONDS = 0.003
_GRACE_SECONDS = 2  # for answers under way when the process is told to stop


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

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        """`larger` are the paths that take more, with how many bytes."""
        self._app, self._larger = app, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most_bytes = self._larger.get(scope["path"], MAX_BODY_BYTES)
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated) > most_bytes:
            await _too_large(most_bytes)(scope, receive, send)
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
            if size > most_bytes:
                await _too_large(most_bytes)(scope, receive, send)
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


def _too_large(most_bytes: int) -> Response:
    limit = f"上限{most_bytes // 1_000_000}MB"
    return PlainTextResponse(
        f"送られた内容が大きすぎます（{limit}）。小さくしてもう一度お試しください。", status_code=413
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the pages reach."""

    feedback: FeedbackPort
    inbox: InboxReader
    calendar: CalendarFeed
    sessions: SessionStore
    reminders: Reminders
    deliveries: Deliveries
    audit: Audit
    staff: Staff
    roles: Roles
    notices: Notices
    responses: Responses
    figures: Callable[[], Awaitable[bytes]]  # for Prometheus
    accounts: "Accounts | None" = None


class Background(Protocol):
    """What runs beside the pages."""

    @property
    def ready(self) -> bool:
        """Whether everything has started."""

    async def start(self) -> None:
        """Begin; the pages wait for it."""

    async def stop(self) -> None:
        """End in good order."""


def make_app(
    service: AnswerService,
    features: Features,
    background: Background,
    secret: str,
    webhooks: Sequence[BaseRoute] = (),
) -> Starlette:
    """The application; `background` lives as long as it serves, `secret` signs what travels through browsers.

    `webhooks` are the routes that Slack and Teams call.
    """
    feeds = tuple(
        Feed(title=title, path=calendar_feed.address(secret, audience))
        for audience, title in {"everyone": "全職員", "managers": "所属長・管理職員", "hr": "職員課用"}.items()
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await background.start()
        try:
            yield
        finally:
            await background.stop()

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        return PlainTextResponse("ok") if background.ready else PlainTextResponse("starting", status_code=503)

    async def metrics(_request: Request) -> Response:
        return Response(await features.figures(), media_type="text/plain; version=0.0.4; charset=utf-8")

    ports = Ports(
        sessions=features.sessions,
        reminders=features.reminders,
        deliveries=features.deliveries,
        audit=features.audit,
        staff=features.staff,
        roles=features.roles,
        notices=features.notices,
        feeds=feeds,
        accounts=features.accounts,
    )
    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *hr.routes(lambda: ports),
            *calendar_feed.routes(features.calendar, secret),
            *webhooks,
            *web.routes(
                service,
                features.feedback,
                features.inbox,
                secret,
                responses=features.responses,
                person_of=employees.person_of(lambda: ports),
            ),
        ],
        middleware=[
            Middleware(SafeHeaders),
            Middleware(SameOrigin),
            Middleware(BodyLimit, larger={UPLOAD: MOST_UPLOAD_BYTES}),
        ],
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


def run(app: Starlette, host: str, port: int) -> None:
    """Serve until told to stop. Requests are not logged: their addresses would tell who asked what."""
    sys.setswitchinterval(_TURN_SECONDS)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,  # as `logs` has set it up
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
