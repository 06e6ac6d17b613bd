"""The audit log as a chain: each entry carries a digest over itself and the entry before it.

Whoever changes, removes, inserts or swaps entries breaks the chain at that place. Two things leave no break: cutting
off the newest entries, and making all entries anew from some place to the end. Against both, the head of the chain is
written down outside, out of reach of whoever has the database in hand, and looked for again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

GENESIS = "0" * 64  # what stands before the first entry
_FORM = "asaka-audit-1"  # of the encoding below; another form would need another name

Details = Mapping[str, str | int | None]


class Action(StrEnum):
    """What people do that is recorded. The values stand in the log for ever: add, don't rename."""

    PAUSE = "reminder.pause"  # subject: the pause
    RESUME = "reminder.resume"  # subject: the pause
    TEST = "reminder.test"  # subject: the rule
    DECIDE = "delivery.decide"  # subject: the marker of the delivery
    RELEASE = "sending.release"  # subject: the newest hold
    STAFF_IMPORT = "staff.import"  # subject: the import
    STAFF_UNDO = "staff.undo"  # subject: the import
    NOTICE_WRITE = "notice.write"  # subject of these: the notice
    NOTICE_DISCARD = "notice.discard"
    NOTICE_SUBMIT = "notice.submit"
    NOTICE_APPROVE = "notice.approve"
    NOTICE_SEND_BACK = "notice.send_back"
    NOTICE_SEND = "notice.send"
    NOTICE_REVIEW = "notice.review"
    NOTICE_TEST = "notice.test"
    NOTICE_EDIT = "notice.edit"
    NOTICE_CANCEL = "notice.cancel"
    NOTICE_RECALL = "notice.recall"
    NOTICE_REMIND = "notice.remind"
    NOTICE_PROXY = "notice.proxy"
    NOTICE_EXPORT = "notice.export"
    REPLY_HANDLED = "notice.reply_handled"  # subject: the reply
    LIST_KEEP = "list.keep"  # subject: the name of the list
    LIST_REMOVE = "list.remove"  # the same
    SIGN_IN = "session.sign_in"  # subject: the beginning of the session's digest
    SIGN_OUT = "session.sign_out"  # the same
    ROLE_GIVE = "role.give"  # subject: the e-mail of the person
    SETTING_CHANGE = "setting.change"  # subject: the name of the setting
    BACKUP = "database.backup"  # subject: the name of the file
    RESTORE = "database.restore"  # the same


class Fault(StrEnum):
    """In which way a chain is broken."""

    CHANGED = "changed"  # the entry is not what was recorded
    MISSING = "missing"  # entries have been removed here
    OUT_OF_ORDER = "out-of-order"  # the entry doesn't follow on the one before: swapped, inserted, or made anew
    CUT = "cut"  # the head that was written down is no longer there: the newest entries were removed or made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One action of one person; it holds ids, never the text of a message."""

    id: int  # counts up by one
    at: datetime
    person: str
    action: str  # an `Action`; a string, as a tampered log may hold anything
    subject: str  # the id of what was acted on
    details: str  # canonical JSON
    previous: str  # digest of the entry before
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first place at which a chain doesn't hold."""

    id: int  # of the entry; of the first missing one; 0 for CUT, which has no place
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a look at the whole chain found."""

    entries: int  # that hold; up to the break, where there is one
    head: str  # digest of the last of them
    broken: Broken | None

    @property
    def whole(self) -> bool:
        """Whether the chain holds from its first entry to its last."""
        return self.broken is None


def canonical(details: Details) -> str:
    """The one way in which details are written."""
    return json.dumps(dict(details), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(entry: Entry) -> str:
    """SHA-256 over all fields of the entry but its own digest, as a JSON list in UTC and ASCII."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [_FORM, entry.id, at, entry.person, entry.action, entry.subject, entry.details, entry.previous]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")).hexdigest()


def seal(
    last: tuple[int, str] | None, *, at: datetime, person: str, action: Action, subject: str, details: Details
) -> Entry:
    """The entry that follows on `last`, its id and digest; None begins the chain."""
    number, previous = last or (0, GENESIS)
    made = Entry(
        id=number + 1,
        at=at,
        person=person,
        action=action.value,
        subject=subject,
        details=canonical(details),
        previous=previous,
        digest="",
    )
    return replace(made, digest=digest_of(made))


class Chain:
    """Walks along a chain, one entry at a time in the order of their ids, and keeps nothing but the last link."""

    def __init__(self, noted: str | None = None) -> None:
        """`noted` is a head that was written down outside; it must turn up on the way."""
        self._noted = noted
        self._found = noted is None or noted == GENESIS
        self._entries, self._id, self._head = 0, 0, GENESIS

    def follow(self, entry: Entry) -> Broken | None:
        """Take the next entry; what is wrong with it, None where it holds."""
        expected = self._id + 1
        if entry.id > expected:
            return Broken(id=expected, fault=Fault.MISSING)
        if entry.id < expected or entry.previous != self._head:
            return Broken(id=entry.id, fault=Fault.OUT_OF_ORDER)
        if entry.digest != digest_of(entry):
            return Broken(id=entry.id, fault=Fault.CHANGED)
        self._entries, self._id, self._head = self._entries + 1, entry.id, entry.digest
        self._found = self._found or entry.digest == self._noted
        return None

    def verdict(self, broken: Broken | None = None) -> Verdict:
        """What the walk found: `broken`, where it ended early, or else whether the noted head was met."""
        if broken is None and not self._found:
            broken = Broken(id=0, fault=Fault.CUT)
        return Verdict(entries=self._entries, head=self._head, broken=broken)


def verify(entries: Iterable[Entry], noted: str | None = None) -> Verdict:
    """Whether `entries`, in the order of their ids, are a whole chain that holds the head `noted`."""
    chain = Chain(noted)
    for entry in entries:
        broken = chain.follow(entry)
        if broken:
            return chain.verdict(broken)
    return chain.verdict()
