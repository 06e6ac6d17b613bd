"""The whole product against a Slack that we did not write, in both ways that events come in, driven as a user."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from asaka_bot import settings as configuration
from asaka_bot.app.application import make_app
from asaka_bot.channels.answers import AnswerService, EngineThread
from asaka_bot.channels.slack.speaker import ELSEWHERE
from tests.fakes.local_slack import (
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    CHANNEL,
    HANAKO,
    JIRO,
    SECRET,
    TARO,
    emulator,
    free_port,
    install,
    using,
)
from tests.fakes.slack_limits import problems, view_problems


@contextmanager
def serving(app, port: int):
    """Serve in a thread of its own, as `asaka-bot serve` does."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        for _ in range(400):
            if server.started:
                break
            time.sleep(0.05)
        yield
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module", params=["socket", "http"])
def slack(request, engine, tmp_path_factory):
    """The emulator and the bot, connected by Socket Mode or over HTTP; gives the emulator's address."""
    if missing := install():
        pytest.skip(missing)
    folder, port = tmp_path_factory.mktemp(request.param), free_port()
    over_http = request.param == "http"
    with emulator(folder, f"http://127.0.0.1:{port}/slack/events" if over_http else None) as url:
        receiving = {"SLACK_SIGNING_SECRET": SECRET} if over_http else {"SLACK_APP_TOKEN": APP_TOKEN}
        given = {"ASAKA_DATA_DIR": str(folder / "data"), "ASAKA_SLACK_API_URL": f"{url}/api/"}
        settings = configuration.load(given | {"SLACK_BOT_TOKEN": BOT_TOKEN} | receiving)
        with serving(make_app(settings, AnswerService(EngineThread(engine))), port):
            if not over_http:
                asyncio.run(connected(url))
            yield url


async def connected(url: str) -> None:
    async with using(url) as slack:
        async with asyncio.timeout(10):
            while not all(app["connected"] for app in (await slack.state())["apps"]):
                await asyncio.sleep(0.05)


@pytest.fixture
def run(slack):
    """Runs a test's coroutine with the emulator."""

    def go(work):
        async def inside():
            async with using(slack) as used:
                return await work(used)

        return asyncio.run(inside())

    return go


def said(message: dict) -> str:
    return json.dumps(message, ensure_ascii=False)


def test_a_direct_message_and_its_buttons(run):
    """Ask, read, press a side, press 続きを見る, ask on: each is answered in the direct messages."""

    async def work(slack):
        home = await slack.direct()
        asked = await slack.say("年休は1年に何日ありますか", channel=home)
        (answer,) = await slack.answers(home, 1, after=asked["ts"])
        assert "年次休暇" in said(answer)
        assert problems(answer["blocks"]) == []
        await slack.press(answer, "手続は？")
        await slack.press(answer, "続きを見る")
        pressed = await slack.answers(home, 3, after=asked["ts"])
        assert any("手続・申請" in said(message) for message in pressed[1:])
        again = await slack.say("給料は出ますか", channel=home)
        (follow_up,) = await slack.answers(home, 1, after=again["ts"])
        assert "年次休暇" in said(follow_up)

    run(work)


def test_a_mention_in_a_channel(run):
    """The answer stands in the thread; a follow-up there needs no second mention; a private matter leaves only a line."""

    async def work(slack):
        asked = await slack.say(f"<@{BOT}> テレワークの申請の手続は？", channel=CHANNEL)
        (answer,) = await slack.answers(CHANNEL, 1, after=asked["ts"])
        assert answer["thread_ts"] == asked["ts"]
        assert "テレワーク" in said(answer)
        again = await slack.say("対象は？", channel=CHANNEL, thread=asked["ts"])
        (follow_up,) = await slack.answers(CHANNEL, 1, after=again["ts"])
        assert follow_up["thread_ts"] == asked["ts"]
        home = await slack.direct(TARO)
        private = await slack.say(f"<@{BOT}> 上司からパワハラを受けています", channel=CHANNEL, user=TARO)
        (line,) = await slack.answers(CHANNEL, 1, after=private["ts"])
        assert line["text"] == ELSEWHERE
        assert "ハラスメント" in said((await slack.answers(home, 1, after=private["ts"]))[-1])

    run(work)


