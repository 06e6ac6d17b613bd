"""The dialog in which HR writes a notice: its fields, and what stands in them when it is sent."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    DatePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    TimePickerElement,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement
from slack_sdk.models.views import View

from asaka_bot.broadcasts.audience_text import HOW
from asaka_bot.broadcasts.notice import Template
from asaka_bot.broadcasts.notice_checks import LONGEST_BODY, LONGEST_TITLE
from asaka_bot.channels.notice_draft import Draft
from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.mrkdwn import cut_escaped
from asaka_bot.channels.slack.payload import part, word

FORM_VIEW = "asaka-notice-form"
TEMPLATE = "asaka-notice-template"
_MOST_AUDIENCE, _MOST_ANSWERS = 2_000, 200
_TICKS = {"confirm": "確認ボタンを付ける", "urgent": "緊急（【緊急】の印を付ける）", "later": "日時を選んで送る"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A draft in the dialog; ``notice`` and ``version`` where it has been kept already."""

    draft: Draft
    notice: int = 0
    version: int = 0
    turn: int = 0  # counts up with each redraw: Slack keeps what was typed under a name that it has seen


def form_view(form: Form, templates: Sequence[Template], problems: Mapping[str, str] | None = None) -> View:
    """The dialog; `problems` are shown on top where they could not be shown beside their fields."""
    draft, made = form.draft, list[Block]()
    if problems:
        made += blocks.paragraphs([f"⚠ {cut_escaped(text, 900)}" for text in problems.values()])
    if templates:
        options = [(template.label, template.id) for template in templates]
        picker = blocks.select("ひな形を選ぶ", TEMPLATE, options)
        made.append(blocks.section("ひな形から始められます（書いた文は残ります）。", picker))
    made += [
        _text(form, "title", "題名", LONGEST_TITLE, "例：健康診断の日程"),
        _text(form, "body", "本文（段落は空行で分けます）", LONGEST_BODY, "本文", several=True),
        _text(form, "audience", "宛先", _MOST_AUDIENCE, "例：所属:総務部 + 職位:所属長", hint=HOW),
        _ticks(form, draft),
        _text(
            form, "answers", "選択肢（4つまで。「、」で区切ります）", _MOST_ANSWERS, "例：参加、不参加",
            optional=True,
        ),
        _input(form, "respond_by", "回答の期限", DatePickerElement(
            action_id="respond_by", initial_date=draft.respond_by or None), optional=True),
        _input(form, "day", "送る日（日時を選ぶとき）", DatePickerElement(
            action_id="day", initial_date=draft.day or None), optional=True),
        _input(form, "at", "送る時刻（日時を選ぶとき）", TimePickerElement(
            action_id="at", initial_time=draft.at or None), optional=True),
    ]  # fmt: skip
    kept = {"n": form.notice, "v": form.version, "t": draft.template, "k": form.turn}
    return View(
        type="modal",
        callback_id=FORM_VIEW,
        title=blocks.plain("お知らせを書く", 24),
        submit=blocks.plain("内容を確かめる", 24),
        close=blocks.plain("やめる", 24),
        private_metadata=json.dumps(kept),
        blocks=made,
    )


def form_of(view: Mapping[str, Any]) -> Form:
    """What stands in the dialog; whatever is of the wrong kind reads as empty, a field that isn't there as not shown."""
    kept = metadata_of(view)
    values = dict(_values(view))

    def typed(name: str, key: str = "value") -> str | None:
        return word(values[name], key) if name in values else None

    ticked = {word(option, "value") for option in _selected(values.get("ticks"))} if "ticks" in values else None
    return Form(
        draft=Draft(
            template=word(kept, "t"),
            title=typed("title"),
            body=typed("body"),
            audience=typed("audience"),
            confirm=_in(ticked, "confirm"),
            answers=typed("answers"),
            respond_by=typed("respond_by", "selected_date"),
            urgent=_in(ticked, "urgent"),
            later=_in(ticked, "later"),
            day=typed("day", "selected_date"),
            at=typed("at", "selected_time"),
        ),
        notice=number(kept, "n"),
        version=number(kept, "v"),
        turn=number(kept, "k"),
    )


def _in(ticked: Collection[str] | None, name: str) -> bool | None:
    return None if ticked is None else name in ticked


def beside_fields(form: Form, problems: Mapping[str, str]) -> dict[str, str]:
    """The problems as Slack shows them beside their fields; empty where one of them has no field in the dialog."""
    if any(getattr(form.draft, field, None) is None for field in problems):
        return {}
    found: dict[str, str] = {}
    for field, text in problems.items():
        name = _name(form, "ticks" if field in _TICKS else field)
        found[name] = (found.get(name, "") + text)[:1_500]
    return found


def metadata_of(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a dialog carries along."""
    try:
        kept = json.loads(word(view, "private_metadata"))
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def number(kept: Mapping[str, Any], name: str) -> int:
    """A whole number that a dialog carries along."""
    value = kept.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _name(form: Form, field: str) -> str:
    return f"{field}.{form.turn}"


def _values(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for block, fields in part(view, "state", "values").items():
        for action in fields if isinstance(fields, dict) else ():
            yield block.partition(".")[0], part(fields, action)


def _selected(field: Mapping[str, Any] | None) -> Sequence[Any]:
    options = (field or {}).get("selected_options")
    return options if isinstance(options, list) else ()


def _text(
    form: Form,
    field: str,
    label: str,
    most: int,
    example: str,
    *,
    several: bool = False,
    optional: bool = False,
    hint: str = "",
) -> Block:
    value: str = getattr(form.draft, field) or ""
    element = PlainTextInputElement(
        action_id=field,
        multiline=several,
        max_length=most,
        initial_value=value[:most] or None,
        placeholder=blocks.plain(example, blocks.HEADER),
    )
    return _input(form, field, label, element, optional=optional, hint=hint)


def _ticks(form: Form, draft: Draft) -> Block:
    options = {name: Option(text=blocks.plain(label, 75), value=name) for name, label in _TICKS.items()}
    ticked = [option for name, option in options.items() if getattr(draft, name)]
    element = CheckboxesElement(action_id="ticks", options=list(options.values()), initial_options=ticked or None)
    return _input(form, "ticks", "送り方", element, optional=True)


def _input(
    form: Form, field: str, label: str, element: InputInteractiveElement, *, optional: bool, hint: str = ""
) -> Block:
    return InputBlock(
        label=blocks.plain(label, blocks.HEADER),
        block_id=_name(form, field),
        element=element,
        optional=optional,
        hint=blocks.plain(hint, 2_000) if hint else None,
    )
