"""What the HR console needs of the reminders, the outbox, the staff directory, the roles and the audit log.

What acts for a person, or reads what not everybody may, takes the actor and raises `NotPermittedError` where the
table of roles doesn't let them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, Protocol

from asaka_bot.audit import Entry, Verdict
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.broadcasts.staff import Person
from asaka_bot.broadcasts.staff_changes import Changes
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.delivery.outage import Outage
from asaka_bot.hr_console.notice_ports import Notices
from asaka_bot.hr_console.sessions import SessionStore
from asaka_bot.roles import Actor, HrRole

if TYPE_CHECKING:  # loaded where an OpenID Connect provider is configured
    from asaka_bot.hr_console.accounts import Accounts

Decision = Literal["resend", "sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One due day of one rule: what will happen, or what did."""

    rule: str
    title: str
    day: date
    due_at: datetime
    audience: str
    status: str  # planned | merged | skipped | suspended | sent | missed
    note: str  # why it was merged, skipped, suspended or missed
    kind: str  # for colour and letter, see `words.KINDS`
    assumed: str = ""  # what the plan leaves open and the rule assumes
    text: str = ""  # the whole message as it is read


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleName:
    """A rule to choose from."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Days on which all rules, or one, stay silent."""

    id: int
    rule: str | None  # None: all
    first_day: date
    last_day: date
    reason: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None  # resumed before its last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message that reached 職員課: a reminder of its own, or one that it tried on itself."""

    title: str
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A message that left, with its deliveries counted by state (`delivery.outbox.State`)."""

    message_id: int
    title: str
    kind: str  # outgoing.Kind
    created_at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A delivery that only a person can settle."""

    marker: str
    title: str
    recipient: str
    channel: str
    state: str  # held | dead
    reason: str
    since: datetime


class Reminders(Protocol):
    """The year of reminders, and how HR steers it."""

    async def preview(self, actor: Actor, first: date, last: date) -> Sequence[Planned]:
        """Every due day from `first` to `last`, both included, in order of time."""

    def rules(self) -> Sequence[RuleName]:
        """All rules."""

    def warnings(self) -> Sequence[str]:
        """What HR should look after, such as a year whose holidays nobody has confirmed; sentences."""

    async def pauses(self, actor: Actor) -> Sequence[Pause]:
        """All pauses, the newest first."""

    async def pause(self, actor: Actor, rule: str | None, first: date, last: date, reason: str) -> None:
        """Keep `rule`, or all rules, silent from `first` to `last`."""

    async def resume(self, actor: Actor, pause: int) -> bool:
        """End a pause now; False where it has ended already or never was."""

    async def send_test(self, actor: Actor, rule: str) -> None:
        """Send the next text of `rule` to `web:hr-test`."""

    async def tried(self, actor: Actor, limit: int) -> Sequence[Arrived]:
        """What arrived at `web:hr-test`, the newest first."""

    async def for_hr(self, actor: Actor, limit: int) -> Sequence[Arrived]:
        """What arrived at `web:hr`, the newest first: the reminders that only 職員課 gets."""


class Deliveries(Protocol):
    """The outbox as HR sees it."""

    async def recent(self, actor: Actor, limit: int) -> Sequence[Shipment]:
        """The last messages, the newest first."""

    async def undecided(self, actor: Actor) -> Sequence[Undecided]:
        """All deliveries that wait for a person, the oldest first; with empty recipients where names are not to be seen."""

    async def decide(self, actor: Actor, marker: str, decision: Decision) -> bool:
        """Send it again, or take it as sent; False where somebody else was faster."""

    async def hold(self, actor: Actor) -> str | None:
        """Why nothing leaves at present, None while all is well."""

    async def outages(self, actor: Actor) -> Sequence[Outage]:
        """The platforms that take nothing from the bot at present."""

    async def release(self, actor: Actor) -> None:
        """Let everything leave again."""


class Audit(Protocol):
    """What people did, as it was recorded."""

    async def latest(self, actor: Actor, limit: int, before: int | None = None) -> Sequence[Entry]:
        """The newest entries first; with `before` those older than the entry of that id."""

    async def verify(self, actor: Actor) -> Verdict:
        """Whether the log is as it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An import that waits for a person's confirmation."""

    file: str
    changes: Changes
    ignored: Sequence[str]  # headings that were not read


class Import(Protocol):
    """An import that was made; the counts are people."""

    @property
    def id(self) -> int:
        """By which it is undone."""

    @property
    def made_by(self) -> str:
        """Who confirmed it."""

    @property
    def made_at(self) -> datetime:
        """When."""

    @property
    def file(self) -> str:
        """The name of the file."""

    @property
    def joined(self) -> int:
        """New people."""

    @property
    def moved(self) -> int:
        """People about whom something changed."""

    @property
    def left(self) -> int:
        """People who were no longer in the file."""

    @property
    def undone_at(self) -> datetime | None:
        """When it was taken back."""


class Staff(Protocol):
    """The staff directory."""

    async def people(self, actor: Actor) -> Sequence[Person]:
        """All active people, in order."""

    async def draft(self, actor: Actor, roster: Roster, *, file: str) -> str:
        """Compare a roster without conflicts with the directory and keep that for an hour; its token."""

    async def find_draft(self, actor: Actor, token: str) -> Draft | None:
        """What the actor has drafted, None where it has expired, was used, or belongs to somebody else."""

    async def confirm(self, actor: Actor, token: str) -> int:
        """Make the drafted changes; the number of the import.

        Raises:
            StaffError: there is no such draft any more, or the directory has changed since.
        """

    async def undo(self, actor: Actor, *, number: int | None = None) -> Import:
        """Take the last import back. Raises `StaffError` where there is none, or `number` is another."""

    async def history(self, actor: Actor, limit: int) -> Sequence[Import]:
        """The last imports, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """Somebody with a role."""

    person: str  # e-mail in lower case
    role: HrRole
    name: str  # empty where the staff directory doesn't know them
    left: bool  # the role is worth nothing any more
    named: bool  # by the environment; can't be changed here
    given_by: str
    given_at: datetime | None


class Roles(Protocol):
    """Who has which role, and what the office has decided."""

    async def actor_of(self, person: str) -> Actor:
        """The person as they are known at this moment. Raises `StoreError` where that can't be found out."""

    async def people(self, actor: Actor) -> Sequence[RoleLine]:
        """Everybody with a role."""

    async def give(self, actor: Actor, person: str, role: HrRole | None) -> bool:
        """Give a role, or none; False where nothing changes. Raises `RoleError` where that can't be."""

    async def rules(self, actor: Actor) -> OfficeRules:
        """The rules of the office."""

    async def change_rules(self, actor: Actor, rules: OfficeRules) -> int:
        """Change them; how many of them are new."""

    async def configuration(self, actor: Actor) -> Sequence[tuple[str, str]]:
        """What the environment has decided, without secrets: names and values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A calendar to subscribe to."""

    title: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything that the console reaches."""

    sessions: SessionStore
    reminders: Reminders
    deliveries: Deliveries
    audit: Audit
    staff: Staff
    roles: Roles
    notices: Notices
    feeds: Sequence[Feed]
    accounts: "Accounts | None" = None  # None: people sign in by links alone
