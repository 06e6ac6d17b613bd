"""Each action of HR leaves exactly one entry in the audit log, in its own transaction; one that fails leaves none."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from asaka_bot.errors import StoreError
from asaka_bot.outgoing import Address, Message
from asaka_bot.roles import HrRole
from asaka_bot.store.audit import AuditLog
from asaka_bot.store.backup import backup, restore
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import Decision, OutboxStore
from asaka_bot.store.reminders import ReminderStore
from asaka_bot.store.sending_hold import SendingHold, hold
from asaka_bot.store.sessions import Sessions
from asaka_bot.store.tables import delivery

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, LAST = date(2026, 12, 2), date(2026, 12, 4)
WEB = Address(channel="web", to="hr-test")
MESSAGE = Message(title="ノー残業デー", paragraphs=("帰りましょう。",))
PAUSED = {"rule": "r", "first": "2026-12-02", "last": "2026-12-04"}

_NOTHING_MORE = {
    "sqlite": "CREATE TRIGGER audit_full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    "postgresql": "CREATE TRIGGER audit_full BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
}


class Desk:
    """Everything that people of HR act on, over one database."""

    def __init__(self, engine) -> None:
        self.engine, self.log = engine, AuditLog(engine)
        self.outbox = OutboxStore(engine)
        self.reminders = ReminderStore(engine, self.outbox)
        self.hold, self.sessions = SendingHold(engine), Sessions(engine)

    async def said(self) -> list[tuple[str, str, str, dict]]:
        """The entries, the oldest first; the chain must hold whenever they are read."""
        assert (await self.log.verify()).whole
        entries = reversed(await self.log.latest(100))
        return [(each.person, each.action, each.subject, json.loads(each.details)) for each in entries]

    async def held(self) -> str:
        """The marker of a delivery that waits for a decision."""
        await self.outbox.put(MESSAGE, kind="test", origin="r", recipients=[("everyone", WEB)])
        async with self.engine.begin() as connection:
            await connection.execute(update(delivery).values(state="held", started_at=NOON))
        (one,) = await self.outbox.held()
        return one.marker

    async def sign_in(self) -> str | None:
        return await self.sessions.redeem(link="l", session="s" * 64, csrf="c", now=NOON, expires_at=NOON + HOUR)

    async def break_the_log(self) -> None:
        """Let no entry be written any more."""
        async with self.engine.begin() as connection:
            await connection.execute(text(_NOTHING_MORE[self.engine.dialect.name]))


@asynccontextmanager
async def desk_over(url: str):
    engine = await open_database(url)
    try:
        yield Desk(engine)
    finally:
        await engine.dispose()


def at_a_desk(url: str, work) -> None:
    async def run():
        async with desk_over(url) as desk:
            await work(desk)

    asyncio.run(run())


def test_pausing_and_resuming(url):
    """Each is recorded once, without the reason that somebody typed; resuming twice is recorded once."""

    async def work(desk):
        await desk.reminders.pause("r", FIRST, LAST, "家庭の事情", "山田")
        assert await desk.reminders.resume(1, "佐藤")
        assert not await desk.reminders.resume(1, "佐藤")
        assert not await desk.reminders.resume(99, "佐藤")
        assert await desk.said() == [
            ("山田", "reminder.pause", "1", PAUSED),
            ("佐藤", "reminder.resume", "1", PAUSED),
        ]

    at_a_desk(url, work)


def test_trying_a_text(url):
    """The rule, the address and the id of the message are recorded, its text is not."""

    async def work(desk):
        await desk.reminders.send_test("r", MESSAGE, WEB, "山田", NOON + 1000 * timedelta(days=365))
        assert await desk.said() == [("山田", "reminder.test", "r", {"to": "web:hr-test", "message": 1})]

    at_a_desk(url, work)


@pytest.mark.parametrize("decision", list(Decision))
def test_deciding_on_a_delivery(url, decision):
    """The first decision is recorded, the one that comes too late is not."""

    async def work(desk):
        marker = await desk.held()
        assert await desk.outbox.decide(marker, decision, "山田")
        assert not await desk.outbox.decide(marker, Decision.SENT, "佐藤")
        assert not await desk.outbox.decide("nobody", Decision.SENT, "佐藤")
        expected = {"decision": decision.value, "message": 1}
        assert await desk.said() == [("山田", "delivery.decide", marker, expected)]

    at_a_desk(url, work)


def test_releasing_the_hold(url):
    """Several holds are released by one press and one entry; where nothing is held there is nothing to record."""

    async def work(desk):
        await desk.hold.release("佐藤")
        async with desk.engine.begin() as connection:
            await hold(connection, "a", NOON)
            await hold(connection, "b", NOON)
        await desk.hold.release("山田")
        await desk.hold.release("佐藤")
        assert await desk.said() == [("山田", "sending.release", "2", {"holds": 2})]

    at_a_desk(url, work)


def test_signing_in_and_out(url):
    """A link that is worth nothing and a session that has gone leave no entry; tokens are never in it."""

    async def work(desk):
        assert await desk.sign_in() is None
        await desk.sessions.add_link(digest="l", person="山田", role=HrRole.ADMIN, expires_at=NOON + HOUR)
        assert await desk.sign_in() == "山田"
        for _ in range(2):
            await desk.sessions.close("s" * 64)
        assert await desk.said() == [
            ("山田", "session.sign_in", "s" * 12, {}),
            ("山田", "session.sign_out", "s" * 12, {}),
        ]

    at_a_desk(url, work)


def test_backup_and_restore(url, tmp_path):
    """The entries come back as they were, the restore is the next in the same chain; refused ones leave none."""
    copy = tmp_path / "copy.db"

    async def work(desk):
        await desk.reminders.pause("r", FIRST, LAST, "台風", "山田")
        rows = await backup(desk.engine, copy, "山田")
        with pytest.raises(StoreError):
            await backup(desk.engine, copy, "山田")
        with pytest.raises(StoreError):
            await restore(desk.engine, copy, "山田")
        paused = ("山田", "reminder.pause", "1", PAUSED)
        assert await desk.said() == [paused, ("山田", "database.backup", "copy.db", {"rows": rows})]
        async with desk_over(f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}") as fresh:
            restored = await restore(fresh.engine, copy, "佐藤")
            assert await fresh.said() == [paused, ("佐藤", "database.restore", "copy.db", {"rows": restored})]

    at_a_desk(url, work)


def test_a_copy_fills_both_databases(url, tmp_path):
    """A chain that began in one kind of database goes on in the other."""
    copy = tmp_path / "copy.db"

    async def work(desk):
        async with desk_over(f"sqlite+aiosqlite:///{tmp_path / 'first.db'}") as first:
            await first.reminders.pause("r", FIRST, LAST, "台風", "山田")
            await backup(first.engine, copy, "山田")
        await restore(desk.engine, copy, "佐藤")
        await desk.reminders.pause("r", FIRST, LAST, "台風", "山田")
        assert [said[1] for said in await desk.said()] == ["reminder.pause", "database.restore", "reminder.pause"]

    at_a_desk(url, work)


def test_without_its_entry_no_action_happens(url, tmp_path):
    """Where the log can't be written, nothing is paused, resumed, tried, decided, released, signed in or out, copied."""

    async def work(desk):
        await desk.reminders.pause("r", FIRST, LAST, "台風", "山田")
        marker = await desk.held()
        async with desk.engine.begin() as connection:
            await hold(connection, "a", NOON)
        await desk.sessions.add_link(digest="l", person="山田", role=HrRole.ADMIN, expires_at=NOON + HOUR)
        assert await desk.sign_in()
        await desk.sessions.add_link(digest="l2", person="山田", role=HrRole.ADMIN, expires_at=NOON + HOUR)
        await desk.break_the_log()
        session = {"session": "t" * 64, "csrf": "c", "now": NOON, "expires_at": NOON + HOUR}
        refused = (
            lambda: desk.reminders.pause("r", FIRST, LAST, "台風", "山田"),
            lambda: desk.reminders.resume(1, "山田"),
            lambda: desk.reminders.send_test("r", MESSAGE, WEB, "山田", NOON),
            lambda: desk.outbox.decide(marker, Decision.SENT, "山田"),
            lambda: desk.hold.release("山田"),
            lambda: desk.sessions.redeem(link="l2", **session),
            lambda: desk.sessions.close("s" * 64),
            lambda: backup(desk.engine, tmp_path / "copy.db", "山田"),
        )
        for action in refused:
            with pytest.raises(DBAPIError):
                await action()
        ((pause, _),) = await desk.reminders.pauses()
        assert pause.ended_at is None
        assert len(await desk.outbox.recent(9)) == 1
        assert len(await desk.outbox.held()) == 1
        assert await desk.hold.reason() == "a"
        assert await desk.sessions.find("t" * 64, now=NOON) is None
        assert await desk.sessions.find("s" * 64, now=NOON) is not None
        assert not list(tmp_path.glob("copy*"))

    at_a_desk(url, work)
