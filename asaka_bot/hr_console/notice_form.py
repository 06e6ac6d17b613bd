"""The form by which a notice is written: what was typed, what it means, and everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

from starlette.datastructures import FormData

from asaka_bot.broadcasts import audience_text
from asaka_bot.broadcasts.notice import Content, Plan
from asaka_bot.broadcasts.notice_checks import (
    LONGEST_ANSWER,
    LONGEST_BODY,
    LONGEST_TITLE,
    MOST_ANSWERS,
    MOST_LINKS,
    MOST_TOPICS,
)
from asaka_bot.broadcasts.notice_repeats import EVERYONE, read_posts
from asaka_bot.errors import AudienceError, NoticeError, Problem
from asaka_bot.hr_console import notice_when
from asaka_bot.outgoing import LANGUAGES, Address, Link, Translation

_LINK_FIELDS = tuple(f"link-{part}-{number}" for number in range(1, MOST_LINKS + 1) for part in ("label", "url"))
_ANSWER_FIELDS = tuple(f"answer-{number}" for number in range(1, MOST_ANSWERS + 1))
_TRANSLATION_FIELDS = tuple(f"{part}-{language}" for language in LANGUAGES for part in ("title", "body"))
_FIELDS = (
    *("title", "body", "source", "confirm", "respond-by", "replies", "urgent", "audience", "posts", "post-web"),
    *_LINK_FIELDS,
    *_ANSWER_FIELDS,
    *_TRANSLATION_FIELDS,
    *notice_when.FIELDS,
)
# The order of the fields on the page: the first that is wrong takes the focus.
_ORDER = (
    *("title", "body", "source", "topics", *_LINK_FIELDS, "confirm", *_ANSWER_FIELDS, "respond-by"),
    *(*_TRANSLATION_FIELDS, "audience", "posts", *notice_when.FIELDS),
)
_TIMED = (*_ANSWER_FIELDS, "audience", "posts", *notice_when.FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeForm:
    """The form as filled in; `content` and `plan` hold whatever of it could be read."""

    typed: Mapping[str, str]
    topics: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)  # by field, in the order of the page
    content: Content = field(default_factory=lambda: Content(title="", body=""))
    plan: Plan = field(default_factory=Plan)

    @property
    def first_wrong(self) -> str:
        """The field that takes the focus; empty where all is well."""
        return next(iter(self.errors), "")

    def has_any(self, *beginnings: str) -> bool:
        """Whether a field whose name begins so is filled in or wrong: its fold is then open."""
        filled = [name for name, value in self.typed.items() if value]
        return any(name.startswith(beginnings) for name in (*filled, *self.errors))


def filled(content: Content, plan: Plan) -> NoticeForm:
    """The form of a notice that is kept, or of a template."""
    typed = dict.fromkeys(_FIELDS, "") | {
        "title": content.title,
        "body": content.body,
        "source": content.source,
        "confirm": "yes" if content.confirm else "",
        "replies": "yes" if content.replies else "",
        "urgent": "yes" if content.urgent else "",
        "respond-by": notice_when.written_day(content.respond_by) if content.respond_by else "",
        "audience": plan.audience,
        "posts": "\n".join(str(post) for post in plan.posts if post != EVERYONE),
        "post-web": "yes" if EVERYONE in plan.posts else "",
    }
    typed |= dict(zip(_ANSWER_FIELDS, content.answers, strict=False))
    for number, link in enumerate(content.links[:MOST_LINKS], start=1):
        typed |= {f"link-label-{number}": link.label, f"link-url-{number}": link.url}
    for each in content.translations:
        typed |= {f"title-{each.language}": each.title, f"body-{each.language}": "\n\n".join(each.paragraphs)}
    typed |= notice_when.typed_when(plan)
    return NoticeForm(typed=typed, topics=content.topics, content=content, plan=plan)


def read(form: FormData, topics: Sequence[tuple[str, str]], today: date, *, sent: Content | None = None) -> NoticeForm:
    """What a person filled in on `today`; with what was `sent` already, only the text can still be changed."""
    typed = {name: _text(form.get(name)) for name in _FIELDS}
    if sent is not None:
        typed |= dict.fromkeys(_ANSWER_FIELDS, "") | dict(zip(_ANSWER_FIELDS, sent.answers, strict=False))
    chosen = tuple(dict.fromkeys(_text(each) for each in form.getlist("topics")))
    wrong: dict[str, str] = {}
    reader = _Reader(typed, wrong)
    known = [topic for topic, _ in topics]
    if len(chosen) > MOST_TOPICS:
        wrong["topics"] = f"案内の話題は{MOST_TOPICS}つまでです。いちばん役に立つものに絞ってください。"
    respond_by = notice_when.read_day(typed, "respond-by", today, reader.complain) if typed["respond-by"] else None
    content = Content(
        title=reader.line("title", "題名", LONGEST_TITLE),
        body=reader.body(),
        source=typed["source"],
        topics=tuple(topic for topic in chosen if topic in known),
        links=reader.links(),
        confirm=bool(typed["confirm"]),
        answers=reader.answers() if sent is None else sent.answers,
        respond_by=respond_by,
        replies=bool(typed["replies"]),
        translations=reader.translations(),
        urgent=bool(typed["urgent"]),
    )
    passed = respond_by is not None and respond_by < today
    if passed and (sent is None or respond_by != sent.respond_by):  # one that was sent may have passed since
        wrong["respond-by"] = "期限が過ぎています。今日以降の日にしてください。"
    elif respond_by and not content.wants_response:
        wrong["respond-by"] = "期限は、ボタンを付けたときだけ決められます。ボタンを付けるか、期限を空けてください。"
    plan = reader.plan(today) if sent is None else Plan()
    errors = {name: wrong[name] for name in _ORDER if name in wrong}
    return NoticeForm(typed=typed, topics=chosen, errors=errors, content=content, plan=plan)


def refused(
    form: NoticeForm, error: NoticeError | AudienceError, *, timed: bool = True
) -> tuple[NoticeForm, list[str]]:
    """The form with the feature's problems beside their fields, and those that have no field on the page.

    Without `timed` neither answers nor audience nor time stand on the page.
    """
    if isinstance(error, AudienceError):
        error = NoticeError(Problem(field="audience", text=str(error)))
    wrong, rest = dict(form.errors), list[str]()
    for problem in error.problems:
        name = _on_page(form, problem)
        if name not in _ORDER or (name in _TIMED and not timed):
            rest.append(problem.text)
        else:
            wrong[name] = f"{wrong.get(name, '')}{problem.text.rstrip('。')}。"
    return replace(form, errors={name: wrong[name] for name in _ORDER if name in wrong}), rest


def _on_page(form: NoticeForm, problem: Problem) -> str:
    """The field of the page; of links and answers the row that was filled in as the problem's item."""
    match problem.field:
        case "links":
            rows = [n for n in range(1, MOST_LINKS + 1) if form.typed[f"link-url-{n}"] or form.typed[f"link-label-{n}"]]
            return f"link-url-{_row(rows, problem.item)}"
        case "answers":
            rows = [n for n in range(1, MOST_ANSWERS + 1) if form.typed[f"answer-{n}"]]
            return f"answer-{_row(rows, problem.item)}"
        case field:
            return {"send_at": "day", "repeat": "repeat-kind"}.get(field, field.replace("_", "-"))


