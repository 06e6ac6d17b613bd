"""Every shipped rule over the fiscal years 2026-2035: never on a closed day, never doubled, never missing."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import holidays
import pytest

from asaka_bot.outgoing import as_text
from asaka_bot.reminders.occurrences import Occurrence, Status, occurrences
from asaka_bot.reminders.rules import Audience, Schedule, fiscal_year, fiscal_year_days
from asaka_bot.reminders.wording import Wording

YEARS = range(2026, 2036)
GOLDEN = Path(__file__).with_name("golden.txt")
LIVE = (Status.PLANNED, Status.MERGED)


@pytest.fixture(scope="module")
def decade(shipped: Schedule) -> tuple[Occurrence, ...]:
    return occurrences(shipped, date(2026, 4, 1), date(2036, 3, 31))


@pytest.fixture(scope="module")
def is_closed():
    """Closed days by a library that the product does not use."""
    other = holidays.country_holidays("JP", years=range(2026, 2037))

    def closed(day: date) -> bool:
        return day in other or day.weekday() >= 5 or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)

    return closed


def test_nothing_leaves_on_a_closed_day(decade, is_closed):
    assert [(o.rule, o.day) for o in decade if o.status in LIVE and is_closed(o.day)] == []


def test_skipped_ones_fall_on_closed_days_only(decade, is_closed):
    assert [(o.rule, o.day) for o in decade if o.status is Status.SKIPPED and not is_closed(o.day)] == []


def test_no_rule_comes_twice_on_a_day(decade):
    assert [k for k, n in Counter((o.rule, o.day) for o in decade).items() if n > 1] == []


def test_one_message_a_day_for_each_audience(decade):
    planned = Counter((o.day, o.audience) for o in decade if o.status is Status.PLANNED)
    assert [k for k, n in planned.items() if n > 1] == []


def test_merged_ones_name_a_message_of_that_day_that_carries_their_line(decade):
    hosts = {(o.day, o.audience): o for o in decade if o.status is Status.PLANNED}
    for each in (o for o in decade if o.status is Status.MERGED):
        host = hosts[each.day, each.audience]
        assert f"（{host.rule}）" in each.note
        assert host.message is not None
        assert len(host.message.also) == sum(
            o.status is Status.MERGED and (o.day, o.audience) == (each.day, each.audience) for o in decade
        )
        assert host.priority < each.priority


@pytest.mark.parametrize(
    ("rule", "times"),
    [
        ("complete-no-overtime-day", 12),
        ("on-time-leaving-week-eve", 1),
        ("leave-plan-quarterly", 4),
        ("long-leave-golden-week", 1),
        ("long-leave-obon", 1),
        ("five-days-leave-midyear", 1),
        ("disability-rate-june", 1),
        ("disability-retention-april", 1),
        ("yearly-publication", 1),
        ("disability-publication", 1),
        ("self-declaration-autumn", 1),
        ("overwork-hearing-april", 1),
        ("overwork-hearing-monthly", 12),
        ("harassment-notice", 2),
        ("childcare-notice", 2),
        ("fathers-leave-notice", 1),
        ("caregiving-notice", 2),
        ("fertility-notice", 2),
    ],
)
def test_as_many_in_each_fiscal_year_as_the_plan_says(decade, rule, times):
    found = Counter(fiscal_year(o.day) for o in decade if o.rule == rule and o.status in LIVE)
    assert found == dict.fromkeys(YEARS, times)


@pytest.mark.parametrize(("rule", "weekday"), [("no-overtime-wednesday", 2), ("no-overtime-friday", 4)])
def test_weekly_rules_name_every_week(decade, is_closed, rule, weekday):
    first, last = fiscal_year_days(2026)[0], fiscal_year_days(2035)[1]
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    expected = {d: is_closed(d) for d in days if d.weekday() == weekday}
    assert {o.day: o.status is Status.SKIPPED for o in decade if o.rule == rule} == expected


def test_the_leaving_week_is_each_of_its_working_days(decade, is_closed):
    expected = [date(y, 10, d) for y in YEARS for d in range(1, 8) if not is_closed(date(y, 10, d))]
    assert [o.day for o in decade if o.rule == "on-time-leaving-week"] == expected
    last = {y: max(d for d in expected if d.year == y) for y in YEARS}
    closing = [o.day for o in decade if o.message and any("週間は今日まで" in p for p in o.message.paragraphs)]
    assert closing == list(last.values())


def test_the_complete_day_is_the_third_wednesday_or_the_working_day_before(decade, is_closed):
    for each in (o for o in decade if o.rule == "complete-no-overtime-day"):
        third = each.day
        while third.weekday() != 2 or not 15 <= third.day <= 21:
            third += timedelta(days=1)
        between = (each.day + timedelta(days=n) for n in range(1, (third - each.day).days))
        assert all(is_closed(d) for d in between)
        assert third == each.day or (is_closed(third) and "移しました" in each.note)


def test_after_the_plan_everything_is_to_be_confirmed(decade):
    """Nothing is dropped after 2031-03-31, and no text speaks of the plan's targets any more."""
    later = [o for o in decade if o.day > date(2031, 3, 31) and o.status is Status.PLANNED]
    assert later
    assert all("要確認" in o.note for o in later)
    assert not any("令和12年" in as_text(o.message) for o in later if o.message and o.audience is not Audience.HR)


