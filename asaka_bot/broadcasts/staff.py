"""A person of the staff directory, with the classes of 職位 and 任用形態 that audiences are made of."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

Office = tuple[str, ...]  # ("総務部", "職員課", "人事係"): the way down the tree

# NFKC would replace 神 by 神 and the like in people's names; these characters stay as they were written.
_FOLDED = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
_OFFICE_STEP = re.compile(r"[/>→\s]+")


class Position(StrEnum):
    """職位 as audiences know it, from the title; the order is that of rank."""

    HEAD = "所属長"  # leads an office: 課長, 室長, 館長 …
    MANAGER = "管理職員"  # other managers: 部長, 次長, 課長補佐 …
    CHIEF = "係長級"
    SENIOR = "主任級"
    STAFF = "一般"

    @property
    def rank(self) -> int:
        """0 is the highest."""
        return list(Position).index(self)


class Employment(StrEnum):
    """任用形態."""

    REGULAR = "常勤"
    REAPPOINTED = "再任用"
    FIXED_TERM = "会計年度任用職員"
    LIMITED = "任期付職員"
    TEMPORARY = "臨時的任用職員"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as the last import knows them; all text is normalised as `normal` does."""

    staff_id: str
    name: str
    office: Office
    title: str  # 職位 as written: 課長補佐; empty where there is none
    employment: Employment
    email: str = ""  # in lower case; empty: none
    workplace: str = ""
    active: bool = True  # False: has left

    @property
    def position(self) -> Position:
        """The class of the title."""
        return position_of(self.title)

    @property
    def order(self) -> tuple[Office, int, str]:
        """How lists are sorted: by office, then by rank, then by number."""
        return (self.office, self.position.rank, self.staff_id)


def normal(text: str) -> str:
    """Text in one form: full-width letters and half-width kana folded (NFKC), spaces single, nothing unprintable."""
    folded = _FOLDED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return "".join(c for c in " ".join(folded.split()) if c.isprintable())


def office_of(text: str) -> Office:
    """The way down the tree in 「総務部/職員課/人事係」; / ＞ → and spaces part its steps."""
    return tuple(step for step in _OFFICE_STEP.split(normal(text)) if step)


def office_text(office: Office) -> str:
    """総務部/職員課/人事係."""
    return "/".join(office)


# The longest ending that fits decides; 課長補佐 doesn't end in 課長. A 級 (課長級) is pay, not an office to lead.
_ENDINGS = {
    Position.HEAD: "課長 室長 所長 館長 園長 場長 支所長 事務局長 センター長 会計管理者 所属長",
    Position.MANAGER: "部長 次長 局長 理事 参事 審議監 管理監 主幹 副課長 副室長 副所長 副館長 副園長 課長補佐 室長補佐 "
    "所長補佐 館長補佐 園長補佐 補佐 課長代理 部長級 次長級 課長級 課長補佐級 副課長級 管理職 管理職員 市長 副市長 教育長",
    Position.CHIEF: "係長 副主幹 主査 専門員 担当長 班長 係長級 主査級",
    Position.SENIOR: "主任 主任級",
}
_BY_LENGTH = sorted(
    ((ending, position) for position, endings in _ENDINGS.items() for ending in endings.split()),
    key=lambda pair: -len(pair[0]),
)
_TITLE_STEP = re.compile(r"[兼・、,()/\s]+")


def position_of(title: str) -> Position:
    """The class of a title; of several (主幹兼人事係長) the highest counts."""
    parts = [part for part in _TITLE_STEP.split(normal(title)) if part]
    return min((_class_of(part) for part in parts), key=lambda found: found.rank, default=Position.STAFF)


def _class_of(title: str) -> Position:
    for ending, position in _BY_LENGTH:
        if title.endswith(ending):
            return position
    return Position.SENIOR if title.startswith("主任") else Position.STAFF  # 主任保育士, 主任栄養士


# What HR systems write, each beginning enough to tell; the first that fits counts.
_EMPLOYMENT_BEGINNINGS = (
    (Employment.FIXED_TERM, ("会計年度", "パートタイム会計年度", "フルタイム会計年度", "会任")),
    (Employment.REAPPOINTED, ("再任用", "暫定再任用", "定年前再任用")),
    (Employment.LIMITED, ("任期付",)),
    (Employment.TEMPORARY, ("臨時",)),
    (Employment.REGULAR, ("常勤", "正規", "正職員", "一般職", "任期の定めのない")),
)


def employment_of(text: str) -> Employment | None:
    """The 任用形態 meant, None where it is none that is known."""
    written = normal(text).replace(" ", "")
    for employment, beginnings in _EMPLOYMENT_BEGINNINGS:
        if written.startswith(beginnings):
            return employment
    return None
