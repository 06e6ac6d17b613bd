"""What falls on a day: merged, moved, skipped, suspended; each rule once a day."""

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asaka_bot.outgoing import Address
from asaka_bot.reminders.calendar import MonthDay, Span, WorkingDays
from asaka_bot.reminders.occurrences import Occurrence, Status, occurrences, with_decided
from asaka_bot.reminders.recurrence import DayRange, FixedDate, Weekly, WhenClosed
from asaka_bot.reminders.rules import Audience, Schedule, Season, Validity
from asaka_bot.reminders.suspension import Suspension
from asaka_bot.tokyo import TOKYO

WEDNESDAY = date(2026, 6, 3)
ELSEWHERE = (Address(channel="slack", to="C1"),)


@pytest.fixture(scope="module")
def of(make_rule):
    """Occurrences of rules given as (id, fields), all on Wednesdays unless told otherwise."""

    def made(*rules, first=WEDNESDAY, last=WEDNESDAY, suspensions=()) -> dict[str, Occurrence]:
        built = [make_rule(name, **({"when": Weekly(weekday=2)} | fields)) for name, fields in rules]
        schedule = Schedule(rules={r.id: r for r in built}, calendar=WorkingDays())
        return {o.rule: o for o in occurrences(schedule, first, last, suspensions)}

    return made


def pause(**given) -> Suspension:
    plain = {"id": 1, "rule": None, "first_day": WEDNESDAY, "last_day": WEDNESDAY, "reason": "台風", "made_by": "hr"}
    return Suspension(**(plain | given))


def test_the_best_priority_carries_the_others(of):
    """One message a day: the others are lines in it and go out with it."""
    found = of(("weak", {"priority": 50, "at": time(8)}), ("strong", {"priority": 10, "at": time(10)}))
    host, other = found["strong"], found["weak"]
    assert (host.status, other.status) == (Status.PLANNED, Status.MERGED)
    assert host.message is not None
    assert host.message.also == ("weakでもあります。",)
    assert other.message is None
    assert (other.due_at, other.until) == (host.due_at, host.until)
    assert "strongのお知らせ" in other.note
    assert "strong）" in other.note


def test_other_audiences_and_places_are_not_merged(of):
    """Only what the same people read in the same places becomes one message."""
    found = of(("a", {}), ("b", {"audience": Audience.MANAGERS}), ("c", {"destinations": ELSEWHERE}))
    assert {o.status for o in found.values()} == {Status.PLANNED}


def test_where_the_host_is_suspended_the_others_merge_among_themselves(of):
    """A suspended rule carries its reason and nothing else."""
    found = of(("a", {"priority": 1}), ("b", {"priority": 2}), ("c", {"priority": 3}), suspensions=[pause(rule="a")])
    assert [found[n].status for n in "abc"] == [Status.SUSPENDED, Status.PLANNED, Status.MERGED]
    assert "台風" in found["a"].note
    assert found["a"].message is None
    assert "「bのお知らせ」（b）" in found["c"].note


def test_resuming_early_frees_only_what_comes_after(of):
    """What came due before HR resumed stays suspended: there is no backlog."""
    resumed = pause(ended_at=datetime.combine(WEDNESDAY, time(12), TOKYO))
    found = of(("morning", {}), ("evening", {"at": time(13), "audience": Audience.MANAGERS}), suspensions=[resumed])
    assert [found[n].status for n in ("morning", "evening")] == [Status.SUSPENDED, Status.PLANNED]


def test_a_suspension_ends_after_its_last_day(of):
    """The day after is sent again without anybody doing anything."""
    week = {"when": DayRange(span=Span(first=MonthDay(month=6, day=1), last=MonthDay(month=6, day=5)))}
    built = of(("w", week), first=date(2026, 6, 4), last=date(2026, 6, 4), suspensions=[pause()])
    assert built["w"].status is Status.PLANNED


def test_a_skipped_day_is_listed_with_its_reason(of):
    """A holiday is never silent."""
    found = of(("a", {}), first=date(2026, 9, 23), last=date(2026, 9, 23), suspensions=[pause()])
    assert (found["a"].status, found["a"].note) == (Status.SKIPPED, "秋分の日のため送りません。")


