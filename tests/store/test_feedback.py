"""Feedback in the database: what a row holds, and what is counted; on SQLite and, where there is one, PostgreSQL."""

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, inspect

from asaka_bot.errors import StoreError
from asaka_bot.store.database import open_database
from asaka_bot.store.feedback import FeedbackStore
from tests.fakes.feedback import MemoryFeedback

NOVEMBER = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


def with_store(url: str, work: Callable[[FeedbackStore], Awaitable[object]], moment: datetime = NOVEMBER) -> object:
    """Open the database, do `work`, close it."""

    async def run() -> object:
        engine = await open_database(url)
        try:
            return await work(FeedbackStore(engine, lambda: moment))
        finally:
            await engine.dispose()

    return asyncio.run(run())


async def vote(store, topic="annual-leave", *, helpful=True, question=None, facet=None, once=None):
    how = {"helpful": helpful, "question": question, "once": once or f"{next(_presses)}"}
    return await store.record(topic=topic, facet=facet, **how)


_presses = itertools.count(1)


def test_votes_are_counted_by_topic(url):
    """Helpful and unhelpful votes add up for each topic."""

    async def work(store):
        for helpful in (True, True, False):
            await vote(store, helpful=helpful)
        await vote(store, "care-leave", helpful=False)
        return await store.counts()

    counts = {c.topic: (c.month, c.helpful, c.unhelpful) for c in with_store(url, work)}
    assert counts == {"annual-leave": ("2026-11", 2, 1), "care-leave": ("2026-11", 0, 1)}


def test_questions_of_unhelpful_answers_are_listed(url):
    """What didn't help can be read, in its order; what helped, and what was withheld, isn't listed."""

    async def work(store):
        await vote(store, helpful=False, question="一つめ")
        await vote(store, helpful=True, question="役立った")
        await vote(store, helpful=False)
        await vote(store, helpful=False, question="二つめ'; DROP TABLE feedback; --😀")
        return await store.counts()

    (count,) = with_store(url, work)
    assert count.questions == ("一つめ", "二つめ'; DROP TABLE feedback; --😀")


def test_votes_stay_after_a_restart(url):
    """A second start finds the tables and rows of the first; months are counted apart, the newest first."""
    with_store(url, vote, NOVEMBER.replace(month=10))
    with_store(url, vote)
    counts = with_store(url, lambda store: store.counts())
    assert [(c.month, c.helpful) for c in counts] == [("2026-11", 1), ("2026-10", 1)]


def test_empty_database_counts_nothing(url):
    """Without votes there are no counts."""
    assert with_store(url, lambda store: store.counts()) == []


def test_votes_at_once(url):
    """Votes that arrive at the same moment are all kept."""

    async def work(store):
        await asyncio.gather(*(vote(store) for _ in range(30)))
        return await store.counts()

    (count,) = with_store(url, work)
    assert count.helpful == 30


def test_a_vote_counts_once(url):
    """Of presses of one person on one answer, at once, later, and at several replicas, the first one counts."""

    async def work(store):
        other = FeedbackStore(await open_database(url), lambda: NOVEMBER)
        try:
            replicas = (store, other) * 10
            counted = await asyncio.gather(*(vote(replica, once="U1 on 5") for replica in replicas))
            counted += [await vote(store, helpful=False, once="U1 on 5"), await vote(other, once="U2 on 5")]
            return sum(counted), await store.counts()
        finally:
            await other._engine.dispose()

    told, (count,) = with_store(url, work)
    assert (told, count.helpful, count.unhelpful) == (2, 2, 0)


def test_the_memory_of_tests_counts_once_as_well():
    """What stands in for the store in other tests keeps the same promise."""

    async def work():
        memory = MemoryFeedback()
        return [await vote(memory, once=once) for once in ("a", "a", "b")], len(memory.votes)

    assert asyncio.run(work()) == ([True, False, True], 2)


def test_who_voted_on_what_is_not_kept(url):
    """Neither the table of votes nor the log of events holds the words by which a vote is told apart, or its topic."""
    with_store(url, lambda store: vote(store, "harassment-consultation", once="slack U0HANAKO 17.5"))
    reader = create_engine(url.replace("+aiosqlite", ""))
    with reader.connect() as connection:
        rows = connection.exec_driver_sql("SELECT channel, event FROM seen_event").all()
    reader.dispose()
    ((channel, event),) = rows
    assert channel == "vote"
    assert re.fullmatch("[0-9a-f]{64}", event)


def test_a_row_names_no_person_and_no_moment(url):
    """The table has no column for who or when, but the month."""
    with_store(url, vote)
    reader = create_engine(url.replace("+aiosqlite", ""))
    columns = {column["name"] for column in inspect(reader).get_columns("feedback")}
    reader.dispose()
    assert columns == {"id", "month", "topic", "facet", "helpful", "question"}


@pytest.mark.parametrize(
    "address", ["sqlite+aiosqlite:////proc/none/asaka.db", "postgresql+psycopg://u:hunter2@127.0.0.1:1/n"]
)
def test_unreachable_database_says_what_to_check(address):
    """A database that can't be opened is named by its variable, without its password."""
    with pytest.raises(StoreError) as caught:
        with_store(address, vote)
    assert "ASAKA_DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "question", ["うつで休みたいけど年休は何日", "課長に怒鳴られたので席を変えたい", "妊活のため早く帰りたい"]
)
def test_private_words_are_not_kept(url, question):
    """Whatever topic a private question was taken for, the vote counts and its text is gone."""

    async def work(store):
        await vote(store, helpful=False, question=question)
        return await store.counts()

    (count,) = with_store(url, work)
    assert (count.unhelpful, count.questions) == (1, ())
