"""HR writes notices on Slack: who may, the form and what is wrong in it, the preview, questions, sending, stopping."""

import asyncio
import json
from dataclasses import replace

import pytest

from asaka_bot.broadcasts.notice import Content, NoticeState, Plan, Question, RepeatKind
from asaka_bot.channels.notice_draft import NEW, Draft, Offer, filled_up, folded, written
from asaka_bot.channels.slack import notice_form, notice_views
from asaka_bot.channels.slack.notice_form import Form
from asaka_bot.channels.slack.notice_writing import NOT_YOURS
from asaka_bot.errors import Problem
from asaka_bot.outgoing import LANGUAGES, Link, Translation
from asaka_bot.roles import HrRole
from tests.channels.slack.test_slack_render import LIVE, MARKUP, as_dict, marked_texts
from tests.fakes.notices_in_chat import IN_FULL, TEMPLATES, TOPICS, MemoryWriting
from tests.fakes.slack_bot import bot
from tests.fakes.slack_dialogs import option, sent_back
from tests.fakes.slack_limits import problems, view_problems
from tests.fakes.slack_workspace import buttons, shown

FILLED = Draft(title="健康診断の日程", body="決まりました。\n\n選んでください。", audience="全員", confirm=True)
NOT_THEN = Problem(field="respond_by", text="期限は開庁日にしてください")


@pytest.fixture
def run(service):
    """Runs a test's coroutine with a bot on which U1 may write notices."""

    def go(work, **given):
        async def inside():
            writing = MemoryWriting(roles={("slack", "U1"): HrRole.EDITOR}, **given)
            ports = {"writing": writing, "console_url": "https://hr.asaka.example/"}
            async with bot(service, ports=ports) as made:
                return await work(made, writing)

        return asyncio.run(inside())

    return go


def filled_in(draft: Draft = FILLED, **form: int) -> dict:
    """The dialog as it is sent, without くわしい設定."""
    draft = folded(filled_up(draft, NEW))
    view = notice_form.form_view(Form(draft=draft, **form), Offer(templates=TEMPLATES, topics=TOPICS)).to_dict()
    return {"type": "view_submission", "view": sent_back(view)}


def previewed(view: dict, *agreed: str) -> dict:
    """The preview as it is sent, with what was agreed to."""
    version = json.loads(view["private_metadata"])["v"]
    options = [{"value": each} for each in agreed]
    values = {f"agreed.{version}": {"agreed": {"type": "checkboxes", "selected_options": options}}}
    return {"type": "view_submission", "view": view | {"id": "V1", "hash": "h", "state": {"values": values}}}


async def pressed(b, view: dict, action: dict) -> None:
    action = {"block_id": "b", "action_ts": "1.0", "type": "button"} | action
    view = view | {"id": "V1"}
    await b.interact({"type": "block_actions", "container": {"type": "view"}, "view": view, "actions": [action]})


def text_of(view: dict) -> str:
    return json.dumps(view, ensure_ascii=False).replace("\u200b", "")


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


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("number", [0, 1])
def test_rewriting_loses_nothing(run, number, opened):
    """A notice that the console wrote comes back as it was, whether くわしい設定 were opened or not."""

    async def work(b, writing):
        content, plan = IN_FULL[number]
        made = await writing.create(await writing.actor("slack", "U1"), content, plan)
        view = {"id": "V1", "type": "modal", "callback_id": notice_views.PREVIEW_VIEW, "blocks": []}
        await pressed(b, view, {"action_id": notice_views.REWRITE, "value": str(made.id)})
        (update,) = await b.space.until_calls("views.update")
        form = update["view"]
        assert view_problems(form) == []
        assert "いまの設定：話題2、リンク2、投稿先3、English、" in text_of(form)
        if opened:
            await pressed(
                b, sent_back(form, title="打ち直した題名"), {"action_id": notice_form.DETAILS, "value": "open"}
            )
            form = (await b.space.until_calls("views.update", 2))[1]["view"]
            assert view_problems(form) == []
            assert "打ち直した題名" in text_of(form)
        answer = (await b.interact({"type": "view_submission", "view": sent_back(form, title="新しい題名")})).json()
        assert answer["view"]["callback_id"] == notice_views.PREVIEW_VIEW
        assert writing.kept[1].content == replace(content, title="新しい題名")
        assert writing.kept[1].plan == plan
        assert writing.kept[1].version == 2

    run(work)


