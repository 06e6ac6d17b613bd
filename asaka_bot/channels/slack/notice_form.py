"""The dialog in which HR writes a notice, and what stands in it when it is sent."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from asaka_bot.channels.notice_draft import Draft, Offer
from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.mrkdwn import cut_escaped
from asaka_bot.channels.slack.notice_fields import CHANNELS, SHARED, Fields
from asaka_bot.channels.slack.payload import part, word

FORM_VIEW = "asaka-notice-form"
TEMPLATE, DETAILS = "asaka-notice-template", "asaka-notice-details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A draft in the dialog; ``notice`` and ``version`` where it has been kept already."""

    draft: Draft
    notice: int = 0
    version: int = 0
    turn: int = 0  # counts up with each redraw: Slack keeps what was typed under a name that it has seen

    @property
    def is_unfolded(self) -> bool:
        """Whether くわしい設定 are shown."""
        return self.draft.source is not None


def form_view(form: Form, offer: Offer, problems: Mapping[str, str] | None = None, more: str = "") -> View:
    """The dialog; `problems` are shown on top where they could not be shown beside their fields.

    `more` says what stands behind くわしい設定 while they are folded.
    """
    draft, made = form.draft, list[Block]()
    if problems:
        made += blocks.paragraphs([f"⚠ {cut_escaped(text, 900)}" for text in problems.values()])
    if offer.templates:
        options = [(template.label, template.id) for template in offer.templates]
        picker = blocks.select("ひな形を選ぶ", TEMPLATE, options)
        made.append(blocks.section("ひな形から始められます（書いた文は残ります）。", picker))
    fields = Fields(draft, form.turn)
    made += fields.first()
    if form.is_unfolded:
        made += fields.details(offer.topics)
    else:
        what = f"いまの設定：{cut_escaped(more, 900)}" if more else "リンク、話題、ほかの言語、投稿先、くり返し"
        made.append(blocks.section(what, blocks.fresh_button("くわしい設定", DETAILS, "open")))
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
    kept, values = metadata_of(view), dict(_values(view))

    def typed(name: str, key: str = "value") -> str | None:
        return word(values[name], key) if name in values else None

    def chosen(name: str) -> tuple[str, ...] | None:
        return (
            tuple(word(option, "value") for option in _listed(values[name], "selected_options"))
            if name in values
            else None
        )

    def picked(name: str) -> str | None:
        return word(part(values[name], "selected_option"), "value") if name in values else None

    ticks, more = chosen("ticks"), chosen("more")
    posts = [
        f"slack:{channel}"
        for channel in _listed(values.get(CHANNELS), "selected_conversations")
        if isinstance(channel, str)
    ]
    written = typed("posts")
    return Form(
        draft=Draft(
            template=word(kept, "t"),
            title=typed("title"),
            body=typed("body"),
            audience=typed("audience"),
            confirm=_in(ticks, "confirm"),
            answers=typed("answers"),
            respond_by=typed("respond_by", "selected_date"),
            urgent=_in(ticks, "urgent"),
            later=_in(ticks, "later"),
            day=typed("day", "selected_date"),
            at=typed("at", "selected_time"),
            source=typed("source"),
            replies=_in(more, "replies"),
            topics=chosen("topics"),
            links=typed("links"),
            title_en=typed("title_en"),
            body_en=typed("body_en"),
            title_easy=typed("title_easy"),
            body_easy=typed("body_easy"),
            posts=None if written is None else "\n".join([*([written] if written else []), *posts]),
            post_web=_in(more, "post_web"),
            repeat=picked("repeat"),
            repeat_number=picked("repeat_number"),
            repeat_weekday=picked("repeat_weekday"),
            repeat_day=typed("repeat_day"),
            repeat_at=typed("repeat_at", "selected_time"),
            repeat_until=typed("repeat_until", "selected_date"),
        ),
        notice=number(kept, "n"),
        version=number(kept, "v"),
        turn=number(kept, "k"),
    )  # fmt: skip


def _in(ticked: Collection[str] | None, name: str) -> bool | None:
    return None if ticked is None else name in ticked


def beside_fields(form: Form, problems: Mapping[str, str]) -> dict[str, str]:
    """The problems as Slack shows them beside their fields; empty where one of them has no field in the dialog."""
    if any(getattr(form.draft, field, None) is None for field in problems):
        return {}
    found: dict[str, str] = {}
    for field, text in problems.items():
        name = f"{SHARED.get(field, field)}.{form.turn}"
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


def _values(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for block, fields in part(view, "state", "values").items():
        for action in fields if isinstance(fields, dict) else ():
            yield block.partition(".")[0], part(fields, action)


def _listed(field: Mapping[str, Any] | None, name: str) -> Sequence[Any]:
    found = (field or {}).get(name)
    return found if isinstance(found, list) else ()
