"""Figures that reminders carry, taken from the sentences of the knowledge base, so that they stand in one place only."""

import re

from asaka_bot.knowledge.model import Facet, KnowledgeBase

_FIGURE = r"([0-9]+(?:\.[0-9]+)?)"


def find(knowledge: KnowledgeBase, topic: str, facet: Facet, words: str) -> str | None:
    """The figure that stands for ``{}`` in `words`, in a statement of the topic; None if there is none, or several."""
    if topic not in knowledge.topics:
        return None
    before, _, after = words.partition("{}")
    pattern = re.compile(re.escape(before) + _FIGURE + re.escape(after))
    statements = knowledge.topics[topic].facets.get(facet, ())
    found = {match[1] for statement in statements for match in pattern.finditer(statement.text)}
    return found.pop() if len(found) == 1 else None
