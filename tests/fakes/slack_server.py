"""A local Slack Web API: messages with metadata, the history of conversations, who is who.

Shapes as in docs.slack.dev/reference/methods: 200 with ``ok`` and ``error``; 429 with Retry-After. A message to a person
(U…) stands in their direct conversation (D…), whose history has to be asked for under that name.
"""

import itertools
import json
import time
from collections import defaultdict

from tests.fakes.faults import Faults
from tests.fakes.http import Answer, Request
from tests.fakes.server import Journal, main

BOT = {
    "team": "朝霞市",
    "team_id": "T1",
    "user": "bot",
    "user_id": "U0BOT",
    "bot_id": "B0BOT",
    "url": "http://127.0.0.1/",
}


class Slack:
    """The conversations of a workspace; a channel named C0GONE doesn't exist."""

    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults, self._journal = faults, journal
        self._messages: dict[str, list[dict]] = defaultdict(list)
        self._numbers = itertools.count(1)

    async def __call__(self, request: Request) -> Answer | None:
        method = request.path.removeprefix("/api/")
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _wrong("not_authed")
        work = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.open": self._open,
            "auth.test": lambda _fields: _right(**BOT),
            "users.info": lambda fields: _right(user={"id": fields["user"], "profile": {}}),
        }.get(method)
        if work is None:
            return _wrong("unknown_method")
        return await self._faults.around(lambda: work(request.fields), _busy, _failure)

    def _post(self, fields: dict) -> Answer:
        channel = _conversation(fields["channel"])
        if channel is None:
            return _wrong("channel_not_found")
        if not fields.get("text") and not fields.get("blocks"):
            return _wrong("no_text")
        metadata = fields.get("metadata")
        metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
        ts = f"{int(time.time())}.{next(self._numbers):06d}"
        message = {"type": "message", "ts": ts, "text": fields.get("text", ""), "bot_id": "B0ASAKA"}
        if metadata:
            message["metadata"] = metadata
        self._messages[channel].append(message)
        marker = ((metadata or {}).get("event_payload") or {}).get("delivery", "")
        self._journal.write(marker=marker, to=channel, ref=ts, text=message["text"])
        return _right(channel=channel, ts=ts, message=message)

    def _update(self, fields: dict) -> Answer:
        for message in self._messages[_conversation(fields["channel"]) or ""]:
            if message["ts"] == fields["ts"]:
                message["text"] = fields["text"]
                return _right(channel=fields["channel"], ts=fields["ts"])
        return _wrong("message_not_found")

    def _history(self, fields: dict) -> Answer:
        if fields["channel"].startswith("U") or _conversation(fields["channel"]) is None:
            return _wrong("channel_not_found")
        oldest, limit = float(fields.get("oldest", 0)), int(fields.get("limit", 100))
        start = int(fields.get("cursor") or 0)
        found = [m for m in reversed(self._messages[fields["channel"]]) if float(m["ts"]) > oldest]
        page = found[start : start + limit]
        if str(fields.get("include_all_metadata", "")).lower() not in ("true", "1"):
            page = [{name: value for name, value in m.items() if name != "metadata"} for m in page]
        more = start + limit < len(found)
        cursor = {"next_cursor": str(start + limit) if more else ""}
        return _right(messages=page, has_more=more, response_metadata=cursor)

    def _open(self, fields: dict) -> Answer:
        return _right(channel={"id": _conversation(fields["users"])})


def _conversation(channel: str) -> str | None:
    if channel == "C0GONE":
        return None
    return f"D{channel[1:]}" if channel.startswith("U") else channel


def _right(**said: object) -> Answer:
    return Answer(status=200, body={"ok": True, **said})


def _wrong(error: str) -> Answer:
    return Answer(status=200, body={"ok": False, "error": error})


def _busy(seconds: int) -> Answer:
    return Answer(status=429, body={"ok": False, "error": "ratelimited"}, headers={"Retry-After": str(seconds)})


def _failure(status: int) -> Answer:
    return Answer(status=status, body={"ok": False, "error": "internal_error"})


if __name__ == "__main__":
    main(Slack)
