"""What stands behind a button, as the data that travels in the card and comes back with the press."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from asaka_bot.knowledge.model import Facet

LONGEST = 1_000  # characters of a question that travels along
REPLY_TEXT = "reply"  # the input of a text for HR
LONGEST_REPLY = 2_000
LONGEST_FIELD = 2_000  # of a form
_LONGEST_ID = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A topic, led by a facet."""

    topic: str
    facet: Facet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Whether an answer helped; ``question`` is None where it may not be kept."""

    topic: str
    facet: Facet | None
    helpful: bool
    question: str | None
    answer: str = ""  # the number of the answer, known to its card alone; empty: a card of an older version
    dated: bool = False  # the answer holds dates that follow from what was asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The shelves of topics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The topics of one category."""

    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDesk:
    """The desks, with a letter to start from."""

    topic: str | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDates:
    """The form for a due date or a birth date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """The dates that follow from the days given in the form."""

    due: str
    birth: str
    multiple: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond:
    """確認しました, or an answer, below the notice that a delivery brought."""

    delivery: str
    response: str
    listed: bool = False  # pressed in the list of the person's notices


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack:
    """A text for HR, written below a notice."""

    delivery: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyNotices:
    """The last notices to the person."""


class Step(StrEnum):
    """A step of writing a notice."""

    FORM = "form"
    TEMPLATE = "template"  # fill the form from a template
    CHECK = "check"  # keep what was filled in, and show it
    TEST = "test"
    KEEP = "keep"
    REWRITE = "rewrite"
    SEND = "send"
    STATUS = "status"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """HR writes a notice. ``fields`` are the inputs of the card as they came, each to be checked by its reader."""

    step: Step
    notice: int = 0
    version: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)


Press = Show | Vote | Menu | Shelf | AskDesk | AskDates | Compute | Respond | WriteBack | MyNotices | Write


def written(press: Press) -> tuple[str, dict[str, Any]]:
    """The verb and the data of the button; `read` gives the press back."""
    said: dict[str, Any] = {}
    match press:
        case Show(topic=topic, facet=facet):
            said = {"topic": topic, "facet": facet.value if facet else None}
        case Vote(topic=topic, facet=facet, helpful=helpful, question=question):
            said = {"topic": topic, "facet": facet.value if facet else None, "helpful": "yes" if helpful else "no"}
            said |= {
                "question": question and question[:LONGEST],
                "answer": press.answer,
                "dated": press.dated and "yes",
            }
        case Shelf(category=category):
            said = {"category": category}
        case AskDesk(topic=topic_of_letter, question=question):
            said = {"topic": topic_of_letter, "question": question and question[:LONGEST]}
        case Respond(delivery=delivery, response=response, listed=listed):
            said = {"delivery": delivery, "response": response, "listed": "yes" if listed else ""}
        case WriteBack(delivery=delivery):
            said = {"delivery": delivery}  # the text is the input of its form
        case Write(step=step, notice=notice, version=version):
            said = {"step": step.value, "notice": notice, "version": version}
        case Menu() | AskDates() | Compute() | MyNotices():
            pass  # Compute: the days are the inputs of its form
    return _VERBS[type(press)], {name: value for name, value in said.items() if value}


def read(verb: str, given: Mapping[str, Any]) -> Press | None:
    """The press that came back, None where it is none of ours. Nothing in `given` is trusted."""
    reader = _READERS.get(verb)
    return reader(given) if reader else None


def _show(given: Mapping[str, Any]) -> Press:
    return Show(topic=_id(given, "topic"), facet=_facet(given))


def _vote(given: Mapping[str, Any]) -> Press | None:
    helpful = {"yes": True, "no": False}.get(_text(given, "helpful", 3))
    if helpful is None:
        return None
    question = None if _ticked(given, "without_question") else _text(given, "question", LONGEST) or None
    return Vote(
        topic=_id(given, "topic"),
        facet=_facet(given),
        helpful=helpful,
        question=question,
        answer=_id(given, "answer"),
        dated=_text(given, "dated", 3) == "yes",
    )


def _desk(given: Mapping[str, Any]) -> Press:
    return AskDesk(topic=_id(given, "topic") or None, question=_text(given, "question", LONGEST) or None)


def _compute(given: Mapping[str, Any]) -> Press:
    return Compute(due=_text(given, "due", 100), birth=_text(given, "birth", 100), multiple=_ticked(given, "multiple"))


def _respond(given: Mapping[str, Any]) -> Press | None:
    delivery, response = _id(given, "delivery"), _id(given, "response")
    listed = _text(given, "listed", 3) == "yes"
    return Respond(delivery=delivery, response=response, listed=listed) if delivery and response else None


def _write_back(given: Mapping[str, Any]) -> Press | None:
    delivery = _id(given, "delivery")
    return WriteBack(delivery=delivery, text=_text(given, REPLY_TEXT, LONGEST_REPLY)) if delivery else None


def _write(given: Mapping[str, Any]) -> Press | None:
    step = _text(given, "step", 20)
    if step not in list(Step):
        return None
    return Write(step=Step(step), notice=_count(given, "notice"), version=_count(given, "version"), fields=given)


def _count(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


_VERBS: Mapping[type[Press], str] = {
    Show: "show",
    Vote: "vote",
    Menu: "menu",
    Shelf: "shelf",
    AskDesk: "desk",
    AskDates: "dates",
    Compute: "compute",
    Respond: "respond",
    WriteBack: "reply",
    MyNotices: "notices",
    Write: "write",
}
_READERS: Mapping[str, Callable[[Mapping[str, Any]], Press | None]] = {
    "show": _show,
    "vote": _vote,
    "menu": lambda _given: Menu(),
    "shelf": lambda given: Shelf(category=_id(given, "category")),
    "desk": _desk,
    "dates": lambda _given: AskDates(),
    "compute": _compute,
    "respond": _respond,
    "reply": _write_back,
    "write": _write,
    "notices": lambda _given: MyNotices(),
}


def _ticked(given: Mapping[str, Any], name: str) -> bool:
    return given.get(name) is True or given.get(name) == "true"


def _text(given: Mapping[str, Any], name: str, longest: int) -> str:
    value = given.get(name)
    return value.strip()[:longest] if isinstance(value, str) else ""


def _id(given: Mapping[str, Any], name: str) -> str:
    return _text(given, name, _LONGEST_ID)


def _facet(given: Mapping[str, Any]) -> Facet | None:
    value = _text(given, "facet", 20)
    return Facet(value) if value in list(Facet) else None
