"""Employees who have signed in with their account, for pages outside the console."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request

from asaka_bot.errors import StoreError
from asaka_bot.hr_console.door import Door
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.tokyo import now_in_tokyo


def person_of(
    ports: Callable[[], Ports], now: Callable[[], datetime] = now_in_tokyo
) -> Callable[[Request], Awaitable[str | None]]:
    """Tells the staff id of whoever is signed in on a browser; None: nobody, or it can't be found out."""
    door = Door(ports, Pages(), now)

    async def found(request: Request) -> str | None:
        try:
            visitor = await door.visitor(request)
        except StoreError:
            return None
        return visitor.actor.staff_id or None if visitor else None

    return found
