"""HR writes notices on Slack: who may, the form and what is wrong in it, the preview, questions, sending, stopping."""

import asyncio
import json
from dataclasses import replace
from functools import partial

import pytest

from asaka_bot.broadcasts.notice import NoticeState, Question
from asaka_bot.channels.notice_draft import Draft
from asaka_bot.channels.slack import notice_form, notice_views
from asaka_bot.channels.slack.notice_writing import NOT_YOURS
from asaka_bot.errors import Problem
from tests.channels.slack.test_slack_render import LIVE, MARKUP, as_dict, marked_texts
from tests.fakes.slack_limits import problems, view_problems
from tests.fakes.slack_notice_desk import FILLED, at_desk, filled_in, pressed, previewed, text_of
from tests.fakes.slack_workspace import buttons, shown

NOT_THEN = Problem(field="respond_by", text="期限は開庁日にしてください")


@pytest.fixture
def run(service):
    """Runs a test's coroutine with a bot on which U1 may write notices."""
    return partial(at_desk, service)


@pytest.mark.parametrize("way", ["shortcut", "command"])
def test_the_form_opens_for_hr(run, way):
    """The global shortcut and /asaka お知らせ open the form, with the templates and help for the audience."""

    async def work(b, _writing):
        if way == "shortcut":
            await b.interact({"type": "shortcut", "callback_id": "asaka-notice", "action_ts": "1.0"})
        else:
            await b.form(command(b, "お知らせ"))
        (opened,) = await b.space.until_calls("views.open")
        assert view_problems(opened["view"]) == []
        assert "制度の周知" in text_of(opened["view"])
        assert "所属:総務部/職員課" in text_of(opened["view"])

    run(work)


def command(b, text: str, user: str = "U1") -> dict[str, str]:
    return {
        "command": "/asaka", "text": text, "team_id": "T1", "user_id": user, "channel_id": "C1",
        "trigger_id": f"t{id(object())}-{text}", "response_url": f"{b.space.url}/response/1",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["お知らせ", "お知らせ 状況"])
def test_others_get_a_friendly_sentence(run, text):
    """Whoever may not write notices learns who can help, and sees nothing of them."""

    async def work(b, _writing):
        await b.form(command(b, text, user="U2"))
        async with asyncio.timeout(5):
            while not b.space.responses:
                await asyncio.sleep(0.01)
        assert b.space.responses[0]["text"] == NOT_YOURS
        assert b.space.of("views.open") == []

    run(work)


def test_a_question_about_notices_is_still_a_question(run):
    """Only the word by itself opens the form."""

    async def work(b, _writing):
        await b.form(command(b, "お知らせは何ですか"))
        async with asyncio.timeout(10):
            while not b.space.responses:
                await asyncio.sleep(0.01)
        assert b.space.of("views.open") == []

    run(work)


