"""Blocks and buttons, made with Slack's own typed models and kept within its limits.

Source of the limits: docs.slack.dev, reference of Block Kit; the 13,200 characters over all blocks were measured.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)

from asaka_bot.channels.slack import mrkdwn

MOST_BLOCKS = 50
MOST_CHARACTERS = 12_000  # over all blocks; Slack refuses somewhat above 13,200
SECTION, CONTEXT, HEADER = 3_000, 2_000, 150
BUTTON_TEXT, BUTTON_VALUE, OPTION_TEXT, OPTION_VALUE = 75, 2_000, 75, 150
_KEPT = 4_096  # blocks of the knowledge base; they recur from answer to answer
BUTTONS_A_ROW = 5  # Slack takes 25; more than five wrap badly on a phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as Slack takes it: ``text`` is what notifications show and screen readers read."""

    text: str  # escaped
    blocks: tuple[dict[str, Any], ...]


def rendered(text: str, body: Sequence[Block], tail: Sequence[Block] = (), after: Sequence[Block] = ()) -> Rendered:
    """The message of these blocks; `text` is plain.

    What would exceed a limit is left out with a line that says so, first of `after`, then of `body`; `tail` stands
    whatever happens, as far as it keeps the limits by itself.
    """
    last = _written(tail)
    kept, whole = _fitting(_written(body), MOST_BLOCKS - len(last), MOST_CHARACTERS - size(last))
    kept += last[: MOST_BLOCKS - len(kept)]
    if whole:
        more, _ = _fitting(_written(after), MOST_BLOCKS - len(kept), MOST_CHARACTERS - size(kept))
        kept += more
    return Rendered(text=mrkdwn.cut_escaped(text, 1_000), blocks=tuple(kept))


def _written(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [block.to_dict() for block in blocks]


def _fitting(made: Sequence[dict[str, Any]], most: int, characters: int) -> tuple[list[dict[str, Any]], bool]:
    """As many blocks as keep both limits, and whether that is all of them."""
    kept: list[dict[str, Any]] = []
    for block in made:
        characters -= size(block)
        if characters < 0 or (len(kept) >= most - 1 and len(made) > most):
            return (
                [*kept, context("（長いため、ここから先は表示していません）").to_dict()] if most > 0 else kept
            ), False
        kept.append(block)
    return kept, True


def size(value: Any) -> int:
    """The characters of all texts and values in a block."""
    if isinstance(value, dict):
        return sum(size(part) for name, part in value.items() if name not in ("type", "style"))
    if isinstance(value, list | tuple):
        return sum(size(part) for part in value)
    return len(value) if isinstance(value, str) else 0


def plain(text: str, most: int) -> PlainTextObject:
    """Text without any markup."""
    return PlainTextObject(text=mrkdwn.cut(text, most), emoji=False)


def marked(text: str) -> MarkdownTextObject:
    """Text whose markup is ours; Slack adds neither links nor mentions of its own (``verbatim``)."""
    return MarkdownTextObject(text=text, verbatim=True)


class _Once:
    """Is checked and written once: slack_sdk takes a seventh of a millisecond for each object."""

    _made: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The block as JSON."""
        if self._made is None:
            self._made = super().to_dict()  # type: ignore[misc] # of the block that it is mixed into
        return self._made


class _Header(_Once, HeaderBlock):
    pass


class _Section(_Once, SectionBlock):
    pass


class _Context(_Once, ContextBlock):
    pass


class _Button(_Once, ButtonElement):
    pass


@lru_cache(maxsize=_KEPT)
def header(text: str) -> Block:
    """A heading."""
    return _Header(text=plain(text, HEADER))


def section(markup: str, accessory: StaticSelectElement | ButtonElement | None = None) -> Block:
    """A paragraph; `markup` is escaped already and short enough."""
    return _Section(text=marked(markup), accessory=accessory)


_fresh_section, _kept_section = section, lru_cache(maxsize=_KEPT)(section)


def paragraphs(lines: Iterable[str], *, kept: bool = False) -> list[Block]:
    """As few sections as hold `lines`, which are escaped already; each line is at most one section long.

    `kept` remembers the sections for the next message; not for words or dates of a person.
    """
    section = _kept_section if kept else _fresh_section
    blocks: list[Block] = []
    held: list[str] = []
    for line in lines:
        if held and sum(map(len, held)) + len(held) + len(line) > SECTION:
            blocks.append(section("\n".join(held)))
            held = []
        held.append(line)
    return [*blocks, section("\n".join(held))] if held else blocks


@lru_cache(maxsize=_KEPT)
def context(markup: str) -> Block:
    """A line in small type; `markup` is escaped already, and is kept: no words of a person."""
    return _Context(elements=[marked(markup[:CONTEXT])])


def divider() -> Block:
    """A rule across the message."""
    return DividerBlock()


def fresh_button(label: str, action: str, value: str, style: str | None = None) -> ButtonElement:
    """Something to press."""
    return _Button(text=plain(label, BUTTON_TEXT), action_id=action, value=value, style=style)


# The same few hundred buttons stand below all answers. Whatever holds words of a person must not be kept: fresh_button.
button = lru_cache(maxsize=_KEPT)(fresh_button)


def rows(buttons: Sequence[ButtonElement]) -> list[Block]:
    """Buttons in rows."""
    return [
        ActionsBlock(elements=list(buttons[start : start + BUTTONS_A_ROW]))
        for start in range(0, len(buttons), BUTTONS_A_ROW)
    ]


def select(placeholder: str, action: str, options: Sequence[tuple[str, str]]) -> StaticSelectElement:
    """A menu of (label, value)."""
    return StaticSelectElement(
        placeholder=plain(placeholder, HEADER),
        action_id=action,
        options=[Option(text=plain(label, OPTION_TEXT), value=value[:OPTION_VALUE]) for label, value in options[:100]],
    )
