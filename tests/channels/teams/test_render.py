"""Replies and messages as Adaptive Cards: golden files, limits over all topics, harmless text."""

import json
import os
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from asaka_bot.answering import compose
from asaka_bot.answering.facets import BUTTONS
from asaka_bot.answering.life_events import life_events
from asaka_bot.channels.teams import menus
from asaka_bot.channels.teams.announcement import message_card
from asaka_bot.channels.teams.escaping import link, plain
from asaka_bot.channels.teams.parts import as_json
from asaka_bot.channels.teams.pressed import AskDesk, Compute, Menu, Shelf, Show, Vote, read, written
from asaka_bot.channels.teams.render import NEUTRAL, reply_card, size_of
from asaka_bot.knowledge.model import Facet
from asaka_bot.messages import Decision, Desk, Line, Option, Reply, Section, SourceNote, Tag, UrgentLine
from asaka_bot.outgoing import Message
from tests.channels.teams import cards

GOLDEN = Path(__file__).parent / "golden"
REMINDER = Message(
    title="今日はノー残業デーです",
    paragraphs=("毎週水曜日は、定時で退庁する日です。", "仕事の終わりを決めて、声をかけ合いましょう。"),
    also=("定時退庁推進週間（11月24日〜28日）",),
    topics=(Option(label="ノー残業デーについて知りたい", topic="no-overtime-day", facet="overview"),),
    source="第5期特定事業主行動計画 第5-2-(1)",
)


