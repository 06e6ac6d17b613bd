"""A channel-neutral reply -> the values that the templates show."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from asaka_bot.channels.web.calendar_file import Given, given_of
from asaka_bot.knowledge.model import Contact, KnowledgeBase
from asaka_bot.messages import Decision, Reply, Tag, UrgentLine

# What each badge stands for, as the legend explains it.
LEGEND: Mapping[Tag, str] = {
    Tag.CITY_RULE: "職員課が登録した、朝霞市の規則の内容です。",
    Tag.PLAN: "市の計画に書かれている内容です。",
    Tag.LAW: "国の法律などで決まっている内容です。",
    Tag.NATIONAL: "国家公務員や他市の例です。朝霞市では異なることがあります。",
    Tag.CITY: "市の規則で決まる内容です。職員課に確認してください。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One telephone link."""

    title: str
    number: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentView:
    """A desk for an emergency; ``calls`` is empty where there is nothing to dial."""

    title: str
    hours: str
    note: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """A reply and what the page needs beside it."""

    reply: Reply
    token: str  # the signed context for whatever is pressed next
    question: str | None  # as asked, None where a button was pressed
    shortened: bool  # the question was too long and has been cut
    emergencies: tuple[UrgentView, ...]  # the numbers of the emergency services
    urgent: tuple[UrgentView, ...]  # all other desks
    given: Given | None  # what the table of dates can be downloaded with
    desk_id: str | None
    feedback: bool
    answer: str  # a number that this page alone knows, so that a vote from it counts once
    feedback_question: str | None  # the text that may go along with feedback
    desk_question: str | None  # the text that a letter to the desk may start with


def view(
    reply: Reply, token: str, knowledge: KnowledgeBase, question: str | None = None, *, shortened: bool = False
) -> ReplyView:
    """What the templates show of `reply`; the text of a question on a sensitive matter goes nowhere but the screen."""
    urgent = tuple(urgent_view(line) for line in reply.urgent)
    usable = None if reply.sensitive else question
    desk = next((c.id for c in knowledge.contacts.values() if reply.desk and c.title == reply.desk.title), None)
    return ReplyView(
        reply=reply,
        token=token,
        question=question,
        shortened=shortened,
        emergencies=tuple(u for u in urgent if _is_emergency(u)),
        urgent=tuple(u for u in urgent if not _is_emergency(u)),
        given=given_of(reply.dates),
        desk_id=desk,
        feedback=reply.decision is Decision.ANSWER,
        answer=secrets.token_hex(16),
        # The reply has promised that a date of birth is not kept.
        feedback_question=None if reply.dates else usable,
        desk_question=usable,
    )


def urgent_view(line: UrgentLine) -> UrgentView:
    """A desk with one link a number; 救急／警察 119／110 becomes two."""
    names, numbers = line.title.split("／"), line.number.split("／")
    if len(names) != len(line.dial):
        names = [line.title] * len(line.dial)
    calls = tuple(
        Call(title=name, number=number, href="tel:" + quote(dial, safe=""))  # the # of #9110 would start a fragment
        for name, number, dial in zip(names, numbers, line.dial, strict=False)
    )
    return UrgentView(title=line.title, hours=line.hours, note=line.note, calls=calls)


def prepared_text(question: str) -> str:
    """A letter to the desk to start from."""
    return f"お疲れさまです。次のことについて教えてください。\n\n{question}\n\n所属：\n氏名：\n"


def mail_link(contact: Contact, text: str) -> str | None:
    """A mailto link (RFC 6068) with `text` filled in, None for a contact without a mail address."""
    if not contact.mail:
        return None
    query = urlencode({"subject": "職員からの質問", "body": text.replace("\n", "\r\n")}, quote_via=quote)
    return f"mailto:{quote(contact.mail, safe='@')}?{query}"


def _is_emergency(contact: UrgentView) -> bool:
    return bool(contact.calls) and {call.number for call in contact.calls} <= {"110", "119"}
