"""Reminders, outbox, roles and sessions in memory, which behave as the real ones do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from asaka_bot.delivery.outage import Outage
from asaka_bot.hr_console.ports import (
    Arrived,
    Decision,
    Feed,
    Pause,
    Planned,
    Ports,
    RuleName,
    Shipment,
    Undecided,
)
from asaka_bot.roles import Actor, HrRole, Permission
from asaka_bot.tokyo import TOKYO
from tests.fakes.audit import MemoryAudit
from tests.fakes.notices import MemoryNotices
from tests.fakes.roles import MemoryRoles
from tests.fakes.staff import MemoryStaff

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
FEEDS = (Feed(title="全職員", path="/calendar.ics"), Feed(title="職員課用", path="/calendar/hr.ics?key=abc"))
_WEDNESDAY, _FRIDAY = 2, 4
_HOLIDAYS = (date(2026, 4, 29), date(2026, 9, 23), date(2026, 12, 30), date(2027, 1, 1))
_TITLES = {
    "no-overtime-wednesday": "ノー残業デー",
    "no-overtime-friday": "ノー残業推奨デー",
    "complete-no-overtime-day": "ノー残業デー完全実施日",
    "on-time-leaving-week": "定時退庁推進週間",
    "leave-plan-quarterly": "休暇取得予定表の作成",
    "harassment-notice": "ハラスメント相談窓口のご案内",
    "disability-figures": "障害者任免状況の報告",
}
_KINDS = {
    "no-overtime-wednesday": "overtime",
    "no-overtime-friday": "overtime",
    "complete-no-overtime-day": "overtime",
    "on-time-leaving-week": "overtime",
    "leave-plan-quarterly": "leave",
    "harassment-notice": "harassment",
    "disability-figures": "figures",
}
_TEXT = "今日はノー残業デーです。\n\n17時15分になったら、仕事に区切りをつけて帰りましょう。急ぎでない仕事は、明日に回せないか考えてみてください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session as the store gives it."""

    person: str
    role: HrRole | None
    csrf: str
    made_at: datetime
    expires_at: datetime


@dataclass
class MemorySessions:
    """Links and sessions in memory."""

    links: dict[str, tuple[str, HrRole | None, datetime]] = field(default_factory=dict)
    open: dict[str, OpenSession] = field(default_factory=dict)
    renewals: int = 0

    async def add_link(self, *, digest: str, person: str, role: HrRole | None, expires_at: datetime) -> None:
        self.links[digest] = (person, role, expires_at)

    async def redeem(self, *, link: str, session: str, csrf: str, now: datetime, expires_at: datetime) -> str | None:
        person, role, until = self.links.pop(link, ("", None, now))
        if until <= now:
            return None
        await self.begin(session=session, person=person, csrf=csrf, now=now, expires_at=expires_at)
        self.open[session] = replace(self.open[session], role=role)
        return person

    async def begin(self, *, session: str, person: str, csrf: str, now: datetime, expires_at: datetime) -> None:
        self.open = {digest: kept for digest, kept in self.open.items() if kept.expires_at > now}
        self.open[session] = OpenSession(person=person, role=None, csrf=csrf, made_at=now, expires_at=expires_at)

    async def find(self, digest: str, *, now: datetime) -> OpenSession | None:
        kept = self.open.get(digest)
        return kept if kept and kept.expires_at > now else None

    async def renew(self, digest: str, *, expires_at: datetime) -> None:
        self.renewals += 1
        if digest in self.open:
            self.open[digest] = replace(self.open[digest], expires_at=expires_at)

    async def close(self, digest: str) -> None:
        self.open.pop(digest, None)


