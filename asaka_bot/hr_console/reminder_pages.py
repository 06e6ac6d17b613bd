"""The year of reminders: what leaves when, pausing and resuming, trying a text."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.design.pages import fields
from asaka_bot.hr_console import pause_form, year
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.pause_form import PauseForm
from asaka_bot.hr_console.ports import Pause, Ports
from asaka_bot.hr_console.sessions import Visitor

_YEARS = range(2020, 2100)
_MOST_SHIPMENTS = 10
_MOST_PAUSES = 20
_MOST_TRIED = 3
# What is said after a form, and in which section of the page.
_DONE = {
    "paused": ("pauses", "休止を登録しました。期間が過ぎると、自動で再開します。"),
    "resumed": ("pauses", "再開しました。止まっていたあいだの分は送りません。"),
    "ended": ("pauses", "この休止は、すでに終わっています。"),
    "tried": ("try", "試し送りをしました。届くまで少し時間がかかることがあります。"),
    "unknown-rule": ("try", "このリマインダーはありません。一覧から選び直してください。"),
}
_LARGEST_ID = 2**63 - 1  # of the database


class ReminderPages:
    """The pages below /hr/reminders."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, now: Callable[[], datetime]) -> None:
        self._ports, self._pages, self._now = ports, pages, now

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The year and all that can be done with it."""
        return await self._page(request, visitor, PauseForm())

    async def pause(self, request: Request, visitor: Visitor) -> Response:
        """Pause what the form says, or show the form again with its errors."""
        reminders = self._ports().reminders
        form = pause_form.read(await fields(request), reminders.rules(), self._now().date())
        if form.wish is None:
            return await self._page(request, visitor, form)
        wish = form.wish
        await reminders.pause(visitor.actor, wish.rule, wish.first, wish.last, wish.reason)
        return _done("paused")

    async def resume(self, request: Request, visitor: Visitor) -> Response:
        """End a pause before its last day."""
        number = (await fields(request)).get("id", "")
        known = number.isascii() and number.isdigit() and len(number) < len(str(_LARGEST_ID))
        ended = known and await self._ports().reminders.resume(visitor.actor, int(number))
        return _done("resumed" if ended else "ended")

    async def send_test(self, request: Request, visitor: Visitor) -> Response:
        """Send the text of one rule to HR alone."""
        reminders = self._ports().reminders
        rule = (await fields(request)).get("rule", "")
        if rule not in [known.id for known in reminders.rules()]:
            return _done("unknown-rule")
        await reminders.send_test(visitor.actor, rule)
        return _done("tried")

    async def _page(self, request: Request, visitor: Visitor, form: PauseForm) -> Response:
        ports, actor, today = self._ports(), visitor.actor, self._now().date()
        asked = request.query_params
        shown = _year(asked, today)
        planned = await ports.reminders.preview(actor, *year.bounds(shown))
        chosen = _day(asked, shown) or _first_shown(shown, today, year.next_day(planned, today))
        pauses = await ports.reminders.pauses(actor)
        return self._pages.page(
            "reminders.html",
            visitor=visitor,
            status=422 if form.errors else 200,
            title="入力の誤り：リマインダー" if form.errors else "リマインダー",
            done=_DONE.get(asked.get("done", ""), ("", "")),
            year=shown,
            years=_YEARS,
            months=year.months(shown, planned, today, chosen),
            assumed=sorted({(item.title, item.assumed) for item in planned if item.assumed}),
            chosen=chosen,
            of_day=[item for item in planned if item.day == chosen],
            form=form,
            reasons=pause_form.REASONS,
            most_days=pause_form.LONGEST.days,
            rules=ports.reminders.rules(),
            rule_titles={rule.id: rule.title for rule in ports.reminders.rules()},
            pauses=[(pause, is_current(pause, today)) for pause in pauses][:_MOST_PAUSES],
            shipments=await ports.deliveries.recent(actor, _MOST_SHIPMENTS),
            tried=await ports.reminders.tried(actor, _MOST_TRIED),
            warnings=ports.reminders.warnings(),
            feeds=[(feed.title, str(request.base_url).rstrip("/") + feed.path) for feed in ports.feeds],
            today=today,
        )


def is_current(pause: Pause, today: date) -> bool:
    """Whether a pause is in force or still to come."""
    return pause.ended_at is None and pause.last_day >= today


def _year(asked: Mapping[str, str], today: date) -> int:
    written = asked.get("year", "")
    plain = written.isascii() and written.isdigit() and len(written) == 4
    return int(written) if plain and int(written) in _YEARS else year.fiscal_year_of(today)


def _day(asked: Mapping[str, str], shown: int) -> date | None:
    try:
        day = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        return None
    first, last = year.bounds(shown)
    return day if first <= day <= last else None


def _first_shown(shown: int, today: date, next_day: date) -> date:
    first, last = year.bounds(shown)
    return next_day if first <= next_day <= last else (last if last < today else first)


def _done(what: str) -> Response:
    # No fragment: browsers would scroll to it instead of focusing what is said.
    return RedirectResponse(f"/hr/reminders?done={what}", status_code=303)
