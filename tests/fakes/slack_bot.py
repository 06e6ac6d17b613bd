"""The bot on a fake workspace, driven by signed requests as Slack sends them."""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import httpx2
from starlette.applications import Starlette

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.slack.app import Ports, SlackChannel, make_slack
from asaka_bot.channels.slack.ports import Item
from asaka_bot.outgoing import ContactPoint
from asaka_bot.settings import Slack
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.outages import MemoryOutages
from tests.fakes.slack_workspace import Workspace, workspace

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - Slack's own example
TOKEN = "xoxb-test"  # noqa: S105
_numbers = itertools.count(1)


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers that Slack sends along with `body`."""
    stamp = str(int(time.time() if at is None else at))
    base = b"v0:" + stamp.encode() + b":" + body
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest(),
    }


@dataclass
class MemoryEvents:
    """Implements `EventPort`."""

    seen: set[tuple[str, str]] = field(default_factory=set)

    async def first_time(self, channel: str, event: str) -> bool:
        new = (channel, event) not in self.seen
        self.seen.add((channel, event))
        return new


@dataclass
class MemoryContacts:
    """Implements `ContactPort`."""

    points: dict[str, ContactPoint] = field(default_factory=dict)

    async def learn(self, point: ContactPoint) -> None:
        self.points[point.user] = point

    async def find(self, channel: str, user: str) -> ContactPoint | None:  # noqa: ARG002
        return self.points.get(user)

    async def set_reachable(self, channel: str, user: str, reachable: bool) -> None:  # noqa: ARG002
        if user in self.points:
            self.points[user] = replace(self.points[user], reachable=reachable)


@dataclass
class MemoryItems:
    """Implements `WeekPort`."""

    items: tuple[Item, ...] = ()

    async def this_week(self) -> tuple[Item, ...]:
        return self.items


@dataclass
class Bot:
    """The bot, its workspace, and what a person does there."""

    channel: SlackChannel
    space: Workspace
    http: httpx2.AsyncClient
    events: MemoryEvents
    contacts: MemoryContacts
    feedback: MemoryFeedback
    outages: MemoryOutages

    async def post(self, body: bytes, content_type: str = "application/json", **headers: str) -> httpx2.Response:
        return await self.http.post(
            "/slack/events", content=body, headers=signed(body) | {"content-type": content_type} | headers
        )

    async def event(self, event: dict, event_id: str | None = None) -> httpx2.Response:
        """Deliver an event."""
        wrapped = {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": event_id or f"Ev{next(_numbers)}",
            "event": event,
            "authorizations": [{"user_id": "U0BOT", "is_bot": True, "team_id": "T1"}],
        }
        return await self.post(json.dumps(wrapped, ensure_ascii=False).encode())

    async def form(self, fields: dict[str, str]) -> httpx2.Response:
        return await self.post(urlencode(fields).encode(), "application/x-www-form-urlencoded")

    async def interact(self, payload: dict) -> httpx2.Response:
        """Deliver a press, a shortcut or a dialog."""
        given = {"team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": f"t{next(_numbers)}"} | payload
        return await self.form({"payload": json.dumps(given, ensure_ascii=False)})

    async def direct(self, text: str, *, user: str = "U1") -> dict:
        """Ask in a direct message; the message that answers."""
        before = len(self.space.posts)
        await self.event(message(text, channel="D1", channel_type="im", user=user))
        return (await self.space.until_posts(before + 1))[before]

    async def press(self, button: dict, post: dict, *, channel: str = "D1", **body: object) -> httpx2.Response:
        """Press a button of a message."""
        container = {"type": "message", "message_ts": post["ts"], "channel_id": channel}
        standing = {"ts": post["ts"]} | ({"thread_ts": post["thread_ts"]} if "thread_ts" in post else {})
        action = {"type": "button", "block_id": "b", "action_ts": "1.0"} | {
            name: button[name] for name in ("action_id", "value") if name in button
        }
        payload = {
            "type": "block_actions",
            "container": container,
            "channel": {"id": channel},
            "message": standing,
            "actions": [action],
            "response_url": f"{self.space.url}/response/1",
        }
        return await self.interact(payload | body)


def message(text: str, *, channel: str = "C1", user: str = "U1", **event: object) -> dict:
    """A message as Slack's event tells it."""
    ts = f"1700000000.{next(_numbers):06d}"
    return {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts, "event_ts": ts, **event}


def mention(text: str, **event: object) -> dict:
    """The same message as the bot hears it where it is mentioned."""
    return message(f"<@U0BOT> {text}", **event) | {"type": "app_mention"}


@asynccontextmanager
async def bot(
    service: AnswerService, items: tuple[Item, ...] = (), ports: dict | None = None, **space: object
) -> AsyncIterator[Bot]:
    """A bot that runs."""
    async with workspace(**space) as made:
        events, contacts, feedback = MemoryEvents(), MemoryContacts(), MemoryFeedback()
        listed, outages = MemoryItems(items), MemoryOutages()
        channel = make_slack(
            Slack(bot_token=TOKEN, signing_secret=SECRET, api_url=f"{made.url}/api/"),
            service,
            Ports(events=events, contacts=contacts, feedback=feedback, outages=outages, week=listed, **(ports or {})),
        )
        await channel.start()
        transport = httpx2.ASGITransport(Starlette(routes=list(channel.routes)))
        try:
            async with httpx2.AsyncClient(transport=transport, base_url="http://bot") as http:
                yield Bot(channel, made, http, events, contacts, feedback, outages)
        finally:
            await channel.stop()
