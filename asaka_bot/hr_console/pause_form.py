"""The form by which HR pauses reminders: what was typed, what it means, and what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from asaka_bot.answering import dates
from asaka_bot.errors import DateError
from asaka_bot.hr_console.ports import RuleName

LONGEST = timedelta(days=366)
MOST_CHARACTERS = 200  # of the reason
REASONS = ("台風のため", "選挙のため", "議会のため", "その他")
_FIELDS = ("rule", "first", "last", "reason")
_KEPT = 400  # characters of a field that are shown again


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A pause that can be made."""

    rule: str | None
    first: date
    last: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseForm:
    """The form as filled in; ``wish`` is None where ``errors`` (by field) has any."""

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    wish: Wish | None = None


def read(form: Mapping[str, str], rules: Sequence[RuleName], today: date) -> PauseForm:
    """What a person filled in on `today`."""
    typed = {name: form.get(name, "").strip()[:_KEPT] for name in _FIELDS}
    errors: dict[str, str] = {}
    if typed["rule"] and typed["rule"] not in [rule.id for rule in rules]:
        errors["rule"] = "このリマインダーはありません。一覧から選び直してください。"
    first = _day(typed, "first", "初日", today, errors.__setitem__)
    last = _day(typed, "last", "最終日", today, errors.__setitem__)
    if first and last and (wrong := _wrong_period(first, last, today)):
        errors["last"] = wrong
    if not typed["reason"]:
        errors["reason"] = "理由を入力してください。あとで見たときに分かる、短い言葉で十分です。"
    elif len(typed["reason"]) > MOST_CHARACTERS:
        errors["reason"] = f"理由は{MOST_CHARACTERS}文字までです（今は{len(typed['reason'])}文字）。短くしてください。"
    if errors or first is None or last is None:
        return PauseForm(typed=typed, errors=errors)
    wish = Wish(rule=typed["rule"] or None, first=first, last=last, reason=typed["reason"])
    return PauseForm(typed=typed, wish=wish)


def _day(
    typed: Mapping[str, str], name: str, title: str, today: date, complain: Callable[[str, str], None]
) -> date | None:
    if not typed[name]:
        complain(name, f"{title}を入力してください。")
        return None
    try:
        return dates.parse(typed[name], today, dates.Lean.FUTURE)
    except DateError as error:
        complain(name, f"{error}。")
        return None


def _wrong_period(first: date, last: date, today: date) -> str:
    if last < first:
        return "最終日が初日より前です。初日と同じ日か、それより後の日にしてください。"
    if last < today:
        return "この期間はもう過ぎています。今日以降の日を含めてください。"
    if (last - first) + timedelta(days=1) > LONGEST:
        return f"一度に止められるのは{LONGEST.days}日までです。最終日を早めてください。"
    return ""
