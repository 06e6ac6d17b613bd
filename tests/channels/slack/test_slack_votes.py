"""Votes on Slack: what goes where, and once a person and answer."""

import asyncio
import json
import re

import pytest

from tests.fakes.slack_bot import bot
from tests.fakes.slack_workspace import buttons

LONG, PRIVATE = "年休は1年に何日ありますか", "上司からパワハラを受けています"


@pytest.fixture
def run(service):
    """Runs a test's coroutine with a bot."""

    def go(work):
        async def inside():
            async with bot(service) as made:
                return await work(made)

        return asyncio.run(inside())

    return go


def test_feedback_goes_where_that_of_the_web_chat_goes(run):
    """役に立たなかった carries the question, its sibling and 役に立った don't; thanks are for the person's eyes only."""

    async def work(b):
        for label in ("役に立った", "役に立たなかった", "役に立たなかった（質問の文は届けない）"):
            post = await b.direct(LONG)
            await b.press(buttons(post)[label], post)
        async with asyncio.timeout(5):
            while len(b.space.responses) < 3:
                await asyncio.sleep(0.01)
        kept = {(vote["topic"], vote["helpful"], vote["question"]) for vote in b.feedback.votes}
        assert kept == {
            ("annual-leave", True, None),
            ("annual-leave", False, LONG),
            ("annual-leave", False, None),
        }
        assert {said["response_type"] for said in b.space.responses} == {"ephemeral"}

    run(work)


def test_a_person_votes_once_on_an_answer(run):
    """Presses one after the other and at once, also on the other button, count once; somebody else's count too."""

    async def work(b):
        post = await b.direct(LONG)
        good, bad = buttons(post)["役に立った"], buttons(post)["役に立たなかった"]
        await b.press(bad, post)
        async with asyncio.timeout(5):
            while not b.feedback.votes:
                await asyncio.sleep(0.01)
        await asyncio.gather(*(b.press(button, post) for button in (good, bad) * 3))
        await b.press(good, post, user={"id": "U2"})
        async with asyncio.timeout(5):
            while len(b.space.responses) < 8:
                await asyncio.sleep(0.01)
        assert [vote["helpful"] for vote in b.feedback.votes] == [False, True]
        assert sum("もう受け取っています" in said["text"] for said in b.space.responses) == 6

    run(work)


def test_what_is_kept_of_a_vote_names_nobody(run):
    """It is a hash; with a workspace's channels, moments and people alone it must not be possible to make it again."""

    async def work(b):
        for _ in range(2):
            post = await b.direct(LONG)
            await b.press(buttons(post)["役に立った"], post)
        async with asyncio.timeout(5):
            while len(b.feedback.seen) < 2:
                await asyncio.sleep(0.01)
        numbers = {once.split("\n")[2] for once in b.feedback.seen}
        assert len(numbers) == 2
        assert all(re.fullmatch("[0-9a-f]{32}", number) for number in numbers)

    run(work)


def test_a_button_of_an_older_version_votes_once_too(run):
    """It carries no number; the message stands in for it."""

    async def work(b):
        post = await b.direct(LONG)
        old = {"action_id": "asaka-helped", "value": json.dumps({"t": "annual-leave"})}
        for _ in range(3):
            await b.press(old, post)
        async with asyncio.timeout(5):
            while len(b.space.responses) < 3:
                await asyncio.sleep(0.01)
        assert len(b.feedback.votes) == 1

    run(work)


def test_feedback_on_a_private_matter_keeps_the_topic_alone(run):
    """Neither side nor question, even if a forged button carried them."""

    async def work(b):
        post = await b.direct(PRIVATE)
        assert PRIVATE not in json.dumps(post["blocks"], ensure_ascii=False)
        value = json.dumps({"t": "harassment-consultation", "f": "pay", "q": "秘密"})
        await b.press({"action_id": "asaka-failed.0", "value": value}, post)
        async with asyncio.timeout(5):
            while not b.feedback.votes:
                await asyncio.sleep(0.01)
        assert b.feedback.votes == [
            {"topic": "harassment-consultation", "facet": None, "helpful": False, "question": None}
        ]

    run(work)
