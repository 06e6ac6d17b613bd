"""Whom notices reach: the staff directory, the named lists and what platforms have told, taken together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from asaka_bot.broadcasts.audience import Contacts, Recipient, expand, recipient_of
from asaka_bot.broadcasts.audience_text import parse
from asaka_bot.broadcasts.notice import Plan
from asaka_bot.broadcasts.staff import Person
from asaka_bot.outgoing import Address
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.staff_lists import StaffLists

_PREFERRED = ("slack", "teams", "web")  # one copy a person: the first of these that reaches them
_LEFT = "退職などで、名簿からいなくなりました"
PERSONAL = "staff-"  # web:staff-10023 is the inbox of one person


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The directory and the addresses as they are now."""

    people: Mapping[str, Person]  # active ones, by staff id
    contacts: Contacts
    lists: Mapping[str, frozenset[str]]
    web: bool  # people can sign in to the web chat, so that its inbox reaches them

    def recipients(self, plan: Plan, *, urgent: bool = False) -> tuple[Recipient, ...]:
        """Everybody whom the plan means, with the addresses that are used. Raises `AudienceError`."""
        if not plan.audience.strip():
            return ()
        found = expand(parse(plan.audience), self.people.values(), self.contacts, self.lists)
        return tuple(self._reached(each, urgent) for each in found)

    def reach(self, staff_id: str, *, urgent: bool = False) -> tuple[Sequence[Address], str]:
        """Where one person is written to, or why nowhere."""
        person = self.people.get(staff_id)
        if person is None:
            return (), _LEFT
        found = self._reached(recipient_of(person, self.contacts), urgent)
        return found.addresses, found.unreachable

    def _reached(self, found: Recipient, urgent: bool) -> Recipient:
        addresses = found.addresses
        if self.web and found.person.email:
            addresses = (*addresses, Address(channel="web", to=f"{PERSONAL}{found.person.staff_id}"))
        addresses = tuple(sorted(addresses, key=lambda address: _PREFERRED.index(address.channel)))
        if not addresses:
            return found
        return replace(found, addresses=addresses if urgent else addresses[:1], unreachable="")


class NoticePeople:
    """Looks the directory up."""

    def __init__(self, staff: StaffStore, contacts: AddressBook, lists: StaffLists, *, web: bool) -> None:
        """`web`: people can sign in to the web chat."""
        self._staff, self._contacts, self._lists, self._web = staff, contacts, lists, web

    async def today(self) -> Today:
        """The directory and the addresses as they are now."""
        people = {person.staff_id: person for person in await self._staff.people() if person.active}
        return Today(
            people=people,
            contacts=Contacts.of(await self._contacts.everybody()),
            lists=await self._lists.members(),
            web=self._web,
        )

    async def of_contact(self, channel: str, user: str) -> Person | None:
        """The active person behind a user of a platform, found by the e-mail; None where nobody is."""
        point = await self._contacts.find(channel, user)
        return await self.of_email(point.email) if point and point.email else None

    async def of_email(self, email: str) -> Person | None:
        """The active person with an e-mail; None where nobody, or more than one, has it."""
        found = [each for each in await self._staff.known_by(email.lower()) if each.active]
        return found[0] if len(found) == 1 else None

    async def of_id(self, staff_id: str) -> Person | None:
        """The active person with a staff id."""
        found = await self._staff.find(staff_id)
        return found if found and found.active else None

    async def addresses_of(self, email: str) -> tuple[Address, ...]:
        """Everywhere that platforms reach an e-mail."""
        points = Contacts.of(await self._contacts.everybody()).by_email.get(email.lower(), ())
        return tuple(Address(channel=point.channel, to=point.address) for point in points if point.reachable)

    async def user_at(self, channel: str, user: str) -> str:
        """The address of a user's direct messages; empty before first contact."""
        point = await self._contacts.find(channel, user)
        return point.address if point else ""
