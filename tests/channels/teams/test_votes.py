"""Votes on Teams: once a person and answer, and the card comes back without its buttons."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest

from asaka_bot.channels.teams import menus
from asaka_bot.channels.teams.inbound import Kind, Person, Place, Pressed
from asaka_bot.channels.teams.parts import Shown, as_json
from asaka_bot.channels.teams.pressed import Vote, read
from asaka_bot.channels.teams.votes import Votes
from asaka_bot.tokyo import now_in_tokyo
from tests.channels.teams import cards
from tests.fakes.feedback import MemoryFeedback

PLACE = Place(conversation="a:1", kind=Kind.PERSONAL, service_url="http://127.0.0.1", tenant="t")
ORDINARY, PRIVATE, DATED = (
    "介護休暇は何日ですか",
    "上司からパワハラを受けています",
    "予定日は令和9年2月10日です。産休はいつから？",
)


class World:
    """The votes over parts in memory, on a clock that stands still."""

    def __init__(self, service, engine):
        self.now, self.feedback, self._engine = now_in_tokyo(), MemoryFeedback(), engine
        self._service = service
        self.votes = self.replica()

    def replica(self):
        return Votes(self._service, self.feedback, lambda: self.now)

    def answered(self, question):
        reply, _context = self._engine.reply(question, now=self.now)
        return as_json(self.votes.card(reply, question).card)

    async def press(self, tree, *, helpful=False, person="29:1", event="e", votes=None, **inputs):
        """Press a button of a card, as it comes back."""
        button = cards.actions(tree, "vote")[0 if helpful else 1]
        vote = read("vote", button["data"] | inputs)
        assert isinstance(vote, Vote)
        pressed = Pressed(event=event, place=PLACE, person=Person(id=person, user=person), press=vote)
        return await (votes or self.votes).take(pressed, vote)


@pytest.fixture
def world(service, engine):
    return World(service, engine)


def run(work):
    return asyncio.run(work)


@pytest.mark.parametrize("question", [ORDINARY, PRIVATE, DATED])
def test_the_card_stays_as_it_is_but_for_the_buttons(world, question):
    """All that was to be read is still there; in the place of the buttons stands a word of thanks."""
    tree = world.answered(question)
    shown = run(world.press(tree))
    after = cards.check(shown.card)
    above = cards.texts(tree)[: cards.texts(tree).index("この答えは役に立ちましたか")]
    assert cards.texts(after) == [*above, menus.THANKS]
    assert not cards.actions(after, "vote")
    assert [a["verb"] for a in cards.actions(after)] == [a["verb"] for a in cards.actions(tree) if a["verb"] != "vote"]


def test_a_person_votes_once_on_an_answer(world):
    """Copies of a press, presses at once and on the other button count once; other people and answers count anew."""
    tree, other = world.answered(ORDINARY), world.answered(ORDINARY)

    async def work():
        first = await world.press(tree)
        many = [world.press(tree, helpful=n % 2 == 0, event=f"e{n % 3}") for n in range(9)]
        again = await asyncio.gather(*many)
        await world.press(tree, person="29:2", helpful=True)
        await world.press(other, helpful=True)
        return first, again

    first, again = run(work())
    assert [vote["helpful"] for vote in world.feedback.votes] == [False, True, True]
    assert menus.THANKS in cards.texts(as_json(first.card))
    assert all(menus.HAS_VOTED in cards.texts(as_json(shown.card)) for shown in again)


@pytest.mark.parametrize("question", [ORDINARY, PRIVATE])
def test_a_vote_after_a_restart_or_on_another_replica(world, question):
    """It counts once there too, and the card is drawn anew, about the same."""
    tree = world.answered(question)

    async def work():
        there = await world.press(tree, votes=world.replica())
        await world.press(tree)
        world.now += timedelta(hours=1)
        return there, await world.press(tree)

    there, late = run(work())
    assert len(world.feedback.votes) == 1
    for shown in (there, late):
        after = cards.check(shown.card)
        assert cards.texts(after)[0] == cards.texts(tree)[0]
        assert not cards.actions(after, "vote")


def test_a_table_of_dates_is_never_lost(world):
    """Where the dates are not known any more the card stays, and the thanks are a sentence."""
    tree = world.answered(DATED)
    assert run(world.press(tree, votes=world.replica())) == menus.THANKS
    assert run(world.press(tree, votes=world.replica())) == menus.HAS_VOTED
    assert world.feedback.votes == [
        {"topic": "maternity-leave", "facet": world.feedback.votes[0]["facet"], "helpful": False, "question": None}
    ]


def test_a_card_of_an_older_version(world):
    """A button without the number of its answer works, once a press."""
    tree = world.answered(ORDINARY)
    for button in cards.actions(tree, "vote"):
        del button["data"]["answer"]
    assert isinstance(run(world.press(tree, event="e1")), Shown)
    run(world.press(tree, event="e1"))
    run(world.press(tree, event="e2"))
    assert len(world.feedback.votes) == 2


def test_what_is_not_to_be_sent_is_not_kept(world):
    """Of a sensitive topic neither side nor question, of another no question where the person forbids it."""
    private, ordinary = world.answered(PRIVATE), world.answered(ORDINARY)
    run(world.press(private, question="秘密", facet="pay"))
    run(world.press(ordinary, without_question="true"))
    first, second = world.feedback.votes
    assert (first["topic"], first["facet"], first["question"]) == ("harassment-consultation", None, None)
    assert second["question"] is None
    assert not any(ORDINARY in repr(reply) for reply in world.votes._shown.values())


def test_trouble_is_said(world, service):
    """Where the vote can't be kept, or its topic is gone, the card stays."""

    async def fail(**_vote):
        raise ConnectionError

    tree = world.answered(ORDINARY)
    broken = Votes(service, SimpleNamespace(record=fail), lambda: world.now)
    assert run(world.press(tree, votes=broken)) == menus.TROUBLE
    assert run(world.press(tree, topic="gone")) == menus.GONE


def test_little_is_remembered(world):
    """What was answered is forgotten after half an hour."""
    world.answered(ORDINARY)
    world.now += timedelta(minutes=31)
    world.answered(ORDINARY)
    assert len(world.votes._shown) == 1
