"""The buttons below a notice: they carry the delivery's marker and what was pressed, and nothing else."""

import json
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ButtonElement

from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.buttons import Action
from asaka_bot.outgoing import Message, Response

CONFIRM = "confirm"
_MOST_RESPONSES = 5  # 確認しました, and up to four answers


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePress:
    """A button's value. ``text`` is what the person agrees to hand to HR by pressing."""

    marker: str = ""
    response: str = ""
    text: str = ""


def pack(press: NoticePress) -> str:
    """The value of a button."""
    said = {"d": press.marker, "r": press.response, "x": press.text}
    return json.dumps({name: part for name, part in said.items() if part}, ensure_ascii=False, separators=(",", ":"))


def unpack(value: object) -> NoticePress:
    """What a value says; whatever can't be understood counts as not said."""
    try:
        said = json.loads(value) if isinstance(value, str) else {}
    except (ValueError, RecursionError):
        said = {}
    texts = {name: part for name, part in said.items() if isinstance(part, str)} if isinstance(said, dict) else {}
    return NoticePress(marker=texts.get("d", ""), response=texts.get("r", ""), text=texts.get("x", ""))


def below(message: Message, marker: str) -> list[Block]:
    """The rows of buttons of a notice; none where nobody could tell whose press it was."""
    if not marker:
        return []
    made = [respond_button(answer, marker, number) for number, answer in enumerate(message.responses[:_MOST_RESPONSES])]
    if message.replies:
        made.append(blocks.fresh_button("職員課に返信", Action.REPLY.value, pack(NoticePress(marker=marker))))
    return blocks.rows(made)


def respond_button(response: Response, marker: str, number: int) -> ButtonElement:
    """One response to press."""
    return blocks.fresh_button(
        response.label,
        Action.RESPOND.numbered(number),
        pack(NoticePress(marker=marker, response=response.id)),
        "primary" if response.id == CONFIRM else None,
    )
