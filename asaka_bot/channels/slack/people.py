"""Who writes on Slack becomes known as a person: address and, where the scope permits, e-mail."""

import asyncio
from collections import OrderedDict

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.slack.ports import ContactPort
from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS
from asaka_bot.outgoing import ContactPoint

_MOST_KNOWN = 20_000
_log = structlog.get_logger(__name__)


class People:
    """Learns each person once a process; the address book keeps it."""

    def __init__(self, client: AsyncWebClient, contacts: ContactPort) -> None:
        self._client, self._contacts = client, contacts
        self._known: OrderedDict[str, None] = OrderedDict()
        self._writing = asyncio.Lock()

    async def meet(self, team: str, user: str) -> None:
        """Learn where `user` is reached; a failure costs nothing but is tried again at the next contact."""
        if not user or user in self._known:
            return
        self._known[user] = None
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        try:
            known = await self._contacts.find("slack", user)
            if known is not None and known.email and known.reachable and known.tenant == team:
                return
            email = await self._email(user)
            # A user id is an address that stays; Slack opens the direct messages when something is posted to it.
            point = ContactPoint(channel="slack", user=user, address=user, email=email, tenant=team)
            async with self._writing:  # many newcomers at once must not keep answers from the database
                await self._contacts.learn(point)
        except Exception as error:
            self._known.pop(user, None)
            _log.warning("slack_contact_not_learned", error=type(error).__name__)

    async def lose(self, user: str) -> None:
        """Note that `user` can't be written to; whoever writes to the bot again is learned anew."""
        self._known.pop(user, None)
        try:
            await self._contacts.set_reachable("slack", user, False)
        except Exception as error:  # what Slack said of the message counts all the same
            _log.warning("slack_contact_not_marked", error=type(error).__name__)

    async def _email(self, user: str) -> str:
        try:
            answer = await self._client.users_info(user=user)
        except PLATFORM_ERRORS:
            return ""  # without users:read.email people stay apart on each channel, and the doctor says so
        profile = (answer.get("user") or {}).get("profile") or {}
        email = profile.get("email")
        return email.lower() if isinstance(email, str) else ""
