"""Slack's side of Socket Mode: tickets for one connection each, hello, envelopes, acknowledgements, and its ways to end.

As docs.slack.dev tells it: `disconnect` announces an end (reason warning, then refresh_requested), after which the
server closes; what is not acknowledged is delivered again, with the same event_id, on whichever connection stands.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

_numbers = itertools.count(1)


@dataclass
class Sockets:
    """The connections of an app; the last one is the newest."""

    port: int = 0
    standing: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    opened: int = 0
    refuse: int = 0  # so many of the next connections, whose tickets are used up by it
    _tickets: set[str] = field(default_factory=set)
    _transports: dict[web.WebSocketResponse, asyncio.Transport] = field(default_factory=dict)

    def ticket(self) -> str:
        """The address for one connection."""
        number = f"{next(_numbers)}"
        self._tickets.add(number)
        return f"ws://127.0.0.1:{self.port}/link?ticket={number}"

    async def link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query["ticket"]
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        self.standing.append(socket)
        self._transports[socket] = request.transport
        await socket.send_json({"type": "hello", "num_connections": len(self.standing)})
        try:
            async for said in socket:
                if said.type is WSMsgType.TEXT:
                    self.acknowledged.append(json.loads(said.data).get("envelope_id", ""))
        finally:
            if socket in self.standing:
                self.standing.remove(socket)
        return socket

    async def until_open(self, count: int, within_seconds: float = 30) -> None:
        """Wait until so many connections have been opened, and the last one stands."""
        async with asyncio.timeout(within_seconds):
            while self.opened < count or not self.standing:
                await asyncio.sleep(0.01)

    async def until_acknowledged(self, envelope: str, within_seconds: float = 10) -> None:
        async with asyncio.timeout(within_seconds):
            while envelope not in self.acknowledged:
                await asyncio.sleep(0.01)

    async def deliver(self, kind: str, payload: dict, *, over: int = -1, attempt: int = 0) -> str:
        """Send an envelope over one of the connections; its id."""
        envelope = f"E{next(_numbers)}"
        said = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": False}
        retried = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
        with contextlib.suppress(ConnectionError):  # the bot has just closed it: the envelope is lost
            await self.standing[over].send_json(said | retried)
        return envelope

    async def announce_end(self, reason: str) -> None:
        await self.standing[-1].send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "wss-1"}})

    def drop(self, over: int = -1) -> None:
        """Break a connection off without a word."""
        self._transports.pop(self.standing.pop(over)).abort()


@asynccontextmanager
async def sockets() -> AsyncIterator[Sockets]:
    """Slack's server for connections, on a free port."""
    made = Sockets()
    app = web.Application()
    app.router.add_get("/link", made.link)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.port = site._server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        await runner.cleanup()
