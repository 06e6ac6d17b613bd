"""Whether a clock that others can set may be believed just now."""

import time
from collections.abc import Callable
from datetime import datetime

import structlog

_log = structlog.get_logger(__name__)

_LEAP_SECONDS = 120.0  # a clock that leaps further ahead is not believed at once


def seconds_since_boot() -> float:
    """A clock that nobody can set and that goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class Steadiness:
    """A clock that leapt ahead may leap back: what would be due by it waits until it has stood for two minutes."""

    def __init__(self, elapsed: Callable[[], float] = seconds_since_boot) -> None:
        self._elapsed = elapsed
        self._last: tuple[datetime, float] | None = None
        self._believed_from = float("-inf")

    def believed(self, now: datetime) -> bool:
        """Look at the clock, which shows `now`; False while it has to prove itself."""
        elapsed = self._elapsed()
        if self._last is not None:
            leap = (now - self._last[0]).total_seconds() - (elapsed - self._last[1])
            if leap > _LEAP_SECONDS:
                _log.warning("clock_leapt", seconds=round(leap))
                self._believed_from = elapsed + _LEAP_SECONDS
        self._last = (now, elapsed)
        return elapsed >= self._believed_from
