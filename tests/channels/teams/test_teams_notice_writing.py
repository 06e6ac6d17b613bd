"""HR writes notices on Teams: who may and where, the form and what is wrong in it, preview, questions, sending."""

import asyncio
import json
from dataclasses import asdict, replace

import pytest

from asaka_bot.broadcasts.notice import Content, NoticeState, Plan, Question
from asaka_bot.channels.notice_draft import DETAILS, NEW, Draft, Offer, filled_up
from asaka_bot.channels.notice_draft import written as drafted
from asaka_bot.channels.teams import notice_cards, notice_form
from asaka_bot.channels.teams.inbound import Kind, Person, Place
from asaka_bot.channels.teams.notice_writing import IN_PERSON, NOT_YOURS, NoticeDesk
from asaka_bot.channels.teams.parts import LARGEST_BYTES, as_json
from asaka_bot.channels.teams.pressed import Step, Write, read, written
from asaka_bot.errors import Problem
from asaka_bot.outgoing import LANGUAGES, Link, Translation
from asaka_bot.roles import HrRole
from tests.channels.teams import cards
from tests.channels.teams.test_render import golden, payloads
from tests.fakes.notices_in_chat import IN_FULL, NOW, TEMPLATES, MemoryWriting

HANAKO, TARO = Person(id="29:1", user="aad-1"), Person(id="29:2", user="aad-2")
HERE = Place(conversation="a:1", kind=Kind.PERSONAL, service_url="http://127.0.0.1", tenant="t")
FILLED = Draft(title="健康診断の日程", body="決まりました。\n\n選んでください。", audience="全員", confirm=True)
NOT_THEN = Problem(field="respond_by", text="期限は開庁日にしてください")


class Desk:
    """The desk as HR uses it: each step is a press, its card the answer."""

    def __init__(self, **given):
        self.writing = MemoryWriting(roles={("teams", "aad-1"): HrRole.EDITOR}, **given)
        self._desk = NoticeDesk(self.writing, lambda: NOW, "https://hr.asaka.example/")

    def do(self, step: Step, person: Person = HANAKO, place: Place = HERE, **fields):
        """Press as Teams would send it; the card's JSON, or a sentence."""
        verb, data = written(Write(step=step, notice=fields.pop("notice", 0), version=fields.pop("version", 0)))
        press = read(verb, data | fields)
        answer = asyncio.run(self._desk.step(place, person, press))
        return answer if isinstance(answer, str) else cards.check(answer.card)

    def check(self, draft: Draft = FILLED, **more):
        return self.do(Step.CHECK, **fields_of(draft), **more)


def fields_of(draft: Draft) -> dict[str, str]:
    """The inputs as Teams sends them: all of them texts."""
    said = asdict(filled_up(draft, NEW)) | {"topics": ",".join(draft.topics or ()), "kept": "none"}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in said.items()}


def texts(tree) -> str:
    return "\n".join(cards.texts(tree)).replace("\u200b", "")


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


def above(tree, name: str) -> str:
    """What is written in red right above an input."""
    for parts in (e.get("items") or e.get("body") or () for e in cards.elements(tree)):
        places = [n for n, part in enumerate(parts) if part.get("id") == name]
        if places and parts[places[0] - 1]["type"] == "RichTextBlock":
            return parts[places[0] - 1]["inlines"][0]["text"].replace("\u200b", "")
    return ""


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


def sent_back(tree, **typed: str) -> dict[str, str]:
    """The card's inputs as Teams sends them, those that are empty left out; and what travels in its button."""
    found = {e["id"]: e["value"] for e in cards.elements(tree) if e["type"].startswith("Input.") and e.get("value")}
    [check] = [each for each in cards.actions(tree, "write") if each["data"]["step"] == "check"]
    travelling = {name: value for name, value in check["data"].items() if name != "step"}
    return found | travelling | typed


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("number", [0, 1])
def test_rewriting_loses_nothing(number, old):
    """A notice that the console wrote comes back as it was; also from a card of the time before くわしい設定."""
    desk, (content, plan) = Desk(), IN_FULL[number]
    actor = asyncio.run(desk.writing.actor("teams", "aad-1"))
    made = asyncio.run(desk.writing.create(actor, content, plan))
    form = desk.do(Step.REWRITE, notice=made.id, version=1)
    assert cards.keeps_the_schema(form)
    assert "くわしい設定（話題2、リンク2、投稿先3、English、" in texts(form)
    given = sent_back(form, title="新しい題名")
    if old:
        given = {name: value for name, value in given.items() if name not in (*DETAILS, "kept")}
    preview = desk.do(Step.CHECK, **given)
    assert "お知らせの確認" in texts(preview)
    assert desk.writing.kept[1].content == replace(content, title="新しい題名")
    assert (desk.writing.kept[1].plan, desk.writing.kept[1].version) == (plan, 2)


