"""The audit log as a chain: whatever is done to its entries is found and named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.audit import GENESIS, Action, Broken, Entry, Fault, canonical, digest_of, seal, verify

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def chain(length: int = 6) -> list[Entry]:
    made: list[Entry] = []
    for number in range(length):
        last = (made[-1].id, made[-1].digest) if made else None
        at = NOON + timedelta(minutes=number)
        made.append(seal(last, at=at, person="山田", action=Action.PAUSE, subject=str(number), details={"rule": None}))
    return made


def resealed(entry: Entry, **changes) -> Entry:
    """As somebody would forge it who knows how digests are made."""
    changed = replace(entry, **changes)
    return replace(changed, digest=digest_of(changed))


def test_a_whole_chain_holds():
    """All entries are counted, the last digest is the head, and every earlier head is still found."""
    entries = chain()
    verdict = verify(entries)
    assert (verdict.whole, verdict.entries, verdict.head) == (True, 6, entries[-1].digest)
    assert all(verify(entries, noted).whole for noted in [GENESIS, *(entry.digest for entry in entries)])


def test_an_empty_chain_holds():
    """Where nothing was done there is nothing to break."""
    assert (verify([]).whole, verify([]).head) == (True, GENESIS)


CHANGES = {
    "at": NOON + timedelta(microseconds=1),
    "person": "佐藤",
    "action": "reminder.resume",
    "subject": "7",
    "details": '{"rule":"x"}',
    "digest": "f" * 64,
}


@pytest.mark.parametrize("place", [0, 3, 5])
@pytest.mark.parametrize("name", CHANGES)
def test_any_changed_field_is_found(place, name):
    """The entry itself is named, wherever it stands."""
    entries = chain()
    entries[place] = replace(entries[place], **{name: CHANGES[name]})
    assert verify(entries).broken == Broken(id=place + 1, fault=Fault.CHANGED)


def test_a_changed_link_is_found():
    """An entry that points elsewhere does not follow on the one before."""
    entries = chain()
    entries[3] = replace(entries[3], previous="f" * 64)
    assert verify(entries).broken == Broken(id=4, fault=Fault.OUT_OF_ORDER)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_missing_entry_is_found(place):
    """The first entry that is gone is named."""
    entries = chain()
    del entries[place]
    assert verify(entries).broken == Broken(id=place + 1, fault=Fault.MISSING)


def test_closing_the_gap_is_found():
    """Whoever renumbers the rest has to make new digests, and the chain ends there."""
    entries = chain()
    moved = [resealed(entry, id=entry.id - 1) for entry in entries[3:]]
    assert verify([*entries[:2], *moved]).broken == Broken(id=3, fault=Fault.OUT_OF_ORDER)


def test_swapped_entries_are_found():
    """Exchanged numbers break the chain at the first of the two."""
    entries = chain()
    entries[2], entries[3] = replace(entries[3], id=3), replace(entries[2], id=4)
    assert verify(entries).broken == Broken(id=3, fault=Fault.OUT_OF_ORDER)


@pytest.mark.parametrize("number", [-1, 0, 3, 7])
def test_an_inserted_entry_is_found(number):
    """An entry more, before, between or after the others, does not follow on any."""
    entries = chain()
    entries.append(resealed(entries[0], id=number))
    entries.sort(key=lambda entry: entry.id)
    broken = verify(entries).broken
    assert broken is not None
    assert broken.fault is Fault.OUT_OF_ORDER
    assert broken.id == number


def test_an_entry_made_anew_is_found_by_the_next():
    """A forged entry with a digest that fits is betrayed by the entry that followed on the true one."""
    entries = chain()
    entries[2] = resealed(entries[2], person="佐藤")
    assert verify(entries).broken == Broken(id=4, fault=Fault.OUT_OF_ORDER)


def test_only_the_noted_head_betrays_a_cut_end():
    """Without the newest entries the chain is whole; the head written down outside is no longer in it."""
    entries = chain()
    head = entries[-1].digest
    assert verify(entries[:4]).whole
    assert verify(entries[:4], head).broken == Broken(id=0, fault=Fault.CUT)
    assert verify([], head).broken == Broken(id=0, fault=Fault.CUT)


def test_only_the_noted_head_betrays_a_chain_made_anew():
    """Whoever makes every later entry anew gets a whole chain, but not the head that was written down."""
    entries = chain()
    head = entries[-1].digest
    entries[2] = resealed(entries[2], person="佐藤")
    for place in range(3, 6):
        entries[place] = resealed(entries[place], previous=entries[place - 1].digest)
    assert verify(entries).whole
    assert verify(entries, head).broken == Broken(id=0, fault=Fault.CUT)


def test_the_same_moment_in_another_zone_is_the_same_entry():
    """A database may give the moment back in any zone."""
    entry = chain(1)[0]
    elsewhere = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=9))))
    assert digest_of(elsewhere) == entry.digest


def test_the_encoding_stands_for_ever():
    """Digests that have been written down must fit in years to come."""
    assert chain(1)[0].digest == "7dfcf4c81658fba450ab1ba8abfe3a3ba98659b88c3ac9294e420652e04cab2a"


@given(st.lists(st.text(), min_size=3, max_size=3), st.lists(st.text(), min_size=3, max_size=3))
def test_no_two_entries_share_an_encoding(one, other):
    """Text can't be moved from one field to the next without changing the digest."""
    fields = ("person", "action", "subject")
    entry = chain(1)[0]
    digests = [digest_of(replace(entry, **dict(zip(fields, texts, strict=True)))) for texts in (one, other)]
    assert (digests[0] == digests[1]) == (one == other)


def test_details_are_written_in_one_way():
    """The order in which they were given leaves no trace."""
    assert canonical({"b": 1, "a": None}) == canonical({"a": None, "b": 1}) == '{"a":null,"b":1}'
