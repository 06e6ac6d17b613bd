"""The commands of `asaka-bot audit`: what people did, and whether the log of it is as it was written."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from asaka_bot import app as application
from asaka_bot import settings as configuration
from asaka_bot.audit import Entry, Verdict
from asaka_bot.channels.console import console
from asaka_bot.cli.output import SHELL, AsJson, print_json
from asaka_bot.errors import AsakaError
from asaka_bot.hr_console import audit_words
from asaka_bot.knowledge import files as knowledge_files
from asaka_bot.reminders import files
from asaka_bot.settings import Settings

commands = typer.Typer(help="操作の記録を見る、確かめる。", no_args_is_help=True)


@commands.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="新しいものから何件")] = 50,
    as_json: AsJson = False,
) -> None:
    """だれが何をしたかを、新しい順に一覧にする。"""
    settings = configuration.load()

    async def read() -> Sequence[Entry]:
        async with application.open_audit(settings) as log:
            return await log.latest(SHELL, limit)

    found = asyncio.run(read())
    rules = _titles(settings) if found else {}
    if as_json:
        print_json([_row(entry, rules) for entry in found])
        return
    if not found:
        console.print("まだ記録がありません。")
    for entry in found:
        typer.echo(f"{entry.id}. {audit_words.when(entry.at)}　{audit_words.sentence(entry, rules)}")


@commands.command()
def verify(
    head: Annotated[
        str | None, typer.Option(help="前に書き留めた照合値（64桁）。その記録が残っているかも確かめる")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """記録が書かれたときのままかを、最初から最後まで確かめる。"""
    noted = head.strip().lower() if head is not None else None
    if noted is not None and not re.fullmatch(r"[0-9a-f]{64}", noted):
        raise typer.BadParameter("書き留めた照合値を、0〜9とa〜fの64桁で指定してください", param_hint="--head")
    settings = configuration.load()

    async def look() -> Verdict:
        async with application.open_audit(settings) as log:
            return await log.verify(SHELL, noted)

    verdict = asyncio.run(look())
    if as_json:
        print_json(_found(verdict))
    else:
        typer.echo(audit_words.finding(verdict))
        typer.echo(audit_words.advice(verdict) or f"最後の記録の照合値: {verdict.head}")
    if not verdict.whole:
        raise typer.Exit(1)


def _titles(settings: Settings) -> Mapping[str, str]:
    """The titles of the rules by id; the log is shown though the schedules have mistakes, then with the ids alone."""
    try:
        schedule = files.load(settings.schedules_dir, knowledge_files.load(settings.knowledge_dir))
    except AsakaError:
        return {}
    return {rule.id: rule.title for rule in schedule.rules.values()}


def _row(entry: Entry, rules: Mapping[str, str]) -> dict[str, Any]:
    try:
        details = json.loads(entry.details)
    except ValueError:  # somebody has spoilt them; `verify` says so
        details = entry.details
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "person": entry.person,
        "action": entry.action,
        "subject": entry.subject,
        "details": details,
        "text": audit_words.sentence(entry, rules),
        "digest": entry.digest,
    }


def _found(verdict: Verdict) -> dict[str, Any]:
    broken = verdict.broken and {
        "id": verdict.broken.id,
        "fault": verdict.broken.fault.value,
        "text": audit_words.finding(verdict),
        "todo": audit_words.advice(verdict),
    }
    return {"whole": verdict.whole, "entries": verdict.entries, "head": verdict.head, "broken": broken}