def test_the_form_becomes_a_draft_and_a_preview(run):
    """What was filled in is kept, and shown as people will read it, with how many they are."""

    async def work(b, writing):
        answer = (await b.interact(filled_in())).json()
        assert answer["response_action"] == "update"
        assert view_problems(answer["view"]) == []
        assert "1,234人" in text_of(answer["view"])
        assert "届かない人 5人" in text_of(answer["view"])
        assert "選んでください。" in text_of(answer["view"])
        assert writing.kept[1].content.body == FILLED.body
        assert writing.kept[1].plan.audience == "全員"

    run(work)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"title": ""}, "title"),
        ({"audience": "部署:総務部"}, "audience"),
        ({"answers": "一、二、三、四、五"}, "answers"),
        ({"respond_by": "2020-01-01"}, "respond_by"),
        ({"later": True, "day": "2020-01-01", "at": "09:00"}, "day"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(run, wrong, name):
    """Nothing is kept, and the dialog stays open with all that was typed."""

    async def work(b, writing):
        answer = (await b.interact(filled_in(replace(FILLED, **wrong)))).json()
        assert answer["response_action"] == "errors"
        assert list(answer["errors"]) == [f"{name}.0"]
        assert writing.kept == {}

    run(work)


def test_a_refusal_of_the_feature_stands_beside_its_field(run):
    """Its sentences are shown at the field that they speak of."""

    async def work(b, _writing):
        answer = (await b.interact(filled_in())).json()
        assert answer["errors"] == {"respond_by.0": "期限は開庁日にしてください。"}

    run(work, problems=(NOT_THEN,))


def test_what_is_about_no_field_stands_above_the_form(run):
    """Slack takes no error for a field that isn't there: the form comes back with all that was typed."""

    async def work(b, writing):
        answer = (await b.interact(filled_in())).json()
        assert answer["response_action"] == "update"
        assert answer["view"]["callback_id"] == notice_form.FORM_VIEW
        first = answer["view"]["blocks"][0]["text"]["text"]
        assert "別の人が変えました。" in first
        assert "期限は開庁日に" in first
        assert FILLED.body.split("\n")[0] in text_of(answer["view"])
        assert view_problems(answer["view"]) == []
        assert writing.kept == {}

    run(work, problems=(Problem(text="別の人が変えました"), NOT_THEN))


def test_a_slow_feature_is_waited_for_in_the_dialog(run):
    """Slack is answered in time with 確かめています; a refusal then stands above all that was typed."""

    async def work(b, writing):
        writing.slow = asyncio.Event()
        answer = (await asyncio.wait_for(b.interact(filled_in()), 2.8)).json()
        assert "確かめています" in text_of(answer["view"])
        writing.slow.set()
        (update,) = await b.space.until_calls("views.update")
        assert "期限は開庁日に" in text_of(update["view"])
        assert FILLED.title in text_of(update["view"])
        assert update["view"]["callback_id"] == notice_form.FORM_VIEW

    run(work, problems=(NOT_THEN,))


def test_sending_says_what_became_of_it(run):
    """The dialog and a direct message with the way to the console."""

    async def work(b, writing):
        preview = (await b.interact(filled_in())).json()["view"]
        answer = (await b.interact(previewed(preview))).json()
        assert "1,234人への送信を始めました。" in text_of(answer["view"])
        (post,) = await b.space.until_posts(1)
        assert "<https://hr.asaka.example/hr/notices/1|人事コンソールで見る>" in shown(post)
        assert writing.kept[1].state is NoticeState.SENT

    run(work)


def test_questions_come_back_as_boxes(run):
    """Until they are agreed to nothing leaves; then it does."""

    async def work(b, writing):
        preview = (await b.interact(filled_in())).json()["view"]
        again = (await b.interact(previewed(preview))).json()["view"]
        assert view_problems(again) == []
        assert "夜間です。" in text_of(again)
        assert writing.kept[1].state is NoticeState.DRAFT
        await b.interact(previewed(again, "quiet-hours"))
        assert writing.kept[1].state is NoticeState.SENT

    run(work, questions=(Question(id="quiet-hours", text="夜間です。" + "それでも送りますか。" * 20),))


def test_the_same_submission_twice_sends_once(run):
    """A replayed dialog neither keeps another draft nor sends again."""

    async def work(b, writing):
        for _ in range(3):
            await b.interact(filled_in() | {"trigger_id": "same"})
        assert len(writing.kept) == 1

    run(work)


def test_the_buttons_of_the_preview(run):
    """自分に試し送り sends to oneself, 書き直す brings the form back with its texts, 下書きに保存 says so."""

    async def work(b, writing):
        preview = (await b.interact(filled_in())).json()["view"]
        made = buttons(preview)
        for number, label in enumerate(("自分に試し送り", "書き直す", "下書きに保存"), 1):
            await pressed(b, preview, made[label])
            await b.space.until_calls("views.update", number)
        test, form, kept = (update["view"] for update in b.space.of("views.update"))
        assert writing.tested == [1]
        assert "あなたのSlackに送りました。" in text_of(test)
        assert (form["callback_id"], FILLED.body.split("\n")[0] in text_of(form)) == (notice_form.FORM_VIEW, True)
        assert "下書きに保存しました" in text_of(kept)
        rewritten = filled_in(FILLED, notice=1, version=1, turn=1)
        await b.interact(rewritten)
        assert (len(writing.kept), writing.kept[1].version) == (1, 2)

    run(work)


def test_a_template_fills_what_is_empty(run):
    """What was typed stays; source and other parts without a field come along."""

    async def work(b, writing):
        sent = filled_in(Draft(title="私の題名"))["view"]
        option = {"selected_option": {"value": "rules"}}
        await pressed(b, sent, {"type": "static_select", "action_id": "asaka-notice-template"} | option)
        (update,) = await b.space.until_calls("views.update")
        assert view_problems(update["view"]) == []
        assert "私の題名" in text_of(update["view"])
        assert "本文を書いてください。" in text_of(update["view"])
        await b.interact(filled_in(Draft(template="rules", title="題", body="本文", audience="全員")))
        assert writing.kept[1].content.source == "第5期計画 第5-2"

    run(work)


def test_the_status_lists_figures_and_stops(run):
    """/asaka お知らせ 状況: the latest with their figures; 中止 says how much it stopped."""

    async def work(b, writing):
        preview = (await b.interact(filled_in())).json()["view"]
        await b.interact(previewed(preview))
        await b.form(command(b, "お知らせ 状況"))
        async with asyncio.timeout(5):
            while not b.space.responses:
                await asyncio.sleep(0.01)
        listed = b.space.responses[0]
        listed = {
            "text": listed["text"],
            "blocks": json.loads(listed["blocks"]) if isinstance(listed["blocks"], str) else listed["blocks"],
        }
        assert "送信済み 1,029人、送信待ち 200人" in shown(listed)
        assert "確認済み 321人" in shown(listed)
        await b.press(buttons(listed)["まだの分を中止"], {"ts": "9.9"}, channel="C1")
        async with asyncio.timeout(5):
            while len(b.space.responses) < 2:
                await asyncio.sleep(0.01)
        assert "200件の送信を止めました" in b.space.responses[1]["text"]
        assert writing.kept[1].state is NoticeState.CANCELLED

    run(work)


def test_markup_in_what_hr_writes_is_dead(run):
    """X6: title, body, answers in preview, direct message and status stay as they are written."""

    async def look(b, writing, markup):
        preview = (await b.interact(filled_in(Draft(title=markup.strip(), body=markup, audience="全員")))).json()[
            "view"
        ]
        made = [preview["blocks"], list(notice_views.linked("文", markup, "").blocks)]
        actor = await writing.actor("slack", "U1")
        listed = notice_views.status([(writing.kept[1], await writing.progress(actor, 1))])
        made.append(list(listed.blocks))
        assert problems(as_dict(listed)["blocks"]) == []
        for text in (each for blocks in made for each in marked_texts(blocks)):
            assert LIVE.findall(text["text"]) == [], markup

    async def work(b, writing):  # one bot for all: starting it takes longer than looking
        for markup in MARKUP:
            writing.kept.clear()
            await look(b, writing, markup)

    run(work)


@pytest.mark.parametrize("junk", [None, 5, "", "{", "[]", '{"n": "x", "v": null, "t": 5, "k": true}'])
def test_foreign_dialogs_do_no_harm(junk):
    """Whatever a dialog carries reads as a form that shows nothing."""
    form = notice_form.form_of({"private_metadata": junk, "state": {"values": {"x": {"y": 5}, "ticks.0": []}}})
    assert (form.notice, form.version, form.draft.title) == (0, 0, None)
