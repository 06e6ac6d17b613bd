"""What goes wrong at a platform, by seed and share, or in an order given beforehand."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.fakes.http import Answer


class Fault(StrEnum):
    """One way of going wrong."""

    NONE = "none"
    BUSY = "busy"  # 429 with Retry-After; not accepted
    FAIL_BEFORE = "fail-before"  # 5xx; not accepted
    FAIL_AFTER = "fail-after"  # 5xx; accepted all the same
    DROP_BEFORE = "drop-before"  # the connection breaks off; not accepted
    DROP_AFTER = "drop-after"  # the connection breaks off; accepted
    LATE = "late"  # accepted only after the caller has given up


@dataclass(slots=True, kw_only=True)
class Plan:
    """How often what goes wrong."""

    share: float = 0.0  # of all calls
    seed: int = 1
    kinds: tuple[Fault, ...] = tuple(fault for fault in Fault if fault is not Fault.NONE)
    retry_after_seconds: tuple[int, int] = (1, 1)  # from, to
    late_seconds: float = 0.8
    delay_seconds: float = 0.0  # of every answer


class Faults:
    """Decides for each call; what `script` names comes first."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._chance = plan, random.Random(plan.seed)
        self.script: deque[Fault] = deque()

    def _next(self) -> Fault:
        if self.script:
            return self.script.popleft()
        return self._chance.choice(self._plan.kinds) if self._chance.random() < self._plan.share else Fault.NONE

    async def around(
        self, accept: Callable[[], Answer], busy: Callable[[int], Answer], failure: Callable[[int], Answer]
    ) -> Answer | None:
        """Let a call go well or wrong; None: its connection breaks off."""
        fault = self._next()
        await asyncio.sleep(self._plan.delay_seconds)
        match fault:
            case Fault.BUSY:
                return busy(self._chance.randint(*self._plan.retry_after_seconds))
            case Fault.FAIL_BEFORE | Fault.DROP_BEFORE:
                answer = None
            case Fault.LATE:
                await asyncio.sleep(self._plan.late_seconds)
                answer = accept()
            case _:
                answer = accept()
        if fault in (Fault.FAIL_BEFORE, Fault.FAIL_AFTER):
            return failure(self._chance.choice((500, 502, 503, 504)))
        return None if fault in (Fault.DROP_BEFORE, Fault.DROP_AFTER) else answer
