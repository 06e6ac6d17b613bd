"""A channel-neutral `Reply` -> Block Kit, whole or shortened, within every limit and with all text escaped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from slack_sdk.models.blocks import Block, ButtonElement

from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.buttons import Action, Pressed, pack
from asaka_bot.channels.slack.mrkdwn import cut, cut_escaped, link, plainly
from asaka_bot.knowledge.model import Facet, Role
from asaka_bot.messages import DateRow, Decision, Desk, Line, Option, Reply, SourceNote, UrgentLine, japanese_date

PRIVATE_TEXT = "お答えを送りました"  # a notification on a locked screen says nothing else
_LINE, _NAME = 600, 150  # characters of one statement, of a name
_SHORT_BODY = 220  # characters of statements that a shortened answer shows
_LONG_BODY = 250  # from here an answer is shortened, so that 続きを見る always has something to show
_BUTTONS, _MOST_RELATED = 8, 4  # of one kind; related topics have long labels, a row each on a phone
_KEPT = 4_096  # buttons of the knowledge base
_ASSUMED = "出産予定日に生まれた場合の日付です。"  # said once for the table instead of once a row


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a reply is to be shown."""

    whole: bool = False  # False: a long answer is shortened
    direct: bool = False  # nobody but the person sees it
    question: str = ""  # as asked; travels along with 役に立たなかった, unless the matter is private
    role: Role | None = None
    answer: str = ""  # a number that nobody can guess, by which a person's votes on this answer are one


def is_private(reply: Reply) -> bool:
    """Whether only the person who asked may see the reply: a sensitive matter, danger, or the dates of a birth."""
    return reply.sensitive or reply.decision is Decision.URGENT or bool(reply.dates)


def is_long(reply: Reply) -> bool:
    """Whether the reply would fill a thread that others read."""
    return _body_size(reply) > _LONG_BODY


def render(reply: Reply, view: View) -> Rendered:
    """The reply as a message."""
    if reply.decision is Decision.URGENT:
        return _urgent(reply, view)
    made: list[Block] = []
    if reply.decision is Decision.ANSWER:
        made += _answer(reply, view)
    else:
        made += blocks.paragraphs([cut_escaped(reply.lead, _LINE)])
        made += _notes(reply.notes)
        made += _dates(reply.dates)
        made += blocks.rows(_options(reply.choices, view.role, Action.SHOW))
    made += _desk(reply.desk)
    made += blocks.rows(_last_buttons(reply, view))
    if reply.decision is Decision.ANSWER:
        made += _consent(reply, view)
    return blocks.rendered(notification(reply), made)


def notification(reply: Reply) -> str:
    """What a notification shows, in plain text; of a private matter nothing."""
    if is_private(reply):
        return PRIVATE_TEXT
    lines = [f"{line.text}〔{line.tag.value}〕" for part in reply.sections for line in part.lines][:2]
    return "\n".join((reply.lead, *lines, *(option.label for option in reply.choices)))[:400]


def _answer(reply: Reply, view: View) -> list[Block]:
    lines = [line for part in reply.sections for line in part.lines]
    shown = lines if view.whole or not is_long(reply) else _first_lines(lines)
    cited = tuple(dict.fromkeys(number for line in shown for number in line.sources))
    made = [blocks.header(reply.title or "お答え")]
    if reply.dates:  # the first note says what the dates were computed from
        made += [*_notes(reply.notes[:1]), *_dates(reply.dates)]
    for part in reply.sections:
        kept = [line for line in part.lines if line in shown]
        made += blocks.paragraphs([f"*{cut_escaped(part.heading, _NAME)}*", *(_line(line) for line in kept)], kept=True)
    if len(shown) < len(lines):
        value = pack(Pressed(topic=reply.topic or "", facet=_facet(reply.facet), role=view.role))
        made += blocks.rows([blocks.button("続きを見る", Action.MORE.value, value, "primary")])
    made += _notes(reply.notes[1:] if reply.dates else reply.notes)
    made += _sources(reply.sources, cited)
    made += blocks.rows(_options(reply.facets, view.role, Action.SHOW))
    if reply.related:
        made.append(blocks.context("関連すること"))
        made += blocks.rows(_options(reply.related[:_MOST_RELATED], view.role, Action.SHOW, start=_BUTTONS))
    return made


def _urgent(reply: Reply, view: View) -> Rendered:
    made = [blocks.header("いま頼れる相談先があります"), *blocks.paragraphs([cut_escaped(reply.lead, _LINE)])]
    made += blocks.paragraphs([_urgent_line(contact) for contact in reply.urgent])
    made += _notes(reply.notes)
    made += _sources(reply.sources, tuple(range(1, len(reply.sources) + 1)))
    if reply.related:
        made.append(blocks.context("落ち着いて読めるときに"))
        made += blocks.rows(_options(reply.related, view.role, Action.SHOW))
    made += _desk(reply.desk)
    made += blocks.rows(_last_buttons(reply, view))
    return blocks.rendered(PRIVATE_TEXT, made)


def _body_size(reply: Reply) -> int:
    return sum(len(line.text) for part in reply.sections for line in part.lines)


def _first_lines(lines: Sequence[Line]) -> list[Line]:
    """The first statements, at least one, up to the length of a shortened answer."""
    kept = [lines[0]]
    for line in lines[1:]:
        if sum(len(k.text) for k in kept) + len(line.text) > _SHORT_BODY:
            break
        kept.append(line)
    return kept


