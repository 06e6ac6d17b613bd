"""What a reminder says on its day: the turn of the texts, placeholders filled, the others of the day as lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from string import Formatter

from asaka_bot.outgoing import Message
from asaka_bot.reminders.rules import Rule, RuleDay, Schedule, Text, fiscal_year

OF_THE_DAY = ("day", "month", "fiscal_year", "next_fiscal_year")  # placeholders that can always be filled
_MOST_LINKS = 5
LOOK_AHEAD = timedelta(days=400)  # for the next day of another rule

Paused = frozenset[tuple[str, date]]


def short_date(day: date) -> str:
    """11月25日（水）."""
    return f"{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）"


def fiscal_year_title(year: int) -> str:
    """令和8年度 for 2026."""
    return f"令和{year - 2018}年度"


def placeholders(text: str) -> tuple[str, ...]:
    """The names between braces. Raises `ValueError` where braces do not match or hold more than a name."""
    found = [field for field in Formatter().parse(text) if field[1] is not None]
    if any(spec or conversion for _, _, spec, conversion in found):
        raise ValueError("a placeholder is a name only")
    return tuple(name for _, name, _, _ in found if name is not None)


class Wording:
    """Composes messages for a stretch of days; ``paused`` are days that HR has suspended."""

    def __init__(self, schedule: Schedule, first: date, last: date, paused: Paused = frozenset()) -> None:
        self._schedule = schedule
        self._coming = {
            name: [
                each.day
                for each in schedule.rules[rule].days(first, last + LOOK_AHEAD, schedule.calendar)
                if not each.skipped and (rule, each.day) not in paused
            ]
            for name, rule in schedule.next_days.items()
            if rule in schedule.rules
        }

    def message(self, rule: Rule, when: RuleDay, others: Sequence[tuple[Rule, RuleDay]] = ()) -> Message:
        """The message of `rule` on its day, with the others of the day as lines."""
        values = self._values(rule, when.day)
        text = _turn(rule, when, values)
        extra = [rule.closing] if when.ends_run and rule.closing else []
        extra += [rule.footer] if rule.footer and _fillable([rule.footer], values) else []
        links = dict.fromkeys(link for each in (rule, *(o for o, _ in others)) for link in each.links)
        return Message(
            title=text.title.format_map(values),
            paragraphs=tuple(p.format_map(values) for p in (*text.paragraphs, *extra)),
            also=tuple(other.line.format_map(self._values(other, day.day)) for other, day in others),
            topics=tuple(links)[:_MOST_LINKS],
            source=rule.source,
        )

    def _values(self, rule: Rule, day: date) -> Mapping[str, str]:
        values = {
            "day": short_date(day),
            "month": f"{day.month}月",
            "fiscal_year": fiscal_year_title(fiscal_year(day)),
            "next_fiscal_year": fiscal_year_title(fiscal_year(day) + 1),
        }
        if day <= rule.validity.last:  # a target of the plan is no target any more after the plan
            values |= self._schedule.figures
        for name, days in self._coming.items():
            following = next((d for d in days if d > day), None)
            if following is not None:
                values[name] = short_date(following)
        return values


def _turn(rule: Rule, when: RuleDay, values: Mapping[str, str]) -> Text:
    """The text whose turn it is among those that can be filled; all but the first may depend on figures."""
    usable = [text for text in rule.texts if _fillable((text.title, *text.paragraphs), values)]
    return usable[rule.when.turn(when.nominal) % len(usable)]


def _fillable(lines: Iterable[str], values: Mapping[str, str]) -> bool:
    return all(name in values for line in lines for name in placeholders(line))


def next_message(schedule: Schedule, rule: str, today: date) -> Message:
    """What `rule` says on its next day, alone. Raises `KeyError` where it is unknown or never comes again."""
    wanted = schedule.rules[rule]
    coming = (each for each in wanted.days(today, today + LOOK_AHEAD, schedule.calendar) if not each.skipped)
    day = next(coming, None)
    if day is None:
        raise KeyError(rule)
    return Wording(schedule, today, today + LOOK_AHEAD).message(wanted, day)
