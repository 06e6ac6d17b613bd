"""A `Message` that leaves on its own (a reminder, a notice) -> Block Kit."""

from slack_sdk.models.blocks import Block

from asaka_bot.channels.links import host_of
from asaka_bot.channels.slack import blocks, notice_buttons
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.buttons import Action, Pressed, pack
from asaka_bot.channels.slack.mrkdwn import cut, cut_escaped, link
from asaka_bot.knowledge.model import Facet
from asaka_bot.outgoing import Link, Message, Translation, as_text

_PARAGRAPH = 2_900  # characters, so that a paragraph is one section
_LABEL = 200
_MOST_TOPICS = 10
_MOST_LINKS = 10


def render_message(message: Message, marker: str = "") -> Rendered:
    """The message with its buttons; those below a notice carry the delivery's `marker`."""
    return blocks.rendered(
        as_text(message)[:600], body(message), _tail(message, marker), [*_topics(message), *_translations(message)]
    )


def body(message: Message) -> list[Block]:
    """All that is to be read in Japanese, without what to do about it."""
    made: list[Block] = [blocks.header(f"【緊急】{message.title}" if message.urgent else message.title)]
    made += blocks.paragraphs([cut_escaped(text, _PARAGRAPH) for text in message.paragraphs])
    if message.also:
        made.append(blocks.divider())
        made += blocks.paragraphs([f"• {cut_escaped(line, _PARAGRAPH)}" for line in message.also])
    return made + blocks.paragraphs([_link(each) for each in message.links[:_MOST_LINKS]])


def shown_only(message: Message) -> list[Block]:
    """All that people will read, with the names of the buttons instead of the buttons."""
    made = body(message) + _asked(message)
    labels = [each.label for each in message.responses] + [each.label for each in message.topics]
    labels += ["職員課に返信"] if message.replies else []
    pressed = "　".join(f"［{cut_escaped(label, _LABEL)}］" for label in labels)
    return made + blocks.paragraphs([pressed] if pressed else []) + _translations(message)


def _asked(message: Message) -> list[Block]:
    made = blocks.paragraphs([f"*{cut_escaped(message.due, 500)}*"] if message.due else [])
    return made + ([blocks.context(f"出典：{cut_escaped(message.source, 1_900)}")] if message.source else [])


def _tail(message: Message, marker: str) -> list[Block]:
    return _asked(message) + notice_buttons.below(message, marker)


def _link(each: Link) -> str:
    """The host stands behind the label, which could claim to lead anywhere."""
    host = host_of(each.url)
    label = cut(" ".join(each.label.split()), _LABEL)
    return f"• {link(each.url, label)}（{host}）" if host else f"• {cut_escaped(label, _LABEL)}"


def _topics(message: Message) -> list[Block]:
    return blocks.rows(
        [
            blocks.button(
                option.label,
                Action.SHOW.numbered(number),
                pack(Pressed(topic=option.topic, facet=_facet(option.facet))),
            )
            for number, option in enumerate(message.topics[:_MOST_TOPICS])
        ]
    )


def _translations(message: Message) -> list[Block]:
    return [block for each in message.translations for block in _translation(each)]


def _translation(each: Translation) -> list[Block]:
    lines = [f"*{cut_escaped(each.title, 500)}*", *(cut_escaped(text, _PARAGRAPH) for text in each.paragraphs)]
    return [blocks.divider(), blocks.context(cut_escaped(each.label, _LABEL)), *blocks.paragraphs(lines)]


def _facet(value: str | None) -> Facet | None:
    return Facet(value) if value in list(Facet) else None
