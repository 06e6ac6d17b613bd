"""Channel-neutral words: what a person sent, and the reply that every channel renders in its own way."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Decision(StrEnum):
    """What the bot decided to do with a question."""

    ANSWER = "answer"  # the topic is clear
    CHOOSE = "choose"  # several fit; it asks back
    DECLINE = "decline"  # not in the knowledge base; it says so and names a desk
    URGENT = "urgent"  # signs of danger; the urgent contacts come first


class Tag(StrEnum):
    """On whose word a line stands, as the reader sees it."""

    PLAN = "計画"
    LAW = "法令"
    NATIONAL = "国の基準（参考）"
    CITY = "職員課に確認"
    CITY_RULE = "市の規則"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """A source as shown below an answer."""

    label: str
    locator: str
    certainty: str  # plan | law | national | city
    page: int | None = None
    url: str | None = None

    def __str__(self) -> str:
        page = f"（{self.page}ページ）" if self.page else ""
        return f"{self.label} {self.locator}".strip() + page


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One statement: its text, its tag, the numbers of its sources (1-based), for whom, whether to check again."""

    text: str
    tag: Tag
    sources: tuple[int, ...]
    audience: str = ""
    expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something to press: a topic, with the facet to lead with."""

    label: str
    topic: str
    facet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk inside city hall to turn to."""

    title: str
    purpose: str
    details: tuple[str, ...] = ()  # 内線 123, 本庁舎3階 …: only what HR has filled in


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentLine:
    """A number to call; ``dial`` is what a telephone link dials, empty where there is nothing to dial."""

    title: str
    number: str
    hours: str
    dial: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRow:
    """A line of the table of dates that follow from a birth."""

    id: str
    title: str
    start: date
    end: date
    basis: str
    tag: Tag
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Everything that a channel needs to show one reply."""

    decision: Decision
    lead: str  # the first sentence, read aloud first
    topic: str | None = None
    title: str = ""
    facet: str | None = None
    ranked: tuple[str, ...] = ()  # topic ids, best first, at most 5
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()  # names easily confused, what is not recorded, …
    dates: tuple[DateRow, ...] = ()
    sources: tuple[SourceNote, ...] = ()
    choices: tuple[Option, ...] = ()
    facets: tuple[Option, ...] = ()
    related: tuple[Option, ...] = ()
    urgent: tuple[UrgentLine, ...] = ()
    desk: Desk | None = None
    sensitive: bool = False


def japanese_date(day: date) -> str:
    """令和9年2月10日（水） for a day since 2019-05-01, 2018年… before."""
    year = f"令和{day.year - 2018}年" if day >= date(2019, 5, 1) else f"{day.year}年"
    return f"{year.replace('令和1年', '令和元年')}{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）"


def plain_text(reply: Reply) -> str:
    """The whole reply as text, for terminals, notifications and the JSON of `asaka-bot ask`."""
    blocks = [reply.lead]
    if reply.urgent:
        blocks.append("\n".join(_urgent_line(u) for u in reply.urgent))
    if reply.dates:
        blocks.append("\n".join(_date_line(row) for row in reply.dates))
    for section in reply.sections:
        blocks.append("\n".join([f"■ {section.heading}", *(_line(line) for line in section.lines)]))
    blocks.extend(reply.notes)
    if reply.choices:
        blocks.append("\n".join(f"{n}. {c.label}" for n, c in enumerate(reply.choices, 1)))
    if reply.desk:
        blocks.append(
            f"【相談先】{reply.desk.title}（{reply.desk.purpose}）" + "".join(f" {d}" for d in reply.desk.details)
        )
    if reply.sources:
        blocks.append("\n".join(["【出典】", *(f"[{n}] {s}" for n, s in enumerate(reply.sources, 1))]))
    return "\n\n".join(blocks)


def _line(line: Line) -> str:
    cited = "".join(f"[{n}]" for n in line.sources)
    audience = f"（{line.audience}）" if line.audience else ""
    expired = "【要確認：出典の期限が過ぎています】" if line.expired else ""
    return f"・{audience}{line.text}〔{line.tag.value}〕{cited}{expired}"


def _urgent_line(contact: UrgentLine) -> str:
    number = f"：{contact.number}" if contact.number else ""
    return f"▶ {contact.title}{number}（{contact.hours}）" + (f" {contact.note}" if contact.note else "")


def _date_line(row: DateRow) -> str:
    when = japanese_date(row.start) + ("" if row.start == row.end else f"〜{japanese_date(row.end)}")
    return f"・{row.title}：{when}〔{row.tag.value}：{row.basis}〕{row.note}"
