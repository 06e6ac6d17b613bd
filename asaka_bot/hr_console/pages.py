"""The pages of the HR console: its templates, and what each of them shows."""

from collections.abc import Callable
from pathlib import Path

from starlette.responses import HTMLResponse

from asaka_bot.design.pages import templates
from asaka_bot.hr_console import access, words
from asaka_bot.hr_console.sessions import Visitor
from asaka_bot.roles import Permission
from asaka_bot.tokyo import clock

STATIC = Path(__file__).parent / "static"
STATIC_ADDRESS = "/static/hr"

# The menu; everybody sees of it what their role opens.
_MENU = (
    ("/hr", "ホーム"),
    ("/hr/notices", "お知らせ"),
    ("/hr/reminders", "リマインダー"),
    ("/hr/deliveries", "配信の確認"),
    ("/hr/staff", "職員名簿"),
    ("/hr/audit", "操作の記録"),
    ("/hr/settings", "権限と設定"),
)


class Pages:
    """The filled templates."""

    def __init__(self, account: Callable[[], str] = lambda: "") -> None:
        """`account` is where people sign in with their accounts, empty where they can't."""
        self._templates = templates("asaka_bot.hr_console", {STATIC_ADDRESS: STATIC})
        self._templates.filters.update(
            moment=words.moment,
            clock=clock,
            short_day=words.short_day,
            fiscal_year=words.fiscal_year,
            grouped=words.grouped,
        )
        self._templates.globals.update(words=words, may=_may, can=Permission, account=account)

    def page(self, template: str, *, visitor: Visitor | None, status: int = 200, **values: object) -> HTMLResponse:
        """The page as `visitor` sees it, None before the sign-in; `status` is the HTTP status."""
        menu = [item for item in _MENU if visitor and access.may_enter(visitor.actor, item[0])]
        html = self._templates.get_template(template).render(values, visitor=visitor, menu=menu)
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})

    def needs_https(self, port: int) -> HTMLResponse:
        """Where browsers would drop the cookies."""
        return self.page("needs_https.html", visitor=None, status=403, title="HTTPSが必要です", port=port)


def _may(visitor: Visitor | None, permission: Permission) -> bool:
    """Whether a button is shown."""
    return visitor is not None and visitor.actor.may(permission)
