"""The one place that wires settings into a running application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from asaka_bot.answering.answer import Engine, silent
from asaka_bot.answering.semantic import Progress
from asaka_bot.knowledge import files
from asaka_bot.roles import HrRole
from asaka_bot.settings import Settings
from asaka_bot.tokyo import now_in_tokyo

if TYPE_CHECKING:  # what only some commands need is loaded by those
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asaka_bot.app.audit_desk import AuditDesk
    from asaka_bot.app.notice_desk import NoticeDesk
    from asaka_bot.app.reminder_desk import ReminderDesk
    from asaka_bot.app.staff_desk import StaffDesk
    from asaka_bot.channels.answers import EngineHost
    from asaka_bot.reminders.rules import Schedule


def make_engine(settings: Settings, progress: Progress = silent) -> Engine:
    """The answering engine over the configured knowledge base.

    Raises:
        KnowledgeError: the knowledge base has problems; every one of them is named.
    """
    engine = Engine(files.load(settings.knowledge_dir), cache=settings.cache_dir, progress=progress)
    threadpool_limits(limits=1)  # one question is too small to share out; idle threads would only get in the way
    return engine


def engine_host(settings: Settings, progress: Progress = silent) -> "EngineHost":
    """The engine as the server uses it: in a process of its own where Slack or Teams bring many questions at once.

    Raises:
        KnowledgeError: the knowledge base has problems; every one of them is named.
    """
    from asaka_bot.app.engine_process import EngineProcess
    from asaka_bot.channels.answers import EngineThread

    if settings.slack is None and settings.teams is None:
        return EngineThread(make_engine(settings, progress))
    return EngineProcess(settings.knowledge_dir, settings.cache_dir)


_FEWEST_SHOWN = 10  # counts below it could point to a person, where the topic is sensitive


async def feedback_counts(settings: Settings) -> list[dict[str, Any]]:
    """Feedback by month and topic, for people to read; small counts of sensitive topics are hidden."""
    from asaka_bot.store.feedback import FeedbackStore

    knowledge = files.load(settings.knowledge_dir)
    async with _database(settings) as engine:
        counts = await FeedbackStore(engine, now_in_tokyo).counts()
    shown = []
    for count in counts:
        topic = knowledge.topics.get(count.topic)
        hide = topic is not None and topic.sensitive and count.helpful + count.unhelpful < _FEWEST_SHOWN
        shown.append(
            {
                "month": count.month,
                "topic": count.topic,
                "title": topic.title if topic else count.topic,
                "helpful": "10未満" if hide else str(count.helpful),
                "unhelpful": "10未満" if hide else str(count.unhelpful),
                "questions": list(count.questions),
            }
        )
    return shown


async def hr_link(settings: Settings, base_url: str, *, person: str = "職員課", role: HrRole = HrRole.ADMIN) -> str:
    """A one-time link below `base_url` that signs a person of HR in, with `role`."""
    from asaka_bot.hr_console.sessions import make_sign_in_link
    from asaka_bot.store.sessions import Sessions

    async with _database(settings) as engine:
        return await make_sign_in_link(Sessions(engine), base_url, person=person, role=role)


async def backup(settings: Settings, file: Path, person: str) -> int:
    """Copy the whole database into a new file; returns the number of rows. Raises `StoreError`."""
    from asaka_bot.store import backup as copies

    async with _database(settings) as engine:
        return await copies.backup(engine, file, person)


async def restore(settings: Settings, file: Path, person: str) -> int:
    """Fill the empty database from a copy; returns the number of rows. Raises `StoreError`."""
    from asaka_bot.store import backup as copies

    async with _database(settings) as engine:
        return await copies.restore(engine, file, person)


@asynccontextmanager
async def open_audit(settings: Settings) -> AsyncIterator["AuditDesk"]:
    """The audit log, for a command."""
    from asaka_bot.app.audit_desk import AuditDesk
    from asaka_bot.store.audit import AuditLog

    async with _database(settings) as engine:
        yield AuditDesk(AuditLog(engine))


@asynccontextmanager
async def open_reminders(settings: Settings, schedule: "Schedule") -> AsyncIterator["ReminderDesk"]:
    """The reminders with what the database knows of them, for a command."""
    from asaka_bot.app.reminder_desk import ReminderDesk
    from asaka_bot.store.inbox import InboxStore
    from asaka_bot.store.outbox import OutboxStore
    from asaka_bot.store.reminders import ReminderStore

    async with _database(settings) as engine:
        yield ReminderDesk(schedule, ReminderStore(engine, OutboxStore(engine)), InboxStore(engine))


@asynccontextmanager
async def open_staff(settings: Settings) -> AsyncIterator["StaffDesk"]:
    """The staff directory, for a command."""
    from asaka_bot.app.staff_desk import StaffDesk
    from asaka_bot.store.platforms import AddressBook
    from asaka_bot.store.staff import StaffStore
    from asaka_bot.store.staff_drafts import StaffDrafts

    async with _database(settings) as engine:
        yield StaffDesk(StaffStore(engine), StaffDrafts(engine), AddressBook(engine))


@asynccontextmanager
async def open_notices(settings: Settings) -> AsyncIterator["NoticeDesk"]:
    """The notices, for a command; what it sends leaves with the server that runs over the same database."""
    from dataclasses import replace

    from asaka_bot.app.notice_desk import NoticeDesk
    from asaka_bot.app.notice_parts import notice_parts
    from asaka_bot.reminders import files as schedules
    from asaka_bot.store.hr_settings import HrSettings

    knowledge = files.load(settings.knowledge_dir)
    calendar = schedules.load(settings.schedules_dir, knowledge).calendar
    topics = {topic.id: topic.title for topic in knowledge.topics.values()}
    async with _database(settings) as engine:
        parts = notice_parts(engine, topics, calendar, web=settings.accounts is not None)
        yield NoticeDesk(replace(parts, rules=HrSettings(engine).read))


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator["AsyncEngine"]:
    from asaka_bot.store.database import open_database

    engine = await open_database(settings.database)
    try:
        yield engine
    finally:
        await engine.dispose()
