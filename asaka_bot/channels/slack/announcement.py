"""A `Message` that leaves on its own (a reminder, a notice) -> Block Kit."""

from slack_sdk.models.blocks import Block

from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.buttons import Action, Pressed, pack
from asaka_bot.channels.slack.mrkdwn import cut_escaped
from asaka_bot.knowledge.model import Facet
from asaka_bot.outgoing import Message, as_text

_PARAGRAPH = 2_900  # characters, so that a paragraph is one section
_MOST_TOPICS = 10


def render_message(message: Message) -> Rendered:
    """The message with a button for each of its topics."""
    made: list[Block] = [blocks.header(message.title)]
    made += blocks.paragraphs([cut_escaped(text, _PARAGRAPH) for text in message.paragraphs])
    if message.also:
        made.append(blocks.divider())
        made += blocks.paragraphs([f"• {cut_escaped(line, _PARAGRAPH)}" for line in message.also])
    if message.source:
        made.append(blocks.context(f"出典：{cut_escaped(message.source, 1_900)}"))
    made += blocks.rows(
        [
            blocks.button(
                option.label,
                Action.SHOW.numbered(number),
                pack(Pressed(topic=option.topic, facet=_facet(option.facet))),
            )
            for number, option in enumerate(message.topics[:_MOST_TOPICS])
        ]
    )
    return blocks.rendered(as_text(message)[:600], made)


def _facet(value: str | None) -> Facet | None:
    return Facet(value) if value in list(Facet) else None