def golden(name, tree):
    """Compare with the golden file; UPDATE_GOLDEN=1 writes it anew, to be read before it is committed."""
    file = GOLDEN / f"{name}.json"
    text = json.dumps(tree, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.fixture
def say(engine, now):
    return lambda question: engine.reply(question, now=now)[0]


def option(label, topic="care-leave", facet=None):
    return Option(label=label, topic=topic, facet=facet)


DESK = Desk(title="職員課", purpose="休暇についての相談", details=("内線 123",))
ANSWER = Reply(
    decision=Decision.ANSWER,
    lead="【介護休暇】期間・日数・時間",
    topic="care-leave",
    title="介護休暇",
    facet="duration",
    sections=(
        Section(
            heading="期間・日数・時間",
            lines=(
                Line(text="市の規則では、6か月です。", tag=Tag.CITY_RULE, sources=(1,)),
                Line(text="計画に書かれています。", tag=Tag.PLAN, sources=(2,), expired=True),
                Line(text="法律では、93日です。", tag=Tag.LAW, sources=(3,)),
                Line(text="国では、6か月です。", tag=Tag.NATIONAL, sources=(3,), audience="会計年度任用職員"),
                Line(text="職員課に確認してください。", tag=Tag.CITY, sources=()),
            ),
        ),
    ),
    notes=("※短期介護休暇とは別の制度です。",),
    sources=(
        SourceNote(label="勤務時間規則", locator="10条", certainty="city"),
        SourceNote(label="第5期計画", locator="第5-2", certainty="plan", page=12),
        SourceNote(
            label="育児・介護休業法",
            locator="11条",
            certainty="law",
            url="https://laws.e-gov.go.jp/law/403AC0000000076",
        ),
    ),
    facets=(option("対象は？", facet="eligibility"), option("給与は？", facet="pay")),
    related=(option("年に数日休みたい（短期介護休暇）", "short-care-leave"),),
    desk=DESK,
)
URGENT = Reply(
    decision=Decision.URGENT,
    lead="話してくれてありがとうございます。",
    topic="health-care",
    urgent=(
        UrgentLine(title="救急／警察", number="119／110", hours="24時間", dial=("119", "110")),
        UrgentLine(
            title="よりそいホットライン", number="0120-279-338", hours="24時間", dial=("0120279338",), note="無料"
        ),
        UrgentLine(title="職員課", number="", hours="開庁時間", dial=()),
    ),
    notes=("この内容は保存も記録もしていません。",),
    related=(option("健康への配慮", "health-care"),),
    sources=(SourceNote(label="厚生労働省", locator="（令和8年11月1日（日）確認）", certainty="law"),),
    sensitive=True,
)
LEAVE = tuple(compose.date_row(event) for event in life_events(due=date(2027, 2, 10)))
ASKED = "介護休暇は何日ですか"


@pytest.mark.parametrize(
    ("name", "reply", "question"),
    [
        ("answer", ANSWER, ASKED),
        ("answer-sensitive", replace(ANSWER, sensitive=True), ASKED),
        (
            "choose",
            Reply(decision=Decision.CHOOSE, lead="近いものを選んでください。", choices=ANSWER.related, desk=DESK),
            ASKED,
        ),
        (
            "decline",
            Reply(decision=Decision.DECLINE, lead="資料にありません。", notes=("もしかすると。",), desk=DESK),
            ASKED,
        ),
        ("urgent", URGENT, ASKED),
        ("dates", replace(ANSWER, dates=LEAVE), ASKED),
    ],
)
def test_each_kind_of_reply(name, reply, question):
    """Each kind of reply looks as its golden file says, and keeps the rules of all cards."""
    shown = reply_card(reply, question)
    tree = cards.check(shown.card)
    golden(name, {"summary": shown.summary, "card": tree})
    assert cards.keeps_the_schema(tree)
    assert not cards.live_parts(tree)


def test_a_reminder():
    """A message that leaves on its own; its buttons carry the mark of the delivery."""
    shown = message_card(REMINDER, "abc123")
    tree = cards.check(shown.card)
    golden("reminder", {"summary": shown.summary, "card": tree})
    assert cards.keeps_the_schema(tree)
    assert {action["data"]["delivery"] for action in cards.actions(tree)} == {"abc123"}


def every_answer(knowledge):
    """Each topic with each facet; for each role that its statements tell apart."""
    for topic in knowledge.topics.values():
        for facet, statements in topic.facets.items():
            for role in {None, *(role for statement in statements for role in statement.roles)}:
                yield (
                    topic,
                    compose.answer(topic, facet, role, knowledge, date(2026, 11, 22), list(knowledge.topics)[:3]),
                )


def test_all_topics_and_sides(knowledge):
    """Every topic with every facet and role fits, with the longest question that travels along."""
    question = "あ" * 1_000
    largest = 0
    for topic, reply in every_answer(knowledge):
        shown = reply_card(reply, question)
        tree = cards.check(shown.card)
        assert not cards.live_parts(tree)
        largest = max(largest, size_of(shown.card))
        if topic.sensitive:
            assert shown.summary == NEUTRAL
            assert question[:50] not in json.dumps(tree, ensure_ascii=False)
        assert {plain(line.text) for line in reply.sections[0].lines} <= set(cards.texts(tree))
    assert largest < 45_000


@pytest.mark.slow
def test_all_topics_keep_the_schema(knowledge):
    """Every answer is a card by Microsoft's schema of Adaptive Cards 1.5."""
    for topic, reply in every_answer(knowledge):
        assert cards.keeps_the_schema(as_json(reply_card(reply, "何日ですか").card)), topic.id


def test_the_rest_of_a_long_answer_waits(say):
    """Of many lines a few are shown; 「続きを見る」 opens the rest in the same card."""
    lines = tuple(Line(text=f"文{n}", tag=Tag.LAW, sources=(1,)) for n in range(7))
    reply = replace(say("介護休暇は何日ですか"), sections=(Section(heading="期間", lines=lines),))
    tree = as_json(reply_card(reply).card)
    rest = next(e for e in cards.elements(tree) if e.get("id") == "rest")
    assert rest["isVisible"] is False
    assert [t for t in cards.texts(rest) if t.startswith("文")] == ["文4", "文5", "文6"]
    assert "続きを見る（あと3件）" in cards.texts(tree)


def test_a_huge_answer_is_cut_with_a_note(say):
    """An answer that Teams would refuse is cut, and says so."""
    lines = tuple(Line(text="長" * 3_900, tag=Tag.PLAN, sources=(1,)) for _ in range(40))
    reply = replace(say("介護休暇は何日ですか"), sections=(Section(heading="期間", lines=lines),))
    tree = cards.check(reply_card(reply, "問" * 1_000).card)
    assert any("ここまでを表示しています" in text for text in cards.texts(tree))


def test_a_huge_message_is_cut():
    """A notice of any length leaves, cut where Teams would refuse it."""
    huge = Message(title="題" * 900, paragraphs=("段落" * 9_000,) * 30, also=("件" * 2_000,) * 99, source="出" * 900)
    tree = cards.check(message_card(huge, "m").card)
    assert any("ここまでを表示しています" in text for text in cards.texts(tree))


@pytest.mark.parametrize(
    "question", ["不妊治療のための休暇はありますか", "もう死にたいです", "予定日は令和9年2月10日です"]
)
def test_notifications_reveal_nothing(say, question):
    """Beside a locked screen others can read along."""
    reply = say(question)
    assert reply_card(reply, question).summary == NEUTRAL


def test_a_question_with_a_birth_does_not_travel(say):
    """The reply promises that the date is not kept: it isn't in the buttons either."""
    asked = "予定日は令和9年2月10日です。産休はいつからですか"
    assert "令和9年2月10日です。産休" not in json.dumps(as_json(reply_card(say(asked), asked).card), ensure_ascii=False)


MARKUP = [
    "[安全なリンク](https://evil.example)",
    "<at>全員</at>",
    "<a href='https://evil.example'>x</a>",
    "**太字** _斜体_ `code` ~~消~~",
    "- 一\n- 二\n1. 三\n* 四\n+ 五",
    "# 見出し\n> 引用",
    "https://evil.example/a?b=c",
    "www.evil.example",
    "evil.com/path",
    "file://server/share \\\\server\\share",
    "user@evil.example",
    "mailto:user@evil.example",
    "{{DATE(2026-11-22T00:00:00Z,SHORT)}}",
    "![絵](https://evil.example/x.png)",
    "[a]: https://evil.example\n[a]",
    "&#91;x&#93;(https://evil.example)",
    "\u202eelpmaxe.live//:sptth",
    "<script>alert(1)</script>",
    "| a | b |\n|---|---|",
    "\\[x\\](https://evil.example)",
]


def payloads():
    chance = random.Random(7)
    for number in range(500):
        parts = chance.sample(MARKUP, chance.randint(1, 3))
        yield f"{number}" + chance.choice(["", " ", "\n", "　", "\r\n"]).join(parts)


def test_markup_of_people_stays_text():
    """X6: of 500 payloads in every field that people fill, none makes a live link or mention."""
    for text in payloads():
        option = Option(label=text, topic="care-leave")
        message = Message(title=text, paragraphs=(text,), also=(text,), topics=(option,), source=text)
        note = SourceNote(label=text, locator=text, certainty="law", url=text)
        line = Line(text=text, tag=Tag.LAW, sources=(1,), audience=text)
        reply = Reply(
            decision=Decision.ANSWER, lead=text, topic="care-leave", title=text, facet="pay", notes=(text,),
            sections=(Section(heading=text, lines=(line,)),), sources=(note,), facets=(option,), related=(option,),
            choices=(option,), desk=Desk(title=text, purpose=text, details=(text,)),
        )  # fmt: skip
        for shown in (
            message_card(message),
            reply_card(reply, text),
            reply_card(replace(reply, decision=Decision.CHOOSE)),
        ):
            tree = as_json(shown.card)
            assert not cards.live_parts(tree), cards.live_parts(tree)
            assert not cards.live_parts({"type": "TextBlock", "text": shown.summary})
            assert "msteams" not in tree


def test_links_go_only_where_cards_may_link():
    """A link is ours, with HTTPS or a telephone number; any other address leaves the label alone."""
    assert link("条例", "https://www.city.asaka.lg.jp/a.html") == "[条例](https://www.city.asaka.lg.jp/a.html)"
    assert link("119", "tel:119") == "[119](tel:119)"
    for address in (
        "javascript:alert(1)",
        "http://x.example",
        "https://x.example/a b",
        "https://x)](https://y",
        "tel:1;2",
    ):
        assert link("条例", address) == "条例"


@pytest.mark.parametrize(
    "press",
    [
        Show(topic="care-leave"),
        Show(topic="care-leave", facet=Facet.PAY),
        Vote(topic="care-leave", facet=Facet.PAY, helpful=True, question="何日？"),
        Vote(topic="care-leave", facet=None, helpful=False, question=None),
        Menu(),
        Shelf(category="care"),
        AskDesk(),
        AskDesk(topic="care-leave", question="何日？"),
    ],
)
def test_presses_come_back(press):
    """What is written into a button is read back from it."""
    assert read(*written(press)) == press


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("", {}),
        ("drop", {"topic": "x"}),
        ("vote", {"topic": "x", "helpful": "maybe"}),
        ("vote", {"topic": "x", "helpful": ["yes"]}),
        ("vote", {"helpful": {"yes": 1}}),
    ],
)
def test_foreign_presses_are_nothing(verb, given):
    """What is none of our buttons does nothing."""
    assert read(verb, given) is None


