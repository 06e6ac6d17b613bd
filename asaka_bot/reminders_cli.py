"""The commands of `asaka-bot reminders`: what will be sent, as a table, as a year, as JSON, as iCalendar."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

import typer

from asaka_bot import settings as configuration
from asaka_bot.answering import dates
from asaka_bot.channels.console import console
from asaka_bot.channels.year_view import table, year_view
from asaka_bot.knowledge import files as knowledge_files
from asaka_bot.reminders import files
from asaka_bot.reminders.ics import feed
from asaka_bot.reminders.occurrences import Decided, Occurrence, occurrences, with_decided
from asaka_bot.reminders.rules import Audience, Schedule, fiscal_year, fiscal_year_days
from asaka_bot.reminders.suspension import Suspension
from asaka_bot.settings import Settings
from asaka_bot.tokyo import now_in_tokyo

reminders = typer.Typer(help="リマインダーの予定を見る。", no_args_is_help=True)

From = Annotated[str | None, typer.Option("--from", help="最初の日（2026-10-01、令和8年10月1日 など）")]
To = Annotated[str | None, typer.Option("--to", help="最後の日")]
_MOST_DAYS = 366 * 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the database knows of a stretch of days: what was decided, and what HR has suspended."""

    decided: Decided = field(default_factory=dict)
    suspensions: tuple[Suspension, ...] = ()


def recorded(settings: Settings, first: date, last: date) -> Recorded:  # noqa: ARG001 - the seam for the database
    """What the database knows of `first`..`last`."""
    return Recorded()


@reminders.command()
def preview(
    first: From = None,
    last: To = None,
    as_json: Annotated[bool, typer.Option("--json", help="結果をJSONで出力する")] = False,
) -> None:
    """いつ何が送られるかを見る（期間を指定しなければ、今年度をカレンダーで表示する）。"""
    settings = configuration.load()
    start, end = _stretch(first, last)
    schedule = _schedule(settings)
    listed = _occurrences(settings, schedule, start, end)
    if as_json:
        typer.echo(json.dumps([_row(each) for each in listed], ensure_ascii=False, indent=2))
    elif first is None and last is None:
        console.print(year_view(schedule, fiscal_year(start), listed))
    else:
        console.print(table(listed, start, end))


@reminders.command()
def ics(
    first: From = None,
    last: To = None,
    audience: Annotated[
        str | None,
        typer.Option(help="宛先: everyone（全職員）、managers（所属長・管理職員）、hr（職員課）。既定は全部"),
    ] = None,
) -> None:
    """予定をiCalendarの形で出力する（期間を指定しなければ、今年度）。"""
    if audience is not None and audience not in list(Audience):
        raise typer.BadParameter(f"{'、'.join(Audience)} のどれかにしてください", param_hint="--audience")
    settings = configuration.load()
    start, end = _stretch(first, last)
    schedule = _schedule(settings)
    listed = _occurrences(settings, schedule, start, end)
    sys.stdout.buffer.write(feed(schedule, listed, Audience(audience) if audience else None))


def _schedule(settings: Settings) -> Schedule:
    return files.load(settings.schedules_dir, knowledge_files.load(settings.knowledge_dir))


def _occurrences(settings: Settings, schedule: Schedule, first: date, last: date) -> tuple[Occurrence, ...]:
    known = recorded(settings, first, last)
    computed: Iterable[Occurrence] = occurrences(schedule, first, last, known.suspensions)
    return with_decided(computed, known.decided)


def _stretch(first: str | None, last: str | None) -> tuple[date, date]:
    """The days asked for; without a beginning from today, without an end to the end of that fiscal year."""
    today = now_in_tokyo().date()
    if first is None and last is None:
        return fiscal_year_days(fiscal_year(today))
    start = dates.parse(first, today) if first else today
    end = dates.parse(last, start) if last else fiscal_year_days(fiscal_year(start))[1]
    if end < start:
        raise typer.BadParameter("最後の日が最初の日より前です。日付を入れ替えてください", param_hint="--to")
    if (end - start).days > _MOST_DAYS:
        raise typer.BadParameter("期間が長すぎます。11年までにしてください", param_hint="--to")
    return start, end


def _row(each: Occurrence) -> dict[str, str]:
    return {
        "date": each.day.isoformat(),
        "time": f"{each.due_at:%H:%M}",
        "rule": each.rule,
        "title": each.title,
        "audience": each.audience.value,
        "status": each.status.value,
        "note": each.note,
    }
