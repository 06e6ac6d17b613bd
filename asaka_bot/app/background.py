"""What runs beside the pages: the reminders' clock, one delivery worker a channel, and the heartbeat."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.delivery.channel import Channel
from asaka_bot.delivery.outbox import Outbox
from asaka_bot.delivery.replacing import ReplacementBook, Replacer
from asaka_bot.delivery.worker import Rhythm, Worker
from asaka_bot.reminders.clock import Clock
from asaka_bot.reminders.flow import OccurrenceBook, ReminderFlow
from asaka_bot.reminders.rules import Schedule
from asaka_bot.store.database import Clock as DatabaseClock
from asaka_bot.store.database import bring_up_to_date
from asaka_bot.store.outages import Outages
from asaka_bot.store.platforms import EventLog
from asaka_bot.store.sending_hold import SendingHold
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.staff_drafts import StaffDrafts

_log = structlog.get_logger(__name__)

_RHYTHM = Rhythm(stop_seconds=6.0)  # with the pages' own two seconds the process is gone within ten
_HEARTBEAT_SECONDS = 600.0


class Platform(Protocol):
    """A platform's connections."""

    async def start(self) -> None:
        """Open them, before anything is sent."""

    async def finish(self) -> None:
        """Take nothing more in, and finish what is under way."""

    async def stop(self) -> None:
        """Close them, after the last thing was sent."""


class Background:
    """Starts with the server and ends with it; `ready` says whether the database is open."""

    def __init__(  # noqa: PLR0913 - one keyword for each thing that runs
        self,
        engine: AsyncEngine,
        *,
        schedule: Schedule,
        book: OccurrenceBook,
        outbox: Outbox,
        channels: Sequence[Channel],
        heartbeat_file: Path,
        platforms: Sequence[Platform] = (),
        unused: Sequence[str] = (),
        replacements: ReplacementBook | None = None,
        notices: Callable[[], Awaitable[object]] | None = None,
        clock: DatabaseClock | None = None,
    ) -> None:
        """`notices` sends the notices that are due; `replacements` knows which messages have another text by now.

        `unused` are channels without settings; `clock` replaces the database's own.
        """
        self._engine, self._heartbeat_file = engine, heartbeat_file
        holder = f"{socket.gethostname()[:20]}-{secrets.token_hex(6)}"
        self._workers: list[Worker | Replacer] = [
            Worker(outbox, channel, holder=holder, rhythm=_RHYTHM) for channel in channels
        ]
        self._workers += [
            Replacer(replacements, channel) for channel in channels if replacements and channel.traits.update
        ]
        self._clocks = [Clock(ReminderFlow(schedule, book, on_queued=self.wake).tick)]
        if notices is not None:
            self._clocks.append(Clock(notices))
        self._hold = SendingHold(engine, clock)
        self._platforms, self._unused, self._outages = platforms, unused, Outages(engine, clock)
        self._forgetful = (EventLog(engine, clock), StaffStore(engine, clock), StaffDrafts(engine, clock))
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = False

    @property
    def ready(self) -> bool:
        """Whether everything has started."""
        return self._ready

    def wake(self) -> None:
        """Tell the workers that something may leave."""
        for worker in self._workers:
            worker.wake()

    async def start(self) -> None:
        """Open the database, then begin. Raises `StoreError` where it can't be opened."""
        await bring_up_to_date(self._engine)
        await self._beat()  # first: a copy of an earlier day must send nothing
        for channel in self._unused:  # what is addressed to them fails visibly, rather than waiting for ever
            await self._outages.end(channel)
        for platform in self._platforms:
            await platform.start()
        self._tasks = [asyncio.create_task(worker.run()) for worker in self._workers]
        self._tasks.append(asyncio.create_task(self._keep_beating()))
        for clock in self._clocks:
            clock.start()
        self._ready = True

    async def stop(self) -> None:
        """End what is under way in good order and close the database."""
        self._ready = False
        for worker in self._workers:
            worker.stop()
        *deliveries, beating = self._tasks
        beating.cancel()
        ending = [clock.stop() for clock in self._clocks] + [platform.finish() for platform in self._platforms]
        await asyncio.gather(*deliveries, beating, *ending, return_exceptions=True)
        for platform in self._platforms:
            await platform.stop()
        await self._engine.dispose()

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            try:
                await self._beat()
                for each in self._forgetful:
                    await each.forget_old()
            except Exception as error:  # the next beat tries again
                _log.warning("heartbeat_failed", error=type(error).__name__)

    async def _beat(self) -> None:
        seen = await asyncio.to_thread(_read, self._heartbeat_file)
        moment = await self._hold.beat(seen)
        await asyncio.to_thread(_write, self._heartbeat_file, moment)


def _read(file: Path) -> datetime | None:
    with contextlib.suppress(OSError, ValueError):
        return datetime.fromisoformat(file.read_text(encoding="ascii").strip())
    return None


def _write(file: Path, moment: datetime) -> None:
    half_done = file.with_suffix(".part")
    half_done.write_text(moment.isoformat(), encoding="ascii")
    half_done.replace(file)
