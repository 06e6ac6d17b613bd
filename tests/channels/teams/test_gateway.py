"""Messages to Teams through Microsoft's real client, against a connector that goes wrong in every way."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from asaka_bot.channels.teams.connector import BLOCKED, Connector
from asaka_bot.channels.teams.credentials import LocalToken, TokenUnavailableError
from asaka_bot.channels.teams.gateway import UNKNOWN, TeamsGateway
from asaka_bot.delivery.channel import Later, Letter, Refused, Sent, Uncertain, Unreadable
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, ContactPoint, Message
from tests.channels.teams import connector_server
from tests.channels.teams.connector_server import Fault
from tests.channels.teams.contacts import Book

CONVERSATION = "a:1person-conversation"
SHIPPED = TeamsGateway(None, None).traits
MESSAGE = Message(
    title="今日はノー残業デーです", paragraphs=("定時で退庁しましょう。",), topics=(Option(label="とは", topic="t"),)
)


@pytest.fixture(scope="module")
def server():
    with connector_server.running() as connector:
        yield connector


@pytest.fixture(autouse=True)
def fresh(server):
    server.script.clear()
    server.accepted.clear()
    server.calls.clear()


@pytest.fixture
def book(server):
    point = ContactPoint(channel="teams", user="aad-1", address=CONVERSATION, service_url=server.url, tenant="t")
    return Book({("teams", "aad-1"): point})


def letter(to=CONVERSATION):
    address = Address(channel="teams", to=to)
    return Letter(marker="m1", address=address, message=MESSAGE, started_at=datetime.now(UTC))


def attempt(book, *, to=CONVERSATION, ref=None, credentials=None, timeout=5.0, traits=SHIPPED):
    async def run():
        connector = Connector(credentials or LocalToken(), local=True, timeout_seconds=timeout)
        gateway = TeamsGateway(connector, book, traits)
        try:
            return await (gateway.send(letter(to)) if ref is None else gateway.update(letter(to), ref))
        finally:
            await connector.close()

    return asyncio.run(run())


def test_a_message_arrives_once_as_a_card(book, server):
    """One call, one card with a summary, nothing beside it."""
    assert attempt(book) == Sent(platform_ref="1:1")
    [(conversation, activity)] = server.accepted
    assert conversation == CONVERSATION
    assert activity["summary"] == MESSAGE.title
    assert "text" not in activity
    [attachment] = activity["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["version"] == "1.5"
    assert "m1" in str(attachment)
    assert server.tokens[-1].count(".") == 2


def test_a_standing_message_is_replaced(book, server):
    """An update changes the same activity."""
    assert isinstance(attempt(book, ref="1:7"), Sent)
    assert server.calls[-1][:2] == ("PUT", f"/v3/conversations/{CONVERSATION}/activities/1:7")


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault(status=429, headers=(("Retry-After", "17"),)), 17),
        (Fault(status=429), 30),
        (Fault(status=429, headers=(("Retry-After", "soon"),)), 30),
        (Fault(status=429, headers=(("Retry-After", "999999"),)), 3_600),
        (Fault(status=412, code="PreconditionFailed"), 5),
        (Fault(status=412, headers=(("Retry-After", "2"),)), 2),
    ],
)
def test_busy_means_later(book, server, fault, seconds):
    """429 and 412 are certainly not taken; the stated wait is kept, and bounded."""
    server.script.append(fault)
    outcome = attempt(book)
    assert isinstance(outcome, Later)
    assert outcome.retry_after_seconds == seconds
    assert server.accepted == []


def test_retry_after_as_a_date(book, server):
    """Retry-After may be a date."""
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    server.script.append(Fault(status=429, headers=(("Retry-After", when),)))
    outcome = attempt(book)
    assert isinstance(outcome, Later)
    assert 35 < outcome.retry_after_seconds <= 40


@pytest.mark.parametrize("code", ["MessageWritesBlocked", "BotNotInConversationRoster"])
def test_a_block_is_remembered(book, server, code):
    """Whoever has removed the app is unreachable, and is not called again."""
    server.script.append(Fault(status=403, code=code))
    assert attempt(book) == Refused(reason=BLOCKED)
    assert book.points["teams", "aad-1"].reachable is False
    assert attempt(book) == Refused(reason=BLOCKED)
    assert len(server.calls) == 1


def test_a_nested_block_is_recognised(book, server):
    """Teams wraps the code at times."""
    body = b'{"error":{"code":"Forbidden","innerHttpError":{"body":{"subCode":"MessageWritesBlocked"}}}}'
    server.script.append(Fault(status=403, body=body))
    assert attempt(book) == Refused(reason=BLOCKED)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 418])
def test_a_definite_refusal_says_why(book, server, status):
    """Other 4xx are final, with a reason in Japanese; the person stays reachable."""
    server.script.append(Fault(status=status))
    outcome = attempt(book)
    assert isinstance(outcome, Refused)
    assert outcome.reason.endswith("。")
    assert book.points["teams", "aad-1"].reachable


@pytest.mark.parametrize("accepts", [False, True])
@pytest.mark.parametrize("status", [0, 302, 408, 500, 502, 503, 504])
def test_nobody_knows_after_errors_and_drops(book, server, status, accepts):
    """Whether the activity was taken or not, 408, 5xx and broken connections leave the outcome open, after one call."""
    server.script.append(Fault(status=status, accepts=accepts))
    assert isinstance(attempt(book), Uncertain)
    assert len(server.calls) == 1
    assert len(server.accepted) == accepts


def test_nobody_knows_after_silence(book, server):
    """An answer that does not come in time leaves the outcome open."""
    server.script.append(Fault(status=201, after_seconds=1.0))
    assert isinstance(attempt(book, traits=replace(SHIPPED, timeout_seconds=0.3)), Uncertain)
    server.script.append(Fault(status=201, after_seconds=1.0))
    assert isinstance(attempt(book, timeout=0.2), Uncertain)


@pytest.mark.parametrize("body", [b"", b"not json", b"{}", b'{"id":null}', b"[1]"])
def test_an_unreadable_yes_is_a_yes(book, server, body):
    """What Teams accepted counts as sent, whatever the answer's body says."""
    server.script.append(Fault(status=201, body=body))
    assert isinstance(attempt(book), Sent)