def test_the_details_can_be_filled_in(run):
    """Behind くわしい設定: topics, links, languages, channels, the repeat; the preview tells them all."""

    async def work(b, writing):
        await pressed(b, filled_in()["view"], {"action_id": notice_form.DETAILS, "value": "open"})
        (update,) = await b.space.until_calls("views.update")
        assert update["view"]["blocks"][1]["block_id"] == "title.0"  # typed texts stay under their names
        view = sent_back(
            update["view"],
            topics=[option("annual-leave")], links="様式 https://a.example/x", title_en="Check", body_en="The dates.",
            channels=["C0123ABCD"], posts="teams:19:a@thread.tacv2", more=[option("post_web")],
            repeat=option("yearly"), repeat_day="6月1日", repeat_at="08:05", repeat_until="2028-06-01", source="計画",
        )  # fmt: skip
        answer = (await b.interact({"type": "view_submission", "view": view})).json()
        assert view_problems(answer["view"]) == []
        plan, content = writing.kept[1].plan, writing.kept[1].content
        assert [str(post) for post in plan.posts] == ["web:everyone", "teams:19:a@thread.tacv2", "slack:C0123ABCD"]
        assert (plan.repeat.kind, plan.repeat.month, plan.repeat.at.hour) == (RepeatKind.YEARLY, 6, 8)
        assert (content.topics, content.replies, content.source) == (("annual-leave",), False, "計画")
        said = text_of(answer["view"])
        for line in (
            "投稿先：*Webチャットの「お知らせ」、Teamsのチャネル（19:a@thread.tacv2）、Slackのチャンネル（C0123ABCD）*",
            "送る時：*毎年6月1日の8:05にくり返し（令和10年6月1日（木）まで）*",
            "リンク：*様式*", "案内する話題：*年次休暇*", "ほかの言語：*English*", "返信：*受け付けません*",
            "［確認しました］　［年次休暇］", "The dates.", "出典：計画",
        ):  # fmt: skip
            assert line in said, line
        done = (await b.interact(previewed(answer["view"]))).json()
        assert (
            "予約しました。毎年6月1日の8:05にくり返し（令和10年6月1日（木）まで）、1,234人と投稿先3か所に送られます。"
            in text_of(done["view"])
        )

    run(work, state=NoticeState.SCHEDULED)


def test_what_is_wrong_in_the_details_stands_beside_its_field(run):
    """While they are open."""

    async def work(b, writing):
        form = notice_form.form_view(Form(draft=filled_up(FILLED, NEW)), Offer(topics=TOPICS)).to_dict()
        view = sent_back(form, links="様式", repeat=option("weekly"), more=[])
        answer = (await b.interact({"type": "view_submission", "view": view})).json()
        assert sorted(answer["errors"]) == ["links.0", "repeat_at.0"]
        assert writing.kept == {}

    run(work)


def test_a_refused_detail_unfolds_the_details(run):
    """Slack takes no error for an input that isn't there; the form comes back with it."""

    async def work(b, _writing):
        answer = (await b.interact(filled_in())).json()
        assert answer["response_action"] == "update"
        assert "リンクが開けません。" in answer["view"]["blocks"][0]["text"]["text"]
        assert "links.1" in [block.get("block_id") for block in answer["view"]["blocks"]]
        assert view_problems(answer["view"]) == []

    run(work, problems=(Problem(field="links", item=1, text="リンクが開けません"),))


def test_the_longest_notice_fits_into_the_dialog():
    """With every text at its limit; what Slack can't hold is not shown, and stays."""
    links = tuple(Link(label="名" * 100, url="https://a.example/" + "x" * 900) for _ in range(5))
    languages = tuple(Translation(language=name, title="題" * 100, paragraphs=("あ" * 3_000,)) for name in LANGUAGES)
    content = Content(title="題" * 100, body="あ" * 3_000, links=links, translations=languages, source="出" * 200)
    draft = written(content, Plan(audience="全員"))
    view = notice_form.form_view(Form(draft=draft), Offer(templates=TEMPLATES, topics=TOPICS)).to_dict()
    assert view_problems(view) == []
    assert notice_form.form_of(sent_back(view)).draft == replace(draft, links=None)
    many = Offer(topics=[(str(number), "話題") for number in range(101)])
    view = notice_form.form_view(Form(draft=draft), many).to_dict()
    assert notice_form.form_of(sent_back(view)).draft.topics is None
