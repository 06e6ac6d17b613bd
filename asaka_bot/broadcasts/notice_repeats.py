"""How a notice repeats and where it is posted, in the words that people choose, write and read."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from asaka_bot.broadcasts.notice import Repeat, RepeatKind
from asaka_bot.broadcasts.notice_checks import POSTED_TO
from asaka_bot.outgoing import Address

WEEKDAYS = ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日")
NUMBERS = {1: "第1", 2: "第2", 3: "第3", 4: "第4", -1: "最終"}
KINDS = {RepeatKind.WEEKLY: "毎週", RepeatKind.NTH_WEEKDAY: "毎月（第何曜日）", RepeatKind.YEARLY: "毎年"}
EVERYONE = Address(channel="web", to="everyone")  # the page of notices in the web chat
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[月/-]\s*(\d{1,2})\s*日?")
_LEAP_YEAR = 2024  # 2月29日 is a day of some years


def repeat_text(repeat: Repeat) -> str:
    """毎月第2水曜日の8:30に."""
    day = {
        RepeatKind.WEEKLY: f"毎週{WEEKDAYS[repeat.weekday]}",
        RepeatKind.NTH_WEEKDAY: f"毎月{NUMBERS.get(repeat.number, '')}{WEEKDAYS[repeat.weekday]}",
        RepeatKind.YEARLY: f"毎年{repeat.month}月{repeat.day}日",
    }[repeat.kind]
    return f"{day}の{repeat.at.hour}:{repeat.at:%M}に"


def month_day(text: str) -> tuple[int, int] | None:
    """6月1日, 6/1; None where no year has such a day."""
    found = _MONTH_DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        day = date(_LEAP_YEAR, int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None
    return (day.month, day.day) if day else None


def read_posts(text: str) -> tuple[Sequence[Address], str]:
    """The channels in `text`, parted by spaces and lines, each once; and the first word that is none, else empty."""
    found, wrong = list[Address](), ""
    for word in text.split():
        try:
            post = Address.parse(word)
        except ValueError:
            post = Address(channel="", to=word)
        if post.channel in POSTED_TO:
            found.append(post)
        else:
            wrong = wrong or word
    return tuple(dict.fromkeys(found)), wrong
