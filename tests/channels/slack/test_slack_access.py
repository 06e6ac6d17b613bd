"""Slack lets the bot in no more: noticed by its word and by every call, and over when it lets the bot in again."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from asaka_bot.channels.slack import access
from asaka_bot.channels.slack.app import make_client
from asaka_bot.channels.slack.manifest import manifest
from asaka_bot.settings import Slack
from tests.fakes.outages import MemoryOutages
from tests.fakes.slack_bot import TOKEN, bot
from tests.fakes.slack_workspace import workspace

QUESTION = "年休は1年に何日ありますか"
UNINSTALLED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["U0BOT"]}}


@pytest.fixture
def run(service):
    """Runs a test's coroutine with a bot."""

    def go(work, **given):
        async def inside():
            async with bot(service, **given) as made:
                await made.space.until_calls("auth.test")  # the look at the start
                return await work(made)

        return asyncio.run(inside())

    return go


async def until(found, within_seconds=5.0):
    async with asyncio.timeout(within_seconds):
        while not found():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("event", "code"), [(UNINSTALLED, "account_inactive"), (REVOKED, "token_revoked")])
def test_slack_says_that_the_bot_is_gone(run, event, code):
    """After the event the outage stands, with the reason that Slack gives to calls, and without the token."""

    async def work(b):
        b.space.errors["auth.test"] = code
        assert (await b.event(event)).status_code == 200
        await until(lambda: b.outages.standing)
        assert list(b.outages.standing) == ["slack"]
        assert code in b.outages.standing["slack"]
        assert TOKEN not in b.outages.standing["slack"]

    run(work)


@pytest.mark.parametrize("event", [UNINSTALLED, REVOKED])
def test_slack_is_believed_where_it_cannot_be_asked(run, event):
    """Where auth.test fails for another reason the event itself counts."""

    async def work(b):
        b.space.errors["auth.test"] = "internal_error"
        await b.event(event)
        await until(lambda: b.outages.standing)
        assert "ワークスペース" in b.outages.standing["slack"] or "取り消され" in b.outages.standing["slack"]

    run(work)


def test_an_old_event_after_a_new_installation_says_nothing(run):
    """An event that is delivered again when the bot is back changes nothing; nor do tokens of people."""

    async def work(b):
        await b.event(UNINSTALLED)
        await b.event(REVOKED)
        await b.space.until_calls("auth.test", 3)
        b.space.errors["auth.test"] = "internal_error"
        await b.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
        await b.space.until_calls("auth.test", 4)
        await asyncio.sleep(0.1)
        assert not b.outages.standing

    run(work)


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"])
def test_any_call_tells_it(run, code):
    """A question whose answer is refused because of the bot itself begins the outage as well."""

    async def work(b):
        b.space.errors["chat.postMessage"] = code
        await b.event({"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": QUESTION,
                       "ts": "1700000000.9"})  # fmt: skip
        await until(lambda: b.outages.standing)
        assert code in b.outages.standing["slack"]

    run(work)


@pytest.mark.parametrize("code", ["channel_not_found", "missing_scope", "user_disabled", "internal_error"])
def test_other_errors_are_no_outage(run, code):
    """What concerns one person, one place or one moment doesn't stop the others."""

    async def work(b):
        b.space.errors["chat.postMessage"] = code
        await b.event({"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": QUESTION,
                       "ts": "1700000000.9"})  # fmt: skip
        await b.space.until_calls("chat.postMessage")
        await asyncio.sleep(0.1)
        assert not b.outages.standing

    run(work)


@asynccontextmanager
async def watching(outages, again_seconds=0.05, **space):
    async with workspace(**space) as made:
        client = make_client(Slack(bot_token=TOKEN, api_url=f"{made.url}/api/"))
        watch = access.Access(client, outages, again_seconds)
        watch.start()
        try:
            yield made, client
        finally:
            await watch.stop()


def test_it_is_seen_at_the_start():
    """A bot that starts with a revoked token knows it before anything is sent."""

    async def work():
        outages = MemoryOutages()
        async with watching(outages, errors={"auth.test": "token_revoked"}):
            await until(lambda: outages.standing)

    asyncio.run(work())


def test_it_is_over_at_the_start_or_at_a_later_look():
    """With a token that works an outage of before ends; while it stands Slack is asked again and again, then no more."""

    async def work():
        outages = MemoryOutages({"slack": "前から"})
        async with watching(outages, again_seconds=60):
            await until(lambda: not outages.standing)
        async with watching(outages, errors={"auth.test": "account_inactive"}) as (space, _client):
            await space.until_calls("auth.test", 3)
            assert outages.standing
            space.errors.clear()
            await until(lambda: not outages.standing)
            asked = len(space.of("auth.test"))
            await asyncio.sleep(0.3)
            assert len(space.of("auth.test")) == asked

    asyncio.run(work())


def test_an_unreachable_slack_neither_begins_nor_ends_it():
    """Nothing is known then."""

    async def work():
        for standing in ({}, {"slack": "前から"}):
            outages = MemoryOutages(dict(standing))
            async with watching(outages, errors={"auth.test": "service_unavailable"}) as (space, _client):
                await space.until_calls("auth.test", 1)
                await asyncio.sleep(0.2)
                assert outages.standing == standing

    asyncio.run(work())


def test_a_wrong_app_token_is_no_outage():
    """Socket Mode's own token may be wrong while everything can be sent."""

    async def work():
        outages = MemoryOutages()
        async with watching(outages, errors={"apps.connections.open": "invalid_auth"}) as (_space, client):
            with pytest.raises(Exception, match="invalid_auth"):
                await client.apps_connections_open(app_token="xapp-1")  # noqa: S106
            assert not outages.standing

    asyncio.run(work())


def test_a_database_that_is_gone_changes_no_call():
    """Where the outage can't be written down, calls fail with Slack's own error, and later looks go on."""

    class Broken(MemoryOutages):
        async def stands(self, channel):  # noqa: ARG002
            raise ConnectionError

        begin = end = stands

    async def work():
        async with watching(Broken(), errors={"auth.test": "token_revoked"}) as (space, client):
            with pytest.raises(Exception, match="token_revoked"):
                await client.auth_test()
            space.errors.clear()
            await client.auth_test()

    asyncio.run(work())


@pytest.mark.parametrize("url", [None, "https://bot.example"])
def test_the_manifest_subscribes_to_both_events(url):
    """Slack says it by itself; neither event needs a scope."""
    assert {*access.EVENTS} <= {*manifest(url)["settings"]["event_subscriptions"]["bot_events"]}
