"""A notice end to end on Microsoft's Agents Playground: delivered by the gateway, confirmed, replied to; and written."""

import json
from datetime import UTC, datetime

import pytest

from asaka_bot.delivery.channel import Letter, Sent
from asaka_bot.outgoing import Address
from asaka_bot.roles import HrRole
from tests.channels.teams import bot as bots
from tests.channels.teams import cards
from tests.channels.teams.playground import card_of, playground
from tests.fakes.notices_in_chat import NOTICE, MemoryResponses, MemoryWriting


@pytest.fixture(scope="module")
def parts():
    return {"responses": MemoryResponses(), "writing": MemoryWriting()}


@pytest.fixture(scope="module")
def bot(service, parts):
    with bots.running(service, **parts) as running:
        yield running


@pytest.fixture(scope="module")
def teams(bot, parts):
    with playground(bot.port) as running:
        running.install(running.personal)
        parts["writing"].roles["teams", running.config["currentUser"]["aadObjectId"]] = HrRole.EDITOR
        yield running


@pytest.fixture(autouse=True)
def _settled(teams):
    while not teams.quiet(0.15):
        pass


def delivered(bot, teams, conversation):
    """Send a notice as the outbox does; what stands then."""
    letter = Letter(
        marker="mark-1", address=Address(channel="teams", to=conversation), message=NOTICE, started_at=datetime.now(UTC)
    )
    assert isinstance(bot.do(bot.teams.gateway.send(letter)), Sent)
    return teams.next()


def test_a_notice_is_confirmed_and_replied_to(teams, bot, parts):
    """The press is answered with the confirmed card, the reply with a sentence; each reaches the feature once."""
    message = delivered(bot, teams, teams.personal)
    tree = card_of(message)
    user = teams.config["currentUser"]["aadObjectId"]
    [reply] = cards.actions(tree, "reply")
    said = teams.press(message, reply, reply="この日は出張です")
    assert "職員課に届きました。" in json.dumps(said, ensure_ascii=False)
    assert parts["responses"].replies == [("teams", user, "mark-1", "この日は出張です")]
    [confirm] = cards.actions(tree, "respond")
    shown = json.dumps(teams.press(message, confirm), ensure_ascii=False)
    assert "application/vnd.microsoft.card.adaptive" in shown
    assert "11月24日（火）に確認しました。" in shown
    assert parts["responses"].pressed == [("teams", user, "mark-1", "confirm")]
    teams.press(message, confirm)
    assert len(parts["responses"].pressed) == 2  # another press; the feature counts it once


def test_my_notices_by_word(teams):
    """「お知らせ」 lists the person's notices."""
    teams.say("お知らせ")
    assert "わたしのお知らせ" in cards.texts(card_of(teams.next()))


def test_hr_writes_and_sends(teams, parts):
    """「お知らせを書く」 brings the form; checked, it comes back as the preview; sent, it says so."""
    teams.say("お知らせを書く")
    message = teams.next()
    check = next(a for a in cards.actions(card_of(message), "write") if a["data"]["step"] == "check")
    shown = teams.press(message, check, title="題名", body="本文", audience="全員", confirm="true")
    assert "1,234人" in json.dumps(shown, ensure_ascii=False)
    send = {"title": "送信", "verb": "write", "data": {"step": "send", "notice": 1, "version": 1}}
    assert "送信を始めました" in json.dumps(teams.press(message, send), ensure_ascii=False)
    assert parts["writing"].kept[1].content.title == "題名"


def test_the_menu_offers_it_to_hr(teams):
    """Whoever may write finds it in the menu."""
    teams.say("メニュー")
    assert "お知らせを書く" in cards.texts(card_of(teams.next()))
