"""The answering engine in a process of its own, so that answers and the event loop each have a core.

Slack and Teams bring questions by the dozen; in one process the engine and the event loop would wait for each other's
hold of the interpreter. It takes about 100 MB more than an engine in a thread, which is why the web chat alone goes
without.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

from threadpoolctl import threadpool_limits

from asaka_bot.answering.answer import Engine
from asaka_bot.channels.console import Preparation
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import KnowledgeBase

Done = TypeVar("Done")


class EngineProcess:
    """An engine in a process that is started anew should it ever end (see `channels.answers.EngineHost`)."""

    def __init__(self, knowledge_dir: Path, cache_dir: Path) -> None:
        """Start the process and wait until its engine is ready.

        Raises:
            KnowledgeError: the knowledge base has problems; every one of them is named.
        """
        self.knowledge: KnowledgeBase = files.load(knowledge_dir)
        self._folders = knowledge_dir, cache_dir
        self._processes, trained = self._start()
        if trained.result():  # which leaves 150 MB behind that nobody else gives back
            self._processes.shutdown()
            self._processes, prepared = self._start()
            prepared.result()

    async def run(self, work: Callable[[Engine], Done]) -> Done:
        """What `work` makes of the engine; done once more by a new process where this one ends meanwhile.

        Raises:
            BrokenProcessPool: the new one ended too.
        """
        loop, asked = asyncio.get_running_loop(), self._processes
        try:
            return await loop.run_in_executor(asked, _work, work)
        except BrokenProcessPool:
            if self._processes is asked:  # nobody who waited as well has replaced it yet
                self._processes, _ = self._start()
            return await loop.run_in_executor(self._processes, _work, work)

    def close(self) -> None:
        """Finish the work under way and end the process."""
        self._processes.shutdown(cancel_futures=True)

    def _start(self) -> tuple[ProcessPoolExecutor, Future[bool]]:
        """A process whose first work is to prepare the engine; that tells whether there was anything to train."""
        processes = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        return processes, processes.submit(_prepare, *self._folders)


_engine: Engine  # of the process that answers


def _prepare(knowledge_dir: Path, cache_dir: Path) -> bool:
    """Make the process ready to answer; it ends with the one that started it, not before."""
    global _engine  # noqa: PLW0603 - it stays for all further work
    for stop in (signal.SIGINT, signal.SIGTERM):  # they go to all processes of a service at once
        signal.signal(stop, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    shown = Preparation()
    try:
        _engine = Engine(files.load(knowledge_dir), cache=cache_dir, progress=shown)
    finally:
        shown.close()
    threadpool_limits(limits=1)  # one question is too small to share out; idle threads would only get in the way
    return shown.worked


def _end_with_parent() -> None:
    """A parent that is killed can't say goodbye."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(0)


def _work(work: Callable[[Engine], Done]) -> Done:
    return work(_engine)
