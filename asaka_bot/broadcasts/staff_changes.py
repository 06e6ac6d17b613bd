"""What an import changes in the staff directory, and the way back."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from asaka_bot.broadcasts.staff import Employment, Person, office_text
from asaka_bot.broadcasts.staff_columns import Roster, with_workplaces

Directory = Mapping[str, Person]  # by staff id; leavers stay in it, inactive

_MASS = 3  # one of so many leaving at once is more likely a wrong file than a fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One person before and after; ``before`` is None for who was never in the directory."""

    before: Person | None
    after: Person

    @property
    def staff_id(self) -> str:
        """Whom it concerns."""
        return self.after.staff_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The difference between the directory and a file; every active person is in exactly one of the four."""

    basis: str  # `fingerprint` of the directory it was made from
    joined: tuple[Change, ...]
    moved: tuple[Change, ...]
    left: tuple[Change, ...]
    unchanged: int

    @property
    def all(self) -> tuple[Change, ...]:
        """Every change."""
        return (*self.joined, *self.moved, *self.left)

    @property
    def is_mass_leaving(self) -> bool:
        """Whether more than a third of the active people would leave; that needs a confirmation of its own."""
        return len(self.left) * _MASS > len(self.left) + len(self.moved) + self.unchanged


def compare(directory: Directory, roster: Roster) -> Changes:
    """What importing `roster` would change.

    Raises:
        ValueError: the roster has conflicts; such a file changes nothing.
    """
    if roster.conflicts:
        raise ValueError("a roster with conflicts changes nothing")
    people = sorted(with_workplaces(roster, directory), key=lambda person: person.order)
    changes = [(directory.get(person.staff_id), person) for person in people]
    named = {person.staff_id for person in people}
    gone = sorted((p for p in directory.values() if p.active and p.staff_id not in named), key=lambda p: p.order)
    return Changes(
        basis=fingerprint(directory.values()),
        joined=tuple(Change(before=old, after=new) for old, new in changes if old is None or not old.active),
        moved=tuple(Change(before=old, after=new) for old, new in changes if old and old.active and old != new),
        left=tuple(Change(before=person, after=replace(person, active=False)) for person in gone),
        unchanged=sum(old == new for old, new in changes),
    )


def applied(directory: Directory, changes: Iterable[Change]) -> dict[str, Person]:
    """The directory after the changes."""
    return {**directory, **{change.staff_id: change.after for change in changes}}


def undone(directory: Directory, changes: Iterable[Change]) -> dict[str, Person]:
    """The directory as it was before the changes."""
    back = dict(directory)
    for change in changes:
        if change.before is None:
            back.pop(change.staff_id, None)
        else:
            back[change.staff_id] = change.before
    return back


def differences(change: Change) -> tuple[str, ...]:
    """What changed for a person who stays, a line each: 所属: 総務部/職員課 → 市民環境部/環境推進課."""
    if change.before is None:
        return ()
    before, after = _lines(change.before), _lines(change.after)
    return tuple(
        f"{column}: {before[column] or '（なし）'} → {after[column] or '（なし）'}"
        for column in before
        if before[column] != after[column]
    )


def _lines(person: Person) -> dict[str, str]:
    return {
        "氏名": person.name,
        "所属": office_text(person.office),
        "職位": person.title,
        "任用形態": person.employment.value,
        "メール": person.email,
        "勤務場所": person.workplace,
    }


def fingerprint(people: Iterable[Person]) -> str:
    """Changes whenever anything about anybody does."""
    written = json.dumps([as_json(person) for person in sorted(people, key=lambda p: p.staff_id)], ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def as_json(person: Person) -> dict[str, Any]:
    """The person for a JSON file or column; `from_json` reads it back."""
    return asdict(person) | {"office": office_text(person.office)}


def from_json(written: Mapping[str, Any]) -> Person:
    """The person that `as_json` wrote."""
    office, employment = tuple(written["office"].split("/")), Employment(written["employment"])
    return Person(**{**written, "office": office, "employment": employment})


def dumped(changes: Iterable[Change]) -> str:
    """The changes as JSON, for the undo; `loaded` reads them back."""
    pairs = [[change.before and as_json(change.before), as_json(change.after)] for change in changes]
    return json.dumps(pairs, ensure_ascii=False)


def loaded(written: str) -> tuple[Change, ...]:
    """The changes that `dumped` wrote."""
    return tuple(
        Change(before=from_json(before) if before else None, after=from_json(after))
        for before, after in json.loads(written)
    )


def sorted_out(changes: Iterable[Change], *, basis: str, unchanged: int) -> Changes:
    """Changes of every kind, told apart again by what they do."""
    found = tuple(changes)
    was_there = [bool(change.before and change.before.active) for change in found]
    return Changes(
        basis=basis,
        joined=tuple(change for change, was in zip(found, was_there, strict=True) if not was),
        moved=tuple(change for change, was in zip(found, was_there, strict=True) if was and change.after.active),
        left=tuple(change for change in found if not change.after.active),
        unchanged=unchanged,
    )
