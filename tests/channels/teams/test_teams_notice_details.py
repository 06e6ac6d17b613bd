"""What stands behind くわしい設定 of the card on Teams: nothing is lost, all can be filled in, mistakes are told there."""

import asyncio
import json
from dataclasses import replace

import pytest

from asaka_bot.broadcasts.notice import Content, NoticeState, Plan
from asaka_bot.channels.notice_draft import DETAILS, NEW, Offer, filled_up
from asaka_bot.channels.notice_draft import written as drafted
from asaka_bot.channels.teams import notice_cards, notice_form
from asaka_bot.channels.teams.parts import LARGEST_BYTES, as_json
from asaka_bot.channels.teams.pressed import Step
from asaka_bot.outgoing import LANGUAGES, Link, Translation
from tests.channels.teams import cards
from tests.channels.teams.desk import FILLED, Desk, above, fields_of, texts
from tests.fakes.notices_in_chat import IN_FULL, TEMPLATES


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
