"""HR writing on Teams as tests do it: each step is a press, its card the answer."""

import asyncio
from dataclasses import asdict

from asaka_bot.channels.notice_draft import NEW, Draft, filled_up
from asaka_bot.channels.teams.inbound import Kind, Person, Place
from asaka_bot.channels.teams.notice_writing import NoticeDesk
from asaka_bot.channels.teams.pressed import Step, Write, read, written
from asaka_bot.roles import HrRole
from tests.channels.teams import cards
from tests.fakes.notices_in_chat import NOW, MemoryWriting

HANAKO, TARO = Person(id="29:1", user="aad-1"), Person(id="29:2", user="aad-2")
HERE = Place(conversation="a:1", kind=Kind.PERSONAL, service_url="http://127.0.0.1", tenant="t")
FILLED = Draft(title="健康診断の日程", body="決まりました。\n\n選んでください。", audience="全員", confirm=True)


class Desk:
    """The desk as HR uses it: each step is a press, its card the answer."""

    def __init__(self, **given):
        self.writing = MemoryWriting(roles={("teams", "aad-1"): HrRole.EDITOR}, **given)
        self._desk = NoticeDesk(self.writing, lambda: NOW, "https://hr.asaka.example/")

    def do(self, step: Step, person: Person = HANAKO, place: Place = HERE, **fields):
        """Press as Teams would send it; the card's JSON, or a sentence."""
        verb, data = written(Write(step=step, notice=fields.pop("notice", 0), version=fields.pop("version", 0)))
        press = read(verb, data | fields)
        answer = asyncio.run(self._desk.step(place, person, press))
        return answer if isinstance(answer, str) else cards.check(answer.card)

    def check(self, draft: Draft = FILLED, **more):
        return self.do(Step.CHECK, **fields_of(draft), **more)


def fields_of(draft: Draft) -> dict[str, str]:
    """The inputs as Teams sends them: all of them texts."""
    said = asdict(filled_up(draft, NEW)) | {"topics": ",".join(draft.topics or ()), "kept": "none"}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in said.items()}


def texts(tree) -> str:
    return "\n".join(cards.texts(tree)).replace("\u200b", "")


def above(tree, name: str) -> str:
    """What is written in red right above an input."""
    for parts in (e.get("items") or e.get("body") or () for e in cards.elements(tree)):
        places = [n for n, part in enumerate(parts) if part.get("id") == name]
        if places and parts[places[0] - 1]["type"] == "RichTextBlock":
            return parts[places[0] - 1]["inlines"][0]["text"].replace("\u200b", "")
    return ""
