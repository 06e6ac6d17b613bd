"""Votes on answers: each person's counts once, and the card comes back without the buttons."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.feedback import FeedbackPort
from asaka_bot.channels.teams import menus
from asaka_bot.channels.teams.inbound import Pressed
from asaka_bot.channels.teams.parts import Shown
from asaka_bot.channels.teams.pressed import Vote
from asaka_bot.channels.teams.render import Ballot, reply_card
from asaka_bot.messages import Reply

_MOST = 2_000  # replies
_KEPT = timedelta(minutes=30)

log = structlog.get_logger(__name__)


class Votes:
    """Remembers what was answered for half an hour, in memory only, so that a card can be drawn again."""

    def __init__(self, service: AnswerService, feedback: FeedbackPort, now: Callable[[], datetime]) -> None:
        self._service, self._feedback, self._now = service, feedback, now
        self._shown: OrderedDict[str, tuple[Reply, bool, datetime]] = OrderedDict()

    def card(self, reply: Reply, question: str | None, *, shortened: bool = False) -> Shown:
        """The card of a reply, to vote on; the parameters are those of `reply_card`."""
        if reply.topic is None:
            return reply_card(reply, question, shortened=shortened)
        answer, now = secrets.token_hex(16), self._now()
        self._shown[answer] = (reply, shortened, now)
        while len(self._shown) > _MOST or next(iter(self._shown.values()))[2] + _KEPT < now:
            self._shown.popitem(last=False)
        return reply_card(reply, question, shortened=shortened, ballot=Ballot(answer=answer))

    async def take(self, pressed: Pressed, vote: Vote) -> Shown | str:
        """Keep the vote; what stands in the place of the card, or a sentence below it."""
        topic = self._service.knowledge.topics.get(vote.topic)
        if topic is None:
            return menus.GONE
        try:
            new = await self._feedback.record(
                topic=topic.id,
                facet=None if topic.sensitive or vote.facet is None else vote.facet.value,
                helpful=vote.helpful,
                question=None if topic.sensitive else vote.question,
                # The number of the answer stands in the card alone: nobody else can find out whose hash this is.
                once=f"teams\n{vote.answer}\n{pressed.person.id}" if vote.answer else f"teams\n{pressed.event}",
            )
        except Exception as error:
            log.error("teams.vote_failed", error=type(error).__name__)
            return menus.TROUBLE
        return await self._without_buttons(vote, menus.THANKS if new else menus.HAS_VOTED)

    async def _without_buttons(self, vote: Vote, said: str) -> Shown | str:
        """The card with `said` in the place of the buttons.

        After half an hour, a restart, or on another replica it is drawn anew; but a table of dates cannot be.
        """
        reply, shortened, at = self._shown.get(vote.answer, (None, False, self._now()))
        if reply is None or at + _KEPT < self._now():
            if vote.dated:
                return said
            reply, _context = await self._service.show(vote.topic, vote.facet)
        return reply_card(reply, vote.question, shortened=shortened, ballot=Ballot(said=said))
