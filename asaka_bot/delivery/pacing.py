"""When messages may leave, where a platform permits so many a second.

The generic cell rate algorithm (ITU-T I.371): one moment is kept, at which the next message leaves at an even pace.
It may lag behind the clock by `CREDIT`, so that a late worker loses nothing, and messages are given out `AHEAD` of
it, each with its moment, so that a slow database doesn't slow the platform down.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# What a late worker may catch up with. In any second no more than 1 + (1 + 0.1) x rate leave, in the long run the rate.
CREDIT = timedelta(seconds=0.1)

# What is given out must be sent by whoever holds it: the less, the fewer are in doubt after a crash.
AHEAD = timedelta(seconds=0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The moments at which messages may leave; ``free_at`` is what the budget says once they have."""

    moments: tuple[datetime, ...]
    free_at: datetime


def grant(free_at: datetime, *, per_second: float, now: datetime, most: int) -> Grant:
    """Take up to `most` messages out of a budget of `per_second` that is free again at `free_at`."""
    interval = timedelta(seconds=1 / per_second)
    start = _bounded(free_at, interval, now)
    fitting = 0 if start > now + AHEAD else (now + AHEAD - start) // interval + 1
    count = max(0, min(most, fitting))
    moments = tuple(max(now, start + number * interval) for number in range(count))
    return Grant(moments=moments, free_at=start + count * interval)


def seconds_to_next(free_at: datetime, *, per_second: float, now: datetime) -> float:
    """When to ask again: once half of what was given out ahead has left, so that portions are taken, not singles."""
    start = _bounded(free_at, timedelta(seconds=1 / per_second), now)
    return max(0.0, (start - AHEAD / 2 - now).total_seconds())


def _bounded(free_at: datetime, interval: timedelta, now: datetime) -> datetime:
    # Nobody gives out more than one message beyond AHEAD; if it seems so, the clock was put back.
    return min(max(free_at, now - CREDIT), now + AHEAD + interval)
