"""HR writes notices on Teams: who may and where, the form and what is wrong in it, preview, questions, sending."""

from dataclasses import replace

import pytest

from asaka_bot.broadcasts.notice import NoticeState, Question
from asaka_bot.channels.notice_draft import Draft
from asaka_bot.channels.teams import notice_cards, notice_form
from asaka_bot.channels.teams.inbound import Kind
from asaka_bot.channels.teams.notice_writing import IN_PERSON, NOT_YOURS
from asaka_bot.channels.teams.parts import as_json
from asaka_bot.channels.teams.pressed import Step, read
from asaka_bot.errors import Problem
from tests.channels.teams import cards
from tests.channels.teams.desk import FILLED, HERE, TARO, Desk, above, fields_of, texts
from tests.channels.teams.test_render import golden, payloads

NOT_THEN = Problem(field="respond_by", text="期限は開庁日にしてください")


def test_the_form_and_what_follows_are_cards():
    """Form, preview with questions, status and outcome keep the rules and Microsoft's schema; two have golden files."""
    desk = Desk(questions=(Question(id="quiet-hours", text="夜間です。送りますか。"),))
    form, preview = desk.do(Step.FORM), desk.check()
    golden("notice-form", form)
    golden("notice-preview", preview)
    asked = desk.do(Step.SEND, notice=1, version=1)
    for tree in (form, preview, asked, desk.do(Step.STATUS), desk.do(Step.KEEP, notice=1, version=1)):
        assert cards.keeps_the_schema(tree)
        assert not cards.live_parts(tree)


def test_others_get_a_friendly_sentence():
    """Whoever may not write notices learns who can help, whatever they press."""
    desk = Desk()
    for step in Step:
        assert NOT_YOURS in texts(desk.do(step, TARO, notice=1))
    assert desk.writing.kept == {}


@pytest.mark.parametrize("kind", [Kind.GROUP, Kind.CHANNEL])
def test_notices_are_written_in_the_personal_chat_alone(kind):
    """Drafts are nothing for others to read along."""
    assert Desk().do(Step.FORM, place=replace(HERE, kind=kind)) == IN_PERSON


