"""The one place that wires settings into a running application."""

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from threadpoolctl import threadpool_limits

from asaka_bot.answering.answer import Engine, silent
from asaka_bot.answering.conversation import Context
from asaka_bot.answering.semantic import Progress
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import Facet, KnowledgeBase, Role
from asaka_bot.messages import Reply
from asaka_bot.settings import Settings

TOKYO = ZoneInfo("Asia/Tokyo")


def now_in_tokyo() -> datetime:
    """The present moment, as rules and people of Asaka read it."""
    return datetime.now(TOKYO)


def make_engine(settings: Settings, progress: Progress = silent) -> Engine:
    """The answering engine over the configured knowledge base.

    Raises:
        KnowledgeError: the knowledge base has problems; every one of them is named.
    """
    engine = Engine(files.load(settings.knowledge_dir), cache=settings.cache_dir, progress=progress)
    threadpool_limits(limits=1)  # one question is too small to share out; idle threads would only get in the way
    return engine


class AnswerService:
    """The engine for many requests at once: one question at a time, off the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()

    @property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base that answers come from."""
        return self._engine.knowledge

    async def reply(
        self, question: str, *, role: Role | None = None, context: Context | None = None
    ) -> tuple[Reply, Context]:
        """The reply to a question typed by a person, and the context for the next one."""
        async with self._turn:
            return await asyncio.to_thread(self._engine.reply, question, now=now_in_tokyo(), role=role, context=context)

    async def show(self, topic: str, facet: Facet | None, *, role: Role | None = None) -> tuple[Reply, Context]:
        """The reply to a button. Raises `KeyError` for an unknown topic."""
        return self._engine.show(topic, facet, now=now_in_tokyo(), role=role)


_FEWEST_SHOWN = 10  # counts below it could point to a person, where the topic is sensitive


async def feedback_counts(settings: Settings) -> list[dict[str, Any]]:
    """Feedback by month and topic, for people to read; small counts of sensitive topics are hidden."""
    from asaka_bot.store.database import open_database
    from asaka_bot.store.feedback import FeedbackStore

    knowledge = files.load(settings.knowledge_dir)
    engine = await open_database(settings.database)
    try:
        counts = await FeedbackStore(engine, now_in_tokyo).counts()
    finally:
        await engine.dispose()
    shown = []
    for count in counts:
        topic = knowledge.topics.get(count.topic)
        hide = topic is not None and topic.sensitive and count.helpful + count.unhelpful < _FEWEST_SHOWN
        shown.append(
            {
                "month": count.month,
                "topic": count.topic,
                "title": topic.title if topic else count.topic,
                "helpful": "10未満" if hide else str(count.helpful),
                "unhelpful": "10未満" if hide else str(count.unhelpful),
                "questions": list(count.questions),
            }
        )
    return shown
