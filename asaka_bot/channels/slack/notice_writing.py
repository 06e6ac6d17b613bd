"""HR writes notices on Slack: form, preview, questions, sending, and how far notices are."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.broadcasts.notice import Notice
from asaka_bot.channels.notice_draft import NEW, Offer, Ready, folded, from_template, start_of, unfolded, written
from asaka_bot.channels.notice_reading import Wrong, problems_of, read
from asaka_bot.channels.notice_summary import in_short, outcome
from asaka_bot.channels.notices import NoticeWriting
from asaka_bot.channels.slack import notice_form, notice_views
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.errands import Errands
from asaka_bot.channels.slack.inbound import COMMAND
from asaka_bot.channels.slack.letters import TROUBLE, said
from asaka_bot.channels.slack.notice_form import Form
from asaka_bot.channels.slack.payload import (
    Payload,
    name_of_press,
    part,
    place_of_command,
    place_of_press,
    team_of,
    word,
)
from asaka_bot.channels.slack.place import Place
from asaka_bot.channels.slack.ports import EventPort
from asaka_bot.channels.slack.speaker import Speaker
from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS
from asaka_bot.errors import AsakaError, NotPermittedError
from asaka_bot.roles import Actor, Permission
from asaka_bot.tokyo import now_in_tokyo

SHORTCUT, WORD, STATUS = "asaka-notice", "お知らせ", "状況"
NOT_YOURS = (
    "お知らせを書けるのは、職員課で作成の権限を持つ人です。必要なときは、権限を管理している担当に頼んでください。"
)
_GONE = "このお知らせが見つかりません。人事コンソールで確かめてください。"
_ACTIONS = re.compile(r"^asaka-notice-(?:template|details|test|keep|rewrite|cancel)(?:\.[0-9]+)?$")
_PATIENCE_SECONDS = 1.5  # Slack waits three for the acknowledgement of a dialog
_LATEST = 5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The dialog that follows; `errors` would stand beside the fields of the present one instead."""

    view: View
    errors: dict[str, str] = field(default_factory=dict)


