"""A workspace on top of the fake Slack server: dialogs, App Homes, people, deletions, and the limits of Block Kit."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.faults import Faults, Plan
from tests.fakes.http import Answer, Request, serve
from tests.fakes.slack_limits import problems, view_problems
from tests.fakes.slack_server import BOT, Slack

SCOPES = "app_mentions:read,chat:write,commands,im:history,im:write,assistant:write,channels:history,groups:history"


class _NoJournal:
    def write(self, **line: object) -> None:
        pass


@dataclass
class Workspace:
    """What the bot did there, in order; `posts` hold the fields of every accepted chat.postMessage."""

    emails: dict[str, str] = field(default_factory=dict)
    scopes: str = SCOPES
    errors: dict[str, str] = field(default_factory=dict)  # method -> error that it answers with
    calls: list[tuple[str, dict]] = field(default_factory=list)
    posts: list[dict] = field(default_factory=list)
    responses: list[dict] = field(default_factory=list)  # what came to response URLs
    faults: Faults = field(default_factory=lambda: Faults(Plan()))
    url: str = ""
    socket_url: Callable[[], str] = lambda: "ws://127.0.0.1:1/none"  # for each apps.connections.open

    def __post_init__(self) -> None:
        self._slack = Slack(self.faults, _NoJournal())

    async def __call__(self, request: Request) -> Answer | None:
        if request.path.startswith("/response/"):
            self.responses.append(request.fields)
            return Answer(status=200, body={"ok": True})
        method = request.path.removeprefix("/api/")
        fields = {name: _parsed(name, value) for name, value in request.fields.items()}
        self.calls.append((method, fields))
        if method in self.errors:
            return _wrong(self.errors[method])
        if method in ("chat.postMessage", "chat.update") and (wrong := problems(fields.get("blocks") or [])):
            return _wrong("invalid_blocks", detail=wrong)
        if method in ("views.open", "views.publish", "views.update") and (wrong := view_problems(fields["view"])):
            return _wrong("invalid_arguments", detail=wrong)
        return await self._simple(method, request, fields)

    async def _simple(self, method: str, request: Request, fields: dict) -> Answer | None:
        headers = {"x-oauth-scopes": self.scopes}
        match method:
            case "auth.test":
                return Answer(status=200, body={"ok": True, **BOT, "url": self.url}, headers=headers)
            case "users.info":
                email = self.emails.get(fields["user"])
                user = {"id": fields["user"], "profile": {"email": email} if email else {}}
                return Answer(status=200, body={"ok": True, "user": user})
            case (
                "views.open"
                | "views.publish"
                | "views.update"
                | "chat.delete"
                | "assistant.threads.setSuggestedPrompts"
            ):
                return Answer(status=200, body={"ok": True})
            case "apps.connections.open":
                return Answer(status=200, body={"ok": True, "url": self.socket_url()})
        answer = await self._slack(request)
        if method == "chat.postMessage" and answer is not None and answer.body.get("ok"):
            self.posts.append(fields | {"ts": answer.body["ts"]})
        return answer

    def of(self, method: str) -> list[dict]:
        """The fields of every call of `method`."""
        return [fields for name, fields in self.calls if name == method]

    async def until_calls(self, method: str, count: int = 1, within_seconds: float = 10) -> list[dict]:
        """Wait until `method` has been called `count` times; the fields of each."""
        async with asyncio.timeout(within_seconds):
            while len(self.of(method)) < count:
                await asyncio.sleep(0.01)
        return self.of(method)

    async def until_posts(self, count: int, within_seconds: float = 10) -> list[dict]:
        """Wait until `count` messages stand."""
        async with asyncio.timeout(within_seconds):
            while len(self.posts) < count:
                await asyncio.sleep(0.01)
        return self.posts


@asynccontextmanager
async def workspace(**given: object) -> AsyncIterator[Workspace]:
    """A workspace that listens on a free port."""
    made = Workspace(**given)  # type: ignore[arg-type]
    server = await serve(made, 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made


def shown(post: dict) -> str:
    """All that a person reads of a message."""
    return re.sub(r"\u200b", "", json.dumps([post.get("text"), post.get("blocks") or []], ensure_ascii=False))


def buttons(post: dict) -> dict[str, dict]:
    """The buttons of a message by what stands on them."""
    rows = [block["elements"] for block in post.get("blocks") or [] if block["type"] == "actions"]
    return {element["text"]["text"]: element for row in rows for element in row}


def _parsed(name: str, value: object) -> object:
    wanted = name in ("blocks", "metadata", "view", "prompts") and isinstance(value, str)
    return json.loads(value) if wanted else value


def _wrong(error: str, detail: list[str] | None = None) -> Answer:
    return Answer(status=200, body={"ok": False, "error": error, "response_metadata": {"messages": detail or []}})
