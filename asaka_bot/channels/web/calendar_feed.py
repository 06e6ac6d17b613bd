"""The calendar of reminders for calendar programs: open for all employees, by a signed address for HR."""

import hashlib
import hmac
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

_OPEN = ("everyone", "managers")
_SIGNED = ("hr",)


class CalendarFeed(Protocol):
    """The reminders as iCalendar."""

    async def ics(self, audience: str) -> bytes:
        """The whole calendar of `audience` (everyone, managers, hr)."""


def routes(feed: CalendarFeed, secret: str) -> list[BaseRoute]:
    """`/calendar.ics` for everyone, and one address for each audience."""

    async def everyone(request: Request) -> Response:  # noqa: ARG001 - Starlette passes it
        return _calendar(await feed.ics("everyone"))

    async def of_audience(request: Request) -> Response:
        audience = request.path_params["audience"]
        if audience not in (*_OPEN, *_SIGNED):
            return PlainTextResponse("この予定表はありません。アドレスを確かめてください。", status_code=404)
        given = request.query_params.get("key", "").encode()
        if audience in _SIGNED and not hmac.compare_digest(given, _key(secret, audience).encode()):
            return PlainTextResponse(
                "この予定表は職員課用です。人事コンソールの「リマインダー」にあるアドレスを、もう一度コピーしてください。",
                status_code=403,
            )
        return _calendar(await feed.ics(audience))

    return [
        Route("/calendar.ics", everyone, methods=["GET"]),
        Route("/calendar/{audience}.ics", of_audience, methods=["GET"]),
    ]


def address(secret: str, audience: str) -> str:
    """The path that calendar programs subscribe to; with its key where the calendar is not open to all."""
    if audience == "everyone":
        return "/calendar.ics"
    return f"/calendar/{audience}.ics" + (f"?key={_key(secret, audience)}" if audience in _SIGNED else "")


def _key(secret: str, audience: str) -> str:
    """Only who has seen the address knows it; it changes with the secret alone, so subscriptions last."""
    return hmac.new(secret.encode(), f"asaka-bot.calendar.{audience}".encode(), hashlib.sha256).hexdigest()[:40]


def _calendar(written: bytes) -> Response:
    headers = {"Content-Disposition": 'inline; filename="asaka.ics"'}
    return Response(written, media_type="text/calendar; charset=utf-8", headers=headers)