def _row(rows: Sequence[int], item: int) -> int:
    return rows[item - 1] if 0 < item <= len(rows) else 1


def _text(value: object) -> str:
    return value.replace("\r\n", "\n").replace("\x00", "").strip() if isinstance(value, str) else ""


class _Reader:
    """Reads groups of fields, and writes down what is wrong with them."""

    def __init__(self, typed: Mapping[str, str], wrong: dict[str, str]) -> None:
        self._typed, self._wrong = typed, wrong

    def complain(self, name: str, text: str) -> None:
        """Keep the first complaint about a field."""
        self._wrong.setdefault(name, text)

    def line(self, name: str, title: str, most: int) -> str:
        """A field that must hold one line."""
        text = " ".join(self._typed[name].split())
        if not text:
            self.complain(name, f"{title}を入力してください。")
        elif len(text) > most:
            self.complain(name, f"{title}は{most}文字までです（今は{len(text)}文字）。短くしてください。")
        return text

    def body(self) -> str:
        """The text."""
        text = self._typed["body"]
        if not text:
            self.complain("body", "本文を入力してください。")
        elif len(text) > LONGEST_BODY:
            self.complain(
                "body",
                f"本文は{LONGEST_BODY:,}文字までです（今は{len(text):,}文字）。短くするか、リンクを付けてください。",
            )
        return text

    def links(self) -> tuple[Link, ...]:
        """The links; each needs both of its fields."""
        found = []
        for number in range(1, MOST_LINKS + 1):
            label, url = self._typed[f"link-label-{number}"], self._typed[f"link-url-{number}"]
            if not label and not url:
                continue
            if not label:
                self.complain(f"link-label-{number}", "リンクの名前を入力してください。例：研修の案内（PDF）")
            if not _is_https(url):
                self.complain(f"link-url-{number}", "https:// で始まるアドレスを入力してください。")
            found.append(Link(label=label, url=url))
        return tuple(found)

    def answers(self) -> tuple[str, ...]:
        """The answer buttons; one alone would be no choice."""
        found: list[str] = []
        for name in _ANSWER_FIELDS:
            label = self._typed[name]
            if len(label) > LONGEST_ANSWER:
                self.complain(name, f"ボタンの文字は{LONGEST_ANSWER}文字までです。短くしてください。")
            if label and label in found:
                self.complain(name, "同じ文字のボタンがあります。ほかの言葉にしてください。")
            found += [label] if label else []
        if len(found) == 1:
            self.complain(
                "answer-2", "回答ボタンは2つ以上にしてください。1つでよいときは「確認しました」ボタンを使えます。"
            )
        return tuple(found)

    def translations(self) -> tuple[Translation, ...]:
        """The languages of which anything is filled in."""
        found = []
        for language, name in LANGUAGES.items():
            title, body = self._typed[f"title-{language}"], self._typed[f"body-{language}"]
            if not title and not body:
                continue
            if not title:
                self.complain(f"title-{language}", f"{name}の題名も入力してください。")
            if not body:
                self.complain(f"body-{language}", f"{name}の本文も入力してください。")
            paragraphs = tuple(part.strip("\n") for part in body.split("\n\n") if part.strip())
            found.append(Translation(language=language, title=title, paragraphs=paragraphs))
        return tuple(found)

    def plan(self, today: date) -> Plan:
        """To whom, and when."""
        audience = " ".join(self._typed["audience"].split())
        if audience:
            try:
                audience_text.parse(audience)
            except AudienceError as error:
                self.complain("audience", f"{error}。")
        send_at, repeat = notice_when.read_when(self._typed, today, self.complain)
        return Plan(audience=audience, posts=self._posts(), send_at=send_at, repeat=repeat)

    def _posts(self) -> tuple[Address, ...]:
        found, wrong = read_posts(self._typed["posts"])
        if wrong:
            self.complain(
                "posts", f"「{wrong[:40]}」が分かりません。slack:C0123ABCD のように、1行に1つ書いてください。"
            )
        return tuple(dict.fromkeys([*([EVERYONE] if self._typed["post-web"] else []), *found]))


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and not any(c.isspace() for c in url)
    except ValueError:
        return False
