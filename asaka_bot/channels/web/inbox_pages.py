"""The routes of the inbox: its page, and the count for the bell."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from asaka_bot.channels.web import inbox as reading
from asaka_bot.channels.web.inbox import Bell, Inbox
from asaka_bot.channels.web.pages import Pages


def routes(pages: Pages, inbox: Inbox) -> list[BaseRoute]:
    """The routes of the inbox."""

    async def page(request: Request) -> Response:
        manager = reading.as_manager(request.query_params)
        seen = reading.last_seen(request)
        entries = await inbox.entries(manager=manager)
        newest = max([seen, *(entry.id for entry in entries)])
        response = await pages.page(
            request,
            "inbox.html",
            title="お知らせ",
            days=reading.by_day(entries, seen),
            fresh=sum(entry.id > seen for entry in entries),
            most=reading.MOST_SHOWN if len(entries) == reading.MOST_SHOWN else 0,
            # All that is new is on this page.
            bell=Bell(unread=0, manager=manager),
            sensitive=False,
        )
        if entries:
            reading.remember(response, request, newest)
        return response

    async def count(request: Request) -> Response:
        bell = await inbox.bell(request, manager=reading.as_manager(request.query_params))
        return JSONResponse({"unread": bell.unread}, headers={"Cache-Control": "no-store"})

    return [Route("/inbox", page, methods=["GET"]), Route("/inbox/count", count, methods=["GET"])]
