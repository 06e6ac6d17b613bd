"""Replies and messages as Block Kit: within every limit, escaped, and each kind as its golden file has it."""

import itertools
import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from asaka_bot.answering import compose
from asaka_bot.channels.slack import desk, life_dates, menu
from asaka_bot.channels.slack.announcement import render_message
from asaka_bot.channels.slack.buttons import Pressed, pack, unpack
from asaka_bot.channels.slack.ports import Item
from asaka_bot.channels.slack.render import PRIVATE_TEXT, View, is_private, render
from asaka_bot.knowledge.model import Facet, Role
from asaka_bot.messages import (
    DateRow,
    Decision,
    Desk,
    Line,
    Option,
    Reply,
    Section,
    SourceNote,
    Tag,
    UrgentLine,
)
from asaka_bot.outgoing import Message
from tests.fakes.slack_limits import problems, view_problems
from tests.fakes.slack_workspace import buttons, shown

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 11, 22)
QUESTIONS = {
    "answer": "年休は1年に何日ありますか",
    "choose": "休みたい",
    "decline": "住民票はどこで取れますか",
    "urgent": "もう死にたいです",
    "sensitive": "上司からパワハラを受けています",
}
REMINDER = Message(
    title="本日はノー残業デーです",
    paragraphs=("定時で退庁しましょう。", "急ぎでない仕事は、明日に回せないかを確かめてください。"),
    also=("年次休暇の計画を立てる時期です",),
    topics=(Option(label="時間外勤務の縮減", topic="overtime-reduction"),),
    source="第5期特定事業主行動計画 第5-2-(1)",
)


def as_dict(made) -> dict:
    return {"text": made.text, "blocks": list(made.blocks)}


def golden(name: str, made: dict) -> None:
    """Compare with the golden file; UPDATE_GOLDEN=1 writes it anew, for a person to look at the difference."""
    file = GOLDEN / f"{name}.json"
    written = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(written, encoding="utf-8")
    assert written == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", QUESTIONS)
def test_replies_look_as_they_did(engine, now, kind):
    """Each kind of reply has its golden file."""
    reply, _ = engine.reply(QUESTIONS[kind], now=now)
    assert kind in (reply.decision.value, "sensitive")
    golden(kind, as_dict(render(reply, View(direct=True, question=QUESTIONS[kind]))))


def test_dates_look_as_they_did():
    """The table of dates has its golden file."""
    reply = life_dates.dates_reply("日付 令和9年2月10日", TODAY)
    golden("dates", as_dict(render(reply, View(direct=True))))


def test_a_reminder_looks_as_it_did():
    """A message that leaves on its own has its golden file."""
    golden("reminder", as_dict(render_message(REMINDER)))


def test_the_app_home_looks_as_it_did(knowledge):
    """The App Home has its golden file."""
    items = (Item(day=TODAY, title="ノー残業デー"),)
    golden("home", menu.home(knowledge, items, ()).to_dict())


VIEWS = [
    View(whole=whole, direct=direct, question="あ" * 1_000, role=Role.FIXED_TERM)
    for whole, direct in itertools.product((False, True), repeat=2)
]


def check_limits(knowledge, views, every_dates: bool) -> int:
    """Render every topic x facet in `views`; how many messages were made."""
    dates = life_dates.dates_reply("日付 令和9年2月10日", TODAY).dates
    count = 0
    for topic, facet in itertools.product(knowledge.topics.values(), (None, *Facet)):
        reply = compose.answer(topic, facet, None, knowledge, TODAY, tuple(knowledge.topics)[:3])
        tables = ((), dates) if every_dates or facet is None else ((),)
        for view, more in itertools.product(views, tables):
            made = render(replace(reply, dates=more), view)
            assert problems(list(made.blocks)) == [], (topic.id, facet)
            assert 1 <= len(made.text) <= 1_000
            count += 1
    return count


def test_every_answer_of_the_knowledge_base_keeps_the_limits(knowledge):
    """All topics x facets, whole and with the longest question: Slack takes every one."""
    assert check_limits(knowledge, VIEWS[-1:], every_dates=False) >= 600


