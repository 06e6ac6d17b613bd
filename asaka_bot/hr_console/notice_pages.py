"""Notices: the list, and the page of each one before it is sent."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.broadcasts.notice import Notice, NoticeState
from asaka_bot.broadcasts.staff import normal, office_of, office_text
from asaka_bot.errors import AudienceError
from asaka_bot.hr_console import notice_words
from asaka_bot.hr_console.live_view import LiveView
from asaka_bot.hr_console.notice_address import can, count_of, known_number, number_of, unsealed
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor
from asaka_bot.roles import Actor, Permission

_A_PAGE = 30
_AT_ONCE = 100  # asked of the feature in one go
_MOST_LOOKED_AT = 1_000  # for a state that is rare
_RECIPIENTS_A_PAGE = 50
_MISSED_SHOWN = timedelta(days=14)
_LONGEST_SEARCH = 100
_FILTERS = (("", "すべて"), *((state.value, state.label) for state in NoticeState))
_FROZEN = (NoticeState.AWAITING, NoticeState.SCHEDULED, NoticeState.MISSED, NoticeState.CANCELLED)
_DONE = {
    "saved": "下書きを保存しました。内容と宛先を確かめてください。",
    "copied": "同じ内容で、新しい下書きを作りました。宛先と日時を確かめてください。",
    "sent-back": "差し戻しました。下書きに戻り、作成した人が直せます。",
    "discarded": "下書きを削除しました。",
    "reviewed": "事後確認を記録しました。",
    "confirmed": "代理確認を記録しました。",
    "confirmed-before": "この人は、すでに確認しています。",
}
_COUNTED = {
    "corrected": "訂正しました。{:,}人の文面が新しくなります。",
    "cancelled": "中止しました。まだ送っていない{:,}件は送りません。",
    "recalled": "取り消しました。{:,}件を、取り消しの案内に置き換えます。",
    "reminded": "再通知しました。まだ確認していない{:,}人に、もう一度届きます。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A recipient in the list before anything is sent."""

    staff_id: str
    name: str
    office: str
    title: str
    unreachable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Everybody whom a notice means; `error` says why nobody can tell."""

    rows: tuple[Row, ...] = ()
    error: str = ""

    @property
    def unreachable(self) -> int:
        """How many of them nothing reaches."""
        return sum(bool(row.unreachable) for row in self.rows)

    @property
    def reasons(self) -> Sequence[tuple[str, int]]:
        """Why, the most frequent first."""
        return Counter(row.unreachable for row in self.rows if row.unreachable).most_common()

    @property
    def offices(self) -> Sequence[tuple[str, int]]:
        """How many there are in each 部/課, in order."""
        return list(Counter(office_text(office_of(row.office)[:2]) for row in self.rows).items())


class NoticePages:
    """The pages that only show."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, now: Callable[[], datetime]) -> None:
        self._ports, self._pages, self._now = ports, pages, now

    async def index(self, request: Request, visitor: Visitor) -> Response:
        """What waits for the visitor, then all notices, the newest first."""
        asked, actor = request.query_params, visitor.actor
        state = NoticeState(asked["state"]) if asked.get("state") in list(NoticeState) else None
        before = known_number(asked["before"]) if asked.get("before") else None
        shown = await self._in_state(actor, state, before)
        return self._pages.page(
            "notices.html",
            visitor=visitor,
            title="お知らせ",
            done=_DONE.get(asked.get("done", "")),
            waiting=await self.waiting(actor) if before is None and state is None else (),
            notices=shown[:_A_PAGE],
            older=shown[_A_PAGE - 1].id if len(shown) > _A_PAGE else None,
            before=before,
            state=state.value if state else "",
            filters=_FILTERS,
            templates=self._ports().notices.templates() if can(actor).write else (),
            can=can(actor),
            lines=notice_words,
        )

    async def waiting(self, actor: Actor) -> Sequence[tuple[str, Notice]]:
        """What the actor has to look at, with the reason."""
        if not actor.may(Permission.SEE):
            return ()
        may, found = can(actor), await self._ports().notices.latest(actor, 2 * _AT_ONCE)
        recent = self._now() - _MISSED_SHOWN
        waits: list[tuple[str, Notice]] = []
        for notice in found:
            second = can(actor, notice).second
            if notice.state is NoticeState.AWAITING and second:
                waits.append(("承認待ち", notice))
            elif notice.needs_review and second:
                waits.append(("事後確認", notice))
            elif notice.state is NoticeState.MISSED and may.write and (notice.plan.send_at or notice.made_at) > recent:
                waits.append(("送れず", notice))
        return waits

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """One notice: before it is sent what it will be, afterwards how far it is."""
        notice = await self._ports().notices.find(visitor.actor, number_of(request))
        asked = request.query_params
        said = asked.get("done", "")
        done = notice_words.submitted(notice) if said == "submitted" else _DONE.get(said, "")
        if said in _COUNTED:
            done = _COUNTED[said].format(count_of(asked.get("count", "")))
        if said == "tested":
            where = unsealed(visitor, asked.get("where", ""), asked.get("seal", ""))
            done = "試し送りをしました。" + (where.rstrip("。") + "。" if where else "")
        return await self.page(visitor, notice, done=done)

    async def page(
        self, visitor: Visitor, notice: Notice, *, done: str = "", problems: Sequence[str] = (), wrong: str = ""
    ) -> Response:
        """The page of a notice, with what has been done, or with why it could not be; `wrong` is the form meant."""
        notices, actor = self._ports().notices, visitor.actor
        live = notice.sent_at is not None or notice.state is NoticeState.RECALLED
        seen = actor.may(Permission.SEE)
        return self._pages.page(
            "notice_live.html" if live else "notice.html",
            visitor=visitor,
            status=422 if problems else 200,
            title=notice.content.title,
            notice=notice,
            message=await notices.message(actor, notice.id),
            live=LiveView(await notices.progress(actor, notice.id)) if live else None,
            recipients=await self.recipients(actor, notice) if not live and seen else Recipients(),
            done=done,
            problems=problems,
            wrong=wrong,
            can=can(actor, notice),
            seen=seen,
            lines=notice_words,
        )

    async def people(self, request: Request, visitor: Visitor) -> Response:
        """The exact list of who is meant, before anything is sent."""
        asked, actor = request.query_params, visitor.actor
        actor.require(Permission.SEE_NAMES)
        notice = await self._ports().notices.find(actor, number_of(request))
        recipients = await self.recipients(actor, notice)
        search, only = asked.get("q", "")[:_LONGEST_SEARCH], asked.get("only", "")
        found = [row for row in recipients.rows if _fits(row, search) and (only != "unreachable" or row.unreachable)]
        pages = max(1, -(-len(found) // _RECIPIENTS_A_PAGE))
        number = min(max(count_of(asked.get("page", "")), 1), pages)
        return self._pages.page(
            "notice_recipients.html",
            visitor=visitor,
            title=f"宛先：{notice.content.title}",
            notice=notice,
            recipients=recipients,
            rows=found[(number - 1) * _RECIPIENTS_A_PAGE : number * _RECIPIENTS_A_PAGE],
            found=len(found),
            search=search,
            only=only,
            number=number,
            pages=pages,
        )

    async def recipients(self, actor: Actor, notice: Notice) -> Recipients:
        """Whom a notice means: as frozen with the submission, before that as the plan means it today."""
        notices = self._ports().notices
        if not actor.may(Permission.SEE_NAMES):
            return Recipients()
        if notice.state in _FROZEN and notice.plan.repeat is None:
            frozen = await notices.frozen(actor, notice.id)
            rows = tuple(
                Row(
                    staff_id=each.staff_id,
                    name=each.name,
                    office=each.office,
                    title=each.title,
                    unreachable=each.reason,
                )
                for each in frozen
            )
            return Recipients(rows=rows)
        try:
            found = await notices.recipients(actor, notice.plan)
        except AudienceError as error:
            return Recipients(error=str(error))
        rows = tuple(
            Row(
                staff_id=each.person.staff_id,
                name=each.person.name,
                office=office_text(each.person.office),
                title=each.person.title,
                unreachable=each.unreachable,
            )
            for each in found
        )
        return Recipients(rows=rows)

    async def _in_state(self, actor: Actor, state: NoticeState | None, before: int | None) -> list[Notice]:
        """A page of notices and one more, of one state."""
        notices = self._ports().notices
        found: list[Notice] = []
        for _ in range(_MOST_LOOKED_AT // _AT_ONCE):
            some = await notices.latest(actor, _AT_ONCE, before)
            found += [notice for notice in some if state in (None, notice.state)]
            if len(found) > _A_PAGE or len(some) < _AT_ONCE:
                break
            before = some[-1].id
        return found[: _A_PAGE + 1]


def _fits(row: Row, search: str) -> bool:
    texts = (row.name.replace(" ", "").casefold(), row.office.casefold(), row.title.casefold())
    return all(
        row.staff_id.casefold().startswith(word) or any(word in text for text in texts)
        for word in normal(search).casefold().split()
    )
