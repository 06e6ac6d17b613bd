"""Says something at a place; what is private goes by direct message, and others see a line that reveals nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.log import SILENT
from asaka_bot.channels.slack.marks import delivery_mark
from asaka_bot.channels.slack.place import Place
from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS, verdict
from asaka_bot.delivery.channel import Later

ELSEWHERE = "ダイレクトメッセージでお答えしました。"
FAILED = "お答えを送れませんでした。しばらくしてから、もう一度お試しください。"
_TRIES, _MOST_WAIT_SECONDS = 3, 30.0  # an answer that comes later than that is of no use

_log = structlog.get_logger(__name__)


class Speaker:
    """Posts with one client; answers are tried again only where Slack certainly did not take them."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def say(self, place: Place, message: Rendered) -> bool:
        """Show `message` at `place`; whether Slack took it."""
        if place.response_url:
            return await self._respond(place.response_url, message)
        where: Mapping[str, Any] = {"channel": place.to} | ({"thread_ts": place.thread} if place.thread else {})
        return await self._post(where, message)

    async def say_privately(self, place: Place, message: Rendered) -> bool:
        """Show `message` to the person alone; at the place itself only a line that says where the answer is."""
        if place.direct:
            return await self.say(place, message)
        taken = await self.say(place.in_private, message)
        line = line_of(ELSEWHERE if taken else FAILED)
        if place.response_url or not place.quiet:
            await self.say(place, line)
        return taken

    async def replace(self, channel: str, ts: str, message: Rendered, marker: str = "") -> bool:
        """Put `message` where one of our own stands; with `marker` it stays findable as that delivery."""
        try:
            await self._client.chat_update(
                channel=channel,
                ts=ts,
                text=message.text,
                blocks=list(message.blocks),
                metadata=delivery_mark(marker) if marker else None,
            )
        except PLATFORM_ERRORS as error:
            _log.warning("slack_message_not_replaced", error=type(error).__name__)
            return False
        return True

    async def erase(self, channel: str, ts: str) -> None:
        """Take one of our own messages away."""
        try:
            await self._client.chat_delete(channel=channel, ts=ts)
        except PLATFORM_ERRORS as error:
            _log.warning("slack_message_not_erased", error=type(error).__name__)

    async def _post(self, where: Mapping[str, Any], message: Rendered) -> bool:
        for left in reversed(range(_TRIES)):
            try:
                await self._client.chat_postMessage(
                    **where,
                    text=message.text,
                    blocks=list(message.blocks) or None,
                    unfurl_links=False,
                    unfurl_media=False,
                )
            except PLATFORM_ERRORS as error:
                outcome = verdict(error)
                if isinstance(outcome, Later) and left and outcome.retry_after_seconds <= _MOST_WAIT_SECONDS:
                    await asyncio.sleep(outcome.retry_after_seconds)
                    continue
                _log.warning("slack_answer_not_taken", outcome=type(outcome).__name__, error=type(error).__name__)
                return False
            return True
        return False

    async def _respond(self, url: str, message: Rendered) -> bool:
        """Answer a command or a press where only the person sees it."""
        webhook = AsyncWebhookClient(url, timeout=10, logger=SILENT, retry_handlers=[])
        try:
            answer = await webhook.send(
                text=message.text,
                blocks=list(message.blocks) or None,
                response_type="ephemeral",
                replace_original=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except PLATFORM_ERRORS as error:
            _log.warning("slack_response_not_taken", error=type(error).__name__)
            return False
        return answer.status_code == 200


def line_of(text: str) -> Rendered:
    """One plain line; `text` is ours."""
    return Rendered(text=text, blocks=())
