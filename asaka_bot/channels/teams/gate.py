"""POST /api/messages: what is not proven, too much or malformed goes no further; the rest reaches Microsoft's SDK."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from microsoft_teams.api.activities import ActivityTypeAdapter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from asaka_bot.channels.teams import service_urls
from asaka_bot.channels.teams.tokens import RejectedError, TokenCheck

PATH = "/api/messages"
_HANDLED = frozenset({"message", "invoke", "installationUpdate", "conversationUpdate"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_RETRY_SECONDS = "5"

log = structlog.get_logger(__name__)


class Gate:
    """The SDK's HTTP server adapter: its handler can be reached through these checks only.

    Without a `check` it takes unsigned requests, from this computer alone.
    """

    def __init__(self, check: TokenCheck | None, is_full: Callable[[], bool]) -> None:
        self._check, self._is_full = check, is_full
        self._handler: Any = None

    def register_route(self, method: str, path: str, handler: Any) -> None:
        """Take the SDK's handler (HttpServerAdapter)."""
        if (method, path) == ("POST", PATH):
            self._handler = handler

    def serve_static(self, path: str, directory: str) -> None:
        """Serve no files (HttpServerAdapter)."""

    async def start(self, port: int) -> None:
        """Listen nowhere: the server is ours (HttpServerAdapter)."""
        raise NotImplementedError(f"the SDK must not listen on port {port}")

    async def stop(self) -> None:
        """Nothing to stop (HttpServerAdapter)."""

    def route(self) -> BaseRoute:
        """The route for the application."""
        return Route(PATH, self.answer, methods=["POST"])

    async def answer(self, request: Request) -> Response:
        """Check the request, then let the SDK handle it."""
        try:
            activity = await self._believed(request)
        except RejectedError as rejected:
            log.info("teams.refused", reason=rejected.reason)
            return Response(status_code=401)
        except (ValueError, RecursionError):  # pydantic's errors are ValueErrors too; they quote the body: not logged
            log.info("teams.refused", reason="body")
            return Response(status_code=400)
        if activity is None:
            return JSONResponse({})
        if self._handler is None or self._is_full():
            return Response(status_code=429, headers={"Retry-After": _RETRY_SECONDS})
        result = await self._handler({"body": activity, "headers": {}})
        if result["status"] >= 500:  # ours, not Teams': repeating the same activity would fail the same way
            log.error("teams.handler_failed", status=result["status"])
            return Response(status_code=400)
        return JSONResponse(result.get("body") or {}, status_code=result["status"])

    async def _believed(self, request: Request) -> dict[str, Any] | None:
        """The activity of a request that is proven; None where there is nothing to do for it."""
        if self._check is None:
            _only_local(request)
            activity = _parsed(await request.body())
            if not service_urls.allowed(activity.get("serviceUrl"), local=True):
                raise RejectedError("service url")
        else:
            proof = await self._check.proof(request.headers.get("authorization", ""))
            activity = _parsed(await request.body())
            self._check.covers(proof, activity)
        kind = activity.get("type")
        if not isinstance(kind, str) or kind not in _HANDLED:
            return None
        try:
            ActivityTypeAdapter.validate_python(activity)
        except ValidationError:
            if kind == "message":
                raise
            return None  # an event of a newer Teams
        return activity


def _only_local(request: Request) -> None:
    host = request.client.host if request.client else ""
    if host not in _LOOPBACK or any(name in request.headers for name in _FORWARDED):
        raise RejectedError("not from this computer")


def _parsed(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    if not isinstance(found, Mapping):
        raise ValueError("no activity")
    # Half of a character can be written in JSON but neither stored nor sent on.
    json.dumps(found, ensure_ascii=False).encode()
    return dict(found)
