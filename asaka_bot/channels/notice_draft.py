"""What a person of HR fills into a form of a chat -> the notice, or what is wrong with which field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time

from asaka_bot.broadcasts import audience_text
from asaka_bot.broadcasts.notice import Content, Notice, Plan, Template
from asaka_bot.broadcasts.notice_checks import LONGEST_ANSWER, LONGEST_BODY, LONGEST_TITLE, MOST_ANSWERS
from asaka_bot.errors import AsakaError, AudienceError, NoticeError, Problem
from asaka_bot.tokyo import TOKYO

_BETWEEN = re.compile(r"[、,，/／\n]")
_SHOWN_AS = {"send_at": "day"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The fields as they were filled in. None: the form does not show the field, and the notice keeps what it has."""

    template: str = ""
    title: str | None = None
    body: str | None = None
    audience: str | None = None
    confirm: bool | None = None
    answers: str | None = None  # 参加、不参加
    respond_by: str | None = None  # 2026-11-30
    urgent: bool | None = None
    later: bool | None = None  # at `day` and `at` instead of at once
    day: str | None = None
    at: str | None = None  # 09:00


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A notice that has the right shape."""

    content: Content
    plan: Plan

    @classmethod
    def of(cls, notice: Notice | None) -> "Ready | None":
        """What a notice says already."""
        return cls(content=notice.content, plan=notice.plan) if notice else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A sentence for each field of `Draft` that has to change; under "" what is about none of them."""

    problems: Mapping[str, str]


def read(draft: Draft, templates: Sequence[Template], now: datetime, base: Ready | None = None) -> Ready | Wrong:
    """The notice that the fields mean.

    `base` is the notice that is being rewritten: whatever the form does not show, or shows and was left as it stood,
    stays exactly as it is there. A new notice starts from the template that was chosen.
    """
    start = base or _start(draft, templates)
    shown = written(start.content, start.plan)
    filled = _filled(draft, shown)
    problems: dict[str, str] = {}
    title, body, audience = (filled.title or "").strip(), (filled.body or "").strip(), (filled.audience or "").strip()
    answers = tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(filled.answers or "") if part.strip()))
    if filled.answers == shown.answers:
        answers = start.content.answers
    if not 1 <= len(title) <= LONGEST_TITLE:
        problems["title"] = f"題名を{LONGEST_TITLE}文字までで書いてください。"
    if not 1 <= len(body) <= LONGEST_BODY:
        problems["body"] = f"本文を{LONGEST_BODY:,}文字までで書いてください。"
    if len(answers) > MOST_ANSWERS or any(len(answer) > LONGEST_ANSWER for answer in answers):
        problems["answers"] = f"選択肢は{MOST_ANSWERS}つまで、それぞれ{LONGEST_ANSWER}文字までにしてください。"
    if audience or not start.plan.posts:
        try:
            audience_text.parse(audience)
        except AudienceError as error:
            problems["audience"] = _sentence(str(error))
    respond_by, send_at = _day(filled.respond_by), _moment(filled)
    if filled.respond_by and (respond_by is None or respond_by < now.astimezone(TOKYO).date()):
        problems["respond_by"] = "期限は、今日からあとの日にしてください。"
    if filled.later and (send_at is None or send_at <= now):
        problems["day"] = "送る日と時刻を、いまよりあとで選んでください。"
    if problems:
        return Wrong(problems=problems)
    content = replace(
        start.content,
        title=start.content.title if filled.title == shown.title else title,
        body=start.content.body if filled.body == shown.body else body,
        confirm=bool(filled.confirm),
        answers=answers,
        respond_by=respond_by,
        urgent=bool(filled.urgent),
    )
    if (filled.later, filled.day, filled.at) == (shown.later, shown.day, shown.at):
        send_at = start.plan.send_at
    repeat = None if send_at else start.plan.repeat
    return Ready(content=content, plan=replace(start.plan, audience=audience, send_at=send_at, repeat=repeat))


def _start(draft: Draft, templates: Sequence[Template]) -> Ready:
    chosen = next((template for template in templates if template.id == draft.template), None)
    if chosen is None:
        return Ready(content=Content(title="", body=""), plan=Plan())
    return Ready(content=chosen.content, plan=chosen.plan)


def _filled(draft: Draft, shown: Draft) -> Draft:
    """What the form does not show reads as it stood in the notice."""
    hidden = [each.name for each in fields(Draft) if getattr(draft, each.name) is None]
    return replace(draft, **{name: getattr(shown, name) for name in hidden})


def written(content: Content, plan: Plan, template: str = "") -> Draft:
    """The fields of a notice or a template, to fill a form with."""
    send_at = plan.send_at.astimezone(TOKYO) if plan.send_at else None
    return Draft(
        template=template,
        title=content.title,
        body=content.body,
        audience=plan.audience,
        confirm=content.confirm,
        answers="、".join(content.answers),
        respond_by=content.respond_by.isoformat() if content.respond_by else "",
        urgent=content.urgent,
        later=send_at is not None,
        day=send_at.date().isoformat() if send_at else "",
        at=f"{send_at:%H:%M}" if send_at else "",
    )


def from_template(draft: Draft, chosen: str, templates: Sequence[Template]) -> Draft:
    """The fields with a template's texts; what the person has typed already stays."""
    known = {template.id: written(template.content, template.plan, template.id) for template in templates}
    fresh, before = known.get(chosen), known.get(draft.template, Draft())
    if fresh is None:
        return draft
    kept = {
        name: getattr(draft, name)
        for name in ("title", "body", "audience", "answers", "respond_by", "day", "at")
        if getattr(draft, name) and getattr(draft, name) != getattr(before, name)
    }
    return replace(fresh, urgent=draft.urgent or fresh.urgent, later=draft.later or fresh.later, **kept)


def problems_of(error: AsakaError) -> Wrong:
    """The feature's refusal beside the fields that it is about."""
    if isinstance(error, AudienceError):
        return Wrong(problems={"audience": _sentence(str(error))})
    found: dict[str, str] = {}
    names = {each.name for each in fields(Draft)}
    for problem in error.problems if isinstance(error, NoticeError) else (Problem(text=str(error)),):
        name = _SHOWN_AS.get(problem.field, problem.field)
        name = name if name in names else ""
        found[name] = found.get(name, "") + _sentence(problem.text)
    return Wrong(problems=found)


def _sentence(text: str) -> str:
    return f"{text.rstrip('。')}。"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _moment(draft: Draft) -> datetime | None:
    day = _day(draft.day)
    if not draft.later or day is None:
        return None
    try:
        return datetime.combine(day, time.fromisoformat(draft.at or ""), TOKYO)
    except ValueError:
        return None
