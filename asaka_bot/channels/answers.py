"""The answering engine for many people at once, whatever channel they ask on."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from asaka_bot.answering.answer import Engine
from asaka_bot.answering.conversation import Context
from asaka_bot.knowledge.model import Facet, KnowledgeBase, Role
from asaka_bot.messages import Decision, Reply
from asaka_bot.tokyo import now_in_tokyo

Observe = Callable[[Decision, float], None]


def _unobserved(_decision: Decision, _seconds: float) -> None:
    """Nobody counts."""


class AnswerService:
    """One question at a time, off the event loop, in one thread: in the next one its caches would be cold."""

    def __init__(self, engine: Engine, observe: Observe = _unobserved) -> None:
        """`observe` learns of each reply what was decided and how long it took, never what was asked."""
        self._engine, self._observe = engine, observe
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")

    @property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base that answers come from."""
        return self._engine.knowledge

    async def reply(
        self, question: str, *, role: Role | None = None, context: Context | None = None
    ) -> tuple[Reply, Context]:
        """The reply to a question typed by a person, and the context for the next one."""
        async with self._turn:
            began = time.perf_counter()
            work = partial(self._engine.reply, question, now=now_in_tokyo(), role=role, context=context)
            reply, following = await asyncio.get_running_loop().run_in_executor(self._thread, work)
            self._observe(reply.decision, time.perf_counter() - began)
            return reply, following

    async def urgent(self, written: str) -> Reply | None:
        """The urgent contacts, where a text for somebody else shows signs of danger; nobody counts it."""
        async with self._turn:
            return await asyncio.to_thread(self._engine.urgent, written)

    async def show(self, topic: str, facet: Facet | None, *, role: Role | None = None) -> tuple[Reply, Context]:
        """The reply to a button. Raises `KeyError` for an unknown topic."""
        return self._engine.show(topic, facet, now=now_in_tokyo(), role=role)
