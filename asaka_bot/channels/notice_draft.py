"""A notice as the fields of a form in a chat: what stands in them at first, and what a template brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from asaka_bot.broadcasts.notice import Content, Notice, Plan, Template
from asaka_bot.broadcasts.notice_repeats import EVERYONE
from asaka_bot.outgoing import LANGUAGES
from asaka_bot.tokyo import TOKYO

ONCE = "none"  # `Draft.repeat` of what does not repeat
# The fields of each language: its title and its text.
TRANSLATED: Mapping[str, tuple[str, str]] = {"en": ("title_en", "body_en"), "ja-x-easy": ("title_easy", "body_easy")}


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
    # くわしい設定
    source: str | None = None
    replies: bool | None = None
    topics: tuple[str, ...] | None = None  # ids
    links: str | None = None  # a line each: 名前 URL
    title_en: str | None = None
    body_en: str | None = None
    title_easy: str | None = None
    body_easy: str | None = None
    posts: str | None = None  # a line each: slack:C0123ABCD
    post_web: bool | None = None
    repeat: str | None = None  # ONCE, or a value of RepeatKind
    repeat_number: str | None = None  # -1, 1 to 4
    repeat_weekday: str | None = None  # 0 to 6
    repeat_day: str | None = None  # 6月1日
    repeat_at: str | None = None  # 09:00
    repeat_until: str | None = None  # 2027-03-31


_ALL = tuple(each.name for each in fields(Draft))
DETAILS = _ALL[_ALL.index("source") :]  # what stands behind くわしい設定
_CHOSEN = ("confirm", "replies", "urgent", "later", "post_web")
_TEXTS = tuple(name for name in _ALL if name not in ("template", *_CHOSEN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a form has to choose from: templates, and topics as (id, title)."""

    templates: Sequence[Template] = ()
    topics: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A notice that has the right shape."""

    content: Content
    plan: Plan

    @classmethod
    def of(cls, notice: Notice | None) -> "Ready | None":
        """What a notice says already."""
        return cls(content=notice.content, plan=notice.plan) if notice else None


NEW = Ready(content=Content(title="", body="", confirm=True), plan=Plan())


def written(content: Content, plan: Plan, template: str = "") -> Draft:
    """All fields of a notice or a template, to fill a form with."""
    send_at, repeat = plan.send_at.astimezone(TOKYO) if plan.send_at else None, plan.repeat
    draft = Draft(
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
        source=content.source,
        replies=content.replies,
        topics=content.topics,
        links="\n".join(f"{link.label} {link.url}".strip() for link in content.links),
        posts="\n".join(str(post) for post in plan.posts if post != EVERYONE),
        post_web=EVERYONE in plan.posts,
        repeat=repeat.kind.value if repeat else ONCE,
        repeat_number=str(repeat.number if repeat else 1),
        repeat_weekday=str(repeat.weekday if repeat else 0),
        repeat_day=f"{repeat.month}月{repeat.day}日" if repeat else "",
        repeat_at=f"{repeat.at:%H:%M}" if repeat else "",
        repeat_until=repeat.until.isoformat() if repeat and repeat.until else "",
    )
    told = {each.language: (each.title, "\n\n".join(each.paragraphs)) for each in content.translations}
    texts: dict[str, Any] = {}
    for language in LANGUAGES:
        texts |= zip(TRANSLATED[language], told.get(language, ("", "")), strict=True)
    return replace(draft, **texts)


def folded(draft: Draft) -> Draft:
    """The draft in a form that does not show くわしい設定 yet."""
    hidden: dict[str, Any] = dict.fromkeys(DETAILS)
    return replace(draft, **hidden)


def unfolded(draft: Draft, offer: Offer, base: Ready | None) -> Draft:
    """The draft with every field: what the form did not show stands there as the notice or template has it."""
    return filled_up(draft, start_of(draft, offer, base))


def filled_up(draft: Draft, start: Ready) -> Draft:
    """The draft in which the fields that no form showed read as they stand in `start`."""
    shown = written(start.content, start.plan)
    hidden = [name for name in _ALL if getattr(draft, name) is None]
    return replace(draft, **{name: getattr(shown, name) for name in hidden})


def start_of(draft: Draft, offer: Offer, base: Ready | None) -> Ready:
    """What a form starts from: the notice that is rewritten, which takes from the template what it does not have."""
    chosen = next((template for template in offer.templates if template.id == draft.template), None)
    if chosen is None:
        return base or Ready(content=Content(title="", body=""), plan=Plan())
    if base is None:
        return Ready(content=chosen.content, plan=chosen.plan)
    texts = ("source", "topics", "links", "translations")
    brought = {name: getattr(base.content, name) or getattr(chosen.content, name) for name in texts}
    return replace(base, content=replace(base.content, **brought))


def from_template(draft: Draft, chosen: str, templates: Sequence[Template]) -> Draft:
    """The fields with a template's texts; what the person has typed already stays, as does what the form does not show."""
    known = {template.id: written(template.content, template.plan, template.id) for template in templates}
    fresh, before = known.get(chosen), known.get(draft.template, written(NEW.content, NEW.plan))
    if fresh is None:
        return draft
    kept = {
        name: getattr(draft, name)
        for name in _TEXTS
        if getattr(draft, name) is None or (getattr(draft, name) and getattr(draft, name) != getattr(before, name))
    }
    kept |= {name: None for name in _CHOSEN if getattr(draft, name) is None}
    either = {name: getattr(draft, name) or getattr(fresh, name) for name in ("urgent", "later", "post_web")}
    return replace(fresh, **(either | kept))