def test_foreign_values_are_cut_and_ignored():
    """Values of any type and length come back harmless."""
    assert read("show", {"topic": 7, "facet": "sharp"}) == Show(topic="", facet=None)
    assert read("show", {"topic": "x" * 999}) == Show(topic="x" * 80)
    assert read("compute", {"due": None, "birth": [], "multiple": 1}) == Compute(due="", birth="", multiple=False)
    withheld = read("vote", {"topic": "t", "helpful": "no", "question": "q", "without_question": "true"})
    assert withheld == Vote(topic="t", facet=None, helpful=False, question=None)


def test_facet_buttons_have_their_labels(say):
    """The sides of a topic are offered by the words that all channels use."""
    tree = as_json(reply_card(say("介護休暇は何日ですか")).card)
    offered = {a["data"]["facet"]: a["title"] for a in cards.actions(tree, "show") if "facet" in a["data"]}
    assert offered
    assert all(BUTTONS[Facet(facet)] == label for facet, label in offered.items())


def test_the_cards_beside_the_answers(knowledge):
    """Welcome, menu, every shelf, dates and desk are cards by the rules and by Microsoft's schema."""
    rows = [compose.date_row(event) for event in life_events(due=date(2027, 2, 10))]
    made = {
        "welcome": menus.welcome(personal=True),
        "menu": menus.menu(knowledge),
        "dates-form": menus.dates_form("2027年2月30日という日はありません"),
        "dates-result": menus.dates_result("出産予定日 令和9年2月10日（水）として計算しました。", rows),
        "desk": menus.desk(knowledge, "hr-desk", "介護休暇は何日ですか"),
        "personal-chat": menus.turn_to_personal_chat("11111111-1111-4111-8111-111111111111"),
    }
    for name, shown in made.items():
        tree = cards.check(shown.card)
        if name not in ("menu", "desk"):  # these follow the knowledge base
            golden(name, {"summary": shown.summary, "card": tree})
        assert cards.keeps_the_schema(tree)
    for category in knowledge.categories:
        if (shown := menus.shelf(knowledge, category.id)) is not None:
            cards.check(shown.card)
    assert menus.shelf(knowledge, "no-such-shelf") is None