class NoticeDesk:
    """Who may is the feature's to say: everything here goes through an actor."""

    def __init__(
        self,
        client: AsyncWebClient,
        writing: NoticeWriting,
        speaker: Speaker,
        events: EventPort,
        errands: Errands,
        console_url: str = "",
        now: Callable[[], datetime] = now_in_tokyo,
    ) -> None:
        """`console_url` is the address of the HR console, empty where nobody has stated it."""
        self._client, self._writing, self._speaker, self._events = client, writing, speaker, events
        self._errands, self._console_url, self._now = errands, console_url.rstrip("/"), now

    def listen(self, app: AsyncApp) -> None:
        """Register shortcut, command, buttons and dialogs; before `Inbound`, which takes all other presses."""
        app.shortcut(SHORTCUT)(self._begin)
        app.command(COMMAND, matchers=[_is_about_notices])(self._command)
        app.action(_ACTIONS)(self._press)
        app.view(notice_form.FORM_VIEW)(self._form_sent)
        app.view(notice_views.PREVIEW_VIEW)(self._preview_sent)

    async def _begin(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        place = Place(team=team_of(body), user=word(part(body, "user"), "id"), direct=True)
        await self._errands.attempt(self._open(body, place))

    async def _command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        place = place_of_command(body)
        work = self._show_status if STATUS in word(body, "text").split() else self._open
        await self._errands.attempt(work(body, place))

    async def _open(self, body: Payload, place: Place) -> None:
        if not await self._first(body):
            return
        if await self._writer(place.user) is None:
            await self._speaker.say(place, said(NOT_YOURS))
            return
        form = Form(draft=folded(written(NEW.content, NEW.plan)))
        await self._errands.open(self._client, word(body, "trigger_id"), self._form(form, None))

    async def _show_status(self, body: Payload, place: Place) -> None:
        if not await self._first(body):
            return
        actor = await self._writer(place.user)
        if actor is None:
            await self._speaker.say(place, said(NOT_YOURS))
            return
        notices = await self._writing.latest(actor, _LATEST)
        shown = [(notice, await self._writing.progress(actor, notice.id)) for notice in notices]
        await self._speaker.say(place, notice_views.status(shown))

    async def _form_sent(self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        """The draft is kept before it is shown: whatever happens afterwards, it is not lost."""
        form = notice_form.form_of(view)
        await self._in_time(ack, body, view, self._keep(word(part(body, "user"), "id"), form))

    async def _preview_sent(self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await self._in_time(ack, body, view, self._send(body, view))

    async def _in_time(self, ack: AsyncAck, body: Payload, view: Payload, work: Coroutine[Any, Any, Next]) -> None:
        """Answer a dialog with what follows, or with 「確かめています」 and with what follows later."""
        if not await self._first(body):
            work.close()
            await ack(response_action="update", view=notice_views.waiting_view())
            return
        task = asyncio.ensure_future(self._safely(work))
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if not task.done():
            await ack(response_action="update", view=notice_views.waiting_view())
            self._errands.start(self._later(word(view, "id"), task))
        elif errors := task.result().errors:
            await ack(response_action="errors", errors=errors)
        else:
            await ack(response_action="update", view=task.result().view)

    async def _later(self, view: str, task: "asyncio.Task[Next]") -> None:
        await self._redraw(view, (await task).view)

    async def _safely(self, work: Coroutine[Any, Any, Next]) -> Next:
        try:
            return await work
        except NotPermittedError:
            return Next(view=notice_views.plain_view(NOT_YOURS))
        except AsakaError as error:
            return Next(view=notice_views.plain_view(str(error)))
        except Exception as error:
            _log.error("slack_notice_failed", error=type(error).__name__)
            return Next(view=notice_views.plain_view(TROUBLE))

    async def _keep(self, user: str, form: Form) -> Next:
        actor = await self._writing.actor("slack", user)
        actor.require(Permission.WRITE_NOTICES)
        before = await self._writing.find(actor, form.notice) if form.notice else None
        if form.notice and before is None:
            return Next(view=notice_views.plain_view(_GONE))
        ready = read(form.draft, self._offer(), self._now(), Ready.of(before))
        try:
            if isinstance(ready, Wrong):
                return self._again(form, before, ready)
            if form.notice:
                kept = await self._writing.change(actor, form.notice, form.version, ready.content, ready.plan)
            else:
                kept = await self._writing.create(actor, ready.content, ready.plan)
            return Next(view=await self._preview(actor, kept))
        except NotPermittedError:
            raise
        except AsakaError as error:
            return self._again(form, before, problems_of(error))

    def _again(self, form: Form, before: Notice | None, wrong: Wrong) -> Next:
        """The problems beside their fields; where one of them is folded or has none, the form unfolded below them."""
        draft = form.draft
        if any(getattr(draft, name, "") is None for name in wrong.problems):
            draft = unfolded(draft, self._offer(), Ready.of(before))
        again = self._form(replace(form, draft=draft, turn=form.turn + 1), before, wrong)
        return Next(view=again, errors=notice_form.beside_fields(form, wrong.problems))

    def _offer(self) -> Offer:
        return Offer(templates=self._writing.templates(), topics=self._writing.topics())

    def _form(self, form: Form, before: Notice | None, wrong: Wrong | None = None) -> View:
        offer = self._offer()
        start = start_of(form.draft, offer, Ready.of(before))
        return notice_form.form_view(
            form, offer, wrong.problems if wrong else None, in_short(start.content, start.plan)
        )

    async def _send(self, body: Payload, view: Payload) -> Next:
        user, carried = word(part(body, "user"), "id"), notice_form.metadata_of(view)
        actor = await self._writing.actor("slack", user)
        notice = await self._writing.find(actor, notice_form.number(carried, "n"))
        if notice is None:
            return Next(view=notice_views.plain_view(_GONE))
        agreed = notice_views.agreed_in(view)
        done = await self._writing.submit(actor, notice.id, notice_form.number(carried, "v"), agreed)
        if done.questions:
            message = await self._writing.message(actor, notice.id)
            counts = await self._writing.recipients(actor, notice.plan)
            return Next(view=notice_views.preview_view(notice, message, counts, questions=done.questions))
        text = outcome(done, notice.plan)
        address = f"{self._console_url}/hr/notices/{notice.id}" if self._console_url else ""
        place = Place(team=team_of(body), user=user, direct=True)
        self._errands.start(self._tell(place, notice_views.linked(text, notice.content.title, address)))
        return Next(view=notice_views.plain_view(text))

    async def _tell(self, place: Place, message: Rendered) -> None:
        await self._speaker.say(place, message)

    async def _press(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        await self._errands.attempt(self._pressed(body, action))

    async def _pressed(self, body: Payload, action: Payload) -> None:
        if await self._first(body, word(action, "action_ts")):
            self._errands.start(self._act(body, action))

    async def _act(self, body: Payload, action: Payload) -> None:
        place, view = place_of_press(body), part(body, "view")
        kind = word(action, "action_id").partition(".")[0]
        actor = await self._writer(place.user)
        if actor and kind in (notice_form.TEMPLATE, notice_form.DETAILS):
            await self._redraw(word(view, "id"), await self._in_form(kind, actor, view, action))
            return
        value = word(action, "value")
        known = value.isascii() and value.isdigit() and len(value) < 10
        notice = await self._writing.find(actor, int(value)) if actor and known else None
        if actor is None or notice is None:
            await self._speaker.say(place.in_private, said(NOT_YOURS))
            return
        if kind == notice_views.CANCEL:
            await self._cancel(place, body, actor, notice)
        else:
            await self._redraw(word(view, "id"), (await self._safely(self._in_preview(kind, actor, notice))).view)

    async def _in_preview(self, kind: str, actor: Actor, notice: Notice) -> Next:
        match kind:
            case notice_views.TEST:
                text = await self._writing.test(actor, notice.id)
                return Next(view=await self._preview(actor, notice, text))
            case notice_views.REWRITE:
                draft = folded(written(notice.content, notice.plan))
                form = Form(draft=draft, notice=notice.id, version=notice.version, turn=notice.version)
                return Next(view=self._form(form, notice))
        return Next(view=notice_views.plain_view("下書きに保存しました。人事コンソールからも続きを書けます。"))

    async def _cancel(self, place: Place, body: Payload, actor: Actor, notice: Notice) -> None:
        try:
            text = f"「{notice.content.title}」を中止しました。{await self._writing.cancel(actor, notice.id):,}件の送信を止めました。"
        except AsakaError as error:
            text = str(error)
        alone = Place(team=place.team, user=place.user, response_url=word(body, "response_url"), quiet=True)
        if not (alone.response_url and await self._speaker.say(alone, said(text))):
            await self._speaker.say(place.in_private, said(text))

    async def _in_form(self, kind: str, actor: Actor, view: Payload, action: Payload) -> View:
        """The form with a template's texts, or with くわしい設定; what was typed stays."""
        form, offer = notice_form.form_of(view), self._offer()
        before = await self._writing.find(actor, form.notice) if form.notice else None
        if kind == notice_form.TEMPLATE:
            draft = from_template(form.draft, word(part(action, "selected_option"), "value"), offer.templates)
            return self._form(replace(form, draft=draft, turn=form.turn + 1), before)
        return self._form(replace(form, draft=unfolded(form.draft, offer, Ready.of(before))), before)

    async def _preview(self, actor: Actor, notice: Notice, text: str = "") -> View:
        message = await self._writing.message(actor, notice.id)
        return notice_views.preview_view(notice, message, await self._writing.recipients(actor, notice.plan), text)

    async def _writer(self, user: str) -> Actor | None:
        actor = await self._writing.actor("slack", user)
        return actor if actor.may(Permission.WRITE_NOTICES) else None

    async def _redraw(self, view: str, shown: View) -> None:
        try:
            await self._client.views_update(view_id=view, view=shown)
        except PLATFORM_ERRORS as error:
            _log.warning("slack_dialog_not_updated", error=type(error).__name__)

    async def _first(self, body: Payload, otherwise: str = "") -> bool:
        return await self._events.first_time("slack", name_of_press(body, otherwise))


async def _is_about_notices(body: dict[str, Any]) -> bool:
    return word(body, "text").split()[:1] == [WORD]
