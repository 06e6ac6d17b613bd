"""A message as the JSON that stands in the database."""

import json
from dataclasses import asdict

from asaka_bot.messages import Option
from asaka_bot.outgoing import Link, Message, Response, Translation


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
        urgent=tree.get("urgent", False),  # from here on: what messages of earlier versions don't have
        due=tree.get("due", ""),
        links=tuple(Link(**link) for link in tree.get("links", ())),
        responses=tuple(Response(**response) for response in tree.get("responses", ())),
        replies=tree.get("replies", False),
        translations=tuple(
            Translation(language=each["language"], title=each["title"], paragraphs=tuple(each["paragraphs"]))
            for each in tree.get("translations", ())
        ),
    )
