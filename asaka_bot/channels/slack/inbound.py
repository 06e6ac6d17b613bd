"""What people do on Slack -> what the bot does; slack-bolt sorts the payloads."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.slack import desk, heard
from asaka_bot.channels.slack.buttons import Action, Pressed, action_of, unpack
from asaka_bot.channels.slack.errands import Errands
from asaka_bot.channels.slack.home import Homes
from asaka_bot.channels.slack.letters import Letters
from asaka_bot.channels.slack.payload import (
    Payload,
    name_of,
    name_of_press,
    part,
    place_of_command,
    place_of_message,
    place_of_press,
    team_of,
    word,
)
from asaka_bot.channels.slack.people import People
from asaka_bot.channels.slack.place import Place
from asaka_bot.channels.slack.ports import EventPort
from asaka_bot.channels.slack.replying import Replies

COMMAND, SHORTCUT = "/asaka", "asaka-ask"
_HEARD_SUBTYPES = ("", "file_share", "thread_broadcast")  # all others are not a person who says something


class Inbound:
    """Everything that reaches the bot, each once."""

    def __init__(
        self,
        client: AsyncWebClient,
        replies: Replies,
        events: EventPort,
        people: People,
        homes: Homes,
        errands: Errands,
        letters: Letters,
    ) -> None:
        self._client, self._replies, self._events, self._people = client, replies, events, people
        self._homes, self._errands, self._letters = homes, errands, letters

    def listen_to_events(self, app: AsyncApp) -> None:
        """Register what arrives without anybody waiting for an acknowledgement."""
        app.event("app_mention")(self._mention)
        app.event("message")(self._message)
        app.event("app_home_opened")(self._home)
        app.event("assistant_thread_started")(self._assistant)

    def listen_to_presses(self, app: AsyncApp) -> None:
        """Register what Slack wants acknowledged within three seconds.

        Nothing may be raised after that: bolt would take the acknowledgement back and answer 404 in the end.
        """
        app.action(re.compile(r"^asaka-"))(self._press)
        app.command(COMMAND)(self._command)
        app.shortcut(SHORTCUT)(self._shortcut)
        app.view(desk.DRAFT_VIEW)(self._draft)
        app.view(desk.ASK_VIEW)(self._asked)

    async def _mention(self, body: dict[str, Any], event: dict[str, Any]) -> None:
        await self._hear(body, event, heard.typed(event.get("text")))

    async def _message(self, body: dict[str, Any], event: dict[str, Any], context: dict[str, Any]) -> None:
        """A direct message, a mention, or a turn in a thread where the person and the bot are talking."""
        if word(event, "subtype") not in _HEARD_SUBTYPES or event.get("bot_id") or not word(event, "user"):
            return
        place = place_of_message(body, event)
        mentioned = heard.mentions(event.get("text"), str(context.get("bot_user_id") or ""))
        goes_on = bool(word(event, "thread_ts")) and self._replies.follows(place)
        if place.direct or mentioned or goes_on:
            await self._hear(body, event, heard.typed(event.get("text")))

    async def _hear(self, body: Payload, event: Payload, question: str) -> None:
        """Answer once, although a mention arrives as message and as app_mention, and both perhaps again."""
        place = place_of_message(body, event)
        said = name_of("said", place.team, place.channel, word(event, "ts"))
        if place.user and not event.get("bot_id") and await self._events.first_time("slack", said):
            await self._replies.answer(place, question)
            await self._letters.offer(place, question)
            self._errands.start(self._people.meet(place.team, place.user))

    async def _home(self, body: dict[str, Any], event: dict[str, Any]) -> None:
        opened = name_of("event", team_of(body), word(body, "event_id"))
        if await self._events.first_time("slack", opened):
            if word(event, "tab") == "messages":
                await self._homes.suggest(word(event, "channel"), thread="")
            else:
                await self._homes.publish(word(event, "user"))
            await self._people.meet(team_of(body), word(event, "user"))

    async def _assistant(self, body: dict[str, Any], event: dict[str, Any]) -> None:
        """An app whose manifest still says assistant_view opens a thread of its own."""
        opened = name_of("event", team_of(body), word(body, "event_id"))
        thread = part(event, "assistant_thread")
        if await self._events.first_time("slack", opened):
            await self._homes.suggest(word(thread, "channel_id"), thread=word(thread, "thread_ts"))

    async def _press(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._pressed(body, action))

    async def _pressed(self, body: Payload, action: Payload) -> None:
        kind = action_of(word(action, "action_id"))
        if kind is None or not await self._first(body, word(action, "action_ts")):
            return
        if kind is Action.DESK:
            pressed = unpack(action.get("value"))
            dialog = desk.draft_dialog(self._replies.knowledge, self._replies.desk_of(pressed.topic), pressed.question)
            await self._errands.open(self._client, word(body, "trigger_id"), dialog)
            return
        self._errands.start(self._act(kind, body, action))

    async def _act(self, kind: Action, body: Payload, action: Payload) -> None:
        place = place_of_press(body)
        pressed = unpack(action.get("value"))
        match kind:
            case Action.SHOW:
                await self._replies.show(place, pressed)
            case Action.MORE:
                await self._replies.show(place, pressed, whole=True)
            case Action.HELPED | Action.FAILED:
                seen_alone = Place(
                    team=place.team,
                    user=place.user,
                    channel=place.channel,
                    thread=place.thread,
                    direct=place.direct,
                    response_url=word(body, "response_url"),
                    quiet=True,
                )
                # The number of the answer stands in its buttons alone: nobody else can find out whose hash this is.
                answer = pressed.answer or f"{place.channel}\n{word(part(body, 'container'), 'message_ts')}"
                once = f"slack\n{place.team}\n{answer}\n{place.user}"
                await self._replies.vote(seen_alone, pressed, helpful=kind is Action.HELPED, once=once)
            case Action.PICK:
                topic = word(part(action, "selected_option"), "value")
                await self._replies.show(place, Pressed(topic=topic))
            case Action.SEARCH:
                await self._replies.answer(place, heard.typed(action.get("value")))
            case Action.ERASE if place.direct:
                await self._replies.erase(place.channel, word(part(body, "container"), "message_ts"))
        await self._people.meet(place.team, place.user)

    async def _command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._commanded(body))

    async def _commanded(self, body: Payload) -> None:
        if await self._first(body, ""):
            place = place_of_command(body)
            self._errands.start(self._replies.answer(place, heard.typed(body.get("text"))))
            self._errands.start(self._people.meet(place.team, place.user))

    async def _shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._offer_to_ask(body))

    async def _offer_to_ask(self, body: Payload) -> None:
        if await self._first(body, word(body, "action_ts")):
            dialog = desk.ask_dialog(heard.typed(part(body, "message").get("text")))
            await self._errands.open(self._client, word(body, "trigger_id"), dialog)

    async def _asked(self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._answer_dialog(body, view))

    async def _answer_dialog(self, body: Payload, view: Payload) -> None:
        if await self._first(body, word(view, "hash")):
            place = Place(team=team_of(body), user=word(part(body, "user"), "id"), direct=True)
            self._errands.start(self._replies.answer(place, heard.typed(desk.typed(view))))

    async def _draft(self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._keep_draft(body, view))

    async def _keep_draft(self, body: Payload, view: Payload) -> None:
        if await self._first(body, word(view, "hash")):
            place = Place(team=team_of(body), user=word(part(body, "user"), "id"), direct=True)
            self._errands.start(self._replies.keep_draft(place, desk.typed(view)))

    async def _first(self, body: Payload, otherwise: str) -> bool:
        return await self._events.first_time("slack", name_of_press(body, otherwise))
