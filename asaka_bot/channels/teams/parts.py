"""The parts that every card is made of: headings, texts, buttons, rows to press."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from microsoft_teams.cards import (
    Action,
    ActionSet,
    AdaptiveCard,
    CardElement,
    Container,
    ExecuteAction,
    OpenUrlAction,
    RichTextBlock,
    ShowCardAction,
    TextBlock,
    TextRun,
    ToggleVisibilityAction,
)

from asaka_bot.channels.teams.escaping import plain
from asaka_bot.channels.teams.pressed import Press, written

VERSION: Literal["1.5"] = "1.5"  # the newest that Teams draws on every device
LARGEST_BYTES = 70_000  # of a card; Teams refuses an activity of more than about 80 KB
_IN_A_ROW = 3  # buttons; more are hard to tell apart on a phone
_LONGEST_TITLE = 60

Colour = Literal["Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"]
Spacing = Literal["None", "ExtraSmall", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A card, and what a notification says of it."""

    card: AdaptiveCard
    summary: str


def card(body: Sequence[CardElement], summary: str) -> Shown:
    """A card of these parts; `summary` also stands in for it where a client can't draw cards."""
    said = plain(summary)[:200]
    return Shown(card=AdaptiveCard(version=VERSION, lang="ja", fallback_text=said, body=list(body)), summary=said)


def as_json(shown: AdaptiveCard) -> dict[str, Any]:
    """The card as it travels."""
    found: dict[str, Any] = shown.model_dump(by_alias=True, exclude_none=True)
    return found


def title(text: str) -> TextBlock:
    """The heading of a card; screen readers announce it as one."""
    return TextBlock(text=plain(text), wrap=True, style="heading", size="Large", weight="Bolder")


def heading(text: str) -> TextBlock:
    """A heading within a card."""
    return TextBlock(text=plain(text), wrap=True, style="heading", weight="Bolder", spacing="Medium", separator=True)


def paragraph(text: str, *, subtle: bool = False, spacing: Spacing = "Default") -> TextBlock:
    """Text that wraps."""
    faint = {"is_subtle": True, "size": "Small"} if subtle else {}
    shown = plain(text).replace("\n", "\n\n")  # Markdown joins single line breaks
    return TextBlock(text=shown, wrap=True, spacing=spacing, **faint)  # type: ignore[arg-type] # two fields


def linked(markdown: str, *, subtle: bool = False, spacing: Spacing = "Default") -> TextBlock:
    """Text with links of our own (see `escaping.link`); whatever else is in it has been made plain already."""
    block = paragraph("", subtle=subtle, spacing=spacing)
    block.text = markdown
    return block


def runs(*parts: TextRun, spacing: Spacing = "Default") -> RichTextBlock:
    """Text in several colours."""
    inlines: list[CardElement] = [*parts]
    return RichTextBlock(inlines=inlines, spacing=spacing)


def run(text: str, *, colour: Colour | None = None, bold: bool = False, subtle: bool = False) -> TextRun:
    """A piece of text in one colour."""
    return TextRun(
        text=plain(text),
        color=colour,
        weight="Bolder" if bold else None,
        is_subtle=True if subtle else None,
        size="Small" if subtle else None,
    )


def button(
    label: str,
    press: Press,
    *,
    with_inputs: bool = False,
    mark: Mapping[str, str] | None = None,
    primary: bool = False,
) -> ExecuteAction:
    """A button; `with_inputs` sends what was filled in on the card, `mark` travels along; `primary` stands out."""
    verb, said = written(press)
    inputs: Literal["auto", "none"] = "auto" if with_inputs else "none"
    style: Literal["positive"] | None = "positive" if primary else None
    return ExecuteAction(
        title=_short(label), verb=verb, data=said | dict(mark or {}), associated_inputs=inputs, style=style
    )


def buttons(actions: Iterable[Action], spacing: Spacing = "Small") -> list[ActionSet]:
    """Buttons, a few side by side."""
    every = list(actions)
    groups = [every[n : n + _IN_A_ROW] for n in range(0, len(every), _IN_A_ROW)]
    return [ActionSet(actions=group, spacing=spacing) for group in groups]


def rows(options: Iterable[tuple[str, Press]], mark: Mapping[str, str] | None = None) -> list[Container]:
    """Long labels to press, one below the other: a button would cut them off."""
    return [
        Container(
            style="emphasis",
            spacing="Small",
            select_action=button(label, press, mark=mark),
            items=[TextBlock(text=plain(label), wrap=True, color="Accent", weight="Bolder")],
        )
        for label, press in options
    ]


def open_link(label: str, address: str) -> OpenUrlAction:
    """A button that opens an address of our own."""
    return OpenUrlAction(title=_short(label), url=address)


def folded(name: str, label: str, items: Sequence[CardElement]) -> list[CardElement]:
    """Parts that appear at the press of a button, which then disappears."""
    opener = ToggleVisibilityAction(title=_short(label), target_elements=[name, f"{name}-opener"])
    return [
        ActionSet(id=f"{name}-opener", actions=[opener], spacing="Small"),
        Container(id=name, is_visible=False, spacing="Small", items=list(items)),
    ]


def unfolding(label: str, items: Sequence[CardElement], action: Action) -> ShowCardAction:
    """A button that opens a small form with its own button."""
    inner = AdaptiveCard(version=VERSION, body=list(items), actions=[action])
    return ShowCardAction(title=_short(label), card=inner)


def _short(label: str) -> str:
    shown = " ".join(label.split())
    return shown if len(shown) <= _LONGEST_TITLE else shown[: _LONGEST_TITLE - 1] + "…"
