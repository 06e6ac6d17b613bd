"""What must be true of a notice before it is kept or leaves, and what a person has to agree to first."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from asaka_bot.broadcasts.notice import Content, Plan, Question
from asaka_bot.broadcasts.staff import normal
from asaka_bot.errors import Problem
from asaka_bot.tokyo import TOKYO, clock

LONGEST_TITLE = 100  # characters; Slack's header takes 150
LONGEST_BODY = 3_000  # so that the text and two translations fit into one message of every platform
LONGEST_ANSWER = 20  # a phone shows no more of a button
LONGEST_SOURCE = 200
MOST_ANSWERS = 4
MOST_LINKS = 5
MOST_TOPICS = 5
MOST_POSTS = 20
WORK_BEGINS, WORK_ENDS = time(8, 30), time(17, 15)
DUPLICATE_WITHIN = timedelta(days=1)
FURTHEST = timedelta(days=400)
POSTED_TO = ("slack", "teams", "web")
_LONGEST_URL = 1_000
_NAMED = 100  # characters of what is quoted in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The working hours of city hall."""

    is_working: Callable[[date], bool]

    def are_on(self, moment: datetime) -> bool:
        """Whether people are at work at `moment`."""
        local = moment.astimezone(TOKYO)
        return self.is_working(local.date()) and WORK_BEGINS <= local.time() < WORK_ENDS

    def next(self, moment: datetime) -> datetime:
        """The next moment in working hours; `moment` itself where it is one."""
        local = moment.astimezone(TOKYO)
        if self.are_on(local):
            return moment
        day = local.date() if local.time() < WORK_BEGINS else local.date() + timedelta(days=1)
        while not self.is_working(day):
            day += timedelta(days=1)
        return datetime.combine(day, WORK_BEGINS, TOKYO)


def shape_problems(content: Content, plan: Plan) -> tuple[Problem, ...]:
    """What can't be kept, not even as a draft."""
    return (*_too_long(content), *_wrong_answers(content), *_wrong_links(content), *_wrong_posts(plan))


def problems(content: Content, plan: Plan, now: datetime) -> tuple[Problem, ...]:
    """Why the notice can't leave as it is."""
    today = now.astimezone(TOKYO).date()
    return (
        *shape_problems(content, plan),
        *_missing(content, plan),
        *_wrong_deadline(content, plan, today),
        *_wrong_moment(content, plan, now),
    )


def _too_long(content: Content) -> Iterator[Problem]:
    texts = [("title", "題名", content.title, LONGEST_TITLE), ("body", "本文", content.body, LONGEST_BODY)]
    for each in content.translations:
        whole = "\n\n".join(each.paragraphs)
        texts.append((f"title-{each.language}", f"{each.label}の題名", each.title, LONGEST_TITLE))
        texts.append((f"body-{each.language}", f"{each.label}の本文", whole, LONGEST_BODY))
    texts.append(("source", "出典", content.source, LONGEST_SOURCE))
    for field, name, text, longest in texts:
        if len(text) > longest:
            yield Problem(
                field=field, text=f"{name}が長すぎます（{len(text):,}文字）。{longest:,}文字までにしてください"
            )


def _wrong_answers(content: Content) -> Iterator[Problem]:
    if len(content.answers) > MOST_ANSWERS:
        yield Problem(field="answers", text=f"回答のボタンは{MOST_ANSWERS}つまでです")
    for number, answer in enumerate(content.answers, start=1):
        if len(answer) > LONGEST_ANSWER or not answer.strip():
            text = f"回答のボタンの文字は、1文字以上{LONGEST_ANSWER}文字までにしてください"
            yield Problem(field="answers", item=number, text=text)
        if answer in content.answers[: number - 1]:
            text = "同じ文字の回答のボタンがあります。違う文字にしてください"
            yield Problem(field="answers", item=number, text=text)


def _wrong_links(content: Content) -> Iterator[Problem]:
    if len(content.links) > MOST_LINKS:
        yield Problem(field="links", text=f"リンクは{MOST_LINKS}つまでです")
    for number, link in enumerate(content.links, start=1):
        if not _is_safe(link.url):
            text = f"リンク「{(link.label or link.url)[:_NAMED]}」は https:// で始まるアドレスにしてください"
            yield Problem(field="links", item=number, text=text)
    if len(content.topics) > MOST_TOPICS:
        yield Problem(field="topics", text=f"ボットの話題は{MOST_TOPICS}つまでです。役に立つものに絞ってください")


