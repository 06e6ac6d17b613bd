"""What leaves on its own, through the real slack_sdk client against our fake Slack with its faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from asaka_bot.channels.slack.app import make_client
from asaka_bot.channels.slack.gateway import SlackGateway
from asaka_bot.delivery.channel import Absent, Found, Later, Letter, Refused, Sent, Uncertain, Unreadable
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, Message
from asaka_bot.settings import Slack
from tests.fakes.faults import Fault
from tests.fakes.http import Answer, serve
from tests.fakes.slack_bot import TOKEN
from tests.fakes.slack_workspace import Workspace, buttons, shown, workspace

MESSAGE = Message(
    title="本日はノー残業デーです <!channel>",
    paragraphs=("定時で退庁しましょう & 休みましょう。",),
    topics=(Option(label="時間外勤務の縮減", topic="overtime-reduction"),),
    source="計画 5-2-(1)",
)


def letter(to: str = "C1", **given: object) -> Letter:
    address = Address(channel="slack", to=to)
    fields = {"marker": uuid4().hex, "address": address, "started_at": datetime.now(UTC), "message": MESSAGE}
    return Letter(**fields | given)


@asynccontextmanager
async def gateway(**space: object) -> AsyncIterator[tuple[SlackGateway, Workspace]]:
    async with workspace(**space) as made:
        yield SlackGateway(make_client(Slack(bot_token=TOKEN, api_url=f"{made.url}/api/"))), made


def run(work, **space):
    async def inside():
        async with gateway(**space) as (made, at):
            return await work(made, at)

    return asyncio.run(inside())


def test_a_letter_is_posted_with_its_marker():
    """The marker travels as metadata; the message has its text for notifications, its buttons, and nothing live."""

    async def work(slack, space):
        sent = letter()
        outcome = await slack.send(sent)
        (post,) = space.posts
        assert outcome == Sent(platform_ref=post["ts"])
        assert post["metadata"] == {"event_type": "asaka_delivery", "event_payload": {"delivery": sent.marker}}
        assert "時間外勤務の縮減" in buttons(post)
        assert "<!channel>" not in shown(post).replace('"本日はノー残業デーです <!channel>"', "")
        assert post["text"].startswith("本日はノー残業デーです &lt;!channel&gt;")

    run(work)


@pytest.mark.parametrize("to", ["C1", "U1", "D1"])
def test_a_letter_is_read_back(to):
    """What stands is found in channels and in direct messages; what never left is absent."""

    async def work(slack, space):  # noqa: ARG001
        sent, never = letter(to), letter(to)
        outcome = await slack.send(sent)
        assert await slack.find(sent) == Found(platform_ref=outcome.platform_ref)
        assert await slack.find(never) == Absent()

    run(work)


def test_a_letter_is_found_behind_many_others():
    """The history is read page by page."""

    async def work(slack, space):
        first = letter()
        await slack.send(first)
        for _ in range(230):
            await slack.send(letter())
        assert isinstance(await slack.find(first), Found)
        assert len(space.of("conversations.history")) == 2

    run(work)


def test_the_history_before_the_call_is_not_read():
    """What is asked for begins a little before the call, because clocks differ."""

    async def work(slack, space):
        started = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
        await slack.find(letter(started_at=started))
        (asked,) = space.of("conversations.history")
        assert float(asked["oldest"]) == (started - timedelta(minutes=5)).timestamp()

    run(work)


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.FAIL_BEFORE, Fault.FAIL_AFTER])
def test_a_broken_call_is_uncertain_and_never_repeated(fault):
    """A dropped connection or a 5xx: nobody can tell; the client doesn't try again by itself."""

    async def work(slack, space):
        space.faults.script.append(fault)
        sent = letter()
        assert isinstance(await slack.send(sent), Uncertain)
        assert len(space.of("chat.postMessage")) == 1
        taken = fault in (Fault.DROP_AFTER, Fault.FAIL_AFTER)
        assert isinstance(await slack.find(sent), Found if taken else Absent)

    run(work)


def test_a_busy_slack_says_when():
    """429: certainly not taken, with the time that Slack names."""

    async def work(slack, space):
        space.faults.script.append(Fault.BUSY)
        outcome = await slack.send(letter())
        assert isinstance(outcome, Later)
        assert outcome.retry_after_seconds == 1
        assert space.posts == []
        space.faults.script.append(Fault.BUSY)
        assert isinstance(await slack.find(letter()), Unreadable)

    run(work)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("channel_not_found", "招待"),
        ("not_in_channel", "/invite"),
        ("is_archived", "アーカイブ"),
        ("user_not_found", "Slackに見つかりません"),
        ("missing_scope", "asaka-bot slack doctor"),
        ("something_new", "something_new"),
    ],
)
def test_a_refusal_is_in_plain_japanese(code, hint):
    """A definite error is final, names Slack's word and what to do."""

    async def work(slack, space):
        space.errors["chat.postMessage"] = code
        outcome = await slack.send(letter())
        assert isinstance(outcome, Refused)
        assert hint in outcome.reason
        assert f"受け付けませんでした（{code}）" in outcome.reason
        space.errors["conversations.history"] = code
        assert isinstance(await slack.find(letter()), Unreadable)

    run(work)


