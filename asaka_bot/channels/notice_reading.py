"""What a person of HR fills into a form of a chat -> the notice, or what is wrong with which field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any

from asaka_bot.broadcasts import audience_text, notice_checks
from asaka_bot.broadcasts.notice import Content, Plan, Repeat, RepeatKind
from asaka_bot.broadcasts.notice_repeats import EVERYONE, NUMBERS, month_day, read_posts
from asaka_bot.broadcasts.notice_wording import paragraphs_of
from asaka_bot.channels.notice_draft import ONCE, TRANSLATED, Draft, Offer, Ready, filled_up, start_of, written
from asaka_bot.errors import AsakaError, AudienceError, NoticeError, Problem
from asaka_bot.outgoing import Address, Link, Translation
from asaka_bot.tokyo import TOKYO

_BETWEEN = re.compile(r"[、,，/／\n]")
# Fields of the feature's problems that have another name in a draft.
_SHOWN_AS = {"send_at": "day"} | {
    f"{part}-{language}": name
    for language, names in TRANSLATED.items()
    for part, name in zip(("title", "body"), names, strict=True)
}
_NAMES = {each.name for each in fields(Draft)}
_QUOTED = 100  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A sentence for each field of `Draft` that has to change; under "" what is about none of them."""

    problems: Mapping[str, str]


def read(draft: Draft, offer: Offer, now: datetime, base: Ready | None = None) -> Ready | Wrong:
    """The notice that the fields mean.

    `base` is the notice that is being rewritten: whatever the form does not show, or shows and was left as it stood,
    stays exactly as it is there. A new notice starts from the template that was chosen.
    """
    reader = _Reader(draft, offer, start_of(draft, offer, base))
    content, plan = reader.content(), reader.plan()
    found = dict(reader.problems)
    for name, text in _beside(notice_checks.problems(content, plan, now)).items():
        found.setdefault(name, text)
    return Wrong(problems=found) if found else Ready(content=content, plan=plan)


def problems_of(error: AsakaError) -> Wrong:
    """The feature's refusal beside the fields that it is about."""
    if isinstance(error, AudienceError):
        return Wrong(problems={"audience": _sentence(str(error))})
    return Wrong(problems=_beside(error.problems if isinstance(error, NoticeError) else (Problem(text=str(error)),)))


