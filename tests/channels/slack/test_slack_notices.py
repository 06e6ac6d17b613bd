"""Notices on Slack: how they look, what a press does, what people write back."""

import asyncio
import itertools
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from asaka_bot.channels.slack import menu
from asaka_bot.channels.slack.announcement import render_message
from asaka_bot.channels.slack.letters import TROUBLE, offer_of, reply_dialog
from asaka_bot.channels.slack.notice_buttons import NoticePress, pack, unpack
from asaka_bot.delivery.channel import Letter, Sent
from asaka_bot.outgoing import Address, Link, Message, Response, Translation
from tests.channels.slack.test_slack_render import LIVE, MARKUP, as_dict, golden, marked_texts, plain_texts
from tests.fakes.notices_in_chat import CHOICE, CONFIRMED, NOTICE, MemoryResponses, my_notice
from tests.fakes.slack_bot import bot, message
from tests.fakes.slack_limits import problems, view_problems
from tests.fakes.slack_workspace import buttons, shown

URGENT_WORDS = "もう死にたいです"
# A link of a notice, with the host that it leads to behind it.
PROPER = re.compile(r"<https://([^/?|<>]+)[^|<>]*\|[^<>|]*>（\1）")


@pytest.fixture
def run(service):
    """Runs a test's coroutine with a bot and the people's side of notices."""

    def go(work, **given):
        async def inside():
            responses = MemoryResponses(**given)
            async with bot(service, ports={"responses": responses}) as made:
                return await work(made, responses)

        return asyncio.run(inside())

    return go


def standing(marker: str = "mark-1", sent: Message = NOTICE, **post: object) -> dict:
    """A notice as it stands in a conversation."""
    return as_dict(render_message(sent, marker)) | {"ts": "1700000000.000009"} | post


def letter(to: str, sent: Message = NOTICE) -> Letter:
    return Letter(marker="mark-1", address=Address(channel="slack", to=to), message=sent, started_at=datetime.now(UTC))


@pytest.mark.parametrize(("name", "sent"), [("notice", NOTICE), ("notice-urgent", CHOICE), ("notice-done", CONFIRMED)])
def test_a_notice_looks_as_it_did(name, sent):
    """A notice to confirm, an urgent one with answers, and one that was confirmed have their golden files."""
    made = as_dict(render_message(sent, "mark-1"))
    assert problems(made["blocks"]) == []
    golden(name, made)


def test_buttons_carry_marker_and_response_and_nothing_else():
    """What travels in a button is the delivery and the response's id."""
    made = buttons(standing(sent=CHOICE))
    assert json.loads(made["参加"]["value"]) == {"d": "mark-1", "r": "answer-1"}
    assert json.loads(made["職員課に返信"]["value"]) == {"d": "mark-1"}
    assert [b["action_id"] for b in made.values()] == [*(f"asaka-respond.{n}" for n in range(3)), "asaka-reply"]


def test_a_preview_has_no_buttons():
    """Without a delivery nobody could tell whose press it was."""
    assert buttons(as_dict(render_message(NOTICE))) == {}


def test_links_show_where_they_lead():
    """The host stands behind the label, and what isn't plain https is no link."""
    labels = {
        "https://www.city.asaka.lg.jp/a": "<https://www.city.asaka.lg.jp/a|市の規則>（www.city.asaka.lg.jp）",
        "https://evil.example/https://www.city.asaka.lg.jp": "（evil.example）",
        "https://www.city.asaka.lg.jp@evil.example/": "• 市の規則",
        "https://www.city.asaka.lg.jp\\@evil.example/": "• 市の規則",
        "http://www.city.asaka.lg.jp/": "• 市の規則",
        "javascript:alert(1)": "• 市の規則",
        "https://asaka.example\u202e/x": "• 市の規則",
    }
    for url, wanted in labels.items():
        sent = Message(title="題", paragraphs=(), links=(Link(label="市の規則", url=url),))
        assert wanted in marked_texts(list(render_message(sent).blocks))[0]["text"].replace("\u200b", "")


@pytest.mark.parametrize("text", ["あ" * 5_000, "<&>" * 2_000, "*" * 4_000, "a\n" * 3_000, "👨‍👩‍👧" * 900, "x"])
def test_whatever_a_notice_says_its_buttons_stand(text):
    """Texts of any length keep Slack's limits, and what to press is never cut off."""
    made = standing(sent=filled(text))
    assert problems(made["blocks"]) == []
    assert len(made["text"]) <= 1_000
    assert {f"asaka-respond.{n}" for n in range(4)} < {b["action_id"] for b in actions(made)}
    assert "asaka-reply" in {b["action_id"] for b in actions(made)}


def filled(text: str) -> Message:
    """A notice with `text` in every field that people fill."""
    return Message(
        title=text,
        paragraphs=(text,) * 9,
        source=text,
        urgent=True,
        due=text,
        links=(Link(label=text, url="https://example.com/a?b=1&c=2"), Link(label=text, url=text)),
        responses=tuple(Response(id=f"answer-{n}", label=text) for n in range(1, 5)),
        replies=True,
        translations=(Translation(language="en", title=text, paragraphs=(text,)),) * 3,
    )


