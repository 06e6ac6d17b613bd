"""APScheduler wakes the flow up once a second; it decides nothing and remembers nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

_log = structlog.get_logger(__name__)


class Clock:
    """Calls `wake` every second, never twice at once; an error is logged and the next second tries again."""

    def __init__(self, wake: Callable[[], Awaitable[object]], *, every_seconds: float = 1.0) -> None:
        self._wake = wake
        # The wake-up is late after a pause of the process, never dropped; the flow itself knows what is too late.
        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone="UTC"
        )
        self._scheduler.add_job(self._once, "interval", seconds=every_seconds)

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Wake nobody any more."""
        self._scheduler.shutdown(wait=False)

    async def _once(self) -> None:
        try:
            await self._wake()
        except asyncio.CancelledError:  # by `stop`, in the middle of it: what is not done yet, the next start does
            return
        except Exception:
            _log.exception("tick_failed")
