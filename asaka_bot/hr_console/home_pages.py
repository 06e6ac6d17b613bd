"""The first page of the console: what comes next, and what waits for a person."""

from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.reminder_pages import is_current
from asaka_bot.hr_console.sessions import Visitor

_AHEAD = timedelta(days=31)
_MOST_NEXT = 5
_MOST_ARRIVED = 5


class HomePages:
    """The overview, and what is said of addresses that lead nowhere."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, now: Callable[[], datetime]) -> None:
        self._ports, self._pages, self._now = ports, pages, now

    async def overview(self, request: Request, visitor: Visitor) -> Response:  # noqa: ARG002 - the door passes it
        """Cards: what holds everything up first."""
        ports, actor, now = self._ports(), visitor.actor, self._now()
        today = now.date()
        ahead = await ports.reminders.preview(actor, today, today + _AHEAD)
        return self._pages.page(
            "home.html",
            visitor=visitor,
            title="ホーム",
            upcoming=[item for item in ahead if item.status == "planned" and item.due_at >= now][:_MOST_NEXT],
            pauses=[pause for pause in await ports.reminders.pauses(actor) if is_current(pause, today)],
            rules={rule.id: rule.title for rule in ports.reminders.rules()},
            undecided=len(await ports.deliveries.undecided(actor)),
            hold=await ports.deliveries.hold(actor),
            arrived=await ports.reminders.for_hr(actor, _MOST_ARRIVED),
            warnings=ports.reminders.warnings(),
            today=today,
        )

    async def missing(self, request: Request, visitor: Visitor) -> Response:  # noqa: ARG002 - the door passes it
        """For people who are signed in; others learn nothing of which pages there are."""
        return self._pages.page("missing.html", visitor=visitor, status=404, title="ページが見つかりません")