@pytest.mark.slow
def test_every_answer_in_every_way_keeps_the_limits(knowledge):
    """All topics x facets x ways of showing, with and without a table of dates on top."""
    assert check_limits(knowledge, VIEWS, every_dates=True) >= 4_000


def test_menus_and_dialogs_keep_the_limits(knowledge):
    """App Home, menu, letter and question dialog."""
    many = tuple(Item(day=TODAY, title="題" * 300) for _ in range(50))
    assert view_problems(menu.home(knowledge, many, ()).to_dict()) == []
    assert problems(list(menu.menu(knowledge).blocks)) == []
    for question in ("", "問" * 1_000):
        assert view_problems(desk.draft_dialog(knowledge, "doctor", question).to_dict()) == []
        assert view_problems(desk.ask_dialog(question * 3).to_dict()) == []
    assert problems(list(desk.copy_of_draft("<" * 2_500).blocks)) == []
    assert problems(list(desk.copy_of_draft("\n".join("あ" * 80)).blocks)) == []


def filled(text: str, sensitive: bool = False, decision: Decision = Decision.ANSWER) -> Reply:
    """A reply with `text` in every field."""
    option = Option(label=text, topic=text, facet="pay")
    source = SourceNote(label=text, locator=text, certainty="law", page=3, url="https://example.com/a?b=1&c=2")
    line = Line(text=text, tag=Tag.LAW, sources=tuple(range(1, 31)), audience=text, expired=True)
    return Reply(
        decision=decision,
        lead=text,
        topic=text,
        title=text,
        facet="pay",
        sections=(Section(heading=text, lines=(line,) * 30),) * 3,
        notes=(text,) * 10,
        dates=(DateRow(id="x", title=text, start=TODAY, end=TODAY, basis=text, tag=Tag.LAW, note=text),) * 12,
        sources=(source, replace(source, url=f"javascript:{text}"), replace(source, url=f"https://x/{text}")) * 10,
        choices=(option,) * 20,
        facets=(option,) * 20,
        related=(option,) * 20,
        urgent=(UrgentLine(title=text, number=text, hours=text, dial=(), note=text),) * 20,
        desk=Desk(title=text, purpose=text, details=(text,) * 4),
        sensitive=sensitive,
    )


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("text", ["あ" * 5_000, "<&>" * 2_000, "*" * 4_000, "a\n" * 3_000, "👨‍👩‍👧" * 900, "x"])
def test_whatever_the_knowledge_base_holds_keeps_the_limits(decision, text):
    """Texts far longer than ours are cut, never refused by Slack."""
    for view in VIEWS:
        made = render(filled(text, decision=decision), view)
        assert problems(list(made.blocks)) == []
    message = Message(
        title=text, paragraphs=(text,) * 9, also=(text,) * 9, topics=(Option(label=text, topic=text),) * 30
    )
    assert problems(list(render_message(message).blocks)) == []


MARKUP = [
    f"{open_}{inner}{close}"
    for open_, close in [("<", ">"), ("&lt;", "&gt;"), ("*<", ">*"), ("`<", ">`"), ("<<", ">>"), ("\n<", ">\n")]
    for inner in [
        "!channel",
        "!here",
        "!everyone",
        "!subteam^S123|@all",
        "@U123",
        "#C123",
        "#C123|general",
        "https://evil.example|職員課",
        "http://evil.example",
        "mailto:a@evil.example|職員課",
        "tel:110|相談",
        "!date^1392734382^{date}^https://evil.example|日付",
        "javascript:alert(1)|x",
        "slack://user?team=T1|x",
        "https://evil.example\n|x",
        "!channel|x",
        "@W123|課長",
    ]
] + [
    "@channel",
    "@here",
    "#general",
    "https://evil.example",
    "[職員課](https://evil.example)",
    ":tada:",
    "&lt;!channel&gt;",
]

# A link lives where the knowledge base gives an address; only its label is text.
LIVE = re.compile(r"<(?!https://(?:example\.com/a\?b=1&amp;c=2|x/[^<>|]*)\|[^<>|]*>)[^>]*>?")


