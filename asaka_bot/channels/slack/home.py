"""The App Home of each person, and the prompts that the agent view suggests."""

from collections.abc import Sequence

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.notices import MyNotice, Responses
from asaka_bot.channels.slack import menu
from asaka_bot.channels.slack.ports import WeekPort
from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS
from asaka_bot.knowledge.model import KnowledgeBase

_log = structlog.get_logger(__name__)


class Homes:
    """Publishes what a person sees before asking."""

    def __init__(self, client: AsyncWebClient, knowledge: KnowledgeBase, week: WeekPort, responses: Responses) -> None:
        self._client, self._knowledge, self._week, self._responses = client, knowledge, week, responses

    async def publish(self, user: str, said: str = "") -> None:
        """Draw the App Home of `user` anew; `said` tells what came of a press there."""
        view = menu.home(self._knowledge, await self._week.this_week(), await self._mine(user), said)
        try:
            await self._client.views_publish(user_id=user, view=view)
        except PLATFORM_ERRORS as error:
            _log.warning("slack_home_not_published", error=type(error).__name__)

    async def _mine(self, user: str) -> Sequence[MyNotice] | None:
        try:
            return await self._responses.mine("slack", user)
        except Exception as error:  # menus and search are worth having without them
            _log.warning("slack_notices_not_listed", error=type(error).__name__)
            return None

    async def suggest(self, channel: str, *, thread: str) -> None:
        """Offer questions to start with; an app with agent_view must leave `thread` empty, or Slack ignores the call."""
        prompts: list[dict[str, str]] = [{"title": prompt, "message": prompt} for prompt in menu.PROMPTS]
        where = {"thread_ts": thread} if thread else {}
        try:
            await self._client.api_call(
                "assistant.threads.setSuggestedPrompts",
                json={"channel_id": channel, "title": "たとえば", "prompts": prompts} | where,
            )
        except PLATFORM_ERRORS as error:  # an app without the agent view has no prompts, and nothing is lost
            _log.info("slack_prompts_not_set", error=type(error).__name__)
