"""What stands behind くわしい設定 of the dialog on Slack: nothing is lost, all can be filled in, mistakes are told there."""

from dataclasses import replace
from functools import partial

import pytest

from asaka_bot.broadcasts.notice import Content, NoticeState, Plan, RepeatKind
from asaka_bot.channels.notice_draft import NEW, Offer, filled_up, written
from asaka_bot.channels.slack import notice_form, notice_views
from asaka_bot.channels.slack.notice_form import Form
from asaka_bot.errors import Problem
from asaka_bot.outgoing import LANGUAGES, Link, Translation
from tests.fakes.notices_in_chat import IN_FULL, TEMPLATES, TOPICS
from tests.fakes.slack_dialogs import option, sent_back
from tests.fakes.slack_limits import view_problems
from tests.fakes.slack_notice_desk import FILLED, at_desk, filled_in, pressed, previewed, text_of

NOT_THEN = Problem(field="respond_by", text="期限は開庁日にしてください")


@pytest.fixture
def run(service):
    """Runs a test's coroutine with a bot on which U1 may write notices."""
    return partial(at_desk, service)


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
