"""The terminal: replies, tables of dates and the progress of preparations, drawn with rich."""

from datetime import date
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from asaka_bot.answering.compose import date_row
from asaka_bot.answering.life_events import LifeEvent
from asaka_bot.messages import Decision, Reply, japanese_date, plain_text

console = Console()
complaints = Console(stderr=True)


class Preparation:
    """Shows how far the preparation is, on a terminal only; nothing where all comes from the cache."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=complaints, transient=True)
        self._tasks: dict[str, Any] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` steps of a stage are done."""
        if not self._tasks:
            complaints.print("初めての準備をしています（1分ほど。次からは数秒で始まります）。")
            self._bars.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(f"準備: {stage}", total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)

    @property
    def worked(self) -> bool:
        """Whether anything had to be prepared."""
        return bool(self._tasks)

    def close(self) -> None:
        """Take the bars away."""
        if self._tasks:
            self._bars.stop()


def dates_table(events: list[LifeEvent], due: date | None, birth: date | None) -> Table:
    """The dates that follow from a birth, a row each."""
    given = "、".join(
        f"{name} {japanese_date(day)}" for name, day in (("出産予定日", due), ("生年月日", birth)) if day is not None
    )
    table = Table(title=f"{given}から決まる日付", show_lines=True)
    table.add_column("日付", no_wrap=True)
    table.add_column("こと", overflow="fold")
    for event in events:
        row = date_row(event)
        when = japanese_date(row.start) + (f"から\n{japanese_date(row.end)}まで" if event.is_span else "")
        table.add_row(when, f"[bold]{escape(row.title)}[/]\n{escape(row.basis)}〔{row.tag.value}〕\n{escape(row.note)}")
    return table


def show(reply: Reply) -> None:
    """Draw a reply in a frame whose colour tells what kind it is."""
    colour = {Decision.URGENT: "red", Decision.DECLINE: "yellow", Decision.CHOOSE: "cyan"}.get(reply.decision, "green")
    console.print(Panel(escape(plain_text(reply)), border_style=colour, padding=(0, 1)))
