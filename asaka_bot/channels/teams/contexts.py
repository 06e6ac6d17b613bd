"""What each person's conversation is about, in memory only, for ten minutes."""

from collections import OrderedDict
from datetime import datetime

from asaka_bot.answering.conversation import Context

_MOST = 5_000  # conversations; the one that rested longest goes first


class Contexts:
    """Keyed by conversation and person, so that people in one chat do not continue each other's questions."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Context] = OrderedDict()

    def get(self, conversation: str, person: str, now: datetime) -> Context | None:
        """What was said before, None where that is over."""
        kept = self._kept.get((conversation, person))
        if kept is not None and not kept.alive(now):
            del self._kept[conversation, person]
            return None
        return kept

    def keep(self, conversation: str, person: str, context: Context, now: datetime) -> None:
        """Remember `context`, and forget what is over."""
        self._kept[conversation, person] = context
        self._kept.move_to_end((conversation, person))
        while self._kept and (len(self._kept) > self._most or not next(iter(self._kept.values())).alive(now)):
            self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)
