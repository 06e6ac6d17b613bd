"""Thin channels to the fake platforms; the real ones, with the platforms' own libraries, come with the platforms."""

from typing import Any

import httpx2

from asaka_bot.delivery.channel import (
    Absent,
    Found,
    Later,
    Letter,
    Lookup,
    Outcome,
    Refused,
    Sent,
    Traits,
    Uncertain,
    Unreadable,
)
from asaka_bot.outgoing import as_text

_CLOCKS_APART_SECONDS = 120  # between the database and the platform, at most


class _HttpChannel:
    """What both have in common: one client, and what its errors mean."""

    def __init__(self, url: str, traits: Traits) -> None:
        self.traits = traits
        limits = httpx2.Limits(max_connections=traits.concurrency * 2, max_keepalive_connections=traits.concurrency)
        headers = {"Authorization": "Bearer xoxb-fake"}
        self._client = httpx2.AsyncClient(
            base_url=url, headers=headers, limits=limits, timeout=None, trust_env=False, verify=False
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def _call(self, method: str, path: str, **what: Any) -> httpx2.Response | Later | Uncertain:
        """The answer, if it is one; otherwise what follows from there being none."""
        try:
            answer = await self._client.request(method, path, **what)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            return Later(retry_after_seconds=1, reason=f"接続できませんでした（{type(error).__name__}）。")
        except httpx2.HTTPError as error:
            return Uncertain(reason=f"応答がありませんでした（{type(error).__name__}）。")
        if answer.status_code == 429:
            seconds = float(answer.headers.get("retry-after", 1))
            return Later(retry_after_seconds=seconds, reason="混み合っているため、少し待って送ります（429）。")
        if answer.status_code >= 500 or answer.status_code == 408:
            return Uncertain(reason=f"相手側でエラーが起きました（{answer.status_code}）。")
        return answer


class FakeSlackChannel(_HttpChannel):
    """Posts with the marker as metadata, and finds it again."""

    name = "slack"

    async def send(self, letter: Letter) -> Outcome:
        metadata = {"event_type": "asaka_delivery", "event_payload": {"delivery": letter.marker}}
        return await self._write("chat.postMessage", letter, metadata=metadata)

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:
        return await self._write("chat.update", letter, ts=platform_ref)

    async def _write(self, method: str, letter: Letter, **what: Any) -> Outcome:
        body = {"channel": letter.address.to, "text": as_text(letter.message), **what}
        answer = await self._call("POST", f"/api/{method}", json=body)
        if not isinstance(answer, httpx2.Response):
            return answer
        said = answer.json()
        return Sent(platform_ref=said["ts"]) if said["ok"] else _refused(said["error"])

    async def find(self, letter: Letter) -> Lookup:
        oldest = letter.started_at.timestamp() - _CLOCKS_APART_SECONDS
        asked = {"channel": letter.address.to, "oldest": f"{oldest:.6f}", "limit": 200, "include_all_metadata": "true"}
        while True:
            answer = await self._call("GET", "/api/conversations.history", params=asked)
            if not isinstance(answer, httpx2.Response):
                seconds = answer.retry_after_seconds if isinstance(answer, Later) else 0.5
                return Unreadable(retry_after_seconds=seconds, reason=answer.reason)
            said = answer.json()
            if not said["ok"]:
                return Unreadable(retry_after_seconds=60, reason=f"読み返せませんでした（{said['error']}）。")
            for message in said["messages"]:
                if message.get("metadata", {}).get("event_payload", {}).get("delivery") == letter.marker:
                    return Found(platform_ref=message["ts"])
            if not said["has_more"]:
                return Absent()
            asked["cursor"] = said["response_metadata"]["next_cursor"]


class FakeTeamsChannel(_HttpChannel):
    """Posts an activity with the marker as channel data; it can't be read back."""

    name = "teams"

    async def send(self, letter: Letter) -> Outcome:
        return await self._write("POST", f"/v3/conversations/{letter.address.to}/activities", letter)

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:
        return await self._write("PUT", f"/v3/conversations/{letter.address.to}/activities/{platform_ref}", letter)

    async def _write(self, method: str, path: str, letter: Letter) -> Outcome:
        text = as_text(letter.message)
        activity = {"type": "message", "text": text, "channelData": {"delivery": letter.marker}}
        answer = await self._call(method, path, json=activity)
        if not isinstance(answer, httpx2.Response):
            return answer
        said = answer.json()
        return Sent(platform_ref=said["id"]) if answer.is_success else _refused(said["error"]["code"])

    async def find(self, letter: Letter) -> Lookup:  # noqa: ARG002
        return Unreadable(retry_after_seconds=60, reason="Teams は読み返せません。")


def _refused(code: str) -> Refused:
    return Refused(reason=f"送信先が受け付けませんでした（{code}）。")
