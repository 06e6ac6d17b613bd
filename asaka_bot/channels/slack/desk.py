"""The dialogs 「職員課に聞く」 and 「ボットに聞く」; the bot itself passes nothing on to anybody."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.mrkdwn import cut, cut_escaped, plainly
from asaka_bot.knowledge.model import Contact, KnowledgeBase

DRAFT_VIEW, ASK_VIEW, FIELD = "asaka-draft", "asaka-ask", "asaka-text"
_TITLE, _LONGEST = 24, 2_500
_CLOSE = "閉じる"


def draft_dialog(knowledge: KnowledgeBase, first: str, question: str) -> View:
    """Desks, `first` on top, and a letter to start from; `question` is empty for a private matter."""
    contacts = sorted(knowledge.contacts.values(), key=lambda contact: contact.id != first)
    letter = f"お疲れさまです。次のことについて教えてください。\n\n{question}\n\n所属：\n氏名：\n" if question else ""
    made: list[Block] = blocks.paragraphs(
        [
            "*このボットが自動で送ることはありません。* 文面を整えて「自分に送る」を押すと、あなたへのダイレクトメッセージに控えが届きます。"
            "それを、いつもの方法でご自身から送ってください。"
        ]
    )
    made.append(
        _field(
            "問い合わせの文面（保存しません）",
            letter,
            "「相談したいことがあるので、話せる時間をください」だけでも構いません。",
        )
    )
    made += blocks.paragraphs([_contact(contact) for contact in contacts])
    return _dialog(DRAFT_VIEW, "職員課に聞く", "自分に送る", made)


def ask_dialog(text: str) -> View:
    """A question to the bot that starts from a message of the channel."""
    made: list[Block] = [_field("質問（書き直せます。保存しません）", cut(text, 1_000), "例：育休はいつまで取れますか")]
    made.append(blocks.context("答えは、あなたへのダイレクトメッセージに届きます。ほかの人には見えません。"))
    return _dialog(ASK_VIEW, "ボットに聞く", "質問する", made)


def typed(view: Mapping[str, Any]) -> str:
    """What stands in the field of a dialog that was sent."""
    values = (view.get("state") or {}).get("values") or {}
    text = ((values.get(FIELD) or {}).get(FIELD) or {}).get("value")
    return text if isinstance(text, str) else ""


def copy_of_draft(text: str) -> Rendered:
    """The letter, for the person to copy."""
    made = blocks.paragraphs(["問い合わせの文面の控えです。コピーして、いつもの方法で送ってください。"])
    made += [
        blocks.divider(),
        *blocks.paragraphs([cut_escaped(line, blocks.SECTION) or " " for line in text.splitlines()]),
    ]
    return blocks.rendered("問い合わせの文面の控えをお送りしました", made)


def _field(label: str, text: str, hint: str) -> Block:
    return InputBlock(
        label=blocks.plain(label, blocks.HEADER),
        block_id=FIELD,
        element=PlainTextInputElement(
            action_id=FIELD,
            multiline=True,
            max_length=_LONGEST,
            initial_value=text or None,
            placeholder=blocks.plain(hint, blocks.HEADER),
        ),
    )


def _contact(contact: Contact) -> str:
    details = (
        f"内線 {contact.extension}" if contact.extension else "",
        f"電話 {contact.phone}" if contact.phone else "",
        f"メール {contact.mail}" if contact.mail else "",
        contact.place,
    )
    shown = "　".join(plainly(detail) for detail in details if detail)
    return f"• *{cut_escaped(contact.title, 200)}*　{cut_escaped(contact.purpose, 400)}" + (
        f"\n   {shown}" if shown else ""
    )


def _dialog(name: str, title: str, submit: str, made: list[Block]) -> View:
    return View(
        type="modal",
        callback_id=name,
        title=blocks.plain(title, _TITLE),
        submit=blocks.plain(submit, _TITLE),
        close=blocks.plain(_CLOSE, _TITLE),
        blocks=made,
    )
