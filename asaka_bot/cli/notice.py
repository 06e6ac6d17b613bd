"""The commands of `asaka-bot notice`: notices for scripts; approval by a second person stays with people, in the console."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from asaka_bot import app as application
from asaka_bot import settings as configuration
from asaka_bot.answering import dates
from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan, Progress, Submitted, Template
from asaka_bot.broadcasts.notice_wording import moment_text
from asaka_bot.channels.console import console
from asaka_bot.cli.output import SHELL, AsJson, print_json
from asaka_bot.errors import AudienceError, DateError, NoticeError
from asaka_bot.outgoing import Address, as_text
from asaka_bot.tokyo import TOKYO, now_in_tokyo

if TYPE_CHECKING:
    from asaka_bot.app.notice_desk import NoticeDesk

commands = typer.Typer(help="お知らせを書き、確かめ、送り、結果を見る。", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="お知らせの番号（No.）")]
_TIME = re.compile(r"(?P<day>.+?)[\sT　]+(?P<hour>\d{1,2})[:：時](?P<minute>\d{2})?分?")
_SHOWN = 20
_T = TypeVar("_T")


@commands.command()
def new(  # noqa: PLR0913 - each is an option of the command
    *,
    title: Annotated[str, typer.Option(help="題名")] = "",
    body: Annotated[str, typer.Option(help="本文（段落は空の行で分ける）")] = "",
    body_file: Annotated[Path | None, typer.Option(help="本文を読むファイル（UTF-8）")] = None,
    to: Annotated[str, typer.Option(help="宛先（全員、所属:総務部 - 職員:10023 など）")] = "",
    post: Annotated[list[str] | None, typer.Option(help="投稿するチャネル（slack:C0123、web:everyone）")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="「確認しました」のボタンをつける")] = False,
    answer: Annotated[list[str] | None, typer.Option(help="回答のボタン（4つまで、1つずつ指定する）")] = None,
    respond_by: Annotated[str | None, typer.Option(help="期限の日")] = None,
    at: Annotated[str | None, typer.Option(help="送る日時（2026-12-01 9:00、令和8年12月1日 9時）")] = None,
    source: Annotated[str, typer.Option(help="計画のどこによるか")] = "",
    topic: Annotated[list[str] | None, typer.Option(help="ボットの話題のID")] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="緊急（承認を待たず、すべてのチャネルに送る）")] = False,
    template: Annotated[str | None, typer.Option(help="ひな形のID（一覧は notice templates）")] = None,
    as_json: AsJson = False,
) -> None:
    """下書きを作る。"""
    today = now_in_tokyo().date()
    start = _template(template)
    content = Content(
        title=title or start.content.title,
        body=(_read(body_file) if body_file else body) or start.content.body,
        source=source or start.content.source,
        topics=tuple(topic or start.content.topics),
        confirm=confirm or start.content.confirm,
        answers=tuple(answer or start.content.answers),
        respond_by=dates.parse(respond_by, today) if respond_by else None,
        replies=start.content.replies,
        urgent=urgent or start.content.urgent,
    )
    plan = Plan(audience=to or start.plan.audience, posts=_posts(post or []), send_at=_moment(at) if at else None)
    made = _with_desk(lambda desk: desk.create(SHELL, content, plan), as_json=as_json)
    if as_json:
        print_json(_notice_json(made))
    else:
        console.print(f"下書きNo.{made.id}を作りました。確かめるには asaka-bot notice preview {made.id}")


@commands.command()
def templates(as_json: AsJson = False) -> None:
    """ひな形を一覧にする。"""
    found = _with_desk(_templates)
    if as_json:
        print_json([{"id": each.id, "label": each.label, "source": each.content.source} for each in found])
        return
    for each in found:
        console.print(f"{each.id}　{each.label}　{each.content.source}")


@commands.command("list")
def list_notices(as_json: AsJson = False) -> None:
    """新しいお知らせから順に一覧にする。"""
    found = _with_desk(lambda desk: desk.latest(SHELL, _SHOWN))
    if as_json:
        print_json([_notice_json(each) for each in found])
        return
    table = Table("No.", "状態", "題名", "送った日時", "宛先", "確認")
    for each in found:
        sent = moment_text(each.sent_at) if each.sent_at else ""
        row = (str(each.id), each.state.label, escape(each.content.title), sent)
        table.add_row(*row, str(each.recipients), str(each.confirmed))
    console.print(table)


@commands.command()
def preview(number: Number, as_json: AsJson = False) -> None:
    """どう読まれ、だれに届くかを見る。"""

    async def look(desk: "NoticeDesk") -> tuple[Notice, str, list[Any]]:
        found = await desk.find(SHELL, number)
        recipients = await desk.recipients(SHELL, found.plan)
        return found, as_text(await desk.message(SHELL, number)), list(recipients)

    found, text, recipients = _with_desk(look, as_json=as_json)
    missing = [each for each in recipients if each.unreachable]
    if as_json:
        unreachable = [{"staff_id": each.person.staff_id, "reason": each.unreachable} for each in missing]
        print_json(_notice_json(found) | {"text": text, "people": len(recipients), "unreachable": unreachable})
        return
    console.print(Panel(escape(text), title=escape(f"No.{found.id} {found.state.label}")))
    console.print(f"宛先：{escape(found.plan.audience or '（人への宛先なし）')}　{len(recipients):,}人")
    for each in missing[:_SHOWN]:
        console.print(f"届かない人：{escape(each.person.name)}（{escape(each.unreachable)}）")


@commands.command()
def send(
    number: Number,
    agree: Annotated[list[str] | None, typer.Option(help="確かめたこと（quiet-hours、duplicate、unreachable）")] = None,
    as_json: AsJson = False,
) -> None:
    """送る。人数が多いものは、人事コンソールでほかの人が承認してから送られる。"""

    async def submit(desk: "NoticeDesk") -> Submitted:
        found = await desk.find(SHELL, number)
        return await desk.submit(SHELL, number, found.version, frozenset(agree or ()))

    done = _with_desk(submit, as_json=as_json)
    if as_json:
        questions = [{"id": question.id, "text": question.text} for question in done.questions]
        print_json({"state": done.state.value, "recipients": done.recipients, "questions": questions})
    elif done.questions:
        for question in done.questions:
            console.print(f"[yellow]{escape(question.text)}[/]")
            console.print(f"　確かめたら --agree {question.id} を付けて、もう一度実行してください。")
    else:
        console.print(_became(number, done))
    if done.questions:
        sys.exit(1)


def _became(number: int, done: Submitted) -> str:
    told = {
        NoticeState.AWAITING: "承認を待っています。人事コンソールの「お知らせ」で、ほかの人が承認すると送られます。",
        NoticeState.SCHEDULED: "予約しました。決めた日時に送ります。",
        NoticeState.SENT: f"送信の列に入れました。{done.recipients:,}人に順に届きます。",
    }
    return f"No.{number}：{told.get(done.state, done.state.label)}"


@commands.command()
def status(number: Number, as_json: AsJson = False) -> None:
    """どこまで届き、何人が確認したかを見る。"""
    progress = _with_desk(lambda desk: desk.progress(SHELL, number), as_json=as_json)
    if as_json:
        print_json(_progress_json(progress))
        return
    notice, total = progress.notice, progress.total
    console.print(f"No.{notice.id} {escape(notice.content.title)}（{notice.state.label}）")
    if notice.note:
        console.print(escape(notice.note))
    console.print(
        f"宛先{total.people:,}人：送信済み{total.arrived:,}・送信待ち{total.waiting:,}・到達不明{total.held:,}・"
        f"送れず{total.dead:,}・中止{total.cancelled:,}・宛先なし{total.unreachable:,}　確認{total.confirmed:,}人"
    )
    for answer, count in progress.answers:
        console.print(f"　{escape(answer)}：{count:,}人")
    for reason, count in progress.reasons[:_SHOWN]:
        console.print(f"　{escape(reason)}：{count:,}人")


@commands.command()
def cancel(
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="たずねずに実行する")] = False,
    as_json: AsJson = False,
) -> None:
    """まだ送っていない分を止める。"""
    if not yes:
        typer.confirm(f"No.{number}の、まだ送っていない分を止めますか", abort=True, err=as_json)
    stopped = _with_desk(lambda desk: desk.cancel(SHELL, number), as_json=as_json)
    if as_json:
        print_json({"notice": number, "stopped": stopped})
    else:
        left = f"送る前だった{stopped:,}件は送りません。" if stopped else "これから送るものはありません。"
        console.print(f"No.{number}を中止しました。{left}")


async def _templates(desk: "NoticeDesk") -> list[Template]:
    return list(desk.templates())


def _with_desk(work: Callable[["NoticeDesk"], Awaitable[_T]], *, as_json: bool = False) -> _T:
    """What `work` gives; an unknown number is a clear error. A script is told a refusal's fields as JSON besides."""

    async def run() -> _T:
        async with application.open_notices(configuration.load()) as desk:
            return await work(desk)

    try:
        try:
            return asyncio.run(run())
        except KeyError as error:
            text = f"No.{error.args[0]}のお知らせはありません。番号は notice list で確かめられます"
            raise NoticeError(text) from error
    except (NoticeError, AudienceError) as error:
        if as_json:
            print_json({"problems": _problems_json(error)})
        raise


