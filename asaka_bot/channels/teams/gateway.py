"""Reminders and notices on their way to Teams."""

import asyncio

import httpx

from asaka_bot.channels.teams.announcement import message_card
from asaka_bot.channels.teams.connector import (
    BLOCKED,
    TIMEOUT_SECONDS,
    AddressError,
    BlockedError,
    Connector,
    outcome_of,
)
from asaka_bot.channels.teams.credentials import TokenUnavailableError
from asaka_bot.channels.teams.ports import CHANNEL, Contacts
from asaka_bot.delivery.channel import Letter, Lookup, Outcome, Refused, Sent, Traits, Uncertain, Unreadable
from asaka_bot.outgoing import ContactPoint

UNKNOWN = (
    "まだこの方とのやり取りがありません。Teamsでアプリを追加するか、一度話しかけてもらうと、送れるようになります。"
)


# 7 messages a second and 60 in 30 seconds a conversation (learn.microsoft.com: rate limiting for bots); 20 a second
# keeps below the 30 to 50 that Teams grants an app in a tenant. Nothing can be read back.
_TRAITS = Traits(
    read_back=False,
    update=True,
    timeout_seconds=TIMEOUT_SECONDS,
    per_second=20.0,
    per_destination_seconds=0.5,
    concurrency=16,
)


class TeamsGateway:
    """The channel ``teams``; an address is the id of a conversation."""

    def __init__(self, connector: Connector, contacts: Contacts, traits: Traits = _TRAITS) -> None:
        self._connector, self._contacts = connector, contacts
        self.name = CHANNEL
        self.traits = traits

    async def send(self, letter: Letter) -> Outcome:
        """Post the letter once."""
        return await self._attempt(letter, None)

    async def find(self, letter: Letter) -> Lookup:  # noqa: ARG002 - the port asks for it
        """Teams does not let bots read what they have sent."""
        return Unreadable(retry_after_seconds=3_600, reason="Teamsでは、送ったメッセージを読み返せません。")

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:
        """Replace the card that stands at `platform_ref`."""
        return await self._attempt(letter, platform_ref)

    async def _attempt(self, letter: Letter, platform_ref: str | None) -> Outcome:
        point = await self._contacts.at(CHANNEL, letter.address.to)
        if point is None or not point.service_url:
            return Refused(reason=UNKNOWN)
        if not point.reachable:
            return Refused(reason=BLOCKED)
        try:
            async with asyncio.timeout(self.traits.timeout_seconds):
                return Sent(platform_ref=await self._call(point, letter, platform_ref))
        except TimeoutError:
            return Uncertain(reason="Teamsからの返事がなく、届いたか分かりません。")
        except BlockedError as error:
            await self._contacts.set_reachable(CHANNEL, point.user, False)
            return outcome_of(error)
        except (AddressError, TokenUnavailableError, httpx.HTTPError) as error:
            return outcome_of(error)

    async def _call(self, point: ContactPoint, letter: Letter, platform_ref: str | None) -> str:
        shown = message_card(letter.message, letter.marker)
        if platform_ref is None:
            return await self._connector.post(point.service_url, point.address, shown)
        return await self._connector.update(point.service_url, point.address, platform_ref, shown)
