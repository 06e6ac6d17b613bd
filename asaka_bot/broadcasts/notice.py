"""A notice of HR: what it says, to whom and when it goes, and the states it passes through.

    draft -> awaiting -> scheduled -> sent -> recalled
      |         |            |         '----> cancelled    what had not left yet does not leave
      |         |            |-> missed       nothing ran when its time came
      |         '-> draft    '-> cancelled
      '-> scheduled | sent   nobody else has to approve

A repeating notice stays `scheduled`; each of its days makes a notice of its own.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from asaka_bot.broadcasts.staff import Office
from asaka_bot.outgoing import Address, Link, Translation


class NoticeState(StrEnum):
    """Where a notice stands; how far its deliveries are is counted from the outbox."""

    DRAFT = "draft"  # 下書き
    AWAITING = "awaiting"  # 承認待ち: its recipients are frozen
    SCHEDULED = "scheduled"  # 予約: leaves at its time
    SENT = "sent"  # in the outbox
    MISSED = "missed"  # its time came while nothing ran, and the day has passed
    CANCELLED = "cancelled"  # 中止: what has not left does not leave
    RECALLED = "recalled"  # 取り消し: what had arrived has been replaced

    @property
    def label(self) -> str:
        """As it is shown."""
        return _LABELS[self]


_LABELS = {
    NoticeState.DRAFT: "下書き",
    NoticeState.AWAITING: "承認待ち",
    NoticeState.SCHEDULED: "予約中",
    NoticeState.SENT: "送信",
    NoticeState.MISSED: "送れず",
    NoticeState.CANCELLED: "中止",
    NoticeState.RECALLED: "取り消し済み",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What people read and press."""

    title: str
    body: str  # paragraphs, parted by empty lines
    source: str = ""  # the section of the plan it stands on
    topics: tuple[str, ...] = ()  # ids of the bot's topics
    links: tuple[Link, ...] = ()
    confirm: bool = False  # 確認しました
    answers: tuple[str, ...] = ()  # 参加, 不参加, 未定; answering confirms too
    respond_by: date | None = None  # the last day
    replies: bool = True  # people can write back
    translations: tuple[Translation, ...] = ()
    urgent: bool = False

    @property
    def wants_response(self) -> bool:
        """Whether people are asked to press something."""
        return self.confirm or bool(self.answers)


class RepeatKind(StrEnum):
    """How a notice repeats; each is a rule of the reminders' calendar."""

    WEEKLY = "weekly"
    NTH_WEEKDAY = "nth-weekday"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A rule; on closed days it moves to the working day before."""

    kind: RepeatKind
    at: time  # in Tokyo
    weekday: int = 0  # weekly, nth-weekday: 0 is Monday
    number: int = 1  # nth-weekday: 1 to 4; -1 is the last
    month: int = 1  # yearly
    day: int = 1  # yearly
    until: date | None = None  # its last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """To whom, and when. Without a moment and a repeat: at once."""

    audience: str = ""  # as `audience_text.parse` reads it; empty: to nobody by name
    posts: tuple[Address, ...] = ()  # channels of Slack and Teams, web:everyone
    send_at: datetime | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as it is kept. The recipients are counted as frozen; 0 while it is a draft."""

    id: int
    version: int  # counts up with each change; whoever acts on an older one is told so
    state: NoticeState
    content: Content
    plan: Plan
    made_by: str
    made_at: datetime
    submitted_by: str = ""
    submitted_at: datetime | None = None
    recipients: int = 0
    unreachable: int = 0  # of these
    approved_by: str = ""
    approved_at: datetime | None = None
    reviewed_by: str = ""  # 事後確認 of an urgent one that left without approval
    reviewed_at: datetime | None = None
    sent_at: datetime | None = None
    ended_by: str = ""  # who cancelled or recalled it
    ended_at: datetime | None = None
    note: str = ""  # why it was sent back, missed, cancelled or recalled
    series: int | None = None  # the repeating notice that it comes from
    confirmed: int = 0
    rounds: int = 0  # 再通知 so far

    @property
    def needs_review(self) -> bool:
        """Whether it left by the urgent path and nobody else has looked at it yet."""
        return self.content.urgent and self.sent_at is not None and not (self.approved_by or self.reviewed_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person has to agree to before a notice leaves."""

    id: str  # quiet-hours | duplicate | unreachable
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of a notice that was to be sent: its new state, or questions and no change at all."""

    state: NoticeState
    recipients: int = 0
    questions: tuple[Question, ...] = ()


class Stand(StrEnum):
    """How far the notice is with one person, over all their channels."""

    WAITING = "waiting"  # 送信待ち: in the outbox, or its outcome is being looked up
    ARRIVED = "arrived"  # 送信済み: a platform has it
    HELD = "held"  # 到達不明: a person decides
    DEAD = "dead"  # 送れず: refused for good
    CANCELLED = "cancelled"  # 中止
    UNREACHABLE = "unreachable"  # no address

    @property
    def label(self) -> str:
        """As it is shown."""
        return _STANDS[self]


_STANDS = {
    Stand.WAITING: "送信待ち",
    Stand.ARRIVED: "送信済み",
    Stand.HELD: "到達不明",
    Stand.DEAD: "送れず",
    Stand.CANCELLED: "中止",
    Stand.UNREACHABLE: "宛先なし",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """People counted; the six stands together are all recipients."""

    waiting: int = 0
    arrived: int = 0
    held: int = 0
    dead: int = 0
    cancelled: int = 0
    unreachable: int = 0
    confirmed: int = 0

    @property
    def people(self) -> int:
        """All of them."""
        return self.waiting + self.arrived + self.held + self.dead + self.cancelled + self.unreachable

    @property
    def unconfirmed(self) -> int:
        """Who has not confirmed."""
        return self.people - self.confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """再通知: once more to those who had not confirmed."""

    number: int  # from 1
    sent_at: datetime
    sent_by: str  # empty: unknown, from before it was kept
    people: int  # whom it went to
    confirmed: int  # who confirmed from then on, until the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The live page of a notice, for all recipients or for one office."""

    notice: Notice
    total: Tally
    offices: tuple[tuple[Office, Tally], ...]  # by the first two steps (部/課), in order
    reasons: tuple[tuple[str, int], ...]  # why deliveries are dead, held or unreachable, the most frequent first
    answers: tuple[tuple[str, int], ...]  # each answer button and how many chose it
    from_posts: int  # who confirmed below a channel post without being a recipient
    seconds_left: float | None  # until the last one has left, by the platforms' budgets; None: nothing waits
    can_remind: str = ""  # empty: 再通知 is possible; else why not
    own_office: Office = ()  # 所属長: only this office is counted
    rounds: tuple[Round, ...] = ()  # in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One recipient, by name."""

    staff_id: str
    name: str
    office: str
    title: str
    stand: Stand
    reason: str = ""
    confirmed_at: datetime | None = None
    confirmed_by: str = ""  # 代理確認: who did it for them
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReply:
    """What a person wrote back to HR."""

    id: int
    notice: int
    title: str  # of the notice
    staff_id: str
    name: str
    office: str
    text: str
    received_at: datetime
    handled_by: str = ""
    handled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedList:
    """People whom HR has given a name together."""

    name: str
    staff_ids: tuple[str, ...]
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A notice to start from."""

    id: str
    label: str  # 制度の周知
    content: Content
    plan: Plan = field(default_factory=Plan)
