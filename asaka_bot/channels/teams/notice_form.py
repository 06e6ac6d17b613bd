"""The cards in which HR writes a notice on Teams: form, preview, questions, status; and what comes back from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from microsoft_teams.cards import (
    Action,
    CardElement,
    Choice,
    ChoiceSetInput,
    DateInput,
    ExecuteAction,
    TextInput,
    TimeInput,
    ToggleInput,
)

from asaka_bot.broadcasts.audience_text import HOW
from asaka_bot.broadcasts.notice import Notice, NoticeState, Progress, Question, Template
from asaka_bot.broadcasts.notice_checks import LONGEST_BODY, LONGEST_TITLE
from asaka_bot.channels.notice_draft import Draft
from asaka_bot.channels.teams.announcement import preview
from asaka_bot.channels.teams.parts import (
    Shown,
    button,
    buttons,
    card,
    heading,
    open_link,
    paragraph,
    run,
    runs,
    title,
)
from asaka_bot.channels.teams.pressed import LONGEST_FIELD, Menu, Step, Write
from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Message
from asaka_bot.tokyo import TOKYO

WRITE_NEUTRAL = "お知らせの作成"
STOPPABLE = (NoticeState.AWAITING, NoticeState.SCHEDULED, NoticeState.SENT)
_AGREE = "agree-"


def form(
    draft: Draft, templates: Sequence[Template], problems: Mapping[str, str] | None = None, *, notice: int = 0,
    version: int = 0,
) -> Shown:  # fmt: skip
    """The form with what stands in it; each of `problems` stands above its field, what has none on top."""
    wrong = dict(problems or {})
    body: list[CardElement] = [title("お知らせを書く")]
    body += _problem(wrong.pop("", ""))
    if wrong:
        body += _problem(f"{len(wrong)}か所を直してください。入力した内容は残っています。")
    if templates:
        choices = [Choice(title=template.label[:80], value=template.id) for template in templates[:30]]
        body.append(ChoiceSetInput(id="template", label="ひな形", choices=choices, value=draft.template or None))
        body += buttons([_step("ひな形を使う", Step.TEMPLATE, notice, version)])
    shown: list[CardElement] = [
        TextInput(id="title", label="題名", value=draft.title or "", max_length=LONGEST_TITLE),
        TextInput(id="body", label="本文（段落は空行で分けます）", value=draft.body or "", is_multiline=True, max_length=LONGEST_BODY),
        TextInput(id="audience", label="宛先", value=draft.audience or "", placeholder="例：所属:総務部 + 職位:所属長", max_length=LONGEST_FIELD),
        paragraph(HOW, subtle=True),
        ToggleInput(id="confirm", title="確認ボタンを付ける", value=_yes(draft.confirm), wrap=True),
        TextInput(id="answers", label="選択肢（4つまで。「、」で区切ります）", value=draft.answers or "", max_length=200),
        DateInput(id="respond_by", label="回答の期限", value=draft.respond_by or None),
        ToggleInput(id="urgent", title="緊急（【緊急】の印を付ける）", value=_yes(draft.urgent), wrap=True),
        ToggleInput(id="later", title="日時を選んで送る", value=_yes(draft.later), wrap=True),
        DateInput(id="day", label="送る日", value=draft.day or None),
        TimeInput(id="at", label="送る時刻", value=draft.at or None),
    ]  # fmt: skip
    for each in shown:
        body += [*_problem(wrong.get(getattr(each, "id", None) or "", "")), each]
    body += buttons([_step("内容を確かめる", Step.CHECK, notice, version, primary=True)])
    return card(body, WRITE_NEUTRAL)


def preview_card(
    notice: Notice, message: Message, counts: tuple[int, int], said: str = "", questions: Sequence[Question] = ()
) -> Shown:
    """The notice as people will read it, with how many they are; `questions` have to be agreed to."""
    people, unreachable = counts
    away = f"（うち届かない人 {unreachable:,}人）" if unreachable else ""
    body: list[CardElement] = [title("お知らせの確認")]
    body += [runs(run(said, bold=True))] if said else []
    for question in questions:
        body.append(paragraph(question.text))
        body.append(ToggleInput(id=f"{_AGREE}{question.id}", title="確かめました", value="false", wrap=True))
    body += [runs(run(f"送る相手：{people:,}人{away}", bold=True)), paragraph(f"送る時：{_when(notice)}")]
    actions: list[Action] = [
        _step(label, step, notice.id, notice.version, primary=step is Step.SEND)
        for label, step in (
            ("送信・承認を頼む", Step.SEND),
            ("自分に試し送り", Step.TEST),
            ("下書きに保存", Step.KEEP),
            ("書き直す", Step.REWRITE),
        )
    ]
    body += [*buttons(actions), heading("プレビュー"), *preview(message)]
    if message.responses:
        body.append(paragraph("　".join(f"［{each.label}］" for each in message.responses)))
    body.append(paragraph("承認が必要なお知らせは、すぐには送らず、承認を頼みます。", subtle=True))
    return card(body, WRITE_NEUTRAL)


def said_card(text: str, address: str = "") -> Shown:
    """One sentence, with the way to the console."""
    onward: list[Action] = [open_link("人事コンソールで見る", address)] if address else []
    return card([paragraph(text), *buttons([*onward, button("メニューに戻る", Menu())])], WRITE_NEUTRAL)


def status(notices: Sequence[tuple[Notice, Progress]], said: str = "") -> Shown:
    """The latest notices with their figures, and a button to stop those that still leave."""
    body: list[CardElement] = [title("お知らせの状況"), *([runs(run(said, bold=True))] if said else [])]
    for notice, progress in notices:
        total = progress.total
        day = japanese_date(notice.made_at.astimezone(TOKYO).date())
        away = total.dead + total.held + total.unreachable
        figures = f"送信済み {total.arrived:,}人、送信待ち {total.waiting:,}人、届かない {away:,}人"
        if notice.content.wants_response:
            figures += f"、確認済み {total.confirmed:,}人（未確認 {total.unconfirmed:,}人）"
        body += [heading(notice.content.title[:200]), paragraph(f"{notice.state.label}　{day}"), paragraph(figures)]
        if notice.state in STOPPABLE and (total.waiting or notice.state is not NoticeState.SENT):
            body += buttons([_step("まだの分を中止", Step.CANCEL, notice.id, notice.version)])
    if not notices:
        body.append(paragraph("まだお知らせはありません。"))
    return card(body, WRITE_NEUTRAL)


def draft_of(fields: Mapping[str, Any]) -> Draft:
    """What was filled in; whatever is missing or of the wrong kind reads as empty."""

    def text(name: str, longest: int) -> str:
        value = fields.get(name)
        return value[:longest] if isinstance(value, str) else ""

    return Draft(
        template=text("template", 80),
        title=text("title", LONGEST_TITLE + 1),
        body=text("body", LONGEST_BODY + 1).replace("\r\n", "\n"),
        audience=text("audience", LONGEST_FIELD + 1),
        confirm=fields.get("confirm") == "true",
        answers=text("answers", 400),
        respond_by=text("respond_by", 10),
        urgent=fields.get("urgent") == "true",
        later=fields.get("later") == "true",
        day=text("day", 10),
        at=text("at", 5),
    )


def agreed_in(fields: Mapping[str, Any]) -> frozenset[str]:
    """The questions that were agreed to."""
    return frozenset(
        name.removeprefix(_AGREE)[:80] for name, value in fields.items() if name.startswith(_AGREE) and value == "true"
    )


def _step(label: str, step: Step, notice: int, version: int, *, primary: bool = False) -> ExecuteAction:
    return button(label, Write(step=step, notice=notice, version=version), with_inputs=True, primary=primary)


def _problem(text: str) -> list[CardElement]:
    return [runs(run(f"⚠ {text}", colour="Attention", bold=True))] if text else []


def _yes(ticked: bool | None) -> str:
    return "true" if ticked else "false"


def _when(notice: Notice) -> str:
    at = notice.plan.send_at
    if at is None:
        return "承認のあとすぐ、または今すぐ"
    local = at.astimezone(TOKYO)
    return f"{japanese_date(local.date())} {local:%H:%M}"
