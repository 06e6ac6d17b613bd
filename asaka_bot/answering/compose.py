"""Put what was understood into a channel-neutral reply, with the source and certainty of every line."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from asaka_bot.answering import dates, distress
from asaka_bot.answering.facets import BUTTONS, TITLES
from asaka_bot.answering.life_events import LifeEvent, life_events
from asaka_bot.knowledge.model import Certainty, Citation, DangerKind, Facet, KnowledgeBase, Role, Statement, Topic
from asaka_bot.messages import (
    DateRow,
    Decision,
    Desk,
    Line,
    Option,
    Reply,
    Section,
    SourceNote,
    Tag,
    UrgentLine,
    japanese_date,
)

AUDIENCES = {
    Role.REGULAR: "常勤職員",
    Role.FIXED_TERM: "会計年度任用職員",
    Role.MANAGER: "所属長・管理職員",
    Role.PREFECTURAL: "県費負担教職員",
    Role.FIELD: "現業の職員",
}
_TAGS = {Certainty.PLAN: Tag.PLAN, Certainty.LAW: Tag.LAW, Certainty.NATIONAL: Tag.NATIONAL, Certainty.CITY: Tag.CITY}
_ORDER = {Tag.CITY_RULE: 0, Tag.PLAN: 1, Tag.LAW: 1, Tag.NATIONAL: 2, Tag.CITY: 3}
_EMPLOYMENT = {Role.REGULAR, Role.FIXED_TERM, Role.PREFECTURAL}  # one person is only one of these
_MOST_LINES = 7
_ALWAYS_SHOWN = 2
_MUCH_CLOSER = 2  # words more in common with the question
_NOT_RECORDED = "この内容は保存も記録もしていません。"
UNSPOKEN = {"attack", "noise", "greeting", "thanks", "bot-self", "personal-data"}  # their note says it all

Relevance = Callable[[Statement], int]


def answer(
    topic: Topic,
    facet: Facet | None,
    role: Role | None,
    knowledge: KnowledgeBase,
    today: date,
    nearby: Iterable[str] = (),
    relevance: Relevance | None = None,
) -> Reply:
    """The answer on a topic, led by `facet`: where None by what the topic leads with, where missing by its first.

    `nearby` are the next topics of the ranking; `relevance` tells how much of the question a statement speaks of, for
    facets with more statements than one reply shows.
    """
    asked = facet or topic.leads
    shown = asked if topic.facets.get(asked) else _first_facet(topic)
    statements = _for_role(topic.facets.get(shown, ()), role)
    if len(statements) > _MOST_LINES:
        statements = _selection(statements, relevance)
    citations = _Citations()
    lines = [_line(s, citations, today) for s in sorted(statements, key=lambda s: _ORDER[_tag(s)])]
    notes = [f"※{confusion.note}" for confusion in topic.confused_with[:2]]
    if shown is not asked:
        notes.insert(0, f"{TITLES[asked]}については、資料に書かれていません。下の相談先に確認してください。")
    if topic.sensitive:
        notes.append(_NOT_RECORDED)
    others = dict.fromkeys((*nearby, *topic.related))
    return Reply(
        decision=Decision.ANSWER,
        lead=f"【{topic.title}】{TITLES[shown]}",
        topic=topic.id,
        title=topic.title,
        facet=shown.value,
        ranked=(topic.id, *[t for t in others if t in knowledge.topics and t != topic.id][:4]),
        sections=(Section(heading=TITLES[shown], lines=tuple(lines)),),
        notes=tuple(notes),
        sources=citations.notes(),
        facets=tuple(
            Option(label=BUTTONS[f], topic=topic.id, facet=f.value)
            for f in Facet
            if topic.facets.get(f) and f is not shown
        ),
        related=tuple(_option(knowledge.topics[t]) for t in others if t in knowledge.topics and t != topic.id)[:6],
        desk=_desk(topic.desk, knowledge),
        sensitive=topic.sensitive,
    )


def choose(prompt: str, topics: Sequence[str], ranked: Sequence[str], knowledge: KnowledgeBase) -> Reply:
    """A counter-question with at most four topics to pick from."""
    offered = [t for t in topics if t in knowledge.topics][:4]
    order = tuple(dict.fromkeys((*offered, *ranked)))[:5]
    return Reply(
        decision=Decision.CHOOSE,
        lead=f"{prompt} 近いものを選んでください。",
        ranked=order,
        choices=tuple(_option(knowledge.topics[t]) for t in offered),
        desk=_desk("hr-desk", knowledge),
        sensitive=any(knowledge.topics[t].sensitive for t in offered),
    )


def decline(subject: str | None, near: Sequence[str], knowledge: KnowledgeBase) -> Reply:
    """Say that the bot does not know, and whom to ask; `near` are topics that may be meant after all."""
    known = next((s for s in knowledge.outside if s.id == subject), None)
    offered = [t for t in near if t in knowledge.topics][:3]
    if known is None:
        lead = "申し訳ありません。ご質問に合う内容が、このボットの資料に見つかりませんでした。"
    elif known.id in UNSPOKEN and known.note:
        lead = known.note
    else:
        lead = f"{known.title}については、このボットの資料にありません。" + known.note
    if known is not None and known.id in UNSPOKEN:
        offered = []
    return Reply(
        decision=Decision.DECLINE,
        lead=lead,
        ranked=tuple(near)[:5] if offered else (),
        notes=("もしかすると、次のどれかのことでしょうか。",) if offered else (),
        choices=tuple(_option(knowledge.topics[t]) for t in offered),
        desk=_desk(known.desk if known else "hr-desk", knowledge),
        sensitive=known is not None and known.id in {"personal-data", "medical-diagnosis"},
    )


def nothing_asked(knowledge: KnowledgeBase) -> Reply:
    """The reply to an empty question, or one of signs only."""
    return Reply(
        decision=Decision.DECLINE,
        lead="ご質問を文字で入力してください。たとえば「育休はいつまで取れますか」のように書けます。",
        desk=_desk("hr-desk", knowledge),
    )


def urgent(kind: DangerKind, question: str, knowledge: KnowledgeBase) -> Reply:
    """The urgent contacts, most urgent first, then one fitting topic."""
    third = distress.about_somebody_else(question)
    contacts = [knowledge.urgent.contacts[c] for c in kind.contacts if c in knowledge.urgent.contacts]
    topic = knowledge.topics.get(kind.topic or "")
    citations = tuple(
        SourceNote(label=c.source, locator=f"（{japanese_date(c.checked)}確認）" if c.checked else "", certainty="law")
        for c in {c.source: c for c in contacts}.values()
    )
    return Reply(
        decision=Decision.URGENT,
        lead=kind.opening_third_person if third else kind.opening,
        topic=topic.id if topic else None,
        ranked=(topic.id,) if topic else (),
        urgent=tuple(
            UrgentLine(
                title=c.title,
                number=c.number,
                hours=c.hours,
                dial=tuple(re.sub(r"[^0-9#]", "", n) for n in c.number.split("／") if n),
                note="" if c.verified or not c.number else "番号は公式の案内でも確かめてください。",
            )
            for c in contacts
        ),
        notes=(_NOT_RECORDED,),
        related=(_option(topic),) if topic else (),
        sources=citations,
        sensitive=True,
    )


_DUE = re.compile(r"予定日|産まれる予定|生まれる予定|出産予定")
_BIRTH = re.compile(r"(?:に|日)?(?:生|産|う)まれ(?!る)|誕生日|生年月日|出産しました|出産した|に出産|生まれの子")
_TWINS = re.compile(r"双子|ふたご|多胎|三つ子|品胎")


def with_dates(reply: Reply, question: str, today: date) -> Reply:
    """Add the table of dates where the question states a due date or a birth date.

    Raises:
        DateError: the date does not exist or is out of range.
    """
    due, birth = _DUE.search(question), _BIRTH.search(question)
    if not (due or birth):
        return reply
    found = dates.find(question, today, dates.Lean.FUTURE if due else dates.Lean.PAST)
    if not found:
        return reply
    day = found[0].day
    twins = bool(_TWINS.search(question))
    events = life_events(due=day, multiple=twins) if due else life_events(birth=day)
    what = "出産予定日" if due else "生まれた日"
    note = f"{what}を{japanese_date(day)}{'（双子以上）' if twins else ''}として計算しました。入力した日付は保存していません。"
    return replace(reply, dates=tuple(date_row(e) for e in events), notes=(note, *reply.notes))


def date_row(event: LifeEvent) -> DateRow:
    """A line of the table of dates."""
    return DateRow(
        id=event.id,
        title=event.title,
        start=event.start,
        end=event.end,
        basis=event.basis,
        tag=_TAGS[event.certainty],
        note=event.note,
    )


class _Citations:
    """Numbers the sources of a reply in the order in which they are first used."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._notes: list[SourceNote] = []

    def number(self, citation: Citation, certainty: Certainty) -> int:
        key = (citation.source.id, citation.locator)
        if key not in self._numbers:
            source = citation.source
            dated = f"（{source.dated}）" if source.dated and source.dated not in source.label else ""
            note = SourceNote(
                label=source.label + dated,
                locator=citation.locator,
                certainty=certainty.value,
                page=citation.page,
                url=source.url,
            )
            self._notes.append(note)
            self._numbers[key] = len(self._notes)
        return self._numbers[key]

    def notes(self) -> tuple[SourceNote, ...]:
        return tuple(self._notes)


