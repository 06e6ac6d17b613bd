"""What has come due: it leaves once, within its hours; everything else is written down with its reason."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from asaka_bot.outgoing import Address, Message
from asaka_bot.reminders.due import Known, due, next_due
from asaka_bot.reminders.occurrences import Occurrence, Status
from asaka_bot.reminders.rules import Audience
from asaka_bot.tokyo import TOKYO

DAY = date(2026, 11, 18)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


def occurrence(rule: str = "complete", status: Status = Status.PLANNED, **changes) -> Occurrence:
    message = (
        Message(title="今日は完全実施日です", paragraphs=("定時で帰りましょう。",))
        if status is Status.PLANNED
        else None
    )
    made = Occurrence(
        rule=rule, day=DAY, due_at=at(9), until=at(17, 15), title=rule, audience=Audience.EVERYONE,
        destinations=(Address(channel="web", to="everyone"),), priority=1, status=status, note="", message=message,
    )  # fmt: skip
    return replace(made, **changes)


MIDNIGHT = at(0)


def known(*, since: datetime = MIDNIGHT, decided=None, quiet_until=None) -> Known:
    return Known(
        decided=decided or {}, since=dict.fromkeys(("complete", "weekly", "other"), since), quiet_until=quiet_until
    )


def statuses(groups):
    return [[(o.rule, o.status.value) for o in group] for group in groups]


BOTH = (occurrence(), occurrence("weekly", Status.MERGED))


def test_nothing_leaves_before_its_time():
    """A second early is early."""
    assert due(BOTH, known(), at(9) - timedelta(seconds=1)) == ()
    assert next_due(BOTH, known(), at(8)) == at(9)


def test_host_and_merged_are_one_group():
    """The message leaves once; what it carries is written down with it."""
    assert statuses(due(BOTH, known(), at(9))) == [[("complete", "sent"), ("weekly", "merged")]]


@pytest.mark.parametrize(("now", "status"), [(at(17, 15), "sent"), (at(17, 16), "missed")])
def test_late_that_day_yes_afterwards_never(now, status):
    """Up to the stated time it still leaves; after that it is missed, with its reason."""
    (group,) = due(BOTH, known(), now)
    assert group[0].status.value == status
    if status == "missed":
        assert "17:15" in group[0].note
        assert "送れなかった" in group[1].note
        assert all(o.message is None for o in group)


def test_what_is_decided_is_not_decided_again():
    """A second look at the same day gives nothing."""
    decided = {("complete", DAY): Status.SENT, ("weekly", DAY): Status.MERGED}
    assert due(BOTH, known(decided=decided), at(10)) == ()
    assert next_due(BOTH, known(decided=decided), at(8)) is None


def test_what_joins_after_the_message_has_left_is_missed():
    """A rule added at noon does not vanish silently behind a message that has left."""
    (group,) = due(BOTH, known(decided={("complete", DAY): Status.SENT}), at(12))
    assert [(o.rule, o.status) for o in group] == [("weekly", Status.MISSED)]
    assert "送った後" in group[0].note


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.SUSPENDED])
def test_what_does_not_leave_is_written_down_when_due(status):
    """Skipped and suspended ones get their row at their time, by themselves."""
    one = occurrence("other", status, note="秋分の日のため送りません。")
    assert due((one,), known(), at(8, 59)) == ()
    assert statuses(due((one, *BOTH), known(), at(9))) == [
        [("other", status.value)],
        [("complete", "sent"), ("weekly", "merged")],
    ]


def test_what_was_over_when_a_rule_was_first_seen_concerns_nobody():
    """A fresh start in the evening neither sends nor lists the morning; one at noon still sends today's."""
    assert due(BOTH, known(since=at(18)), at(18)) == ()
    assert statuses(due(BOTH, known(since=at(12)), at(12))) == [[("complete", "sent"), ("weekly", "merged")]]


def test_nothing_from_before_a_release_leaves():
    """After a restore what may have left already is not sent again."""
    (group,) = due(BOTH, known(quiet_until=at(11)), at(11, 30))
    assert {o.status for o in group} == {Status.MISSED}
    assert "控え" in group[0].note


def test_other_readers_get_their_own_message():
    """Each audience and each place has its own group."""
    managers = occurrence("other", audience=Audience.MANAGERS, destinations=(Address(channel="web", to="managers"),))
    assert len(due((*BOTH, managers), known(), at(9))) == 2
