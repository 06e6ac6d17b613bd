"""The shape of schedules/*.yaml, as pydantic models; `building` turns them into frozen rules."""

from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from asaka_bot.knowledge.model import Facet
from asaka_bot.knowledge.schema import Id, Lines, Maybe, Strict
from asaka_bot.outgoing import Address
from asaka_bot.reminders.calendar import MonthDay, Span
from asaka_bot.reminders.recurrence import Point, WhenClosed
from asaka_bot.reminders.rules import Audience, Subject

_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_LEAP_YEAR = 2028


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _month_day(written: Any) -> MonthDay:
    month, dash, day = str(written).partition("-")
    if not (dash and month.isdecimal() and day.isdecimal()):
        raise ValueError("月日は 10-01 の形で書いてください")
    try:
        date(_LEAP_YEAR, int(month), int(day))
    except ValueError:
        raise ValueError(f"{written} という日はありません。10-01 の形で、ある日を書いてください") from None
    return MonthDay(month=int(month), day=int(day))


def _weekday(written: Any) -> int:
    if written not in _WEEKDAYS:
        raise ValueError("曜日は mon・tue・wed・thu・fri・sat・sun のどれかです")
    return _WEEKDAYS[written]


def _number(written: Any) -> int:
    if str(written) not in ("1", "2", "3", "4", "last"):
        raise ValueError("第何かは 1〜4 か last です（第5週は無い月があります。月の最後なら last）")
    return -1 if written == "last" else int(written)


def _clock(written: Any) -> time:
    try:
        parsed = time.fromisoformat(str(written))
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is not None or len(str(written)) != 5:
        raise ValueError("時刻は 09:00 の形（24時間）で書いてください")
    return parsed


def _address(written: Any) -> Address:
    return Address.parse(str(written))


def _in_order(months: list[int]) -> list[int]:
    return sorted(set(months))


DayOfYear = Annotated[MonthDay, BeforeValidator(_month_day)]
Weekday = Annotated[int, BeforeValidator(_weekday)]
Clock = Annotated[time, BeforeValidator(_clock)]
Month = Annotated[int, Field(ge=1, le=12)]
Months = Annotated[list[Month], BeforeValidator(_listed), Field(min_length=1), AfterValidator(_in_order)]
Destination = Annotated[Address, BeforeValidator(_address)]
Destinations = Annotated[list[Destination], BeforeValidator(_listed), Field(min_length=1)]
Title = Annotated[str, Field(min_length=1, max_length=60)]
Paragraph = Annotated[str, Field(min_length=1, max_length=300)]


class SpanIn(Strict):
    first: DayOfYear = Field(alias="from")
    last: DayOfYear = Field(alias="to")

    def span(self) -> Span:
        """As the calendar knows it."""
        return Span(first=self.first, last=self.last)


class NthWeekdayIn(Strict):
    number: Annotated[int, BeforeValidator(_number)]
    weekday: Weekday
    months: Months = Field(default_factory=lambda: list(range(1, 13)))


class RelativeIn(Strict):
    rule: Id
    point: Point
    working_days: Annotated[int, Field(ge=1, le=20)] = 1


class WhenIn(Strict):
    weekly: Weekday | None = None
    nth_weekday: NthWeekdayIn | None = None
    days: SpanIn | None = None
    first_working_day: Months | None = None
    yearly: DayOfYear | None = None
    once: date | None = None
    relative: RelativeIn | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "WhenIn":
        if len(self.model_fields_set) != 1 or getattr(self, next(iter(self.model_fields_set))) is None:
            names = "・".join(type(self).model_fields)
            raise ValueError(f"when には {names} のうち1つだけを書いてください")
        return self


class SeasonIn(Strict):
    months: Months | None = None
    days: SpanIn | None = None


class ValidityIn(Strict):
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _forwards(self) -> "ValidityIn":
        if self.last < self.first:
            raise ValueError("valid の to が from より前です。日付を入れ替えてください")
        return self


class LinkIn(Strict):
    label: Annotated[str, Field(min_length=1, max_length=40)]
    topic: Id
    facet: Facet | None = None


class TextIn(Strict):
    title: Title
    text: Annotated[list[Paragraph], BeforeValidator(_listed), Field(min_length=1, max_length=4)]


class RuleIn(Strict):
    id: Id
    title: Annotated[str, Field(min_length=1, max_length=40)]
    subject: Subject
    when: WhenIn
    when_closed: WhenClosed
    time: Clock
    until: Clock
    audience: Audience
    destinations: Destinations | None = None
    priority: Annotated[int, Field(ge=1, le=99)]
    source: Annotated[str, Field(min_length=1, max_length=100)]
    valid: ValidityIn | None = None
    season: SeasonIn | None = None
    assumed: Literal["true", "false"] = "false"
    reason: Maybe = ""  # of `assumed`
    line: Annotated[str, Field(min_length=1, max_length=120)]
    texts: Annotated[list[TextIn], Field(min_length=1)]
    closing: Annotated[str, Field(max_length=300)] = ""
    footer: Annotated[str, Field(max_length=300)] = ""
    links: list[LinkIn] = Field(default_factory=list)


class RuleFileIn(Strict):
    valid: ValidityIn
    rules: list[RuleIn]


class DestinationFileIn(Strict):
    destinations: dict[Audience, Destinations]


class YearlyClosureIn(SpanIn):
    reason: Annotated[str, Field(min_length=1, max_length=40)]


class ClosureIn(Strict):
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    reason: Annotated[str, Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _short(self) -> "ClosureIn":
        if not 0 <= (self.last - self.first).days <= 31:
            raise ValueError("閉庁の期間は from から to まで、32日以内で書いてください")
        return self


class CorrectionIn(Strict):
    day: date
    holiday: Literal["true", "false"]
    name: Annotated[str, Field(min_length=1, max_length=40)]


class CalendarFileIn(Strict):
    yearly: list[YearlyClosureIn]
    closures: list[ClosureIn] = Field(default_factory=list)
    holidays: list[CorrectionIn] = Field(default_factory=list)
    confirmed_years: list[Annotated[int, Field(ge=2020, le=2100)]] = Field(default_factory=list)


class FigureIn(Strict):
    topic: Id
    facet: Facet
    words: Annotated[str, Field(pattern=r"^[^{}]*\{\}[^{}]*$")]


class AvoidedIn(Strict):
    words: Lines
    instead: Annotated[str, Field(min_length=1, max_length=200)]


class WordingFileIn(Strict):
    next_days: dict[str, Id] = Field(default_factory=dict)
    figures: dict[str, FigureIn] = Field(default_factory=dict)
    avoid: list[AvoidedIn] = Field(default_factory=list)
