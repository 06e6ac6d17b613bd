"""The routes of the inbox: its page, the count for the bell, and the forms below a notice."""

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.notices import MyNotice, Responses
from asaka_bot.channels.web import inbox as reading
from asaka_bot.channels.web import letters
from asaka_bot.channels.web.inbox import Bell, Inbox
from asaka_bot.channels.web.pages import Pages
from asaka_bot.channels.web.render import ReplyView, view
from asaka_bot.channels.web.said_once import SaidOnce
from asaka_bot.design.pages import fields

LONGEST_REPLY = 2_000  # characters
SIGN_IN = "確認は、SlackかTeams、または職員アカウントでサインインして押してください。"
TROUBLE = "申し訳ありません。いまは受け付けられませんでした。しばらくしてから、もう一度お試しください。"
_EMPTY = "文が空でした。もう一度お書きください。"
_LONGEST_ID = 80

_log = structlog.get_logger(__name__)


class InboxPages:
    """What people read and press; whoever is signed in acts under their own staff id."""

    def __init__(
        self, pages: Pages, inbox: Inbox, responses: Responses, service: AnswerService, said: SaidOnce
    ) -> None:
        self._pages, self._inbox, self._responses, self._service, self._said = pages, inbox, responses, service, said

    def routes(self) -> list[BaseRoute]:
        """Page, count and forms."""
        return [
            Route("/inbox", self._page, methods=["GET"]),
            Route("/inbox/count", self._count, methods=["GET"]),
            Route("/inbox/respond", self._respond, methods=["POST"]),
            Route("/inbox/reply", self._reply, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        response = await self._drawn(request, reading.as_manager(request.query_params), self._said.read(request), None)
        self._said.forget(response, request)
        return response

    async def _drawn(self, request: Request, manager: bool, said: str, urgent: ReplyView | None) -> Response:
        seen = reading.last_seen(request)
        person = await self._inbox.person_of(request)
        entries = await self._inbox.entries(manager=manager, person=person)
        response = await self._pages.page(
            request,
            "inbox.html",
            title="お知らせ",
            days=letters.by_day(entries, seen, await self._mine(person) if person else None),
            fresh=sum(entry.id > seen for entry in entries),
            most=reading.MOST_SHOWN if len(entries) == reading.MOST_SHOWN else 0,
            # All that is new is on this page.
            bell=Bell(unread=0, manager=manager),
            person=person,
            said=said,
            sign_in=SIGN_IN,
            longest_reply=LONGEST_REPLY,
            view=urgent,
            sensitive=urgent is not None,
        )
        if entries:
            reading.remember(response, request, max([seen, *(entry.id for entry in entries)]))
        return response

    async def _mine(self, person: str) -> list[MyNotice]:
        try:
            return list(await self._responses.mine("web", person))
        except Exception as error:  # then every notice offers its buttons, and a press counts once all the same
            _log.warning("web_notices_not_listed", error=type(error).__name__)
            return []

    async def _count(self, request: Request) -> Response:
        bell = await self._inbox.bell(request, manager=reading.as_manager(request.query_params))
        return JSONResponse({"unread": bell.unread}, headers={"Cache-Control": "no-store"})

    async def _respond(self, request: Request) -> Response:
        form = await fields(request)
        person = await self._inbox.person_of(request)
        said = SIGN_IN
        if person:
            try:
                marker, response = form.get("marker", "")[:_LONGEST_ID], form.get("response", "")[:_LONGEST_ID]
                said = (await self._responses.respond("web", person, marker, response)).text
            except Exception as error:
                _log.error("web_response_failed", error=type(error).__name__)
                said = TROUBLE
        return self._back(request, manager=reading.as_manager(form), said=said)

    async def _reply(self, request: Request) -> Response:
        form = await fields(request)
        manager, text = reading.as_manager(form), form.get("text", "").strip()[:LONGEST_REPLY]
        person = await self._inbox.person_of(request)
        if not person or not text:
            return self._back(request, manager=manager, said=_EMPTY if person else SIGN_IN)
        try:
            urgent = await self._service.urgent(text)
            said = await self._responses.reply("web", person, form.get("marker", "")[:_LONGEST_ID], text)
        except Exception as error:
            _log.error("web_reply_failed", error=type(error).__name__)
            return self._back(request, manager=manager, said=TROUBLE)
        if urgent is None:
            return self._back(request, manager=manager, said=said)
        # The contacts depend on what was written, which travels nowhere: they stand in the answer to the form itself.
        return await self._drawn(request, manager, said, view(urgent, "", self._service.knowledge))

    def _back(self, request: Request, *, manager: bool, said: str) -> Response:
        response = RedirectResponse("/inbox?role=manager" if manager else "/inbox", status_code=303)
        self._said.keep(response, request, said)
        return response
