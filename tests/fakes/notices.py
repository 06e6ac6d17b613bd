"""Notices in memory, which behave as the port's docstrings say; nothing is delivered until a test lets it arrive."""

import io
from collections import Counter
from dataclasses import dataclass, replace

from asaka_bot.broadcasts.notice import (
    NamedList,
    Notice,
    NoticeState,
    Progress,
    Stand,
    Standing,
    Submitted,
)
from asaka_bot.broadcasts.staff import office_of
from asaka_bot.errors import NoticeError
from asaka_bot.roles import Permission
from tests.fakes.notice_shelf import (
    TEMPLATES,
    TOPICS,
    NoticeShelf,
    Reminded,
    as_message,
    check_shape,
    may_look,
    standing_of,
    tally,
    within,
)


@dataclass
class MemoryNotices(NoticeShelf):
    """Implements `hr_console.notice_ports.Notices`."""

    def templates(self):
        return TEMPLATES

    def topics(self):
        return TOPICS

    async def latest(self, actor, limit, before=None):
        may_look(actor)
        found = [each for each in reversed(self.kept.values()) if before is None or each.id < before]
        return [each for each in found if self._shown(actor, each)][:limit]

    async def find(self, actor, notice):
        may_look(actor)
        found = self.kept[notice]
        if not self._shown(actor, found):
            raise KeyError(notice)
        return found

    async def create(self, actor, content, plan):
        actor.require(Permission.WRITE_NOTICES)
        check_shape(content, plan)
        self.refuse()
        made = Notice(
            id=len(self.stands) + 1,
            version=1,
            state=NoticeState.DRAFT,
            content=content,
            plan=plan,
            made_by=actor.person,
            made_at=self.now,
        )
        self.stands[made.id] = []
        return self._keep(made, changed=False)

    async def change(self, actor, notice, version, content, plan):
        actor.require(Permission.WRITE_NOTICES)
        found = self._expect(notice, version, NoticeState.DRAFT, NoticeState.AWAITING, NoticeState.MISSED)
        check_shape(content, plan)
        draft = {"state": NoticeState.DRAFT, "submitted_by": "", "submitted_at": None, "recipients": 0}
        return self._keep(replace(found, content=content, plan=plan, **draft))

    async def copy(self, actor, notice):
        found = await self.find(actor, notice)
        return await self.create(actor, found.content, replace(found.plan, send_at=None))

    async def discard(self, actor, notice):
        actor.require(Permission.WRITE_NOTICES)
        self._expect(notice, None, NoticeState.DRAFT)
        del self.kept[notice]

    async def message(self, actor, notice):
        return as_message((await self.find(actor, notice)).content)

    async def recipients(self, actor, plan):
        actor.require(Permission.SEE_NAMES)
        return self._recipients(plan)

    async def frozen(self, actor, notice):
        actor.require(Permission.SEE_NAMES)
        await self.find(actor, notice)
        return tuple(self.stands[notice])

    async def test(self, actor, notice):
        actor.require(Permission.WRITE_NOTICES)
        await self.find(actor, notice)
        return "Slackのあなたあてに送りました"

    async def submit(self, actor, notice, version, agreed):
        actor.require(Permission.WRITE_NOTICES)
        found = self._expect(notice, version, NoticeState.DRAFT)
        self._check_ready(found)
        recipients = self._recipients(found.plan)
        asked = tuple(each for each in self._questions(found, recipients) if each.id not in agreed)
        if asked:
            return Submitted(state=NoticeState.DRAFT, recipients=len(recipients), questions=asked)
        self.stands[notice] = [standing_of(each) for each in recipients]
        unreachable = sum(not each.addresses for each in recipients)
        counted = {"recipients": len(recipients), "unreachable": unreachable}
        found = replace(found, submitted_by=actor.person, submitted_at=self.now, **counted)
        if len(recipients) >= self.approval_from and not found.content.urgent:
            found = self._keep(replace(found, state=NoticeState.AWAITING))
        else:
            found = self._leave(found)
        return Submitted(state=found.state, recipients=len(recipients))

    async def approve(self, actor, notice, version):
        actor.require(Permission.APPROVE_NOTICES)
        found = self._second_person(actor, self._expect(notice, version, NoticeState.AWAITING))
        return self._leave(replace(found, approved_by=actor.person, approved_at=self.now))

    async def send_back(self, actor, notice, version, reason):
        actor.require(Permission.APPROVE_NOTICES)
        found = self._second_person(actor, self._expect(notice, version, NoticeState.AWAITING))
        if not reason.strip():
            raise NoticeError("差し戻す理由を書いてください")
        return self._keep(replace(found, state=NoticeState.DRAFT, note=reason, recipients=0, unreachable=0))

    async def review(self, actor, notice):
        actor.require(Permission.APPROVE_NOTICES)
        found = await self.find(actor, notice)
        if not found.needs_review:
            raise NoticeError("このお知らせは、事後確認がいらないか、もう済んでいます")
        self._second_person(actor, found)
        self._keep(replace(found, reviewed_by=actor.person, reviewed_at=self.now))

    async def edit_sent(self, actor, notice, version, content):
        actor.require(Permission.WRITE_NOTICES)
        found = self._expect(notice, version, NoticeState.SENT)
        check_shape(content, found.plan)
        self.refuse()
        self._keep(replace(found, content=content))
        return self._count(notice, Stand.WAITING, Stand.ARRIVED)

    async def cancel(self, actor, notice):
        actor.require(Permission.WRITE_NOTICES)
        self._expect(notice, None, NoticeState.AWAITING, NoticeState.SCHEDULED, NoticeState.SENT)
        return self._end(actor, notice, NoticeState.CANCELLED, "")

    async def recall(self, actor, notice, reason):
        actor.require(Permission.WRITE_NOTICES)
        self._expect(notice, None, NoticeState.SENT, NoticeState.CANCELLED)
        if not reason.strip():
            raise NoticeError("取り消す理由を書いてください")
        return self._count(notice, Stand.ARRIVED) + self._end(actor, notice, NoticeState.RECALLED, reason)

    async def remind(self, actor, notice):
        actor.require(Permission.FOLLOW_UP)
        found = self._expect(notice, None, NoticeState.SENT)
        if why := self._why_no_reminder(found):
            raise NoticeError(why)
        self._keep(replace(found, rounds=found.rounds + 1))
        open_ = [each for each in self.stands[notice] if each.confirmed_at is None and each.stand is Stand.ARRIVED]
        sent = Reminded(
            by=actor.person,
            people=frozenset(each.staff_id for each in open_),
            confirmed=self._confirmed(notice),
        )
        self.reminded.setdefault(notice, []).append(sent)
        return len(open_)

    async def confirm_for(self, actor, notice, staff_id):
        actor.require(Permission.FOLLOW_UP)
        found = await self.find(actor, notice)
        if found.state is not NoticeState.SENT or not found.content.wants_response:
            raise NoticeError("確認を求めて送ったお知らせだけ、代わりに確認できます")
        place = next((n for n, each in enumerate(self.stands[notice]) if each.staff_id == staff_id), None)
        if place is None:
            raise KeyError(staff_id)
        if self.stands[notice][place].confirmed_at:
            return False
        self.confirm(notice, place, by=actor.person)
        return True

    async def progress(self, actor, notice):
        found = await self.find(actor, notice)
        own = () if actor.may(Permission.SEE) else actor.heads
        counted = [each for each in self.stands[notice] if within(each, own)]
        by_office: dict[tuple[str, ...], list[Standing]] = {}
        for each in counted:
            by_office.setdefault(office_of(each.office)[:2], []).append(each)
        waiting = sum(each.stand is Stand.WAITING for each in counted)
        answers = Counter(each.answer for each in counted)
        return Progress(
            notice=found,
            total=tally(counted),
            offices=tuple((office, tally(of)) for office, of in sorted(by_office.items())),
            reasons=tuple(Counter(each.reason for each in counted if each.reason).most_common()),
            answers=tuple((label, answers[label]) for label in found.content.answers),
            from_posts=0,
            seconds_left=waiting * 0.5 if waiting else None,
            can_remind=self._why_no_reminder(found),
            own_office=own,
            rounds=self._rounds(notice, own),
        )

    async def standings(self, actor, notice, *, office="", stand=None, unconfirmed=False):
        if not actor.heads:
            actor.require(Permission.SEE_NAMES)
        await self.find(actor, notice)
        own = () if actor.may(Permission.SEE_NAMES) else actor.heads
        return tuple(
            each
            for each in self.stands[notice]
            if within(each, own)
            and within(each, office_of(office))
            and stand in (None, each.stand)
            and not (unconfirmed and each.confirmed_at)
        )

    async def export(self, actor, notice):
        actor.require(Permission.FOLLOW_UP)
        await self.find(actor, notice)
        from openpyxl import Workbook

        book, file = Workbook(), io.BytesIO()
        for each in self.stands[notice]:
            book.active.append([each.staff_id, each.name, each.office, each.stand.label])
        book.save(file)
        return file.getvalue()

    async def replies(self, actor, *, handled, limit):
        actor.require(Permission.FOLLOW_UP)
        return [each for each in reversed(self.written) if (each.handled_at is not None) == handled][:limit]

    async def handle_reply(self, actor, reply):
        actor.require(Permission.FOLLOW_UP)
        place = next((n for n, each in enumerate(self.written) if each.id == reply), None)
        if place is None:
            raise KeyError(reply)
        if self.written[place].handled_at:
            return False
        self.written[place] = replace(self.written[place], handled_by=actor.person, handled_at=self.now)
        return True

    async def lists(self, actor):
        actor.require(Permission.SEE_NAMES)
        return [self.named[name] for name in sorted(self.named)]

    async def keep_list(self, actor, name, staff_ids):
        actor.require(Permission.WRITE_NOTICES)
        known = {each.staff_id for each in self.people}
        if unknown := [each for each in staff_ids if each not in known]:
            raise NoticeError(f"職員番号 {'、'.join(unknown)} の職員は、いまの名簿にいません。番号を確かめてください")
        self.named[name] = NamedList(name=name, staff_ids=tuple(staff_ids), made_by=actor.person, made_at=self.now)

    async def remove_list(self, actor, name):
        actor.require(Permission.WRITE_NOTICES)
        del self.named[name]
