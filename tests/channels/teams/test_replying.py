"""What happens to an activity after it was acknowledged, when something goes wrong."""

import asyncio
from types import SimpleNamespace

import pytest

from asaka_bot.channels.teams import menus
from asaka_bot.channels.teams.dialogue import Spoken
from asaka_bot.channels.teams.inbound import Kind, Person, Place, Said
from asaka_bot.channels.teams.replying import Replying
from tests.channels.teams.bot import Silent
from tests.channels.teams.contacts import Book, Log

SAID = Said(
    event="e" * 64,
    place=Place(conversation="a:1", kind=Kind.PERSONAL, service_url="http://127.0.0.1", tenant="t"),
    person=Person(id="29:1", user="aad-1"),
    text="年休は何日ですか",
)
ANSWER = "お答え"


class Broken:
    """A database that is gone, whatever is asked of it."""

    def __getattr__(self, _name):
        async def fail(*_given):
            raise ConnectionError

        return fail


def posted(copies=1, *, events=None, contacts=None, answer=None):
    """What stands in the conversation after so many copies of a message came in together."""

    async def said(_said):
        if answer is not None:
            raise answer
        return Spoken(shown=ANSWER)

    async def run():
        dialogue = SimpleNamespace(said=said, keep=lambda *_given: None)
        connector = Silent()
        replying = Replying(dialogue, connector, events or Log(), contacts or Book(), "bot")
        await asyncio.gather(*(replying.reply(SAID) for _ in range(copies)))
        return [text for _conversation, text in connector.posted]

    return asyncio.run(run())


def test_copies_that_come_together_are_answered_once():
    """Four copies at once, one answer."""
    assert posted(copies=4) == [ANSWER]


@pytest.mark.parametrize("error", [ValueError("年休"), TimeoutError()])
def test_trouble_is_said_once(error):
    """Where the answer can't be found, one copy says so."""
    assert posted(copies=4, answer=error) == [menus.BUSY]


def test_a_copy_that_cannot_tell_stays_silent():
    """Where nobody can tell whether another copy is answered, nothing is said: it would stand beside the answer."""
    assert posted(events=Broken()) == []


def test_an_answer_is_not_followed_by_an_apology():
    """What goes wrong after the answer is nothing that the person has to know."""
    assert posted(contacts=Broken()) == [ANSWER]
