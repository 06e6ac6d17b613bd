"""The staff directory over the database: imports, undo, and whom an audience means today."""

from collections.abc import Sequence

from asaka_bot.broadcasts.audience import Audience, Contacts, Recipient, expand
from asaka_bot.broadcasts.staff import Person
from asaka_bot.broadcasts.staff_changes import Changes, compare
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.staff import Import, StaffStore


class StaffDesk:
    """What commands and pages do with the directory."""

    def __init__(self, store: StaffStore, contacts: AddressBook) -> None:
        self._store, self._contacts = store, contacts

    async def people(self) -> tuple[Person, ...]:
        """All active people, by office, rank and number."""
        return tuple(person for person in await self._store.people() if person.active)

    async def recipients(self, audience: Audience) -> tuple[Recipient, ...]:
        """Everybody whom the audience means at present. Raises `AudienceError` as `expand` does."""
        return expand(audience, await self._store.people(), Contacts.of(await self._contacts.everybody()))

    async def compare(self, roster: Roster) -> Changes:
        """What importing the roster would change; it must have no conflicts."""
        return compare({person.staff_id: person for person in await self._store.people()}, roster)

    async def apply(self, changes: Changes, *, by: str, file: str) -> int:
        """Make the changes; the number of the import. Raises `StaffError` where the directory changed meanwhile."""
        return await self._store.apply(changes, by=by, file=file)

    async def undo(self, *, by: str, number: int | None = None) -> Import:
        """Take the last import back. Raises `StaffError` where there is none, or `number` is another."""
        return await self._store.undo(by=by, number=number)

    async def history(self, limit: int) -> Sequence[Import]:
        """The last imports, the newest first."""
        return await self._store.history(limit)
