"""The answering engine for many people at once, whatever channel they ask on."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

from asaka_bot.answering.answer import Engine, show
from asaka_bot.answering.conversation import Context
from asaka_bot.knowledge.model import Facet, KnowledgeBase, Role
from asaka_bot.messages import Decision, Reply
from asaka_bot.tokyo import now_in_tokyo

Observe = Callable[[Decision, float], None]
Done = TypeVar("Done")


class EngineHost(Protocol):
    """Where an engine does its work, one piece after the other and off the event loop."""

    @property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base of its engine."""
        ...

    async def run(self, work: Callable[[Engine], Done]) -> Done:
        """What `work` makes of the engine; it and its result can be pickled. Raises what `work` raises."""
        ...

    def close(self) -> None:
        """End; nobody waits for work under way any more."""
        ...


class EngineThread:
    """An engine in a thread of this process; in a second thread its caches would be cold."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")

    @property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base of the engine."""
        return self._engine.knowledge

    async def run(self, work: Callable[[Engine], Done]) -> Done:
        """What `work` makes of the engine."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._engine)

    def close(self) -> None:
        """Finish the work under way and end."""
        self._thread.shutdown(cancel_futures=True)


def _unobserved(_decision: Decision, _seconds: float) -> None:
    """Nobody counts."""


class AnswerService:
    """Replies to questions and buttons."""

    def __init__(self, host: EngineHost, observe: Observe = _unobserved) -> None:
        """`observe` learns of each reply what was decided and how long it took, never what was asked."""
        self._host, self._observe = host, observe

    @property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base that answers come from."""
        return self._host.knowledge

    async def reply(
        self, question: str, *, role: Role | None = None, context: Context | None = None
    ) -> tuple[Reply, Context]:
        """The reply to a question typed by a person, and the context for the next one."""
        reply, following, seconds = await self._host.run(partial(_reply, question=question, role=role, context=context))
        self._observe(reply.decision, seconds)
        return reply, following

    async def urgent(self, written: str) -> Reply | None:
        """The urgent contacts, where a text for somebody else shows signs of danger; nobody counts it."""
        return await self._host.run(partial(_urgent, written=written))

    async def show(self, topic: str, facet: Facet | None, *, role: Role | None = None) -> tuple[Reply, Context]:
        """The reply to a button. Raises `KeyError` for an unknown topic."""
        return show(self.knowledge, topic, facet, now=now_in_tokyo(), role=role)


def _reply(
    engine: Engine, *, question: str, role: Role | None, context: Context | None
) -> tuple[Reply, Context, float]:
    """The reply, the context for the next question, and how many seconds it took."""
    began = time.perf_counter()
    reply, following = engine.reply(question, now=now_in_tokyo(), role=role, context=context)
    return reply, following, time.perf_counter() - began


def _urgent(engine: Engine, *, written: str) -> Reply | None:
    return engine.urgent(written)
