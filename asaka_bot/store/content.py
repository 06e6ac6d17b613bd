"""A message as the JSON that stands in the database."""

import json
from dataclasses import asdict

from asaka_bot.messages import Option
from asaka_bot.outgoing import Message


def written(message: Message) -> str:
    """The message as JSON."""
    return json.dumps(asdict(message), ensure_ascii=False, separators=(",", ":"))


def read(content: str) -> Message:
    """The message that `written` wrote."""
    tree = json.loads(content)
    return Message(
        title=tree["title"],
        paragraphs=tuple(tree["paragraphs"]),
        also=tuple(tree["also"]),
        topics=tuple(Option(**topic) for topic in tree["topics"]),
        source=tree["source"],
    )