def test_without_connection_it_waits(book):
    """Where nobody listens, nothing was taken: later."""
    point = book.points["teams", "aad-1"]
    gone = ContactPoint(channel="teams", user="aad-1", address=point.address, service_url="http://127.0.0.1:9")
    assert isinstance(attempt(Book({("teams", "aad-1"): gone})), Later)


def test_without_token_it_waits(book, server):
    """Without a token nothing leaves: later, with the reason."""

    class Broken(LocalToken):
        async def token(self):
            raise TokenUnavailableError("Microsoftがボットの資格情報を受け付けません")

    outcome = attempt(book, credentials=Broken())
    assert isinstance(outcome, Later)
    assert "資格情報" in outcome.reason
    assert server.calls == []


def test_whoever_never_wrote_is_not_known(book):
    """Teams lets bots write only where a person has added them."""
    assert attempt(book, to="a:stranger") == Refused(reason=UNKNOWN)
    assert attempt(Book({("teams", "x"): ContactPoint(channel="teams", user="x", address="a:x")}), to="a:x") == Refused(
        reason=UNKNOWN
    )


@pytest.mark.parametrize(
    ("address", "service_url"),
    [
        ("a:1", "https://evil.example"),
        ("a:1", "https://smba.trafficmanager.net.evil.example"),
        ("a:1", "https://evil.trafficmanager.net/teams"),
        ("a:1", "https://user@smba.trafficmanager.net/teams"),
        ("../../v3/x", "http://127.0.0.1:1"),
        ("a:1?x=1", "http://127.0.0.1:1"),
        ("a:1#x", "http://127.0.0.1:1"),
    ],
)
def test_the_token_goes_only_to_known_servers(address, service_url):
    """A damaged address book can't send the token elsewhere, or make another call of it."""
    book = Book({("teams", "x"): ContactPoint(channel="teams", user="x", address=address, service_url=service_url)})
    outcome = attempt(book, to=address)
    assert isinstance(outcome, Refused)
    assert "正しくありません" in outcome.reason


def test_nothing_is_read_back(book):
    """Teams does not let bots read back."""
    assert SHIPPED.read_back is False
    assert SHIPPED.update is True
    assert isinstance(asyncio.run(TeamsGateway(None, book).find(letter())), Unreadable)