@pytest.mark.parametrize(
    ("when_closed", "day", "note"),
    [
        (WhenClosed.PREVIOUS, date(2026, 9, 18), "9月23日（水）は秋分の日のため、前の開庁日に移しました。"),
        (WhenClosed.NEXT, date(2026, 9, 24), "9月23日（水）は秋分の日のため、次の開庁日に移しました。"),
    ],
)
def test_a_moved_day_says_so(of, when_closed, day, note):
    """The note names the holiday and where the reminder went; it is found on its new day only."""
    fields = {"when": FixedDate(day=MonthDay(month=9, day=23)), "when_closed": when_closed}
    assert of(("a", fields), first=day, last=day)["a"].note == note
    assert of(("a", fields), first=date(2026, 9, 23), last=date(2026, 9, 23)) == {}


def test_two_dates_of_a_rule_never_share_a_day(make_rule):
    """Where dates move onto one day it is kept once, as the one that stands there by itself."""
    span = Span(first=MonthDay(month=9, day=18), last=MonthDay(month=9, day=25))
    rule = make_rule("r", when=DayRange(span=span), when_closed=WhenClosed.PREVIOUS)
    days = rule.days(date(2026, 9, 1), date(2026, 9, 30), WorkingDays())
    assert [d.day.day for d in days] == [18, 24, 25]  # 21st to 23rd are holidays and would all move to the 18th
    assert not days[0].moved
    late = make_rule("r", when=DayRange(span=Span(first=MonthDay(month=9, day=21), last=span.last)),
                     when_closed=WhenClosed.PREVIOUS)  # fmt: skip
    first, *_ = late.days(date(2026, 9, 1), date(2026, 9, 30), WorkingDays())
    assert (first.day, first.nominal) == (date(2026, 9, 18), date(2026, 9, 21))  # the earliest of those that moved


def test_season_and_validity(make_rule):
    """Out of season there is nothing; before the plan nothing; after the plan it stays, to be confirmed."""
    plan = Validity(first=date(2026, 4, 1), last=date(2031, 3, 31))
    rule = make_rule("r", when=Weekly(weekday=2), validity=plan, season=Season(months=frozenset({3, 4})))
    schedule = Schedule(rules={"r": rule}, calendar=WorkingDays())
    assert {o.day.month for o in occurrences(schedule, date(2027, 1, 1), date(2027, 12, 31))} == {3, 4}
    assert occurrences(schedule, date(2026, 3, 1), date(2026, 3, 31)) == ()
    after = occurrences(schedule, date(2031, 4, 1), date(2031, 4, 2))
    assert [(o.status, "要確認" in o.note) for o in after] == [(Status.PLANNED, True)]


def test_decided_ones_take_the_place_of_computed_ones(of):
    """The database's word counts, also for a rule that is gone."""
    (computed,) = of(("a", {})).values()
    missed = Occurrence(**{f: getattr(computed, f) for f in computed.__slots__} | {"status": Status.MISSED})
    gone = Occurrence(**{f: getattr(computed, f) for f in computed.__slots__} | {"rule": "gone", "status": Status.SENT})
    shown = with_decided([computed], {("a", WEDNESDAY): missed, ("gone", WEDNESDAY): gone})
    assert {o.rule: o.status for o in shown} == {"a": Status.MISSED, "gone": Status.SENT}


@settings(max_examples=25)
@given(st.dates(date(2026, 4, 1), date(2036, 3, 1)), st.integers(0, 40), st.integers(0, 40))
def test_two_stretches_give_what_the_whole_gives(shipped, first, one, two):
    """Asking day by day, as the clock does, gives exactly the year that HR sees, texts included."""
    middle, last = date.fromordinal(first.toordinal() + one), date.fromordinal(first.toordinal() + one + two + 1)
    after = date.fromordinal(middle.toordinal() + 1)
    assert occurrences(shipped, first, last) == (
        *occurrences(shipped, first, middle),
        *occurrences(shipped, after, last),
    )
