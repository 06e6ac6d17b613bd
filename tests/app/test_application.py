"""The whole product in one process: what comes due arrives by itself, HR steers it, and it ends in good order."""

import asyncio
import contextlib
import re
import sqlite3
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asaka_bot import app as application
from asaka_bot.app.application import make_app
from asaka_bot.app.background import Background
from asaka_bot.channels.unconfigured import UnconfiguredChannel
from asaka_bot.channels.web.gateway import WebChannel
from asaka_bot.metrics import Metrics
from asaka_bot.outgoing import Address
from asaka_bot.reminders import files
from asaka_bot.roles import Actor, HrRole
from asaka_bot.settings import Settings
from asaka_bot.store.database import connect
from asaka_bot.store.inbox import InboxStore
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.reminders import ReminderStore
from asaka_bot.store.sending_hold import SendingHold
from asaka_bot.tokyo import TOKYO

YAMADA = Actor(person="山田", role=HrRole.EDITOR)
EVERYONE = Address(channel="web", to="everyone")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})


def hidden(page: str, name: str) -> str:
    """A hidden field of a page."""
    return re.search(rf'name="{name}" value="([^"]+)"', page)[1]


def sign_in(settings, client) -> None:
    """Through the one-time link, as a person does."""
    link = asyncio.run(application.hr_link(settings, "https://testserver"))
    assert client.get(link).status_code == 200
    token = link.partition("token=")[2]
    assert client.post("/hr/sign-in", data={"token": token}, follow_redirects=True).status_code == 200


@pytest.fixture
def client(settings, service):
    with TestClient(make_app(settings, service, Metrics()), base_url="https://testserver") as running:
        yield running


def until(seconds, found):
    """Wait for something; how long it took."""
    began = time.monotonic()
    while not found():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_reminder_leaves_by_itself(settings, tmp_path):
    """When its time comes the reminder stands in the inbox, within seconds, once; a platform without settings fails visibly."""
    world = {"now": datetime(2026, 11, 11, 8, 59, tzinfo=TOKYO)}

    async def told():
        return world["now"]

    async def work():
        engine = connect(settings.database)
        outbox = OutboxStore(engine, clock=told)
        inbox = InboxStore(engine)
        background = Background(
            engine,
            schedule=files.load(files.SHIPPED),
            book=ReminderStore(engine, outbox, clock=told),
            outbox=outbox,
            channels=[WebChannel(inbox), UnconfiguredChannel("slack")],
            heartbeat_file=tmp_path / "heartbeat",
        )
        await background.start()
        assert background.ready
        await asyncio.sleep(1.2)
        assert await inbox.latest([EVERYONE], 5) == []
        world["now"] += timedelta(minutes=1)
        began = time.monotonic()
        while not await inbox.latest([EVERYONE], 5):
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.5)
        (arrived,) = await inbox.latest([EVERYONE], 5)
        await background.stop()
        return arrived.message

    settings.data_dir.mkdir(parents=True)
    message = asyncio.run(work())
    assert message.paragraphs
    assert "第5-1-(1)" in message.source


def test_hr_tries_a_text_on_itself(settings, client):
    """From the console through outbox and worker into its own inbox; the staff's inbox stays empty."""
    sign_in(settings, client)
    page = client.get("/hr/reminders").text
    assert "完全実施日" in page
    fields = {"csrf": hidden(page, "csrf"), "rule": "no-overtime-wednesday"}
    assert client.post("/hr/reminders/test", data=fields).status_code == 200
    until(10, lambda: "届いた文面" in client.get("/hr/reminders").text)
    assert "ノー残業デー" not in client.get("/inbox").text


def test_figures_name_nobody(client):
    """Prometheus gets counts of decisions and deliveries, and no word of a question."""
    client.post("/ask", data={"question": "課長にどなられて眠れません"})
    text = client.get("/metrics").text
    assert "asaka_sending_held 0.0" in text
    assert "どなられ" not in text
    assert "harassment" not in text


def test_a_copy_restored_stays_silent(settings, service, tmp_path):
    """backup while it runs, restore into an empty place, start: the console says why nothing leaves, and lets it go on."""
    with TestClient(make_app(settings, service), base_url="https://testserver"):
        asyncio.run(application.backup(settings, tmp_path / "copy.db", "山田"))
    fresh = Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "fresh"})
    assert asyncio.run(application.restore(fresh, tmp_path / "copy.db", "山田")) > 0
    with TestClient(make_app(fresh, service), base_url="https://testserver") as client:
        assert "asaka_sending_held 1.0" in client.get("/metrics").text
        sign_in(fresh, client)
        page = client.get("/hr/deliveries").text
        assert "送信を再開する" in page
        client.post("/hr/deliveries/release", data={"csrf": hidden(page, "csrf")})
        assert "asaka_sending_held 0.0" in client.get("/metrics").text


def test_yesterdays_file_put_in_place_by_hand_is_noticed(settings, service):
    """The heartbeat beside the database knows better."""
    with TestClient(make_app(settings, service)):
        pass
    file = settings.data_dir / "heartbeat"
    later = datetime.fromisoformat(file.read_text()) + timedelta(days=1)
    file.write_text(later.isoformat())
    with TestClient(make_app(settings, service)) as client:
        assert "asaka_sending_held 1.0" in client.get("/metrics").text


def test_preview_knows_what_the_database_knows(settings):
    """What HR has paused on the page is suspended in the command's table as well."""
    schedule = files.load(files.SHIPPED)

    async def work():
        async with application.open_reminders(settings, schedule) as desk:
            await desk.pause(YAMADA, None, date(2027, 6, 1), date(2027, 6, 7), "台風")
            return await desk.occurrences(date(2027, 6, 1), date(2027, 6, 10))

    found = {(o.rule, o.day): o.status.value for o in asyncio.run(work())}
    assert found["no-overtime-wednesday", date(2027, 6, 2)] == "suspended"
    assert found["no-overtime-wednesday", date(2027, 6, 9)] == "planned"
    assert asyncio.run(_reason(settings)) is None


async def _reason(settings):
    engine = connect(settings.database)
    try:
        return await SendingHold(engine).reason()
    finally:
        await engine.dispose()


def test_what_is_no_longer_needed_goes_by_itself(settings, service, monkeypatch):
    """Beside the pages, again and again: here the changes of an import that is too old to be undone."""
    monkeypatch.setattr("asaka_bot.app.background._HEARTBEAT_SECONDS", 0.05)
    with TestClient(make_app(settings, service), base_url="https://testserver"):
        database = sqlite3.connect(settings.data_dir / "asaka.db", isolation_level=None, timeout=10)
        with contextlib.closing(database):
            database.execute(
                "INSERT INTO staff_import (made_by, made_at, file, joined, moved, left, unchanged, changes)"
                " VALUES ('職員課', '2020-04-01 00:00:00.000000', '名簿.xlsx', 1, 0, 0, 0, '[]')"
            )
            until(10, lambda: database.execute("SELECT changes FROM staff_import").fetchone() == ("",))
