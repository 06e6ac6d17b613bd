"""The clock wakes one thing a second, one at a time, and stops between two wake-ups."""

import asyncio
import time

from asaka_bot.reminders.clock import Clock


def test_stopping_lets_the_wake_up_under_way_end() -> None:
    """A transaction cut off at the stop kept the process from ending (a connection that waited for its closing)."""
    begun, ended = asyncio.Event(), []

    async def wake() -> None:
        begun.set()
        await asyncio.sleep(0.3)
        ended.append(time.monotonic())

    async def work() -> None:
        clock = Clock(wake, every_seconds=0.02)
        clock.start()
        await begun.wait()
        await clock.stop()
        assert len(ended) == 1
        await asyncio.sleep(0.1)
        assert len(ended) == 1  # and nobody is woken any more

    asyncio.run(work())


def test_a_wake_up_that_never_ends_is_cut_off() -> None:
    begun, cut_off = asyncio.Event(), []

    async def wake() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cut_off.append(True)
            raise

    async def work() -> None:
        clock = Clock(wake, every_seconds=0.02)
        clock.start()
        await begun.wait()
        start = time.monotonic()
        await clock.stop(seconds=0.1)
        assert cut_off == [True]
        assert time.monotonic() - start < 2

    asyncio.run(work())


def test_a_clock_that_never_began_stops() -> None:
    async def nothing() -> None:
        raise AssertionError

    asyncio.run(Clock(nothing).stop())


def test_an_error_does_not_end_it() -> None:
    calls = []

    async def wake() -> None:
        calls.append(True)
        raise ValueError("no")

    async def work() -> None:
        clock = Clock(wake, every_seconds=0.02)
        clock.start()
        while len(calls) < 3:
            await asyncio.sleep(0.01)
        await clock.stop()

    asyncio.run(asyncio.wait_for(work(), 10))
