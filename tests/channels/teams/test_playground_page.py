"""The cards as Microsoft's own test client draws them, for eyes: an answer, a choice, dates, a reminder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from asaka_bot.delivery.channel import Letter
from asaka_bot.outgoing import Address
from tests.channels.teams import bot as bots
from tests.channels.teams.playground import ROOT, playground
from tests.channels.teams.test_playground import DELIVERED
from tests.fakes.chromium import CHROMIUM

PICTURES = ROOT / "var" / "pictures"  # git ignores var/


@pytest.fixture(scope="module")
def teams(service):
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed")
    with bots.running(service) as bot, playground(bot.port) as running:
        yield bot, running


@pytest.fixture(scope="module")
def page(teams, browser):
    opened = browser.new_page(viewport={"width": 1100, "height": 1500}, locale="ja-JP")
    opened.goto(teams[1].url)
    opened.wait_for_load_state("networkidle")
    return opened


def picture(page, name):
    page.wait_for_timeout(500)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=Path(PICTURES) / f"teams-{name}.png")


@pytest.mark.parametrize(
    ("name", "question", "text"),
    [
        ("choice", "休みたい", "近いものを選んでください"),  # first: afterwards it would be about the topic before
        ("answer", "介護休暇は何日ですか", "期間・日数・時間"),
        ("dates", "日付 令和9年2月10日", "産前休暇"),
        ("urgent", "もう死にたいです", "いま頼れる相談先があります"),
        ("form", "日付", "出産予定日"),
        ("menu", "メニュー", "分野から探す"),
    ],
)
def test_a_person_reads_the_cards(teams, page, name, question, text):
    """What is asked is drawn as a card, and nothing of it failed to be drawn."""
    teams[1].say(question)
    expect(page.get_by_text(text).last).to_be_visible(timeout=15_000)
    picture(page, name)


def test_a_person_reads_a_reminder(teams, page):
    """A reminder is drawn without having been asked for; pressing its topic brings the answer."""
    bot, running = teams
    running.install(running.personal)
    expect(page.get_by_text("こんにちは。朝霞市職員ボットです").last).to_be_visible(timeout=15_000)
    address = Address(channel="teams", to=running.personal)
    bot.do(bot.teams.gateway.send(Letter(marker="m", address=address, message=DELIVERED, started_at=datetime.now(UTC))))
    expect(page.get_by_text(DELIVERED.title).last).to_be_visible(timeout=15_000)
    picture(page, "reminder")
    page.get_by_text("ノー残業デーについて知りたい").last.click()
    expect(page.get_by_text("相談先").last).to_be_visible(timeout=15_000)
    picture(page, "pressed")