@dataclass
class MemoryReminders:
    """A plausible year, computed anew from the pauses at each look."""

    now: datetime = NOW
    kept: list[Pause] = field(default_factory=list)
    tests: list[Arrived] = field(default_factory=list)
    own: list[Arrived] = field(default_factory=list)
    log: list[tuple[str, object, str]] = field(default_factory=list)
    unconfirmed: tuple[str, ...] = ()

    async def preview(self, actor: Actor, first: date, last: date) -> Sequence[Planned]:
        actor.require(Permission.SEE)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [self._decided(rule, day) for day in days for rule in _rules_of(day)]

    def rules(self) -> Sequence[RuleName]:
        return [RuleName(id=rule, title=title) for rule, title in _TITLES.items()]

    def warnings(self) -> Sequence[str]:
        return self.unconfirmed

    async def pauses(self, actor: Actor) -> Sequence[Pause]:
        actor.require(Permission.SEE)
        return sorted(self.kept, key=lambda pause: pause.id, reverse=True)

    async def pause(self, actor: Actor, rule: str | None, first: date, last: date, reason: str) -> None:
        actor.require(Permission.STEER_REMINDERS)
        self.kept.append(
            Pause(
                id=len(self.kept) + 1,
                rule=rule,
                first_day=first,
                last_day=last,
                reason=reason,
                made_by=actor.person,
                made_at=self.now,
                ended_at=None,
            )
        )

    async def resume(self, actor: Actor, pause: int) -> bool:
        actor.require(Permission.STEER_REMINDERS)
        for place, kept in enumerate(self.kept):
            if kept.id == pause and kept.ended_at is None:
                self.kept[place] = replace(kept, ended_at=self.now)
                self.log.append(("resume", pause, actor.person))
                return True
        return False

    async def send_test(self, actor: Actor, rule: str) -> None:
        actor.require(Permission.STEER_REMINDERS)
        self.log.append(("test", rule, actor.person))
        self.tests.insert(0, Arrived(title=_TITLES[rule], text=_TEXT, received_at=self.now))

    async def tried(self, actor: Actor, limit: int) -> Sequence[Arrived]:
        actor.require(Permission.SEE)
        return self.tests[:limit]

    async def for_hr(self, actor: Actor, limit: int) -> Sequence[Arrived]:
        actor.require(Permission.SEE)
        return self.own[:limit]

    def _decided(self, rule: str, day: date) -> Planned:
        due = datetime.combine(day, time(8, 30), TOKYO)
        status, note = "sent" if due < self.now else "planned", ""
        if any(_silences(pause, rule, day) for pause in self.kept):
            status, note = "suspended", next(p.reason for p in self.kept if _silences(p, rule, day))
        elif day in _HOLIDAYS:
            status, note = "skipped", "閉庁日のため"
        elif rule != _rules_of(day)[0]:
            status, note = "merged", f"「{_TITLES[_rules_of(day)[0]]}」にまとめます"
        elif day == date(2026, 6, 3):
            status, note = "missed", "ボットが止まっていたため"
        assumed = "計画に日付がないため、第3水曜日としています。" if rule == "complete-no-overtime-day" else ""
        return Planned(
            rule=rule,
            title=_TITLES[rule],
            day=day,
            due_at=due,
            audience={"leave-plan-quarterly": "managers", "disability-figures": "hr"}.get(rule, "everyone"),
            status=status,
            note=note,
            kind=_KINDS[rule],
            assumed=assumed,
            text=_TEXT,
        )


@dataclass
class MemoryDeliveries:
    """An outbox in memory."""

    waiting: list[Undecided] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    held: str | None = None
    out: list[Outage] = field(default_factory=list)
    decided: list[tuple[str, str, str]] = field(default_factory=list)
    released_by: str | None = None

    async def recent(self, actor: Actor, limit: int) -> Sequence[Shipment]:
        actor.require(Permission.SEE)
        return self.shipments[:limit]

    async def undecided(self, actor: Actor) -> Sequence[Undecided]:
        actor.require(Permission.SEE)
        names = actor.may(Permission.SEE_NAMES)
        return tuple(one if names else replace(one, recipient="") for one in self.waiting)

    async def decide(self, actor: Actor, marker: str, decision: Decision) -> bool:
        actor.require(Permission.SETTLE_DELIVERIES)
        left = [one for one in self.waiting if one.marker != marker]
        found = len(left) < len(self.waiting)
        self.waiting = left
        if found:
            self.decided.append((marker, decision, actor.person))
        return found

    async def hold(self, actor: Actor) -> str | None:
        actor.require(Permission.SEE)
        return self.held

    async def outages(self, actor: Actor) -> Sequence[Outage]:
        actor.require(Permission.SEE)
        return self.out

    async def release(self, actor: Actor) -> None:
        actor.require(Permission.RELEASE_SENDING)
        self.held, self.released_by = None, actor.person


