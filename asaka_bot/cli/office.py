"""The commands of the IT office and 職員課: check the files, serve, sign in, see feedback, keep and restore the data."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from asaka_bot import app as application
from asaka_bot import settings as configuration
from asaka_bot.broadcasts.staff import normal
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.console import Preparation, console
from asaka_bot.cli.output import COMMAND, AsJson, print_json
from asaka_bot.knowledge import checking
from asaka_bot.knowledge.files import SHIPPED
from asaka_bot.reminders import checking as schedule_checking
from asaka_bot.reminders.files import SHIPPED as SCHEDULES
from asaka_bot.roles import HrRole, email_of
from asaka_bot.tokyo import now_in_tokyo

commands = typer.Typer()
_LONGEST_NAME = 120
_AFRESH = "_ASAKA_STARTED_AFRESH"  # set: a cache that cannot be written must not start the bot over and over


@commands.command()
def check(
    todo: Annotated[bool, typer.Option("--todo", help="職員課の記入を待つ項目も一覧にする")] = False,
    as_json: AsJson = False,
) -> None:
    """知識ベースとリマインダーの誤りを、直す場所とともに一覧にする。"""
    settings, today = configuration.load(), now_in_tokyo().date()
    result = checking.check(settings.knowledge_dir, today)
    problems, open_items, rules = list(result.problems), list(result.todo), 0
    if result.knowledge is not None:
        foreign = settings.knowledge_dir != SHIPPED and settings.schedules_dir == SCHEDULES
        schedules = schedule_checking.check(settings.schedules_dir, result.knowledge, today, made_for_it=not foreign)
        problems, open_items, rules = [*problems, *schedules.problems], [*open_items, *schedules.todo], schedules.rules
    if as_json:
        print_json({"problems": problems} | ({"todo": open_items} if todo else {}))
    else:
        for problem in problems:
            typer.echo(problem)
        if todo:
            console.print(f"[bold]職員課の記入を待つ項目[/]（{len(open_items)}件）")
            for line in open_items:
                typer.echo(line)
        if not problems:
            counts = (
                f"話題 {result.topics}件、文 {result.statements}件、例文 {result.phrases}件、リマインダー {rules}件"
            )
            console.print(f"[green]問題はありません。[/]{counts}")
    if problems:
        raise typer.Exit(1)


@commands.command()
def feedback(as_json: AsJson = False) -> None:
    """職員の「役に立った／立たなかった」を、月と話題ごとに数える。"""
    settings = configuration.load()
    counts = asyncio.run(application.feedback_counts(settings))
    if as_json:
        print_json(counts)
        return
    if not counts:
        console.print("まだ記録がありません。")
        return
    table = Table(title="答えへの評価（10件より少ない数は、配慮が要る話題では伏せます）")
    for heading in ("月", "話題", "役に立った", "立たなかった", "役に立たなかった質問"):
        table.add_column(heading)
    for row in counts:
        table.add_row(row["month"], row["title"], row["helpful"], row["unhelpful"], escape("\n".join(row["questions"])))
    console.print(table)


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="待ち受けるアドレス")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="待ち受けるポート")] = 8080,
) -> None:
    """ボットを動かす（Webチャットと人事コンソール）。"""
    from asaka_bot import logs, server  # the web stack is loaded only where it is served
    from asaka_bot.app.application import make_app
    from asaka_bot.metrics import Metrics

    settings = configuration.load()
    if settings.teams is not None:
        settings.teams.check_host(host)
    logs.configure(settings.log_level)
    metrics, shown = Metrics(), Preparation()
    try:
        engines = application.engine_host(settings, shown)
    finally:
        shown.close()
    _start_afresh(shown)
    # From here on it ends in the same orderly way as with Ctrl+C; a preparation just ends, and its processes with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        app = make_app(settings, AnswerService(engines, metrics.replied), metrics)
        console.print(f"Webチャット: [bold]http://{host}:{port}/[/]（止めるときは Ctrl+C）")
        here = _base_url(host, port)
        link = asyncio.run(application.hr_link(settings, here))
        console.print(f"人事コンソール: [bold]{escape(link)}[/]（1回だけ、1時間以内に使えます）", soft_wrap=True)
        server.run(app, host, port)
    finally:
        engines.close()


def _start_afresh(prepared: Preparation) -> None:
    """After a first preparation, begin again from its cache: training leaves 150 MB behind that nobody else gives back."""
    if prepared.worked and os.name == "posix" and _AFRESH not in os.environ:
        sys.stdout.flush()
        arguments = [sys.executable, "-m", "asaka_bot", *sys.argv[1:]]
        os.execve(sys.executable, arguments, os.environ | {_AFRESH: "1"})  # noqa: S606 - the same command once more


@commands.command("hr-link")
def hr_link(
    url: Annotated[
        str, typer.Option(help="ボットのアドレス（庁内に公開しているときは https://…）")
    ] = "http://127.0.0.1:8080",
    person: Annotated[str, typer.Option(help="だれが使うか（操作の記録に残る名前かメールアドレス）")] = "職員課",
    role: Annotated[
        str, typer.Option(help="権限: viewer（閲覧）、editor（作成）、approver（承認）、admin（管理）")
    ] = "admin",
    as_json: AsJson = False,
) -> None:
    """人事コンソールに入るための、1回限りのリンクを作る（1時間以内に使う）。"""
    if role not in list(HrRole):
        raise typer.BadParameter(f"{'、'.join(HrRole)} のどれかにしてください", param_hint="--role")
    name = email_of(person) or normal(person)
    if not 0 < len(name) <= _LONGEST_NAME:
        raise typer.BadParameter(f"1〜{_LONGEST_NAME}文字で書いてください", param_hint="--person")
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter("http:// か https:// で始めてください", param_hint="--url")
    link = asyncio.run(application.hr_link(configuration.load(), url, person=name, role=HrRole(role)))
    if as_json:
        print_json({"link": link})
    else:
        typer.echo(link)


def _base_url(host: str, port: int) -> str:
    """The address at which a browser on this computer reaches the server."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@commands.command()
def backup(file: Annotated[Path, typer.Argument(help="控えを書き出す新しいファイル")]) -> None:
    """動いたまま、データベース全体の控えを1つのファイルに取る。"""
    rows = asyncio.run(application.backup(configuration.load(), file, COMMAND))
    console.print(f"{file} に控えを取りました（{rows}行）。ほかの機械にも写して、安全な場所に置いてください。")


@commands.command()
def restore(file: Annotated[Path, typer.Argument(help="asaka-bot backup で取った控え")]) -> None:
    """控えを、空のデータベースに戻す（ボットを止めてから使う）。"""
    rows = asyncio.run(application.restore(configuration.load(), file, COMMAND))
    console.print(
        f"{rows}行を戻しました。起動しても、職員課が人事コンソール（/hr/deliveries）で「送信を再開する」を押すまで、何も送りません。"
    )
