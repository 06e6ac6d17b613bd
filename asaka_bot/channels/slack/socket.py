"""Socket Mode: events come in over a connection that the bot opens itself, so that no port need be reachable."""

import asyncio
from typing import Any

import structlog
from aiohttp import ClientWebSocketResponse
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.slack.intake import Intake, event_request
from asaka_bot.channels.slack.log import SILENT
from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 1.0, 60.0

_log = structlog.get_logger(__name__)


class _Client(SocketModeClient):
    """slack_sdk's client, which opens the connection again by itself, and says nothing of it."""

    _wait_seconds = _FIRST_WAIT_SECONDS

    async def connect(self) -> None:
        """Try until the connection stands."""
        await super().connect()  # type: ignore[no-untyped-call] # slack_sdk leaves it bare
        self._wait_seconds = _FIRST_WAIT_SECONDS
        _log.info("slack_socket_connected")

    async def issue_new_wss_url(self) -> str:
        """Ask Slack where to connect; where it refuses, not again at once."""
        try:
            return await super().issue_new_wss_url()
        except PLATFORM_ERRORS as error:
            await self.failed(error)
            raise

    async def failed(self, error: Exception) -> None:
        """Wait a little longer after each failure in a row."""
        _log.warning("slack_socket_unreachable", error=type(error).__name__, again_in_seconds=self._wait_seconds)
        wait_seconds = self._wait_seconds
        self._wait_seconds = min(2 * wait_seconds, _LONGEST_WAIT_SECONDS)
        await asyncio.sleep(wait_seconds)


class _OneAttempt:
    """The session of a client, in which each address is tried once.

    Slack's addresses hold a ticket for one connection; slack_sdk tries one that was used up for ever.
    """

    def __init__(self, client: _Client) -> None:
        self._client, self._session = client, client.aiohttp_client_session

    @property
    def closed(self) -> bool:
        return self._session.closed

    async def close(self) -> None:
        await self._session.close()

    async def ws_connect(self, url: str, **how: Any) -> ClientWebSocketResponse:
        self._client.wss_uri = None  # the next attempt asks for another one
        try:
            socket: ClientWebSocketResponse = await self._session.ws_connect(url, **how)
        except PLATFORM_ERRORS as error:
            await self._client.failed(error)
            raise
        return socket


class SocketMode:
    """One connection; it is opened again by itself, at the start and once it has stood."""

    def __init__(self, intake: Intake, client: AsyncWebClient, app_token: str) -> None:
        self._intake, self._web, self._token = intake, client, app_token
        self._client: _Client | None = None
        self._connecting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connect in the background: a Slack that is down must not keep the web chat from starting."""
        self._client = client = _Client(app_token=self._token, web_client=self._web, logger=SILENT)
        client.aiohttp_client_session = _OneAttempt(client)  # type: ignore[assignment] # all of it that the client uses
        client.socket_mode_request_listeners.append(self._receive)
        self._connecting = asyncio.create_task(client.connect())

    async def stop(self) -> None:
        """Close the connection."""
        if self._connecting is not None:
            self._connecting.cancel()
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call] # slack_sdk leaves it bare
            self._client = None

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        session = self._client.current_session if self._client else None
        return session is not None and not session.closed

    async def _receive(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.type == "events_api":
            if self._intake.take(event_request(request.payload, mode="socket_mode")):
                await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
            return  # without an acknowledgement Slack delivers it again
        asked = AsyncBoltRequest(mode="socket_mode", body=request.payload, headers=build_headers(request))
        await send_async_response(client, request, await self._intake.answer(asked), 0.0)
