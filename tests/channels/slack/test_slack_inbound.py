"""What people do on Slack, as Slack tells it over HTTP, and what they see of it; the workspace is our own fake."""

import asyncio
import json
import time
from datetime import UTC, date, datetime

import pytest

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.slack.ports import Item
from asaka_bot.channels.slack.speaker import ELSEWHERE
from asaka_bot.delivery.channel import Letter
from asaka_bot.outgoing import Address, Message
from tests.fakes.faults import Fault
from tests.fakes.slack_bot import bot, mention, message
from tests.fakes.slack_workspace import buttons, shown

ORDINARY, LONG, PRIVATE, DANGER = (
    "夏季休暇はありますか",
    "年休は1年に何日ありますか",
    "上司からパワハラを受けています",
    "もう死にたいです",
)


@pytest.fixture
def run(service):
    """Runs a test's coroutine with a bot."""

    def go(work, **given):
        async def inside():
            async with bot(service, **given) as made:
                return await work(made)

        return asyncio.run(inside())

    return go


def test_a_direct_message_is_answered_where_it_was_written(run):
    """A direct message gets its answer in the same conversation, outside of any thread."""

    async def work(b):
        post = await b.direct(LONG)
        assert post["channel"] == "D1"
        assert "thread_ts" not in post
        assert "年次休暇" in shown(post)

    run(work)


def test_a_mention_is_answered_in_its_thread(run):
    """In a channel the answer goes into the thread of the question."""

    async def work(b):
        asked = mention("テレワークの申請の手続は？")
        await b.event(asked)
        (post,) = await b.space.until_posts(1)
        assert (post["channel"], post["thread_ts"]) == ("C1", asked["ts"])
        assert "テレワーク" in shown(post)

    run(work)


def test_a_mention_that_arrives_twice_is_answered_once(run):
    """A mention arrives as message and as app_mention, and each again: one answer."""

    async def work(b):
        asked = mention("テレワークの申請の手続は？")
        for kind in ("message", "app_mention") * 3:
            assert (await b.event(asked | {"type": kind})).status_code == 200
        await b.space.until_posts(1)
        await asyncio.sleep(0.3)
        assert len(b.space.posts) == 1

    run(work)


@pytest.mark.parametrize("question", [PRIVATE, DANGER, "予定日は令和9年2月10日です。産休はいつから？"])
def test_private_answers_leave_a_line_that_reveals_nothing(run, question):
    """In a channel, a private matter is answered by direct message; the thread sees the same line as for a long answer."""

    async def work(b):
        await b.event(mention(question))
        private, line = await b.space.until_posts(2)
        assert private["channel"] == "U1"
        assert private["text"] == "お答えを送りました"
        assert (line["channel"], line["text"], line.get("blocks")) == ("C1", ELSEWHERE, None)

    run(work)


def test_a_long_answer_leaves_the_same_line(run):
    """The line stands below ordinary questions as well, so that it says nothing about the matter."""

    async def work(b):
        await b.event(mention(LONG))
        direct, line = await b.space.until_posts(2)
        assert (direct["channel"], line["channel"], line["text"]) == ("U1", "C1", ELSEWHERE)
        assert "続きを見る" in buttons(direct)

    run(work)


def test_messages_of_a_channel_without_a_mention_are_left_alone(run):
    """The bot doesn't join conversations that it isn't part of, nor hears itself and other bots."""

    async def work(b):
        for event in (
            message(LONG),
            message(LONG, thread_ts="1.1"),
            message(LONG, channel="D1", channel_type="im", bot_id="B2"),
            message(LONG, channel="D1", channel_type="im", subtype="message_changed"),
            message(LONG, channel="D1", channel_type="im", user="U0BOT"),
        ):
            await b.event(event)
        await asyncio.sleep(0.3)
        assert b.space.posts == []

    run(work)


def test_a_thread_keeps_its_conversation(run):
    """A follow-up in the thread is understood, with or without a mention, and another person starts afresh."""

    async def work(b):
        asked = mention("子の看護等休暇とは？")
        await b.event(asked)
        await b.space.until_posts(1)
        before = len(b.space.posts)
        await b.event(message("給料は？", thread_ts=asked["ts"]))
        await b.space.until_posts(before + 1)
        said = "".join(map(shown, b.space.posts[before:]))
        assert "看護" in said
        before = len(b.space.posts)
        await b.event(message("給料は？", thread_ts=asked["ts"], user="U2"))
        await asyncio.sleep(0.3)
        assert len(b.space.posts) == before

    run(work)


