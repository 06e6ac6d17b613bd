"""A rule of the calendar: which days it names, who reads it, where it goes, what it says; and the schedule of all rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum

from asaka_bot.messages import Option
from asaka_bot.outgoing import Address
from asaka_bot.reminders.calendar import ONE_DAY, Span, WorkingDays
from asaka_bot.reminders.recurrence import Recurrence, WhenClosed, settled

_MARGIN = timedelta(days=45)  # a date may move this far over the edge of the days asked for


class Audience(StrEnum):
    """Who reads a reminder."""

    EVERYONE = "everyone"  # 全職員
    MANAGERS = "managers"  # 所属長・管理職員
    HR = "hr"  # 職員課

    @property
    def label(self) -> str:
        """As people at city hall say it."""
        return {"everyone": "全職員", "managers": "所属長・管理職員", "hr": "職員課"}[self.value]


class Subject(StrEnum):
    """What a reminder is about; gives it its colour in calendars."""

    OVERTIME = "overtime"  # 定時退庁
    LEAVE = "leave"  # 休暇
    FAMILY = "family"  # 妊娠・育児・介護
    HARASSMENT = "harassment"  # ハラスメント
    FIGURES = "figures"  # 計画の数字と公表

    @property
    def label(self) -> str:
        """As people at city hall say it."""
        return {
            "overtime": "定時退庁",
            "leave": "休暇",
            "family": "妊娠・育児・介護",
            "harassment": "ハラスメント",
            "figures": "計画の数字と公表",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The part of the year in which a rule holds; empty: the whole year."""

    months: frozenset[int] = frozenset()
    span: Span | None = None

    def __contains__(self, day: date) -> bool:
        return (not self.months or day.month in self.months) and (self.span is None or day in self.span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The days on which a rule is known to hold: the period of the plan it comes from."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One way to say it; may hold placeholders."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reminder of the calendar."""

    id: str
    title: str  # how calendars and notes call it
    subject: Subject
    when: Recurrence
    when_closed: WhenClosed
    at: time
    until: time  # later that day it does not leave any more
    audience: Audience
    destinations: tuple[Address, ...]
    priority: int  # of several on one day the smallest is the message, the others are lines in it
    texts: tuple[Text, ...]
    line: str  # what it says in the message of another rule
    closing: str = ""  # added on the last day of a week
    footer: str = ""  # added to every text, where its placeholders are known
    links: tuple[Option, ...] = ()
    source: str = ""
    validity: Validity
    season: Season = field(default_factory=Season)
    assumed: str = ""  # why its date is not the plan's own; empty where the plan gives it

    def days(self, first: date, last: date, calendar: WorkingDays) -> tuple["RuleDay", ...]:
        """What the rule comes to on `first`..`last`, skipped days included, by date.

        Two of its dates may move onto one day (a range with holidays in it). That day is kept once: as the date that
        stands there by itself, or else the earliest that moved; the others are not listed.
        """
        kept: dict[date, RuleDay] = {}
        for run in self.when.runs(first - _MARGIN, last + _MARGIN, calendar):
            for each in self._of_run(run, calendar):
                before = kept.get(each.day)
                if before is None or (each.moved, each.nominal) < (before.moved, before.nominal):
                    kept[each.day] = each
        return tuple(kept[day] for day in sorted(kept) if first <= day <= last and day >= self.validity.first)

    def _of_run(self, run: tuple[date, ...], calendar: WorkingDays) -> list["RuleDay"]:
        nominals = [day for day in run if day in self.season]
        sent = [settled(day, self.when_closed, calendar) for day in nominals]
        final = max((day for day in sent if day is not None), default=None)
        return [
            RuleDay(
                nominal=nominal,
                day=day or nominal,
                skipped=day is None,
                closed_because=calendar.closed_because(nominal),
                ends_run=len(run) > 1 and day is not None and day == final,
            )
            for nominal, day in zip(nominals, sent, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDay:
    """One date of one rule."""

    nominal: date  # the date that the rule names
    day: date  # the date on which it is sent, or would have been
    skipped: bool
    closed_because: str  # why city hall is closed on the nominal date
    ends_run: bool  # the last day that is sent of a week

    @property
    def moved(self) -> bool:
        """Whether the calendar moved it to another day."""
        return self.day != self.nominal


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """All rules, the calendar they live in, and what their placeholders stand for."""

    rules: Mapping[str, Rule]
    calendar: WorkingDays
    figures: Mapping[str, str] = field(default_factory=dict)  # {target_hours} -> 6.9, from the knowledge base
    next_days: Mapping[str, str] = field(default_factory=dict)  # {next_complete_day} -> the rule whose next day it is

    def rule_days(self, first: date, last: date) -> tuple[tuple[Rule, RuleDay], ...]:
        """Every date of every rule on `first`..`last`."""
        return tuple((rule, day) for rule in self.rules.values() for day in rule.days(first, last, self.calendar))


def fiscal_year(day: date) -> int:
    """The Japanese fiscal year of a day: April to March."""
    return day.year - (day.month < 4)


def fiscal_year_days(year: int) -> tuple[date, date]:
    """The first and last day of a fiscal year."""
    return date(year, 4, 1), date(year + 1, 4, 1) - ONE_DAY
