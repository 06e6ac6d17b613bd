"""What people write back to HR below a notice; nothing is kept or passed on before they agree to the exact text."""

import json

import structlog
from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.notices import Responses
from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.buttons import Action
from asaka_bot.channels.slack.desk import FIELD
from asaka_bot.channels.slack.mrkdwn import cut_escaped
from asaka_bot.channels.slack.notice_buttons import NoticePress, pack
from asaka_bot.channels.slack.place import Place
from asaka_bot.channels.slack.render import View as Way
from asaka_bot.channels.slack.render import render
from asaka_bot.channels.slack.speaker import Speaker

REPLY_VIEW = "asaka-reply"
_LONGEST = 2_000  # characters of a reply
TROUBLE = "申し訳ありません。いまは受け付けられませんでした。しばらくしてから、もう一度お試しください。"

_log = structlog.get_logger(__name__)


class Letters:
    """Replies to notices, from the dialog and from the thread below a notice."""

    def __init__(self, service: AnswerService, responses: Responses, speaker: Speaker) -> None:
        self._service, self._responses, self._speaker = service, responses, speaker

    async def offer(self, place: Place, text: str) -> None:
        """Where a person wrote in the thread below a notice: offer to hand exactly this text to HR."""
        if not (place.direct and place.thread and text):
            return
        try:
            marker = await self._marker_at(place)
        except Exception as error:  # the question has been answered; without the offer nothing is lost
            _log.warning("slack_notice_not_found", error=type(error).__name__)
            return
        if marker:
            await self._speaker.say(place, offer_of(text, marker))

    async def send(self, place: Place, press: NoticePress) -> str:
        """Hand a text to HR; the sentence for the person. Signs of danger bring the urgent contacts first."""
        if not press.text.strip():
            return "文が空でした。もう一度お書きください。"
        try:
            await self._comfort(place, press.text)
            return await self._responses.reply("slack", place.user, press.marker, press.text)
        except Exception as error:
            _log.error("slack_reply_failed", error=type(error).__name__)
            return TROUBLE

    async def _comfort(self, place: Place, text: str) -> None:
        urgent = await self._service.urgent(text)
        if urgent is not None:
            await self._speaker.say_privately(place.in_private, render(urgent, Way(direct=True)))

    async def _marker_at(self, place: Place) -> str | None:
        """The outbox knows direct messages by the person where it sent them to the person."""
        return await self._responses.marker_at("slack", place.channel, place.thread) or await self._responses.marker_at(
            "slack", place.user, place.thread
        )


def reply_dialog(marker: str) -> View:
    """The dialog of 「職員課に返信」."""
    made: list[Block] = blocks.paragraphs(["書いた文が、*そのまま、あなたの名前といっしょに* 職員課に届きます。"])
    made.append(
        InputBlock(
            label=blocks.plain("職員課への返信", blocks.HEADER),
            block_id=FIELD,
            element=PlainTextInputElement(
                action_id=FIELD,
                multiline=True,
                max_length=_LONGEST,
                placeholder=blocks.plain("例：この日は出張のため、別の日を希望します。", blocks.HEADER),
            ),
        )
    )
    made.append(blocks.context("送らずに閉じると、書いた文はどこにも残りません。"))
    return View(
        type="modal",
        callback_id=REPLY_VIEW,
        title=blocks.plain("職員課に返信", 24),
        submit=blocks.plain("送る", 24),
        close=blocks.plain("やめる", 24),
        private_metadata=json.dumps({"d": marker}),
        blocks=made,
    )


def offer_of(text: str, marker: str) -> Rendered:
    """The text as it would reach HR, with the button that sends it; what is shown is exactly what travels along."""
    carried = text
    while len(pack(NoticePress(marker=marker, text=carried))) > blocks.BUTTON_VALUE:  # many signs that JSON escapes
        carried = carried[: len(carried) * 9 // 10]
    made = blocks.paragraphs(["この文を、お知らせへの返信として職員課に送ることもできます。"])
    made += [blocks.divider(), *blocks.paragraphs(_lines(carried)), blocks.divider()]
    value = pack(NoticePress(marker=marker, text=carried))
    made += blocks.rows([blocks.fresh_button("この文を職員課に送る", Action.FORWARD.value, value)])
    made.append(
        blocks.context("押すと、上の文がそのまま、あなたの名前といっしょに届きます。押さなければ、どこにも残りません。")
    )
    return blocks.rendered("この文を職員課に送ることもできます", made)


def said(text: str) -> Rendered:
    """A sentence of the feature, which may quote a title."""
    shown = cut_escaped(text, 900)
    return Rendered(text=shown, blocks=tuple(block.to_dict() for block in blocks.paragraphs([shown])))


def _lines(text: str) -> list[str]:
    return [cut_escaped(line, blocks.SECTION) or " " for line in text.splitlines()]
