"""Every feature over one database, and the pages that reach them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from asaka_bot import server
from asaka_bot.app.audit_desk import AuditDesk
from asaka_bot.app.background import Background
from asaka_bot.app.configuration import Configuration, shown
from asaka_bot.app.delivery_desk import DeliveryDesk
from asaka_bot.app.notice_desk import NoticeDesk
from asaka_bot.app.notice_flow import NoticeFlow
from asaka_bot.app.notice_parts import notice_parts
from asaka_bot.app.notice_responses import NoticeResponses
from asaka_bot.app.notice_writing import NoticeWriter
from asaka_bot.app.platforms import ChatFeatures, slack_channel, teams_channel
from asaka_bot.app.reminder_desk import ReminderDesk
from asaka_bot.app.role_desk import RoleDesk
from asaka_bot.app.staff_desk import StaffDesk
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.console_gateway import ConsoleChannel
from asaka_bot.channels.unconfigured import UnconfiguredChannel
from asaka_bot.channels.web.gateway import WebChannel
from asaka_bot.delivery.channel import Channel, Traits
from asaka_bot.errors import StoreError
from asaka_bot.metrics import Metrics
from asaka_bot.outgoing import Address, Received
from asaka_bot.reminders import files
from asaka_bot.settings import Settings
from asaka_bot.store.audit import AuditLog
from asaka_bot.store.database import Clock, connect
from asaka_bot.store.feedback import FeedbackStore
from asaka_bot.store.figures import delivery_figures
from asaka_bot.store.hr_settings import HrSettings
from asaka_bot.store.inbox import InboxStore
from asaka_bot.store.outages import Outages
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.platforms import AddressBook, EventLog
from asaka_bot.store.reminders import ReminderStore
from asaka_bot.store.replacements import Replacements
from asaka_bot.store.roles import RoleStore
from asaka_bot.store.sending_hold import SendingHold
from asaka_bot.store.sessions import Sessions
from asaka_bot.store.staff import StaffStore
from asaka_bot.store.staff_drafts import StaffDrafts
from asaka_bot.tokyo import now_in_tokyo

if TYPE_CHECKING:  # loaded where an OpenID Connect provider is configured
    from asaka_bot.hr_console.accounts import Accounts


def make_app(
    settings: Settings, service: AnswerService, metrics: Metrics | None = None, clock: Clock | None = None
) -> Starlette:
    """The whole product as one ASGI application; its lifespan opens the database and starts the background.

    `clock` replaces the database's own, by which everything is due.

    Raises:
        ScheduleError: schedules/*.yaml have problems; every one of them is named.
    """
    counted = metrics or Metrics()
    schedule = files.load(settings.schedules_dir, service.knowledge)
    engine = connect(settings.database)
    outbox = OutboxStore(engine, clock=clock)
    book = ReminderStore(engine, outbox, clock)
    inbox = InboxStore(engine, clock=clock)
    feedback = FeedbackStore(engine, now_in_tokyo, clock)
    reminders = ReminderDesk(schedule, book, inbox)
    roles, contacts, hold = _roles(settings, engine, clock), AddressBook(engine, clock), SendingHold(engine, clock)
    outages = Outages(engine, clock)
    traits: dict[str, Traits] = {}  # filled below: what the channels can do, their adapters know
    notices = replace(
        notice_parts(engine, _titles(service), schedule.calendar, web=settings.accounts is not None, clock=clock),
        rules=HrSettings(engine, clock).read,
        traits=traits,
        wake=lambda: background.wake(),  # noqa: PLW0108 - it is made below
    )
    features = ChatFeatures(
        events=EventLog(engine, clock),
        contacts=contacts,
        feedback=feedback,
        outages=outages,
        reminders=reminders,
        responses=NoticeResponses(notices),
        writing=NoticeWriter(NoticeDesk(notices), roles, contacts),
    )
    slack, teams = slack_channel(settings, service, features), teams_channel(settings, service, features)
    platforms = [platform for platform in (slack, teams) if platform is not None]
    channels: list[Channel] = [
        WebChannel(inbox),
        ConsoleChannel(Console()),
        slack.gateway if slack else UnconfiguredChannel("slack"),
        teams.gateway if teams else UnconfiguredChannel("teams"),
    ]
    traits.update({channel.name: channel.traits for channel in channels})
    background = Background(
        engine,
        schedule=schedule,
        book=book,
        outbox=outbox,
        channels=channels,
        heartbeat_file=settings.data_dir / "heartbeat",
        platforms=platforms,
        unused=[channel.name for channel in channels if isinstance(channel, UnconfiguredChannel)],
        replacements=Replacements(engine, clock),
        notices=NoticeFlow(notices, hold).tick,
        clock=clock,
    )

    secret = server.secret_key(settings.data_dir)

    async def figures() -> bytes:
        return counted.exposition(await delivery_figures(engine))

    return server.make_app(
        service,
        server.Features(
            feedback=feedback,
            inbox=_WebInbox(inbox),
            calendar=reminders,
            sessions=Sessions(engine),
            reminders=reminders,
            deliveries=DeliveryDesk(outbox, hold, outages, background.wake),
            audit=AuditDesk(AuditLog(engine)),
            staff=StaffDesk(StaffStore(engine, clock), StaffDrafts(engine, clock), contacts),
            roles=roles,
            notices=NoticeDesk(notices),
            responses=features.responses,
            figures=figures,
            accounts=_accounts(settings, engine, secret, clock),
        ),
        background,
        secret,
        [route for platform in platforms for route in platform.routes],
    )


def _titles(service: AnswerService) -> dict[str, str]:
    return {topic.id: topic.title for topic in service.knowledge.topics.values()}


def _roles(settings: Settings, engine: AsyncEngine, clock: Clock | None) -> RoleDesk:
    """Who is who for HR."""
    admins = settings.hr_admins
    configuration = Configuration(shown(settings), Outages(engine, clock).all)
    return RoleDesk(
        RoleStore(engine, admins, clock),
        HrSettings(engine, clock),
        StaffStore(engine, clock),
        admins,
        configuration.now,
    )


def _accounts(settings: Settings, engine: AsyncEngine, secret: str, clock: Clock | None) -> "Accounts | None":
    """Sign-in with accounts, None where it isn't configured."""
    if settings.accounts is None:
        return None
    from asaka_bot.hr_console.accounts import Accounts

    return Accounts(settings.accounts, secret=secret, once=EventLog(engine, clock).first_time)


class _WebInbox:
    """The inbox as the pages of the web chat read it; implements `channels.web.inbox.InboxReader`."""

    def __init__(self, store: InboxStore) -> None:
        self._store = store

    async def latest(self, addresses: Sequence[Address], limit: int) -> Sequence[Received]:
        """The newest messages to any of `addresses`."""
        return await self._store.latest(addresses, limit)

    async def count_after(self, addresses: Sequence[Address], last_id: int) -> int:
        """How many messages are newer; the bell stands on every page, so a failing database is an error it knows."""
        try:
            return await self._store.count_after(addresses, last_id)
        except SQLAlchemyError as error:
            raise StoreError("お知らせを読めません。しばらくしてから、もう一度お試しください") from error
