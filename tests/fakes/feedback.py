"""Votes in memory, and the form on the web from which they come.

The memory keeps the promises of `asaka_bot.channels.feedback.FeedbackPort` as the database does.
"""

import re
from dataclasses import dataclass, field
from html import unescape


@dataclass
class MemoryFeedback:
    """Implements `FeedbackPort`."""

    votes: list[dict] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def record(self, *, once: str, **vote: object) -> bool:
        if once in self.seen:
            return False
        self.seen.add(once)
        self.votes.append(vote)
        return True


def offered(page: str) -> dict[str, str]:
    """The hidden fields of the feedback form of a page, as a press on 役に立たなかった would send them."""
    form = page.partition('action="/feedback"')[2].partition("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)}