def test_direct_messages_keep_their_conversation(run):
    """What was said before counts in direct messages, for each person alone."""

    async def work(b):
        await b.direct("介護休暇は何日？")
        assert "介護休暇" in shown(await b.direct("給料は出ますか"))
        assert "【介護休暇】" not in shown(await b.direct("給料は出ますか", user="U2"))

    run(work)


def test_a_button_shows_its_side(run):
    """A facet button is answered in the same conversation."""

    async def work(b):
        post = await b.direct(LONG)
        assert (await b.press(buttons(post)["手続は？"], post)).status_code == 200
        (_, answer) = await b.space.until_posts(2)
        assert answer["channel"] == "D1"
        assert "手続・申請" in shown(answer)

    run(work)


def test_the_rest_of_a_long_answer_comes_on_demand(run):
    """続きを見る shows the statements that the shortened answer left out."""

    async def work(b):
        post = await b.direct(LONG)
        await b.press(buttons(post)["続きを見る"], post)
        (_, whole) = await b.space.until_posts(2)
        assert "続きを見る" not in buttons(whole)
        assert shown(whole).count("• ") > shown(post).count("• ")

    run(work)


def test_a_private_press_in_a_thread_leaves_no_trace_there(run):
    """Nobody saw the press; the answer comes by direct message and the thread stays as it is."""

    async def work(b):
        button = {"action_id": "asaka-show.1", "value": json.dumps({"t": "harassment-consultation"})}
        await b.press(button, {"ts": "5.5", "thread_ts": "4.4"}, channel="C1")
        (post,) = await b.space.until_posts(1)
        await asyncio.sleep(0.2)
        assert post["channel"] == "U1"
        assert len(b.space.posts) == 1

    run(work)


def test_choices_are_buttons(run):
    """A question that fits several topics is asked back, and a choice is answered."""

    async def work(b):
        post = await b.direct("休みたい")
        button = next(e for e in buttons(post).values() if e["action_id"].startswith("asaka-show"))
        await b.press(button, post)
        assert len(await b.space.until_posts(2)) == 2

    run(work)


def test_a_private_answer_can_be_erased(run):
    """The person takes the bot's private answer off the screen."""

    async def work(b):
        post = await b.direct(PRIVATE)
        await b.press(buttons(post)["このお答えを消す"], post)
        async with asyncio.timeout(5):
            while not b.space.of("chat.delete"):
                await asyncio.sleep(0.01)
        assert b.space.of("chat.delete")[0]["ts"] == post["ts"]

    run(work)


def test_nobody_erases_in_a_channel(run):
    """A forged press doesn't take the bot's words out of a channel."""

    async def work(b):
        await b.press({"action_id": "asaka-erase", "value": "{}"}, {"ts": "5.5"}, channel="C1")
        await asyncio.sleep(0.2)
        assert b.space.of("chat.delete") == []

    run(work)


def test_the_desk_button_opens_a_letter(run):
    """The dialog holds desks and a letter to start from; what is sent comes back to the person and goes nowhere else."""

    async def work(b):
        post = await b.direct(LONG)
        await b.press(buttons(post)["職員課に聞く"], post)
        (opened,) = await b.space.until_calls("views.open")
        field = opened["view"]["blocks"][1]["element"]
        assert LONG in field["initial_value"]
        state = {"values": {"asaka-text": {"asaka-text": {"value": "相談です <!channel>\n所属：福祉課"}}}}
        view = {"type": "modal", "callback_id": opened["view"]["callback_id"], "state": state, "hash": "h"}
        answer = await b.interact({"type": "view_submission", "view": view})
        assert (answer.status_code, answer.text) == (200, "")
        (_, copy) = await b.space.until_posts(2)
        assert copy["channel"] == "U1"
        assert "&lt;!channel&gt;" in shown(copy)

    run(work)


def test_a_letter_on_a_private_matter_starts_empty(run):
    """The question on a private matter isn't repeated in a dialog."""

    async def work(b):
        post = await b.direct(PRIVATE)
        await b.press(buttons(post)["職員課に聞く"], post)
        (opened,) = await b.space.until_calls("views.open")
        assert "initial_value" not in opened["view"]["blocks"][1]["element"]

    run(work)


