"""Work that goes on after an acknowledgement, held on to until it is done."""

import asyncio
from collections.abc import Coroutine

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS

_log = structlog.get_logger(__name__)


class Errands:
    """Tasks in the background; what they raise is counted in the log by its kind, never by its text."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do `work` in the background."""
        task = asyncio.ensure_future(self.attempt(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def attempt(self, work: Coroutine[None, None, None]) -> None:
        """Do `work` now; raises nothing."""
        try:
            await work
        except Exception as error:
            _log.error("slack_errand_failed", error=type(error).__name__)

    async def open(self, client: AsyncWebClient, trigger: str, dialog: View) -> None:
        """Open a dialog; the trigger is good for three seconds."""
        try:
            await client.views_open(trigger_id=trigger, view=dialog)
        except PLATFORM_ERRORS as error:
            _log.warning("slack_dialog_not_opened", error=type(error).__name__)

    async def finish(self, within_seconds: float) -> None:
        """Wait for what is under way, and give the rest up after `within_seconds`."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_seconds)
        for task in tuple(self._tasks):
            task.cancel()