@pytest.mark.parametrize("markup", MARKUP)
def test_markup_in_any_field_is_dead(markup):
    """Mentions, channels and links in any text of a reply or a message are shown as they are written."""
    made = [render(filled(markup, sensitive), view) for sensitive in (False, True) for view in VIEWS]
    made += [render(filled(markup, decision=decision), VIEWS[0]) for decision in Decision]
    option = Option(label=markup, topic=markup)
    made.append(
        render_message(Message(title=markup, paragraphs=(markup,), also=(markup,), topics=(option,), source=markup))
    )
    made.append(desk.copy_of_draft(markup))
    for message in made:
        assert LIVE.findall(message.text) == []
        for text in marked_texts(list(message.blocks)):
            assert LIVE.findall(text["text"]) == []
            assert text["verbatim"] is True  # or Slack turns addresses and @channel into links of its own
        for text in plain_texts(list(message.blocks)):
            assert text["emoji"] is False


def test_there_are_markup_payloads_enough():
    """Every payload stands in every field at once, so that payloads x fields exceeds five hundred."""
    assert len(MARKUP) * 5 >= 500


def texts(value, kind):
    if isinstance(value, dict):
        if value.get("type") == kind:
            yield value
        for part in value.values():
            yield from texts(part, kind)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, kind)


def marked_texts(blocks):
    return list(texts(blocks, "mrkdwn"))


def plain_texts(blocks):
    return list(texts(blocks, "plain_text"))


def test_notifications_of_private_matters_reveal_nothing(knowledge):
    """Of a sensitive topic, of danger and of dates the notification says only that there is an answer."""
    for topic in knowledge.topics.values():
        reply = compose.answer(topic, None, None, knowledge, TODAY)
        made = render(reply, View(direct=True))
        assert (made.text == PRIVATE_TEXT) == topic.sensitive == is_private(reply)
    assert render(life_dates.dates_reply("日付 令和9年2月10日", TODAY), View()).text == PRIVATE_TEXT


def test_questions_travel_only_where_they_may(knowledge):
    """The question stands in the buttons of an ordinary answer alone."""
    for topic in knowledge.topics.values():
        made = render(compose.answer(topic, None, None, knowledge, TODAY), View(direct=True, question="カナリア"))
        assert ("カナリア" in shown(as_dict(made))) == (not topic.sensitive)


def test_shortened_answers_cite_what_they_show(knowledge):
    """Each number in a shortened answer has its source below it, and the first statement is always there."""
    for topic, facet in itertools.product(knowledge.topics.values(), Facet):
        reply = compose.answer(topic, facet, None, knowledge, TODAY)
        for whole in (False, True):
            made = as_dict(render(reply, View(whole=whole)))
            said = "".join(t["text"] for t in marked_texts(made["blocks"]))
            body, _, below = said.partition("出典")
            assert set(re.findall(r"\[(\d+)\]", body)) == set(re.findall(r"\[(\d+)\] ", below))
            assert "• " in body


def test_the_last_block_says_that_something_is_missing():
    """A message that doesn't fit ends with a line that says so."""
    made = render_message(Message(title="題", paragraphs=("あ" * 2_900,) * 6))
    assert "長いため" in json.dumps(made.blocks[-1], ensure_ascii=False)


def test_buttons_survive_their_journey():
    """What is packed into a button comes out of it; whatever else comes in counts as nothing."""
    pressed = Pressed(topic="annual-leave", facet=Facet.PAY, role=Role.MANAGER, question='"年休"は？\n')
    assert unpack(pack(pressed)) == pressed
    assert len(pack(replace(pressed, question="\u2028" * 400))) <= 2_000
    for junk in (None, 5, "", "{", "[]", '"x"', '{"t": 5, "f": "no", "r": []}', "[" * 5_000, "null"):
        assert unpack(junk) == Pressed()


def test_private_answers_offer_to_be_erased_in_private_only(knowledge):
    """このお答えを消す stands below a private answer in a direct message."""
    topic = knowledge.topics["harassment-consultation"]
    reply = compose.answer(topic, None, None, knowledge, TODAY)
    assert "このお答えを消す" in buttons(as_dict(render(reply, View(direct=True))))
    assert "このお答えを消す" not in buttons(as_dict(render(reply, View())))
