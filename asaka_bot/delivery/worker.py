"""One platform's deliveries: claim what is due, call, record what came of it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from asaka_bot.delivery.channel import Channel, Outcome, Uncertain
from asaka_bot.delivery.outbox import Change, Delivery, Outbox, State, after_send, never_started
from asaka_bot.delivery.patience import Patience, Sleep
from asaka_bot.delivery.settling import Settler

_log = structlog.get_logger()

_NO_ANSWER = "時間内に応答がなかったため、届いたか確かめられません。"
_BROKEN = "送信中に予期しないエラーが起きたため、届いたか確かめられません。"
_STOPPED = "送信中にサーバーを停止したため、届いたか確かめられません。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a worker looks, and how long it waits, in seconds."""

    poll_seconds: float = 1.0  # idle: at least this often
    shortest_rest_seconds: float = 0.02  # so that a budget is taken in portions, not by asking all the time
    settle_seconds: float = 1.0  # between two looks at what is abandoned or unknown
    look_again_seconds: float = 30.0  # after a read-back without an answer
    expire_seconds: float = 5.0  # between two looks at what is too late; that isn't claimed anyway
    stop_seconds: float = 8.0  # for the calls under way, when asked to stop
    record_seconds: float = 1.5  # afterwards, for the database to take what came of them
    first_retry_seconds: float = 0.1  # after an error of the database; doubles up to:
    last_retry_seconds: float = 5.0


