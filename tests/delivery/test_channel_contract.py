"""What every channel promises the outbox; and what the fakes do when things go wrong, as the platforms do."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
import pytest
from rich.console import Console

from asaka_bot.channels.console_gateway import ConsoleChannel
from asaka_bot.channels.web.gateway import WebChannel
from asaka_bot.delivery.channel import Absent, Channel, Found, Later, Letter, Refused, Sent, Traits, Uncertain
from asaka_bot.outgoing import Address, ContactPoint, Message
from asaka_bot.store.database import open_database
from asaka_bot.store.inbox import InboxStore
from tests.channels.teams.contacts import Book
from tests.fakes.faults import Fault
from tests.fakes.gateways import slack_gateway, teams_gateway
from tests.fakes.memory import MemoryChannel
from tests.fakes.server import Running, running

MESSAGE = Message(
    title="本日はノー残業デーです", paragraphs=("<!channel> *定時* で[退庁](x)しましょう",), source="計画 3(2)"
)
SLACK = Traits(read_back=True, update=True, timeout_seconds=5)
TEAMS = Traits(read_back=False, update=True, timeout_seconds=5)


@dataclass
class Rig:
    """A channel, where to write to, and what arrived there."""

    channel: Channel
    to: str
    arrived: Callable[[Letter], "asyncio.Future[int]"]
    refused: str | None = None  # an address that is refused for good

    def letter(self, to: str | None = None) -> Letter:
        address = Address(channel=self.channel.name, to=to or self.to)
        return Letter(marker=uuid4().hex, address=address, message=MESSAGE, started_at=datetime.now(UTC))


@pytest.fixture(scope="module")
def slack(tmp_path_factory):
    with running("slack_server", tmp_path_factory.mktemp("slack")) as server:
        yield server


@pytest.fixture(scope="module")
def teams(tmp_path_factory):
    with running("teams_server", tmp_path_factory.mktemp("teams")) as server:
        yield server


@asynccontextmanager
async def web_rig(tmp_path, _request) -> AsyncIterator[Rig]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'asaka.db'}")
    inbox = InboxStore(engine)

    async def arrived(letter):
        received = await inbox.latest([letter.address], 99)
        return sum(one.message == letter.message for one in received)

    yield Rig(WebChannel(inbox), "everyone", arrived)
    await engine.dispose()


@asynccontextmanager
async def console_rig(_tmp_path, _request) -> AsyncIterator[Rig]:
    screen = io.StringIO()

    async def arrived(letter):
        return screen.getvalue().count(letter.message.title)

    yield Rig(ConsoleChannel(Console(file=screen, width=100)), "terminal", arrived)


@asynccontextmanager
async def memory_rig(_tmp_path, _request) -> AsyncIterator[Rig]:
    channel = MemoryChannel()

    async def arrived(letter):
        return channel.arrived[letter.marker]

    yield Rig(channel, "C1", arrived, "nowhere")


def journal_of(server: Running):
    async def arrived(letter):
        return sum(
            line["marker"] == letter.marker and letter.message.title in line["text"] for line in server.accepted()
        )

    return arrived


def slack_at(url: str) -> AbstractAsyncContextManager[Channel]:
    return slack_gateway(url, SLACK)


def teams_at(url: str) -> AbstractAsyncContextManager[Channel]:
    """The bot knows a channel, and two people, one of whom has blocked it."""
    known = ("19:asaka@thread.v2", "a:1", "a:blocked")
    points = [ContactPoint(channel="teams", user=name, address=name, service_url=url) for name in known]
    return teams_gateway(Book({("teams", point.user): point for point in points}), TEAMS)


@asynccontextmanager
async def slack_rig(_tmp_path, request) -> AsyncIterator[Rig]:
    server = request.getfixturevalue("slack")
    async with slack_gateway(server.url, SLACK) as channel:
        yield Rig(channel, "C0ASAKA", journal_of(server), "C0GONE")


@asynccontextmanager
async def teams_rig(_tmp_path, request) -> AsyncIterator[Rig]:
    server = request.getfixturevalue("teams")
    async with teams_at(server.url) as channel:
        yield Rig(channel, "19:asaka@thread.v2", journal_of(server), "a:blocked")


RIGS = {"web": web_rig, "console": console_rig, "memory": memory_rig, "slack": slack_rig, "teams": teams_rig}


@pytest.fixture(params=RIGS)
def rig(request, tmp_path):
    """Runs a test's coroutine on every channel."""

    def run(work):
        async def inside():
            async with RIGS[request.param](tmp_path, request) as made:
                assert made.channel.name == request.param
                return await work(made)

        return asyncio.run(inside())

    return run


def test_its_traits_fit_together(rig):
    """Times are positive, and something can be under way."""

    async def work(r):
        traits = r.channel.traits
        assert traits.timeout_seconds > 0
        assert traits.settle_seconds > 0
        assert traits.concurrency >= 1
        assert traits.per_destination_seconds >= 0

    rig(work)


def test_a_sent_letter_arrives_once(rig):
    """Sending says under what name the letter stands, and it stands there once."""

    async def work(r):
        letter = r.letter()
        outcome = await r.channel.send(letter)
        assert isinstance(outcome, Sent)
        assert outcome.platform_ref
        assert await r.arrived(letter) == 1

    rig(work)


def test_a_letter_can_be_read_back(rig):
    """Where the platform can be read back, what arrived is found under its name, and nothing else is."""

    async def work(r):
        if not r.channel.traits.read_back:
            return
        never, letter = r.letter(), r.letter()
        sent = await r.channel.send(letter)
        assert await r.channel.find(letter) == Found(platform_ref=sent.platform_ref)
        assert await r.channel.find(never) == Absent()

    rig(work)


