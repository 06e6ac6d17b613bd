"""One Starlette application: the web chat, and whether the process lives and is ready."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.web import inbound as web
from asaka_bot.settings import Settings
from asaka_bot.store.database import open_database
from asaka_bot.store.feedback import FeedbackStore
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


class _Feedback:
    """The web chat's feedback, once the database is open."""

    def __init__(self) -> None:
        self.store: FeedbackStore | None = None

    async def record(self, *, topic: str, facet: str | None, helpful: bool, question: str | None) -> None:
        if self.store is not None:
            await self.store.record(topic=topic, facet=facet, helpful=helpful, question=question)


def make_app(settings: Settings, service: AnswerService) -> Starlette:
    """The application; its lifespan opens and closes the database."""
    feedback = _Feedback()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        engine: AsyncEngine = await open_database(settings.database)
        feedback.store = FeedbackStore(engine, now_in_tokyo)
        yield
        feedback.store = None
        await engine.dispose()

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        ready = feedback.store is not None
        return PlainTextResponse("ok" if ready else "starting", status_code=200 if ready else 503)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            *web.routes(service, feedback, secret_key(settings.data_dir)),
        ],
        middleware=[Middleware(SafeHeaders), Middleware(BodyLimit)],
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
