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
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from threadpoolctl import threadpool_limits

from asaka_bot.answering.answer import Engine
from asaka_bot.channels.console import Preparation
from asaka_bot.errors import EngineError
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import KnowledgeBase

Done = TypeVar("Done")
_STOPS = (signal.SIGINT, signal.SIGTERM)  # they go to all processes of a service at once


class EngineProcess:
    """An engine in a process that is started anew should it ever end (see `channels.answers.EngineHost`)."""

    def __init__(self, knowledge_dir: Path, cache_dir: Path) -> None:
        """Start the process and wait until its engine is ready; where that is interrupted, the process ends too.

        Raises:
            KnowledgeError: the knowledge base has problems; every one of them is named.
            EngineError: the process ended before its engine was ready.
        """
        # A process that is started later gets this one: a file that was edited meanwhile counts from the next start on.
        self.knowledge: KnowledgeBase = files.load(knowledge_dir)
        self._cache_dir = cache_dir
        self._life = _Life(self.knowledge, cache_dir)
        try:
            if self._life.prepared.result():  # which leaves 150 MB behind that nobody else gives back
                self._life.end()
                self._life = _Life(self.knowledge, cache_dir)
                self._life.prepared.result()
        except BaseException as error:
            self._life.end()
            if isinstance(error, BrokenProcessPool):
                raise EngineError(
                    "答えを準備するプロセスが、途中で止まりました。空きメモリー（1GB以上）を確かめて、もう一度起動してください"
                ) from error
            raise

    async def run(self, work: Callable[[Engine], Done]) -> Done:
        """What `work` makes of the engine; done once more by a new process where this one ends meanwhile.

        Raises:
            BrokenProcessPool: the new one ended too.
        """
        loop, asked = asyncio.get_running_loop(), self._life
        try:
            return await loop.run_in_executor(asked.processes, _work, work)
        except BrokenProcessPool:
            if self._life is asked:  # nobody who waited as well has replaced it yet
                self._life = _Life(self.knowledge, self._cache_dir)
                asked.end()
            return await loop.run_in_executor(self._life.processes, _work, work)

    def close(self) -> None:
        """End the process at once, also in the middle of a preparation."""
        self._life.end()


class _Life:
    """One process, from its start to its end."""

    def __init__(self, knowledge: KnowledgeBase, cache_dir: Path) -> None:
        """Its first work is to prepare the engine; `prepared` tells whether there was anything to train."""
        self._seen_alive, self._alive = multiprocessing.Pipe(duplex=False)
        self.processes = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(self._seen_alive,)
        )
        with _signals_wait():
            self.prepared: Future[bool] = self.processes.submit(_prepare, knowledge, cache_dir)

    def end(self) -> None:
        """End it, whatever it does; who waits for it gets `BrokenProcessPool`."""
        self._alive.close()
        self.processes.shutdown(cancel_futures=True)
        self._seen_alive.close()


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Ctrl+C neither cuts off what a process that starts is told, nor meets it before it leaves that to its parent."""
    met: list[int] = []
    handlers = {}
    if threading.current_thread() is threading.main_thread():  # which handles signals, whichever thread gets them
        handlers = {stop: signal.signal(stop, lambda number, _frame: met.append(number)) for stop in _STOPS}
    posix = os.name == "posix"
    if posix:
        resource_tracker.ensure_running()  # whose start would unblock them
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)  # the new process begins with them blocked
    try:
        yield
    finally:
        if posix:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for stop, handler in handlers.items():
            signal.signal(stop, handler)
        for number in dict.fromkeys(met):
            signal.raise_signal(number)


_engine: Engine | None = None  # of the process that answers


def _begin(alive: Connection) -> None:
    """Make the process end with the one that started it, or when that says so, and not before."""
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)
    threading.Thread(target=_end_after, args=(alive,), daemon=True).start()


def _end_after(alive: Connection) -> None:
    """Nothing is ever sent: it ends when the other side is closed, be it by the death of its process."""
    with suppress(EOFError, OSError):
        alive.recv_bytes()
    os._exit(0)


def _prepare(knowledge: KnowledgeBase, cache_dir: Path) -> bool:
    """Make the process ready to answer."""
    global _engine  # noqa: PLW0603 - it stays for all further work
    shown = Preparation()
    try:
        _engine = Engine(knowledge, cache=cache_dir, progress=shown)
    finally:
        shown.close()
    threadpool_limits(limits=1)  # one question is too small to share out; idle threads would only get in the way
    return shown.worked


def _work(work: Callable[[Engine], Done]) -> Done:
    if _engine is None:  # it could not be prepared: the next question tries with another process
        os._exit(1)
    return work(_engine)
