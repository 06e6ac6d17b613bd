"""What leaves on its own, on Slack: send once, read back by the marker, change what stands."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.slack.announcement import render_message
from asaka_bot.channels.slack.marks import delivery_mark, marker_of
from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS, has_gone, verdict
from asaka_bot.delivery.channel import (
    Absent,
    Found,
    Later,
    Letter,
    Lookup,
    Outcome,
    Refused,
    Sent,
    Traits,
    Uncertain,
    Unreadable,
)

_PERSON = ("U", "W")  # how the ids of people begin
_MARGIN = timedelta(minutes=5)  # our clock and Slack's may differ
_PAGE, _MOST_PAGES = 200, 25
_MENDED_SECONDS = 600.0  # after a fault that a person has to mend
# 450 a minute is below the unpublished cap of a workspace; about one a second and channel is documented.
_TRAITS = Traits(
    read_back=True,
    update=True,
    timeout_seconds=10.0,
    settle_seconds=60.0,
    per_second=7.5,
    per_destination_seconds=1.0,
)


Lost = Callable[[str], Awaitable[None]]


async def _nobody_notes(_user: str) -> None:
    """Nobody keeps addresses."""


class SlackGateway:
    """The port `delivery.channel.Channel` on Slack.

    `client` must not retry on its own (``retry_handlers=[]``): after a dropped connection it would post twice.
    """

    def __init__(self, client: AsyncWebClient, traits: Traits = _TRAITS, lost: Lost = _nobody_notes) -> None:
        """`lost` learns of each person (the user id) whom Slack says nobody can write to any more."""
        self._client, self._lost = client, lost
        self.name = "slack"
        self.traits = traits

    async def send(self, letter: Letter) -> Outcome:
        """Post once; the marker travels in the message's metadata."""
        message = render_message(letter.message, letter.marker)
        try:
            answer = await self._client.chat_postMessage(
                channel=letter.address.to,
                text=message.text,
                blocks=list(message.blocks),
                metadata=delivery_mark(letter.marker),
                unfurl_links=False,
                unfurl_media=False,
            )
        except PLATFORM_ERRORS as error:
            if has_gone(error) and letter.address.to.startswith(_PERSON):
                await self._lost(letter.address.to)
            return verdict(error)
        return _sent(answer.get("ts"))

    async def find(self, letter: Letter) -> Lookup:
        """Look for the marker among the messages of the conversation since the call began."""
        try:
            channel = await self._conversation(letter.address.to)
            async for message in self._history(channel, (letter.started_at - _MARGIN).timestamp()):
                if marker_of(message) == letter.marker:
                    return Found(platform_ref=str(message["ts"]))
        except PLATFORM_ERRORS as error:
            return _unreadable(error, again_seconds=self.traits.settle_seconds / 2)
        except _TooMuchError:
            return Unreadable(retry_after_seconds=_MENDED_SECONDS, reason="会話の記録が多く、確かめきれません。")
        return Absent()

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:
        """Replace the message `platform_ref` (its ts)."""
        message = render_message(letter.message, letter.marker)
        try:
            channel = await self._conversation(letter.address.to)
            await self._client.chat_update(
                channel=channel,
                ts=platform_ref,
                text=message.text,
                blocks=list(message.blocks),
                metadata=delivery_mark(letter.marker),
            )
        except PLATFORM_ERRORS as error:
            return verdict(error)
        return Sent(platform_ref=platform_ref)

    async def _conversation(self, to: str) -> str:
        """The id of the conversation; a person's direct messages have an id of their own."""
        if not to.startswith(_PERSON):
            return to
        answer = await self._client.conversations_open(users=to)
        channel: Mapping[str, Any] = answer.get("channel") or {}
        return str(channel["id"]) if "id" in channel else to

    async def _history(self, channel: str, oldest: float) -> AsyncIterator[Mapping[str, Any]]:
        cursor = None
        for _ in range(_MOST_PAGES):
            page = await self._client.conversations_history(
                channel=channel,
                oldest=f"{oldest:.6f}",
                inclusive=True,
                include_all_metadata=True,
                limit=_PAGE,
                cursor=cursor,
            )
            for message in page.get("messages") or ():
                yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
        raise _TooMuchError


class _TooMuchError(Exception):
    """More messages since the call than are worth reading; nothing is known then."""


def _sent(ts: object) -> Outcome:
    if isinstance(ts, str) and ts:
        return Sent(platform_ref=ts)
    return Uncertain(reason="Slackの応答に、投稿の番号がありませんでした。")


def _unreadable(error: Exception, *, again_seconds: float) -> Unreadable:
    match verdict(error):
        case Later(retry_after_seconds=seconds, reason=reason):
            return Unreadable(retry_after_seconds=seconds, reason=reason)
        case Refused(reason=reason):
            return Unreadable(retry_after_seconds=_MENDED_SECONDS, reason=reason)
        case Uncertain(reason=reason):
            return Unreadable(retry_after_seconds=again_seconds, reason=reason)
