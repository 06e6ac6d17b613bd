"""The reminders on the terminal: a fiscal year at a glance, and a stretch of days as a table, drawn with rich."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from asaka_bot.reminders.calendar import WorkingDays
from asaka_bot.reminders.occurrences import Occurrence, Status
from asaka_bot.reminders.rules import Schedule, Subject
from asaka_bot.reminders.wording import fiscal_year_title, short_date
from asaka_bot.tokyo import clock

COLOURS: Mapping[Subject, str] = {
    Subject.OVERTIME: "black on green",
    Subject.LEAVE: "black on cyan",
    Subject.FAMILY: "black on magenta",
    Subject.HARASSMENT: "black on yellow",
    Subject.FIGURES: "white on blue",
}
STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.PLANNED: ("予定", "green"),
    Status.MERGED: ("まとめ", "cyan"),
    Status.SKIPPED: ("送らない", "dim"),
    Status.SUSPENDED: ("休止", "red"),
    Status.SENT: ("送信済み", "bold green"),
    Status.MISSED: ("送れず", "bold red"),
}
_MARKS = {Status.SUSPENDED: "×", Status.MISSED: "!", Status.SKIPPED: "-", Status.MERGED: "+", Status.SENT: "✓"}
_MARK_ORDER = (Status.SUSPENDED, Status.MISSED, Status.MERGED, Status.SENT, Status.SKIPPED)
_CLOSED = "bright_black"
_WEEKS = 6  # of the longest month; all grids are equally high


def year_view(schedule: Schedule, year: int, occurrences: Iterable[Occurrence]) -> RenderableType:
    """The months of a fiscal year as grids, with a legend and the counts."""
    listed = tuple(occurrences)
    by_day: dict[date, list[Occurrence]] = defaultdict(list)
    for each in listed:
        by_day[each.day].append(each)
    months = [
        Panel(_month(schedule, year + (month < 4), month, by_day), title=f"{month}月", padding=(0, 1))
        for month in (*range(4, 13), 1, 2, 3)
    ]
    title = Text(f"{fiscal_year_title(year)}（{year}年4月〜{year + 1}年3月）のリマインダー", style="bold")
    return Group(title, Columns(months), _legend(), _counts(listed))


def table(occurrences: Sequence[Occurrence], first: date, last: date) -> Table:
    """A stretch of days, a row for each occurrence."""
    grid = Table(title=f"リマインダー（{short_date(first)}〜{short_date(last)}、{len(occurrences)}件）")
    for heading in ("日時", "リマインダー", "宛先", "状態"):
        grid.add_column(heading, no_wrap=heading != "リマインダー")
    grid.add_column("備考", overflow="fold")
    for each in occurrences:
        name, style = STATUSES[each.status]
        when = f"{each.day.year}年{short_date(each.day)} {clock(each.due_at)}"
        title = f"{escape(each.title)}\n[dim]{each.rule}[/]"
        grid.add_row(when, title, each.audience.label, f"[{style}]{name}[/]", escape(each.note))
    return grid


def _month(schedule: Schedule, year: int, month: int, by_day: Mapping[date, list[Occurrence]]) -> Table:
    grid = Table.grid()
    for _ in range(7):
        grid.add_column(min_width=4, no_wrap=True)
    grid.add_row(*(Text(name, style="bold") for name in "月火水木金土日"))
    start = date(year, month, 1)
    monday = start - timedelta(days=start.weekday())
    for week in range(_WEEKS):
        days = (monday + timedelta(days=7 * week + n) for n in range(7))
        grid.add_row(*(_cell(schedule, d, by_day.get(d, [])) if d.month == month else Text() for d in days))
    return grid


def _cell(schedule: Schedule, day: date, falls: list[Occurrence]) -> Text:
    """The number of the day in the colour of its foremost message, with a mark for what is not simply planned."""
    if not falls:
        return Text(f"{day.day:>2}", style=_plain(schedule.calendar, day))
    sent = [o for o in falls if o.status in (Status.PLANNED, Status.SENT)]
    foremost = min(sent, key=lambda o: o.priority, default=None)
    rule = schedule.rules.get(foremost.rule) if foremost else None
    style = COLOURS[rule.subject] if rule else _plain(schedule.calendar, day)
    mark = next((_MARKS[s] for s in _MARK_ORDER if any(o.status is s for o in falls)), "")
    cell = Text(f"{day.day:>2}", style=style)
    return cell.append(mark, style="bold red" if mark in ("×", "!") else "bold")


def _plain(calendar: WorkingDays, day: date) -> str:
    return "default" if calendar.is_working(day) else _CLOSED


def _legend() -> Text:
    legend = Text("色： ")
    for subject, colour in COLOURS.items():
        legend.append(f" {subject.label} ", style=colour)
        legend.append(" ")
    legend.append(" 灰色 閉庁日\n", style=_CLOSED)
    legend.append("印：  + ほかのお知らせもまとめて1通  - 閉庁日のため送らない  × 職員課が休止  ✓ 送信済み  ! 送れず\n")
    legend.append("色はその日にいちばん先に伝えるもの（全職員・所属長・職員課あての全部から）です。\n", style="dim")
    return legend


def _counts(listed: Sequence[Occurrence]) -> Text:
    counts = [f"{name} {sum(o.status is status for o in listed)}件" for status, (name, _) in STATUSES.items()]
    unsure = sum("要確認" in o.note for o in listed)
    tail = f"　要確認の日付 {unsure}件（asaka-bot check --todo で理由が見られます）" if unsure else ""
    return Text("、".join(c for c in counts if not c.endswith(" 0件")) + tail)
