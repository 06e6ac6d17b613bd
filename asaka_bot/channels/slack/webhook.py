"""The route `/slack/events`: genuine requests are acknowledged at once, all others refused unread."""

import json
import time
from collections.abc import Callable

from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncBoltRequest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from asaka_bot.channels.slack.intake import Intake, event_request
from asaka_bot.channels.slack.signature import genuine

PATH = "/slack/events"
_FORM = "application/x-www-form-urlencoded"


def routes(intake: Intake, signing_secret: str, now: Callable[[], float] = time.time) -> list[BaseRoute]:
    """The routes that Slack calls; `now` gives seconds since 1970."""

    async def receive(request: Request) -> Response:
        headers = dict(request.scope["headers"])  # as bytes: a header may hold what is no text
        body = await request.body()
        timestamp, signature = headers.get(b"x-slack-request-timestamp"), headers.get(b"x-slack-signature")
        if not genuine(body, timestamp, signature, signing_secret, now()):
            return PlainTextResponse("署名が正しくありません。", status_code=401)
        return await _accept(intake, body, headers.get(b"content-type", b""))

    return [Route(PATH, receive, methods=["POST"])]


async def _accept(intake: Intake, body: bytes, content_type: bytes) -> Response:
    try:
        text = body.decode()
        if content_type.split(b";")[0].strip().lower() == _FORM.encode():
            request = AsyncBoltRequest(body=text, headers={"content-type": [_FORM]})
            return to_starlette_response(await intake.answer(request))
        said = json.loads(text)
        if not isinstance(said, dict):
            raise ValueError("not an object")
    except (ValueError, RecursionError):
        return PlainTextResponse("読み取れない形式です。", status_code=400)
    if said.get("type") == "url_verification":
        return JSONResponse({"challenge": str(said.get("challenge", ""))})
    if intake.take(event_request(text)):
        return Response(status_code=200)
    # Slack delivers again after a minute and after five, when there may be room.
    return PlainTextResponse("混み合っています。", status_code=503, headers={"Retry-After": "60"})
