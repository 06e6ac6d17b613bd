"""The emulator's own page with an answer, a choice, a table of dates and a reminder, as pictures.

python -m tests.benchmarks.slack_pictures FOLDER
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Page, async_playwright

from asaka_bot.channels.slack.app import make_client
from asaka_bot.channels.slack.gateway import SlackGateway
from asaka_bot.delivery.channel import Letter
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, Message
from asaka_bot.settings import Slack
from tests.fakes.local_slack import (
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    CHANNEL,
    FOLDER,
    HANAKO,
    LocalSlack,
    emulator,
    install,
    using,
)

ROOT = FOLDER.parents[1]
TITLE, PERSON = "職員ボット", "朝霞 花子"  # the page names direct messages with the bot after the person
REMINDER = Message(
    title="本日はノー残業デーです",
    paragraphs=("定時で退庁しましょう。", "急ぎでない仕事は、明日に回せないかを確かめてください。"),
    also=("年次休暇の計画を立てる時期です",),
    topics=(Option(label="残業の上限", topic="overtime-limits"),),
    source="第5期特定事業主行動計画 第5-2-(1)",
)


async def draw(url: str, folder: Path) -> None:
    """Ask, and take a picture of each kind of answer."""
    async with using(url) as slack, async_playwright() as playwright:
        async with asyncio.timeout(60):
            while not all(app["connected"] for app in (await slack.state())["apps"]):
                await asyncio.sleep(0.2)
        home = await slack.direct()
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1200, "height": 1300})
        await page.goto(url)
        for name, question in {
            "choice": "休みたい",
            "answer": "年休は1年に何日ありますか",
            "dates": "予定日は令和9年2月10日です。産休はいつから？",
            "private": "上司からパワハラを受けています",
        }.items():
            asked = await slack.say(question, channel=home)
            await slack.answers(home, 1, after=asked["ts"])
            await picture(page, PERSON, folder / f"{name}.png")
        asked = await slack.say(f"<@{BOT}> 上司からパワハラを受けています", channel=CHANNEL, user=HANAKO)
        await slack.answers(CHANNEL, 1, after=asked["ts"])
        await remind(url)
        await picture(page, "総務課", folder / "reminder.png")
        await slack.control("open-home", user=HANAKO)
        await show_home(page, slack, folder / "home.png")
        await browser.close()


async def remind(url: str) -> None:
    gateway = SlackGateway(make_client(Slack(bot_token=BOT_TOKEN, api_url=f"{url}/api/")))
    address = Address(channel="slack", to=CHANNEL)
    await gateway.send(Letter(marker="m1", address=address, message=REMINDER, started_at=datetime.now(UTC)))


async def picture(page: Page, conversation: str, file: Path) -> None:
    await page.locator("aside, nav, .sidebar").get_by_text(re.compile(conversation + "$")).first.click()
    await page.wait_for_timeout(800)
    await page.screenshot(path=file)


async def show_home(page: Page, slack: LocalSlack, file: Path) -> None:
    await slack.until("homeViews")
    await page.get_by_text(re.compile(TITLE + "$")).first.click()
    await page.wait_for_timeout(500)
    if await page.get_by_text("Home", exact=True).count():
        await page.get_by_text("Home", exact=True).first.click()
    await page.wait_for_timeout(800)
    await page.screenshot(path=file)


def main(folder: Path) -> None:
    """Start emulator and bot, draw, stop."""
    if missing := install():
        raise SystemExit(missing)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, emulator(Path(temporary)) as url:
        data = Path(temporary) / "data"
        data.mkdir()
        (data / "cache").symlink_to(ROOT / "var" / "cache")
        variables = {"ASAKA_DATA_DIR": str(data), "ASAKA_SLACK_API_URL": f"{url}/api/", "SLACK_BOT_TOKEN": BOT_TOKEN}
        command = [sys.executable, "-m", "asaka_bot", "serve", "--port", "8129"]
        bot = subprocess.Popen(command, env=os.environ | variables | {"SLACK_APP_TOKEN": APP_TOKEN})  # noqa: S603
        try:
            asyncio.run(draw(url, folder))
        finally:
            bot.terminate()
            bot.wait(20)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
