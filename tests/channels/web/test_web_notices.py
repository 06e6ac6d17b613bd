"""Notices in the web inbox: whose they are, what is asked, what a press and a reply do; also in a real browser."""

import socket
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from asaka_bot.channels.web.inbound import routes
from asaka_bot.channels.web.inbox_pages import SIGN_IN, TROUBLE
from asaka_bot.outgoing import Link, Message, Response, Translation
from asaka_bot.same_origin import SameOrigin
from asaka_bot.tokyo import TOKYO
from tests.channels.slack.test_slack_render import MARKUP
from tests.channels.web.test_browser import Policy
from tests.channels.web.test_web_inbox import titles
from tests.fakes.chromium import CHROMIUM, PHONE, check
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.notices_in_chat import CHOICE, NOTICE, MemoryResponses, my_notice
from tests.fakes.web_inbox import MemoryInbox

MORNING = datetime(2026, 11, 25, 8, 30, tzinfo=TOKYO)


def inbox_of(*, everyone: Message = NOTICE, personal: Message = CHOICE) -> MemoryInbox:
    """A notice to everyone, one to person 10023 and one to somebody else."""
    inbox = MemoryInbox()
    inbox.receive("everyone", everyone, MORNING, "mark-1")
    inbox.receive("staff-10023", personal, MORNING, "mark-2")
    inbox.receive("staff-99999", Message(title="ほかの人あて", paragraphs=()), MORNING, "mark-3")
    return inbox


@pytest.fixture
def responses() -> MemoryResponses:
    return MemoryResponses()


def client_of(service, responses, person: str | None, inbox: MemoryInbox | None = None) -> TestClient:
    async def person_of(_request):
        return person

    made = routes(service, MemoryFeedback(), inbox or inbox_of(), "secret", responses=responses, person_of=person_of)
    return TestClient(Starlette(routes=made, middleware=[Middleware(SameOrigin)]), follow_redirects=True)


@pytest.fixture
def signed_in(service, responses) -> TestClient:
    return client_of(service, responses, "10023")


def test_without_sign_in_nobody_sees_personal_notices(service, responses):
    """Only what went to everyone, with a line that says where to confirm instead of buttons."""
    html = client_of(service, responses, None).get("/inbox").text
    assert titles(html) == ["健康診断の日程"]
    assert SIGN_IN in html
    assert "<form" not in html


def test_the_line_stands_only_below_what_wants_a_response(service, responses):
    """A notice that asks for nothing has no such line."""
    inbox = inbox_of(everyone=Message(title="お知らせ", paragraphs=("本文",)))
    assert SIGN_IN not in client_of(service, responses, None, inbox).get("/inbox").text


def test_whoever_is_signed_in_sees_their_own_notices(signed_in):
    """Those to everyone and those to the person, marked as such, and nobody else's."""
    html = signed_in.get("/inbox").text
    assert titles(html) == ["【緊急】健康診断の日程", "健康診断の日程"]
    assert "あなたあて" in html
    assert signed_in.get("/inbox/count").json() == {"unread": 0}
    assert "ほかの人あて" not in html


def test_all_parts_of_a_notice(signed_in):
    """Link with its host, due line, translations in their language."""
    html = signed_in.get("/inbox").text
    assert '<a href="https://www.city.asaka.lg.jp/map?a=1&amp;b=2" rel="noreferrer">会場の地図</a>' in html
    assert '<span class="host">（www.city.asaka.lg.jp）</span>' in html
    assert "11月30日（月）までに" in html
    assert '<details class="fold" lang="en">' in html
    assert '<details class="fold" lang="ja-x-easy">' in html


def test_a_press_is_said_once(signed_in, responses):
    """The press reaches the feature under the staff id; the page says what came of it, and not again."""
    response = signed_in.post("/inbox/respond", data={"marker": "mark-2", "response": "answer-1"})
    assert responses.pressed == [("web", "10023", "mark-2", "answer-1")]
    assert response.url.path == "/inbox"
    assert '<p class="said" role="status">確認しました。ありがとうございます。</p>' in response.text
    assert "ありがとうございます" not in signed_in.get("/inbox").text


def test_a_press_leads_back_to_where_it_was(signed_in):
    """Whoever looks as 所属長 goes on looking so."""
    response = signed_in.post("/inbox/respond", data={"marker": "m", "response": "confirm", "role": "manager"})
    assert str(response.url).endswith("/inbox?role=manager")


def test_what_was_answered_says_so(signed_in, responses):
    """確認済み instead of buttons; where there are several answers, another one can be given."""
    responses.listed += [my_notice(1, wants=False), my_notice(2, wants=False)]
    html = signed_in.get("/inbox").text
    assert html.count("確認済み") == 2
    assert html.count("/inbox/respond") == 1
    assert "回答を変える" in html


