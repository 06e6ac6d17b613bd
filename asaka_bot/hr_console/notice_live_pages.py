"""What was sent: how far it is, whom it reached, and what can still be done about it."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.broadcasts.notice import Stand
from asaka_bot.design.pages import fields
from asaka_bot.errors import NoticeError
from asaka_bot.hr_console.live_view import LiveView
from asaka_bot.hr_console.notice_address import can, count_of, number_of, to
from asaka_bot.hr_console.notice_pages import NoticePages
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor

_A_PAGE = 50
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAID = {
    "confirmed": "代理確認を記録しました。",
    "confirmed-before": "この人は、すでに確認しています。",
}


class NoticeLivePages:
    """The pages of a notice that has left."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, shown: NoticePages) -> None:
        """`shown` draws the notice again where something could not be done."""
        self._ports, self._pages, self._shown = ports, pages, shown

    async def live(self, request: Request, visitor: Visitor) -> Response:
        """The parts of the page that the script exchanges every few seconds."""
        notices, actor = self._ports().notices, visitor.actor
        progress = await notices.progress(actor, number_of(request))
        return self._pages.page(
            "notice_live_parts.html",
            visitor=visitor,
            notice=progress.notice,
            wrong="",
            problems=(),
            live=LiveView(progress),
            can=can(actor, progress.notice),
            named=can(actor).names or bool(actor.heads),
        )

    async def people(self, request: Request, visitor: Visitor) -> Response:
        """Recipients by name."""
        asked, notices, actor = request.query_params, self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        office = asked.get("office", "")[:200]
        stand = Stand(asked["stand"]) if asked.get("stand") in list(Stand) else None
        unconfirmed = asked.get("unconfirmed") == "yes"
        found = await notices.standings(actor, notice.id, office=office, stand=stand, unconfirmed=unconfirmed)
        progress = await notices.progress(actor, notice.id)
        pages = max(1, -(-len(found) // _A_PAGE))
        number = min(max(count_of(asked.get("page", "")), 1), pages)
        return self._pages.page(
            "notice_people.html",
            visitor=visitor,
            title=f"宛先ごとの状況：{notice.content.title}",
            notice=notice,
            people=found[(number - 1) * _A_PAGE : number * _A_PAGE],
            found=len(found),
            offices=[name for name, _ in LiveView(progress).offices],
            stands=list(Stand),
            asked={
                "office": office,
                "stand": stand.value if stand else "",
                "unconfirmed": "yes" if unconfirmed else "",
            },
            number=number,
            pages=pages,
            done=_SAID.get(asked.get("done", ""), ""),
            can=can(actor, notice),
        )

    async def confirm_for(self, request: Request, visitor: Visitor) -> Response:
        """代理確認; back to the same place of the list."""
        form, number, notices = await fields(request), number_of(request), self._ports().notices
        try:
            done = await notices.confirm_for(visitor.actor, number, form.get("staff_id", ""))
        except NoticeError as error:  # the page was open while somebody recalled the notice
            notice = await notices.find(visitor.actor, number)
            return await self._shown.page(visitor, notice, problems=error.sentences)
        kept = {name: form.get(name, "")[:200] for name in ("office", "stand", "unconfirmed", "page")}
        return to(number, "/people", **kept, done="confirmed" if done else "confirmed-before")

    async def remind(self, request: Request, visitor: Visitor) -> Response:
        """再通知."""
        return await self._counted(request, visitor, "reminded")

    async def cancel(self, request: Request, visitor: Visitor) -> Response:
        """中止."""
        return await self._counted(request, visitor, "cancelled")

    async def recall(self, request: Request, visitor: Visitor) -> Response:
        """取り消し, with a reason that people read."""
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        reason = (await fields(request)).get("reason", "").strip()
        if not reason:
            problems = ("取り消す理由を書いてください。届いた人が読みます。",)
            return await self._shown.page(visitor, notice, problems=problems, wrong="recall")
        try:
            count = await notices.recall(actor, notice.id, reason)
        except NoticeError as error:
            return await self._shown.page(visitor, notice, problems=error.sentences)
        return to(notice.id, done="recalled", count=str(count))

    async def export(self, request: Request, visitor: Visitor) -> Response:
        """All recipients as an Excel file."""
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        content = await notices.export(actor, notice.id)
        plain = f"notice-{notice.id}.xlsx"
        name = quote(f"お知らせ{notice.id}の状況.xlsx")
        return Response(
            content,
            media_type=_EXCEL,
            headers={"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"},
        )

    async def _counted(self, request: Request, visitor: Visitor, what: str) -> Response:
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        action = notices.remind if what == "reminded" else notices.cancel
        try:
            count = await action(actor, notice.id)
        except NoticeError as error:
            return await self._shown.page(visitor, notice, problems=error.sentences)
        return to(notice.id, done=what, count=str(count))
