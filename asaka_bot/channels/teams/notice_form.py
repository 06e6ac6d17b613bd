"""The card in which HR writes a notice on Teams, and what comes back from it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from microsoft_teams.cards import (
    CardElement,
    Choice,
    ChoiceSetInput,
    Container,
    DateInput,
    TextInput,
    TimeInput,
    ToggleInput,
)

from asaka_bot.broadcasts.audience_text import HOW
from asaka_bot.broadcasts.notice_checks import LONGEST_BODY, LONGEST_SOURCE, LONGEST_TITLE, MOST_TOPICS
from asaka_bot.broadcasts.notice_repeats import KINDS, NUMBERS, WEEKDAYS
from asaka_bot.channels.notice_draft import DETAILS, ONCE, TRANSLATED, Draft, Offer
from asaka_bot.channels.teams.notice_cards import WRITE_NEUTRAL, step_button
from asaka_bot.channels.teams.parts import Shown, buttons, card, folded, paragraph, run, runs, title
from asaka_bot.channels.teams.pressed import LONGEST_FIELD, Step
from asaka_bot.outgoing import LANGUAGES

_KEPT = "kept"  # travels in the buttons: the fields that the card does not show
_MOST_LINKS_TEXT, _MOST_TOPICS_SHOWN = 6_000, 100
_LONGEST = {"title": LONGEST_TITLE, "body": LONGEST_BODY, "links": _MOST_LINKS_TEXT, "source": LONGEST_SOURCE} | {
    name: longest for names in TRANSLATED.values() for name, longest in zip(names, (LONGEST_TITLE, LONGEST_BODY), strict=True)
}  # fmt: skip
_TOGGLES = ("confirm", "urgent", "later", "replies", "post_web")


def form(
    draft: Draft,
    offer: Offer,
    problems: Mapping[str, str] | None = None,
    *,
    notice: int = 0,
    version: int = 0,
    more: str = "",
) -> Shown:
    """The form with what stands in it; each of `problems` stands above its field, what has none on top.

    `draft` has every field; `more` says what stands behind くわしい設定 already. More topics than a card can
    offer are not shown, and stay as they are.
    """
    hidden = () if 0 < len(offer.topics) <= _MOST_TOPICS_SHOWN else ("topics",)
    fields = _Fields(draft, offer, dict(problems or {}), hidden)
    return card(fields.body(notice, version, more), WRITE_NEUTRAL)


class _Fields:
    """The inputs of one drawing of a draft, without those that are `hidden`."""

    def __init__(self, draft: Draft, offer: Offer, problems: dict[str, str], hidden: Collection[str]) -> None:
        self._draft, self._offer, self._problems, self._hidden = draft, offer, problems, hidden

    def body(self, notice: int, version: int, more: str) -> list[CardElement]:
        """The whole card."""
        mark = {_KEPT: ",".join(self._hidden) or "none"}
        wrong = len([name for name in self._problems if name])
        made: list[CardElement] = [title("お知らせを書く"), *_red(self._problems.get("", ""))]
        made += _red(f"{wrong}か所を直してください。入力した内容は残っています。" if wrong else "")
        if self._offer.templates:
            choices = [Choice(title=each.label[:80], value=each.id) for each in self._offer.templates[:30]]
            made.append(
                ChoiceSetInput(id="template", label="ひな形", choices=choices, value=self._draft.template or None)
            )
            made += buttons([step_button("ひな形を使う", Step.TEMPLATE, notice, version, mark=mark)])
        made += [*self._first(), *self._folded(more)]
        return made + buttons([step_button("内容を確かめる", Step.CHECK, notice, version, primary=True, mark=mark)])

    def _folded(self, more: str) -> Sequence[CardElement]:
        if any(name in DETAILS for name in self._problems):
            return [Container(id="details", spacing="Small", items=self._details())]
        return folded("details", f"くわしい設定（{more}）" if more else "くわしい設定", self._details())

    def _first(self) -> list[CardElement]:
        return [
            *self._text("title", "題名"),
            *self._text("body", "本文（段落は空行で分けます）", several=True),
            *self._text("audience", "宛先", "例：所属:総務部 + 職位:所属長"),
            paragraph(HOW, subtle=True),
            *self._toggle("confirm", "確認ボタンを付ける"),
            *self._text("answers", "選択肢（4つまで。「、」で区切ります）"),
            *self._day("respond_by", "回答の期限"),
            *self._toggle("urgent", "緊急（【緊急】の印を付ける）"),
            *self._toggle("later", "日時を選んで送る"),
            *self._day("day", "送る日"),
            *self._time("at", "送る時刻"),
        ]

    def _details(self) -> list[CardElement]:
        kinds = {ONCE: "くり返さない"} | {kind.value: name for kind, name in KINDS.items()}
        texts: list[CardElement] = []
        for language, (headline, body) in TRANSLATED.items():
            name = LANGUAGES[language]
            texts += self._text(headline, f"{name}の題名") + self._text(body, f"{name}の本文", several=True)
        link = "例：研修の案内（PDF） https://www.city.asaka.lg.jp/a.pdf"
        post = "例：teams:19:abc@thread.tacv2、slack:C0123ABCD"
        return [
            *self._topics(),
            *self._text("links", "リンク（1行に1つ、名前とアドレス）", link, several=True),
            *texts,
            *self._text("posts", "投稿するチャネル（1行に1つ）", post, several=True),
            *self._toggle("post_web", "Webチャットの「お知らせ」にも載せる"),
            *self._toggle("replies", "職員が返信できるようにする"),
            *self._choice("repeat", "くり返し", kinds),
            paragraph("閉庁日に当たるときは、その前の開庁日に送ります。", subtle=True),
            *self._choice("repeat_number", "第何（毎月のとき）", {str(key): name for key, name in NUMBERS.items()}),
            *self._choice("repeat_weekday", "曜日（毎週・毎月のとき）", {str(n): name for n, name in enumerate(WEEKDAYS)}),
            *self._text("repeat_day", "月日（毎年のとき）", "例：6月1日"),
            *self._time("repeat_at", "くり返す時刻"),
            *self._day("repeat_until", "くり返しの最後の日"),
            *self._text("source", "もとになる計画や規則", "例：第5期特定事業主行動計画 第5-2-(2)"),
        ]  # fmt: skip

    def _topics(self) -> list[CardElement]:
        label = f"ボットの案内につなげる話題（{MOST_TOPICS}つまで）"
        known = dict(self._offer.topics)
        chosen = [topic for topic in self._draft.topics or () if topic in known]
        element = ChoiceSetInput(
            id="topics",
            label=label,
            choices=[Choice(title=name[:80], value=topic) for topic, name in known.items()],
            is_multi_select=True,
            style="filtered",
            value=",".join(chosen) or None,
        )
        return self._field("topics", label, element)

    def _field(self, name: str, label: str, element: CardElement) -> list[CardElement]:
        if name in self._hidden:
            text = f"「{label}」は、ここでは直せません。いまの内容のまま残ります。直すときは、人事コンソールを使ってください。"
            return [paragraph(text, subtle=True)]
        return [*_red(self._problems.get(name, "")), element]

    def _text(self, name: str, label: str, example: str = "", *, several: bool = False) -> list[CardElement]:
        element = TextInput(
            id=name,
            label=label,
            value=getattr(self._draft, name) or "",
            placeholder=example or None,
            is_multiline=True if several else None,
            max_length=_LONGEST.get(name, LONGEST_FIELD),
        )
        return self._field(name, label, element)

    def _toggle(self, name: str, label: str) -> list[CardElement]:
        value = "true" if getattr(self._draft, name) else "false"
        return self._field(name, label, ToggleInput(id=name, title=label, value=value, wrap=True))

    def _choice(self, name: str, label: str, names: Mapping[str, str]) -> list[CardElement]:
        choices = [Choice(title=shown, value=value) for value, shown in names.items()]
        chosen = getattr(self._draft, name)
        value = chosen if chosen in names else choices[0].value
        return self._field(name, label, ChoiceSetInput(id=name, label=label, choices=choices, value=value))

    def _day(self, name: str, label: str) -> list[CardElement]:
        return self._field(name, label, DateInput(id=name, label=label, value=getattr(self._draft, name) or None))

    def _time(self, name: str, label: str) -> list[CardElement]:
        return self._field(name, label, TimeInput(id=name, label=label, value=getattr(self._draft, name) or None))


def draft_of(fields: Mapping[str, Any]) -> Draft:
    """What was filled in; whatever is of the wrong kind reads as empty.

    Clients leave out inputs that are empty: which fields the card did not show, its button says. A card from before
    there were くわしい設定 says nothing.
    """
    kept = fields.get(_KEPT)
    hidden = set(kept.split(",")) & set(DETAILS) if isinstance(kept, str) else set(DETAILS)

    def text(name: str, longest: int = LONGEST_FIELD) -> str:
        value = fields.get(name)
        return value[: longest + 1].replace("\r\n", "\n") if isinstance(value, str) else ""

    texts = {name: text(name, _LONGEST.get(name, LONGEST_FIELD)) for name in Draft.__dataclass_fields__}
    ticked = {name: fields.get(name) in ("true", True) for name in _TOGGLES}
    topics = tuple(topic for topic in texts["topics"].split(",") if topic)
    given: dict[str, Any] = {**texts, **ticked, "topics": topics, "template": texts["template"][:80]}
    return replace(Draft(), **(given | dict.fromkeys(hidden)))


def _red(text: str) -> list[CardElement]:
    return [runs(run(f"⚠ {text}", colour="Attention", bold=True))] if text else []
