"""APScheduler wakes the flow up once a second; it decides nothing and remembers nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

_log = structlog.get_logger(__name__)

_STOP_SECONDS = 5.0


class Clock:
    """Calls `wake` every second, never twice at once; an error is logged and the next second tries again."""

    def __init__(self, wake: Callable[[], Awaitable[object]], *, every_seconds: float = 1.0) -> None:
        self._wake = wake
        # The wake-up is late after a pause of the process, never dropped; the flow itself knows what is too late.
        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone="UTC"
        )
        self._scheduler.add_job(self._once, "interval", seconds=every_seconds)
        self._waking: asyncio.Task[object] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._scheduler.start()

    async def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """Wake nobody any more; returns when the wake-up under way has ended, or after `seconds`.

        A transaction that is cut off costs its connection, and when it is cut off twice (here and by the end of the
        event loop) aiosqlite may wait for ever for its closing.
        """
        if self._scheduler.running:
            self._scheduler.pause()
        await _ended(self._waking, seconds)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await _ended(self._waking, 1.0)  # where `shutdown` had to cut it off

    async def _once(self) -> None:
        self._waking = asyncio.current_task()
        try:
            await self._wake()
        except asyncio.CancelledError:  # by `stop`, in the middle of it: what is not done yet, the next start does
            return
        except Exception:
            _log.exception("tick_failed")
        finally:
            self._waking = None


async def _ended(task: asyncio.Task[object] | None, seconds: float) -> None:
    if task is not None:
        await asyncio.wait((task,), timeout=seconds)
