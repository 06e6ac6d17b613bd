"""Takes events in at once and works them off behind the acknowledgement; bolt sees only what is genuine."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.slack.log import SILENT

_MOST_WAITING = 20_000  # some 40 MB; beyond it Slack is asked to deliver again later
_WORKERS = 32  # answers under way at once: most of their time is waiting for Slack

_log = structlog.get_logger(__name__)
Headers = Mapping[str, str | Sequence[str]]


def bolt_app(client: AsyncWebClient, *, waits: bool) -> AsyncApp:
    """A bolt application that logs nothing; with `waits` a dispatch ends when its listener has.

    Signatures are checked before bolt sees a request: bolt answers 500 to a malformed one and logs the body of a
    wrong one.
    """
    app = AsyncApp(
        client=client,
        token=client.token,
        logger=SILENT,
        request_verification_enabled=False,
        process_before_response=waits,
        raise_error_for_unhandled_request=False,
    )

    async def failed(error: Exception) -> BoltResponse:
        _log.error("slack_listener_failed", error=type(error).__name__)
        return BoltResponse(status=200)  # delivered again it would fail again

    app.error(failed)
    return app


class Intake:
    """The way of everything that comes in; `events` waits for its listeners, `presses` answers once acknowledged."""

    def __init__(self, events: AsyncApp, presses: AsyncApp) -> None:
        self._events, self._presses = events, presses
        self._waiting: asyncio.Queue[AsyncBoltRequest] = asyncio.Queue(_MOST_WAITING)
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to work events off."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(_WORKERS)]

    async def stop(self, within_seconds: float) -> None:
        """Finish what waits, as far as `within_seconds` allows."""
        try:
            await asyncio.wait_for(self._waiting.join(), within_seconds)
        except TimeoutError:
            _log.warning("slack_events_given_up", waiting=self._waiting.qsize())
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._workers = []

    def take(self, request: AsyncBoltRequest) -> bool:
        """Keep an event for later; False where too many wait already, and Slack should deliver it again."""
        try:
            self._waiting.put_nowait(request)
        except asyncio.QueueFull:
            return False
        return True

    async def answer(self, request: AsyncBoltRequest) -> BoltResponse:
        """Let bolt answer whatever waits for its acknowledgement."""
        return await self._presses.async_dispatch(request)

    async def _work(self) -> None:
        while True:
            request = await self._waiting.get()
            try:
                await self._events.async_dispatch(request)
            except Exception as error:
                _log.error("slack_event_failed", error=type(error).__name__)
            finally:
                self._waiting.task_done()


def event_request(body: dict[str, Any] | str, *, mode: str = "http") -> AsyncBoltRequest:
    """An event as bolt reads it."""
    return AsyncBoltRequest(body=body, headers={"content-type": ["application/json"]}, mode=mode)
