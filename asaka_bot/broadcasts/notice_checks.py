"""What must be true of a notice before it is kept or leaves, and what a person has to agree to first."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from asaka_bot.broadcasts.notice import Content, Plan, Question
from asaka_bot.broadcasts.staff import normal
from asaka_bot.tokyo import TOKYO

LONGEST_TITLE = 100  # characters; Slack's header takes 150
LONGEST_BODY = 3_000  # so that the text and two translations fit into one message of every platform
LONGEST_ANSWER = 30
LONGEST_SOURCE = 200
MOST_ANSWERS = 4
MOST_LINKS = 5
MOST_TOPICS = 5
MOST_POSTS = 20
WORK_BEGINS, WORK_ENDS = time(8, 30), time(17, 15)
DUPLICATE_WITHIN = timedelta(days=1)
FURTHEST = timedelta(days=400)
_POSTED_TO = ("slack", "teams", "web")
_LONGEST_URL = 1_000


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


def shape_problems(content: Content, plan: Plan) -> tuple[str, ...]:
    """What can't be kept, not even as a draft: sentences, each with what to do."""
    return (*_too_long(content), *_wrong_answers(content), *_wrong_links(content), *_wrong_posts(plan))


def problems(content: Content, plan: Plan, now: datetime) -> tuple[str, ...]:
    """Why the notice can't leave as it is: sentences, each with what to do."""
    today = now.astimezone(TOKYO).date()
    return (
        *shape_problems(content, plan),
        *_missing(content, plan),
        *_wrong_deadline(content, plan, today),
        *_wrong_moment(content, plan, now),
    )


def _too_long(content: Content) -> Iterator[str]:
    texts = [("題名", content.title, LONGEST_TITLE), ("本文", content.body, LONGEST_BODY)]
    for each in content.translations:
        texts.append((f"{each.label}の題名", each.title, LONGEST_TITLE))
        texts.append((f"{each.label}の本文", "\n\n".join(each.paragraphs), LONGEST_BODY))
    texts.append(("出典", content.source, LONGEST_SOURCE))
    for name, text, longest in texts:
        if len(text) > longest:
            yield f"{name}が長すぎます（{len(text)}文字）。{longest}文字までにしてください"


def _wrong_answers(content: Content) -> Iterator[str]:
    if len(content.answers) > MOST_ANSWERS:
        yield f"回答のボタンは{MOST_ANSWERS}つまでです"
    if any(len(answer) > LONGEST_ANSWER or not answer.strip() for answer in content.answers):
        yield f"回答のボタンの文字は、1文字以上{LONGEST_ANSWER}文字までにしてください"
    if len(set(content.answers)) < len(content.answers):
        yield "同じ文字の回答のボタンがあります。違う文字にしてください"


def _wrong_links(content: Content) -> Iterator[str]:
    if len(content.links) > MOST_LINKS:
        yield f"リンクは{MOST_LINKS}つまでです"
    for link in content.links:
        if not _is_safe(link.url):
            yield f"リンク「{link.label or link.url}」は https:// で始まるアドレスにしてください"
    if len(content.topics) > MOST_TOPICS:
        yield f"ボットの話題は{MOST_TOPICS}つまでです"


def _wrong_posts(plan: Plan) -> Iterator[str]:
    if len(plan.posts) > MOST_POSTS:
        yield f"投稿するチャネルは{MOST_POSTS}か所までです"
    for post in plan.posts:
        if post.channel not in _POSTED_TO:
            yield f"「{post}」には投稿できません。slack:、teams:、web: のどれかで始めてください"


def _missing(content: Content, plan: Plan) -> Iterator[str]:
    if not content.title.strip():
        yield "題名を書いてください"
    if not content.body.strip():
        yield "本文を書いてください"
    for each in content.translations:
        if not each.title.strip() or not any(text.strip() for text in each.paragraphs):
            yield f"{each.label}は、題名と本文の両方を書くか、両方を空にしてください"
    if not plan.audience.strip() and not plan.posts:
        yield "宛先を選んでください"
    for name, text in (("題名", content.title), ("本文", content.body)):
        if "〔" in text:
            yield f"{name}に、まだ書き込んでいない〔　〕があります。書き込むか、消してください"


def _wrong_deadline(content: Content, plan: Plan, today: date) -> Iterator[str]:
    if content.respond_by is None:
        return
    if not content.wants_response:
        yield "期限を決めるときは、「確認しました」か回答のボタンをつけてください"
    if content.respond_by < (plan.send_at.astimezone(TOKYO).date() if plan.send_at else today):
        yield "期限が、送る日より前です。期限の日を直してください"
    if plan.repeat is not None:
        yield "繰り返すお知らせには、期限の日を決められません。期限を空にしてください"


def _wrong_moment(content: Content, plan: Plan, now: datetime) -> Iterator[str]:
    if plan.send_at is not None and plan.repeat is not None:
        yield "「日時を決めて送る」と「繰り返す」は、どちらか一方にしてください"
    if plan.send_at is not None and not now < plan.send_at <= now + FURTHEST:
        yield "送る日時は、いまより後で、400日以内にしてください"
    if plan.repeat is not None:
        if content.urgent:
            yield "緊急のお知らせは繰り返せません。緊急を外すか、繰り返しをやめてください"
        if plan.repeat.until is not None and plan.repeat.until < now.astimezone(TOKYO).date():
            yield "繰り返しの終わりの日が過ぎています。日付を直してください"


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
        when = f"{local.month}月{local.day}日{local.hour}:{local:%M}"
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
    when = f"{local.month}月{local.day}日{local.hour}:{local:%M}"
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
        text=f"{people}人のうち{unreachable}人には、送り先がなく届きません。ほかの方法で伝えることを確かめて、チェックしてください",
    )


def digest_of(content: Content) -> str:
    """The same for texts that read the same."""
    text = re.sub(r"\s+", "", normal(f"{content.title}\n{content.body}"))
    return hashlib.sha256(text.encode()).hexdigest()
