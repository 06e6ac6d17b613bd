"""A database with staff, contacts and a clock that can be set, and all of the notice features over it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from asaka_bot.app.notice_desk import NoticeDesk
from asaka_bot.app.notice_flow import NoticeFlow
from asaka_bot.app.notice_parts import notice_parts
from asaka_bot.app.notice_responses import NoticeResponses
from asaka_bot.broadcasts.notice import Content, Plan
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.broadcasts.staff_changes import compare
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.delivery.channel import Refused, Sent, Traits, Uncertain
from asaka_bot.delivery.outbox import after_send
from asaka_bot.outgoing import ContactPoint
from asaka_bot.reminders.calendar import WorkingDays
from asaka_bot.roles import Actor, HrRole
from asaka_bot.store.audit import AuditLog
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.replacements import Replacements
from asaka_bot.store.sending_hold import SendingHold
from asaka_bot.store.staff import StaffStore
from asaka_bot.tokyo import TOKYO

WORKING = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)  # a Tuesday
NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=TOKYO)

HANAKO = Actor(person="hanako@city-asaka.example", role=HrRole.EDITOR)
TARO = Actor(person="taro@city-asaka.example", role=HrRole.APPROVER)
VIEWER = Actor(person="viewer@city-asaka.example", role=HrRole.VIEWER)
NOBODY = Actor(person="somebody@city-asaka.example")

SLACK = Traits(read_back=True, update=True, per_second=7.5)
TEAMS = Traits(read_back=False, update=True, per_second=20.0)
WEB = Traits(read_back=True, update=True)

TEXT = Content(title="研修のお知らせ", body="研修を行います。\n\n来てください。", confirm=True)
TO_ALL = Plan(audience="全員")


class NoticeWorld:
    """Everything over one database; `now` is the database's clock."""

    def __init__(self, engine, *, web=False, rules=None):
        self.now = WORKING
        self.elapsed = 0.0
        self.engine = engine
        self.rules = rules or OfficeRules(approval_above=30)
        self.parts = replace(
            notice_parts(engine, {"dx-training": "DX研修"}, WorkingDays(), web=web, clock=self.told),
            rules=self._rules,
            traits={"slack": SLACK, "teams": TEAMS, "web": WEB},
        )
        self.desk = NoticeDesk(self.parts)
        self.responses = NoticeResponses(self.parts)
        self.hold = SendingHold(engine, self.told)
        self.outbox = OutboxStore(engine, clock=self.told)
        self.staff, self.contacts = StaffStore(engine, self.told), AddressBook(engine, self.told)
        self.replacements, self.audit = Replacements(engine, self.told), AuditLog(engine)

    async def told(self):
        return self.now

    async def _rules(self):
        return self.rules

    def flow(self):
        return NoticeFlow(self.parts, self.hold, elapsed=lambda: self.elapsed)

    def pass_(self, **span):
        self.now += timedelta(**span)
        self.elapsed += timedelta(**span).total_seconds()

    async def hire(self, *people, channel="slack"):
        """Make these people all of the directory; each is known on a channel (None: on none)."""
        roster = Roster(people=people, has_workplaces=True)
        before = {each.staff_id: each for each in await self.staff.people()}
        await self.staff.apply(compare(before, roster), by="職員課", file="名簿.xlsx")
        for each in people if channel else ():
            await self.meet(each, channel)

    async def meet(self, person, channel, *, reachable=True):
        user = f"{channel[0].upper()}{person.staff_id}"
        await self.contacts.learn(
            ContactPoint(
                channel=channel,
                user=user,
                address=f"D-{user}",
                email=person.email,
                service_url="https://teams.example/",
                reachable=reachable,
            )
        )

    async def draft(self, content=TEXT, plan=TO_ALL, actor=HANAKO):
        return await self.desk.create(actor, content, plan)

    async def sent(self, content=TEXT, plan=TO_ALL):
        """A notice that was written by Hanako, approved by Taro where that is needed, and is in the outbox."""
        made = await self.draft(content, plan)
        agreed = frozenset({"quiet-hours", "duplicate", "unreachable"})
        submitted = await self.desk.submit(HANAKO, made.id, made.version, agreed)
        assert submitted.questions == ()
        found = await self.desk.find(HANAKO, made.id)
        return await self.desk.approve(TARO, made.id, found.version) if found.state == "awaiting" else found

    async def claim(self, channel="slack", most=1000):
        return await self.outbox.claim(channel, replace(SLACK, per_second=None), most=most, holder="test")

    async def deliver(self, channel="slack", refuse=(), lose=(), most=1000):
        """Let everything that waits leave: `refuse` and `lose` name recipients. Returns the deliveries."""
        claimed = await self.claim(channel, most)
        changes = []
        for each in claimed:
            outcome = Sent(platform_ref=f"ref-{each.marker[:8]}")
            if each.recipient in refuse:
                outcome = Refused(reason="相手がいません。")
            if each.recipient in lose:
                outcome = Uncertain(reason="返事がありません。")
            changes.append(after_send(each, outcome, replace(SLACK, read_back=False), self.now))
        await self.outbox.record(changes)
        return claimed

    async def actions(self):
        return [entry.action for entry in reversed(await self.audit.latest(100))]


def in_world(url, work, **how):
    async def run():
        engine = await open_database(url)
        try:
            return await work(NoticeWorld(engine, **how))
        finally:
            await engine.dispose()

    return asyncio.run(run())
