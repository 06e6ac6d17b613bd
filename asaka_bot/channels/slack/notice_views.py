"""What HR sees after the form: the notice as people will read it, questions, the outcome, and how far notices are."""

import json
from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement, CheckboxesElement, ConfirmObject, InputBlock, Option
from slack_sdk.models.views import View

from asaka_bot.broadcasts.notice import Notice, NoticeState, Progress, Question
from asaka_bot.channels.notice_summary import lines
from asaka_bot.channels.slack import announcement, blocks
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.mrkdwn import cut_escaped, link
from asaka_bot.channels.slack.payload import Payload, part, word
from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Message
from asaka_bot.tokyo import TOKYO

PREVIEW_VIEW = "asaka-notice-preview"
TEST, KEEP, REWRITE, CANCEL = "asaka-notice-test", "asaka-notice-keep", "asaka-notice-rewrite", "asaka-notice-cancel"
AGREED = "agreed"
STOPPABLE = (NoticeState.AWAITING, NoticeState.SCHEDULED, NoticeState.SENT)
_PREVIEW_CHARACTERS = 8_000


def preview_view(
    notice: Notice, message: Message, counts: tuple[int, int], said: str = "", questions: Sequence[Question] = ()
) -> View:
    """The second step; `said` tells what came of a press here, `questions` have to be agreed to."""
    made: list[Block] = blocks.paragraphs([f"*{cut_escaped(said, 900)}*"]) if said else []
    if questions:
        made += blocks.paragraphs([f"⚠ {cut_escaped(question.text, 900)}" for question in questions])
        made.append(_questions(notice, questions))
    made += blocks.paragraphs([f"{name}：*{cut_escaped(text, 900)}*" for name, text in lines(notice, message, counts)])
    made += blocks.rows(
        [
            blocks.fresh_button("自分に試し送り", TEST, str(notice.id)),
            blocks.fresh_button("下書きに保存", KEEP, str(notice.id)),
            blocks.fresh_button("書き直す", REWRITE, str(notice.id)),
        ]
    )
    made += [blocks.divider(), *_short(announcement.shown_only(message))]
    made.append(blocks.context("承認が必要なお知らせは、すぐには送らず、承認を頼みます。"))
    return View(
        type="modal",
        callback_id=PREVIEW_VIEW,
        title=blocks.plain("お知らせの確認", 24),
        submit=blocks.plain("送信・承認を頼む", 24),
        close=blocks.plain("下書きのまま閉じる", 24),
        private_metadata=json.dumps({"n": notice.id, "v": notice.version}),
        blocks=made,
    )


def agreed_in(view: Payload) -> frozenset[str]:
    """The questions that were agreed to in a preview."""
    found: list[str] = []
    for block, fields in part(view, "state", "values").items():
        options = part(fields, AGREED).get("selected_options")
        if block.startswith(f"{AGREED}.") and isinstance(options, list):
            found += [word(option, "value") for option in options]
    return frozenset(found)


def waiting_view() -> View:
    """Stands there while the feature takes longer than Slack waits."""
    return plain_view("確かめています。少しお待ちください。")


def plain_view(text: str) -> View:
    """A dialog with one sentence."""
    return View(
        type="modal",
        title=blocks.plain("お知らせを書く", 24),
        close=blocks.plain("閉じる", 24),
        blocks=blocks.paragraphs([cut_escaped(text, 2_000)]),
    )


def linked(text: str, title: str, address: str) -> Rendered:
    """A sentence on a notice with the way to the console."""
    lines = [f"「{cut_escaped(title, 200)}」：{cut_escaped(text, 900)}"]
    if address:
        lines.append(link(address, "人事コンソールで見る"))
    return blocks.rendered(f"「{title}」：{text}", blocks.paragraphs(lines))


def status(notices: Sequence[tuple[Notice, Progress]]) -> Rendered:
    """The latest notices with their figures, and a button to stop those that still leave."""
    made: list[Block] = [blocks.header("お知らせの状況")]
    for number, (notice, progress) in enumerate(notices):
        made += blocks.paragraphs([_line(notice, progress)])
        if notice.state in STOPPABLE and (progress.total.waiting or notice.state is not NoticeState.SENT):
            made += blocks.rows([_cancel(notice, number)])
    if not notices:
        made += blocks.paragraphs(["まだお知らせはありません。"])
    return blocks.rendered("お知らせの状況", made)


def _line(notice: Notice, progress: Progress) -> str:
    total = progress.total
    figures = f"送信済み {total.arrived:,}人、送信待ち {total.waiting:,}人、届かない {total.dead + total.held + total.unreachable:,}人"
    confirmed = (
        f"、確認済み {total.confirmed:,}人（未確認 {total.unconfirmed:,}人）" if notice.content.wants_response else ""
    )
    day = japanese_date(notice.made_at.astimezone(TOKYO).date())
    return f"*{cut_escaped(notice.content.title, 200)}*〔{notice.state.label}〕{day}\n{figures}{confirmed}"


def _cancel(notice: Notice, number: int) -> ButtonElement:
    button = blocks.fresh_button("まだの分を中止", f"{CANCEL}.{number}", str(notice.id), "danger")
    button.confirm = ConfirmObject(
        title="中止しますか",
        text=blocks.plain("まだ送っていない分を止めます。届いたお知らせは、そのまま残ります。", 300),
        confirm="中止する",
        deny="やめる",
    )
    return button


def _questions(notice: Notice, questions: Sequence[Question]) -> Block:
    options = [
        Option(text=blocks.plain(f"確かめました：{question.text}", blocks.OPTION_TEXT), value=question.id)
        for question in questions[:10]
    ]
    return InputBlock(
        label=blocks.plain("送る前に、次のことを確かめてください", blocks.HEADER),
        block_id=f"{AGREED}.{notice.version}",
        element=CheckboxesElement(action_id=AGREED, options=options),
        optional=False,
    )


def _short(body: Sequence[Block]) -> list[Block]:
    kept, left = list[Block](), _PREVIEW_CHARACTERS
    for block in body[:40]:
        left -= blocks.size(block.to_dict())
        if left < 0:
            return [*kept, blocks.context("（長いため、ここから先は表示していません）")]
        kept.append(block)
    return kept