def _wrong_posts(plan: Plan) -> Iterator[Problem]:
    if len(plan.posts) > MOST_POSTS:
        yield Problem(field="posts", text=f"投稿するチャネルは{MOST_POSTS}か所までです")
    for post in plan.posts:
        if post.channel not in POSTED_TO:
            text = f"「{str(post)[:_NAMED]}」には投稿できません。slack:、teams:、web: のどれかで始めてください"
            yield Problem(field="posts", text=text)


def _missing(content: Content, plan: Plan) -> Iterator[Problem]:
    if not content.title.strip():
        yield Problem(field="title", text="題名を書いてください")
    if not content.body.strip():
        yield Problem(field="body", text="本文を書いてください")
    for each in content.translations:
        text = f"{each.label}は、題名と本文の両方を書くか、両方を空にしてください"
        if not each.title.strip():
            yield Problem(field=f"title-{each.language}", text=text)
        elif not any(paragraph.strip() for paragraph in each.paragraphs):
            yield Problem(field=f"body-{each.language}", text=text)
    if not plan.audience.strip() and not plan.posts:
        yield Problem(field="audience", text="宛先を選んでください")
    for field, name, text in (("title", "題名", content.title), ("body", "本文", content.body)):
        if "〔" in text:
            unfilled = f"{name}に、まだ書き込んでいない〔　〕があります。書き込むか、消してください"
            yield Problem(field=field, text=unfilled)


def _wrong_deadline(content: Content, plan: Plan, today: date) -> Iterator[Problem]:
    if content.respond_by is None:
        return
    wrong = []
    if not content.wants_response:
        wrong.append("期限を決めるときは、「確認しました」か回答のボタンをつけてください")
    if content.respond_by < (plan.send_at.astimezone(TOKYO).date() if plan.send_at else today):
        wrong.append("期限が、送る日より前です。期限の日を直してください")
    if plan.repeat is not None:
        wrong.append("繰り返すお知らせには、期限の日を決められません。期限を空にしてください")
    yield from (Problem(field="respond_by", text=text) for text in wrong)


def _wrong_moment(content: Content, plan: Plan, now: datetime) -> Iterator[Problem]:
    if plan.send_at is not None and plan.repeat is not None:
        yield Problem(field="repeat", text="「日時を決めて送る」と「繰り返す」は、どちらか一方にしてください")
    if plan.send_at is not None and not now < plan.send_at <= now + FURTHEST:
        yield Problem(field="send_at", text="送る日時は、いまより後で、400日以内にしてください")
    if plan.repeat is not None:
        if content.urgent:
            text = "緊急のお知らせは繰り返せません。緊急を外すか、繰り返しをやめてください"
            yield Problem(field="repeat", text=text)
        if plan.repeat.until is not None and plan.repeat.until < now.astimezone(TOKYO).date():
            yield Problem(field="repeat", text="繰り返しの終わりの日が過ぎています。日付を直してください")


def _is_safe(url: str) -> bool:
    if len(url) > _LONGEST_URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def quiet_question(plan: Plan, urgent: bool, now: datetime, hours: Hours) -> Question | None:
    """Asks once more where the notice would arrive outside of working hours."""
    if urgent:
        return None
    at = plan.send_at or now
    if plan.repeat is not None:
        if WORK_BEGINS <= plan.repeat.at < WORK_ENDS:
            return None
        when = f"{plan.repeat.at.hour}:{plan.repeat.at:%M}"
    elif hours.are_on(at):
        return None
    else:
        local = at.astimezone(TOKYO)
        when = f"{local.month}月{local.day}日{clock(local)}"
    return Question(
        id="quiet-hours",
        text=f"{when}は勤務時間（開庁日の8時30分から17時15分まで）の外です。このまま送ってよければ、チェックしてください",
    )


def duplicate_question(earlier: tuple[int, datetime] | None) -> Question | None:
    """Asks once more where the same text has left, or is about to leave, within a day; `earlier`: its id and moment."""
    if earlier is None:
        return None
    number, moment = earlier
    local = moment.astimezone(TOKYO)
    when = f"{local.month}月{local.day}日{clock(local)}"
    return Question(
        id="duplicate",
        text=f"同じ文のお知らせ（No.{number}、{when}）があります。もう一度送ってよければ、チェックしてください",
    )


def unreachable_question(unreachable: int, people: int) -> Question | None:
    """Asks once more where some of the people can't be reached."""
    if not unreachable:
        return None
    return Question(
        id="unreachable",
        text=f"{people:,}人のうち{unreachable:,}人には、送り先がなく届きません。ほかの方法で伝えることを確かめて、チェックしてください",
    )


def digest_of(content: Content) -> str:
    """The same for texts that read the same."""
    text = re.sub(r"\s+", "", normal(f"{content.title}\n{content.body}"))
    return hashlib.sha256(text.encode()).hexdigest()
