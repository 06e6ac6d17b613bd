"""What a press carries: which action, and on which topic; nothing is kept on the server between message and press."""

import json
from dataclasses import dataclass
from enum import StrEnum

from asaka_bot.channels.slack import blocks
from asaka_bot.knowledge.model import Facet, Role

_LONGEST_QUESTION = 400  # characters that travel along with a press


class Action(StrEnum):
    """The first part of an action id; a number behind it keeps the ids of one message apart."""

    SHOW = "asaka-show"  # a facet, a choice, a related topic
    MORE = "asaka-more"  # 続きを見る
    HELPED = "asaka-helped"  # 役に立った
    FAILED = "asaka-failed"  # 役に立たなかった
    DESK = "asaka-desk"  # 職員課に聞く
    PICK = "asaka-pick"  # a topic from a menu of the App Home
    SEARCH = "asaka-search"  # the search box of the App Home
    ERASE = "asaka-erase"  # takes a private answer off the screen
    RESPOND = "asaka-respond"  # 確認しました, or an answer to a notice
    REPLY = "asaka-reply"  # 職員課に返信
    FORWARD = "asaka-forward"  # この文を職員課に送る

    def numbered(self, number: int) -> str:
        """The action id of one button of several."""
        return f"{self.value}.{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button's value."""

    topic: str = ""
    facet: Facet | None = None
    role: Role | None = None
    question: str = ""  # only where the person agrees by pressing, and never for a sensitive topic
    answer: str = ""  # of a vote: the number of the answer, which stands in its buttons alone


def action_of(action_id: str) -> Action | None:
    """The action that an id belongs to."""
    name = action_id.partition(".")[0]
    return Action(name) if name in list(Action) else None


def pack(pressed: Pressed) -> str:
    """The value of a button, within Slack's limit."""
    said = {
        "t": pressed.topic,
        "f": pressed.facet.value if pressed.facet else "",
        "r": pressed.role.value if pressed.role else "",
        "q": pressed.question[:_LONGEST_QUESTION],
        "a": pressed.answer,
    }
    value = json.dumps({name: part for name, part in said.items() if part}, ensure_ascii=False, separators=(",", ":"))
    if len(value) > blocks.BUTTON_VALUE:  # a question of nothing but characters that JSON escapes
        return pack(Pressed(topic=pressed.topic[:200], facet=pressed.facet, role=pressed.role, answer=pressed.answer))
    return value


def unpack(value: object) -> Pressed:
    """What a value says; whatever can't be understood counts as not said."""
    try:
        said = json.loads(value) if isinstance(value, str) else {}
    except (ValueError, RecursionError):
        said = {}
    if not isinstance(said, dict):
        said = {}
    texts = {name: part for name, part in said.items() if isinstance(part, str)}
    facet, role = texts.get("f", ""), texts.get("r", "")
    return Pressed(
        topic=texts.get("t", ""),
        facet=Facet(facet) if facet in list(Facet) else None,
        role=Role(role) if role in list(Role) else None,
        question=texts.get("q", ""),
        answer=texts.get("a", ""),
    )
