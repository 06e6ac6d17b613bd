"""Feedback on answers: recorded without persons, read as counts by topic."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.answering.private_words import may_be_private
from asaka_bot.store.database import Clock, reading
from asaka_bot.store.platforms import first_time
from asaka_bot.store.tables import feedback

_VOTE = "vote"  # in the log of events, which forgets after three days


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackCount:
    """How often the answers on a topic helped in a month, and what those asked whom they did not help."""

    month: str
    topic: str
    helpful: int
    unhelpful: int
    questions: tuple[str, ...]


class FeedbackStore:
    """Rows of feedback in the database."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime], clock: Clock | None = None) -> None:
        """`now` tells the month; `clock` replaces the database's own, by which presses are forgotten."""
        self._engine, self._now, self._clock = engine, now, clock

    async def record(self, *, topic: str, facet: str | None, helpful: bool, question: str | None, once: str) -> bool:
        """Store one vote; pass neither facet nor question for a sensitive topic.

        `once` names the person and the reply: of all calls with the same one exactly one is stored, and is True.
        A question may have been taken for an everyday one although it is not: text with private words is not kept.
        """
        row = {
            "month": f"{self._now():%Y-%m}",
            "topic": topic,
            "facet": facet,
            "helpful": helpful,
            "question": None if question and may_be_private(question) else question,
        }
        async with self._engine.begin() as connection:
            if not await first_time(connection, _VOTE, hashlib.sha256(once.encode()).hexdigest(), self._clock):
                return False
            await connection.execute(insert(feedback).values(row))
        return True

    async def counts(self) -> Sequence[FeedbackCount]:
        """Counts by month and topic, the newest month first."""
        good = func.sum(case((feedback.c.helpful, 1), else_=0)).label("good")
        counted = select(feedback.c.month, feedback.c.topic, good, func.count().label("every"))
        counted = counted.group_by(feedback.c.month, feedback.c.topic)
        counted = counted.order_by(feedback.c.month.desc(), feedback.c.topic)
        asked = select(feedback.c.month, feedback.c.topic, feedback.c.question)
        asked = asked.where(feedback.c.question.is_not(None), feedback.c.helpful.is_(False)).order_by(feedback.c.id)
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(counted)).all()
            questions: dict[tuple[str, str], list[str]] = {}
            for month, topic, question in await connection.execute(asked):
                questions.setdefault((month, topic), []).append(question)
        return [
            FeedbackCount(
                month=month,
                topic=topic,
                helpful=int(helped),
                unhelpful=every - int(helped),
                questions=tuple(questions.get((month, topic), ())),
            )
            for month, topic, helped, every in rows
        ]