def _line(line: Line) -> str:
    audience = f"【{cut_escaped(line.audience, _NAME)}】" if line.audience else ""
    cited = "".join(f"[{number}]" for number in line.sources)
    expired = "（要確認：出典の期限が過ぎています）" if line.expired else ""
    return f"• {audience}{cut_escaped(line.text, _LINE)}〔{plainly(line.tag.value)}〕{cited}{expired}"


def _notes(notes: Sequence[str]) -> list[Block]:
    return blocks.paragraphs([cut_escaped(note, _LINE) for note in notes])


def _sources(sources: Sequence[SourceNote], cited: Sequence[int]) -> list[Block]:
    """The sources of what is shown, under the numbers that they have in the whole answer."""
    lines = [f"[{number}] {_source(sources[number - 1])}" for number in sorted(cited) if number <= len(sources)]
    made: list[Block] = []
    held = "出典"
    for line in lines:
        if len(held) + len(line) + 1 > blocks.CONTEXT:
            made.append(blocks.context(held))
            held = line
        else:
            held = f"{held}\n{line}"
    return [*made, blocks.context(held)] if lines else []


def _source(source: SourceNote) -> str:
    label = cut(source.label, _NAME)
    linked = source.url is not None and len(source.url) <= _LINE
    shown = link(source.url, label) if linked and source.url else plainly(label)
    page = f"（{source.page}ページ）" if source.page else ""
    return f"{shown} {cut_escaped(source.locator, _NAME)}{page}"


def _dates(rows: Sequence[DateRow]) -> list[Block]:
    made = blocks.paragraphs([_date(row) for row in rows])
    if any(row.note.startswith(_ASSUMED) for row in rows):
        made.append(blocks.context("産後の日付は、出産予定日に生まれた場合のものです。"))
    return made


def _date(row: DateRow) -> str:
    when = japanese_date(row.start) + ("" if row.start == row.end else f"〜{japanese_date(row.end)}")
    basis = f"〔{plainly(row.tag.value)}：{cut_escaped(row.basis, _LINE)}〕"
    return f"*{cut_escaped(row.title, _NAME)}*\n{when} {basis}\n{cut_escaped(row.note.removeprefix(_ASSUMED), _LINE)}\n"


def _urgent_line(contact: UrgentLine) -> str:
    number = f"  *{cut_escaped(contact.number, _NAME)}*" if contact.number else ""
    note = f" {cut_escaped(contact.note, _LINE)}" if contact.note else ""
    return f"• *{cut_escaped(contact.title, _NAME)}*{number}\n   {cut_escaped(contact.hours, _NAME)}{note}"


def _desk(desk: Desk | None) -> list[Block]:
    if desk is None:
        return []
    details = "".join(f"　{cut_escaped(detail, _NAME)}" for detail in desk.details[:4])
    return [
        blocks.context(f"相談先：*{cut_escaped(desk.title, _NAME)}*（{cut_escaped(desk.purpose, _LINE)}）{details}")
    ]


def _options(options: Sequence[Option], role: Role | None, action: Action, start: int = 0) -> list[ButtonElement]:
    return [_option(option, role, action, number) for number, option in enumerate(options[:_BUTTONS], start)]


@lru_cache(maxsize=_KEPT)
def _option(option: Option, role: Role | None, action: Action, number: int) -> ButtonElement:
    """The same few hundred stand below all answers; they hold no words of a person."""
    value = pack(Pressed(topic=option.topic, facet=_facet(option.facet), role=role))
    return blocks.button(option.label, action.numbered(number), value)


def _last_buttons(reply: Reply, view: View) -> list[ButtonElement]:
    """Feedback, the desk, and a way to take a private answer off the screen."""
    topic, facet = reply.topic or "", _facet(reply.facet)
    # What was not understood may be private as well: 「うつ病と診断されました」 can end as a question without an answer.
    question = view.question if reply.decision is Decision.ANSWER and not is_private(reply) else ""
    made = []
    if reply.decision is Decision.ANSWER:
        helped = Pressed(topic=topic, facet=facet, answer=view.answer)
        failed = replace(helped, question=question)
        made.append(blocks.fresh_button("役に立った", Action.HELPED.value, pack(helped)))
        made.append(blocks.fresh_button("役に立たなかった", Action.FAILED.numbered(0), pack(failed)))
        if failed.question:
            made.append(
                blocks.fresh_button("役に立たなかった（質問の文は届けない）", Action.FAILED.numbered(1), pack(helped))
            )
    if reply.desk is not None:
        asked = Pressed(topic=topic, question=question)
        made.append(blocks.fresh_button("職員課に聞く", Action.DESK.value, pack(asked)))
    if view.direct and is_private(reply):
        made.append(blocks.button("このお答えを消す", Action.ERASE.value, pack(Pressed())))
    return made


def _consent(reply: Reply, view: View) -> list[Block]:
    """What a press on the feedback buttons sends."""
    if view.question and not is_private(reply):
        return [
            blocks.context(
                "「役に立たなかった」を押すと、答えの種類と質問の文が、名前なしで職員課に届きます。"
                "ほかのボタンでは、質問の文は届きません。"
            )
        ]
    return [blocks.context("押すと、答えの種類だけが、名前なしで職員課に届きます。")]


def _facet(value: str | None) -> Facet | None:
    return Facet(value) if value in list(Facet) else None
