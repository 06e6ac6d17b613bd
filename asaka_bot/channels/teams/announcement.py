"""A message that leaves on its own (a reminder, a notice) -> an Adaptive Card."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement, TextInput

from asaka_bot.channels.links import host_of
from asaka_bot.channels.teams.escaping import link, plain
from asaka_bot.channels.teams.parts import (
    Shown,
    button,
    buttons,
    card,
    folded,
    heading,
    linked,
    paragraph,
    rows,
    run,
    runs,
    title,
    unfolding,
)
from asaka_bot.channels.teams.pressed import LONGEST_REPLY, REPLY_TEXT, Menu, Respond, WriteBack
from asaka_bot.channels.teams.render import Extent, fitted, shortened_to, show_of
from asaka_bot.outgoing import Link, Message, Translation

CONFIRM = "confirm"
_MOST_RESPONSES = 5  # 確認しました, and up to four answers
_MOST_LINKS = 10
_LABEL = 200


def message_card(message: Message, marker: str = "") -> Shown:
    """The card of a reminder or notice; `marker` travels in its buttons, so that a press tells the delivery."""

    def drawn(extent: Extent) -> Shown:
        body = [*_read(message, extent), *_respond(message, marker)]
        body += rows([(o.label, show_of(o)) for o in message.topics[: extent.related]], _mark(marker))
        body += [part for n, each in enumerate(message.translations[:4]) for part in _translation(n, each, extent)]
        body += buttons([button("メニューを見る", Menu(), mark=_mark(marker))])
        return card(body, f"【緊急】{message.title}" if message.urgent else message.title)

    return fitted(drawn)


def preview(message: Message) -> list[CardElement]:
    """What people will read, with the names of the buttons instead of the buttons; the translations unfold."""
    extent = Extent(lines=20, characters=1_500)
    labels = [each.label for each in message.responses] + [each.label for each in message.topics]
    labels += ["職員課に返信"] if message.replies else []
    made = _read(message, extent)
    made += [paragraph("　".join(f"［{label[:_LABEL]}］" for label in labels))] if labels else []
    return made + [part for n, each in enumerate(message.translations[:4]) for part in _translation(n, each, extent)]


def _mark(marker: str) -> dict[str, str]:
    return {"delivery": marker} if marker else {}


def _read(message: Message, extent: Extent) -> list[CardElement]:
    paragraphs = [shortened_to(text, extent) for text in message.paragraphs[: extent.lines]]
    also = [shortened_to(line, extent) for line in message.also[: extent.lines]]
    body: list[CardElement] = []
    if message.urgent:
        body.append(runs(run("【緊急】", colour="Attention", bold=True)))
    body += [title(message.title[:500]), *(paragraph(text) for text in paragraphs)]
    if also:
        body += [heading("この日のほかの予定"), *(runs(run(f"・{line}"), spacing="Small") for line in also)]
    if (len(paragraphs), len(also)) != (len(message.paragraphs), len(message.also)):
        body.append(paragraph("長いため、ここまでを表示しています。", subtle=True))
    body += [linked(_link(each), spacing="Small") for each in message.links[:_MOST_LINKS]]
    if message.due:
        body.append(runs(run(message.due[:300], bold=True)))
    if message.source:
        body.append(paragraph(f"出典：{message.source[:300]}", subtle=True))
    return body


def _link(each: Link) -> str:
    """The host stands behind the label, which could claim to lead anywhere."""
    label, host = " ".join(each.label.split())[:_LABEL], host_of(each.url)
    return f"{link(label, each.url)}（{plain(host)}）" if host else plain(label)


def _respond(message: Message, marker: str) -> Sequence[CardElement]:
    """The buttons below a notice; none where nobody could tell whose press it was."""
    if not marker:
        return ()
    made: list[Action] = [
        button(each.label, Respond(delivery=marker, response=each.id), primary=each.id == CONFIRM)
        for each in message.responses[:_MOST_RESPONSES]
    ]
    if message.replies:
        made.append(_write_back(marker))
    return buttons(made)


def _write_back(marker: str) -> Action:
    hint = "書いた文が、そのまま、あなたの名前といっしょに職員課に届きます。"
    field = TextInput(
        id=REPLY_TEXT, label="職員課への返信", is_multiline=True, max_length=LONGEST_REPLY, is_required=True,
        error_message="返信の文を書いてください。",
    )  # fmt: skip
    send = button("この文を職員課に送る", WriteBack(delivery=marker), with_inputs=True, primary=True)
    return unfolding("職員課に返信", [field, paragraph(hint, subtle=True)], send)


def _translation(number: int, each: Translation, extent: Extent) -> list[CardElement]:
    texts = [paragraph(shortened_to(text, extent)) for text in each.paragraphs[: extent.lines]]
    return folded(f"translation-{number}", each.label, [heading(each.title[:500]), *texts])
