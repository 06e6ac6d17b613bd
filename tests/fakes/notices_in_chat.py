"""The two ports of `channels.notices` in memory, as their docstrings describe them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from asaka_bot.broadcasts import audience_text
from asaka_bot.broadcasts.notice import (
    Content,
    Notice,
    NoticeState,
    Plan,
    Progress,
    Question,
    Repeat,
    RepeatKind,
    Submitted,
    Tally,
    Template,
)
from asaka_bot.channels.notices import Acknowledged, MyNotice
from asaka_bot.errors import NoticeError, Problem
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, Link, Message, Response, Translation
from asaka_bot.roles import Actor, HrRole, Permission
from asaka_bot.tokyo import TOKYO

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)
NOTICE = Message(
    title="健康診断の日程",
    paragraphs=("12月の健康診断の日程が決まりました。", "都合の付く日を選んでください。"),
    source="第5期特定事業主行動計画 第5-3-(1)",
    due="11月30日（月）までに、ボタンを押してください。",
    links=(Link(label="会場の地図", url="https://www.city.asaka.lg.jp/map?a=1&b=2"),),
    responses=(Response(id="confirm", label="確認しました"),),
    replies=True,
    translations=(
        Translation(language="en", title="Health check dates", paragraphs=("The dates are set.",)),
        Translation(language="ja-x-easy", title="けんこうしんだん", paragraphs=("日にちが 決まりました。",)),
    ),
)
CHOICE = replace(
    NOTICE,
    urgent=True,
    responses=tuple(Response(id=f"answer-{n}", label=label) for n, label in enumerate(("参加", "不参加", "未定"), 1)),
)
CONFIRMED = replace(NOTICE, due="11月24日（火）に確認しました。", responses=())
# A notice as the console can write it: every field says something.
RICH = Content(
    title="健康診断の日程", body="決まりました。\n\n\n選んでください。 ", source="第5期計画 第5-3", topics=("harassment", "gone"),
    links=(Link(label="会場の 地図", url="https://www.city.asaka.lg.jp/map?a=1&b=2"), Link(label="様式", url="https://a.example/x")),
    confirm=True, answers=("午前、9時", "午後/1時"), respond_by=date(2026, 11, 30), replies=False,
    translations=(
        Translation(language="en", title="Health check", paragraphs=("The dates are set.", "Choose.")),
        Translation(language="zh", title="体检", paragraphs=("已定。",)),
        Translation(language="ja-x-easy", title="けんこうしんだん", paragraphs=("日にちが 決まりました。",)),
    ),
    urgent=True,
)  # fmt: skip
POSTS = (
    Address(channel="slack", to="C0123ABCD"),
    Address(channel="teams", to="19:abc@thread.tacv2"),
    Address(channel="web", to="everyone"),
)
LATER = Plan(audience="全員", posts=POSTS, send_at=datetime(2026, 11, 25, 9, 5, 30, tzinfo=TOKYO))
AGAIN = Plan(
    audience="所属:総務部 + 職位:所属長",
    posts=POSTS,
    repeat=Repeat(kind=RepeatKind.NTH_WEEKDAY, at=time(8, 5), weekday=2, number=-1, until=date(2027, 3, 31)),
)
# What repeats can be neither urgent nor due on a day.
IN_FULL = ((RICH, LATER), (replace(RICH, urgent=False, respond_by=None), AGAIN))


@dataclass
class MemoryResponses:
    """Implements `Responses`; remembers who pressed and wrote what."""

    pressed: list[tuple[str, str, str, str]] = field(default_factory=list)
    replies: list[tuple[str, str, str, str]] = field(default_factory=list)
    after: Message | None = CONFIRMED  # what stands after a press
    places: dict[tuple[str, str, str], str] = field(default_factory=dict)
    listed: list[MyNotice] = field(default_factory=list)
    broken: bool = False

    async def respond(self, channel: str, user: str, marker: str, response: str) -> Acknowledged:
        if self.broken:
            raise ConnectionError
        self.pressed.append((channel, user, marker, response))
        self.listed = [replace(n, wants_response=n.wants_response and n.marker != marker) for n in self.listed]
        return Acknowledged(text="確認しました。ありがとうございます。", message=self.after)

    async def reply(self, channel: str, user: str, marker: str, text: str) -> str:
        if self.broken:
            raise ConnectionError
        self.replies.append((channel, user, marker, text))
        return "職員課に届きました。"

    async def marker_at(self, channel: str, address: str, platform_ref: str) -> str | None:
        return self.places.get((channel, address, platform_ref))

    async def mine(self, channel: str, user: str) -> Sequence[MyNotice]:  # noqa: ARG002 - as the port has it
        return tuple(self.listed)


def my_notice(number: int = 1, *, wants: bool = True, title: str = "健康診断の日程") -> MyNotice:
    return MyNotice(day=date(2026, 11, number), title=title, wants_response=wants, marker=f"mark-{number}")


TEMPLATES = (
    Template(
        id="rules",
        label="制度の周知",
        content=Content(title="制度のお知らせ", body="本文を書いてください。", source="第5期計画 第5-2", confirm=True),
        plan=Plan(audience="全員"),
    ),
    Template(id="survey", label="出欠の確認", content=Content(title="出欠", body="本文", answers=("参加", "不参加"))),
)
TOPICS = (("harassment", "ハラスメントの相談"), ("annual-leave", "年次休暇"), ("childcare-leave", "育児休業"))


@dataclass
class MemoryWriting:
    """Implements `NoticeWriting`; `roles` are those of (channel, user)."""

    roles: dict[tuple[str, str], HrRole] = field(default_factory=dict)
    kept: dict[int, Notice] = field(default_factory=dict)
    tested: list[int] = field(default_factory=list)
    questions: tuple[Question, ...] = ()
    state: NoticeState = NoticeState.SENT
    problems: tuple[Problem, ...] = ()  # what `create` and `change` refuse with
    slow: object = None  # an event that `create` and `change` wait for

    async def actor(self, channel: str, user: str) -> Actor:
        return Actor(person=f"{user.lower()}@city.example", role=self.roles.get((channel, user)))

    def templates(self) -> Sequence[Template]:
        return TEMPLATES

    def topics(self) -> Sequence[tuple[str, str]]:
        return TOPICS

    async def create(self, actor: Actor, content: Content, plan: Plan) -> Notice:
        await self._check(actor, plan)
        made = Notice(
            id=len(self.kept) + 1, version=1, state=NoticeState.DRAFT, content=content, plan=plan,
            made_by=actor.person, made_at=NOW,
        )  # fmt: skip
        self.kept[made.id] = made
        return made

    async def change(self, actor: Actor, notice: int, version: int, content: Content, plan: Plan) -> Notice:
        await self._check(actor, plan)
        kept = self._of(notice, version)
        self.kept[notice] = replace(kept, version=version + 1, content=content, plan=plan, state=NoticeState.DRAFT)
        return self.kept[notice]

    async def find(self, actor: Actor, notice: int) -> Notice | None:
        actor.require(Permission.SEE)
        return self.kept.get(notice)

    async def message(self, actor: Actor, notice: int) -> Message:
        actor.require(Permission.WRITE_NOTICES)
        content = self.kept[notice].content
        buttons = [Response(id="confirm", label="確認しました")] if content.confirm and not content.answers else []
        buttons += [Response(id=f"answer-{n}", label=label) for n, label in enumerate(content.answers, 1)]
        return Message(
            title=content.title, paragraphs=tuple(content.body.split("\n\n")), source=content.source,
            urgent=content.urgent, responses=tuple(buttons), replies=content.replies, links=content.links,
            topics=tuple(Option(label=title, topic=topic) for topic, title in TOPICS if topic in content.topics),
            translations=content.translations,
        )  # fmt: skip

    async def recipients(self, actor: Actor, plan: Plan) -> tuple[int, int]:
        actor.require(Permission.WRITE_NOTICES)
        return (1_234, 5) if plan.audience else (0, 0)

    async def test(self, actor: Actor, notice: int) -> str:
        actor.require(Permission.WRITE_NOTICES)
        self.tested.append(notice)
        return "あなたのSlackに送りました。"

    async def submit(self, actor: Actor, notice: int, version: int, agreed: frozenset[str]) -> Submitted:
        actor.require(Permission.WRITE_NOTICES)
        kept = self._of(notice, version)
        open_questions = tuple(question for question in self.questions if question.id not in agreed)
        if open_questions:
            return Submitted(state=kept.state, questions=open_questions)
        self.kept[notice] = replace(kept, version=version + 1, state=self.state, recipients=1_234, sent_at=NOW)
        return Submitted(state=self.state, recipients=1_234)

    async def latest(self, actor: Actor, limit: int) -> Sequence[Notice]:
        actor.require(Permission.SEE)
        return sorted(self.kept.values(), key=lambda notice: -notice.id)[:limit]

    async def progress(self, actor: Actor, notice: int) -> Progress:
        actor.require(Permission.SEE)
        total = Tally(waiting=200, arrived=1_029, dead=0, unreachable=5, confirmed=321)
        return Progress(
            notice=self.kept[notice], total=total, offices=(), reasons=(), answers=(), from_posts=0, seconds_left=30.0
        )

    async def cancel(self, actor: Actor, notice: int) -> int:
        actor.require(Permission.WRITE_NOTICES)
        self.kept[notice] = replace(self.kept[notice], state=NoticeState.CANCELLED)
        return 200

    def _of(self, notice: int, version: int) -> Notice:
        kept = self.kept[notice]
        if kept.version != version:
            raise NoticeError("ほかの人が、このお知らせを変えました。開き直してください。")
        return kept

    async def _check(self, actor: Actor, plan: Plan) -> None:
        actor.require(Permission.WRITE_NOTICES)
        if self.slow is not None:
            await self.slow.wait()
        if plan.audience:
            audience_text.parse(plan.audience)
        if self.problems:
            raise NoticeError(*self.problems)
