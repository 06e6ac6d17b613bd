"""The commands of `asaka-bot teams`: the app package, and what still keeps Teams from working."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from asaka_bot import settings as configuration
from asaka_bot.channels.console import console
from asaka_bot.errors import SettingsError

commands = typer.Typer(help="Microsoft Teamsで使う準備をする。", no_args_is_help=True)


@commands.command()
def package(
    out: Annotated[Path, typer.Option(help="書き出すファイル")] = Path("asaka-bot-teams.zip"),
    website: Annotated[str, typer.Option(help="アプリの説明に載せる、市のWebサイト")] = "https://www.city.asaka.lg.jp/",
) -> None:
    """Teamsの管理センターにアップロードするアプリ パッケージ（zip）を作る。"""
    from asaka_bot.channels.teams.package import app_package

    settings = configuration.load().teams
    if settings is None or settings.local:
        raise SettingsError(
            "環境変数 TEAMS_CLIENT_ID がありません。Entra管理センターの「アプリケーション (クライアント) ID」を、"
            "TEAMS_CLIENT_SECRET・TEAMS_TENANT_ID とともに設定してください"
        )
    if not website.startswith("https://"):
        raise typer.BadParameter("https:// で始めてください", param_hint="--website")
    try:
        out.write_bytes(app_package(settings.client_id, website))
    except OSError as error:
        raise SettingsError(f"{out}: 書き込めません。フォルダーと権限を確かめてください") from error
    console.print(f"[bold]{escape(str(out))}[/] を作りました。", soft_wrap=True)
    console.print(
        "Teams管理センターの「Teamsのアプリ」→「アプリを管理」→「新しいアプリをアップロード」で登録してください。"
    )


@commands.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="結果をJSONで出力する")] = False) -> None:
    """Teamsの設定と通信を調べ、足りないものと直し方を示す。"""
    from asaka_bot.channels.teams.doctor import examine

    findings = asyncio.run(examine(configuration.load().teams))
    if as_json:
        typer.echo(json.dumps([asdict(f) | {"good": f.good} for f in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark = "[green]よし[/]" if finding.good else "[bold red]要対応[/]"
            said = finding.what if finding.good else f"{finding.what}：{finding.remedy}"
            console.print(f"{mark} {escape(said)}", soft_wrap=True)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)