def test_the_shortcut_asks_about_a_message(run):
    """ボットに聞く opens a dialog with the message's text; the answer comes by direct message."""

    async def work(b):
        text = "介護休暇は何日ですか <https://example.com|資料> &amp; <@U9>"
        await b.interact({"type": "message_action", "callback_id": "asaka-ask", "message": {"text": text}})
        (opened,) = await b.space.until_calls("views.open")
        field = opened["view"]["blocks"][0]["element"]
        assert field["initial_value"] == "介護休暇は何日ですか 資料 &"
        state = {"values": {"asaka-text": {"asaka-text": {"value": field["initial_value"]}}}}
        view = {"type": "modal", "callback_id": opened["view"]["callback_id"], "state": state, "hash": "h2"}
        await b.interact({"type": "view_submission", "view": view})
        (post,) = await b.space.until_posts(1)
        assert post["channel"] == "U1"
        assert "介護休暇" in shown(post)

    run(work)


def command(b, text: str, **fields: str):
    given = {
        "command": "/asaka",
        "text": text,
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "response_url": f"{b.space.url}/response/2",
        "trigger_id": f"cmd-{text}",
    }
    return b.form(given | fields)


def test_a_command_is_answered_for_the_person_only(run):
    """/asaka with a question: acknowledged empty, answered where nobody else sees it."""

    async def work(b):
        answer = await command(b, ORDINARY)
        assert (answer.status_code, answer.text) == (200, "")
        async with asyncio.timeout(5):
            while not b.space.responses:
                await asyncio.sleep(0.01)
        assert b.space.responses[0]["response_type"] == "ephemeral"
        assert b.space.posts == []

    run(work)


def test_an_empty_command_shows_the_menu(run, knowledge):
    """/asaka alone: every topic in menus."""

    async def work(b):
        await command(b, "")
        async with asyncio.timeout(5):
            while not b.space.responses:
                await asyncio.sleep(0.01)
        said = json.dumps(b.space.responses[0], ensure_ascii=False)
        assert all(f'"{topic}"' in said for topic in knowledge.topics)

    run(work)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("日付 令和9年2月10日", "令和8年12月31日"),
        ("日付 生まれ 令和8年5月10日", "令和11年5月9日"),
        ("日付 双子 令和9年2月10日", "令和8年11月5日"),
        ("日付", "のように書いてください"),
        ("日付 令和9年2月30日", "という日はありません"),
    ],
)
def test_a_command_computes_dates_in_private(run, text, expected):
    """/asaka 日付 …: the table goes by direct message, the channel's answer is the neutral line."""

    async def work(b):
        await command(b, text)
        (post,) = await b.space.until_posts(1)
        assert post["channel"] == "U1"
        assert expected in shown(post)
        async with asyncio.timeout(5):
            while not b.space.responses:
                await asyncio.sleep(0.01)
        assert b.space.responses[0]["text"] == ELSEWHERE

    run(work)


def test_the_app_home_has_search_menus_week_and_notices(run, knowledge):
    """Opening the App Home draws it; searching and picking there are answered by direct message."""

    async def work(b):
        await b.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"})
        async with asyncio.timeout(5):
            while not b.space.of("views.publish"):
                await asyncio.sleep(0.01)
        view = b.space.of("views.publish")[0]["view"]
        said = json.dumps(view, ensure_ascii=False)
        assert all(f'"{topic}"' in said for topic in knowledge.topics)
        assert "令和8年11月25日（水）　ノー残業デー &lt;!here&gt;" in said
        home = {"type": "block_actions", "container": {"type": "view", "view_id": "V1"}, "view": {"type": "home"}}
        search = {"type": "plain_text_input", "action_id": "asaka-search", "value": "介護休暇は何日？"}
        await b.interact(home | {"actions": [search]})
        pick = {"type": "static_select", "action_id": "asaka-pick.4", "selected_option": {"value": "annual-leave"}}
        await b.interact(home | {"actions": [pick]})
        posts = await b.space.until_posts(2)
        assert {post["channel"] for post in posts} == {"U1"}
        assert "年次休暇" in "".join(map(shown, posts))

    run(work, items=(Item(day=date(2026, 11, 25), title="ノー残業デー <!here>"),))


