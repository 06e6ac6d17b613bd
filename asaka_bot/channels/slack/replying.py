"""Works out an answer and puts it where it belongs."""

import asyncio
import secrets
from dataclasses import replace

import structlog

from asaka_bot.answering.conversation import Context
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.feedback import FeedbackPort
from asaka_bot.channels.slack import desk, life_dates, menu
from asaka_bot.channels.slack.buttons import Pressed
from asaka_bot.channels.slack.conversations import Conversations
from asaka_bot.channels.slack.place import Place
from asaka_bot.channels.slack.render import View, is_long, is_private, render
from asaka_bot.channels.slack.speaker import Speaker, line_of
from asaka_bot.messages import Reply
from asaka_bot.tokyo import now_in_tokyo

_AT_ONCE = 4  # questions of Slack that wait for the engine together; the web chat's come in between
_TROUBLE = "申し訳ありません。お答えを用意できませんでした。しばらくしてから、もう一度お試しください。"
_THANKS = "ありがとうございます。名前なしで職員課に届きます。"
_HAS_VOTED = "この答えへの声は、もう受け取っています。ありがとうございます。"
_GONE = "この話題は、今の資料にありません。もう一度お尋ねください。"

_log = structlog.get_logger(__name__)


class Replies:
    """The answers to everything that a person may do on Slack."""

    def __init__(self, service: AnswerService, feedback: FeedbackPort, speaker: Speaker) -> None:
        self.knowledge = service.knowledge
        self._service, self._feedback, self._speaker = service, feedback, speaker
        self._conversations = Conversations()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def follows(self, place: Place) -> bool:
        """Whether a conversation goes on at `place`."""
        return self._conversations.get(place.key, now_in_tokyo()) is not None

    async def answer(self, place: Place, question: str) -> None:
        """Answer a question; an empty one gets the menu."""
        if not question:
            await self.offer(place)
            return
        if life_dates.asks_for_dates(question):
            await self._show(place, life_dates.dates_reply(question, now_in_tokyo().date()), View())
            return
        context = self._conversations.get(place.key, now_in_tokyo())
        try:
            async with self._turns:
                reply, after = await self._service.reply(question, context=context)
        except Exception as error:
            _log.error("slack_answer_failed", error=type(error).__name__)
            await self._speaker.say(place, line_of(_TROUBLE))
            return
        self._remember(place, reply, after)
        await self._show(place, reply, View(question=question, role=after.role))

    async def show(self, place: Place, pressed: Pressed, *, whole: bool = False) -> None:
        """Answer a press on a topic."""
        try:
            reply, after = await self._service.show(pressed.topic, pressed.facet, role=pressed.role)
        except KeyError:  # the button is older than the knowledge base
            await self._speaker.say(place, line_of(_GONE))
            return
        self._remember(place, reply, after)
        await self._show(place, reply, View(whole=whole, role=pressed.role))

    async def offer(self, place: Place) -> None:
        """Show the menu."""
        await self._speaker.say(place, menu.menu(self.knowledge))

    async def vote(self, place: Place, pressed: Pressed, *, helpful: bool, once: str) -> None:
        """Pass feedback on, once for the same `once`: of a sensitive topic neither the side nor the question."""
        topic = self.knowledge.topics.get(pressed.topic)
        if topic is None:
            return
        facet = pressed.facet.value if pressed.facet and not topic.sensitive else None
        question = None if topic.sensitive or helpful else pressed.question or None
        new = await self._feedback.record(topic=topic.id, facet=facet, helpful=helpful, question=question, once=once)
        await self._speaker.say(place, line_of(_THANKS if new else _HAS_VOTED))

    async def keep_draft(self, place: Place, text: str) -> None:
        """Send the person the letter that they wrote."""
        if text:
            await self._speaker.say(place, desk.copy_of_draft(text))

    async def erase(self, channel: str, ts: str) -> None:
        """Take an answer off the screen."""
        await self._speaker.erase(channel, ts)

    def desk_of(self, topic: str) -> str:
        """The id of the desk to name first for a topic."""
        known = self.knowledge.topics.get(topic)
        return known.desk if known else "hr-desk"

    async def _show(self, place: Place, reply: Reply, view: View) -> None:
        private = is_private(reply)
        elsewhere = private or (is_long(reply) and not view.whole and not place.response_url)
        view = replace(view, answer=secrets.token_hex(16))
        if place.direct or elsewhere:
            await self._speaker.say_privately(place, render(reply, replace(view, direct=True)))
        else:
            await self._speaker.say(place, render(reply, view))

    def _remember(self, place: Place, reply: Reply, context: Context) -> None:
        """Where the answer goes by direct message, the conversation may go on there as well."""
        now = now_in_tokyo()
        self._conversations.put(place.key, context, now)
        if not place.direct and (is_private(reply) or is_long(reply)):
            self._conversations.put(place.in_private.key, context, now)
