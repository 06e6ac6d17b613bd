"""The inputs of the dialog in which HR writes a notice, each with what stands in it."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ConversationFilter,
    ConversationMultiSelectElement,
    DatePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement

from asaka_bot.broadcasts.audience_text import HOW
from asaka_bot.broadcasts.notice_checks import LONGEST_BODY, LONGEST_SOURCE, LONGEST_TITLE, MOST_POSTS, MOST_TOPICS
from asaka_bot.broadcasts.notice_repeats import KINDS, NUMBERS, WEEKDAYS
from asaka_bot.channels.notice_draft import ONCE, TRANSLATED, Draft
from asaka_bot.channels.slack import blocks
from asaka_bot.outgoing import LANGUAGES

TICKS = {"confirm": "確認ボタンを付ける", "urgent": "緊急（【緊急】の印を付ける）", "later": "日時を選んで送る"}
MORE_TICKS = {"replies": "職員が返信できるようにする", "post_web": "Webチャットの「お知らせ」にも載せる"}
CHANNELS = "channels"  # the input of Slack's own channels; what is chosen joins the field `posts`
# The inputs that hold several fields of a draft.
SHARED = dict.fromkeys(TICKS, "ticks") | dict.fromkeys(MORE_TICKS, "more")
_MOST_AUDIENCE, _MOST_ANSWERS, _MOST_TEXT, _MOST_OPTIONS = 2_000, 200, 3_000, 100


class Fields:
    """The inputs of one drawing of a draft; `turn` is part of their names."""

    def __init__(self, draft: Draft, turn: int) -> None:
        self._draft, self._turn = draft, turn

    def first(self) -> list[Block]:
        """What nearly every notice needs."""
        return [
            self._text("title", "題名", LONGEST_TITLE, "例：健康診断の日程", optional=False),
            self._text("body", "本文（段落は空行で分けます）", LONGEST_BODY, "本文", several=True, optional=False),
            self._text("audience", "宛先", _MOST_AUDIENCE, "例：所属:総務部 + 職位:所属長", hint=HOW),
            self._ticks("ticks", "送り方", TICKS),
            self._text("answers", "選択肢（4つまで。「、」で区切ります）", _MOST_ANSWERS, "例：参加、不参加"),
            self._day("respond_by", "回答の期限"),
            self._day("day", "送る日（日時を選ぶとき）"),
            self._time("at", "送る時刻（日時を選ぶとき）"),
        ]

    def details(self, topics: Sequence[tuple[str, str]]) -> list[Block]:
        """The rest."""
        example = "例：研修の案内（PDF） https://www.city.asaka.lg.jp/a.pdf"
        made = [blocks.divider(), blocks.header("くわしい設定"), self._topics(topics)]
        made.append(self._text("links", "リンク（1行に1つ、名前とアドレス）", _MOST_TEXT, example, several=True))
        for language, (title, body) in TRANSLATED.items():
            name = LANGUAGES[language]
            made.append(self._text(title, f"{name}の題名", LONGEST_TITLE, f"{name}の題名"))
            made.append(self._text(body, f"{name}の本文", LONGEST_BODY, f"{name}の本文", several=True))
        return [
            *made,
            *self._posts(),
            self._ticks("more", "返信とWebチャット", MORE_TICKS),
            *self._repeat(),
            self._text("source", "もとになる計画や規則", LONGEST_SOURCE, "例：第5期特定事業主行動計画 第5-2-(2)"),
        ]

    def _topics(self, topics: Sequence[tuple[str, str]]) -> Block:
        if not topics or len(topics) > _MOST_OPTIONS or self._draft.topics is None:
            return _elsewhere("案内する話題")
        options = {topic: Option(text=blocks.plain(title, blocks.OPTION_TEXT), value=topic) for topic, title in topics}
        chosen = [options[topic] for topic in self._draft.topics if topic in options]
        element = StaticMultiSelectElement(
            action_id="topics",
            placeholder=blocks.plain("話題を選ぶ", blocks.HEADER),
            options=list(options.values()),
            initial_options=chosen or None,
            max_selected_items=MOST_TOPICS,
        )
        return self._input("topics", f"ボットの案内につなげる話題（{MOST_TOPICS}つまで）", element)

    def _posts(self) -> list[Block]:
        """Slack's own channels can be chosen; those that stand there already are text, as are Teams' ones.

        A channel that the workspace does not have, or the person may not see, would keep the dialog from opening.
        """
        element = ConversationMultiSelectElement(
            action_id=CHANNELS,
            placeholder=blocks.plain("チャンネルを選ぶ", blocks.HEADER),
            max_selected_items=MOST_POSTS,
            filter=ConversationFilter(
                include=["public", "private"], exclude_bot_users=True, exclude_external_shared_channels=True
            ),
        )
        hint = "1行に1つ書きます。例：slack:C0123ABCD、teams:19:abc@thread.tacv2"
        return [
            self._input(CHANNELS, "投稿するSlackのチャンネルを加える", element),
            self._text("posts", "投稿先（Teamsのチャネルなど）", _MOST_TEXT, "例：teams:19:abc@thread.tacv2", several=True, hint=hint),
        ]  # fmt: skip

    def _repeat(self) -> list[Block]:
        kinds = {ONCE: "くり返さない"} | {kind.value: name for kind, name in KINDS.items()}
        numbers = {str(number): name for number, name in NUMBERS.items()}
        days = {str(number): name for number, name in enumerate(WEEKDAYS)}
        hint = "閉庁日に当たるときは、その前の開庁日に送ります。"
        return [
            self._choice("repeat", "くり返し", kinds, hint=hint),
            self._choice("repeat_number", "第何（毎月のとき）", numbers),
            self._choice("repeat_weekday", "曜日（毎週・毎月のとき）", days),
            self._text("repeat_day", "月日（毎年のとき）", 20, "例：6月1日"),
            self._time("repeat_at", "くり返す時刻"),
            self._day("repeat_until", "くり返しの最後の日"),
        ]

    def _text(
        self,
        field: str,
        label: str,
        most: int,
        example: str,
        *,
        several: bool = False,
        optional: bool = True,
        hint: str = "",
    ) -> Block:
        """An input of a text; one that Slack could not hold stays as it is."""
        value: str | None = getattr(self._draft, field)
        if value is None or len(value) > most:
            return _elsewhere(label)
        element = PlainTextInputElement(
            action_id=field,
            multiline=several,
            max_length=most,
            initial_value=value or None,
            placeholder=blocks.plain(example, blocks.HEADER),
        )
        return self._input(field, label, element, optional=optional, hint=hint)

    def _ticks(self, name: str, label: str, ticks: Mapping[str, str]) -> Block:
        options = {field: Option(text=blocks.plain(text, 75), value=field) for field, text in ticks.items()}
        ticked = [option for field, option in options.items() if getattr(self._draft, field)]
        element = CheckboxesElement(action_id=name, options=list(options.values()), initial_options=ticked or None)
        return self._input(name, label, element)

    def _choice(self, field: str, label: str, names: Mapping[str, str], hint: str = "") -> Block:
        options = {value: Option(text=blocks.plain(name, 75), value=value) for value, name in names.items()}
        chosen = options.get(getattr(self._draft, field) or "") or next(iter(options.values()))
        element = StaticSelectElement(
            action_id=field,
            placeholder=blocks.plain(label, blocks.HEADER),
            options=list(options.values()),
            initial_option=chosen,
        )
        return self._input(field, label, element, hint=hint)

    def _day(self, field: str, label: str) -> Block:
        value = getattr(self._draft, field) or None
        return self._input(field, label, DatePickerElement(action_id=field, initial_date=value))

    def _time(self, field: str, label: str) -> Block:
        value = getattr(self._draft, field) or None
        return self._input(field, label, TimePickerElement(action_id=field, initial_time=value))

    def _input(
        self, field: str, label: str, element: InputInteractiveElement, *, optional: bool = True, hint: str = ""
    ) -> Block:
        return InputBlock(
            label=blocks.plain(label, blocks.HEADER),
            block_id=f"{field}.{self._turn}",
            element=element,
            optional=optional,
            hint=blocks.plain(hint, 2_000) if hint else None,
        )


def _elsewhere(label: str) -> Block:
    return blocks.context(
        f"「{label}」は、ここでは直せません。いまの内容のまま残ります。直すときは、人事コンソールを使ってください。"
    )
