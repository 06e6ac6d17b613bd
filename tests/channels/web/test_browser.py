"""The web chat in a real browser: with and without JavaScript, on a phone and on a desk, by axe's rules."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.web.inbound import routes
from tests.fakes.chromium import CHROMIUM, PHONE, check
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.web_inbox import filled

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")


class Policy:
    """Sets the content policy that the product's server sets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", POLICY.encode()))
            await send(message)

        await self.app(scope, receive, guarded)


@pytest.fixture(scope="module")
def address(service: AnswerService) -> Iterator[str]:
    app = Starlette(
        routes=routes(service, MemoryFeedback(), filled(), "for tests only"), middleware=[Middleware(Policy)]
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A phone, whose pages are looked at as wide as a desk's too; whatever the browser complains about fails the test."""
    context = browser.new_context(base_url=address, locale="ja-JP", viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not [c for c in complaints if "ERR_INTERNET_DISCONNECTED" not in c and "422" not in c]


@pytest.fixture
def bare(browser: Browser, address: str) -> Iterator[Page]:
    """A phone without JavaScript."""
    context = browser.new_context(base_url=address, locale="ja-JP", viewport=PHONE, java_script_enabled=False)
    yield context.new_page()
    context.close()


def ask(page: Page, question: str) -> None:
    page.get_by_label("質問", exact=True).fill(question)
    page.get_by_role("button", name="送る").click()


def test_first_screen(page, tmp_path):
    """The first screen obeys the rules of accessibility with its menu closed and open."""
    page.goto("/")
    check(page, tmp_path, "home")
    page.locator("summary", has_text="ハラスメント").click()
    check(page, tmp_path, "menu")


def test_question_and_answer(page, tmp_path):
    """An answer joins the log, takes the focus, and empties the field."""
    page.goto("/")
    ask(page, "育休はいつまで取れますか")
    heading = page.get_by_role("heading", name="育児休業", level=2)
    expect(heading).to_be_focused()
    expect(page.get_by_label("質問", exact=True)).to_have_value("")
    check(page, tmp_path, "answer")
    page.get_by_role("button", name="給与は？").click()
    expect(page.locator(".turn")).to_have_count(2)
    page.locator(".turn").last.get_by_role("button", name="役に立った").click()
    expect(page.locator(".thanks")).to_be_focused()
    check(page, tmp_path, "facet")


def test_choice(page, tmp_path):
    """A vague question offers buttons, and pressing one shows its topic."""
    page.goto("/")
    ask(page, "休みたい")
    expect(page.locator(".choice").first).to_be_visible()
    check(page, tmp_path, "choose")
    page.locator(".choice").first.click()
    expect(page.locator(".reply-title")).to_be_focused()


def test_decline(page, tmp_path):
    """What is not known is said kindly, with a desk."""
    page.goto("/")
    ask(page, "ラーメンのおいしい店")
    expect(page.get_by_role("heading", name="相談先")).to_be_visible()
    check(page, tmp_path, "decline")


def test_urgent(page, tmp_path):
    """Telephone links come first, large enough for a shaking thumb; Escape twice leaves for the neutral page."""
    page.goto("/")
    ask(page, "もう死にたいです")
    expect(page.get_by_role("heading", name="いま頼れる相談先があります")).to_be_focused()
    for link in page.locator(".call").all():
        assert link.bounding_box()["height"] >= 44
    check(page, tmp_path, "urgent")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_title("予定表")
    check(page, tmp_path, "blank")
    page.go_back()
    expect(page.locator(".turn")).to_have_count(0)


def test_dates_in_an_answer(page, tmp_path):
    """A question with a due date brings the table and a calendar file."""
    page.goto("/")
    ask(page, "予定日は令和9年3月10日です。いつから休めますか")
    expect(page.get_by_role("table")).to_be_visible()
    check(page, tmp_path, "dates-answer")
    with page.expect_download() as download:
        page.get_by_role("button", name="予定表に入れる").click()
    assert "BEGIN:VCALENDAR" in download.value.path().read_text()


def test_dates_form(page, tmp_path):
    """An error stands at its field and takes the focus; the right date gives the table."""
    page.goto("/dates")
    check(page, tmp_path, "dates-empty")
    page.get_by_label("出産予定日").fill("2月30日")
    page.get_by_role("button", name="計算する").click()
    expect(page.get_by_label("出産予定日")).to_be_focused()
    check(page, tmp_path, "dates-error")
    page.get_by_label("出産予定日").fill("令和9年3月10日")
    page.get_by_role("button", name="計算する").click()
    expect(page.get_by_role("table")).to_be_visible()
    check(page, tmp_path, "dates")


def test_desk_page(page, tmp_path):
    """An answer leads to a letter with the question in it."""
    page.goto("/")
    ask(page, "育休の手続は？")
    page.get_by_role("button", name="文面を用意する").click()
    assert "育休の手続は？" in page.get_by_label("問い合わせの文面").input_value()
    page.get_by_role("button", name="文面をコピー").click()
    expect(page.locator("#copied")).not_to_be_empty()
    check(page, tmp_path, "desk")


def test_lost_network_keeps_the_text(page, tmp_path):
    """When the network fails the words typed stay, and the page says so."""
    page.goto("/")
    page.context.set_offline(True)
    ask(page, "育休はいつまで？")
    expect(page.locator("#problem")).to_contain_text("通信できませんでした")
    expect(page.get_by_label("質問", exact=True)).to_have_value("育休はいつまで？")
    page.context.set_offline(False)
    check(page, tmp_path, "offline")


def test_impatient_presses_send_once(page):
    """Pressing again while waiting asks nothing more."""
    page.goto("/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_label("質問", exact=True).fill("年休は何日？")
    page.evaluate("for (let i = 0; i < 5; i++) document.getElementById('composer').requestSubmit()")
    expect(page.locator(".turn")).to_have_count(1)
    assert len(sent) == 1


def test_enter_while_converting_kana_does_not_send(page):
    """Enter that ends a kana conversion must not send the question."""
    page.goto("/")
    page.get_by_label("質問", exact=True).fill("いくきゅう")
    page.evaluate(
        "document.getElementById('question').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    expect(page.locator(".turn")).to_have_count(0)


def test_without_javascript(bare, tmp_path):
    """Asking, choosing, voting and leaving all work with plain forms."""
    bare.goto("/")
    ask(bare, "休みたい")
    bare.screenshot(path=tmp_path / "bare-choose.png", full_page=True)
    bare.locator(".choice").first.click()
    assert bare.locator(".reply-title").is_visible()
    bare.get_by_role("button", name="役に立った").click()
    assert bare.get_by_text("ありがとうございます").first.is_visible()
    ask(bare, "パワハラを受けています")
    bare.get_by_role("link", name="すぐに閉じる").click()
    assert bare.title() == "予定表"
