"""What each conversation was last about: in memory, for ten minutes, and never more than a bounded number."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from asaka_bot.answering.conversation import Context

_MOST = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One conversation of one person."""

    team: str
    channel: str  # empty for direct messages, which a person has one of
    thread: str  # empty outside of threads
    user: str


class Conversations:
    """The contexts of the conversations under way; nothing of them is stored."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._contexts: OrderedDict[Key, Context] = OrderedDict()

    def get(self, key: Key, now: datetime) -> Context | None:
        """The context at `now` (aware), None for a new conversation or one that has expired."""
        context = self._contexts.get(key)
        if context is None or context.alive(now):
            return context
        del self._contexts[key]
        return None

    def put(self, key: Key, context: Context, now: datetime) -> None:
        """Remember `context`, and forget what has expired and what exceeds the bound, the oldest first."""
        self._contexts[key] = context
        self._contexts.move_to_end(key)
        while self._contexts:
            oldest = next(iter(self._contexts))
            if len(self._contexts) <= self._most and self._contexts[oldest].alive(now):
                return
            del self._contexts[oldest]

    def __len__(self) -> int:
        return len(self._contexts)
