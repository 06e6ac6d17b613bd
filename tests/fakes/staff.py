"""People and rosters for property tests, and a directory in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from hypothesis import strategies as st

from asaka_bot.broadcasts.staff import Employment, Person
from asaka_bot.broadcasts.staff_changes import Change, applied, compare, undone
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.errors import StaffError
from asaka_bot.hr_console.ports import Draft
from asaka_bot.roles import Permission

_OFFICES = [("総務部",), ("総務部", "職員課"), ("総務部", "職員課", "人事係"), ("福祉部", "福祉相談課", "庶務係")]


def person(number: int, **fields: object) -> Person:
    return Person(
        **{
            "staff_id": str(number),
            "name": f"例 {number}",
            "office": ("総務部", "職員課"),
            "title": "",
            "employment": Employment.REGULAR,
            "email": f"s{number}@city-asaka.example",
            **fields,
        }
    )


_ACTIVE = st.just(True)


def people(active=_ACTIVE):
    """Up to 20 people with different numbers."""
    return st.lists(
        st.builds(
            person,
            st.integers(1, 25),
            office=st.sampled_from(_OFFICES),
            title=st.sampled_from(["", "主事", "課長", "部長", "係長"]),
            employment=st.sampled_from(Employment),
            email=st.sampled_from(["", "a@city-asaka.example"]),
            workplace=st.sampled_from(["", "本庁舎", "図書館 本館"]),
            active=active,
        ),
        unique_by=lambda each: each.staff_id,
        max_size=20,
    )


def directories():
    return people(st.booleans()).map(lambda found: {each.staff_id: each for each in found})


def rosters():
    return people().map(lambda found: Roster(people=tuple(found), has_workplaces=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeImport:
    """An import as the store gives it."""

    id: int
    made_by: str
    made_at: datetime
    file: str
    joined: int
    moved: int
    left: int
    undone_at: datetime | None = None


@dataclass
class MemoryStaff:
    """A directory in memory; drafts last until they are used."""

    now: datetime
    kept: dict[str, Person] = field(default_factory=dict)
    drafts: dict[str, tuple[str, Draft]] = field(default_factory=dict)
    made: list[tuple[MadeImport, tuple[Change, ...]]] = field(default_factory=list)

    async def people(self, actor):
        actor.require(Permission.SEE_NAMES)
        return sorted((each for each in self.kept.values() if each.active), key=lambda each: each.order)

    async def draft(self, actor, roster, *, file):
        actor.require(Permission.IMPORT_STAFF)
        token = f"token{len(self.drafts)}"
        self.drafts[token] = (
            actor.person,
            Draft(file=file, changes=compare(self.kept, roster), ignored=roster.ignored),
        )
        return token

    async def find_draft(self, actor, token):
        actor.require(Permission.IMPORT_STAFF)
        owner, found = self.drafts.get(token, ("", None))
        return found if owner == actor.person else None

    async def confirm(self, actor, token):
        found = await self.find_draft(actor, token)
        if found is None:
            raise StaffError("gone")
        del self.drafts[token]
        if compare(self.kept, Roster()).basis != found.changes.basis:
            raise StaffError("changed")
        self.kept = applied(self.kept, found.changes.all)
        counts = {name: len(getattr(found.changes, name)) for name in ("joined", "moved", "left")}
        entry = MadeImport(id=len(self.made) + 1, made_by=actor.person, made_at=self.now, file=found.file, **counts)
        self.made.append((entry, found.changes.all))
        return entry.id

    async def undo(self, actor, *, number=None):
        actor.require(Permission.IMPORT_STAFF)
        last = next((n for n in reversed(range(len(self.made))) if self.made[n][0].undone_at is None), None)
        if last is None or number not in (None, last + 1):
            raise StaffError("not the last")
        entry, changes = self.made[last]
        self.kept = undone(self.kept, changes)
        self.made[last] = (replace(entry, undone_at=self.now), changes)
        return self.made[last][0]

    async def history(self, actor, limit):
        actor.require(Permission.SEE_NAMES)
        return [entry for entry, _ in reversed(self.made)][:limit]
