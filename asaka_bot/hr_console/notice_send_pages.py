"""Sending a notice: trying it, agreeing to what is asked, a second person's yes or no."""

import re
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.broadcasts.notice import Notice, NoticeState, Question
from asaka_bot.design.pages import fields
from asaka_bot.errors import AudienceError, NoticeError
from asaka_bot.hr_console import notice_words
from asaka_bot.hr_console.notice_address import known_number, number_of, seal, to
from asaka_bot.hr_console.notice_pages import NoticePages
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor
from asaka_bot.roles import Permission

_QUESTION = re.compile(r"[a-z][a-z-]{0,39}")
_MOST_QUESTIONS = 20


class NoticeSendPages:
    """The way from a draft to the outbox."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, shown: NoticePages) -> None:
        """`shown` draws the notice again where something could not be done."""
        self._ports, self._pages, self._shown = ports, pages, shown

    async def test(self, request: Request, visitor: Visitor) -> Response:
        """Send it to the visitor alone."""
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        try:
            where = await notices.test(actor, notice.id)
        except NoticeError as error:
            return await self._shown.page(visitor, notice, problems=error.sentences)
        return to(notice.id, done="tested", where=where, seal=seal(visitor, where))

    async def ask(self, request: Request, visitor: Visitor) -> Response:
        """What will happen, and the button that makes it happen."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        notice = await self._ports().notices.find(visitor.actor, number_of(request))
        if notice.state is not NoticeState.DRAFT:
            return to(notice.id)
        return await self._ask(visitor, notice)

    async def submit(self, request: Request, visitor: Visitor) -> Response:
        """Send it, or ask what has to be agreed to first."""
        notices, actor, form = self._ports().notices, visitor.actor, await request.form()
        number = number_of(request)
        agreed = frozenset(_ids(form.getlist("agreed")))
        asked_before = frozenset(_ids(form.getlist("asked")))
        try:
            result = await notices.submit(actor, number, _version(form.get("version")), agreed)
        except (NoticeError, AudienceError) as error:
            notice = await notices.find(actor, number)
            problems = error.sentences if isinstance(error, NoticeError) else (str(error),)
            if notice.state is not NoticeState.DRAFT:
                return await self._shown.page(visitor, notice, problems=problems)
            return await self._ask(visitor, notice, problems=problems)
        if not result.questions:
            return to(number, done="submitted")
        notice = await notices.find(actor, number)
        open_ids = {each.id for each in result.questions}
        return await self._ask(
            visitor,
            notice,
            questions=result.questions,
            agreed=agreed - open_ids,
            overlooked=frozenset(asked_before & open_ids),
        )

    async def approve(self, request: Request, visitor: Visitor) -> Response:
        """A second person lets it leave."""
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        try:
            await notices.approve(actor, notice.id, _version((await fields(request)).get("version")))
        except NoticeError as error:
            return await self._shown.page(visitor, notice, problems=error.sentences)
        return to(notice.id, done="submitted")

    async def send_back(self, request: Request, visitor: Visitor) -> Response:
        """A second person makes it a draft again, with a reason."""
        notices, actor, form = self._ports().notices, visitor.actor, await fields(request)
        notice = await notices.find(actor, number_of(request))
        reason = form.get("reason", "").strip()
        if not reason:
            problems = ("差し戻す理由を書いてください。",)
            return await self._shown.page(visitor, notice, problems=problems, wrong="send-back")
        try:
            await notices.send_back(actor, notice.id, _version(form.get("version")), reason)
        except NoticeError as error:
            return await self._shown.page(visitor, notice, problems=error.sentences)
        return to(notice.id, done="sent-back")

    async def review(self, request: Request, visitor: Visitor) -> Response:
        """A second person has looked at an urgent notice."""
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        try:
            await notices.review(actor, notice.id)
        except NoticeError as error:
            return await self._shown.page(visitor, notice, problems=error.sentences)
        return to(notice.id, done="reviewed")

    async def _ask(
        self,
        visitor: Visitor,
        notice: Notice,
        *,
        questions: tuple[Question, ...] = (),
        agreed: frozenset[str] = frozenset(),
        overlooked: frozenset[str] = frozenset(),
        problems: tuple[str, ...] = (),
    ) -> Response:
        recipients = await self._shown.recipients(visitor.actor, notice)
        people = len(recipients.rows)
        return self._pages.page(
            "notice_submit.html",
            visitor=visitor,
            status=422 if problems or overlooked else 200,
            title=f"送信の確認：{notice.content.title}",
            notice=notice,
            message=await self._ports().notices.message(visitor.actor, notice.id),
            recipients=recipients,
            sentence=notice_words.what_happens(notice.content, notice.plan, people),
            questions=questions,
            agreed=sorted(agreed),
            overlooked=overlooked,
            problems=problems or ((f"{recipients.error}。",) if recipients.error else ()),
        )


def _ids(values: Sequence[object]) -> list[str]:
    return [each for each in values[:_MOST_QUESTIONS] if isinstance(each, str) and _QUESTION.fullmatch(each)]


def _version(written: object) -> int:
    return known_number(written if isinstance(written, str) else "")