def actions(made: dict) -> list[dict]:
    return [e for block in made["blocks"] if block["type"] == "actions" for e in block["elements"]]


@pytest.mark.parametrize("markup", MARKUP)
def test_markup_in_a_notice_is_dead(markup, knowledge):
    """X6: in title, body, link, answer, translation, reply, list and sentence, markup stays as it is written."""
    short = replace(filled(markup), paragraphs=(markup,))
    made = [as_dict(render_message(short, "m")), as_dict(offer_of(markup, "m"))]
    made.append({"text": "", "blocks": menu.home(knowledge, (), [my_notice(title=markup)], markup).to_dict()["blocks"]})
    assert "English" in shown(made[0])
    for each in made:
        assert LIVE.findall(each["text"]) == []
        for text in marked_texts(each["blocks"]):
            assert LIVE.findall(PROPER.sub("", text["text"])) == []
            assert text["verbatim"] is True
        assert all(text["emoji"] is False for text in plain_texts(each["blocks"]) if "emoji" in text)


def test_there_are_markup_payloads_enough():
    """X6: every payload stands in eight fields of a notice at once."""
    assert len(MARKUP) * 8 >= 500


def test_what_a_button_carries_comes_back():
    """A value survives its journey; whatever else comes in counts as nothing."""
    press = NoticePress(marker="m", response="confirm", text='"年休"\n')
    assert unpack(pack(press)) == press
    for junk in (None, 5, "", "{", "[]", '"x"', '{"d": 5}', "[" * 5_000, "null"):
        assert unpack(junk) == NoticePress()


def test_a_press_in_a_direct_message_changes_it_in_place(run):
    """The notice now reads as confirmed, without its buttons and still findable as the delivery."""

    async def work(b, responses):
        sent = await b.channel.gateway.send(letter("U1"))
        assert isinstance(sent, Sent)
        (post,) = b.space.posts
        await b.press(buttons(post)["確認しました"], post, channel="D1")
        (update,) = await b.space.until_calls("chat.update")
        assert responses.pressed == [("slack", "U1", "mark-1", "confirm")]
        assert (update["channel"], update["ts"]) == ("D1", sent.platform_ref)
        assert "に確認しました" in shown(update)
        assert "確認しました" not in buttons(update)
        assert update["metadata"]["event_payload"] == {"delivery": "mark-1"}
        assert len(b.space.posts) == 1

    run(work)


def test_a_press_that_changes_nothing_is_answered_in_the_thread(run):
    """Where the notice stays as it is, the sentence stands in its thread."""

    async def work(b, _responses):
        await b.press(buttons(standing())["確認しました"], standing())
        (post,) = await b.space.until_posts(1)
        assert (post["channel"], post["thread_ts"]) == ("D1", standing()["ts"])
        assert "ありがとうございます" in post["text"]

    run(work, after=None)


def test_a_press_in_a_channel_is_answered_to_the_person_alone(run):
    """Others see neither a sentence nor a change."""

    async def work(b, _responses):
        await b.press(buttons(standing())["確認しました"], standing(), channel="C1")
        async with asyncio.timeout(5):
            while not b.space.responses:
                await asyncio.sleep(0.01)
        (answer,) = b.space.responses
        assert answer["response_type"] == "ephemeral"
        assert "ありがとうございます" in answer["text"]
        assert b.space.posts == []
        assert b.space.of("chat.update") == []

    run(work)


def test_a_press_delivered_again_counts_once(run):
    """The same press four times is one; another press reaches the feature as well."""

    async def work(b, responses):
        for trigger in ("t-same",) * 4 + ("t-other",):
            await b.press(buttons(standing())["確認しました"], standing(), trigger_id=trigger)
        await b.space.until_calls("chat.update", 2)
        await asyncio.sleep(0.2)
        assert len(responses.pressed) == 2

    run(work)


def test_a_press_that_fails_says_so(run):
    """The person learns that nothing was counted, and can press again."""

    async def work(b, _responses):
        await b.press(buttons(standing())["確認しました"], standing())
        (post,) = await b.space.until_posts(1)
        assert post["text"] == TROUBLE

    run(work, broken=True)


def submitted(text: str, marker: str = "mark-1") -> dict:
    """The dialog as Slack sends it."""
    view = reply_dialog(marker).to_dict()
    state = {"values": {"asaka-text": {"asaka-text": {"type": "plain_text_input", "value": text}}}}
    return {"type": "view_submission", "view": view | {"id": "V1", "hash": "h1", "state": state}}


