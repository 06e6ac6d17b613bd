"""The commands of `asaka-bot`; thin: each wires settings to one feature and shows the result."""

import asyncio
import json
import sys
import unicodedata
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from asaka_bot import app as application
from asaka_bot import settings as configuration
from asaka_bot.answering import dates, evaluation
from asaka_bot.answering.answer import Engine
from asaka_bot.answering.conversation import Context
from asaka_bot.answering.life_events import life_events
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.console import Preparation, complaints, console, dates_table, show
from asaka_bot.errors import AsakaError, QuestionSetError
from asaka_bot.knowledge import checking
from asaka_bot.knowledge.files import SHIPPED
from asaka_bot.knowledge.model import Facet, Role
from asaka_bot.messages import Option, Reply
from asaka_bot.reminders import checking as schedule_checking
from asaka_bot.reminders.files import SHIPPED as SCHEDULES
from asaka_bot.reminders_cli import reminders
from asaka_bot.slack_cli import slack
from asaka_bot.tokyo import now_in_tokyo

cli = typer.Typer(
    name="asaka-bot",
    help="朝霞市職員の働き方を支えるボット。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(reminders, name="reminders")
cli.add_typer(slack, name="slack")
_ROLES = {"staff": None, "manager": Role.MANAGER, "fixed-term": Role.FIXED_TERM}
_ROLE_HELP = "質問する人の立場: staff（職員）、manager（所属長・管理職員）、fixed-term（会計年度任用職員）"
AsJson = Annotated[bool, typer.Option("--json", help="結果をJSONで出力する")]


def main() -> None:
    """Run a command; a mistake of the person is one clear line in Japanese, not a traceback."""
    try:
        code = cli(standalone_mode=False)
    except AsakaError as error:
        complaints.print(f"[bold red]エラー[/]: {escape(str(error))}", soft_wrap=True)
        sys.exit(1)
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.exit(2)  # the help is on the screen already
        complaints.print(f"[bold red]使い方の誤り[/]: {escape(_usage_problem(error))}", soft_wrap=True)
        complaints.print("使い方は「asaka-bot --help」や「asaka-bot コマンド --help」で見られます。", soft_wrap=True)
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        complaints.print("中断しました。")
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


# typer keeps its copy of click to itself; this is the class from which its public BadParameter derives.
_UsageError: Any = typer.BadParameter.__base__


def _usage_problem(error: Any) -> str:
    """What is wrong with the words of a command, in Japanese."""
    kind = type(error).__name__
    param = getattr(error, "param", None)
    name = (
        getattr(error, "param_hint", None) or getattr(param, "human_readable_name", None) or getattr(param, "name", "")
    )
    if kind == "MissingParameter":
        return f"「{name}」がありません。指定してください"
    if kind == "NoSuchOption":
        return f"「{error.option_name}」という指定はありません"
    if kind == "BadParameter":
        ours = any("ぁ" <= c <= "ん" for c in error.message)
        return (f"「{name}」の値が正しくありません" if name else "指定が正しくありません") + (
            f"。{error.message}" if ours else ""
        )
    return "コマンドや引数の名前が正しくありません"


def _engine() -> Engine:
    shown = Preparation()
    try:
        return application.make_engine(configuration.load(), shown)
    finally:
        shown.close()


def _role(name: str) -> Role | None:
    if name not in _ROLES:
        raise typer.BadParameter("staff、manager、fixed-term のどれかにしてください", param_hint="--role")
    return _ROLES[name]


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(help="質問。ふだんの言葉で書けます")],
    role: Annotated[str, typer.Option(help=_ROLE_HELP)] = "staff",
    as_json: AsJson = False,
) -> None:
    """質問に1つ答える。"""
    who = _role(role)
    reply, _ = _engine().reply(question, now=now_in_tokyo(), role=who)
    if as_json:
        _print_json(_reply_json(reply))
    else:
        show(reply)


@cli.command()
def chat(role: Annotated[str, typer.Option(help=_ROLE_HELP)] = "staff") -> None:
    """端末で会話する（終わるときは「終わり」か Ctrl+D）。"""
    who = _role(role)
    engine = _engine()
    console.print(
        "質問をどうぞ。番号を入れると選べます。終わるときは「終わり」と入力してください。内容は保存しません。"
    )
    context: Context | None = None
    offered: tuple[Option, ...] = ()
    while True:
        try:
            question = console.input("[bold blue]あなた> [/]").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        typed = unicodedata.normalize("NFKC", question).lower()
        if typed in ("終わり", "おわり", "exit", "quit", "q"):
            return
        now = now_in_tokyo()
        if typed.isdigit() and 1 <= int(typed) <= len(offered):
            picked = offered[int(typed) - 1]
            facet = Facet(picked.facet) if picked.facet else None
            reply, context = engine.show(picked.topic, facet, now=now, role=who)
        else:
            reply, context = engine.reply(question, now=now, role=who, context=context)
        offered = reply.choices or (*reply.facets, *reply.related)
        show(reply)
        if not reply.choices and offered:
            console.print("[bold]続けて聞けること[/]")
            for number, option in enumerate(offered, 1):
                console.print(f"  {number}. {escape(option.label)}")


