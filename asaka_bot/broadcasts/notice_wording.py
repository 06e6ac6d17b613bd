"""A notice as the message that people read: when it arrives, after they have answered, and once it is recalled."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from asaka_bot.broadcasts.notice import Content
from asaka_bot.messages import Option
from asaka_bot.outgoing import Message, Response
from asaka_bot.tokyo import TOKYO, clock

CONFIRM = "confirm"
_ANSWER = re.compile(r"answer-([1-4])")
_WEEKDAYS = "月火水木金土日"


def day_text(day: date) -> str:
    """11月30日（月）."""
    return f"{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def moment_text(moment: datetime) -> str:
    """11月22日 9:05, in Tokyo."""
    local = moment.astimezone(TOKYO)
    return f"{local.month}月{local.day}日 {clock(moment)}"


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, parted by empty lines."""
    return tuple(part.strip() for part in re.split(r"\n[ \t　]*\n", text.replace("\r\n", "\n")) if part.strip())


def message_of(content: Content, topics: Sequence[Option], *, again: bool = False) -> Message:
    """What people read; `again`: it is a 再通知."""
    responses = tuple(
        Response(id=f"answer-{number}", label=label) for number, label in enumerate(content.answers, start=1)
    )
    if content.confirm and not responses:
        responses = (Response(id=CONFIRM, label="確認しました"),)
    return Message(
        title=f"（再度のお知らせ）{content.title}" if again else content.title,
        paragraphs=paragraphs_of(content.body),
        topics=tuple(topics),
        source=content.source,
        urgent=content.urgent,
        due=_due(content),
        links=content.links,
        responses=responses,
        replies=content.replies,
        translations=content.translations,
    )


def _due(content: Content) -> str:
    if not content.wants_response:
        return ""
    what = "下のボタンで答えてください" if content.answers else "読んだら「確認しました」を押してください"
    return f"{day_text(content.respond_by)}までに、{what}。" if content.respond_by else f"{what}。"


def answered(message: Message, *, answer: str, at: datetime) -> Message:
    """The message as it reads for a person who has responded; an `answer` can be changed, so its buttons stay."""
    if answer:
        return replace(
            message, due=f"「{answer}」と答えました（{moment_text(at)}）。ほかのボタンを押すと、答えを変えられます。"
        )
    return replace(message, due=f"確認しました（{moment_text(at)}）。", responses=())


def recalled(message: Message, reason: str) -> Message:
    """What stands in the place of a notice that was taken back."""
    why = f"理由：{reason}" if reason else ""
    return Message(
        title=f"（取り消し）{message.title}",
        paragraphs=tuple(
            text for text in ("このお知らせは取り消されました。前の内容は使わないでください。", why) if text
        ),
        urgent=message.urgent,
    )


def answer_number(response: str) -> int | None:
    """Which answer button a response id means, 1 to 4; None: it is another button."""
    found = _ANSWER.fullmatch(response)
    return int(found[1]) if found else None