def test_a_letter_is_found_among_many(rig):
    """A letter is found behind those that came after it to the same address."""

    async def work(r):
        if not r.channel.traits.read_back:
            return
        first = r.letter()
        await r.channel.send(first)
        for _ in range(230 if r.channel.name == "slack" else 20):
            await r.channel.send(r.letter())
        assert isinstance(await r.channel.find(first), Found)

    rig(work)


def test_a_refusal_is_an_outcome_with_its_reason(rig):
    """An address that doesn't exist is refused for good, in plain Japanese."""

    async def work(r):
        if r.refused is None:
            return
        outcome = await r.channel.send(r.letter(r.refused))
        assert isinstance(outcome, Refused)
        assert outcome.reason.endswith("。")

    rig(work)


def test_what_stands_can_be_changed(rig):
    """Where the platform permits it, an update keeps the letter's name; what never arrived can't be changed."""

    async def work(r):
        if not r.channel.traits.update:
            return
        letter = r.letter()
        ref = (await r.channel.send(letter)).platform_ref
        other = replace(letter, message=replace(MESSAGE, title="取り消しました"))
        assert await r.channel.update(other, ref) == Sent(platform_ref=ref)
        assert isinstance(await r.channel.update(r.letter(), "none"), Refused)

    rig(work)


def test_cancellation_passes_through(rig):
    """A cancelled call ends at once, with its result or cancelled, and with nothing else."""

    async def work(r):
        task = asyncio.create_task(r.channel.send(r.letter()))
        await asyncio.sleep(0)
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError | Sent | Uncertain)

    rig(work)


def test_calls_at_once(rig):
    """As many calls as the channel permits at once all come to their end."""

    async def work(r):
        letters = [r.letter() for _ in range(r.channel.traits.concurrency)]
        outcomes = await asyncio.gather(*(r.channel.send(letter) for letter in letters))
        assert all(isinstance(outcome, Sent) for outcome in outcomes)

    rig(work)


PLATFORMS = {"slack": (slack_at, "C1"), "teams": (teams_at, "a:1")}


@pytest.mark.parametrize("name", PLATFORMS)
@pytest.mark.parametrize(
    ("fault", "outcome", "arrives"),
    [
        (Fault.BUSY, Later, 0),
        (Fault.FAIL_BEFORE, Uncertain, 0),
        (Fault.FAIL_AFTER, Uncertain, 1),
        (Fault.DROP_BEFORE, Uncertain, 0),
        (Fault.DROP_AFTER, Uncertain, 1),
        (Fault.LATE, Sent, 1),
        (Fault.NONE, Sent, 1),
    ],
)
def test_what_goes_wrong_is_told_apart(name, fault, outcome, arrives, request):
    """Only what the platform certainly has or hasn't taken counts as such; Slack then tells which it was."""
    server = request.getfixturevalue(name)
    connected, to = PLATFORMS[name]

    async def work():
        httpx2.post(f"{server.url}/_control/faults", json={"next": [fault]}, trust_env=False)
        async with connected(server.url) as channel:
            letter = Rig(channel, to, journal_of(server)).letter()
            assert isinstance(await channel.send(letter), outcome)
            assert await journal_of(server)(letter) == arrives
            if channel.traits.read_back:
                assert isinstance(await channel.find(letter), Found if arrives else Absent)

    asyncio.run(work())


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_platform_that_is_not_there_gets_it_later(name):
    """Where no connection comes about, nothing was taken."""
    connected, to = PLATFORMS[name]

    async def work():
        async with connected("http://127.0.0.1:9") as channel:
            assert isinstance(await channel.send(Rig(channel, to, None).letter()), Later)

    asyncio.run(work())


def test_a_slack_message_to_a_person_stands_in_their_conversation(slack):
    """The fake keeps Slack's distinction of the person (U…) and the direct conversation (D…)."""
    headers = {"Authorization": "Bearer x"}
    with httpx2.Client(base_url=f"{slack.url}/api/", headers=headers, trust_env=False) as client:
        posted = client.post("chat.postMessage", json={"channel": "U0123", "text": "こんにちは"}).json()
        opened = client.post("conversations.open", json={"users": "U0123"}).json()
        assert posted["channel"] == opened["channel"]["id"] == "D0123"
        history = client.get("conversations.history", params={"channel": "D0123"}).json()
        assert [message["text"] for message in history["messages"]] == ["こんにちは"]
        assert client.get("conversations.history", params={"channel": "U0123"}).json()["error"] == "channel_not_found"


class BrokenInbox:
    """An inbox whose database is gone."""

    async def deliver(self, *_args):
        raise ConnectionError

    find = replace = deliver


def test_a_broken_inbox_is_an_outcome():
    """The web channel doesn't raise for what its database does."""

    async def work():
        channel = WebChannel(BrokenInbox())
        letter = Rig(channel, "everyone", None).letter()
        assert isinstance(await channel.send(letter), Uncertain)
        assert not isinstance(await channel.find(letter), Found | Absent)
        assert isinstance(await channel.update(letter, "1"), Uncertain)

    asyncio.run(work())


def test_the_web_inbox_takes_a_letter_once():
    """Sending a letter again leaves one."""
    # The inbox's own tests show it for the database; here the channel must not make a second mark.
    markers = []

    class Inbox(BrokenInbox):
        async def deliver(self, marker, _address, _message):
            markers.append(marker)
            return "1"

    async def work():
        channel = WebChannel(Inbox())
        letter = Rig(channel, "everyone", None).letter()
        assert await channel.send(letter) == await channel.send(letter)

    asyncio.run(work())
    assert len(set(markers)) == 1
