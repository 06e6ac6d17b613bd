"""What HR learns of a notice that was sent, and does about it: figures, names, 再通知, 代理確認, replies, lists."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields

from asaka_bot.app.notice_parts import NoticeParts
from asaka_bot.broadcasts.notice import (
    NamedList,
    Notice,
    NoticeReply,
    NoticeState,
    Progress,
    Stand,
    Standing,
    Tally,
)
from asaka_bot.broadcasts.staff import Office, normal, office_of
from asaka_bot.errors import NoticeError, NotPermittedError, Problem
from asaka_bot.roles import Actor, Permission
from asaka_bot.store.notice_sending import Parcel

_LONGEST_LIST_NAME = 60
_MOST_UNKNOWN = 10  # numbers named in an error


class NoticeFollowUp:
    """The reading half of `hr_console.notice_ports.Notices`, and what is done after the sending."""

    def __init__(self, parts: NoticeParts) -> None:
        self._parts = parts

    async def latest(self, actor: Actor, limit: int, before: int | None = None) -> Sequence[Notice]:
        """The newest first. 所属長 see those that went to their office."""
        return await self._parts.store.latest(limit, before, _seen_by(actor))

    async def find(self, actor: Actor, notice: int) -> Notice:
        """One notice that the actor may see."""
        office = _seen_by(actor)
        found = await self._parts.store.find(notice)
        if office and (found.sent_at is None or not await self._parts.store.goes_to(notice, office)):
            raise KeyError(notice)
        return found

    async def progress(self, actor: Actor, notice: int) -> Progress:
        """The live page's figures; 所属長 without a role of HR see their own office alone."""
        found, office = await self.find(actor, notice), _seen_by(actor)
        counts = self._parts.progress
        offices = await counts.tallies(notice, office)
        chosen = await counts.answers(notice, office)
        total = _sum([tally for _office, tally in offices])
        troubled = total.held + total.dead + total.unreachable
        return Progress(
            notice=found,
            total=total,
            offices=tuple(offices),
            reasons=tuple(await counts.reasons(notice, office)) if troubled else (),
            answers=tuple((text, chosen.get(place, 0)) for place, text in enumerate(found.content.answers, start=1)),
            from_posts=0 if office else await counts.from_posts(notice),
            seconds_left=await self._seconds_left(notice) if total.waiting else None,
            can_remind=await self._cannot_remind(found, total),
            own_office=office,
            rounds=tuple(await counts.rounds(notice, office)) if found.rounds else (),
        )

    async def _seconds_left(self, notice: int) -> float:
        """By the platforms' budgets, with all that waits before the notice's last delivery."""
        longest = 0.0
        for channel, count in (await self._parts.progress.ahead_of(notice)).items():
            traits = self._parts.traits.get(channel)
            if traits is not None and traits.per_second:
                longest = max(longest, count / traits.per_second)
        return longest

    async def _cannot_remind(self, notice: Notice, total: Tally) -> str:
        rules, now = await self._parts.rules(), await self._parts.store.now()
        against = (
            (notice.state is not NoticeState.SENT or notice.sent_at is None, "送ったお知らせだけ、再通知できます"),
            (not notice.content.wants_response, "確認や回答のボタンがないお知らせです"),
            (notice.rounds >= rules.most_rounds, f"再通知は{rules.most_rounds}回までです"),
            (not total.unconfirmed, "全員が確認しました"),
            (total.waiting > 0, "まだ送っている途中です。送り終わってからにしてください"),
            (not self._parts.hours.are_on(now), "再通知は、開庁日の8時30分から17時15分までにできます"),
        )
        return next((why for applies, why in against if applies), "")

    async def remind(self, actor: Actor, notice: int) -> int:
        """再通知: once more to those who have not confirmed; how many people."""
        actor.require(Permission.FOLLOW_UP)
        progress = await self.progress(actor, notice)
        if progress.can_remind:
            raise NoticeError(progress.can_remind)
        today, content = await self._parts.people.today(), progress.notice.content
        people = await self._parts.sending.remind(
            notice,
            progress.notice.rounds + 1,
            Parcel(message=self._parts.message(content, again=True)),
            lambda staff_id: today.reach(staff_id, urgent=content.urgent),
            by=actor.person,
        )
        self._parts.wake()
        return people

    async def confirm_for(self, actor: Actor, notice: int, staff_id: str) -> bool:
        """代理確認; False where the person has confirmed already."""
        actor.require(Permission.FOLLOW_UP)
        found = await self.find(actor, notice)
        if found.state is not NoticeState.SENT or not found.content.wants_response:
            raise NoticeError("確認を求めて送ったお知らせだけ、代わりに確認できます")
        return await self._parts.receipts.confirm_for(notice, staff_id, actor.person)

    async def standings(
        self, actor: Actor, notice: int, *, office: str = "", stand: Stand | None = None, unconfirmed: bool = False
    ) -> Sequence[Standing]:
        """Recipients by name, by office and number; needs SEE_NAMES, or to lead the office."""
        found, own = await self.find(actor, notice), _seen_by(actor)
        if not own:
            actor.require(Permission.SEE_NAMES)
        asked = office_of(office) or own
        if own and asked[: len(own)] != own:
            raise NotPermittedError("ほかの所属の名前は見られません")
        everybody = await self._parts.progress.standings(notice, asked, answers=found.content.answers)
        return [
            each
            for each in everybody
            if (stand is None or each.stand is stand) and not (unconfirmed and each.confirmed_at)
        ]

    async def frozen(self, actor: Actor, notice: int) -> Sequence[Standing]:
        """The recipients as they were frozen with the submission, for whoever approves."""
        actor.require(Permission.SEE_NAMES)
        return await self._parts.progress.standings(notice)

    async def export(self, actor: Actor, notice: int) -> bytes:
        """All recipients as an Excel file (.xlsx) in which no text is a formula."""
        from asaka_bot.broadcasts.receipt_sheet import sheet  # openpyxl, which only Excel files need

        actor.require(Permission.FOLLOW_UP)
        actor.require(Permission.SEE_NAMES)
        found = await self.find(actor, notice)
        everybody = await self._parts.progress.standings(notice, answers=found.content.answers)
        await self._parts.progress.exported(notice, len(everybody), actor.person)
        return await asyncio.to_thread(sheet, found, everybody)  # 10,000 rows take a second

    async def replies(self, actor: Actor, *, handled: bool, limit: int) -> Sequence[NoticeReply]:
        """What people wrote back, the newest first."""
        actor.require(Permission.FOLLOW_UP)
        return await self._parts.replies.latest(handled=handled, limit=limit)

    async def handle_reply(self, actor: Actor, reply: int) -> bool:
        """Mark a reply as dealt with; False where somebody did so before."""
        actor.require(Permission.FOLLOW_UP)
        return await self._parts.replies.handle(reply, actor.person)

    async def lists(self, actor: Actor) -> Sequence[NamedList]:
        """The named lists, by name."""
        actor.require(Permission.SEE_NAMES)
        return await self._parts.lists.all()

    async def keep_list(self, actor: Actor, name: str, staff_ids: Sequence[str]) -> None:
        """Make a list, or give it other members. Raises `NoticeError` for numbers that nobody has."""
        actor.require(Permission.WRITE_NOTICES)
        name = normal(name)
        if not name or len(name) > _LONGEST_LIST_NAME or '"' in name:
            text = f"名簿の名前は、{_LONGEST_LIST_NAME}文字までで、引用符を使わずにつけてください"
            raise NoticeError(Problem(field="name", text=text))
        if not staff_ids:
            raise NoticeError(Problem(field="numbers", text="職員番号を1つ以上書いてください"))
        people = (await self._parts.people.today()).people
        unknown = [each for each in staff_ids if each not in people]
        if unknown:
            named = "、".join(unknown[:_MOST_UNKNOWN]) + ("など" if len(unknown) > _MOST_UNKNOWN else "")
            text = f"名簿にない職員番号があります（{named}）。番号を確かめてください"
            raise NoticeError(Problem(field="numbers", text=text))
        await self._parts.lists.keep(name, staff_ids, actor.person)

    async def remove_list(self, actor: Actor, name: str) -> None:
        """Remove a list; notices that name it must be given another audience before they leave."""
        actor.require(Permission.WRITE_NOTICES)
        await self._parts.lists.remove(name, actor.person)


def _seen_by(actor: Actor) -> Office:
    """The only office that the actor may see; empty: all of them. Raises `NotPermittedError` for everybody else."""
    if actor.may(Permission.SEE):
        return ()
    if actor.heads:
        return actor.heads
    actor.require(Permission.SEE)
    return ()


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(**{each.name: sum(getattr(tally, each.name) for tally in tallies) for each in fields(Tally)})
