"""Notices whose time has come leave: each once, on the database's clock, whichever replica notices it first."""

from collections.abc import Callable
from datetime import datetime

import structlog

from asaka_bot.app.notice_parts import NoticeParts
from asaka_bot.app.notice_people import Today
from asaka_bot.app.notice_times import next_time
from asaka_bot.broadcasts.notice import Notice, NoticeState
from asaka_bot.errors import AudienceError, NoticeError
from asaka_bot.reminders.steadiness import Steadiness, seconds_since_boot
from asaka_bot.store.notice_sending import Parcel, Reach
from asaka_bot.store.sending_hold import SendingHold
from asaka_bot.tokyo import TOKYO

_log = structlog.get_logger(__name__)
_AUTOMATIC = "予約"  # what the audit log calls whoever sends at the planned time
_TOO_LATE = "予定の時刻にサーバーが止まっていたため、送りませんでした。必要なら、もう一度送ってください。"
_RELEASED = "予定の時刻に送信が止められていたため、送りませんでした。必要なら、もう一度送ってください。"


class NoticeFlow:
    """`tick` is called every second or so and does nothing while nothing is due."""

    def __init__(
        self, parts: NoticeParts, hold: SendingHold, elapsed: Callable[[], float] = seconds_since_boot
    ) -> None:
        self._parts, self._hold, self._steadiness = parts, hold, Steadiness(elapsed)

    async def tick(self) -> int:
        """Send what is due; how many notices."""
        if not self._steadiness.believed(await self._parts.store.now()):
            return 0
        numbers = await self._parts.store.due()
        if not numbers or await self._hold.reason() is not None:
            return 0
        sent = 0
        for number in numbers:
            try:
                sent += await self._leave(await self._parts.store.find(number))
            except NoticeError:  # another replica was faster, or a person has stopped it
                _log.info("notice_taken", notice=number)
            except Exception as error:  # one that can't leave must not keep the others
                _log.error("notice_failed", notice=number, error=type(error).__name__)
        if sent:
            self._parts.wake()
        return sent

    async def _leave(self, notice: Notice) -> int:
        store = self._parts.store
        due_at, now = await store.due_at(notice.id), await store.now()
        if due_at is None:
            return 0
        missed = await self._missed(due_at, now)
        if notice.plan.repeat is not None:
            return await self._take_turn(notice, due_at, now, missed)
        if missed:
            return await self._miss(notice, due_at, missed)
        today = await self._parts.people.today()
        await self._parts.sending.send(
            notice.id,
            notice.version,
            self._parcel(notice),
            _reach(today, notice),
            of=(NoticeState.SCHEDULED,),
            by=_AUTOMATIC,
        )
        return 1

    async def _take_turn(self, notice: Notice, due_at: datetime, now: datetime, missed: str) -> int:
        """One day of a repeating notice."""
        assert notice.plan.repeat is not None  # noqa: S101 - as the caller found
        coming = next_time(notice.plan.repeat, max(due_at, now), self._parts.calendar)
        if missed:
            local = due_at.astimezone(TOKYO)
            await self._parts.store.go_on(notice.id, due_at, coming, f"{local.month}月{local.day}日の回：{missed}")
            return 0
        today = await self._parts.people.today()
        try:
            recipients = today.recipients(notice.plan)
        except AudienceError as error:  # an office or a list that is no more
            return await self._miss(notice, due_at, f"宛先が分からなくなったため、送りませんでした。{error}")
        made = await self._parts.sending.send_turn(
            notice.id,
            due_at,
            due_at.astimezone(TOKYO).date(),
            coming,
            self._parcel(notice),
            notice.content,
            recipients,
            _reach(today, notice),
            by=_AUTOMATIC,
        )
        return 0 if made is None else 1

    async def _missed(self, due_at: datetime, now: datetime) -> str:
        """Why it is too late; empty where it isn't: later on the same day is better than never."""
        released = await self._hold.last_release()
        if released is not None and due_at < released:
            return _RELEASED
        return "" if due_at.astimezone(TOKYO).date() == now.astimezone(TOKYO).date() else _TOO_LATE

    async def _miss(self, notice: Notice, due_at: datetime, why: str) -> int:
        if await self._parts.store.miss(notice.id, due_at, why):
            _log.warning("notice_missed", notice=notice.id)
        return 0

    def _parcel(self, notice: Notice) -> Parcel:
        return Parcel(
            message=self._parts.message(notice.content), posts=notice.plan.posts, urgent=notice.content.urgent
        )


def _reach(today: Today, notice: Notice) -> Reach:
    return lambda staff_id: today.reach(staff_id, urgent=notice.content.urgent)
