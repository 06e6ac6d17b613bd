"""The pages of the web chat, each with the bell in its header."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse

from asaka_bot.answering.compose import AUDIENCES
from asaka_bot.channels.web.inbox import Bell, Inbox
from asaka_bot.channels.web.render import LEGEND
from asaka_bot.design.pages import templates
from asaka_bot.knowledge.model import KnowledgeBase

STATIC = Path(__file__).parent / "static"

# Answers on leave and harassment must not come back with the back button of a shared computer.
_HEADERS = {"Cache-Control": "no-store", "Vary": "X-Fragment"}


class Pages:
    """The templates with what every page shows: menu, bell, roles, legend."""

    def __init__(self, knowledge: KnowledgeBase, inbox: Inbox) -> None:
        self._inbox = inbox
        self._templates = templates("asaka_bot.channels.web", {"/static": STATIC})
        self._templates.globals.update(knowledge=knowledge, roles=AUDIENCES, legend=LEGEND)

    async def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        manager: bool = False,
        bell: Bell | None = None,
        **values: object,
    ) -> HTMLResponse:
        """A whole page with HTTP `status`; `manager`: the bell counts what is meant for them too, unless it is given."""
        bell = bell or await self._inbox.bell(request, manager=manager)
        return self.part(template, status=status, bell=bell, **values)

    def part(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A piece of a page, or one without header."""
        html = self._templates.get_template(template).render(values)
        return HTMLResponse(html, status_code=status, headers=_HEADERS)
