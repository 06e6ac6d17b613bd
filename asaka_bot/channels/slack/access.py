"""Whether Slack lets the bot in at all: noticed at every call and by Slack's own word, and looked at again later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS, refusal, shut_out
from asaka_bot.delivery.outage import OutagePort

CHANNEL = "slack"
EVENTS = ("app_uninstalled", "tokens_revoked")
_APP_LEVEL = "apps.connections.open"  # asked with another token, which may be wrong for itself
_AGAIN_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class WatchedClient(AsyncWebClient):
    """Tells `refused` the error wherever Slack refuses the bot itself, whatever it was asked."""

    refused: Callable[[str], Awaitable[None]] | None = None

    async def api_call(self, api_method: str, **how: Any) -> AsyncSlackResponse:
        """As in slack_sdk, and raises the same."""
        try:
            return await super().api_call(api_method, **how)
        except SlackApiError as error:
            code = shut_out(error)
            if code and self.refused is not None and api_method != _APP_LEVEL:
                await self.refused(code)
            raise


class Access:
    """Begins an outage where Slack refuses the bot, and ends it where ``auth.test`` passes again."""

    def __init__(self, client: WatchedClient, outages: OutagePort, again_seconds: float = _AGAIN_SECONDS) -> None:
        """`again_seconds`: how often Slack is asked while an outage stands."""
        self._client, self._outages, self._again_seconds = client, outages, again_seconds
        self._watching: asyncio.Task[None] | None = None
        client.refused = self._lost

    def listen(self, app: AsyncApp) -> None:
        """Register what Slack says when the app is removed from the workspace, or its tokens are revoked."""
        app.event("app_uninstalled")(self._uninstalled)
        app.event("tokens_revoked")(self._revoked)

    def start(self) -> None:
        """Look now, in the background, and again as long as an outage stands."""
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def look(self, told: str = "") -> None:
        """Ask Slack; where it can't be asked, believe what it `told` (an error's name)."""
        try:
            await self._client.auth_test()
        except PLATFORM_ERRORS as error:
            if told and not shut_out(error):
                await self._lost(told)
            return
        if await self._outages.end(CHANNEL):
            _log.info("slack_access_regained")

    async def _watch(self) -> None:
        first = True
        while True:
            try:
                if first or await self._outages.stands(CHANNEL):
                    await self.look()
                first = False
            except Exception as error:  # the database: the next look tries again
                _log.warning("slack_access_unknown", error=type(error).__name__)
            await asyncio.sleep(self._again_seconds)

    async def _uninstalled(self) -> None:
        # Delivered again after a new installation it would be old news, so Slack is asked as well.
        await self.look("app_uninstalled")

    async def _revoked(self, event: dict[str, Any]) -> None:
        tokens = event.get("tokens")
        bot = tokens.get("bot") if isinstance(tokens, dict) else None
        await self.look("token_revoked" if bot else "")  # those of people are nothing that the bot works with

    async def _lost(self, code: str) -> None:
        try:
            if await self._outages.begin(CHANNEL, refusal(code)):
                _log.error("slack_access_lost", error=code)
        except Exception as error:  # the call that failed has its own end; the next one is noticed as well
            _log.warning("slack_outage_not_recorded", error=type(error).__name__)