@cli.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="質問集（1行に1つのJSON。text か turns を持つ）")],
    predictions: Annotated[Path | None, typer.Option(help="予測を書き出すファイル")] = None,
    as_json: AsJson = False,
) -> None:
    """質問集で、答えの正しさと速さを測る。"""
    lines = evaluation.read(file)
    engine = _engine()
    columns = (TextColumn("回答中"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints, transient=True) as bars:
        task = bars.add_task("", total=len(lines))
        predicted, report = evaluation.run(
            engine, lines, now_in_tokyo(), lambda count: bars.update(task, completed=count)
        )
    if predictions is not None:
        text = "".join(json.dumps(p, ensure_ascii=False) + "\n" for p in predicted)
        try:
            predictions.write_text(text, encoding="utf-8")
        except OSError as error:
            raise QuestionSetError(f"{predictions}: 書き込めません。フォルダーと権限を確かめてください") from error
    if as_json:
        _print_json(report.as_json())
        return
    table = Table(title=f"{file.name}（{len(lines)}件）", show_lines=False)
    for heading in ("項目", "割合", "正解", "件数"):
        table.add_column(heading, justify="left" if heading == "項目" else "right")
    for name, tally in report.tallies.items():
        table.add_row(name, f"{tally.share:.1%}", str(tally.right), str(tally.of))
    console.print(table)
    console.print(f"1件の時間: 中央値 {report.median()} ms、99パーセンタイル {report.p99()} ms")


@cli.command()
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
        _print_json({"problems": problems} | ({"todo": open_items} if todo else {}))
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


@cli.command("life-events")
def show_life_events(
    due_date: Annotated[str | None, typer.Option(help="出産予定日（2027-02-10、令和9年2月10日 など）")] = None,
    birth_date: Annotated[str | None, typer.Option(help="生年月日（2026-05-10、R8.5.10 など）")] = None,
    multiple: Annotated[bool, typer.Option("--multiple", help="双子以上")] = False,
    as_json: AsJson = False,
) -> None:
    """出産予定日か生年月日から、制度の日付を計算する（入力は保存しない）。"""
    if not due_date and not birth_date:
        raise typer.BadParameter("--due-date か --birth-date のどちらかを指定してください")
    today = now_in_tokyo().date()
    due = dates.parse(due_date, today, dates.Lean.FUTURE) if due_date else None
    birth = dates.parse(birth_date, today, dates.Lean.PAST) if birth_date else None
    events = life_events(due=due, birth=birth, multiple=multiple)
    if as_json:
        _print_json([event.as_json() for event in events])
        return
    console.print(dates_table(events, due, birth))


@cli.command()
def feedback(as_json: AsJson = False) -> None:
    """職員の「役に立った／立たなかった」を、月と話題ごとに数える。"""
    settings = configuration.load()
    counts = asyncio.run(application.feedback_counts(settings))
    if as_json:
        _print_json(counts)
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


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="待ち受けるアドレス")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="待ち受けるポート")] = 8080,
) -> None:
    """ボットを動かす（Webチャットと人事コンソール）。"""
    from asaka_bot import logs, server  # the web stack is loaded only where it is served
    from asaka_bot.app.application import make_app
    from asaka_bot.metrics import Metrics

    settings = configuration.load()
    logs.configure(settings.log_level)
    metrics, shown = Metrics(), Preparation()
    try:
        service = AnswerService(application.make_engine(settings, shown), metrics.replied)
    finally:
        shown.close()
    app = make_app(settings, service, metrics)
    console.print(f"Webチャット: [bold]http://{host}:{port}/[/]（止めるときは Ctrl+C）")
    here = _base_url(host, port)
    link = asyncio.run(application.hr_link(settings, here))
    console.print(f"人事コンソール: [bold]{escape(link)}[/]（1回だけ、1時間以内に使えます）", soft_wrap=True)
    server.run(app, host, port)


@cli.command("hr-link")
def hr_link(
    url: Annotated[
        str, typer.Option(help="ボットのアドレス（庁内に公開しているときは https://…）")
    ] = "http://127.0.0.1:8080",
    as_json: AsJson = False,
) -> None:
    """人事コンソールに入るための、1回限りのリンクを作る（1時間以内に使う）。"""
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter("http:// か https:// で始めてください", param_hint="--url")
    link = asyncio.run(application.hr_link(configuration.load(), url))
    if as_json:
        _print_json({"link": link})
    else:
        typer.echo(link)


def _base_url(host: str, port: int) -> str:
    """The address at which a browser on this computer reaches the server."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reply_json(reply: Reply) -> dict[str, Any]:
    predicted = evaluation.prediction_of(reply)
    contact = None if reply.desk is None else {"title": reply.desk.title, "purpose": reply.desk.purpose}
    return predicted | {
        "choices": [{"topic": c.topic, "title": c.label} for c in reply.choices],
        "contact": contact,
        "dates": [
            {"id": d.id, "title": d.title, "start": d.start.isoformat(), "end": d.end.isoformat()} for d in reply.dates
        ],
    }


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
