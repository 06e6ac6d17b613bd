"""As much of an HTTP/1.1 server as imitating a platform takes, down to connections that break off."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in small letters
    fields: dict  # the query, and the body as JSON or form


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: dict
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Awaitable[Answer | None]]  # None: the connection breaks off


async def serve(handler: Handler, port: int, host: str = "127.0.0.1") -> asyncio.Server:
    """Answer requests; `port` 0 takes a free one."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                answer = await handler(request)
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(_written(answer))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked was killed; what was accepted stays accepted
        finally:
            writer.close()

    return await asyncio.start_server(talk, host, port, backlog=512)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    first = await reader.readline()
    if not first.endswith(b"\n"):
        return None
    method, target, _version = first.decode().split()
    headers = {}
    while (line := (await reader.readline()).decode().strip()) != "":
        name, _colon, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    fields = dict(parse_qsl(url.query))
    if body:
        as_json = headers.get("content-type", "").startswith("application/json")
        fields |= json.loads(body) if as_json else dict(parse_qsl(body.decode()))
    return Request(method=method, path=unquote(url.path), headers=headers, fields=fields)


def _written(answer: Answer) -> bytes:
    body = json.dumps(answer.body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
