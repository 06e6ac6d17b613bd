"""A notice end to end on a Slack that we did not write: delivered by the gateway, confirmed, replied to."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette

from asaka_bot.channels.slack.app import Ports, make_slack
from asaka_bot.delivery.channel import Letter, Sent
from asaka_bot.outgoing import Address
from asaka_bot.roles import HrRole
from asaka_bot.settings import Slack
from tests.channels.slack.test_slack_emulator import connected, said, serving
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.local_slack import APP_TOKEN, BOT_TOKEN, CHANNEL, HANAKO, TARO, emulator, free_port, install, using
from tests.fakes.notices_in_chat import NOTICE, MemoryResponses, MemoryWriting
from tests.fakes.outages import MemoryOutages
from tests.fakes.slack_bot import MemoryContacts, MemoryEvents
from tests.fakes.slack_dialogs import sent_back


@pytest.fixture
def world(service, tmp_path):
    """Runs a coroutine with the emulator, a bot connected to it, and the feature in memory."""
    if missing := install():
        pytest.skip(missing)

    def go(work):
        responses, writing = MemoryResponses(), MemoryWriting(roles={("slack", HANAKO): HrRole.EDITOR})
        with emulator(tmp_path) as url:
            ports = Ports(
                events=MemoryEvents(), contacts=MemoryContacts(), feedback=MemoryFeedback(), outages=MemoryOutages(), responses=responses,
                writing=writing,
            )  # fmt: skip
            channel = make_slack(Slack(bot_token=BOT_TOKEN, app_token=APP_TOKEN, api_url=f"{url}/api/"), service, ports)
            loops = []

            @asynccontextmanager
            async def lifespan(_app):
                loops.append(asyncio.get_running_loop())
                await channel.start()
                yield
                await channel.stop()

            async def deliver(to: str) -> str:
                letter = Letter(
                    marker="mark-1",
                    address=Address(channel="slack", to=to),
                    message=NOTICE,
                    started_at=datetime.now(UTC),
                )
                sending = asyncio.run_coroutine_threadsafe(channel.gateway.send(letter), loops[0])
                outcome = await asyncio.wrap_future(sending)
                assert isinstance(outcome, Sent)
                return outcome.platform_ref

            async def inside():
                async with using(url) as slack:
                    await work(slack, deliver, responses, writing)

            with serving(Starlette(lifespan=lifespan), free_port()):
                asyncio.run(connected(url))
                asyncio.run(inside())

    return go


async def until(check, within_seconds: float = 10) -> None:
    async with asyncio.timeout(within_seconds):
        while not check():
            await asyncio.sleep(0.05)


def test_a_notice_is_confirmed_and_replied_to(world):
    """It arrives by direct message, reads as confirmed after the press, and the dialog's text reaches HR."""

    async def work(slack, deliver, responses, _writing):
        home = await slack.direct()
        ref = await deliver(home)
        (notice,) = await slack.answers(home, 1)
        await slack.press(notice, "職員課に返信")
        (dialog,) = await slack.until("modalStack")
        assert "あなたの名前といっしょに" in said(dialog)
        values = {"asaka-text": {"asaka-text": {"type": "plain_text_input", "value": "この日は出張です"}}}
        await slack.on_page("view_submit", values=values)
        await until(lambda: responses.replies)
        assert responses.replies == [("slack", HANAKO, "mark-1", "この日は出張です")]
        await slack.press(notice, "確認しました")
        await until(lambda: responses.pressed)
        async with asyncio.timeout(10):
            while "に確認しました" not in said(stands := await standing(slack, home, ref)):
                await asyncio.sleep(0.05)
        assert "asaka-respond" not in said(stands)
        assert responses.pressed == [("slack", HANAKO, "mark-1", "confirm")]

    world(work)


async def standing(slack, channel: str, ts: str) -> dict:
    return next(message for message in await slack.messages(channel) if message["ts"] == ts)


def test_a_question_in_the_thread_may_be_sent(world):
    """It is answered, and goes to HR only after the press on exactly this text."""

    async def work(slack, deliver, responses, _writing):
        home = await slack.direct()
        ref = await deliver(home)
        responses.places["slack", home, ref] = "mark-1"
        await slack.say("夏季休暇はありますか", channel=home, thread=ref)
        *_, offer = await slack.answers(home, 2, after=ref)
        assert "夏季休暇はありますか" in said(offer)
        assert responses.replies == []
        await slack.press(offer, "この文を職員課に送る")
        await until(lambda: responses.replies)
        assert responses.replies == [("slack", HANAKO, "mark-1", "夏季休暇はありますか")]

    world(work)


def test_a_press_below_a_channel_post(world):
    """Only the person reads the sentence; the post stays for all."""

    async def work(slack, deliver, responses, _writing):
        ref = await deliver(CHANNEL)
        await slack.press(await standing(slack, CHANNEL, ref), "確認しました", user=TARO)
        (sentence,) = await slack.answers(CHANNEL, 1, after=ref)
        assert (sentence["subtype"], sentence["ephemeral_to"]) == ("ephemeral", TARO)
        assert "asaka-respond" in said(await standing(slack, CHANNEL, ref))
        assert responses.pressed == [("slack", TARO, "mark-1", "confirm")]

    world(work)


def test_hr_opens_the_form_by_command(world):
    """/asaka お知らせ opens the dialog on the emulator too."""

    async def work(slack, _deliver, _responses, _writing):
        await slack.control("command", channel=CHANNEL, user=HANAKO, command="/asaka", text="お知らせ")
        (dialog,) = await slack.until("modalStack")
        assert "制度の周知" in said(dialog)
        assert "くわしい設定" in said(dialog)

    world(work)


def test_hr_writes_a_notice(world):
    """The dialog that the emulator sends becomes a draft, and the preview takes its place."""

    async def work(slack, _deliver, _responses, writing):
        await slack.control("command", channel=CHANNEL, user=HANAKO, command="/asaka", text="お知らせ")
        (dialog,) = await slack.until("modalStack")
        typed = sent_back(dialog, title="健康診断の日程", body="決まりました。", audience="全員")
        await slack.on_page("view_submit", values=typed["state"]["values"])
        await until(lambda: writing.kept)
        assert (writing.kept[1].content.title, writing.kept[1].plan.audience) == ("健康診断の日程", "全員")
        async with asyncio.timeout(10):
            while "送る相手" not in said((await slack.state())["modalStack"]):
                await asyncio.sleep(0.05)

    world(work)
