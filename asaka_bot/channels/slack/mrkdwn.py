"""Text that Slack shows as it is: nothing in it notifies anybody or hides where a link leads."""

from urllib.parse import urlsplit

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Marks that would make text bold, struck out or code. A zero-width space behind one takes its power and no reader sees it.
_MARKS = str.maketrans({mark: f"{mark}\u200b" for mark in "*_~`"})
_ELLIPSIS = "…"


def escape(text: str) -> str:
    """`text` with the three signs escaped that Slack reads as mentions, links and commands.

    Source: docs.slack.dev, "Formatting message text": only these three are special.
    """
    return text.translate(_ENTITIES)


def plainly(text: str) -> str:
    """`text` for a mrkdwn field, escaped and without live marks."""
    return escape(text).translate(_MARKS)


def cut(text: str, most: int) -> str:
    """At most `most` characters of `text`, with an ellipsis where something is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + _ELLIPSIS


def cut_escaped(text: str, most: int) -> str:
    """`text` escaped, at most `most` characters long, and never cut inside an entity."""
    escaped = plainly(text)
    shown = len(text)
    while len(escaped) > most:
        shown = min(shown - 1, int(shown * most / len(escaped)))
        escaped = plainly(text[:shown].rstrip()) + _ELLIPSIS
    return escaped


def link(url: str, label: str) -> str:
    """A link whose label is text; only the label, where the address is not of the web."""
    if urlsplit(url).scheme not in ("http", "https") or any(sign in url for sign in "<>|\n "):
        return plainly(label)
    return f"<{url.replace('&', '&amp;')}|{plainly(label).replace('|', '｜')}>"
