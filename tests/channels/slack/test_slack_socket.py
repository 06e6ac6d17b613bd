"""Socket Mode with slack_sdk's own client: connections end, and each message is answered once all the same."""

import asyncio
import functools
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from asaka_bot.channels.slack import socket
from asaka_bot.channels.slack.app import Ports, make_slack
from asaka_bot.settings import Slack
from asaka_bot.store.database import open_database
from asaka_bot.store.feedback import FeedbackStore
from asaka_bot.store.outages import Outages
from asaka_bot.store.platforms import AddressBook, EventLog
from asaka_bot.tokyo import now_in_tokyo
from tests.fakes.slack_bot import TOKEN, message
from tests.fakes.slack_sockets import sockets
from tests.fakes.slack_workspace import buttons, workspace

APP_TOKEN = "xapp-1-test"  # noqa: S105
QUESTION = "年休は1年に何日ありますか"


def event(text, number):
    """A direct message as an envelope carries it."""
    return {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": f"Ev{number}",
        "event": message(text, channel="D1", channel_type="im"),
        "authorizations": [{"user_id": "U0BOT", "is_bot": True, "team_id": "T1"}],
    }


def vote(post):
    """A press on 役に立たなかった."""
    button = buttons(post)["役に立たなかった"]
    return {
        "type": "block_actions",
        "trigger_id": "t1",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "channel": {"id": "D1"},
        "container": {"type": "message", "message_ts": post["ts"], "channel_id": "D1"},
        "message": {"ts": post["ts"]},
        "actions": [{"type": "button", "block_id": "b", "action_ts": "1.0"} | button],
    }


@asynccontextmanager
async def replica(url, space, service):
    """A bot of its own over the database that it shares."""
    engine = await open_database(url)
    events, contacts, feedback = EventLog(engine), AddressBook(engine), FeedbackStore(engine, now_in_tokyo)
    settings = Slack(bot_token=TOKEN, app_token=APP_TOKEN, api_url=f"{space.url}/api/")
    ports = Ports(events=events, contacts=contacts, feedback=feedback, outages=Outages(engine))
    channel = make_slack(settings, service, ports)
    await channel.start()
    try:
        yield feedback
    finally:
        await channel.stop()
        await engine.dispose()


@pytest.fixture
def run(url, service, monkeypatch):
    """Runs a test's coroutine with so many replicas, each connected."""
    # The client looks after its connection every second instead of every five, and waits less after a failure.
    monkeypatch.setattr(socket, "_FIRST_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(socket._Client, "_wait_seconds", 0.2)
    monkeypatch.setattr(socket, "_Client", functools.partial(socket._Client, ping_interval=1))

    def go(work, replicas=1):
        async def inside():
            async with sockets() as slack, workspace(socket_url=slack.ticket) as space, AsyncExitStack() as stack:
                stores = [await stack.enter_async_context(replica(url, space, service)) for _ in range(replicas)]
                await slack.until_open(replicas)
                return await work(slack, space, *stores)

        return asyncio.run(inside())

    return go


async def settled(space, count):
    """So many answers stand, and no more come."""
    await space.until_posts(count)
    await asyncio.sleep(0.5)
    assert len(space.posts) == count


@pytest.mark.parametrize("reasons", [("refresh_requested",), ("warning",), ("warning", "refresh_requested")])
def test_slack_announces_the_end_of_a_connection(run, reasons):
    """The bot opens another one by itself; what is said before, meanwhile and afterwards is answered once."""

    async def work(slack, space, _feedback):
        await slack.until_acknowledged(await slack.deliver("events_api", event(QUESTION, 1)))
        meanwhile = event(QUESTION, 2)
        for reason in reasons:
            await slack.announce_end(reason)
            await slack.deliver("events_api", meanwhile)
        await slack.until_open(1 + len(reasons))
        await slack.deliver("events_api", meanwhile, attempt=1)
        await slack.until_acknowledged(await slack.deliver("events_api", event(QUESTION, 3)))
        await settled(space, 3)

    run(work)


def test_a_connection_breaks_off(run):
    """Without a word from Slack the bot notices it and comes back; an envelope lost with it acts once."""

    async def work(slack, space, _feedback):
        lost = event(QUESTION, 1)
        envelope = await slack.deliver("events_api", lost)
        slack.drop()
        assert envelope not in slack.acknowledged
        await slack.until_open(2)
        again = [await slack.deliver("events_api", lost, attempt=attempt) for attempt in (1, 2)]
        again.append(await slack.deliver("events_api", event(QUESTION, 2)))
        for each in again:
            await slack.until_acknowledged(each)
        await settled(space, 2)

    run(work)


def test_a_press_that_is_delivered_again_acts_once(run):
    """A vote whose acknowledgement was lost counts once, and is thanked for once."""

    async def work(slack, space, feedback):
        await slack.deliver("events_api", event(QUESTION, 1))
        (post,) = await space.until_posts(1)
        await slack.deliver("interactive", vote(post))
        slack.drop()
        await slack.until_open(2)
        await slack.until_acknowledged(await slack.deliver("interactive", vote(post), attempt=1))
        await settled(space, 2)
        (count,) = await feedback.counts()
        assert (count.helpful, count.unhelpful) == (0, 1)

    run(work)


def test_another_replica_gets_what_the_first_one_lost(run):
    """Whether or not the first one had begun: one answer."""

    async def work(slack, space, *_stores):
        for number in range(6):
            said = event(QUESTION, number)
            await slack.deliver("events_api", said, over=0)
            if number == 2:
                slack.drop(over=0)
            await slack.deliver("events_api", said, over=-1, attempt=1)
        await slack.until_open(3)
        await settled(space, 6)

    run(work, replicas=2)


def test_slack_refuses_connections_for_a_while(run):
    """A ticket is good for one attempt: the next attempt asks for another one."""

    async def work(slack, space, _feedback):
        slack.refuse = 1
        slack.drop()
        await slack.until_open(2)
        space.errors["apps.connections.open"] = "internal_error"
        refused = len(space.of("apps.connections.open"))
        slack.drop()
        await space.until_calls("apps.connections.open", refused + 2)
        space.errors.clear()
        await slack.until_open(3)
        await slack.deliver("events_api", event(QUESTION, 1))
        await settled(space, 1)

    run(work)
