"""HR's notices from the first word to the moment they leave: drafts, trials, approval, correction, recall."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from asaka_bot.app.notice_follow_up import NoticeFollowUp
from asaka_bot.app.notice_people import Today
from asaka_bot.app.notice_times import next_time
from asaka_bot.broadcasts.audience import Recipient
from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan, Question, Submitted, Template
from asaka_bot.broadcasts.notice_checks import (
    duplicate_question,
    problems,
    quiet_question,
    shape_problems,
    unreachable_question,
)
from asaka_bot.broadcasts.notice_templates import TEMPLATES
from asaka_bot.broadcasts.notice_wording import recalled
from asaka_bot.errors import NoticeError, Problem
from asaka_bot.outgoing import Address, Message
from asaka_bot.roles import Actor, Permission
from asaka_bot.store.notice_sending import Parcel
from asaka_bot.store.notices import Submission

_TO_HR_ITSELF = Address(channel="web", to="hr-test")
_TEST_LEAVES_WITHIN = timedelta(hours=1)
_LONGEST_REASON = 200
_PLACES = {"slack": "Slack", "teams": "Teams", "web": "Webチャット"}
_EDITABLE = (NoticeState.DRAFT, NoticeState.AWAITING, NoticeState.MISSED)


class NoticeDesk(NoticeFollowUp):
    """Implements `hr_console.notice_ports.Notices`; the chats write through `channels.notices.NoticeWriting`."""

    def templates(self) -> Sequence[Template]:
        """What to start from."""
        return TEMPLATES

    def topics(self) -> Sequence[tuple[str, str]]:
        """The bot's topics (id, title) to link to."""
        return list(self._parts.topics.items())

    async def create(self, actor: Actor, content: Content, plan: Plan) -> Notice:
        """Keep a draft. Only its shape is checked; whether it may leave, `submit` says."""
        actor.require(Permission.WRITE_NOTICES)
        _refuse(shape_problems(content, plan))
        return await self._parts.store.create(content, plan, actor.person)

    async def change(self, actor: Actor, notice: int, version: int, content: Content, plan: Plan) -> Notice:
        """Keep a draft's new text; one that awaits approval becomes a draft again."""
        actor.require(Permission.WRITE_NOTICES)
        _refuse(shape_problems(content, plan))
        await self.find(actor, notice)
        return await self._parts.store.change(notice, version, content, plan, actor.person)

    async def copy(self, actor: Actor, notice: int) -> Notice:
        """A new draft with the same text and audience; moments and deadlines are to be set anew."""
        found = await self.find(actor, notice)
        content, plan = replace(found.content, respond_by=None), replace(found.plan, send_at=None, repeat=None)
        return await self.create(actor, content, plan)

    async def discard(self, actor: Actor, notice: int) -> None:
        """Remove a draft."""
        actor.require(Permission.WRITE_NOTICES)
        await self._parts.store.discard(notice, actor.person)

    async def message(self, actor: Actor, notice: int) -> Message:
        """The notice as people will read it."""
        return self._parts.message((await self.find(actor, notice)).content)

    async def recipients(self, actor: Actor, plan: Plan) -> Sequence[Recipient]:
        """Exactly whom the plan means today, with who is unreachable and why."""
        actor.require(Permission.SEE_NAMES)
        return (await self._parts.people.today()).recipients(plan)

    async def test(self, actor: Actor, notice: int) -> str:
        """Send it to the actor alone; where to, as a sentence."""
        actor.require(Permission.WRITE_NOTICES)
        message = await self.message(actor, notice)
        to = await self._parts.people.addresses_of(actor.person) or (_TO_HR_ITSELF,)
        until = await self._parts.store.now() + _TEST_LEAVES_WITHIN
        await self._parts.sending.test(notice, message, to, by=actor.person, until=until)
        self._parts.wake()
        places = "と".join(dict.fromkeys(_PLACES[address.channel] for address in to))
        return (
            f"{places}に試し送りしました。" if to[0] != _TO_HR_ITSELF else "ホームの「届いたもの」に試し送りしました。"
        )

    async def submit(self, actor: Actor, notice: int, version: int, agreed: frozenset[str]) -> Submitted:
        """Send it, plan it, or ask for approval; with questions that are not in `agreed`, nothing happens yet."""
        actor.require(Permission.WRITE_NOTICES)
        found, now = await self.find(actor, notice), await self._parts.store.now()
        if found.version != version or found.state not in _EDITABLE:
            raise NoticeError("ほかの人が変えたか、もう送ったお知らせです。開き直して、いまの内容を確かめてください")
        _refuse(problems(found.content, found.plan, now))
        today = await self._parts.people.today()
        recipients = today.recipients(found.plan, urgent=found.content.urgent)
        if not recipients and not found.plan.posts:
            raise NoticeError(Problem(field="audience", text="宛先にあたる人がいません。宛先を直してください"))
        questions = [each for each in await self._questions(found, recipients, now) if each.id not in agreed]
        if questions:
            return Submitted(state=found.state, recipients=len(recipients), questions=tuple(questions))
        state = await self._accept(actor, found, today, recipients, agreed, now)
        self._parts.wake()
        return Submitted(state=state, recipients=len(recipients))

    async def _questions(self, notice: Notice, recipients: Sequence[Recipient], now: datetime) -> Sequence[Question]:
        unreachable = sum(bool(each.unreachable) for each in recipients)
        asked = (
            quiet_question(notice.plan, notice.content.urgent, now, self._parts.hours),
            duplicate_question(await self._parts.store.same_text(notice.id, notice.content)),
            unreachable_question(unreachable, len(recipients)),
        )
        return [question for question in asked if question is not None]

    async def _accept(
        self,
        actor: Actor,
        notice: Notice,
        today: Today,
        recipients: Sequence[Recipient],
        agreed: frozenset[str],
        now: datetime,
    ) -> NoticeState:
        rules = await self._parts.rules()
        needs_approval = not notice.content.urgent and (
            len(recipients) > rules.approval_above or bool(notice.plan.posts)
        )
        due_at = self._due_at(notice.plan, now)
        state = NoticeState.AWAITING if needs_approval else NoticeState.SCHEDULED
        submission = Submission(
            state=state, due_at=None if needs_approval else due_at, recipients=recipients, agreed=agreed
        )
        await self._parts.store.submit(notice.id, notice.version, submission, actor.person)
        at_once = notice.plan.send_at is None and notice.plan.repeat is None
        if needs_approval or not at_once:
            return state
        # It is scheduled for this moment: were this process to end here, the clock would send it, and it may be faster.
        try:
            await self._send(notice, notice.version + 1, today, actor)
        except NoticeError:
            return (await self._parts.store.find(notice.id)).state
        return NoticeState.SENT

    def _due_at(self, plan: Plan, now: datetime) -> datetime:
        if plan.repeat is None:
            return plan.send_at or now
        first = next_time(plan.repeat, now, self._parts.calendar)
        if first is None:
            text = "この繰り返しでは、送る日が1日もありません。曜日と終わりの日を確かめてください"
            raise NoticeError(Problem(field="repeat", text=text))
        return first

    async def _send(self, notice: Notice, version: int, today: Today, actor: Actor) -> None:
        content = notice.content
        parcel = Parcel(message=self._parts.message(content), posts=notice.plan.posts, urgent=content.urgent)
        await self._parts.sending.send(
            notice.id,
            version,
            parcel,
            lambda staff_id: today.reach(staff_id, urgent=content.urgent),
            of=(NoticeState.SCHEDULED,),
            by=actor.person,
        )

    async def approve(self, actor: Actor, notice: int, version: int) -> Notice:
        """A second person lets it leave: at its time, at once, or where that would be outside of hours, in the morning."""
        found = await self._second_person(actor, notice)
        now, agreed = await self._parts.store.now(), await self._parts.store.agreed(notice)
        _refuse(problems(found.content, found.plan, now))
        due_at = self._due_at(found.plan, now)
        if found.plan.send_at is None and found.plan.repeat is None and "quiet-hours" not in agreed:
            due_at = self._parts.hours.next(now)
        await self._parts.store.approve(notice, version, due_at, actor.person)
        if due_at <= now:
            with contextlib.suppress(NoticeError):  # the clock was faster
                await self._send(found, version + 1, await self._parts.people.today(), actor)
        self._parts.wake()
        return await self._parts.store.find(notice)

    async def send_back(self, actor: Actor, notice: int, version: int, reason: str) -> Notice:
        """A second person makes it a draft again."""
        await self._second_person(actor, notice)
        await self._parts.store.send_back(notice, version, reason.strip()[:_LONGEST_REASON], actor.person)
        return await self._parts.store.find(notice)

    async def review(self, actor: Actor, notice: int) -> None:
        """A second person has looked at an urgent notice that left without approval."""
        await self._second_person(actor, notice)
        await self._parts.store.review(notice, actor.person)

    async def _second_person(self, actor: Actor, notice: int) -> Notice:
        actor.require(Permission.APPROVE_NOTICES)
        found = await self.find(actor, notice)
        if actor.person in (found.made_by, found.submitted_by):
            raise NoticeError("自分が書いたり出したりしたお知らせは、承認できません。ほかの人に頼んでください")
        return found

    async def edit_sent(self, actor: Actor, notice: int, version: int, content: Content) -> int:
        """Change what was sent: what waits leaves with the new text, what arrived is replaced; how many of these."""
        actor.require(Permission.WRITE_NOTICES)
        found, now = await self.find(actor, notice), await self._parts.store.now()
        if found.sent_at is None:
            raise NoticeError("まだ送っていないお知らせです。下書きとして直してください")
        if content.answers != found.content.answers:
            text = "送ったあとは、回答のボタンを変えられません。取り消して、新しく送ってください"
            raise NoticeError(Problem(field="answers", text=text))
        plan = Plan(audience=found.plan.audience, posts=found.plan.posts)
        checked = replace(content, respond_by=None) if content.respond_by == found.content.respond_by else content
        # What is as it was may be more than can be written now: an older version took longer answers.
        _refuse([each for each in problems(checked, plan, now) if each.field != "answers"])
        texts = await self._parts.texts(found, content)
        replaced = await self._parts.sending.edit(
            notice, version, content, texts, self._parts.replaceable, by=actor.person
        )
        self._parts.wake()
        return replaced

    async def cancel(self, actor: Actor, notice: int) -> int:
        """Stop what has not left, now and on later days; how many deliveries that were."""
        actor.require(Permission.WRITE_NOTICES)
        await self.find(actor, notice)
        return await self._parts.sending.cancel(notice, by=actor.person)

    async def recall(self, actor: Actor, notice: int, reason: str) -> int:
        """Stop what has not left, and replace what has arrived; how many of these."""
        actor.require(Permission.WRITE_NOTICES)
        found = await self.find(actor, notice)
        if found.sent_at is None:
            raise NoticeError("まだ送っていないお知らせです。中止してください")
        why = reason.strip()[:_LONGEST_REASON]
        texts = await self._parts.texts(found, found.content)
        gone = {number: recalled(message, why) for number, message in texts.items()}
        replaced = await self._parts.sending.recall(notice, why, gone, self._parts.replaceable, by=actor.person)
        self._parts.wake()
        return replaced


def _refuse(found: Sequence[Problem]) -> None:
    if found:
        raise NoticeError(*found)
