"""A reply -> an Adaptive Card."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from microsoft_teams.cards import AdaptiveCard, CardElement, Container, ToggleInput

from asaka_bot.channels.teams.dates_table import dates_table
from asaka_bot.channels.teams.escaping import link, plain
from asaka_bot.channels.teams.parts import (
    LARGEST_BYTES,
    Colour,
    Shown,
    as_json,
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
)
from asaka_bot.channels.teams.pressed import AskDesk, Show, Vote
from asaka_bot.knowledge.model import Facet
from asaka_bot.messages import Decision, Desk, Line, Option, Reply, Section, SourceNote, Tag, UrgentLine

NEUTRAL = "お答えが届きました"  # what a notification may say where others can see the screen
_LINES_AT_ONCE = 4  # of an answer; the rest waits behind 「続きを見る」
_CUT = "長いため、ここまでを表示しています。続きは、期間・手続など、知りたいことを分けてお尋ねください。"
_COLOURS: Mapping[Tag, Colour] = dict.fromkeys((Tag.PLAN, Tag.LAW, Tag.CITY_RULE), "Accent")  # what binds


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of a reply a card shows; smaller ones are tried where the card would be too large for Teams."""

    lines: int = 50
    characters: int = 4_000  # of one line
    sources: int = 40
    related: int = 6
    question: bool = True  # the question travels along in the buttons


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What stands below an answer: buttons to vote on ``answer``, or what is ``said`` of a vote that was given."""

    answer: str = ""  # the number of the answer
    said: str = ""


_EXTENTS = (
    Extent(),
    Extent(sources=12, related=3),
    Extent(lines=12, characters=800, sources=8, related=3),
    Extent(lines=6, characters=400, sources=4, related=0, question=False),
    Extent(lines=2, characters=100, sources=0, related=0, question=False),
)


def reply_card(
    reply: Reply, question: str | None = None, *, shortened: bool = False, ballot: Ballot = Ballot()
) -> Shown:
    """The card of a reply.

    `question` is what the person typed; it travels in the buttons for feedback and for the letter to the desk, unless
    the reply is sensitive or computed from a date of birth. `shortened` says that only its beginning was read.
    """
    usable = None if reply.sensitive or reply.dates else question

    def drawn(extent: Extent) -> Shown:
        body = _body(_within(reply, extent), usable if extent.question else None, ballot)
        if shortened:
            body.insert(0, paragraph("質問が長かったため、はじめの1,000文字を読んでお答えしています。", subtle=True))
        return card(body, summary_of(reply))

    return fitted(drawn)


def summary_of(reply: Reply) -> str:
    """What a notification may say: nothing of sensitive matters, of danger, or of a birth."""
    if reply.sensitive or reply.dates or reply.decision is Decision.URGENT:
        return NEUTRAL
    return reply.lead


def _body(reply: Reply, question: str | None, ballot: Ballot) -> list[CardElement]:
    match reply.decision:
        case Decision.URGENT:
            return _urgent(reply)
        case Decision.ANSWER:
            return _answer(reply, question, ballot)
    body: list[CardElement] = [paragraph(reply.lead)]
    body += dates_table(reply.dates)
    body += [paragraph(note, subtle=True) for note in reply.notes]
    body += rows([(option.label, show_of(option)) for option in reply.choices])
    return body + _desk(reply.desk, AskDesk(question=question))


def _answer(reply: Reply, question: str | None, ballot: Ballot) -> list[CardElement]:
    body: list[CardElement] = [title(reply.title)]
    body += dates_table(reply.dates)
    for section in reply.sections:
        body += _section(section)
    body += [paragraph(f"※{note.lstrip('※ ')}", subtle=True) for note in reply.notes]
    if reply.sources:
        body += folded("sources", f"出典（{len(reply.sources)}件）", _sources(reply.sources))
    if reply.facets:
        body += [heading(f"「{reply.title}」について、ほかに知りたいこと")]
        body += buttons(button(option.label, show_of(option)) for option in reply.facets)
    if reply.related:
        found = rows([(option.label, show_of(option)) for option in reply.related])
        body += folded("related", f"関連すること（{len(reply.related)}件）", found)
    body += _desk(reply.desk, AskDesk(topic=reply.topic, question=question))
    return [*body, paragraph(ballot.said, subtle=True)] if ballot.said else body + _feedback(reply, question, ballot)


def _section(section: Section) -> list[CardElement]:
    shown = [part for line in section.lines[:_LINES_AT_ONCE] for part in _line(line)]
    rest = section.lines[_LINES_AT_ONCE:]
    body: list[CardElement] = [heading(section.heading), *shown]
    if rest:
        waiting = [part for line in rest for part in _line(line)]
        body += folded("rest", f"続きを見る（あと{len(rest)}件）", waiting)
    return body


def _line(line: Line) -> list[CardElement]:
    audience = [run(f"（{line.audience}）", bold=True)] if line.audience else []
    proof = [run(line.tag.value, colour=_COLOURS.get(line.tag), bold=True, subtle=True)]
    if line.sources:
        proof.append(run("　出典" + "・".join(map(str, line.sources)), subtle=True))
    if line.expired:
        proof.append(run("　要確認：出典の期限が過ぎています", colour="Attention", subtle=True))
    return [runs(*audience, run(line.text), spacing="Medium"), runs(*proof, spacing="None")]


def _sources(sources: Sequence[SourceNote]) -> list[CardElement]:
    found: list[CardElement] = []
    for number, source in enumerate(sources, 1):
        label = link(source.label, source.url) if source.url else plain(source.label)
        page = f"（{source.page}ページ）" if source.page else ""
        found.append(linked(f"{number}　{label} {plain(source.locator)}{page}", subtle=True, spacing="Small"))
    return found


def _desk(desk: Desk | None, ask: AskDesk) -> list[CardElement]:
    if desk is None:
        return []
    body: list[CardElement] = [heading("相談先"), runs(run(desk.title, bold=True), run(f"　{desk.purpose}"))]
    if desk.details:
        body.append(paragraph("　".join(desk.details), subtle=True))
    return body + list(buttons([button("職員課に聞く", ask)]))


def _feedback(reply: Reply, question: str | None, ballot: Ballot) -> list[CardElement]:
    if reply.topic is None:
        return []
    facet = None if reply.sensitive or reply.facet is None else Facet(reply.facet)
    vote = Vote(
        topic=reply.topic,
        facet=facet,
        helpful=True,
        question=question,
        answer=ballot.answer,
        dated=bool(reply.dates),
    )
    hint = "選ぶと、答えの種類だけが、名前なしで職員課に届きます。質問の文は届きません。"
    body: list[CardElement] = [heading("この答えは役に立ちましたか")]
    if question:
        hint = "選ぶと、答えの種類と質問の文が、名前なしで職員課に届きます。"
        body.append(ToggleInput(id="without_question", title="質問の文は届けない", value="false", wrap=True))
    votes = [
        button(label, replace(vote, helpful=good), with_inputs=bool(question))
        for label, good in (("役に立った", True), ("役に立たなかった", False))
    ]
    return [*body, *buttons(votes), paragraph(hint, subtle=True)]


def _urgent(reply: Reply) -> list[CardElement]:
    calls = [part for contact in reply.urgent for part in _call(contact)]
    body: list[CardElement] = [
        title("いま頼れる相談先があります"),
        paragraph(reply.lead),
        Container(style="emphasis", items=calls),
    ]
    body += [paragraph(note, subtle=True) for note in reply.notes]
    if reply.related:
        body += [heading("落ち着いて読めるときに")]
        body += rows([(option.label, show_of(option)) for option in reply.related])
    if reply.sources:
        body += folded("sources", f"電話番号の出典（{len(reply.sources)}件）", _sources(reply.sources))
    return body


def _call(contact: UrgentLine) -> list[CardElement]:
    numbers = contact.number.split("／")
    same = len(numbers) == len(contact.dial)
    links = [link(number, f"tel:{dial}") for number, dial in zip(numbers, contact.dial, strict=True)] if same else []
    shown = "／".join(links) or plain(contact.number)
    first = linked(f"**{plain(contact.title)}**　{shown}".rstrip("　"), spacing="Medium")
    note = f"　{contact.note}" if contact.note else ""
    return [first, paragraph(f"受付：{contact.hours}{note}", subtle=True, spacing="None")]


def show_of(option: Option) -> Show:
    """The press that shows a topic."""
    return Show(topic=option.topic, facet=Facet(option.facet) if option.facet else None)


def _within(reply: Reply, extent: Extent) -> Reply:
    """The reply, cut to `extent`, with a note where something is missing."""
    sections = tuple(
        replace(s, lines=tuple(replace(line, text=shortened_to(line.text, extent)) for line in s.lines[: extent.lines]))
        for s in reply.sections
    )
    cut = sections != reply.sections or len(reply.sources) > extent.sources
    notes = tuple(shortened_to(note, extent) for note in reply.notes[: extent.lines])
    return replace(
        reply,
        lead=shortened_to(reply.lead, extent),
        sections=sections,
        notes=(*notes, _CUT) if cut else notes,
        sources=reply.sources[: extent.sources],
        related=reply.related[: extent.related],
    )


def shortened_to(text: str, extent: Extent) -> str:
    """`text`, cut where it is longer than `extent` permits."""
    return text if len(text) <= extent.characters else text[: extent.characters - 1] + "…"


def fitted(drawn: Callable[[Extent], Shown]) -> Shown:
    """The most of it that Teams takes."""
    for extent in _EXTENTS:
        shown = drawn(extent)
        if size_of(shown.card) <= LARGEST_BYTES:
            return shown
    return shown


def size_of(shown: AdaptiveCard) -> int:
    """The bytes of a card as it travels; the client of the SDK writes JSON in ASCII or UTF-8, the larger counts."""
    return len(json.dumps(as_json(shown)).encode())
