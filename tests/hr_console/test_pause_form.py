"""The pause form: what is accepted, and what is said of the rest."""

from datetime import date

import pytest

from asaka_bot.hr_console.pause_form import MOST_CHARACTERS, Wish, read
from asaka_bot.hr_console.ports import RuleName

TODAY = date(2026, 11, 24)
RULES = [RuleName(id="no-overtime-friday", title="ノー残業推奨デー")]
GOOD = {"rule": "", "first": "12月1日", "last": "令和8年12月11日", "reason": " 議会のため "}


def test_a_period_in_japanese():
    """Dates are read as people write them; no rule means all."""
    expected = Wish(rule=None, first=date(2026, 12, 1), last=date(2026, 12, 11), reason="議会のため")
    assert read(GOOD, RULES, TODAY).wish == expected


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"rule": "no-such-rule"}, "rule", "選び直して"),
        ({"first": ""}, "first", "初日を入力"),
        ({"first": "2月30日"}, "first", "という日はありません"),
        ({"last": "らいげつ"}, "last", "読み取れません"),
        ({"last": "2026-11-30"}, "last", "初日より前"),
        ({"first": "2026-11-01", "last": "2026-11-23"}, "last", "もう過ぎて"),
        ({"first": "2026-12-01", "last": "2027-12-02"}, "last", "366日まで"),
        ({"reason": "  "}, "reason", "理由を入力"),
        ({"reason": "あ" * (MOST_CHARACTERS + 1)}, "reason", "200文字まで"),
    ],
)
def test_what_is_wrong_stands_at_its_field(change, field, said):
    """One mistake gives one error, in Japanese, and keeps what was typed."""
    form = read(GOOD | change, RULES, TODAY)
    assert form.wish is None
    assert list(form.errors) == [field]
    assert said in form.errors[field]
    assert form.typed["reason"] == (GOOD | change)["reason"].strip()


@pytest.mark.parametrize(
    "change",
    [
        {"first": "2026-12-01", "last": "2027-12-01"},  # 366 days
        {"first": "2026-11-24", "last": "2026-11-24"},  # today alone
        {"first": "2026-11-20", "last": "2026-11-24"},  # entered late
        {"reason": "あ" * MOST_CHARACTERS},
        {"rule": "no-overtime-friday"},
    ],
)
def test_limits_are_within(change):
    """What lies just at a limit is accepted."""
    assert read(GOOD | change, RULES, TODAY).wish is not None


def test_an_empty_form_names_every_field():
    """Nothing filled in gives an error for each field that needs something."""
    assert list(read({}, RULES, TODAY).errors) == ["first", "last", "reason"]
