"""Waiting with an end, on a clock that a proof can replace."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")
Sleep = Callable[[float], Awaitable[object]]


class Patience:
    """Waits for things, each time no longer than so many seconds of `sleep`."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep

    async def until(self, event: asyncio.Event, seconds: float) -> None:
        """Until the event is set, or the time is over."""
        if not event.is_set():
            waiting = asyncio.ensure_future(event.wait())
            try:
                await self.all_of([waiting], seconds)
            finally:
                waiting.cancel()

    async def all_of(self, tasks: Collection[asyncio.Future[Any]], seconds: float) -> None:
        """Until all of the tasks are done, or the time is over; none of them is cancelled."""
        # Waited for together with the alarm, one task after the other: asyncio.wait knows no "all of these or that".
        alarm = asyncio.ensure_future(self._sleep(seconds))
        try:
            for task in tasks:
                if not task.done() and not alarm.done():
                    await asyncio.wait((task, alarm), return_when=asyncio.FIRST_COMPLETED)
        finally:
            alarm.cancel()

    async def within(self, seconds: float, call: Coroutine[Any, Any, _T], otherwise: _T) -> _T:
        """What the call returns; `otherwise` where the time was over first, and the call is cancelled."""
        task = asyncio.create_task(call)
        try:
            await self.all_of([task], seconds)
        finally:
            if not task.done():
                task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if asyncio.current_task().cancelling():  # type: ignore[union-attr] # it is we who are cancelled
                raise
            return otherwise
