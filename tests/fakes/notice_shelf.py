"""What the notices in memory stand on: how they are kept, checked and counted."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from asaka_bot.broadcasts.audience import Contacts, Recipient, expand
from asaka_bot.broadcasts.audience_text import parse
from asaka_bot.broadcasts.notice import (
    Content,
    NamedList,
    Notice,
    NoticeReply,
    NoticeState,
    Plan,
    Question,
    Round,
    Stand,
    Standing,
    Tally,
    Template,
)
from asaka_bot.broadcasts.staff import Person, office_of, office_text
from asaka_bot.errors import NoticeError, Problem
from asaka_bot.messages import Option
from asaka_bot.outgoing import ContactPoint, Message, Response
from asaka_bot.roles import Actor, Permission

TOPICS = (("annual-leave", "年次有給休暇"), ("childcare-leave", "育児休業"), ("harassment", "ハラスメントの相談"))
TEMPLATES = (
    Template(id="system", label="制度の周知", content=Content(title="制度のご案内", body="制度が変わります。")),
    Template(
        id="training",
        label="研修案内",
        content=Content(title="研修のご案内", body="研修を行います。", answers=("参加", "不参加")),
        plan=Plan(audience="職位:所属長"),
    ),
    Template(
        id="survey", label="調査依頼", content=Content(title="調査のお願い", body="ご回答ください。", confirm=True)
    ),
    Template(
        id="urgent",
        label="緊急連絡",
        content=Content(title="緊急のご連絡", body="安全を確保してください。", urgent=True),
    ),
)
_CHANGED = "このお知らせは、ほかの人が先に変えました。いまの内容を確かめてから、もう一度お試しください"
_APPEARED = (NoticeState.SENT, NoticeState.CANCELLED, NoticeState.RECALLED)


def reachable(people: list[Person]) -> Contacts:
    """Everybody with an e-mail is on Slack, but for every 15th."""
    return Contacts.of(
        ContactPoint(channel="slack", user=f"U{each.staff_id}", address=f"D{each.staff_id}", email=each.email)
        for number, each in enumerate(people)
        if each.email and number % 15
    )


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """A 再通知: by whom, and who had confirmed before."""

    by: str
    people: frozenset[str]
    confirmed: frozenset[str]


@dataclass
class NoticeShelf:
    """Notices, replies and lists as they are kept; `approval_from` is how many recipients need a second person."""

    now: datetime
    people: list[Person] = field(default_factory=list)
    approval_from: int = 100
    kept: dict[int, Notice] = field(default_factory=dict)
    stands: dict[int, list[Standing]] = field(default_factory=dict)
    written: list[NoticeReply] = field(default_factory=list)
    named: dict[str, NamedList] = field(default_factory=dict)
    reminded: dict[int, list[Reminded]] = field(default_factory=dict)
    why_no_reminder: str = ""
    refusal: tuple[Problem | str, ...] = ()  # what `create` and `edit_sent` refuse with

    def refuse(self) -> None:
        """As the feature does, with what a test wants to see refused."""
        if self.refusal:
            raise NoticeError(*self.refusal)

    def arrive(self, notice: int, *stands: Stand, reason: str = "") -> None:
        """The first that wait stand as given from now on; without any all have arrived."""
        waiting = [n for n, each in enumerate(self.stands[notice]) if each.stand is Stand.WAITING]
        for place, stand in zip(waiting, stands or (Stand.ARRIVED,) * len(waiting), strict=False):
            why = reason if stand in (Stand.HELD, Stand.DEAD) else ""
            self.stands[notice][place] = replace(self.stands[notice][place], stand=stand, reason=why)

    def confirm(self, notice: int, place: int, *, by: str = "", answer: str = "") -> None:
        """The recipient at a place of the frozen list confirms."""
        pressed = {"confirmed_at": self.now, "confirmed_by": by, "answer": answer}
        self.stands[notice][place] = replace(self.stands[notice][place], **pressed)
        found = self.kept[notice]
        self._keep(replace(found, confirmed=found.confirmed + 1), changed=False)

    def _keep(self, notice: Notice, *, changed: bool = True) -> Notice:
        self.kept[notice.id] = replace(notice, version=notice.version + changed)
        return self.kept[notice.id]

    def _expect(self, notice: int, version: int | None, *states: NoticeState) -> Notice:
        found = self.kept[notice]
        if version not in (None, found.version):
            raise NoticeError(_CHANGED)
        if found.state not in states:
            raise NoticeError(f"「{found.state.label}」のお知らせには、この操作はできません")
        return found

    def _shown(self, actor: Actor, notice: Notice) -> bool:
        if actor.may(Permission.SEE):
            return True
        return notice.state in _APPEARED and any(within(each, actor.heads) for each in self.stands[notice.id])

    def _recipients(self, plan: Plan) -> tuple[Recipient, ...]:
        if not plan.audience:
            return ()
        lists = {name: frozenset(each.staff_ids) for name, each in self.named.items()}
        return expand(parse(plan.audience), self.people, reachable(self.people), lists)

    def _check_ready(self, notice: Notice) -> None:
        problems = []
        if not notice.content.body.strip():
            problems.append("本文がありません。本文を書いてください")
        if not notice.plan.audience and not notice.plan.posts:
            problems.append("宛先がありません。宛先か、投稿先のチャネルを選んでください")
        if notice.plan.send_at and notice.plan.send_at <= self.now:
            problems.append("送る日時が過ぎています。これからの日時にしてください")
        if problems:
            raise NoticeError(*problems)

    def _questions(self, notice: Notice, recipients: tuple[Recipient, ...]) -> list[Question]:
        asked = []
        at = notice.plan.send_at or self.now
        if not 7 <= at.hour < 20 and not notice.content.urgent:
            asked.append(Question(id="quiet-hours", text="夜間・早朝（20時から7時まで）に届きます。このまま送りますか"))
        twin = [each for each in self.kept.values() if each.sent_at and each.content.body == notice.content.body]
        if any(each.sent_at > self.now - timedelta(days=1) for each in twin):
            asked.append(
                Question(id="duplicate", text="同じ内容のお知らせを、24時間以内に送っています。もう一度送りますか")
            )
        if missing := sum(not each.addresses for each in recipients):
            asked.append(Question(id="unreachable", text=f"{missing}人には届きません。ほかの方法で知らせますか"))
        return asked

    def _second_person(self, actor: Actor, notice: Notice) -> Notice:
        if actor.person == notice.submitted_by:
            raise NoticeError("自分が出したお知らせは、承認や事後確認ができません。ほかの承認者に頼んでください")
        return notice

    def _leave(self, notice: Notice) -> Notice:
        if notice.plan.send_at or notice.plan.repeat:
            return self._keep(replace(notice, state=NoticeState.SCHEDULED))
        return self._keep(replace(notice, state=NoticeState.SENT, sent_at=self.now))

    def _end(self, actor: Actor, notice: int, state: NoticeState, reason: str) -> int:
        waiting = self._count(notice, Stand.WAITING)
        self.arrive(notice, *[Stand.CANCELLED] * waiting)
        ended = {"state": state, "ended_by": actor.person, "ended_at": self.now, "note": reason}
        self._keep(replace(self.kept[notice], **ended))
        return waiting

    def _rounds(self, notice: int, own: tuple[str, ...]) -> tuple[Round, ...]:
        seen = {each.staff_id for each in self.stands[notice] if within(each, own)}
        sent = self.reminded.get(notice, [])
        confirmed = [each.confirmed for each in sent] + [self._confirmed(notice)]
        return tuple(
            Round(
                number=number,
                sent_at=self.now,
                sent_by=each.by,
                people=len(each.people & seen),
                confirmed=len((confirmed[number] - each.confirmed) & seen),
            )
            for number, each in enumerate(sent, start=1)
        )

    def _confirmed(self, notice: int) -> frozenset[str]:
        return frozenset(each.staff_id for each in self.stands[notice] if each.confirmed_at)

    def _count(self, notice: int, *stands: Stand) -> int:
        return sum(each.stand in stands for each in self.stands[notice])

    def _why_no_reminder(self, notice: Notice) -> str:
        if notice.state is not NoticeState.SENT:
            return "送信中か送信済みのお知らせだけ、再通知できます"
        if not notice.content.wants_response:
            return "確認のボタンがないお知らせです"
        return self.why_no_reminder


def as_message(content: Content) -> Message:
    """The content as people read it."""
    answers = [Response(id=f"answer-{n}", label=label) for n, label in enumerate(content.answers, 1)]
    confirm = [Response(id="confirm", label="確認しました")] if content.confirm and not answers else []
    due = content.respond_by
    return Message(
        title=content.title,
        paragraphs=tuple(part for part in content.body.replace("\r\n", "\n").split("\n\n") if part.strip()),
        topics=tuple(Option(label=dict(TOPICS)[topic], topic=topic) for topic in content.topics),
        source=content.source,
        urgent=content.urgent,
        due=f"{due.month}月{due.day}日までに、ボタンを押してください。" if due else "",
        links=content.links,
        responses=(*confirm, *answers),
        replies=content.replies,
        translations=content.translations,
    )


def may_look(actor: Actor) -> None:
    if not actor.heads:
        actor.require(Permission.SEE)


def check_shape(content: Content, plan: Plan) -> None:
    if not content.title.strip():
        raise NoticeError("題名がありません。題名を書いてください")
    if len(content.answers) > 4:
        raise NoticeError("回答ボタンは4つまでです")
    if plan.audience:
        parse(plan.audience)


def standing_of(recipient: Recipient) -> Standing:
    person = recipient.person
    return Standing(
        staff_id=person.staff_id,
        name=person.name,
        office=office_text(person.office),
        title=person.title,
        stand=Stand.WAITING if recipient.addresses else Stand.UNREACHABLE,
        reason=recipient.unreachable,
    )


def within(standing: Standing, office: tuple[str, ...]) -> bool:
    return office_of(standing.office)[: len(office)] == tuple(office)


def tally(standings: list[Standing]) -> Tally:
    stands = Counter(each.stand.value for each in standings)
    return Tally(confirmed=sum(each.confirmed_at is not None for each in standings), **stands)
