"""Browsers in which people of HR are signed in, over notices in memory."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.notice import Content, Plan
from asaka_bot.hr_console.notice_routes import NoticeRoutes
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.sessions import Visitor
from asaka_bot.roles import Actor, HrRole
from tests.fakes.console import NOW, ports
from tests.fakes.notices import MemoryNotices
from tests.fakes.staff import MemoryStaff

PEOPLE = list(invented_staff(120))
HANAKO = Actor(person="人事 花子", role=HrRole.APPROVER)
TARO = Actor(person="人事 太郎", role=HrRole.APPROVER)
FORM = {"title": "年末調整", "body": "書類を出してください。", "replies": "yes", "audience": "全員", "when": "now"}


def browser_of(notices: MemoryNotices, actor: Actor) -> TestClient:
    """A browser in which `actor` is signed in, without a door."""
    found = ports(staff=MemoryStaff(now=NOW, kept={each.staff_id: each for each in PEOPLE}), notices=notices)
    visitor = Visitor(person=actor.person, csrf="c", actor=actor)
    made = NoticeRoutes(lambda: found, Pages(), lambda: NOW)

    def through(endpoint):
        async def passed(request):
            try:
                return await endpoint(request, visitor)
            finally:
                await request.close()

        return passed

    return TestClient(
        Starlette(
            routes=[
                *(
                    Route(path, through(endpoint), methods=["GET"])
                    for path, endpoint in {**made.shown, **made.watched}.items()
                ),
                *(Route(path, through(endpoint), methods=["POST"]) for path, endpoint in made.done.items()),
            ]
        ),
        base_url="https://asaka.example",
    )


def draft(notices, content=None, plan=None, by=HANAKO):
    content = content or Content(title="年末調整", body="書類を出してください。", confirm=True)
    return asyncio.run(notices.create(by, content, plan or Plan(audience="職位:所属長")))


def submit(notices, notice, agreed=("unreachable",)):
    asyncio.run(notices.submit(HANAKO, notice.id, notice.version, frozenset(agreed)))
    return notices.kept[notice.id]
