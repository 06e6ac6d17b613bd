"""How many messages may leave now, where a platform permits so many a second.

The generic cell rate algorithm (ITU-T I.371): one moment is kept, at which the next message would leave at an even
pace. It may lag behind the clock by `CREDIT`, so that a worker that wakes a little late loses nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# What a late worker may catch up with. In any second no more than 1 + (1 + 0.1) x rate leave, in the long run the rate.
CREDIT = timedelta(seconds=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """So many may leave now; ``free_at`` is what the budget says once they have."""

    count: int
    free_at: datetime


def grant(free_at: datetime, *, per_second: float, now: datetime, most: int) -> Grant:
    """Take up to `most` messages out of a budget of `per_second` that is free again at `free_at`."""
    interval = timedelta(seconds=1 / per_second)
    # The budget is never further ahead than one message; if it seems so, the clock was put back.
    start = min(max(free_at, now - CREDIT), now + interval)
    if start > now or most < 1:
        return Grant(count=0, free_at=start)
    count = min(most, (now - start) // interval + 1)
    return Grant(count=count, free_at=start + count * interval)
