"""Time that passes only when everybody waits for it: hours of retries in seconds, and always the same."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

_ROUNDS = 60  # of the loop without work for the database: tasks that wake each other need some
START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


class VirtualTime:
    """A clock, its `sleep`, and the one who moves it on once nothing else can happen."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._waiting: list[tuple[float, int, asyncio.Future]] = []
        self._numbers = itertools.count()
        self._busy = 0

    def monotonic(self) -> float:
        return self._seconds

    async def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds)

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self._seconds + seconds, next(self._numbers), woken))
        await woken

    def watched(self, outbox):
        """The outbox; while it works (in threads, in real time) the clock stands still."""
        clock = self

        class Watched:
            def __getattr__(self, name):
                method = getattr(outbox, name)

                async def counted(*positional, **named):
                    clock._busy += 1
                    try:
                        return await method(*positional, **named)
                    finally:
                        clock._busy -= 1

                return counted

        return Watched()

    async def pass_until(self, over: asyncio.Event) -> None:
        """Move the clock from one wake-up to the next."""
        while not over.is_set():
            calm = 0
            while calm < _ROUNDS:
                calm = 0 if self._busy else calm + 1
                await asyncio.sleep(0.0005 if self._busy else 0)
            while self._waiting:
                moment, _number, woken = heapq.heappop(self._waiting)
                if not woken.done():
                    self._seconds = max(self._seconds, moment)
                    woken.set_result(None)
                    break
            else:
                await asyncio.sleep(0.001)
