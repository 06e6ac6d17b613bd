"""The routes of the web chat: questions, buttons, topics and feedback."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from asaka_bot.answering.conversation import Context
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.feedback import FeedbackPort
from asaka_bot.channels.notices import Responses
from asaka_bot.channels.web import date_pages, desk_pages
from asaka_bot.channels.web.context_token import ContextTokens
from asaka_bot.channels.web.inbox import Inbox, InboxReader, PersonOf, nobody
from asaka_bot.channels.web.inbox_pages import InboxPages
from asaka_bot.channels.web.pages import STATIC, Pages
from asaka_bot.channels.web.render import ReplyView, view
from asaka_bot.channels.web.said_once import SaidOnce
from asaka_bot.channels.without_notices import WithoutResponses
from asaka_bot.design.pages import fields, files_route
from asaka_bot.knowledge.model import Facet, Role
from asaka_bot.tokyo import now_in_tokyo

MOST_CHARACTERS = 1_000  # of a question; what comes after is cut
_LONGEST_NUMBER = 80  # of an answer

SUGGESTIONS = (
    "育休はいつまで取れますか",
    "子どもが熱を出したときの休みは？",
    "年休は1年に何日ありますか",
    "親の介護で休みたい",
    "産休はいつからですか",
    "ハラスメントを相談したい",
)


def routes(
    service: AnswerService,
    feedback: FeedbackPort,
    reader: InboxReader,
    secret: str,
    *,
    responses: Responses | None = None,
    person_of: PersonOf = nobody,
) -> list[BaseRoute]:
    """Every route of the web chat; `secret` signs the state of the conversation, `person_of` tells who is signed in."""
    inbox = Inbox(reader, person_of)
    pages = Pages(service.knowledge, inbox)
    chat = _Chat(service, feedback, ContextTokens(secret), pages)
    letters = InboxPages(pages, inbox, responses or WithoutResponses(), service, SaidOnce(secret))
    return [
        Route("/", chat.home, methods=["GET"]),
        Route("/ask", chat.ask, methods=["POST"]),
        Route("/show", chat.show, methods=["POST"]),
        Route("/feedback", chat.vote, methods=["POST"]),
        *(Route(path, _home_again, methods=["GET"]) for path in ("/ask", "/show", "/feedback")),
        Route("/topics/{topic}", chat.topic, methods=["GET"]),
        Route("/blank", chat.blank, methods=["GET"]),
        *date_pages.routes(pages),
        *desk_pages.routes(pages, service.knowledge),
        *letters.routes(),
        files_route(),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


class _Chat:
    """The pages of the conversation."""

    def __init__(self, service: AnswerService, feedback: FeedbackPort, tokens: ContextTokens, pages: Pages) -> None:
        self._service = service
        self._feedback = feedback
        self._tokens = tokens
        self._pages = pages

    async def home(self, request: Request) -> Response:
        return await self._page(request, "質問する", suggestions=SUGGESTIONS)

    async def ask(self, request: Request) -> Response:
        form = await fields(request)
        typed = form.get("question", "").strip()
        question = typed[:MOST_CHARACTERS]
        reply, context = await self._service.reply(question, role=_role(form), context=self._context(form))
        shown = view(
            reply, self._tokens.write(context), self._service.knowledge, question, shortened=len(typed) > len(question)
        )
        return await self._turn(request, shown, context)

    async def show(self, request: Request) -> Response:
        form = await fields(request)
        context = self._context(form)
        role = _role(form) or (context.role if context else None)
        return await self._topic(request, form.get("topic", ""), form.get("facet", ""), role)

    async def topic(self, request: Request) -> Response:
        return await self._topic(request, request.path_params["topic"], request.query_params.get("facet", ""), None)

    async def _topic(self, request: Request, topic: str, facet: str, role: Role | None) -> Response:
        try:
            reply, context = await self._service.show(topic, _facet(facet), role=role)
        except KeyError:
            return await self._pages.page(
                request, "missing.html", title="ページが見つかりません", status=404, sensitive=False
            )
        return await self._turn(request, view(reply, self._tokens.write(context), self._service.knowledge), context)

    async def vote(self, request: Request) -> Response:
        form = await fields(request)
        topic = self._service.knowledge.topics.get(form.get("topic", ""))
        helpful = {"yes": True, "no": False}.get(form.get("helpful", ""))
        if topic is not None and helpful is not None:
            facet = None if topic.sensitive else _facet(form.get("facet", ""))
            withheld = topic.sensitive or "without_question" in form
            question = None if withheld else form.get("question", "").strip()[:MOST_CHARACTERS] or None
            answer = form.get("answer", "")[:_LONGEST_NUMBER] or secrets.token_hex()
            await self._feedback.record(
                topic=topic.id,
                facet=facet.value if facet else None,
                helpful=helpful,
                question=question,
                once=f"web\n{answer}",
            )
        if _wants_fragment(request):
            return self._pages.part("_thanks.html")
        private = topic is not None and topic.sensitive
        return await self._page(
            request, "ありがとうございます", context=self._context(form), thanks=True, sensitive=private
        )

    async def blank(self, request: Request) -> Response:  # noqa: ARG002 - Starlette passes it
        today = now_in_tokyo().date()
        return self._pages.part("blank.html", year=today.year, month=today.month, weeks=_month(today))

    async def _turn(self, request: Request, shown: ReplyView, context: Context) -> Response:
        if _wants_fragment(request):
            return self._pages.part("_turn.html", view=shown, role=context.role)
        # The title stands in the browser's history, where others may see it.
        private = shown.reply.sensitive
        title = shown.reply.title if shown.reply.title and not private else "お答え"
        return await self._page(request, title, shown=shown, context=context, sensitive=private)

    async def _page(
        self,
        request: Request,
        title: str,
        *,
        shown: ReplyView | None = None,
        context: Context | None = None,
        suggestions: Sequence[str] = (),
        thanks: bool = False,
        sensitive: bool = False,
    ) -> Response:
        return await self._pages.page(
            request,
            "chat.html",
            manager=context is not None and context.role is Role.MANAGER,
            title=title,
            view=shown,
            token=self._tokens.write(context) if context else "",
            role=context.role if context else None,
            suggestions=suggestions,
            thanks=thanks,
            sensitive=sensitive,
        )

    def _context(self, form: Mapping[str, str]) -> Context | None:
        kept = self._tokens.read(form.get("context", ""), now_in_tokyo())
        # The role field shows what the context holds; whoever empties it means it.
        return replace(kept, role=_role(form)) if kept and "role" in form else kept


async def _home_again(request: Request) -> Response:  # noqa: ARG001 - Starlette passes it
    """Whoever reloads the address of a form starts afresh."""
    return RedirectResponse("/", status_code=303)


def _wants_fragment(request: Request) -> bool:
    return request.headers.get("X-Fragment") == "1"


def _facet(value: str) -> Facet | None:
    return Facet(value) if value in list(Facet) else None


def _role(form: Mapping[str, str]) -> Role | None:
    value = form.get("role", "")
    return Role(value) if value in list(Role) else None


def _month(day: date) -> list[list[date]]:
    """The weeks of the month of `day`, from Sunday to Saturday, with the days around it."""
    first = day.replace(day=1)
    start = first - timedelta(days=first.isoweekday() % 7)
    weeks = [[start + timedelta(days=7 * week + n) for n in range(7)] for week in range(6)]
    return [week for week in weeks if any(d.month == day.month for d in week)]
