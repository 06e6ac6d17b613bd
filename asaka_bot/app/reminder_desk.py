"""What 職員課 sees of the reminders and does with them: rules, calendar and database together."""

from collections.abc import Sequence
from datetime import date, timedelta

from asaka_bot.hr_console.ports import Arrived, Pause, Planned, RuleName
from asaka_bot.outgoing import Address, as_text
from asaka_bot.reminders import ics
from asaka_bot.reminders.occurrences import Occurrence, occurrences, with_decided
from asaka_bot.reminders.rules import Audience, Schedule, fiscal_year, fiscal_year_days
from asaka_bot.reminders.wording import next_message
from asaka_bot.roles import Actor, Permission
from asaka_bot.store.inbox import InboxStore
from asaka_bot.store.reminders import ReminderStore
from asaka_bot.tokyo import TOKYO, now_in_tokyo

TO_HR_ITSELF = Address(channel="web", to="hr-test")
_TO_HR = Address(channel="web", to="hr")
_TEST_LEAVES_WITHIN = timedelta(hours=1)
_SUBSCRIBED_PAST = timedelta(days=92)  # what a calendar keeps showing of the past

# Of the many reminders of 定時退庁 these are the days that HR looks for in the year.
_OWN_KIND = {
    "complete-no-overtime-day": "complete",
    "on-time-leaving-week": "week",
    "on-time-leaving-week-eve": "week",
}


class ReminderDesk:
    """Implements `hr_console.ports.Reminders` and the web chat's `CalendarFeed`."""

    def __init__(self, schedule: Schedule, store: ReminderStore, inbox: InboxStore) -> None:
        self._schedule, self._store, self._inbox = schedule, store, inbox

    async def occurrences(self, first: date, last: date) -> tuple[Occurrence, ...]:
        """Every due day from `first` to `last`: what was decided, and what is planned."""
        computed = occurrences(self._schedule, first, last, await self._store.suspensions())
        decided = {(o.rule, o.day): o for o in await self._store.occurrences(first, last)}
        return with_decided(computed, decided)

    async def preview(self, actor: Actor, first: date, last: date) -> Sequence[Planned]:
        """Every due day from `first` to `last`, both included, in order of time."""
        actor.require(Permission.SEE)
        return [self._planned(each) for each in await self.occurrences(first, last)]

    def _planned(self, each: Occurrence) -> Planned:
        rule = self._schedule.rules.get(each.rule)
        return Planned(
            rule=each.rule,
            title=each.title,
            day=each.day,
            due_at=each.due_at,
            audience=each.audience.value,
            status=each.status.value,
            note=each.note,
            kind=_OWN_KIND.get(each.rule) or (rule.subject.value if rule else "other"),
            assumed=rule.assumed if rule else "",
            text=as_text(each.message) if each.message else "",
        )

    def rules(self) -> Sequence[RuleName]:
        """All rules."""
        return [RuleName(id=rule.id, title=rule.title) for rule in self._schedule.rules.values()]

    def warnings(self) -> Sequence[str]:
        """Years whose holidays nobody has confirmed."""
        years = self._schedule.calendar.unconfirmed(now_in_tokyo().date())
        return [
            f"{year}年の祝日と閉庁日は、まだ確認されていません。官報の公示を見て、schedules/calendar.yaml の "
            f"confirmed_years に {year} を加えてください。"
            for year in years
        ]

    async def pauses(self, actor: Actor) -> Sequence[Pause]:
        """All pauses, the newest first."""
        actor.require(Permission.SEE)
        return [
            Pause(
                id=each.id,
                rule=each.rule,
                first_day=each.first_day,
                last_day=each.last_day,
                reason=each.reason,
                made_by=each.made_by,
                made_at=made_at,
                ended_at=each.ended_at,
            )
            for each, made_at in await self._store.pauses()
        ]

    async def pause(self, actor: Actor, rule: str | None, first: date, last: date, reason: str) -> None:
        """Keep `rule`, or all rules, silent from `first` to `last`."""
        actor.require(Permission.STEER_REMINDERS)
        await self._store.pause(rule, first, last, reason, actor.person)

    async def resume(self, actor: Actor, pause: int) -> bool:
        """End a pause now; False where it has ended already or never was."""
        actor.require(Permission.STEER_REMINDERS)
        return await self._store.resume(pause, actor.person)

    async def send_test(self, actor: Actor, rule: str, address: Address = TO_HR_ITSELF) -> None:
        """Send the next text of `rule` to one address. Raises `KeyError` for an unknown rule."""
        actor.require(Permission.STEER_REMINDERS)
        now = now_in_tokyo()
        message = next_message(self._schedule, rule, now.date())
        await self._store.send_test(rule, message, address, actor.person, now + _TEST_LEAVES_WITHIN)

    async def tried(self, actor: Actor, limit: int) -> Sequence[Arrived]:
        """What arrived at `web:hr-test`, the newest first."""
        actor.require(Permission.SEE)
        return await self._arrived(TO_HR_ITSELF, limit)

    async def for_hr(self, actor: Actor, limit: int) -> Sequence[Arrived]:
        """What arrived at `web:hr`, the newest first."""
        actor.require(Permission.SEE)
        return await self._arrived(_TO_HR, limit)

    async def _arrived(self, address: Address, limit: int) -> Sequence[Arrived]:
        return [
            Arrived(title=each.message.title, text=as_text(each.message), received_at=each.received_at)
            for each in await self._inbox.latest([address], limit)
        ]

    async def ics(self, audience: str) -> bytes:
        """The last months and the coming fiscal years of an audience, as iCalendar."""
        today = now_in_tokyo().astimezone(TOKYO).date()
        last = fiscal_year_days(fiscal_year(today) + 1)[1]
        return ics.feed(self._schedule, await self.occurrences(today - _SUBSCRIBED_PAST, last), Audience(audience))
