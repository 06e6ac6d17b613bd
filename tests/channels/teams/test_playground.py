"""End to end against Microsoft's Agents Playground: install, ask, press, update, remind, in every kind of chat."""

import json
from datetime import UTC, datetime

import pytest

from asaka_bot.channels.teams import menus
from asaka_bot.channels.teams.render import NEUTRAL
from asaka_bot.delivery.channel import Letter, Sent
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, Message
from tests.channels.teams import bot as bots
from tests.channels.teams import cards
from tests.channels.teams.playground import card_of, playground

DELIVERED = Message(
    title="今日はノー残業デーです",
    paragraphs=("毎週水曜日は、定時で退庁する日です。",),
    topics=(Option(label="ノー残業デーについて知りたい", topic="no-overtime-day"),),
)


@pytest.fixture(scope="module")
def bot(service):
    with bots.running(service) as running:
        yield running


@pytest.fixture(scope="module")
def teams(bot):
    with playground(bot.port) as running:
        running.install(running.personal)
        yield running


@pytest.fixture(autouse=True)
def _settled(teams):
    while not teams.quiet(0.15):
        pass


def shown(message):
    return json.dumps(card_of(message), ensure_ascii=False)


def test_install_greets_once(teams, bot):
    """Adding the bot brings one welcome card, and the address with the e-mail that Teams knows."""
    teams.install(teams.personal)
    assert "こんにちは" in shown(teams.next())
    assert teams.quiet()
    [point] = [p for p in bot.book.points.values() if p.address == teams.personal]
    assert point.user == teams.config["currentUser"]["aadObjectId"]
    assert point.email == teams.config["currentUser"]["email"]
    assert point.service_url.startswith("http://")
    assert point.reachable


def test_a_question_and_its_follow_up(teams):
    """A question is answered; 「給料は？」 afterwards is about the same leave."""
    teams.say("介護休暇は何日ですか")
    message = teams.next()
    assert "介護休暇" in shown(message)
    teams.say("給料は？")
    tree = card_of(teams.next())
    assert "介護休暇" in cards.texts(tree)
    assert "給与・お金" in cards.texts(tree)


def test_buttons_answer_and_vote(teams, bot):
    """A facet brings its answer as a new card; a vote is thanked for and recorded, with the question as agreed."""
    teams.say("介護休暇は何日ですか")
    message = teams.next()
    tree = card_of(message)
    facet = next(a for a in cards.actions(tree, "show") if a["data"].get("facet") == "pay")
    reply = teams.press(message, facet)
    assert "application/vnd.microsoft.activity.message" in json.dumps(reply)
    assert "給与・お金" in cards.texts(card_of(teams.next()))
    good, bad = cards.actions(tree, "vote")
    voted = teams.press(message, bad, without_question="false")
    assert "application/vnd.microsoft.card.adaptive" in json.dumps(voted)
    assert menus.THANKS in json.dumps(voted, ensure_ascii=False)
    assert not cards.actions(voted, "vote")
    assert cards.texts(voted)[: len(cards.texts(tree)) // 2] == cards.texts(tree)[: len(cards.texts(tree)) // 2]
    assert menus.HAS_VOTED in json.dumps(teams.press(message, good, without_question="true"), ensure_ascii=False)
    assert teams.quiet()
    said = {"topic": "care-leave", "facet": "duration", "helpful": False}
    assert bot.feedback.votes[-1:] == [said | {"question": "介護休暇は何日ですか"}]
    assert len([vote for vote in bot.feedback.votes if vote["topic"] == "care-leave"]) == 1


def test_a_choice(teams):
    """A broad question is asked back, and the choice answered."""
    teams.say("休みたい")
    message = teams.next()
    choice = cards.actions(card_of(message), "show")[0]
    teams.press(message, choice)
    assert cards.actions(card_of(teams.next()), "vote")


def test_dates_by_word_and_by_form(teams):
    """Dates follow from 「日付 …」 and from the form; a day that does not exist is explained."""
    teams.say("日付 令和9年2月10日")
    assert "2026年12月31日" in shown(teams.next()).replace("令和8年", "2026年")
    teams.say("日付")
    message = teams.next()
    compute = cards.actions(card_of(message), "compute")[0]
    teams.press(message, compute, due="2027-02-10", birth="", multiple="false")
    assert "令和9年2月10日" in shown(teams.next())
    teams.press(message, compute, due="2027-02-30", birth="", multiple="false")
    assert "ありません" in shown(teams.next())


def test_menu_shelf_and_desk(teams):
    """The menu opens shelves, a shelf its topics, and the desk a letter with the question."""
    teams.say("メニュー")
    message = teams.next()
    shelf = cards.actions(card_of(message), "shelf")[0]
    teams.press(message, shelf)
    assert cards.actions(card_of(teams.next()), "show")
    teams.say("介護休暇は何日ですか")
    message = teams.next()
    teams.press(message, cards.actions(card_of(message), "desk")[0])
    assert "介護休暇は何日ですか" in shown(teams.next())


def test_a_group_sees_answers_but_nothing_private(teams, bot):
    """In a group only mentions count; sensitive answers go to the personal chat, the group reads one neutral line."""
    teams.say("介護休暇は何日ですか", teams.group)
    assert teams.quiet()
    teams.say("介護休暇は何日ですか", teams.group, mention=True)
    message = teams.next()
    assert message["actionConversationId"] == teams.group
    assert "介護休暇" in shown(message)
    for question in ("不妊治療のための休暇はありますか", "もう死にたいです", "予定日は令和9年2月10日です"):
        teams.say(question, teams.group, mention=True)
        private, public = teams.next(), teams.next()
        assert private["actionConversationId"] == teams.personal
        assert private["message"].get("summary", NEUTRAL) == NEUTRAL
        assert public["actionConversationId"] == teams.group
        assert public["message"]["text"] == menus.SENT_PRIVATELY
    bot.do(bot.book.set_reachable("teams", teams.config["currentUser"]["aadObjectId"], False))
    teams.say("不妊治療のための休暇はありますか", teams.group, mention=True)
    message = teams.next()
    assert message["actionConversationId"] == teams.group
    assert "teams.microsoft.com/l/chat" in shown(message)
    assert "不妊" not in shown(message)
    assert teams.quiet()
    bot.do(bot.book.set_reachable("teams", teams.config["currentUser"]["aadObjectId"], True))


def test_a_channel_is_answered_in_its_thread(teams, bot):
    """A mention in a channel is answered there; the channel can be reminded afterwards."""
    teams.say("介護休暇は何日ですか", teams.channel, mention=True)
    message = teams.next()
    assert "介護休暇" in shown(message)
    assert teams.quiet()
    assert any(p.user == p.address and p.address == teams.channel for p in bot.book.points.values())


def test_a_reminder_arrives_and_changes(teams, bot):
    """A message of the outbox arrives unasked, its button answers, and it can be changed afterwards."""
    address = Address(channel="teams", to=teams.personal)
    letter = Letter(marker="mark-1", address=address, message=DELIVERED, started_at=datetime.now(UTC))
    outcome = bot.do(bot.teams.gateway.send(letter))
    assert isinstance(outcome, Sent)
    message = teams.next()
    assert DELIVERED.title in shown(message)
    assert message["message"]["messageId"] == outcome.platform_ref
    teams.press(message, cards.actions(card_of(message), "show")[0])
    assert "ノー残業デー" in shown(teams.next())
    assert isinstance(bot.do(bot.teams.gateway.update(letter, outcome.platform_ref)), Sent)
    changed = teams.next()
    assert changed["action"] != "createMessage"
    assert changed["message"]["messageId"] == outcome.platform_ref
