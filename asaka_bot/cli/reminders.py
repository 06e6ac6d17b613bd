"""The commands of `asaka-bot reminders`: what will be sent, as a table, as a year, as JSON, as iCalendar."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.panel import Panel

from asaka_bot import app as application
from asaka_bot import settings as configuration
from asaka_bot.answering import dates
from asaka_bot.channels.console import console
from asaka_bot.channels.year_view import table, year_view
from asaka_bot.cli.output import SHELL, AsJson, print_json
from asaka_bot.hr_console.ports import Pause
from asaka_bot.knowledge import files as knowledge_files
from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Address, as_text
from asaka_bot.reminders import files
from asaka_bot.reminders.ics import feed
from asaka_bot.reminders.occurrences import Occurrence, occurrences
from asaka_bot.reminders.rules import Audience, Schedule, fiscal_year, fiscal_year_days
from asaka_bot.reminders.wording import next_message
from asaka_bot.settings import Settings
from asaka_bot.tokyo import now_in_tokyo

commands = typer.Typer(help="リマインダーの予定を見る。", no_args_is_help=True)

From = Annotated[str | None, typer.Option("--from", help="最初の日（2026-10-01、令和8年10月1日 など）")]
To = Annotated[str | None, typer.Option("--to", help="最後の日")]
_MOST_DAYS = 366 * 11


@commands.command()
def preview(
    first: From = None,
    last: To = None,
    as_json: AsJson = False,
) -> None:
    """いつ何が送られるかを見る（期間を指定しなければ、今年度をカレンダーで表示する）。"""
    settings = configuration.load()
    start, end = _stretch(first, last)
    schedule = _schedule(settings)
    listed = _occurrences(settings, schedule, start, end)
    if as_json:
        print_json([_row(each) for each in listed])
    elif first is None and last is None:
        console.print(year_view(schedule, fiscal_year(start), listed))
    else:
        console.print(table(listed, start, end))


@commands.command()
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


@commands.command("send-test")
def send_test(
    rule: Annotated[str, typer.Argument(help="ルールのid（no-overtime-wednesday など）")],
    to: Annotated[str, typer.Option(help="宛先: me（この画面）、または web:everyone のような「チャネル:宛先」")] = "me",
) -> None:
    """1つのルールの次の文面を、試しに送る。"""
    settings = configuration.load()
    schedule = _schedule(settings)
    if rule not in schedule.rules:
        raise typer.BadParameter(f"{'、'.join(schedule.rules)} のどれかにしてください", param_hint="RULE")
    if to == "me":
        console.print(Panel(escape(as_text(next_message(schedule, rule, now_in_tokyo().date()))), title=rule))
        return
    try:
        address = Address.parse(to)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--to") from error

    async def queue() -> None:
        async with application.open_reminders(settings, schedule) as desk:
            await desk.send_test(SHELL, rule, address)

    asyncio.run(queue())
    console.print(
        f"{address} への試し送りを受け付けました。動いているボットが、すぐに送ります（1時間を過ぎると送りません）。"
    )


@commands.command()
def pause(
    reason: Annotated[str, typer.Option(help="理由（台風、選挙、議会 など）")],
    first: Annotated[str, typer.Option("--from", help="最初の日")],
    last: Annotated[str, typer.Option("--to", help="最後の日")],
    rule: Annotated[str | None, typer.Option(help="ルールのid。書かなければ、すべて")] = None,
) -> None:
    """リマインダーを、ある期間だけ止める（期間が過ぎると、自動で再開する）。"""
    settings = configuration.load()
    schedule = _schedule(settings)
    if rule is not None and rule not in schedule.rules:
        raise typer.BadParameter(f"{'、'.join(schedule.rules)} のどれかにしてください", param_hint="--rule")
    start, end = _stretch(first, last)

    async def set_pause() -> None:
        async with application.open_reminders(settings, schedule) as desk:
            await desk.pause(SHELL, rule, start, end, reason)

    asyncio.run(set_pause())
    title = schedule.rules[rule].title if rule else "すべてのリマインダー"
    console.print(f"{title}を、{japanese_date(start)}から{japanese_date(end)}まで止めました。")


@commands.command()
def resume(number: Annotated[int, typer.Argument(help="pauses で見た番号")]) -> None:
    """止めていたリマインダーを、いま再開する。"""
    settings = configuration.load()

    async def end_pause() -> bool:
        async with application.open_reminders(settings, _schedule(settings)) as desk:
            return await desk.resume(SHELL, number)

    if not asyncio.run(end_pause()):
        raise typer.BadParameter("その番号の停止はないか、すでに終わっています", param_hint="NUMBER")
    console.print("再開しました。止めていた間の分は、送りません。")


@commands.command()
def pauses(as_json: AsJson = False) -> None:
    """止めている期間を一覧にする。"""
    settings = configuration.load()

    async def read() -> Sequence[Pause]:
        async with application.open_reminders(settings, _schedule(settings)) as desk:
            return await desk.pauses(SHELL)

    found = asyncio.run(read())
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "rule": each.rule,
                    "from": each.first_day.isoformat(),
                    "to": each.last_day.isoformat(),
                    "reason": each.reason,
                    "ended": each.ended_at.isoformat() if each.ended_at else None,
                }
                for each in found
            ]
        )
        return
    if not found:
        console.print("止めている期間はありません。")
    for each in found:
        state = "（終わりました）" if each.ended_at else ""
        days = f"{japanese_date(each.first_day)}〜{japanese_date(each.last_day)}"
        console.print(f"{each.id}. {each.rule or 'すべて'}：{days}　{escape(each.reason)}{state}")


def _schedule(settings: Settings) -> Schedule:
    return files.load(settings.schedules_dir, knowledge_files.load(settings.knowledge_dir))


def _occurrences(settings: Settings, schedule: Schedule, first: date, last: date) -> tuple[Occurrence, ...]:
    """What is planned, with what the database has decided; where there is no database yet, looking makes none."""
    if settings.database_url is None and not (settings.data_dir / "asaka.db").exists():
        return occurrences(schedule, first, last)

    async def read() -> tuple[Occurrence, ...]:
        async with application.open_reminders(settings, schedule) as desk:
            return await desk.occurrences(first, last)

    return asyncio.run(read())


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
