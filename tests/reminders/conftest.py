"""What the tests of the reminders share: the shipped schedule, and a maker of small rules."""

from collections.abc import Callable
from datetime import date, time

import pytest

from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.outgoing import Address
from asaka_bot.reminders import files
from asaka_bot.reminders.recurrence import WhenClosed
from asaka_bot.reminders.rules import Audience, Rule, Schedule, Subject, Text, Validity

MakeRule = Callable[..., Rule]


@pytest.fixture(scope="session")
def shipped(knowledge: KnowledgeBase) -> Schedule:
    return files.load(files.SHIPPED, knowledge)


@pytest.fixture(scope="session")
def make_rule() -> MakeRule:
    """A rule with everything but its dates filled in; anything can be given by name."""

    def make(name: str, **given) -> Rule:
        plain = {
            "title": f"{name}のお知らせ",
            "subject": Subject.OVERTIME,
            "when_closed": WhenClosed.SKIP,
            "at": time(9),
            "until": time(17, 15),
            "audience": Audience.EVERYONE,
            "destinations": (Address(channel="web", to="everyone"),),
            "priority": 50,
            "texts": (Text(title=f"{name}です", paragraphs=("本文です。",)),),
            "line": f"{name}でもあります。",
            "validity": Validity(first=date(2000, 1, 1), last=date(2099, 12, 31)),
        }
        return Rule(id=name, **(plain | given))

    return make
