"""How commands print: JSON for scripts, and the choice of it."""

import json
from typing import Annotated

import typer

COMMAND = "コマンド"  # who acted, where nobody is signed in

AsJson = Annotated[bool, typer.Option("--json", help="結果をJSONで出力する")]


def print_json(value: object) -> None:
    """Print for a script, in Japanese as it is written."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