@pytest.mark.parametrize("code", ["account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"])
def test_a_slack_that_refuses_the_bot_itself_gets_it_later(code):
    """It has taken nothing, and would refuse everybody's messages: none of them is given up."""

    async def work(slack, space):
        for method in ("chat.postMessage", "chat.update", "conversations.history"):
            space.errors[method] = code
        outcome = await slack.send(letter())
        assert isinstance(outcome, Later)
        assert f"受け付けませんでした（{code}）" in outcome.reason
        assert isinstance(await slack.update(letter(), "1.1"), Later)
        assert isinstance(await slack.find(letter()), Unreadable)

    run(work)


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"])
def test_some_errors_leave_it_open(code):
    """Slack may have acted before it answered with one of these."""

    async def work(slack, space):
        space.errors["chat.postMessage"] = code
        assert isinstance(await slack.send(letter()), Uncertain)

    run(work)


def test_a_message_that_stands_is_changed():
    """update replaces the text of what stands, also in direct messages."""

    async def work(slack, space):
        sent = letter("U1")
        outcome = await slack.send(sent)
        changed = letter("U1", message=Message(title="取り消し", paragraphs=("中止です。",)), marker=sent.marker)
        assert await slack.update(changed, outcome.platform_ref) == outcome
        assert space.of("chat.update")[0]["channel"] == "D1"
        assert isinstance(await slack.update(changed, "1.1"), Refused)

    run(work)


def test_an_unreachable_slack_has_taken_nothing():
    """Where no connection comes about, the message can safely leave later."""

    async def work():
        slack = SlackGateway(make_client(Slack(bot_token=TOKEN, api_url="http://127.0.0.1:1/api/")))
        assert isinstance(await slack.send(letter()), Later)
        assert isinstance(await slack.find(letter()), Unreadable)

    asyncio.run(work())


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=408, body={}),
        Answer(status=200, body={}),
        Answer(status=200, body={"ok": True}),
        Answer(status=200, body={}, headers={"Content-Type": "text/plain"}),
        Answer(status=200, body={}, headers={"Content-Type": "text/html"}),
        Answer(status=502, body={}, headers={"Content-Type": "text/html"}),
        Answer(status=403, body={}, headers={"Content-Type": "text/html"}),
    ],
    ids=lambda a: f"{a.status}-{a.headers.get('Content-Type', 'json')}-{len(a.body)}",
)
def test_strange_answers_are_uncertain(answer):
    """Proxies and broken answers raise nothing and decide nothing."""

    async def inside():
        async def strange(_request):
            return answer

        server = await serve(strange, 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
            slack = SlackGateway(make_client(Slack(bot_token=TOKEN, api_url=url)))
            assert isinstance(await slack.send(letter()), Uncertain)

    asyncio.run(inside())


def test_traits_are_those_of_slack():
    """Read back, change, 450 a minute, one a second for each channel."""

    async def work(slack, space):  # noqa: ARG001
        traits = slack.traits
        assert (slack.name, traits.read_back, traits.update) == ("slack", True, True)
        assert (traits.timeout_seconds, traits.settle_seconds) == (10.0, 60.0)
        assert (traits.per_second, traits.per_destination_seconds) == (7.5, 1.0)

    run(work)


@pytest.mark.parametrize(("error", "to", "gone"), [
    ("user_disabled", "U1", ["U1"]),
    ("channel_not_found", "U1", ["U1"]),
    ("channel_not_found", "C1", []),
    ("account_inactive", "U1", []),
    ("fatal_error", "U1", []),
])  # fmt: skip
def test_a_person_who_cannot_be_written_to_is_noted(error, to, gone):
    """Only where Slack speaks of the person: neither a channel, nor the bot's own account, nor a fault of Slack's."""
    noted = []

    async def lost(user):
        noted.append(user)

    async def inside():
        async with workspace(errors={"chat.postMessage": error}) as made:
            client = make_client(Slack(bot_token=TOKEN, api_url=f"{made.url}/api/"))
            outcome = await SlackGateway(client, lost=lost).send(letter(to))
            assert isinstance(outcome, Refused | Later | Uncertain)

    asyncio.run(inside())
    assert noted == gone