def _beside(problems: tuple[Problem, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        name = _SHOWN_AS.get(problem.field, problem.field)
        name = name if name in _NAMES else ""
        found[name] = found.get(name, "") + _sentence(problem.text)
    return found


def _sentence(text: str) -> str:
    return f"{text.rstrip('。')}。"


class _Reader:
    """Reads the fields one by one, and writes down which can't be understood."""

    def __init__(self, draft: Draft, offer: Offer, start: Ready) -> None:
        self._start, self._offer = start, offer
        self._draft, self._shown = filled_up(draft, start), written(start.content, start.plan)
        self.problems: dict[str, str] = {}

    def content(self) -> Content:
        """What people read."""
        draft, before = self._draft, self._start.content
        changed: dict[str, Any] = {
            name: (getattr(draft, name) or "").strip()
            for name in ("title", "body", "source")
            if not self._as_it_stood(name)
        }
        changed |= {name: bool(getattr(draft, name)) for name in ("confirm", "urgent", "replies")}
        for name, reader in (("answers", self._answers), ("links", self._links), ("topics", self._topics)):
            if not self._as_it_stood(name):
                changed[name] = reader()
        if not self._as_it_stood("respond_by"):
            changed["respond_by"] = self._day("respond_by") if draft.respond_by else None
        return replace(before, **changed, translations=self._translations())

    def plan(self) -> Plan:
        """To whom, and when."""
        before = self._start.plan
        audience = before.audience if self._as_it_stood("audience") else (self._draft.audience or "").strip()
        if audience:
            try:
                audience_text.parse(audience)
            except AudienceError as error:
                self.problems["audience"] = _sentence(str(error))
        repeats = ("repeat", "repeat_number", "repeat_weekday", "repeat_day", "repeat_at", "repeat_until")
        return Plan(
            audience=audience,
            posts=before.posts if self._as_it_stood("posts", "post_web") else self._posts(),
            send_at=before.send_at if self._as_it_stood("later", "day", "at") else self._moment(),
            repeat=before.repeat if self._as_it_stood(*repeats) else self._repeat(),
        )

    def _as_it_stood(self, *names: str) -> bool:
        return all(getattr(self._draft, name) == getattr(self._shown, name) for name in names)

    def _answers(self) -> tuple[str, ...]:
        parts = (part.strip() for part in _BETWEEN.split(self._draft.answers or ""))
        return tuple(dict.fromkeys(part for part in parts if part))

    def _topics(self) -> tuple[str, ...]:
        """Those that there are; of a topic that is gone a form can't show anything."""
        known = {topic for topic, _title in self._offer.topics}
        chosen = tuple(dict.fromkeys(topic for topic in self._draft.topics or () if topic in known))
        before = self._start.content.topics
        return before if set(chosen) == known.intersection(before) else chosen

    def _links(self) -> tuple[Link, ...]:
        found = []
        for line in (self._draft.links or "").splitlines():
            *name, url = line.split() or [""]
            if not name and not url:
                continue
            if not name or not url.startswith("https://"):
                self.problems["links"] = (
                    f"「{' '.join(line.split())[:_QUOTED]}」が読み取れません。"
                    "1行に1つ、名前のあとを空けて、https:// で始まるアドレスを書いてください。"
                )
            found.append(Link(label=" ".join(name), url=url))
        return tuple(found)

    def _translations(self) -> tuple[Translation, ...]:
        """Languages that no form knows stay, as does the order."""
        told = {each.language: each for each in self._start.content.translations}
        for language, names in TRANSLATED.items():
            if self._as_it_stood(*names):
                continue
            title, body = ((getattr(self._draft, name) or "").strip() for name in names)
            told[language] = Translation(language=language, title=title, paragraphs=paragraphs_of(body))
            if not title and not body:
                del told[language]
        return tuple(told.values())

    def _posts(self) -> tuple[Address, ...]:
        found, wrong = read_posts(self._draft.posts or "")
        if wrong:
            text = f"「{wrong[:_QUOTED]}」が分かりません。slack:C0123ABCD のように、1行に1つ書いてください。"
            self.problems["posts"] = text
        return tuple(dict.fromkeys([*([EVERYONE] if self._draft.post_web else []), *found]))

    def _moment(self) -> datetime | None:
        if not self._draft.later:
            return None
        try:
            day, at = date.fromisoformat(self._draft.day or ""), time.fromisoformat(self._draft.at or "")
            return datetime.combine(day, at, TOKYO)
        except ValueError:
            self.problems["day"] = "送る日と時刻を、両方とも選んでください。"
            return None

    def _repeat(self) -> Repeat | None:
        draft = self._draft
        if draft.repeat in (None, "", ONCE):
            return None
        month, day = 1, 1
        if draft.repeat == RepeatKind.YEARLY:
            found = month_day(draft.repeat_day or "")
            month, day = found or (1, 1)
            if found is None:
                self.problems["repeat_day"] = "月と日を、11月30日 の形で書いてください。"
        until = self._day("repeat_until") if draft.repeat_until else None
        number, weekday = _whole(draft.repeat_number), _whole(draft.repeat_weekday)
        try:
            return Repeat(
                kind=RepeatKind(draft.repeat or ""),
                at=time.fromisoformat(draft.repeat_at or "").replace(tzinfo=None),
                number=number if number in NUMBERS else 1,
                weekday=weekday if weekday in range(7) else 0,
                month=month,
                day=day,
                until=until,
            )
        except ValueError:
            self.problems["repeat_at"] = "くり返し方と、くり返す時刻を選んでください。"
            return None

    def _day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(getattr(self._draft, name))
        except ValueError:
            self.problems[name] = "日付が読み取れません。選び直してください。"
            return None


def _whole(text: str | None) -> int:
    return int(text) if text in ("-1", "0", "1", "2", "3", "4", "5", "6") else 0
