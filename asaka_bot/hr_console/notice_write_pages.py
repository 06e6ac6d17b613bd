"""Writing a notice: a new one from a template, a draft's changes, the correction of what was sent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.broadcasts import notice_repeats
from asaka_bot.broadcasts.audience_text import HOW
from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan
from asaka_bot.broadcasts.staff import Employment, Position, office_text
from asaka_bot.errors import AudienceError, NoticeError
from asaka_bot.hr_console import notice_form
from asaka_bot.hr_console.notice_address import NOTICES, known_number, number_of, to
from asaka_bot.hr_console.notice_form import NoticeForm
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor
from asaka_bot.outgoing import LANGUAGES
from asaka_bot.roles import Permission

_EDITABLE = (NoticeState.DRAFT, NoticeState.AWAITING, NoticeState.MISSED)
_OVERTAKEN = (
    "あなたが書いているあいだに、ほかの人がこのお知らせを変えました。下は、あなたが入力した内容です。"
    "もう一度保存すると、この内容に置き換わります"
)


class NoticeWritePages:
    """The form, over and over until it is right; nothing typed is ever lost."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages, now: Callable[[], datetime]) -> None:
        self._ports, self._pages, self._now = ports, pages, now

    async def new(self, request: Request, visitor: Visitor) -> Response:
        """An empty form, or one that a template has begun."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        wanted = request.query_params.get("template", "")
        found = next((each for each in self._ports().notices.templates() if each.id == wanted), None)
        content, plan = (found.content, found.plan) if found else (Content(title="", body=""), Plan())
        return await self._page(visitor, notice_form.filled(content, plan))

    async def create(self, request: Request, visitor: Visitor) -> Response:
        """Keep a new draft, or show the form again."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        form, asks = await self._read(request)
        if form.errors or asks:
            return await self._page(visitor, form, check=asks)
        try:
            made = await self._ports().notices.create(visitor.actor, form.content, form.plan)
        except (NoticeError, AudienceError) as error:
            form, problems = notice_form.refused(form, error)
            return await self._page(visitor, form, problems=problems)
        return to(made.id, done="saved")

    async def edit(self, request: Request, visitor: Visitor) -> Response:
        """The form of a draft."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        notice = await self._ports().notices.find(visitor.actor, number_of(request))
        if notice.state not in _EDITABLE:
            return to(notice.id)
        return await self._page(visitor, notice_form.filled(notice.content, notice.plan), notice=notice)

    async def change(self, request: Request, visitor: Visitor) -> Response:
        """Keep a draft's changes, or show the form again."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        form, asks = await self._read(request)
        version = await _version(request)
        if form.errors or asks:
            return await self._page(visitor, form, notice=replace(notice, version=version), check=asks)
        try:
            await notices.change(actor, notice.id, version, form.content, form.plan)
        except (NoticeError, AudienceError) as error:
            form, problems = notice_form.refused(form, error)
            overtaken = version != notice.version and notice.state in _EDITABLE
            return await self._page(visitor, form, notice=notice, problems=[_OVERTAKEN] if overtaken else problems)
        return to(notice.id, done="saved")

    async def correction(self, request: Request, visitor: Visitor) -> Response:
        """The form for the text of what was sent."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        notice = await self._ports().notices.find(visitor.actor, number_of(request))
        if notice.state is not NoticeState.SENT:
            return to(notice.id)
        return await self._page(visitor, notice_form.filled(notice.content, notice.plan), notice=notice, sent=True)

    async def correct(self, request: Request, visitor: Visitor) -> Response:
        """Change what was sent, or show the form again."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        notices, actor = self._ports().notices, visitor.actor
        notice = await notices.find(actor, number_of(request))
        form = notice_form.read(await request.form(), notices.topics(), self._today(), sent=notice.content)
        version = await _version(request)
        if form.errors:
            return await self._page(visitor, form, notice=replace(notice, version=version), sent=True)
        try:
            count = await notices.edit_sent(actor, notice.id, version, form.content)
        except NoticeError as error:
            form, problems = notice_form.refused(form, error, timed=False)
            if version != notice.version and notice.state is NoticeState.SENT:
                problems = [_OVERTAKEN]
            return await self._page(visitor, form, notice=notice, sent=True, problems=problems)
        return to(notice.id, done="corrected", count=str(count))

    async def copy(self, request: Request, visitor: Visitor) -> Response:
        """A new draft with the same content."""
        made = await self._ports().notices.copy(visitor.actor, number_of(request))
        return to(made.id, done="copied")

    async def discard(self, request: Request, visitor: Visitor) -> Response:
        """Remove a draft; one that has left meanwhile shows itself."""
        number = number_of(request)
        try:
            await self._ports().notices.discard(visitor.actor, number)
        except NoticeError:
            return to(number)
        return RedirectResponse(f"{NOTICES}?done=discarded", status_code=303)

    async def _read(self, request: Request) -> tuple[NoticeForm, bool]:
        """The form, and whether the person only wants to know whom the audience means."""
        form = await request.form()
        return notice_form.read(form, self._ports().notices.topics(), self._today()), form.get("action") == "check"

    async def _page(
        self,
        visitor: Visitor,
        form: NoticeForm,
        *,
        notice: Notice | None = None,
        sent: bool = False,
        check: bool = False,
        problems: Sequence[str] = (),
    ) -> Response:
        ports = self._ports()
        counted = ""
        if check:  # nobody is told of an empty title while they are only counting
            form = replace(form, errors={name: text for name, text in form.errors.items() if name == "audience"})
        if check and not form.errors:
            form, counted = await self._counted(visitor, form)
        wrong = bool(form.errors or problems)
        name = "お知らせの訂正" if sent else "お知らせを直す" if notice else "新しいお知らせ"
        people = () if sent else await ports.staff.people(visitor.actor)
        offices = {person.office[:depth] for person in people for depth in range(1, len(person.office) + 1)}
        return self._pages.page(
            "notice_form.html",
            visitor=visitor,
            status=422 if wrong else 200,
            title=f"入力の誤り：{name}" if wrong else name,
            heading=name,
            form=form,
            notice=notice,
            sent=sent,
            problems=problems,
            counted=counted,
            topics=ports.notices.topics(),
            lists=() if sent else await ports.notices.lists(visitor.actor),
            offices=[office_text(office) for office in sorted(offices)],
            workplaces=sorted({person.workplace for person in people if person.workplace}),
            positions=list(Position),
            employments=list(Employment),
            languages=LANGUAGES,
            most=notice_form,
            times=notice_repeats,
            weekday_options=[(str(number), name) for number, name in enumerate(notice_repeats.WEEKDAYS)],
            number_options=[(str(number), name) for number, name in notice_repeats.NUMBERS.items()],
            how=HOW,
        )

    async def _counted(self, visitor: Visitor, form: NoticeForm) -> tuple[NoticeForm, str]:
        """How many people the audience means today; an audience that nobody has stands at its field."""
        if not form.plan.audience:
            return form, "宛先が空です。人に送るときは、宛先を入力してください。"
        try:
            found = await self._ports().notices.recipients(visitor.actor, form.plan)
        except AudienceError as error:
            return notice_form.refused(form, error)[0], ""
        missing = sum(not each.addresses for each in found)
        return form, f"いまの宛先は{len(found):,}人です。" + (
            f"このうち{missing:,}人には届きません。" if missing else ""
        )

    def _today(self) -> date:
        return self._now().date()


async def _version(request: Request) -> int:
    """The version that the form was made from."""
    written = (await request.form()).get("version", "")
    return known_number(written if isinstance(written, str) else "")
