"""A fake Slack that costs next to nothing: it takes every call and notes when the first post reached each channel.

    python -m tests.benchmarks.slack_sink PORT

A process of its own, so that a measurement of the bot does not measure it. `GET /arrived` tells the times, in seconds
of the monotonic clock, which all processes of a machine share.
"""

import asyncio
import itertools
import json
import re
import sys
import time

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHANNEL = re.compile(rb'"channel": ?"(\w+)"')
_USER = re.compile(rb"user=(\w+)")
_ME = {"team_id": "T1", "user_id": "U0BOT", "bot_id": "B0BOT", "team": "T", "url": "http://x/"}


class Sink(asyncio.Protocol):
    """One connection; `arrived` is shared by all."""

    arrived: dict[str, float]
    numbers = itertools.count(1)

    def __init__(self, arrived: dict[str, float]) -> None:
        self.arrived = arrived
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            stated = _LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(stated[1]) if stated else 0)
            if len(self._held) < whole:
                return
            request, self._held = self._held[:whole], self._held[whole:]
            self._transport.write(_http(self._answer(request.split(b" ", 2)[1].decode(), request[end + 4 :])))

    def _answer(self, path: str, body: bytes) -> dict:
        if path == "/arrived":
            return self.arrived
        if path.endswith("auth.test"):
            return {"ok": True} | _ME
        if "users.info" in path:
            user = _USER.search(path.encode()) or _USER.search(body)
            return {"ok": True, "user": {"profile": {"email": f"{user[1].decode()}@city.example" if user else ""}}}
        if found := _CHANNEL.search(body):
            self.arrived.setdefault(found[1].decode(), time.monotonic())
        return {"ok": True, "ts": f"1.{next(self.numbers):06d}", "channel": found[1].decode() if found else ""}


def _http(answer: dict) -> bytes:
    body = json.dumps(answer).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(port: int) -> None:
    """Take calls until the process is ended."""
    arrived: dict[str, float] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Sink(arrived), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
