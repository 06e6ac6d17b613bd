"""What Slack sends as the text of a message -> what the person typed."""

import html
import re

_BOUND = 12_000  # characters looked at; of a question the first thousand count
MOST_CHARACTERS = 1_000
_PERSON = re.compile(r"<[@!][^<>]{0,200}>")
_LABELLED = re.compile(r"<[^<>|]{0,2000}\|([^<>|]{0,2000})>")
_BARE = re.compile(r"<((?:https?://|mailto:|tel:)[^<>|]{0,2000})>")


def typed(text: object) -> str:
    """The text without mentions, links as their labels, entities as signs; at most 1,000 characters.

    Source: docs.slack.dev, "Formatting message text", section on retrieved messages.
    """
    if not isinstance(text, str):
        return ""
    shown = _BARE.sub(r"\1", _LABELLED.sub(r"\1", _PERSON.sub(" ", text[:_BOUND])))
    return html.unescape(shown).strip()[:MOST_CHARACTERS]


def mentions(text: object, user: str) -> bool:
    """Whether the message mentions `user`."""
    return bool(user) and isinstance(text, str) and (f"<@{user}>" in text or f"<@{user}|" in text)
