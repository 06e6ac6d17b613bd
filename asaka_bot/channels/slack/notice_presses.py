"""What people press below a notice: responses, 「職員課に返信」, 「この文を職員課に送る」."""

import json
import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.notices import Responses
from asaka_bot.channels.slack import desk
from asaka_bot.channels.slack.announcement import render_message
from asaka_bot.channels.slack.buttons import Action, action_of
from asaka_bot.channels.slack.errands import Errands
from asaka_bot.channels.slack.home import Homes
from asaka_bot.channels.slack.letters import REPLY_VIEW, TROUBLE, Letters, reply_dialog, said
from asaka_bot.channels.slack.notice_buttons import NoticePress, unpack
from asaka_bot.channels.slack.payload import Payload, name_of_press, part, place_of_press, team_of, word
from asaka_bot.channels.slack.place import Place
from asaka_bot.channels.slack.ports import EventPort
from asaka_bot.channels.slack.speaker import Speaker

_ACTIONS = re.compile(rf"^(?:{Action.RESPOND}|{Action.REPLY}|{Action.FORWARD})(?:\.[0-9]+)?$")

_log = structlog.get_logger(__name__)


class NoticePresses:
    """Each press reaches the feature once, however often Slack delivers it."""

    def __init__(
        self,
        client: AsyncWebClient,
        responses: Responses,
        letters: Letters,
        speaker: Speaker,
        events: EventPort,
        homes: Homes,
        errands: Errands,
    ) -> None:
        self._client, self._responses, self._letters, self._speaker = client, responses, letters, speaker
        self._events, self._homes, self._errands = events, homes, errands

    def listen(self, app: AsyncApp) -> None:
        """Register the buttons and the dialog; before `Inbound`, which takes all others."""
        app.action(_ACTIONS)(self._press)
        app.view(REPLY_VIEW)(self._written)

    async def _press(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._pressed(body, action))

    async def _pressed(self, body: Payload, action: Payload) -> None:
        if not await self._events.first_time("slack", name_of_press(body, word(action, "action_ts"))):
            return
        press = unpack(action.get("value"))
        match action_of(word(action, "action_id")):
            case Action.REPLY:
                await self._errands.open(self._client, word(body, "trigger_id"), reply_dialog(press.marker))
            case Action.FORWARD:
                self._errands.start(self._forward(body, press))
            case Action.RESPOND:
                self._errands.start(self._respond(body, press))

    async def _respond(self, body: Payload, press: NoticePress) -> None:
        place, stands = place_of_press(body), word(part(body, "container"), "message_ts")
        try:
            done = await self._responses.respond("slack", place.user, press.marker, press.response)
        except Exception as error:
            _log.error("slack_response_failed", error=type(error).__name__)
            await self._tell(place, body, stands, TROUBLE)
            return
        if not place.channel:
            await self._homes.publish(place.user, said=done.text)
            return
        if place.direct and done.message is not None:
            shown = render_message(done.message, press.marker)
            if await self._speaker.replace(place.channel, stands, shown, press.marker):
                return
        await self._tell(place, body, stands, done.text)

    async def _forward(self, body: Payload, press: NoticePress) -> None:
        place, stands = place_of_press(body), word(part(body, "container"), "message_ts")
        text = await self._letters.send(place, press)
        if text == TROUBLE or not await self._speaker.replace(place.channel, stands, said(text)):
            await self._speaker.say(place, said(text))

    async def _tell(self, place: Place, body: Payload, stands: str, text: str) -> None:
        """A sentence for the person alone; others who read the channel see nothing of it."""
        if not place.channel:
            await self._homes.publish(place.user, said=text)
        elif place.direct:
            thread = place.thread or stands
            in_thread = Place(team=place.team, user=place.user, channel=place.channel, thread=thread, direct=True)
            await self._speaker.say(in_thread, said(text))
        else:
            alone = Place(team=place.team, user=place.user, response_url=word(body, "response_url"), quiet=True)
            if not (alone.response_url and await self._speaker.say(alone, said(text))):
                await self._speaker.say(place.in_private, said(text))

    async def _written(self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._take(body, view))

    async def _take(self, body: Payload, view: Payload) -> None:
        if await self._events.first_time("slack", name_of_press(body, word(view, "hash"))):
            place = Place(team=team_of(body), user=word(part(body, "user"), "id"), direct=True)
            press = NoticePress(marker=marker_of(view), text=desk.typed(view))
            self._errands.start(self._answer(place, press))

    async def _answer(self, place: Place, press: NoticePress) -> None:
        await self._speaker.say(place, said(await self._letters.send(place, press)))


def marker_of(view: Payload) -> str:
    """The delivery that a reply dialog was opened for."""
    try:
        kept = json.loads(word(view, "private_metadata"))
    except ValueError:
        return ""
    return word(kept, "d")
