"""Rules, calendar and suspensions become occurrences: what is sent on which day, what is not, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Address, Message
from asaka_bot.reminders.recurrence import WhenClosed
from asaka_bot.reminders.rules import Audience, Rule, RuleDay, Schedule
from asaka_bot.reminders.suspension import Suspension, covering
from asaka_bot.reminders.wording import LOOK_AHEAD, Wording, short_date
from asaka_bot.tokyo import TOKYO


class Status(StrEnum):
    """What becomes of one date of one rule."""

    PLANNED = "planned"  # it will be sent
    MERGED = "merged"  # it is a line in the message of another rule
    SKIPPED = "skipped"  # city hall is closed and the rule says to leave it out
    SUSPENDED = "suspended"  # HR paused it; it is not sent afterwards either
    SENT = "sent"  # its message has been handed to the outbox
    MISSED = "missed"  # the bot was down until it was too late


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One date of one rule; there is never a second one for the same rule and day."""

    rule: str
    day: date
    due_at: datetime  # of a merged one: when the message that carries it is due
    until: datetime  # the last moment at which it may still leave
    title: str
    audience: Audience
    destinations: tuple[Address, ...]
    priority: int
    status: Status
    note: str  # Japanese, for HR: why it moved, was merged, skipped or suspended, and what is to be confirmed
    message: Message | None = None  # of planned ones


Decided = Mapping[tuple[str, date], Occurrence]
_Draft = tuple[Rule, RuleDay, Occurrence]


def occurrences(
    schedule: Schedule, first: date, last: date, suspensions: Iterable[Suspension] = ()
) -> tuple[Occurrence, ...]:
    """Everything that falls on `first`..`last`, both included, by time.

    What falls on one day for the same audience and destinations becomes one message: the rule of best priority is
    planned and carries the others, which are merged.
    """
    paused = tuple(suspensions)
    drafts = [_draft(rule, day, paused) for rule, day in schedule.rule_days(first, last)]
    made = [occurrence for _, _, occurrence in drafts if occurrence.status is not Status.PLANNED]
    wording = Wording(schedule, first, last, _paused_days(schedule, first, last, paused))
    together: dict[object, list[_Draft]] = defaultdict(list)
    for draft in drafts:
        rule, day, occurrence = draft
        if occurrence.status is Status.PLANNED:
            together[day.day, rule.audience, frozenset(rule.destinations)].append(draft)
    for group in together.values():
        made += _merged(sorted(group, key=lambda d: (d[0].priority, d[0].at, d[0].id)), wording)
    return _by_time(made)


def with_decided(computed: Iterable[Occurrence], decided: Decided) -> tuple[Occurrence, ...]:
    """What the rules give, with what the database has already decided in its place, by time.

    Decided ones of rules that no longer exist stay: they happened.
    """
    known = {(each.rule, each.day): each for each in computed}
    return _by_time((known | dict(decided)).values())


def _by_time(made: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    return tuple(sorted(made, key=lambda o: (o.due_at, o.audience, o.status is not Status.PLANNED, o.priority, o.rule)))


def _draft(rule: Rule, when: RuleDay, suspensions: tuple[Suspension, ...]) -> _Draft:
    due_at = datetime.combine(when.day, rule.at, TOKYO)
    status, notes = Status.PLANNED, _notes(rule, when)
    if when.skipped:
        status, notes = Status.SKIPPED, [f"{when.closed_because}のため送りません。"]
    elif (pause := covering(suspensions, rule.id, when.day, due_at)) is not None:
        days = short_date(pause.first_day)
        days += "" if pause.first_day == pause.last_day else f"〜{short_date(pause.last_day)}"
        status, notes = Status.SUSPENDED, [f"職員課が休止しています（{days}）：{pause.reason}"]
    occurrence = Occurrence(
        rule=rule.id,
        day=when.day,
        due_at=due_at,
        until=datetime.combine(when.day, rule.until, TOKYO),
        title=rule.title,
        audience=rule.audience,
        destinations=rule.destinations,
        priority=rule.priority,
        status=status,
        note="".join(notes),
    )
    return rule, when, occurrence


def _notes(rule: Rule, when: RuleDay) -> list[str]:
    notes = []
    if when.moved:
        where = "前の" if rule.when_closed is WhenClosed.PREVIOUS else "次の"
        notes.append(f"{short_date(when.nominal)}は{when.closed_because}のため、{where}開庁日に移しました。")
    if rule.assumed:
        notes.append(f"要確認：{rule.assumed}")
    if when.day > rule.validity.last:
        notes.append(f"要確認：計画の期間（{japanese_date(rule.validity.last)}まで）より後の日です。")
    return notes


def _merged(group: list[_Draft], wording: Wording) -> list[Occurrence]:
    """One message for a group that is sorted by rank: the first carries the rest."""
    (rule, when, host), *others = group
    message = wording.message(rule, when, [(other, day) for other, day, _ in others])
    made = [replace(host, message=message)]
    for _, _, other in others:
        note = f"「{rule.title}」（{rule.id}）の中でお知らせします。"
        carried = replace(other, status=Status.MERGED, due_at=host.due_at, until=host.until)
        made.append(replace(carried, note=note + other.note))
    return made


def _paused_days(
    schedule: Schedule, first: date, last: date, suspensions: tuple[Suspension, ...]
) -> frozenset[tuple[str, date]]:
    """Days of the rules that texts name as the next one, on which HR has paused them."""
    if not suspensions:
        return frozenset()
    latest = min(max(last, *(s.last_day for s in suspensions)), last + LOOK_AHEAD)
    found = set()
    for name in set(schedule.next_days.values()) & set(schedule.rules):
        rule = schedule.rules[name]
        for when in rule.days(first, latest, schedule.calendar):
            if covering(suspensions, rule.id, when.day, datetime.combine(when.day, rule.at, TOKYO)):
                found.add((rule.id, when.day))
    return frozenset(found)