def _problems_json(error: NoticeError | AudienceError) -> list[dict[str, Any]]:
    if isinstance(error, AudienceError):
        return [{"field": "audience", "item": 0, "text": str(error)}]
    return [{"field": each.field, "item": each.item, "text": each.text} for each in error.problems]


def _template(name: str | None) -> Template:
    if name is None:
        return Template(id="", label="", content=Content(title="", body=""))
    for each in _with_desk(_templates):
        if each.id == name:
            return each
    raise typer.BadParameter("そのひな形はありません。notice templates で確かめてください", param_hint="--template")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(
            f"{file} を読めません。UTF-8のテキストファイルを指定してください", param_hint="--body-file"
        ) from error


def _posts(written: list[str]) -> tuple[Address, ...]:
    try:
        return tuple(Address.parse(each) for each in written)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--post") from error


def _moment(written: str) -> datetime:
    found = _TIME.fullmatch(written.strip())
    try:
        if found is None:
            raise ValueError
        day = dates.parse(found["day"], now_in_tokyo().date())
        return datetime.combine(day, time(int(found["hour"]), int(found["minute"] or 0)), TOKYO)
    except (ValueError, DateError) as error:
        raise typer.BadParameter(
            "2026-12-01 9:00 か、令和8年12月1日 9時 の形で書いてください", param_hint="--at"
        ) from error


def _notice_json(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "state": notice.state.value,
        "title": notice.content.title,
        "audience": notice.plan.audience,
        "posts": [str(post) for post in notice.plan.posts],
        "send_at": notice.plan.send_at.isoformat() if notice.plan.send_at else None,
        "respond_by": notice.content.respond_by.isoformat() if notice.content.respond_by else None,
        "made_by": notice.made_by,
        "sent_at": notice.sent_at.isoformat() if notice.sent_at else None,
        "recipients": notice.recipients,
        "unreachable": notice.unreachable,
        "confirmed": notice.confirmed,
        "note": notice.note,
    }


def _progress_json(progress: Progress) -> dict[str, Any]:
    total = progress.total
    counts = {name: getattr(total, name) for name in total.__dataclass_fields__}
    return _notice_json(progress.notice) | {
        "counts": counts,
        "people": total.people,
        "answers": [{"answer": answer, "people": count} for answer, count in progress.answers],
        "reasons": [{"reason": reason, "people": count} for reason, count in progress.reasons],
        "seconds_left": progress.seconds_left,
    }