def ports(
    sessions: MemorySessions | None = None,
    reminders: MemoryReminders | None = None,
    deliveries: MemoryDeliveries | None = None,
    audit: MemoryAudit | None = None,
    staff: MemoryStaff | None = None,
    roles: MemoryRoles | None = None,
    notices: MemoryNotices | None = None,
) -> Ports:
    return Ports(
        sessions=sessions or MemorySessions(),
        reminders=reminders or MemoryReminders(),
        deliveries=deliveries or MemoryDeliveries(),
        audit=audit or MemoryAudit(),
        staff=staff or MemoryStaff(now=NOW),
        roles=roles or MemoryRoles(),
        notices=notices or MemoryNotices(now=NOW),
        feeds=FEEDS,
    )


def busy() -> tuple[MemoryReminders, MemoryDeliveries]:
    """A year with a pause, and an outbox with all that can go wrong."""
    reminders = MemoryReminders(
        kept=[
            _pause(1, None, date(2026, 9, 7), date(2026, 9, 9), "台風15号のため", ended=True),
            _pause(2, "no-overtime-friday", date(2026, 12, 1), date(2026, 12, 11), "議会のため", ended=False),
        ],
        unconfirmed=("2027年の祝日と閉庁日を、まだ確認していません。schedules/calendar.yaml を確かめてください。",),
    )
    deliveries = MemoryDeliveries(
        waiting=[
            _undecided("a1", "ノー残業デー", "都市計画課チャネル", "teams", "held", "送信中に接続が切れました"),
            _undecided("a2", "ノー残業デー", "こども未来課チャネル", "teams", "held", "送信中に接続が切れました"),
            _undecided("a3", "休暇取得予定表の作成", "managers", "slack", "dead", "チャネルが見つかりません"),
        ],
        shipments=[
            _shipment(3, "ノー残業デー", {"sent": 809, "held": 2, "pending": 1, "sending": 1}),
            _shipment(2, "ノー残業推奨デー", {"sent": 813}),
            _shipment(1, "休暇取得予定表の作成", {"sent": 61, "dead": 1, "cancelled": 3}),
        ],
    )
    return reminders, deliveries


def _silences(pause: Pause, rule: str, day: date) -> bool:
    # Resuming takes no day back that has passed.
    last = pause.last_day if pause.ended_at is None else min(pause.last_day, pause.ended_at.astimezone(TOKYO).date())
    return pause.rule in (None, rule) and pause.first_day <= day <= last


def _rules_of(day: date) -> list[str]:
    found = []
    if day.weekday() == _WEDNESDAY and 15 <= day.day <= 21:
        found.append("complete-no-overtime-day")
    if day.month == 10 and day.day <= 7 and day.weekday() < 5:
        found.append("on-time-leaving-week")
    if (day.month, day.day) in ((4, 1), (7, 1), (10, 1), (1, 4)):
        found.append("leave-plan-quarterly")
    if (day.month, day.day) in ((6, 1), (4, 1)):
        found.append("disability-figures")
    if (day.month, day.day) in ((5, 11), (12, 1)):
        found.append("harassment-notice")
    if day.weekday() == _WEDNESDAY:
        found.append("no-overtime-wednesday")
    if day.weekday() == _FRIDAY:
        found.append("no-overtime-friday")
    return found


def _pause(number: int, rule: str | None, first: date, last: date, reason: str, *, ended: bool) -> Pause:
    made = datetime.combine(first - timedelta(days=1), time(16, 5), TOKYO)
    return Pause(
        id=number,
        rule=rule,
        first_day=first,
        last_day=last,
        reason=reason,
        made_by="職員課",
        made_at=made,
        ended_at=made + timedelta(days=2) if ended else None,
    )


def _undecided(marker: str, title: str, recipient: str, channel: str, state: str, reason: str) -> Undecided:
    return Undecided(
        marker=marker,
        title=title,
        recipient=recipient,
        channel=channel,
        state=state,
        reason=reason,
        since=NOW - timedelta(days=6),
    )


def _shipment(number: int, title: str, counts: Mapping[str, int]) -> Shipment:
    return Shipment(
        message_id=number,
        title=title,
        kind="reminder",
        created_at=NOW - timedelta(days=8 - 2 * number),
        counts=counts,
    )