def test_a_slash_command(run):
    """/asaka: the question's answer and the menu are for the person only, a birth's dates go by direct message."""

    async def work(slack):
        home = await slack.direct()
        start = await slack.say("ここから", channel=CHANNEL)
        await slack.control("command", channel=CHANNEL, user=HANAKO, command="/asaka", text="介護休暇は何日ですか")
        (answer,) = await slack.answers(CHANNEL, 1, after=start["ts"])
        assert (answer["subtype"], answer["ephemeral_to"]) == ("ephemeral", HANAKO)
        assert "介護休暇" in said(answer)
        await slack.control("command", channel=CHANNEL, user=HANAKO, command="/asaka", text="")
        menu = (await slack.answers(CHANNEL, 2, after=start["ts"]))[1]
        assert "分野から選んでください" in said(menu)
        await slack.control("command", channel=CHANNEL, user=HANAKO, command="/asaka", text="日付 令和9年2月10日")
        (dates,) = await slack.answers(home, 1, after=start["ts"])
        assert "令和8年12月31日" in said(dates)
        assert "令和8年12月31日" not in said(await slack.messages(CHANNEL))

    run(work)


def test_the_app_home(run):
    """Opening it draws menus and search; a search and a pick are answered by direct message."""

    async def work(slack):
        home = await slack.direct()
        start = await slack.say("ここから", channel=CHANNEL)
        await slack.control("open-home", user=HANAKO)
        view = (await slack.until("homeViews"))[HANAKO]["A0ASAKA"]
        assert view_problems(view) == []
        assert "分野から探す" in said(view)
        search = {"type": "plain_text_input", "action_id": "asaka-search", "block_id": "b", "value": "子の看護休暇とは"}
        await slack.on_page("block_action", action=search)
        (answer,) = await slack.answers(home, 1, after=start["ts"])
        assert "看護" in said(answer)
        menu = next(b["accessory"] for b in view["blocks"] if b["type"] == "section" and "accessory" in b)
        picked = {"type": "static_select", "action_id": menu["action_id"], "selected_option": menu["options"][0]}
        await slack.on_page("block_action", action=picked)
        assert len(await slack.answers(home, 2, after=start["ts"])) == 2

    run(work)


def test_a_dialog(run):
    """職員課に聞く opens a dialog; what is written there comes back to the person alone."""

    async def work(slack):
        home = await slack.direct()
        asked = await slack.say("介護休暇は何日ですか", channel=home)
        (answer,) = await slack.answers(home, 1, after=asked["ts"])
        await slack.press(answer, "職員課に聞く")
        (dialog,) = await slack.until("modalStack")
        assert "介護休暇は何日ですか" in said(dialog)
        values = {"asaka-text": {"asaka-text": {"type": "plain_text_input", "value": "相談の時間をください"}}}
        await slack.on_page("view_submit", values=values)
        copy = (await slack.answers(home, 2, after=asked["ts"]))[-1]
        assert "相談の時間をください" in said(copy)
        assert not (await slack.state())["modalStack"]

    run(work)


def test_a_choice(run):
    """A question that fits several topics is asked back; the choice is answered."""

    async def work(slack):
        home = await slack.direct(JIRO)
        asked = await slack.say("休みたい", channel=home, user=JIRO)
        (choice,) = await slack.answers(home, 1, after=asked["ts"])
        assert "選んでください" in said(choice)
        label = next(b["elements"][0]["text"]["text"] for b in choice["blocks"] if b["type"] == "actions")
        await slack.press(choice, label, user=JIRO)
        answer = (await slack.answers(home, 2, after=asked["ts"]))[1]
        assert answer["blocks"][0]["type"] == "header"

    run(work)
