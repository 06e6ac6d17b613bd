"""Messages that leave for the terminal: printed where the server runs, at most once."""

import asyncio

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from asaka_bot.delivery.channel import Absent, Letter, Lookup, Outcome, Refused, Sent, Traits
from asaka_bot.outgoing import as_text

_TRAITS = Traits(read_back=False, update=False, timeout_seconds=5.0, concurrency=1)  # one after another, for reading


class ConsoleChannel:
    """The channel "console"; its addresses are only shown."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def name(self) -> str:
        """The first half of its addresses."""
        return "console"

    @property
    def traits(self) -> Traits:
        """What was printed can be neither found nor changed."""
        return _TRAITS

    async def send(self, letter: Letter) -> Outcome:
        """Print the letter."""
        drawn = Panel(escape(as_text(letter.message)), title=escape(str(letter.address)), border_style="cyan")
        # In a thread: a terminal that has been paused blocks whoever writes to it.
        await asyncio.to_thread(self._console.print, drawn)
        return Sent(platform_ref=letter.marker)

    async def find(self, letter: Letter) -> Lookup:  # noqa: ARG002
        """Never asked: a terminal can't be read back."""
        return Absent()

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:  # noqa: ARG002
        """Never asked: what is printed stays."""
        return Refused(reason="端末に表示した文は、あとから変えられません。")
