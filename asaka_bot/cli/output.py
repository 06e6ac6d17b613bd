"""How commands print, JSON for scripts, and who acts by them."""

import json
from typing import Annotated

import typer

from asaka_bot.roles import Actor, HrRole

COMMAND = "コマンド"  # who acted, where nobody is signed in
SHELL = Actor(person=COMMAND, role=HrRole.ADMIN)  # whoever has a shell on the server owns what is on it

AsJson = Annotated[bool, typer.Option("--json", help="結果をJSONで出力する")]


def print_json(value: object) -> None:
    """Print for a script, in Japanese as it is written."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
