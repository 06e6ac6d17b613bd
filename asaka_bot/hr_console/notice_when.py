"""When a notice leaves, as a person types it: at once, on a day and an hour, or again and again."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from asaka_bot.answering import dates
from asaka_bot.broadcasts.notice import Plan, Repeat, RepeatKind
from asaka_bot.broadcasts.notice_repeats import NUMBERS, month_day
from asaka_bot.errors import DateError
from asaka_bot.tokyo import TOKYO, clock

FIELDS = (
    "when",
    "day",
    "time",
    "repeat-kind",
    "repeat-weekday",
    "repeat-number",
    "repeat-day",
    "repeat-time",
    "repeat-until",
)
_TIME = re.compile(r"(午前|午後|am|pm)?\s*(\d{1,2})(?:\s*[:時.]\s*(?:(\d{1,2})\s*分?|(半))?)?", re.IGNORECASE)
_Complain = Callable[[str, str], None]


def read_when(typed: Mapping[str, str], today: date, complain: _Complain) -> tuple[datetime | None, Repeat | None]:
    """The moment and the repeat meant on `today`; `complain` takes a field and what is wrong with it."""
    if typed["when"] == "at":
        return _moment(typed, today, complain), None
    if typed["when"] == "repeat":
        return None, _repeat(typed, today, complain)
    return None, None


def typed_when(plan: Plan) -> Mapping[str, str]:
    """The fields filled in as the plan is."""
    if plan.send_at is not None:
        local = plan.send_at.astimezone(TOKYO)
        return {"when": "at", "day": written_day(local.date()), "time": clock(local)}
    repeat = plan.repeat
    if repeat is None:
        return {"when": "now"}
    return {
        "when": "repeat",
        "repeat-kind": repeat.kind.value,
        "repeat-weekday": str(repeat.weekday),
        "repeat-number": str(repeat.number),
        "repeat-day": f"{repeat.month}月{repeat.day}日",
        "repeat-time": f"{repeat.at.hour}:{repeat.at:%M}",
        "repeat-until": written_day(repeat.until) if repeat.until else "",
    }


def written_day(day: date) -> str:
    """令和8年11月30日, as `dates.parse` reads it back."""
    return f"令和{day.year - 2018}年{day.month}月{day.day}日" if day.year > 2018 else day.isoformat()


def read_day(typed: Mapping[str, str], name: str, today: date, complain: _Complain) -> date | None:
    """The day in a field that isn't empty."""
    try:
        return dates.parse(typed[name], today, dates.Lean.FUTURE)
    except DateError as error:
        complain(name, f"{error}。")
        return None


def parse_time(text: str) -> time | None:
    """8:30, 8時半, 午後3時; None where it is no time of a day."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    half, hour, minute = (found[1] or "").lower(), int(found[2]), 30 if found[4] else int(found[3] or 0)
    if half and hour > 12:
        return None
    if half:
        hour = hour % 12 + (12 if half in ("午後", "pm") else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _moment(typed: Mapping[str, str], today: date, complain: _Complain) -> datetime | None:
    day = None
    if not typed["day"]:
        complain("day", "送る日を入力してください。")
    else:
        day = read_day(typed, "day", today, complain)
    at = _time(typed, "time", complain)
    if day is not None and day < today:
        complain("day", "送る日が過ぎています。今日以降の日にしてください。")
        return None
    return datetime.combine(day, at, TOKYO) if day and at is not None else None


def _repeat(typed: Mapping[str, str], today: date, complain: _Complain) -> Repeat | None:
    at, until = _time(typed, "repeat-time", complain), None
    if typed["repeat-until"]:
        until = read_day(typed, "repeat-until", today, complain)
        if until is not None and until < today:
            complain("repeat-until", "最後の日が過ぎています。今日以降の日にするか、空けてください。")
    try:
        kind = RepeatKind(typed["repeat-kind"])
    except ValueError:
        complain("repeat-kind", "くり返し方を選んでください。")
        return None
    month, day = _month_day(typed, complain) if kind is RepeatKind.YEARLY else (1, 1)
    weekday, number = _chosen(typed["repeat-weekday"], range(7), 0), _chosen(typed["repeat-number"], NUMBERS, 1)
    if at is None:
        return None
    return Repeat(kind=kind, at=at, weekday=weekday, number=number, month=month, day=day, until=until)


def _time(typed: Mapping[str, str], name: str, complain: _Complain) -> time | None:
    at = parse_time(typed[name])
    if at is None and typed[name]:
        complain(name, f"時刻「{typed[name][:20]}」が読み取れません。8:30 や 午後1時 の形で書いてください。")
    elif at is None:
        complain(name, "時刻を入力してください。")
    return at


def _month_day(typed: Mapping[str, str], complain: _Complain) -> tuple[int, int]:
    found = month_day(typed["repeat-day"])
    if found is None:
        complain("repeat-day", "月と日を、11月30日 の形で書いてください。")
    return found or (1, 1)


def _chosen(written: str, known: object, otherwise: int) -> int:
    number = int(written) if written in ("-1", "0", "1", "2", "3", "4", "5", "6") else otherwise
    return number if number in known else otherwise  # type: ignore[operator]