def test_without_sign_in_nothing_is_counted(service, responses):
    """A press or a reply of nobody is answered with where to sign in."""
    client = client_of(service, responses, None)
    for path in ("/inbox/respond", "/inbox/reply"):
        assert SIGN_IN in client.post(path, data={"marker": "m", "response": "confirm", "text": "x"}).text
    assert responses.pressed == responses.replies == []


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": "null"}])
def test_another_site_cannot_press(service, responses, headers):
    """What another site makes the browser send is refused, also where it hides its name."""
    data = {"marker": "mark-1", "response": "confirm"}
    assert client_of(service, responses, "10023").post("/inbox/respond", data=data, headers=headers).status_code == 403
    assert responses.pressed == []


def test_a_reply_reaches_hr_as_written(signed_in, responses):
    """The text as it is, under the staff id."""
    html = signed_in.post("/inbox/reply", data={"marker": "mark-2", "text": " この日は<出張>です。 "}).text
    assert responses.replies == [("web", "10023", "mark-2", "この日は<出張>です。")]
    assert "職員課に届きました。" in html


def test_an_empty_reply_goes_nowhere(signed_in, responses):
    """Nothing written, nothing sent."""
    assert "文が空でした" in signed_in.post("/inbox/reply", data={"marker": "m", "text": "  "}).text
    assert responses.replies == []


def test_a_reply_with_signs_of_danger_brings_the_contacts_first(signed_in, responses):
    """The urgent contacts stand above the sentence; the text itself stands nowhere on the page."""
    html = signed_in.post("/inbox/reply", data={"marker": "mark-2", "text": "もう死にたいです"}).text
    assert html.index("いま頼れる相談先があります") < html.index("職員課に届きました。")
    assert "死にたい" not in html
    assert len(responses.replies) == 1


def test_a_press_that_fails_says_so(service):
    """The person learns that nothing was counted."""
    client = client_of(service, MemoryResponses(broken=True), "10023")
    assert TROUBLE in client.post("/inbox/respond", data={"marker": "m", "response": "confirm"}).text
    assert TROUBLE in client.post("/inbox/reply", data={"marker": "m", "text": "x"}).text


def test_nobody_else_can_put_a_sentence_there(signed_in):
    """A cookie that was not signed here says nothing."""
    signed_in.cookies.set("asaka-said", "ImhhY2tlZCI.aaaaaa.bbbbbb", path="/inbox")
    assert 'class="said"' not in signed_in.get("/inbox").text


@pytest.mark.parametrize("markup", [*MARKUP, '"><script>alert(1)</script>', "'onclick='alert(1)", "</textarea><b>"])
def test_markup_in_a_notice_stays_text(service, responses, markup):
    """X6: in title, body, link, answer, translation, due line and source, markup stays as it is written."""
    evil = Message(
        title=markup,
        paragraphs=(markup,),
        source=markup,
        due=markup,
        links=(Link(label=markup, url="https://example.com/a"), Link(label=markup, url=f"javascript:{markup}")),
        responses=(Response(id=markup, label=markup), Response(id="answer-2", label=markup)),
        replies=True,
        translations=(Translation(language=markup, title=markup, paragraphs=(markup,)),),
    )
    client = client_of(service, responses, "10023", inbox_of(everyone=evil, personal=evil))
    article = client.get("/inbox").text.partition('<article class="letter')[2]
    for alive in ("<script>alert", "<b>", "'onclick='", 'href="javascript', "<!channel", "<http"):
        assert alive not in article
    assert article.count('<a href="https://example.com/a"') == 2


@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")
def test_the_inbox_in_a_browser(service, responses, browser, tmp_path: Path):
    """Read, answer and reply without JavaScript, at both widths, by axe's rules."""

    async def person_of(_request):
        return "10023"

    made = routes(service, MemoryFeedback(), inbox_of(), "secret", responses=responses, person_of=person_of)
    app = Starlette(routes=made, middleware=[Middleware(Policy), Middleware(SameOrigin)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        looking = browser.new_context(base_url=address, viewport=PHONE, locale="ja-JP")
        page = looking.new_page()
        page.goto("/inbox")
        check(page, tmp_path, "notices")
        for summary in page.locator("summary").all():
            summary.click()
        check(page, tmp_path, "notices-open")
        plain = browser.new_context(base_url=address, viewport=PHONE, java_script_enabled=False)
        bare = plain.new_page()
        bare.goto("/inbox")
        bare.get_by_role("button", name="不参加").click()
        assert bare.get_by_role("status").inner_text() == "確認しました。ありがとうございます。"
        bare.locator("summary", has_text="職員課に返信").first.click()
        bare.get_by_label("職員課への返信").first.fill("この日は出張です。")
        bare.get_by_role("button", name="この文を職員課に送る").first.click()
        assert bare.get_by_role("status").inner_text() == "職員課に届きました。"
        looking.close()
        plain.close()
        server.should_exit = True
        thread.join()
    assert responses.pressed == [("web", "10023", "mark-2", "answer-2")]
    assert responses.replies == [("web", "10023", "mark-2", "この日は出張です。")]
