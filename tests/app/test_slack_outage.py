"""The whole product where Slack lets the bot in no more: its deliveries wait, HR reads why, all else goes on."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest

from asaka_bot import app as application
from asaka_bot import settings as configuration
from asaka_bot.app.application import make_app
from asaka_bot.channels.answers import AnswerService, EngineThread
from asaka_bot.outgoing import Address, Kind, Message
from asaka_bot.store.database import connect
from asaka_bot.store.outages import Outages
from asaka_bot.store.outbox import Balance, OutboxStore
from asaka_bot.store.tables import delivery, destination
from tests.fakes.slack_bot import SECRET, TOKEN
from tests.fakes.slack_workspace import workspace

MESSAGE = Message(title="ノー残業デー", paragraphs=("定時で退庁しましょう。",))
REFUSED = dict.fromkeys(("auth.test", "chat.postMessage", "chat.update", "conversations.history"), "account_inactive")


class House:
    """The product and its database, at a Slack of our own."""

    def __init__(self, url, folder, service):
        self.database, self.folder, self.service = url, folder, service

    def settings(self, space, *, slack=True):
        given = {"ASAKA_DATA_DIR": str(self.folder), "ASAKA_DATABASE_URL": self.database}
        if slack:
            given |= {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "ASAKA_SLACK_API_URL": space.url}
        return configuration.load(given)

    @asynccontextmanager
    async def running(self, space, *, slack=True):
        """The product, with a person of HR signed in."""
        settings = self.settings(space, slack=slack)
        app = make_app(settings, self.service)
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(transport=transport, base_url="https://testserver") as client:
                token = (await application.hr_link(settings, "https://testserver")).partition("token=")[2]
                await client.post("/hr/sign-in", data={"token": token})
                yield client

    @asynccontextmanager
    async def outbox(self):
        engine = connect(self.database)
        try:
            yield OutboxStore(engine)
        finally:
            await engine.dispose()

    async def put(self, *addresses):
        recipients = [(f"人{number}", Address.parse(address)) for number, address in enumerate(addresses)]
        async with self.outbox() as outbox:
            return await outbox.put(MESSAGE, kind=Kind.REMINDER, origin="r-1", recipients=recipients)

    async def let_time_pass(self, number):
        """The minute is over for which a refused delivery and its address wait."""
        async with self.outbox() as outbox, outbox._engine.begin() as connection:
            now = await outbox.now()
            await connection.execute(delivery.update().where(delivery.c.message_id == number).values(due_at=now))
            await connection.execute(destination.update().values(free_at=now))

    async def until(self, number, wanted, within_seconds=60.0):
        async with asyncio.timeout(within_seconds), self.outbox() as outbox:
            while (counts := await outbox.counts(number)) != wanted:
                await asyncio.sleep(0.05)
        return counts


@pytest.fixture
def house(url, tmp_path, engine):
    (tmp_path / "new").mkdir(exist_ok=True)
    return House(url, tmp_path, AnswerService(EngineThread(engine)))


def test_deliveries_wait_and_leave_when_slack_lets_the_bot_in_again(house, caplog):
    """One refused call is enough; HR reads it on three pages; the web chat goes on; a start with a good token ends it."""

    async def work():
        async with workspace() as space:
            async with house.running(space) as client:
                await space.until_calls("auth.test", within_seconds=60)
                assert "Slackに送れません" not in (await client.get("/hr/deliveries")).text
                space.errors.update(REFUSED)
                number = await house.put("slack:U1", "slack:U2", "slack:C1", "web:everyone")
                await space.until_calls("chat.postMessage", within_seconds=60)
                await house.until(number, Balance(pending=3, sent=1))
                tried = len(space.of("chat.postMessage"))
                for path in ("/hr", "/hr/deliveries"):
                    page = (await client.get(path)).text
                    assert "Slackに送れません" in page
                    assert "account_inactive" in page
                    assert "いま3件" in page
                settings = (await client.get("/hr/settings")).text
                assert "いまは送れません。" in settings
                assert TOKEN not in page + settings
                assert 'asaka_channel_out{channel="slack"} 1.0' in (await client.get("/metrics")).text
                later = await house.put("slack:U3")
                await asyncio.sleep(2)
                assert len(space.of("chat.postMessage")) == tried <= 3
                assert "決めることはありません" in (await client.get("/hr/deliveries")).text
                assert "年次休暇" in (await client.post("/ask", data={"question": "年休は1年に何日ありますか"})).text
            space.errors.clear()
            async with house.running(space) as client:
                await house.until(later, Balance(sent=1))
                assert "Slackに送れません" not in (await client.get("/hr/deliveries")).text
                await house.let_time_pass(number)
                await house.until(number, Balance(sent=4))
            assert sorted(post["channel"] for post in space.posts) == ["C1", "U1", "U2", "U3"]

    asyncio.run(work())
    assert TOKEN not in caplog.text


def test_without_settings_nothing_waits_for_ever(house):
    """Where Slack is taken out of the settings meanwhile, what is addressed to it fails visibly."""

    async def work():
        async with workspace(errors=dict(REFUSED)) as space:
            async with house.running(space):
                engine = connect(house.database)
                async with asyncio.timeout(60):
                    while not await Outages(engine).stands("slack"):
                        await asyncio.sleep(0.05)
                await engine.dispose()
                number = await house.put("slack:U1")
                await asyncio.sleep(1.2)
                await house.until(number, Balance(pending=1))
            async with house.running(space, slack=False):
                await house.until(number, Balance(dead=1))

    asyncio.run(work())
