"""Every page and form of the notices, by its path; what may not be seen or isn't there gets a page that says so."""

from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.errors import NotPermittedError
from asaka_bot.hr_console.door import Guarded
from asaka_bot.hr_console.list_pages import ListPages
from asaka_bot.hr_console.notice_address import NOTICES
from asaka_bot.hr_console.notice_live_pages import NoticeLivePages
from asaka_bot.hr_console.notice_pages import NoticePages
from asaka_bot.hr_console.notice_send_pages import NoticeSendPages
from asaka_bot.hr_console.notice_write_pages import NoticeWritePages
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.reply_pages import ReplyPages
from asaka_bot.hr_console.sessions import Visitor

_ONE = f"{NOTICES}/{{id}}"


class NoticeRoutes:
    """What is shown and what is done, by path; fixed paths stand before those with an id."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, now: Callable[[], datetime]) -> None:
        self._pages = pages
        self.notices = NoticePages(ports, pages, now)
        self._writing = NoticeWritePages(ports, pages, now)
        self._sending = NoticeSendPages(ports, pages, self.notices)
        self._living = NoticeLivePages(ports, pages, self.notices)
        self._replies = ReplyPages(ports, pages)
        self._lists = ListPages(ports, pages)

    @property
    def shown(self) -> Mapping[str, Guarded]:
        """The pages."""
        return self._kindly(
            {
                NOTICES: self.notices.index,
                f"{NOTICES}/new": self._writing.new,
                f"{NOTICES}/replies": self._replies.show,
                f"{NOTICES}/lists": self._lists.show,
                _ONE: self.notices.show,
                f"{_ONE}/edit": self._writing.edit,
                f"{_ONE}/recipients": self.notices.people,
                f"{_ONE}/submit": self._sending.ask,
                f"{_ONE}/people": self._living.people,
                f"{_ONE}/correct": self._writing.correction,
            }
        )

    @property
    def watched(self) -> Mapping[str, Guarded]:
        """What a page asks for by itself: that nobody is there keeps no session open."""
        return self._kindly({f"{_ONE}/live": self._living.live})

    @property
    def done(self) -> Mapping[str, Guarded]:
        """The forms."""
        return self._kindly(
            {
                f"{NOTICES}/new": self._writing.create,
                f"{NOTICES}/replies/handle": self._replies.handle,
                f"{NOTICES}/lists/keep": self._lists.keep,
                f"{NOTICES}/lists/remove": self._lists.remove,
                f"{_ONE}/edit": self._writing.change,
                f"{_ONE}/copy": self._writing.copy,
                f"{_ONE}/discard": self._writing.discard,
                f"{_ONE}/test": self._sending.test,
                f"{_ONE}/submit": self._sending.submit,
                f"{_ONE}/approve": self._sending.approve,
                f"{_ONE}/send-back": self._sending.send_back,
                f"{_ONE}/review": self._sending.review,
                f"{_ONE}/correct": self._writing.correct,
                f"{_ONE}/cancel": self._living.cancel,
                f"{_ONE}/recall": self._living.recall,
                f"{_ONE}/remind": self._living.remind,
                f"{_ONE}/confirm-for": self._living.confirm_for,
                f"{_ONE}/export": self._living.export,
            }
        )

    def _kindly(self, endpoints: Mapping[str, Guarded]) -> Mapping[str, Guarded]:
        return {path: self._kind(endpoint) for path, endpoint in endpoints.items()}

    def _kind(self, endpoint: Guarded) -> Guarded:
        """The endpoint, whose refusals are pages too."""

        async def kind(request: Request, visitor: Visitor) -> Response:
            try:
                return await endpoint(request, visitor)
            except NotPermittedError as error:
                return self._pages.page(
                    "not_permitted.html",
                    visitor=visitor,
                    status=403,
                    title="この操作はできません",
                    reason=str(error),
                )
            except KeyError:  # there is none of that id, or none that the visitor may see
                return self._pages.page("missing.html", visitor=visitor, status=404, title="ページが見つかりません")

        return kind
