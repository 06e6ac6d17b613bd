"""The staff directory over the database: imports, undo, and whom an audience means today."""

from collections.abc import Sequence

from asaka_bot.broadcasts.audience import Audience, Contacts, Recipient, expand
from asaka_bot.broadcasts.staff import Person
from asaka_bot.broadcasts.staff_changes import Changes, compare
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.errors import StaffError
from asaka_bot.hr_console.ports import Draft
from asaka_bot.roles import Actor, Permission
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.staff import Import, StaffStore
from asaka_bot.store.staff_drafts import StaffDrafts


class StaffDesk:
    """What commands and pages do with the directory; implements `hr_console.ports.Staff`."""

    def __init__(self, store: StaffStore, drafts: StaffDrafts, contacts: AddressBook) -> None:
        self._store, self._drafts, self._contacts = store, drafts, contacts

    async def people(self, actor: Actor) -> tuple[Person, ...]:
        """All active people, by office, rank and number."""
        actor.require(Permission.SEE_NAMES)
        return tuple(person for person in await self._store.people() if person.active)

    async def recipients(self, actor: Actor, audience: Audience) -> tuple[Recipient, ...]:
        """Everybody whom the audience means at present. Raises `AudienceError` as `expand` does."""
        actor.require(Permission.SEE_NAMES)
        return expand(audience, await self._store.people(), Contacts.of(await self._contacts.everybody()))

    async def compare(self, actor: Actor, roster: Roster) -> Changes:
        """What importing the roster would change; it must have no conflicts."""
        actor.require(Permission.IMPORT_STAFF)
        return compare({person.staff_id: person for person in await self._store.people()}, roster)

    async def apply(self, actor: Actor, changes: Changes, *, file: str) -> int:
        """Make the changes; the number of the import. Raises `StaffError` where the directory changed meanwhile."""
        actor.require(Permission.IMPORT_STAFF)
        return await self._store.apply(changes, by=actor.person, file=file)

    async def draft(self, actor: Actor, roster: Roster, *, file: str) -> str:
        """Compare a roster without conflicts with the directory and keep that for an hour; its token."""
        changes = await self.compare(actor, roster)
        return await self._drafts.keep(changes, ignored=roster.ignored, by=actor.person, file=file)

    async def find_draft(self, actor: Actor, token: str) -> Draft | None:
        """What the actor has drafted, None where it has expired, was used, or belongs to somebody else."""
        actor.require(Permission.IMPORT_STAFF)
        found = await self._drafts.find(token, by=actor.person)
        return None if found is None else Draft(file=found.file, changes=found.changes, ignored=found.ignored)

    async def confirm(self, actor: Actor, token: str) -> int:
        """Make the drafted changes; the number of the import.

        Raises:
            StaffError: there is no such draft any more, or the directory has changed since.
        """
        actor.require(Permission.IMPORT_STAFF)
        found = await self._drafts.take(
            token, by=actor.person
        )  # of two presses of the button, the second finds nothing
        if found is None:
            raise StaffError("この差分は、取り込み済みか、1時間を過ぎています。もう一度ファイルを選んでください")
        return await self._store.apply(found.changes, by=actor.person, file=found.file)

    async def undo(self, actor: Actor, *, number: int | None = None) -> Import:
        """Take the last import back. Raises `StaffError` where there is none, or `number` is another."""
        actor.require(Permission.IMPORT_STAFF)
        return await self._store.undo(by=actor.person, number=number)

    async def history(self, actor: Actor, limit: int) -> Sequence[Import]:
        """The last imports, the newest first."""
        actor.require(Permission.SEE_NAMES)
        return await self._store.history(limit)