def test_the_agent_view_gets_prompts(run):
    """Opening the messages of an agent app, or a thread of an older one, brings questions to start with."""

    async def work(b):
        await b.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"})
        thread = {"user_id": "U1", "channel_id": "D1", "thread_ts": "1.2", "context": {}}
        await b.event({"type": "assistant_thread_started", "assistant_thread": thread})
        async with asyncio.timeout(5):
            while len(b.space.of("assistant.threads.setSuggestedPrompts")) < 2:
                await asyncio.sleep(0.01)
        calls = b.space.of("assistant.threads.setSuggestedPrompts")
        assert sorted(call.get("thread_ts", "") for call in calls) == ["", "1.2"]
        assert all(1 <= len(call["prompts"]) <= 4 for call in calls)

    run(work)


def test_a_question_in_an_agent_thread_is_answered_there(run):
    """Direct messages with a thread are answered in the thread."""

    async def work(b):
        await b.event(message(LONG, channel="D1", channel_type="im", thread_ts="1.2"))
        (post,) = await b.space.until_posts(1)
        assert (post["channel"], post["thread_ts"]) == ("D1", "1.2")

    run(work)


def test_a_person_becomes_known_at_first_contact(run):
    """Address and e-mail are learned once."""

    async def work(b):
        for _ in range(3):
            await b.direct(LONG)
        async with asyncio.timeout(5):
            while "U1" not in b.contacts.points:
                await asyncio.sleep(0.01)
        point = b.contacts.points["U1"]
        assert (point.channel, point.address, point.email, point.tenant) == ("slack", "U1", "hanako@city.example", "T1")
        assert len(b.space.of("users.info")) == 1

    run(work, emails={"U1": "Hanako@City.example"})


def test_without_the_scope_people_are_known_without_an_email(run):
    """users.info refused: the address is learned all the same."""

    async def work(b):
        await b.direct(LONG)
        async with asyncio.timeout(5):
            while "U1" not in b.contacts.points:
                await asyncio.sleep(0.01)
        assert b.contacts.points["U1"].email == ""

    run(work, errors={"users.info": "missing_scope"})


def test_an_answer_that_slack_asks_to_delay_still_comes(run):
    """A 429 is waited for and the answer is posted once."""

    async def work(b):
        b.space.faults.script.append(Fault.BUSY)
        await b.direct(LONG)
        await asyncio.sleep(0.2)
        assert len(b.space.posts) == 1

    run(work)


def test_an_answer_that_may_have_arrived_is_not_posted_again(run):
    """After a connection that broke off nothing is repeated."""

    async def work(b):
        b.space.faults.script.append(Fault.DROP_AFTER)
        await b.event(message(LONG, channel="D1", channel_type="im"))
        await asyncio.sleep(1)
        assert len(b.space.of("chat.postMessage")) == 1

    run(work)


def test_a_press_is_acknowledged_at_once_whatever_follows(run, monkeypatch):
    """A database in trouble neither delays the acknowledgement nor makes another answer of it."""

    async def work(b):
        async def fail(*_event):
            raise ConnectionError

        monkeypatch.setattr(b.events, "first_time", fail)
        began = time.monotonic()
        button = {"action_id": "asaka-show.0", "value": '{"t":"annual-leave"}'}
        assert (await b.press(button, {"ts": "1.1"})).status_code == 200
        assert time.monotonic() - began < 1

    run(work)


def test_an_engine_in_trouble_says_so(engine):
    """An error while answering becomes a line to the person, not silence."""

    class Broken(AnswerService):
        async def reply(self, question, *, role=None, context=None):  # noqa: ARG002
            raise RuntimeError("secret")

    async def inside():
        async with bot(Broken(engine)) as b:
            post = await b.direct(LONG)
            assert "お答えを用意できませんでした" in post["text"]

    asyncio.run(inside())


def test_who_comes_back_is_reached_again(run):
    """Whom Slack refused is unreachable, until that person writes to the bot again."""

    async def work(b):
        async def reachable(wanted):
            async with asyncio.timeout(5):
                while "U1" not in b.contacts.points or b.contacts.points["U1"].reachable is not wanted:
                    await asyncio.sleep(0.01)

        await b.direct(LONG)
        await reachable(True)
        b.space.errors["chat.postMessage"] = "user_disabled"
        address = Address(channel="slack", to="U1")
        sent = Letter(
            marker="m", address=address, started_at=datetime.now(UTC), message=Message(title="件", paragraphs=("文",))
        )
        await b.channel.gateway.send(sent)
        await reachable(False)
        b.space.errors.clear()
        await b.direct(LONG)
        await reachable(True)

    run(work)
