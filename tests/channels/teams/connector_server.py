"""A fake Bot Framework connector over real HTTP: what it accepts is written down, what goes wrong is scripted."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one call goes wrong."""

    status: int = 201  # 0: the connection breaks off
    code: str = "ServiceError"
    headers: tuple[tuple[str, str], ...] = ()
    accepts: bool = False  # the activity stands all the same
    after_seconds: float = 0.0
    body: bytes | None = None


@dataclass(slots=True, kw_only=True)
class Connector:
    """What has been accepted, and what will go wrong next."""

    port: int = 0
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)  # method, path, body
    accepted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # conversation, activity
    tokens: list[str] = field(default_factory=list)
    script: deque[Fault] = field(default_factory=deque)
    emails: dict[str, str] = field(default_factory=dict)  # by member id

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (first := await reader.readline()).endswith(b"\n"):
                method, target, _version = first.decode().split()
                headers = {}
                while line := (await reader.readline()).decode().strip():
                    name, _colon, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                answer = await self._answer(method, unquote(target.partition("?")[0]), headers, body)
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes | None:
        activity = json.loads(body) if body else {}
        self.calls.append((method, path, activity))
        self.tokens.append(headers.get("authorization", "").removeprefix("Bearer "))
        parts = path.strip("/").split("/")
        if method == "GET" and len(parts) == 5 and parts[3] == "members":
            return _written(200, json.dumps({"id": parts[4], "email": self.emails.get(parts[4])}).encode())
        typing = activity.get("type") == "typing"
        fault = self.script.popleft() if self.script and not typing else Fault()
        await asyncio.sleep(fault.after_seconds)
        if (fault.status in (200, 201) or fault.accepts) and not typing:
            self.accepted.append((parts[2], activity))
        if fault.status == 0:
            return None
        number = f"1:{len(self.accepted)}"
        good = {"id": number} if fault.status < 300 else {"error": {"code": fault.code, "message": "…"}}
        return _written(
            fault.status, fault.body if fault.body is not None else json.dumps(good).encode(), fault.headers
        )


def _written(status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def running() -> Iterator[Connector]:
    """The connector in a thread of its own."""
    connector = Connector()
    loop = asyncio.new_event_loop()
    up = threading.Event()

    async def serve() -> None:
        server = await asyncio.start_server(connector._talk, "127.0.0.1", 0)
        connector.port = server.sockets[0].getsockname()[1]
        up.set()
        stop = asyncio.Event()
        connector_stop.append(lambda: loop.call_soon_threadsafe(stop.set))
        await stop.wait()
        server.close()

    connector_stop: list[Any] = []
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert up.wait(5)
    try:
        yield connector
    finally:
        connector_stop[0]()
        thread.join(5)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
