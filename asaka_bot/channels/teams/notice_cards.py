"""The cards that follow the form of a notice on Teams: preview, questions, outcome, status."""

from collections.abc import Mapping, Sequence
from typing import Any

from microsoft_teams.cards import Action, CardElement, ExecuteAction, ToggleInput

from asaka_bot.broadcasts.notice import Notice, NoticeState, Progress, Question
from asaka_bot.channels.notice_summary import lines
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
from asaka_bot.channels.teams.pressed import Menu, Step, Write
from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Message
from asaka_bot.tokyo import TOKYO

WRITE_NEUTRAL = "お知らせの作成"
STOPPABLE = (NoticeState.AWAITING, NoticeState.SCHEDULED, NoticeState.SENT)
_AGREE = "agree-"


def preview_card(
    notice: Notice, message: Message, counts: tuple[int, int], said: str = "", questions: Sequence[Question] = ()
) -> Shown:
    """The notice as people will read it, with how many they are; `questions` have to be agreed to."""
    body: list[CardElement] = [title("お知らせの確認")]
    body += [runs(run(said, bold=True))] if said else []
    for question in questions:
        body.append(paragraph(question.text))
        body.append(ToggleInput(id=f"{_AGREE}{question.id}", title="確かめました", value="false", wrap=True))
    body += [runs(run(f"{name}：{text}", bold=True), spacing="Small") for name, text in lines(notice, message, counts)]
    actions: list[Action] = [
        step_button(label, step, notice.id, notice.version, primary=step is Step.SEND)
        for label, step in (
            ("送信・承認を頼む", Step.SEND),
            ("自分に試し送り", Step.TEST),
            ("下書きに保存", Step.KEEP),
            ("書き直す", Step.REWRITE),
        )
    ]
    body += [*buttons(actions), heading("プレビュー"), *preview(message)]
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
            body += buttons([step_button("まだの分を中止", Step.CANCEL, notice.id, notice.version)])
    if not notices:
        body.append(paragraph("まだお知らせはありません。"))
    return card(body, WRITE_NEUTRAL)


def agreed_in(fields: Mapping[str, Any]) -> frozenset[str]:
    """The questions that were agreed to."""
    return frozenset(
        name.removeprefix(_AGREE)[:80] for name, value in fields.items() if name.startswith(_AGREE) and value == "true"
    )


def step_button(
    label: str, step: Step, notice: int, version: int, *, primary: bool = False, mark: Mapping[str, str] | None = None
) -> ExecuteAction:
    """A button that takes the notice a step further with all that was filled in; `mark` travels along."""
    return button(label, Write(step=step, notice=notice, version=version), with_inputs=True, primary=primary, mark=mark)
