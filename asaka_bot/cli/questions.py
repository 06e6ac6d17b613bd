"""The commands that answer: one question, a conversation, a question set, the dates that follow from a birth."""

import json
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
from asaka_bot.channels.console import Preparation, complaints, console, dates_table, show
from asaka_bot.cli.output import AsJson, print_json
from asaka_bot.errors import QuestionSetError
from asaka_bot.knowledge.model import Facet, Role
from asaka_bot.messages import Option, Reply
from asaka_bot.tokyo import now_in_tokyo

commands = typer.Typer()
_ROLES = {"staff": None, "manager": Role.MANAGER, "fixed-term": Role.FIXED_TERM}
_ROLE_HELP = "質問する人の立場: staff（職員）、manager（所属長・管理職員）、fixed-term（会計年度任用職員）"


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


@commands.command()
def ask(
    question: Annotated[str, typer.Argument(help="質問。ふだんの言葉で書けます")],
    role: Annotated[str, typer.Option(help=_ROLE_HELP)] = "staff",
    as_json: AsJson = False,
) -> None:
    """質問に1つ答える。"""
    who = _role(role)
    reply, _ = _engine().reply(question, now=now_in_tokyo(), role=who)
    if as_json:
        print_json(_reply_json(reply))
    else:
        show(reply)


@commands.command()
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


@commands.command()
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
        print_json(report.as_json())
        return
    table = Table(title=f"{file.name}（{len(lines)}件）", show_lines=False)
    for heading in ("項目", "割合", "正解", "件数"):
        table.add_column(heading, justify="left" if heading == "項目" else "right")
    for name, tally in report.tallies.items():
        table.add_row(name, f"{tally.share:.1%}", str(tally.right), str(tally.of))
    console.print(table)
    console.print(f"1件の時間: 中央値 {report.median()} ms、99パーセンタイル {report.p99()} ms")


@commands.command("life-events")
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
        print_json([event.as_json() for event in events])
        return
    console.print(dates_table(events, due, birth))


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