def test_the_details_can_be_filled_in():
    """Behind くわしい設定: topics, links, languages, channels, the repeat; the preview tells them all."""
    desk = Desk(state=NoticeState.SCHEDULED)
    form = desk.do(Step.FORM)
    [details] = [e for e in cards.elements(form) if e.get("id") == "details"]
    assert details["isVisible"] is False
    [topics] = [e for e in cards.elements(details) if e.get("id") == "topics"]
    assert (topics["isMultiSelect"], topics["style"]) == (True, "filtered")
    given = fields_of(FILLED) | sent_back(
        form, title="題名", body="本文", audience="全員", confirm="true", topics="annual-leave,harassment",
        links="様式 https://a.example/x", title_en="Check", body_en="The dates.", replies="false",
        posts="slack:C0123ABCD\r\nteams:19:a@thread.tacv2", post_web="true", repeat="weekly", repeat_weekday="4",
        repeat_at="08:05", source="計画",
    )  # fmt: skip
    preview = desk.do(Step.CHECK, **given)
    assert cards.keeps_the_schema(preview)
    assert not cards.live_parts(preview)
    content, plan = desk.writing.kept[1].content, desk.writing.kept[1].plan
    assert (content.topics, content.replies) == (("annual-leave", "harassment"), False)
    assert [str(post) for post in plan.posts] == ["web:everyone", "slack:C0123ABCD", "teams:19:a@thread.tacv2"]
    assert (plan.repeat.weekday, plan.repeat.at.minute) == (4, 5)
    for line in (
        "投稿先：Webチャットの「お知らせ」、Slackのチャンネル（C0123ABCD）、Teamsのチャネル（19:a＠thread.tacv2）",
        "送る時：毎週金曜日の8:05にくり返し", "リンク：様式", "案内する話題：ハラスメントの相談、年次休暇",
        "ほかの言語：English", "返信：受け付けません", "［確認しました］　［ハラスメントの相談］", "The dates.",
    ):  # fmt: skip
        assert line in texts(preview), line
    done = desk.do(Step.SEND, notice=1, version=1)
    assert "予約しました。毎週金曜日の8:05にくり返し、1,234人と投稿先3か所に送られます。" in texts(done)


def test_a_wrong_detail_is_unfolded():
    """It stands above its input, and the details are open."""
    desk = Desk()
    tree = desk.check(replace(FILLED, links="様式", repeat="weekly"))
    assert above(tree, "links").startswith("⚠ 「様式」が読み取れません。")
    assert above(tree, "repeat_at")
    [details] = [e for e in cards.elements(tree) if e.get("id") == "details"]
    assert details.get("isVisible", True) is True
    assert desk.writing.kept == {}


def test_what_a_card_does_not_show_is_not_emptied():
    """Of more topics than a card can offer none are shown; its button says so."""
    many = Offer(topics=[(str(number), "話題") for number in range(101)])
    tree = cards.check(notice_form.form(filled_up(FILLED, NEW), many).card)
    assert "topics" not in [e.get("id") for e in cards.elements(tree)]
    draft = notice_form.draft_of(sent_back(tree))
    assert (draft.topics, draft.links) == (None, "")


def test_the_longest_notice_fits_into_a_card():
    """With every text at its limit, in the bytes of UTF-8 in which it travels; the preview in any."""
    links = tuple(Link(label="名" * 100, url="https://a.example/" + "x" * 900) for _ in range(5))
    languages = tuple(Translation(language=name, title="題" * 100, paragraphs=("あ" * 3_000,)) for name in LANGUAGES)
    content = Content(title="題" * 100, body="あ" * 3_000, links=links, translations=languages, source="出" * 200)
    topics = [(f"a-topic-of-the-bot-{number}", "育児のための休業の制度のこと") for number in range(61)]
    shown = notice_form.form(drafted(content, Plan(audience="全" * 2_000)), Offer(topics=topics, templates=TEMPLATES))
    assert len(json.dumps(as_json(shown.card), ensure_ascii=False).encode()) <= LARGEST_BYTES
    desk = Desk()
    actor = asyncio.run(desk.writing.actor("teams", "aad-1"))
    made = asyncio.run(desk.writing.create(actor, content, Plan(audience="全員")))
    cards.check(asyncio.run(preview_of(desk, actor, made)).card)


async def preview_of(desk, actor, notice):
    return notice_cards.preview_card(notice, await desk.writing.message(actor, notice.id), (1, 0))