def _tag(statement: Statement) -> Tag:
    filled = statement.city_value is not None and statement.city_value.filled
    return Tag.CITY_RULE if filled else _TAGS[statement.certainty]


def _line(statement: Statement, citations: _Citations, today: date) -> Line:
    return Line(
        text=statement.text,
        tag=_tag(statement),
        sources=tuple(citations.number(c, statement.certainty) for c in statement.citations),
        audience="・".join(AUDIENCES[role] for role in Role if role in statement.roles),
        expired=statement.expired(today),
    )


def _for_role(statements: Sequence[Statement], role: Role | None) -> Sequence[Statement]:
    """The statements that concern `role`, those meant for it first."""
    if role is None:
        return statements
    kept = [
        s for s in statements if not s.roles or role in s.roles or not (role in _EMPLOYMENT and s.roles <= _EMPLOYMENT)
    ]
    return sorted(kept, key=lambda s: role not in s.roles)


def _selection(statements: Sequence[Statement], relevance: Relevance | None) -> Sequence[Statement]:
    """As many statements as a reply shows: the first ones, which conclude, and those nearest to the question.

    The author's order stays, unless one statement answers the question much more closely than the first does.
    """
    if relevance is None:
        return statements[:_MOST_LINES]
    shared = [relevance(statement) for statement in statements]
    nearest = sorted(range(_ALWAYS_SHOWN, len(statements)), key=lambda i: -shared[i])
    kept = sorted((*range(_ALWAYS_SHOWN), *nearest[: _MOST_LINES - _ALWAYS_SHOWN]))
    best = nearest[0]
    if shared[best] >= max(shared[:_ALWAYS_SHOWN]) + _MUCH_CLOSER:
        kept.remove(best)
        kept.insert(0, best)
    return [statements[i] for i in kept]


def _first_facet(topic: Topic) -> Facet:
    return next((facet for facet in Facet if topic.facets.get(facet)), Facet.OVERVIEW)


def _option(topic: Topic) -> Option:
    return Option(label=topic.choice, topic=topic.id)


def _desk(contact_id: str, knowledge: KnowledgeBase) -> Desk | None:
    contact = knowledge.contacts.get(contact_id)
    if contact is None:
        return None
    details = (
        (f"内線 {contact.extension}" if contact.extension else ""),
        (f"電話 {contact.phone}" if contact.phone else ""),
        (f"メール {contact.mail}" if contact.mail else ""),
        contact.place,
    )
    return Desk(title=contact.title, purpose=contact.purpose, details=tuple(d for d in details if d))