def test_staff_never_read_what_is_for_hr(decade):
    """要確認 is for HR: no text to staff or managers holds it, and no placeholder stays open."""
    for each in (o for o in decade if o.message):
        text = as_text(each.message)
        assert "{" not in text
        assert each.audience is Audience.HR or "要確認" not in text


@pytest.mark.parametrize(("first", "last"), [(2026, 2030), (2031, 2035)])
def test_neighbouring_messages_of_a_rule_differ(decade, shipped, first, last):
    """In the plan's years, and in those after it, in which texts with its targets are left out."""
    for rule in shipped.rules.values():
        if len(rule.texts) > 1:
            said = [
                o.message for o in decade if o.rule == rule.id and o.message and first <= fiscal_year(o.day) <= last
            ]
            assert all(a.paragraphs[0] != b.paragraphs[0] for a, b in pairwise(said)), rule.id


def test_speaking_of_the_day_names_the_next_complete_day(decade):
    complete = [o.day for o in decade if o.rule == "complete-no-overtime-day"]
    for each in (o for o in decade if o.message and o.rule in ("no-overtime-wednesday", "no-overtime-friday")):
        following = next((d for d in complete if d > each.day), None)
        if following is not None:
            assert f"完全実施日は{following.month}月{following.day}日" in as_text(each.message)


def test_a_suspended_complete_day_is_not_promised(shipped):
    """The next day that is named is one that will really be sent."""
    day = date(2026, 6, 10)
    wording = Wording(shipped, day, day, frozenset({("complete-no-overtime-day", date(2026, 6, 17))}))
    rule = shipped.rules["no-overtime-wednesday"]
    (when,) = rule.days(day, day, shipped.calendar)
    assert "完全実施日は7月15日（水）" in as_text(wording.message(rule, when))


def test_figures_come_from_the_knowledge_base(shipped):
    assert shipped.figures == {
        "target_hours": "6.9", "past_hours": "8.6", "target_leave_days": "16.1", "past_leave_days": "15.3",
    }  # fmt: skip


def test_golden_texts(decade, shipped):
    """What people read in the days around 1 October 2026, and the first message of every rule by itself."""
    week = [o for o in decade if date(2026, 9, 28) <= o.day <= date(2026, 10, 9) and o.message]
    said = [f"## {o.due_at:%Y-%m-%d %H:%M} {o.rule} -> {o.audience}\n\n{as_text(o.message)}" for o in week]
    wording = Wording(shipped, date(2026, 4, 1), date(2031, 3, 31))
    for rule in shipped.rules.values():
        when = next(d for d in rule.days(date(2026, 4, 1), date(2031, 3, 31), shipped.calendar) if not d.skipped)
        said.append(f"## {when.day} {rule.id}\n\n{as_text(wording.message(rule, when))}")
    assert "\n\n".join(said) + "\n" == GOLDEN.read_text(encoding="utf-8")
