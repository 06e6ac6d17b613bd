"""Find dates written the Japanese way: 令和9年3月10日, R9.3.10, 2027/3/10, 来年の3月10日, 3/10."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum

from asaka_bot.errors import DateError

_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_KANJI = {c: n for n, c in enumerate("〇一二三四五六七八九")}
_KANJI_NUMBER = re.compile(
    r"(?<![〇一二三四五六七八九十])(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[〇一二三四五六七八九]{1,4})(?=[年月日])"
)
_NUMBER = r"(\d{1,2})"
_FULL = re.compile(
    rf"(?<![\d])(?:(?P<era>令和|平成|昭和|(?<![A-Za-z])[RHS])\s*(?P<era_year>\d{{1,2}}|元)|(?P<year>(?:19|20)\d{{2}}))\s*[年./-]\s*"
    rf"{_NUMBER}\s*[月./-]\s*{_NUMBER}\s*日?(?!\d)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"(?:(?P<word>再来年|来年|翌年|今年|本年|去年|昨年|おととし|一昨年|来月|今月|先月)の?\s*)?"
    r"(?:(?<![\d./-])(?P<month>\d{1,2})\s*[月/]\s*)?(?<![\d.-])(?P<day>\d{1,2})\s*(?P<end>日)?(?![\d/.-]|[月時分人回週年か歳%])"
)
_YEAR_WORDS = {
    "再来年": 2,
    "来年": 1,
    "翌年": 1,
    "今年": 0,
    "本年": 0,
    "去年": -1,
    "昨年": -1,
    "おととし": -2,
    "一昨年": -2,
}
_MONTH_WORDS = {"来月": 1, "今月": 0, "先月": -1}


class Lean(Enum):
    """Which way a date without a year points."""

    FUTURE = "future"  # a due date: the next such day
    PAST = "past"  # a birth date: the last such day


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text, and where it stands in the NFKC form of the text."""

    day: date
    start: int
    end: int


def parse(text: str, today: date, lean: Lean = Lean.FUTURE) -> date:
    """The one date that `text` is.

    Raises:
        DateError: it is no date, or a day that does not exist.
    """
    found = find(text, today, lean)
    if len(found) != 1:
        raise DateError(
            f"日付「{text.strip()[:30]}」が読み取れません。2027-02-10 や 令和9年2月10日 の形で書いてください"
        )
    return found[0].day


def find(text: str, today: date, lean: Lean = Lean.FUTURE) -> list[FoundDate]:
    """Every date in `text`, in order.

    Raises:
        DateError: a day that does not exist, such as 2月30日.
    """
    text = _KANJI_NUMBER.sub(lambda m: str(_kanji_number(m.group())), unicodedata.normalize("NFKC", text))
    found = []
    for match in _FULL.finditer(text):
        found.append(FoundDate(_day(_year(match), int(match[4]), int(match[5])), *match.span()))
    taken = [(f.start, f.end) for f in found]
    for match in _RELATIVE.finditer(text):
        if any(match.start() < end and start < match.end() for start, end in taken):
            continue
        if (day := _relative(match, today, lean)) is not None:
            found.append(FoundDate(day, *match.span()))
    return sorted(found, key=lambda f: f.start)


def _kanji_number(digits: str) -> int:
    if "十" not in digits:
        return int("".join(str(_KANJI[c]) for c in digits))
    tens, _, ones = digits.partition("十")
    return (_KANJI[tens] if tens else 1) * 10 + (_KANJI[ones] if ones else 0)


def _year(match: re.Match[str]) -> int:
    if match["year"]:
        return int(match["year"])
    return _ERAS[match["era"].upper()] + (1 if match["era_year"] == "元" else int(match["era_year"]))


def _relative(match: re.Match[str], today: date, lean: Lean) -> date | None:
    word, month, number = match["word"], match["month"], int(match["day"])
    if word in _MONTH_WORDS and not month:
        index = today.year * 12 + today.month - 1 + _MONTH_WORDS[word]
        return _day(index // 12, index % 12 + 1, number)
    if not month or (not match["end"] and "/" not in match.group()):
        return None
    if word in _YEAR_WORDS:
        return _day(today.year + _YEAR_WORDS[word], int(month), number)
    years = range(today.year - 4, today.year + 5)
    days = [d for y in years if (d := _existing(y, int(month), number))]
    if not days:
        return _day(today.year, int(month), number)
    if lean is Lean.FUTURE:
        return min(d for d in days if d >= today)
    return max(d for d in days if d <= today)


def _existing(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _day(year: int, month: int, number: int) -> date:
    day = _existing(year, month, number)
    if day is None:
        raise DateError(f"{year}年{month}月{number}日という日はありません。日付を確かめて、もう一度入力してください")
    return day
