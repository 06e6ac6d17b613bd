"""What all of the notice features work with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from asaka_bot.app.notice_people import NoticePeople
from asaka_bot.broadcasts.notice import Content, Notice
from asaka_bot.broadcasts.notice_checks import Hours
from asaka_bot.broadcasts.notice_wording import message_of
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.delivery.channel import Traits
from asaka_bot.messages import Option
from asaka_bot.outgoing import Message
from asaka_bot.reminders.calendar import WorkingDays
from asaka_bot.store.database import Clock
from asaka_bot.store.notice_progress import NoticeProgress
from asaka_bot.store.notice_sending import NoticeSending
from asaka_bot.store.notices import NoticeStore
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.receipts import Receipts
from asaka_bot.store.replies import Replies
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.staff_lists import StaffLists


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeParts:
    """Made once, in `app.application` or for a command."""

    store: NoticeStore
    sending: NoticeSending
    receipts: Receipts
    progress: NoticeProgress
    replies: Replies
    lists: StaffLists
    people: NoticePeople
    rules: Callable[[], Awaitable[OfficeRules]]
    calendar: WorkingDays
    topics: Mapping[str, str]  # titles by id
    traits: Mapping[str, Traits] = field(default_factory=dict)  # by channel: what the platforms can do, and how fast
    wake: Callable[[], None] = lambda: None  # tells the workers that something may leave

    @property
    def hours(self) -> Hours:
        """The working hours."""
        return Hours(is_working=self.calendar.is_working)

    @property
    def replaceable(self) -> Sequence[str]:
        """The channels on which what has arrived can be replaced."""
        return [channel for channel, traits in self.traits.items() if traits.update]

    def message(self, content: Content, *, again: bool = False) -> Message:
        """What people read."""
        options = [Option(label=self.topics[topic], topic=topic) for topic in content.topics if topic in self.topics]
        return message_of(content, options, again=again)

    async def texts(self, notice: Notice, content: Content) -> dict[int, Message]:
        """What people read in each round that has left."""
        rounds = await self.sending.rounds(notice.id)
        return {number: self.message(content, again=number > 0) for number in range(rounds)}


def notice_parts(
    engine: AsyncEngine, topics: Mapping[str, str], calendar: WorkingDays, *, web: bool, clock: Clock | None = None
) -> NoticeParts:
    """The parts over one database; `web`: people can sign in to the web chat, so that its inbox reaches them.

    `topics` are the titles by id; `clock` replaces the database's own.
    """
    lists = StaffLists(engine, clock)
    return NoticeParts(
        store=NoticeStore(engine, clock),
        sending=NoticeSending(engine, OutboxStore(engine, clock=clock), clock),
        receipts=Receipts(engine, clock),
        progress=NoticeProgress(engine, clock),
        replies=Replies(engine, clock),
        lists=lists,
        people=NoticePeople(StaffStore(engine, clock), AddressBook(engine, clock), lists, web=web),
        rules=_defaults,
        calendar=calendar,
        topics=topics,
    )


async def _defaults() -> OfficeRules:
    return OfficeRules()
