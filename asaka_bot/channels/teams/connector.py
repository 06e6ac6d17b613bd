"""Calls to the Bot Framework connector through Microsoft's client, and what their failures mean."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from microsoft_teams.api.activities.message import MessageActivityInput
from microsoft_teams.api.activities.sent_activity import SentActivity
from microsoft_teams.api.activities.typing import TypingActivityInput
from microsoft_teams.api.clients.conversation import ConversationClient
from microsoft_teams.common import Client, ClientOptions

from asaka_bot.channels.teams import service_urls
from asaka_bot.channels.teams.credentials import Credentials, TokenUnavailableError
from asaka_bot.channels.teams.parts import Shown
from asaka_bot.delivery.channel import Later, Outcome, Refused, Uncertain

TIMEOUT_SECONDS = 10.0
_IDS = re.compile(r"[\w:@.;=+,-]{1,300}", re.ASCII)  # what may stand in a path; Teams' ids have nothing else
_GONE = frozenset(
    {"MessageWritesBlocked", "BotNotInConversationRoster", "ConversationBlockedByUser", "BotBlockedByUser"}
)
_WAIT_SECONDS = {429: 30.0, 412: 5.0}  # where the answer names none
_LONGEST_WAIT_SECONDS = 3_600.0
_NO_TOKEN_SECONDS = 60.0
_NO_CONNECTION_SECONDS = 30.0
_REASONS = {
    400: "Teamsがメッセージの形を受け付けませんでした。",
    401: "Teamsがボットの資格情報を受け付けません。「asaka-bot teams doctor」で確かめてください。",
    403: "Teamsが送信を許可していません。管理センターでアプリが許可されているか確かめてください。",
    404: "Teamsにこの会話が見つかりません。相手がアプリを追加し直すと、また届くようになります。",
    405: "Teamsがこの操作を受け付けません。",
    413: "メッセージが大きすぎて、Teamsに送れません。短くしてください。",
}
BLOCKED = "相手がアプリを削除したかブロックしたため、届きません。アプリが追加し直されると、また届くようになります。"


class BlockedError(Exception):
    """The person has removed or blocked the bot: certainly not delivered."""


class AddressError(Exception):
    """A conversation or service URL that the bot does not call."""


class Connector:
    """Posts and changes activities at any service URL that is allowed."""

    def __init__(
        self, credentials: Credentials, *, local: bool = False, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._credentials, self._local = credentials, local
        self._http = Client(ClientOptions(timeout=timeout_seconds, token=credentials.token))

    async def post(self, service_url: str, conversation: str, said: Shown | str) -> str:
        """Post a card or a plain text; returns the activity's id, empty where Teams names none.

        Raises:
            AddressError, BlockedError, TokenUnavailableError, httpx.HTTPError: see `outcome_of`.
        """
        conversations = self._at(service_url, conversation)
        return await self._call(lambda: conversations.create_activity(conversation, activity(said)))

    async def update(self, service_url: str, conversation: str, activity_id: str, said: Shown | str) -> str:
        """Replace what stands at `activity_id`; raises as `post` does."""
        if not _IDS.fullmatch(activity_id):
            raise AddressError
        conversations = self._at(service_url, conversation)
        return await self._call(lambda: conversations.update_activity(conversation, activity_id, activity(said)))

    async def typing(self, service_url: str, conversation: str) -> None:
        """Show that an answer is being written; raises as `post` does."""
        conversations = self._at(service_url, conversation)
        await self._call(lambda: conversations.create_activity(conversation, TypingActivityInput()))

    async def email(self, service_url: str, conversation: str, member: str) -> str:
        """The e-mail address of a member of a conversation, empty where Teams does not tell; raises as `post` does."""
        if not _IDS.fullmatch(member):
            raise AddressError
        members = self._at(service_url, conversation)
        found = await members.get_member_by_id(conversation, member)
        return str(getattr(found, "email", None) or getattr(found, "user_principal_name", None) or "")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.http.aclose()

    def _at(self, service_url: str, conversation: str) -> ConversationClient:
        # The token goes wherever the URL points, and the id becomes part of a path.
        if not service_urls.allowed(service_url, local=self._local) or not _IDS.fullmatch(conversation):
            raise AddressError
        return ConversationClient(service_url, self._http)

    async def _call(self, call: Callable[[], Awaitable[SentActivity]]) -> str:
        try:
            sent = await call()
        except httpx.HTTPStatusError as error:
            if error.response.status_code == 401:
                self._credentials.forget()
            if error.response.status_code == 403 and codes_of(error.response) & _GONE:
                raise BlockedError from error
            raise
        except (ValueError, KeyError, TypeError, AttributeError):  # accepted; the client stumbled over the body
            return ""
        return "" if sent.id in (None, "") or sent.id == "DO_NOT_USE_PLACEHOLDER_ID" else str(sent.id)


def activity(said: Shown | str) -> MessageActivityInput:
    """An activity carries a text or a card, never both. Texts are our own and plain."""
    if isinstance(said, str):
        return MessageActivityInput(text=said, text_format="plain")
    made = MessageActivityInput.model_validate({"type": "message", "summary": said.summary})
    return made.add_card(said.card)


def outcome_of(error: Exception) -> Outcome:
    """What a failed call means for the message: refused for now, refused for good, or nobody knows."""
    match error:
        case BlockedError():
            return Refused(reason=BLOCKED)
        case AddressError():
            return Refused(reason="この宛先は、Teamsの会話として正しくありません。")
        case TokenUnavailableError():
            return Later(retry_after_seconds=_NO_TOKEN_SECONDS, reason=f"{error}。")
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Later(retry_after_seconds=_NO_CONNECTION_SECONDS, reason="Teamsのサーバーに接続できません。")
        case httpx.HTTPStatusError(response=response):
            return _of_status(response)
    return Uncertain(reason="Teamsからの返事がなく、届いたか分かりません。")


def _of_status(response: httpx.Response) -> Outcome:
    status = response.status_code
    if status in _WAIT_SECONDS:
        seconds = _retry_after(response) or _WAIT_SECONDS[status]
        return Later(retry_after_seconds=seconds, reason=f"Teamsが混み合っています（{status}）。")
    if 400 <= status < 500 and status != 408:
        return Refused(reason=_REASONS.get(status, f"Teamsが受け付けませんでした（{status}）。"))
    return Uncertain(reason=f"Teamsのエラーのため、届いたか分かりません（{status}）。")


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds of Retry-After, which may also be a date (RFC 9110, 10.2.3)."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdecimal():
        seconds = float(said)
    else:
        try:
            seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 1.0), _LONGEST_WAIT_SECONDS)


def codes_of(response: httpx.Response) -> frozenset[str]:
    """Every code in an error's body: {"error": {"code", "innererror"…}}, also where it is a subcode."""
    try:
        tree: Any = response.json()
    except ValueError:
        return frozenset()
    found: set[str] = set()
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            found |= {v for k, v in part.items() if isinstance(v, str) and k.lower() in ("code", "subcode")}
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return frozenset(found)
