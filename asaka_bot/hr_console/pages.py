"""The pages of the HR console: its templates, and what each of them shows."""

from pathlib import Path

from starlette.responses import HTMLResponse

from asaka_bot.design.pages import templates
from asaka_bot.hr_console import words
from asaka_bot.hr_console.sessions import Visitor

STATIC = Path(__file__).parent / "static"
STATIC_ADDRESS = "/static/hr"

_MENU = (
    ("/hr", "ホーム"),
    ("/hr/notices", "お知らせ"),
    ("/hr/reminders", "リマインダー"),
    ("/hr/deliveries", "配信の確認"),
    ("/hr/staff", "職員名簿"),
    ("/hr/audit", "操作の記録"),
)


class Pages:
    """The filled templates."""

    def __init__(self) -> None:
        self._templates = templates("asaka_bot.hr_console", {STATIC_ADDRESS: STATIC})
        self._templates.filters.update(
            moment=words.moment, clock=words.clock, short_day=words.short_day, fiscal_year=words.fiscal_year
        )
        self._templates.globals.update(words=words, menu=_MENU)

    def page(self, template: str, *, visitor: Visitor | None, status: int = 200, **values: object) -> HTMLResponse:
        """The page as `visitor` sees it, None before the sign-in; `status` is the HTTP status."""
        html = self._templates.get_template(template).render(values, visitor=visitor)
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