class Worker:
    """Works one channel's deliveries off until it is asked to stop.

    `run` it as a task; several workers, one a channel, share nothing but the outbox. After `stop` it claims nothing
    more, waits for the calls under way and records them; then `run` returns.
    """

    def __init__(
        self,
        outbox: Outbox,
        channel: Channel,
        *,
        holder: str,
        rhythm: Rhythm = Rhythm(),
        sleep: Sleep = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`holder` names this life of this replica (40 characters); `sleep` and `monotonic` replace real time."""
        self._outbox, self._channel, self._holder, self._rhythm = outbox, channel, holder, rhythm
        self._monotonic, self._patience = monotonic, Patience(sleep)
        self._settler = Settler(
            outbox, channel, holder=holder, patience=self._patience, look_again_seconds=rhythm.look_again_seconds
        )
        self._calls: set[asyncio.Task[None]] = set()
        self._finished: list[Change] = []  # not yet in the database
        self._failures = 0  # of the database, in a row
        self._idle = False  # the last claim gave nothing
        self._stir = asyncio.Event()  # there is something to do: a result, a wake-up, the end
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Say that something new is in the outbox, so that it need not wait for the next look."""
        self._stir.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns within `stop_seconds` + `record_seconds`."""
        self._stopping.set()
        self._stir.set()

    async def run(self) -> None:
        """Deliver until `stop`."""
        sending, settling = asyncio.create_task(self._send_always()), asyncio.create_task(self._settle_always())
        asked = asyncio.create_task(self._stopping.wait())
        _log.debug("delivery_worker_started", channel=self._channel.name)
        try:
            await asyncio.wait((sending, asked), return_when=asyncio.FIRST_COMPLETED)
            await self._finish(sending, settling)
            if sending.done() and not sending.cancelled():
                sending.result()  # a bug of the worker's own must not look like a stop
        finally:
            tasks = (sending, settling, asked, *self._calls)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            _log.debug("delivery_worker_stopped", channel=self._channel.name, unrecorded=len(self._finished))

    async def _send_always(self) -> None:
        while not self._stopping.is_set():
            self._stir.clear()
            await self._turn()

    async def _turn(self) -> None:
        """Record what has finished, start what may leave, and rest until there is something to do."""
        rest = self._rhythm.poll_seconds
        try:
            room = self._channel.traits.concurrency - len(self._calls)
            if self._idle and not self._finished:  # to ask costs less than to claim, which locks
                waiting = await self._outbox.seconds_to_next(self._channel.name, self._channel.traits)
                if waiting is None or waiting > 0:
                    await self._rest(rest if waiting is None else min(rest, waiting))
                    return
            began = self._monotonic()  # before the claim, so that no call outlasts what the database was told
            claimed = await self._claim(room)
            self._idle = not claimed
            for delivery in claimed:
                self._start(delivery, began)
            if len(claimed) < room:  # nothing else may leave now; otherwise the next result makes room
                waiting = await self._outbox.seconds_to_next(self._channel.name, self._channel.traits)
                rest = rest if waiting is None else min(rest, waiting)
        except Exception as error:  # whatever the database has; results stay in memory until it takes them
            _log.warning("outbox_unavailable", channel=self._channel.name, error=type(error).__name__)
            wait = self._rhythm.first_retry_seconds * 2 ** min(self._failures, 10)
            self._failures += 1
            await self._patience.until(self._stopping, min(wait, self._rhythm.last_retry_seconds))
            return
        await self._rest(rest)

    async def _rest(self, seconds: float) -> None:
        self._failures = 0
        await self._patience.until(self._stir, max(seconds, self._rhythm.shortest_rest_seconds))

    async def _claim(self, room: int) -> Sequence[Delivery]:
        finished = tuple(self._finished)
        if not room and not finished:
            return ()
        claimed = await self._outbox.claim(
            self._channel.name, self._channel.traits, most=room, holder=self._holder, finished=finished
        )
        del self._finished[: len(finished)]  # what came in meanwhile stands behind
        return claimed

    def _start(self, delivery: Delivery, began: float) -> None:
        call = asyncio.create_task(self._call(delivery, began))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, delivery: Delivery, began: float) -> None:
        """Make one call, from the committed `sending` to a result."""
        if delivery.leave_in_seconds > 0:
            await self._patience.until(self._stopping, delivery.leave_in_seconds)
        left = began + delivery.leave_in_seconds + self._channel.traits.timeout_seconds - self._monotonic()
        # Where the machine slept since the claim, another replica may have taken over: then no call must begin.
        begins = left > 0 and not self._stopping.is_set()
        outcome = await self._send(delivery, left) if begins else None
        change = never_started(delivery) if outcome is None else self._after(delivery, outcome, began)
        self._finished.append(change)
        self._calls.discard(asyncio.current_task())  # its place is free at once
        self._stir.set()

    async def _send(self, delivery: Delivery, seconds: float) -> Outcome:
        no_answer: Outcome = Uncertain(reason=_NO_ANSWER)
        try:
            return await self._patience.within(seconds, self._channel.send(delivery.letter), no_answer)
        except asyncio.CancelledError:
            return Uncertain(reason=_STOPPED)
        except Exception as error:  # a channel that breaks its promise leaves as unclear an outcome as a timeout
            _log.error("channel_failed", channel=self._channel.name, error=type(error).__name__)
            return Uncertain(reason=_BROKEN)

    def _after(self, delivery: Delivery, outcome: Outcome, began: float) -> Change:
        # The database's clock, moved on by this machine's: no question to the database for each result.
        now = delivery.started_at + timedelta(seconds=self._monotonic() - began)
        change = after_send(delivery, outcome, self._channel.traits, now)
        if change.state is not State.SENT:
            _log.info(f"delivery_{change.state}", marker=delivery.marker, message_id=delivery.message_id)
        return change

    async def _finish(self, sending: asyncio.Task[None], settling: asyncio.Task[None]) -> None:
        """Wait for the calls under way and record them, both bounded, also where the database hangs."""
        end = self._monotonic() + self._rhythm.stop_seconds
        await self._patience.all_of((sending,), self._rhythm.stop_seconds)  # a claim under way still brings deliveries
        await self._patience.all_of(tuple(self._calls), max(0.0, end - self._monotonic()))
        calls = (sending, *self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        end = self._monotonic() + self._rhythm.record_seconds
        while self._finished and self._monotonic() < end:
            if not await self._patience.within(end - self._monotonic(), self._recorded(), False):
                await self._patience.until(asyncio.Event(), self._rhythm.first_retry_seconds)
        # A cancelled transaction costs its connection; give the settling the moment it needs.
        await self._patience.all_of([settling], max(0.0, end - self._monotonic()))

    async def _recorded(self) -> bool:
        try:
            await self._outbox.record(self._finished)
        except Exception as error:
            _log.warning("outbox_unavailable", channel=self._channel.name, error=type(error).__name__)
            return False
        self._finished.clear()
        return True

    async def _settle_always(self) -> None:
        """Settle beside the sending, so that a slow read-back holds nothing up."""
        expired_at = self._monotonic() - self._rhythm.expire_seconds
        while not self._stopping.is_set():
            busy = 0
            try:
                busy += await self._settler.take_over()
                busy += await self._settler.look_up(self._stopping.is_set)
                if self._monotonic() - expired_at >= self._rhythm.expire_seconds:
                    await self._settler.expire()
                    expired_at = self._monotonic()
            except Exception as error:
                _log.warning("outbox_unavailable", channel=self._channel.name, error=type(error).__name__)
            if busy:
                self._stir.set()  # some may wait again
            rest = 0.0 if busy else self._rhythm.settle_seconds
            await self._patience.until(self._stopping, rest)
