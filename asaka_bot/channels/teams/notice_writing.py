"""HR writes notices on Teams, in the personal chat alone: form, preview, questions, sending, and how far notices are."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from asaka_bot.broadcasts.notice import Notice
from asaka_bot.channels.notice_draft import NEW, Draft, Offer, Ready, from_template, start_of, unfolded, written
from asaka_bot.channels.notice_reading import Wrong, problems_of, read
from asaka_bot.channels.notice_summary import in_short, outcome
from asaka_bot.channels.notices import NoticeWriting
from asaka_bot.channels.teams import notice_cards, notice_form
from asaka_bot.channels.teams.inbound import Kind, Person, Place
from asaka_bot.channels.teams.menus import TROUBLE
from asaka_bot.channels.teams.notice_cards import said_card
from asaka_bot.channels.teams.parts import Shown
from asaka_bot.channels.teams.ports import CHANNEL
from asaka_bot.channels.teams.pressed import Step, Write
from asaka_bot.errors import AsakaError, NotPermittedError
from asaka_bot.roles import Actor, Permission

NOT_YOURS = (
    "お知らせを書けるのは、職員課で作成の権限を持つ人です。必要なときは、権限を管理している担当に頼んでください。"
)
IN_PERSON = "お知らせは、このボットとの個人チャットで書いてください。"
_GONE = "このお知らせが見つかりません。人事コンソールで確かめてください。"
_LATEST = 5

log = structlog.get_logger(__name__)


class NoticeDesk:
    """Who may is the feature's to say: everything here goes through an actor."""

    def __init__(self, writing: NoticeWriting, now: Callable[[], datetime], console_url: str = "") -> None:
        """`console_url` is the address of the HR console, empty where nobody has stated it."""
        self._writing, self._now, self._console_url = writing, now, console_url.rstrip("/")

    async def may(self, place: Place, person: Person) -> bool:
        """Whether the menu offers it."""
        if place.kind is not Kind.PERSONAL:
            return False
        try:
            return (await self._writing.actor(CHANNEL, person.user)).may(Permission.WRITE_NOTICES)
        except Exception as error:  # the menu is worth having without it
            log.warning("teams.actor_unknown", error=type(error).__name__)
            return False

    async def step(self, place: Place, person: Person, press: Write) -> Shown | str:
        """What follows a step; what goes wrong is said, and logged by its type."""
        if place.kind is not Kind.PERSONAL:
            return IN_PERSON
        try:
            actor = await self._writing.actor(CHANNEL, person.user)
            actor.require(Permission.WRITE_NOTICES)
            return await self._step(actor, press)
        except NotPermittedError:
            return said_card(NOT_YOURS)
        except AsakaError as error:
            return said_card(str(error))
        except Exception as error:
            log.error("teams.notice_failed", error=type(error).__name__)
            return TROUBLE

    async def _step(self, actor: Actor, press: Write) -> Shown:
        match press.step:
            case Step.FORM:
                return self._form(written(NEW.content, NEW.plan), press, None)
            case Step.STATUS:
                return await self._status(actor)
            case Step.TEMPLATE:
                return await self._from_template(actor, press)
            case Step.CHECK:
                return await self._check(actor, press)
        notice = await self._writing.find(actor, press.notice)
        return said_card(_GONE) if notice is None else await self._go_on(actor, notice, press)

    async def _go_on(self, actor: Actor, notice: Notice, press: Write) -> Shown:
        match press.step:
            case Step.SEND:
                return await self._send(actor, notice, press)
            case Step.TEST:
                return await self._preview(actor, notice, await self._writing.test(actor, notice.id))
            case Step.REWRITE:
                now = replace(press, version=notice.version)
                return self._form(written(notice.content, notice.plan), now, notice)
            case Step.CANCEL:
                stopped = await self._writing.cancel(actor, notice.id)
                return await self._status(
                    actor, f"「{notice.content.title}」を中止しました。{stopped:,}件の送信を止めました。"
                )
        return said_card("下書きに保存しました。人事コンソールからも続きを書けます。", self._address(notice))

    async def _from_template(self, actor: Actor, press: Write) -> Shown:
        """The choice stands in the same form as the texts, so that nobody knows which template was there before."""
        before = await self._writing.find(actor, press.notice) if press.notice else None
        typed = notice_form.draft_of(press.fields)
        draft = from_template(replace(typed, template=""), typed.template, self._writing.templates())
        return self._form(draft, press, before)

    async def _check(self, actor: Actor, press: Write) -> Shown:
        """The draft is kept before it is shown: whatever happens afterwards, it is not lost."""
        draft = notice_form.draft_of(press.fields)
        before = await self._writing.find(actor, press.notice) if press.notice else None
        if press.notice and before is None:
            return said_card(_GONE)
        ready = read(draft, self._offer(), self._now(), Ready.of(before))
        try:
            if isinstance(ready, Wrong):
                problems = ready.problems
            elif press.notice:
                kept = await self._writing.change(actor, press.notice, press.version, ready.content, ready.plan)
                return await self._preview(actor, kept)
            else:
                return await self._preview(actor, await self._writing.create(actor, ready.content, ready.plan))
        except NotPermittedError:
            raise
        except AsakaError as error:
            problems = problems_of(error).problems
        return self._form(draft, press, before, problems)

    def _offer(self) -> Offer:
        return Offer(templates=self._writing.templates(), topics=self._writing.topics())

    def _form(
        self, draft: Draft, press: Write, before: Notice | None, problems: Mapping[str, str] | None = None
    ) -> Shown:
        offer, base = self._offer(), Ready.of(before)
        start = start_of(draft, offer, base)
        return notice_form.form(
            unfolded(draft, offer, base),
            offer,
            problems,
            notice=press.notice,
            version=press.version,
            more=in_short(start.content, start.plan),
        )

    async def _send(self, actor: Actor, notice: Notice, press: Write) -> Shown:
        done = await self._writing.submit(actor, notice.id, press.version, notice_cards.agreed_in(press.fields))
        if not done.questions:
            return said_card(f"「{notice.content.title}」：{outcome(done, notice.plan)}", self._address(notice))
        message = await self._writing.message(actor, notice.id)
        counts = await self._writing.recipients(actor, notice.plan)
        return notice_cards.preview_card(notice, message, counts, questions=done.questions)

    async def _preview(self, actor: Actor, notice: Notice, said: str = "") -> Shown:
        message = await self._writing.message(actor, notice.id)
        return notice_cards.preview_card(notice, message, await self._writing.recipients(actor, notice.plan), said)

    async def _status(self, actor: Actor, said: str = "") -> Shown:
        notices = await self._writing.latest(actor, _LATEST)
        return notice_cards.status([(each, await self._writing.progress(actor, each.id)) for each in notices], said)

    def _address(self, notice: Notice) -> str:
        return f"{self._console_url}/hr/notices/{notice.id}" if self._console_url else ""