def test_a_reply_is_written_in_a_dialog(run):
    """職員課に返信 opens a dialog that says who gets what; its text reaches HR as it is."""

    async def work(b, responses):
        await b.press(buttons(standing())["職員課に返信"], standing())
        (opened,) = await b.space.until_calls("views.open")
        assert view_problems(opened["view"]) == []
        assert "あなたの名前といっしょに" in json.dumps(opened["view"], ensure_ascii=False)
        assert (await b.interact(submitted("この日は<出張>です。"))).status_code == 200
        (post,) = await b.space.until_posts(1)
        assert responses.replies == [("slack", "U1", "mark-1", "この日は<出張>です。")]
        assert (post["channel"], post["text"]) == ("U1", "職員課に届きました。")

    run(work)


def test_a_reply_with_signs_of_danger_brings_the_contacts_first(run):
    """The urgent contacts come before the sentence, and the reply arrives as agreed."""

    async def work(b, responses):
        await b.interact(submitted(URGENT_WORDS))
        contacts, sentence = await b.space.until_posts(2)
        assert "いま頼れる相談先があります" in shown(contacts)
        assert sentence["text"] == "職員課に届きました。"
        assert len(responses.replies) == 1

    run(work)


def in_thread(text: str) -> dict:
    return message(text, channel="D1", channel_type="im", thread_ts="1700000000.000009")


@pytest.mark.parametrize("address", ["D1", "U1"])
def test_a_question_below_a_notice_is_answered_and_may_be_sent(run, address):
    """In the thread of a notice the bot answers, then offers to hand over exactly this text; nothing is sent yet."""

    async def work(b, responses):
        responses.places["slack", address, "1700000000.000009"] = "mark-1"
        await b.event(in_thread("夏季休暇はありますか"))
        answer, offer = await b.space.until_posts(2)
        assert "夏季休暇" in shown(answer)
        assert offer["thread_ts"] == "1700000000.000009"
        assert "夏季休暇はありますか" in shown(offer)
        assert responses.replies == []
        await b.press(buttons(offer)["この文を職員課に送る"], offer)
        (update,) = await b.space.until_calls("chat.update")
        assert responses.replies == [("slack", "U1", "mark-1", "夏季休暇はありますか")]
        assert (update["ts"], update["text"]) == (offer["ts"], "職員課に届きました。")
        assert "夏季休暇" not in shown(update)

    run(work)


def test_other_threads_get_no_offer(run):
    """A thread that hangs on no notice is answered as always."""

    async def work(b, _responses):
        await b.event(in_thread("夏季休暇はありますか"))
        await b.space.until_posts(1)
        await asyncio.sleep(0.2)
        assert len(b.space.posts) == 1

    run(work)


@pytest.mark.parametrize("text", ["あ" * 1_000, "\n" * 900 + "x", '"' * 1_000, "\u2028" * 1_000])
def test_the_text_on_offer_is_the_text_that_travels(text):
    """However long: the value keeps Slack's limit, and what is shown is what would be sent."""
    made = as_dict(offer_of(text, "m" * 32))
    assert problems(made["blocks"]) == []
    (button,) = actions(made)
    assert text.startswith(unpack(button["value"]).text)


def test_the_home_lists_my_notices(run):
    """Those to confirm are marked and have a button, which says what came of it and draws the list anew."""

    async def work(b, responses):
        responses.listed += [my_notice(3), my_notice(2, wants=False, title="制度のお知らせ")]
        await b.event({"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1"})
        (published,) = await b.space.until_calls("views.publish")
        view = published["view"]
        assert view_problems(view) == []
        text = json.dumps(view, ensure_ascii=False).replace("\u200b", "")
        assert "【未確認】*令和8年11月3日（火）　健康診断の日程" in text
        assert "制度のお知らせ" in text
        (button,) = [b["accessory"] for b in view["blocks"] if b.get("accessory", {}).get("type") == "button"]
        action = {"type": "button", "block_id": "b", "action_ts": "1.0"} | button
        await b.interact({"type": "block_actions", "container": {"type": "view"}, "view": view, "actions": [action]})
        again = (await b.space.until_calls("views.publish", 2))[1]["view"]
        assert responses.pressed == [("slack", "U1", "mark-3", "confirm")]
        assert "ありがとうございます" in json.dumps(again, ensure_ascii=False)
        assert "未確認" not in json.dumps(again, ensure_ascii=False)

    run(work)


def test_many_notices_keep_the_limits(knowledge):
    """The App Home takes any number of notices with any titles."""
    many = [my_notice(n, title="題<&>" * 300) for n in itertools.islice(itertools.cycle(range(1, 28)), 60)]
    assert view_problems(menu.home(knowledge, (), many, "文" * 3_000).to_dict()) == []


def test_an_update_replaces_text_and_buttons(run):
    """What stands there gets the new text, and no buttons where the new message has none."""

    async def work(b, _responses):
        sent = await b.channel.gateway.send(letter("U1"))
        assert (
            await b.channel.gateway.update(letter("U1", replace(CONFIRMED, replies=False)), sent.platform_ref) == sent
        )
        (update,) = b.space.of("chat.update")
        assert buttons(update) == {}
        assert "に確認しました" in shown(update)

    run(work)
