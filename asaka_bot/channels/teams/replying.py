"""Replies on their way: where the answer may be shown, once for each event, and what is learned of the address."""

import asyncio
from collections import OrderedDict

import httpx
import structlog

from asaka_bot.channels.teams import menus
from asaka_bot.channels.teams.connector import AddressError, BlockedError, Connector, outcome_of
from asaka_bot.channels.teams.credentials import TokenUnavailableError
from asaka_bot.channels.teams.dialogue import Dialogue, Spoken
from asaka_bot.channels.teams.inbound import Heard, Kind, Left, Met, Person, Place, Pressed, Said
from asaka_bot.channels.teams.parts import Shown
from asaka_bot.channels.teams.ports import CHANNEL, Contacts, Events
from asaka_bot.channels.teams.pressed import Respond, Vote, Write, WriteBack
from asaka_bot.delivery.channel import Later
from asaka_bot.outgoing import ContactPoint

_AT_ONCE = 16  # replies under way: more would only crowd the other channels out of engine and database
_REPLY_SECONDS = 15.0  # after that a person has given up
_SHORT_WAIT_SECONDS = 5.0
_MOST_ASKED = 5_000
_FAILURES = (BlockedError, AddressError, TokenUnavailableError, httpx.HTTPError)

log = structlog.get_logger(__name__)


class Replying:
    """Acts on what was heard, once."""

    def __init__(
        self, dialogue: Dialogue, connector: Connector, events: Events, contacts: Contacts, bot_id: str
    ) -> None:
        self._dialogue, self._connector = dialogue, connector
        self._events, self._contacts, self._bot_id = events, contacts, bot_id
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._asked: OrderedDict[str, None] = OrderedDict()  # whose e-mail address has been asked for

    async def reply(self, heard: Heard) -> None:
        """Act on it; whatever goes wrong is logged by its type, and told to the person where that is possible."""
        async with self._turns:
            ours = False
            try:
                async with asyncio.timeout(_REPLY_SECONDS):
                    ours = await self._events.first_time(CHANNEL, heard.event)
                    if ours:
                        await self._act(heard)
            except Exception as error:  # nobody else sees it: the activity has been acknowledged
                log.warning("teams.reply_failed", event_id=heard.event[:16], error=type(error).__name__)
                # Of what was delivered again another copy may be answered: that one speaks.
                if ours and isinstance(heard, Said | Pressed) and not isinstance(error, _FAILURES):
                    await self._apologise(heard.place)
                    return
            if ours:
                await self._learn_of(heard)

    async def instead(self, pressed: Pressed, press: Vote | Respond | WriteBack | Write) -> Shown | str:
        """What stands in the place of a pressed card, or a sentence below it."""
        if isinstance(press, Vote):
            return await self._dialogue.votes.take(pressed, press)
        return await self._dialogue.notices.answer(pressed, press)

    async def _act(self, heard: Heard) -> None:
        match heard:
            case Left(place=place, person=person):
                user = person.user if place.kind is Kind.PERSONAL else place.address
                await self._contacts.set_reachable(CHANNEL, user, False)
            case Met(place=place, greet=True):
                await self._post(place, menus.welcome(personal=place.kind is Kind.PERSONAL))
            case Said() as said:
                await self._speak(await self._dialogue.said(said), said.place, said.person)
            case Pressed() as pressed:
                if (spoken := await self._dialogue.pressed(pressed)) is not None:
                    await self._speak(spoken, pressed.place, pressed.person)

    async def _learn_of(self, heard: Heard) -> None:
        """Keep where the person is reached, after the answer: a failure costs nothing but the next attempt."""
        if isinstance(heard, Left):
            return
        try:
            async with asyncio.timeout(_REPLY_SECONDS):
                await self._learn(heard.place, heard.person)
                await self._learn_email(heard.place, heard.person)
        except Exception as error:
            log.warning("teams.contact_not_learned", error=type(error).__name__)

    async def _speak(self, spoken: Spoken, place: Place, person: Person) -> None:
        if place.kind is Kind.PERSONAL or not spoken.private:
            await self._post(place, spoken.shown)
            self._dialogue.keep(spoken, place, person, None)
            return
        personal = await self._personal(person)
        if personal is not None and await self._privately(personal, spoken.shown):
            self._dialogue.keep(spoken, place, person, personal)
            await self._post(place, menus.SENT_PRIVATELY)
        else:
            await self._post(place, menus.turn_to_personal_chat(self._bot_id))

    async def _personal(self, person: Person) -> ContactPoint | None:
        """The personal chat of a person, None where the bot has not been added there."""
        point = await self._contacts.find(CHANNEL, person.user)
        return point if point is not None and point.reachable and point.service_url else None

    async def _privately(self, personal: ContactPoint, shown: Shown) -> bool:
        try:
            await self._connector.post(personal.service_url, personal.address, shown)
        except BlockedError:
            await self._contacts.set_reachable(CHANNEL, personal.user, False)
            return False
        except _FAILURES as error:
            log.warning("teams.private_reply_failed", error=type(error).__name__)
            return False
        return True

    async def _post(self, place: Place, said: Shown | str) -> None:
        """Post a reply; once more where Teams says that it certainly has not taken it and is free again soon."""
        try:
            await self._connector.post(place.service_url, place.conversation, said)
        except _FAILURES as error:
            outcome = outcome_of(error)
            if not isinstance(outcome, Later) or outcome.retry_after_seconds > _SHORT_WAIT_SECONDS:
                raise
            await asyncio.sleep(outcome.retry_after_seconds)
            await self._connector.post(place.service_url, place.conversation, said)

    async def _apologise(self, place: Place) -> None:
        try:
            async with asyncio.timeout(_SHORT_WAIT_SECONDS):
                await self._connector.post(place.service_url, place.conversation, menus.BUSY)
        except (TimeoutError, *_FAILURES) as error:
            log.warning("teams.apology_failed", error=type(error).__name__)

    async def _learn(self, place: Place, person: Person) -> None:
        """Keep where the person, or the group, is reached at present."""
        user = person.user if place.kind is Kind.PERSONAL else place.address
        await self._contacts.learn(
            ContactPoint(
                channel=CHANNEL,
                user=user[:120],
                address=place.address,
                service_url=place.service_url,
                tenant=place.tenant,
            )
        )

    async def _learn_email(self, place: Place, person: Person) -> None:
        """Ask Teams once for the e-mail address, by which the person is found in the staff directory."""
        if place.kind is not Kind.PERSONAL or person.user in self._asked:
            return
        self._asked[person.user] = None
        if len(self._asked) > _MOST_ASKED:
            self._asked.popitem(last=False)
        point = await self._contacts.find(CHANNEL, person.user)
        if point is None or point.email:
            return
        try:
            email = await self._connector.email(place.service_url, place.conversation, person.id)
        except (ValueError, *_FAILURES) as error:
            log.info("teams.email_unknown", error=type(error).__name__)
            return
        if "@" in email and len(email) <= 254:
            await self._contacts.learn(
                ContactPoint(
                    channel=CHANNEL, user=point.user, address=point.address, email=email.lower(),
                    service_url=point.service_url, tenant=point.tenant,
                )
            )  # fmt: skip
