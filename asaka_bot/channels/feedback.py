"""Where it is left whether an answer helped, the same for every channel; the wiring hands it in."""

from typing import Protocol


class FeedbackPort(Protocol):
    """Keeps votes without persons."""

    async def record(self, *, topic: str, facet: str | None, helpful: bool, question: str | None, once: str) -> bool:
        """Keep one vote; `question` is None for sensitive topics and where the person asked not to send it.

        `once` names person and reply, or a form that one person got; it is kept as a hash, and for three days. False:
        it has brought a vote before, and this one is dropped.
        """
