"""Every route of the HR console. All but the sign-in lie behind the door."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from asaka_bot.account_settings import CALLBACK_PATH, START_PATH
from asaka_bot.design.pages import files_route
from asaka_bot.hr_console.account_pages import AccountPages
from asaka_bot.hr_console.audit_pages import AuditPages
from asaka_bot.hr_console.delivery_pages import DeliveryPages
from asaka_bot.hr_console.door import Door, Guarded
from asaka_bot.hr_console.home_pages import HomePages
from asaka_bot.hr_console.notice_routes import NoticeRoutes
from asaka_bot.hr_console.pages import STATIC, STATIC_ADDRESS, Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.reminder_pages import ReminderPages
from asaka_bot.hr_console.sessions import SIGN_IN
from asaka_bot.hr_console.settings_pages import SettingsPages
from asaka_bot.hr_console.sign_in_pages import SignInPages
from asaka_bot.hr_console.staff_pages import UPLOAD, StaffPages
from asaka_bot.tokyo import now_in_tokyo

_EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def routes(ports: Callable[[], Ports], now: Callable[[], datetime] = now_in_tokyo) -> list[BaseRoute]:
    """The console over `ports`, which are asked for at each request: the database opens after the routes are made."""
    pages = Pages(lambda: found.address if (found := ports().accounts) else "")
    door = Door(ports, pages, now)
    sign_in, by_account = SignInPages(door, pages), AccountPages(ports, door, pages)
    notices = NoticeRoutes(ports, pages, now)
    home = HomePages(ports, pages, now, notices.notices.waiting)
    reminders = ReminderPages(ports, pages, now)
    deliveries = DeliveryPages(ports, pages)
    staff, settings = StaffPages(ports, pages), SettingsPages(ports, pages)
    shown: dict[str, Guarded] = {
        "/hr": home.overview,
        **notices.shown,
        "/hr/reminders": reminders.show,
        "/hr/deliveries": deliveries.show,
        "/hr/audit": AuditPages(ports, pages).show,
        "/hr/staff": staff.show,
        "/hr/staff/check": staff.check,
        "/hr/settings": settings.show,
    }
    done: dict[str, Guarded] = {
        "/hr/sign-out": sign_in.sign_out,
        **notices.done,
        "/hr/reminders/pause": reminders.pause,
        "/hr/reminders/resume": reminders.resume,
        "/hr/reminders/test": reminders.send_test,
        "/hr/deliveries/decide": deliveries.decide,
        "/hr/deliveries/release": deliveries.release,
        UPLOAD: staff.load,
        "/hr/staff/confirm": staff.confirm,
        "/hr/staff/undo": staff.undo,
        "/hr/settings/role": settings.give,
        "/hr/settings/rules": settings.change_rules,
    }
    return [
        Route(SIGN_IN, door.outside(sign_in.ask), methods=["GET"]),
        Route(SIGN_IN, door.outside(sign_in.redeem), methods=["POST"]),
        Route(START_PATH, door.outside(by_account.start), methods=["GET"]),
        Route(CALLBACK_PATH, door.outside(by_account.callback), methods=["GET"]),
        *(Route(path, door.guard(endpoint), methods=["GET"]) for path, endpoint in shown.items()),
        *(Route(path, door.guard(endpoint, used=False), methods=["GET"]) for path, endpoint in notices.watched.items()),
        *(Route(path, door.guard(endpoint), methods=["POST"]) for path, endpoint in done.items()),
        # Whoever reloads the address of a form comes back to its page.
        *(Route(path, door.guard(_back), methods=["GET"]) for path in done),
        # Whatever else lies below /hr is closed too, whichever way it is asked for.
        *(Route(path, door.guard(home.missing), methods=_EVERY_METHOD) for path in ("/hr", "/hr/{rest:path}")),
        files_route(),
        Mount(STATIC_ADDRESS, StaticFiles(directory=STATIC)),
    ]


async def _back(request: Request, visitor: object) -> Response:  # noqa: ARG001 - the door passes it
    return RedirectResponse(request.url.path.rpartition("/")[0], status_code=303)
