"""The inbox of the web chat: whose messages it shows, what is new, and what the browser keeps."""

import re
from datetime import datetime

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot.channels.web.inbound import routes
from asaka_bot.errors import StoreError
from asaka_bot.outgoing import Message
from asaka_bot.tokyo import TOKYO
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.web_inbox import MemoryInbox, filled

MORNING = datetime(2026, 11, 25, 8, 30, tzinfo=TOKYO)


@pytest.fixture
def inbox() -> MemoryInbox:
    return filled()


@pytest.fixture
def client(service, inbox) -> TestClient:
    return TestClient(Starlette(routes=routes(service, MemoryFeedback(), inbox, "secret")))


def unread(client: TestClient, path: str = "/") -> int:
    said = re.search(r"未読(\d+)件", client.get(path).text)
    return int(said[1]) if said else 0


def titles(html: str) -> list[str]:
    return re.findall(r'<h3 id="message-\d+">([^<]+)</h3>', html)


def test_messages_to_everyone_newest_first(client):
    """Employees see what went to all, under the headings of its days."""
    html = client.get("/inbox").text
    assert titles(html) == ["ノー残業デー完全実施日", "ノー残業推奨デー", "定時退庁推進週間が始まります"]
    assert html.index("令和8年11月24日（火）") < html.index("令和8年11月20日（金）") < html.index("令和8年10月1日")


def test_messages_to_managers_by_role(client):
    """Whoever looks as 所属長・管理職員 also sees what is meant for them, marked as such."""
    html = client.get("/inbox?role=manager").text
    assert "休暇取得予定表の作成" in titles(html)
    assert "所属長・管理職員あて" in html
    assert "休暇取得予定表の作成" not in client.get("/inbox?role=king").text


def test_message_with_all_its_parts(client):
    """Text, what else falls on the day, links to topics, and the source."""
    html = client.get("/inbox").text
    assert "17時15分になったら" in html
    assert "次の完全実施日は12月16日（水）です。" in html
    assert 'href="/topics/overtime?facet=overview"' in html
    assert 'href="/topics/interval"' in html
    assert "出典：第5期特定事業主行動計画" in html


def test_opening_the_inbox_makes_all_read(client, inbox):
    """The bell counts until the inbox was opened, then only what arrives afterwards."""
    assert unread(client) == 3
    assert 'class="badge badge-new"' in client.get("/inbox").text
    assert unread(client) == 0
    assert 'class="badge badge-new"' not in client.get("/inbox").text
    inbox.receive("everyone", Message(title="ノー残業デー", paragraphs=()), MORNING)
    assert unread(client) == 1
    assert unread(client, "/dates") == 1
    assert client.get("/inbox/count").json() == {"unread": 1}


def test_bell_follows_the_role(client):
    """After a question as 所属長 the bell counts what is meant for them, and leads there."""
    html = client.post("/ask", data={"question": "年休は何日ありますか", "role": "manager"}).text
    assert "未読4件" in html
    assert 'href="/inbox?role=manager"' in html
    assert client.get("/inbox/count?role=manager").json() == {"unread": 4}


def test_the_cookie_holds_a_number_alone(client):
    """The browser keeps the number of the newest message, out of reach of scripts; other pages set nothing."""
    cookie = client.get("/inbox").headers["set-cookie"]
    assert re.match(r"asaka-seen=4; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax$", cookie)
    for path in ("/", "/dates", "/inbox/count", "/hr-desk"):
        assert "set-cookie" not in client.get(path).headers


def test_the_cookie_never_goes_back(client):
    """Looking as employee after having looked as manager doesn't make older messages new again."""
    client.cookies.set("asaka-seen", "9")
    assert "asaka-seen=9;" in client.get("/inbox").headers["set-cookie"]


@pytest.mark.parametrize("value", ["", "x", "-1", "1e3", "１", "9" * 40, "9" * 19, "%00"])
def test_a_broken_cookie_does_no_harm(client, value):
    """What is no number counts as nothing seen; a number too large for the database as everything."""
    response = client.get("/inbox", headers={"cookie": f"asaka-seen={value}".encode()})
    assert response.status_code == 200
    assert client.get("/", headers={"cookie": f"asaka-seen={value}".encode()}).status_code == 200


def test_many_unread_fit_into_the_mark(service):
    """A hundred and more show as 99+ and are read out in full."""
    inbox = MemoryInbox()
    for _ in range(120):
        inbox.receive("everyone", Message(title="お知らせ", paragraphs=()), MORNING)
    client = TestClient(Starlette(routes=routes(service, MemoryFeedback(), inbox, "secret")))
    html = client.get("/").text
    assert ">99+<" in html
    assert "未読120件" in html
    assert "新しいものから50件" in client.get("/inbox").text


def test_an_empty_inbox(service):
    """Without messages the page says so, and keeps nothing."""
    client = TestClient(Starlette(routes=routes(service, MemoryFeedback(), MemoryInbox(), "secret")))
    response = client.get("/inbox")
    assert "まだお知らせはありません" in response.text
    assert "set-cookie" not in response.headers


def test_answers_do_not_depend_on_the_bell(service):
    """When the inbox can't be read, questions are answered all the same."""

    class Broken(MemoryInbox):
        async def count_after(self, addresses, last_id):  # noqa: ARG002 - as the port has it
            raise StoreError("データベースを読めません")

    client = TestClient(Starlette(routes=routes(service, MemoryFeedback(), Broken(), "secret")))
    response = client.post("/ask", data={"question": "もう死にたいです"})
    assert response.status_code == 200
    assert 'href="tel:119"' in response.text


def test_markup_in_messages_stays_text(service):
    """Neither title nor text, line, label nor topic can carry markup."""
    from asaka_bot.messages import Option

    evil = '"><script>alert(1)</script>'
    inbox = MemoryInbox()
    message = Message(
        title=evil, paragraphs=(evil,), also=(evil,), topics=(Option(label=evil, topic=evil, facet=evil),), source=evil
    )
    inbox.receive("everyone", message, MORNING)
    client = TestClient(Starlette(routes=routes(service, MemoryFeedback(), inbox, "secret")))
    assert "<script>alert" not in client.get("/inbox").text
