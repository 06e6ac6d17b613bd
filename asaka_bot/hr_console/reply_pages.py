"""What people wrote back to a notice: open replies, and those that are dealt with."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.design.pages import fields
from asaka_bot.hr_console.notice_address import NOTICES, known_number
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor

_MOST = 200
_DONE = {
    "handled": "対応済みにしました。",
    "handled-before": "この返信は、すでに対応済みです。",
}


class ReplyPages:
    """The inbox of replies."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages) -> None:
        self._ports, self._pages = ports, pages

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The open ones, or those that are dealt with."""
        handled = request.query_params.get("show") == "handled"
        found = await self._ports().notices.replies(visitor.actor, handled=handled, limit=_MOST + 1)
        return self._pages.page(
            "replies.html",
            visitor=visitor,
            title="職員からの返信",
            done=_DONE.get(request.query_params.get("done", "")),
            replies=found[:_MOST],
            most=_MOST if len(found) > _MOST else None,
            handled=handled,
        )

    async def handle(self, request: Request, visitor: Visitor) -> Response:
        """Mark one as dealt with."""
        number = known_number((await fields(request)).get("id", ""))
        done = await self._ports().notices.handle_reply(visitor.actor, number)
        return RedirectResponse(f"{NOTICES}/replies?done={'handled' if done else 'handled-before'}", status_code=303)
