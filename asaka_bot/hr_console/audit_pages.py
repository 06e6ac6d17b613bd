"""The audit log: who did what, and whether the log is as it was written."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.hr_console import audit_words
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor

_ON_A_PAGE = 50
_LONGEST = 18  # digits of an id of the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as it is read."""

    id: int
    when: str
    text: str


class AuditPages:
    """The pages below /hr/audit; they only show."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages) -> None:
        self._ports, self._pages = ports, pages

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The newest entries and the verdict on the whole log; with `before` the older ones."""
        ports = self._ports()
        before = _number(request.query_params.get("before", ""))
        found = await ports.audit.latest(visitor.actor, _ON_A_PAGE + 1, before)
        shown = found[:_ON_A_PAGE]
        rules = {rule.id: rule.title for rule in ports.reminders.rules()}
        # Each look walks along the whole log; turning its pages needs no further look.
        verdict = await ports.audit.verify(visitor.actor) if before is None else None
        return self._pages.page(
            "audit.html",
            visitor=visitor,
            title="操作の記録",
            lines=[
                Line(id=each.id, when=audit_words.when(each.at), text=audit_words.sentence(each, rules))
                for each in shown
            ],
            verdict=verdict,
            finding=audit_words.finding(verdict) if verdict else "",
            advice=audit_words.advice(verdict) if verdict else "",
            older=shown[-1].id if len(found) > len(shown) else None,
            newer=None if before is None else before + _ON_A_PAGE,
        )


def _number(written: str) -> int | None:
    plain = written.isascii() and written.isdigit() and len(written) <= _LONGEST
    return int(written) if plain else None
