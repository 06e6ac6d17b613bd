"""The commands of `asaka-bot slack`: the app manifest, and what is missing in the set-up."""

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

import typer

from asaka_bot import settings as configuration
from asaka_bot.channels.console import console
from asaka_bot.cli.output import AsJson, print_json
from asaka_bot.errors import SettingsError
from asaka_bot.reminders import files
from asaka_bot.settings import Settings

commands = typer.Typer(help="Slackの設定を作り、確かめる。", no_args_is_help=True)


@commands.command()
def manifest(
    socket: Annotated[bool, typer.Option("--socket", help="Socket Mode（インターネットからの入口が要らない）")] = False,
    url: Annotated[str | None, typer.Option(help="HTTPで受けるときの、公開したアドレス（https://…）")] = None,
    follow_threads: Annotated[
        bool,
        typer.Option(
            "--follow-threads",
            help="スレッドの続きを、@なしでも受け取る（ボットのいるチャンネルの全部の発言が届くようになる）",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Slackのアプリを1回の貼り付けで作るためのマニフェスト（YAML）を出力する。"""
    from asaka_bot.channels.slack.manifest import as_yaml
    from asaka_bot.channels.slack.manifest import manifest as written

    if socket == (url is not None):
        raise typer.BadParameter("--socket か --url https://… の、どちらか1つを指定してください", param_hint="--socket")
    if url is not None and (urlsplit(url).scheme != "https" or not urlsplit(url).netloc):
        raise typer.BadParameter("https:// で始まるアドレスにしてください", param_hint="--url")
    made = written(url, follow_threads=follow_threads)
    if as_json:
        print_json(made)
    else:
        typer.echo(as_yaml(made), nl=False)


@commands.command()
def doctor(as_json: AsJson = False) -> None:
    """トークン・権限・送り先を確かめ、足りないものと直し方を示す。"""
    from asaka_bot.channels.slack.app import make_client
    from asaka_bot.channels.slack.doctor import examine

    settings = configuration.load()
    if settings.slack is None:
        raise SettingsError(
            "Slackの設定がありません。SLACK_BOT_TOKEN と、SLACK_APP_TOKEN（Socket Mode）か SLACK_SIGNING_SECRET（HTTP）を"
            "入れてください。アプリは「asaka-bot slack manifest --socket」の出力を貼り付けて作れます"
        )
    client = make_client(settings.slack)
    found = asyncio.run(examine(client, app_token=settings.slack.app_token, channels=_channels(settings)))
    if as_json:
        rows = [
            {"subject": f.subject, "fine": f.fine, "text": f.text, "remedy": f.remedy, "optional": f.optional}
            for f in found
        ]
        print_json(rows)
    else:
        for each in found:
            sign = "[green]○[/]" if each.fine else "[yellow]△[/]" if each.optional else "[red]×[/]"
            console.print(sign, end=" ")
            console.print(f"{each.subject}: {each.text}", markup=False, soft_wrap=True)
            if each.remedy:
                console.print(f"   → {each.remedy}", markup=False, soft_wrap=True)
    if any(not each.fine and not each.optional for each in found):
        raise typer.Exit(1)


def _channels(settings: Settings) -> list[str]:
    """Where on Slack the schedules send to."""
    from asaka_bot.knowledge import files as knowledge_files

    schedule = files.load(settings.schedules_dir, knowledge_files.load(settings.knowledge_dir))
    places = (place for rule in schedule.rules.values() for place in rule.destinations)
    return list(dict.fromkeys(place.to for place in places if place.channel == "slack"))