def test_the_form_becomes_a_draft_and_a_preview():
    """What was filled in is kept, and shown as people will read it, with how many they are."""
    desk = Desk()
    tree = desk.check()
    assert "送る相手：1,234人（うち届かない人 5人）" in texts(tree)
    assert "選んでください。" in texts(tree)
    assert (desk.writing.kept[1].content.body, desk.writing.kept[1].plan.audience) == (FILLED.body, "全員")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"body": "あ" * 5_000},
        {"audience": "部署:総務部"},
        {"answers": "一、二、三、四、五"},
        {"respond_by": "2020-01-01"},
        {"later": True, "day": "2026-02-30", "at": "25:00"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(wrong):
    """The form comes back with all that was filled in; nothing is kept."""
    desk = Desk()
    tree = desk.check(replace(FILLED, **wrong))
    values = {e["id"]: e.get("value") for e in cards.elements(tree) if e["type"].startswith("Input.")}
    assert "内容を確かめる" in texts(tree)
    assert above(tree, "day" if "later" in wrong else next(iter(wrong)))
    assert "audience" in wrong or values["audience"] == "全員"
    assert desk.writing.kept == {}


def test_a_refusal_of_the_feature_stands_at_its_field():
    """Right above the input that it is about; what is about none on top of the form."""
    tree = Desk(problems=(NOT_THEN, Problem(text="ほかの人が変えました"))).check()
    assert above(tree, "respond_by") == "⚠ 期限は開庁日にしてください。"
    assert above(tree, "answers") == ""
    assert texts(tree).index("ほかの人が変えました。") < texts(tree).index("1か所を直してください。")
    assert texts(tree).index("1か所を直してください。") < texts(tree).index("題名")


def test_sending_says_what_became_of_it():
    """With the way to the console."""
    desk = Desk()
    desk.check()
    tree = desk.do(Step.SEND, notice=1, version=1)
    assert "1,234人への送信を始めました。" in texts(tree)
    assert "https://hr.asaka.example/hr/notices/1" in [e.get("url") for e in cards.elements(tree)]
    assert desk.writing.kept[1].state is NoticeState.SENT


def test_questions_have_to_be_agreed_to():
    """Until then nothing leaves."""
    desk = Desk(questions=(Question(id="quiet-hours", text="夜間です。送りますか。"),))
    desk.check()
    assert "夜間です。" in texts(desk.do(Step.SEND, notice=1, version=1, **{"agree-quiet-hours": "false"}))
    assert desk.writing.kept[1].state is NoticeState.DRAFT
    desk.do(Step.SEND, notice=1, version=1, **{"agree-quiet-hours": "true"})
    assert desk.writing.kept[1].state is NoticeState.SENT


def test_a_notice_that_others_changed_is_not_sent():
    """Whoever acts on an older version is told so."""
    desk = Desk()
    desk.check()
    desk.check(notice=1, version=1)
    assert "ほかの人が" in texts(desk.do(Step.SEND, notice=1, version=1))


def test_trying_and_rewriting():
    """試し送り goes to oneself; 書き直す brings the form back, which then changes the same draft."""
    desk = Desk()
    desk.check()
    assert "あなたのSlackに送りました。" in texts(desk.do(Step.TEST, notice=1, version=1))
    form = desk.do(Step.REWRITE, notice=1, version=1)
    assert FILLED.title in [e.get("value") for e in cards.elements(form)]
    desk.check(replace(FILLED, title="新しい題名"), notice=1, version=1)
    assert (desk.writing.tested, len(desk.writing.kept)) == ([1], 1)
    assert desk.writing.kept[1].content.title == "新しい題名"


def test_a_template_fills_what_is_empty():
    """What was typed stays."""
    tree = Desk().do(Step.TEMPLATE, **fields_of(Draft(template="rules", title="私の題名")))
    values = {e["id"]: e.get("value") for e in cards.elements(tree) if e["type"].startswith("Input.")}
    assert (values["title"], values["body"], values["confirm"]) == ("私の題名", "本文を書いてください。", "true")


def test_the_status_lists_figures_and_stops():
    """The latest with their figures; 中止 says how much it stopped."""
    desk = Desk()
    desk.check()
    desk.do(Step.SEND, notice=1, version=1)
    tree = desk.do(Step.STATUS)
    assert "送信済み 1,029人、送信待ち 200人" in texts(tree)
    [stop] = cards.actions(tree, "write")
    assert stop["data"] == {"step": "cancel", "notice": 1, "version": 2}
    assert "200件の送信を止めました" in texts(desk.do(Step.CANCEL, notice=1))


def test_markup_in_what_hr_writes_stays_text():
    """X6: of 500 payloads in title, body, answers and sentences of form, preview and status, none makes anything live."""
    desk = Desk()
    for text in payloads():
        draft = replace(FILLED, title=text[:100], body=text, answers=text[:20].replace("/", ""))
        tree = desk.check(draft)
        assert not cards.live_parts(tree)
    assert not cards.live_parts(desk.do(Step.STATUS))
    assert not cards.live_parts(as_json(notice_cards.said_card(text).card))


@pytest.mark.parametrize("given", [{}, {"step": "drop"}, {"step": 5}, {"step": ["send"]}])
def test_foreign_steps_are_nothing(given):
    """What is none of our buttons does nothing."""
    assert read("write", given) is None


def test_foreign_values_are_harmless():
    """Values of any type and length read as empty or are cut."""
    press = read("write", {"step": "check", "notice": "1", "version": True, "title": 5, "body": ["x"], "confirm": 1})
    assert (press.notice, press.version) == (0, 0)
    assert notice_form.draft_of(press.fields).title == ""
    assert len(notice_form.draft_of({"body": "あ" * 99_999}).body) == 3_001
