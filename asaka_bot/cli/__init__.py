"""The commands of `asaka-bot`; thin: each wires settings to one feature and shows the result."""

import sys
from typing import Any

import typer
from rich.markup import escape

from asaka_bot.channels.console import complaints
from asaka_bot.cli import audit, notice, office, questions, reminders, slack, staff, teams
from asaka_bot.errors import AsakaError

cli = typer.Typer(
    name="asaka-bot",
    help="朝霞市職員の働き方を支えるボット。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(questions.commands)
cli.add_typer(office.commands)
cli.add_typer(audit.commands, name="audit")
cli.add_typer(reminders.commands, name="reminders")
cli.add_typer(slack.commands, name="slack")
cli.add_typer(teams.commands, name="teams")
cli.add_typer(staff.commands, name="staff")
cli.add_typer(notice.commands, name="notice")


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
