"""The HR console and the inbox in a real browser: on a phone and on a desk, by axe's rules, by keyboard alone."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware

from asaka_bot.audit import Action
from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff_file import as_excel
from asaka_bot.channels.web.inbound import routes as web_routes
from asaka_bot.hr_console import routes as hr
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.roles import HrRole
from asaka_bot.same_origin import SameOrigin
from asaka_bot.server import SafeHeaders
from tests.fakes.audit import one_of_each
from tests.fakes.chromium import CHROMIUM, PHONE, check
from tests.fakes.console import NOW, MemorySessions, busy, ports
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.web_inbox import MemoryInbox, filled

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")


class House:
    """What the pages stand on; each test furnishes it anew."""

    def __init__(self) -> None:
        self.ports: Ports
        self.inbox: MemoryInbox
        self.furnish()

    def furnish(self) -> None:
        sessions = MemorySessions()
        # Not through `add_link`: playwright runs the event loop of this thread.
        sessions.links[digest_of("link")] = ("職員課", HrRole.ADMIN, NOW + timedelta(hours=1))
        self.ports, self.inbox = ports(sessions, *busy(), one_of_each()), filled()

    async def latest(self, addresses, limit):
        return await self.inbox.latest(addresses, limit)

    async def count_after(self, addresses, last_id):
        return await self.inbox.count_after(addresses, last_id)


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def house() -> House:
    return House()


@pytest.fixture(scope="module")
def address(service, house: House) -> Iterator[str]:
    pages = [
        *hr.routes(lambda: house.ports, lambda: NOW),
        *web_routes(service, MemoryFeedback(), house, "for tests only"),
    ]
    with serving(Starlette(routes=pages, middleware=[Middleware(SafeHeaders), Middleware(SameOrigin)])) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str, house: House) -> Iterator[Page]:
    """A phone, whose pages are looked at as wide as a desk's too; whatever the browser complains about fails the test."""
    house.furnish()
    context = browser.new_context(base_url=address, locale="ja-JP", viewport=PHONE, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not [c for c in complaints if not any(status in c for status in ("401", "403", "404", "422"))]


def sign_in(page: Page) -> None:
    page.goto("/hr/sign-in?token=link")
    page.get_by_role("button", name="人事コンソールに入る").click()
    expect(page.get_by_role("heading", name="ホーム", level=1)).to_be_visible()


def test_signing_in_and_out(page, tmp_path):
    """The cookie holds on 127.0.0.1 without HTTPS; the pages around the session obey the rules."""
    page.goto("/hr/reminders")
    check(page, tmp_path, "outside")
    page.goto("/hr/sign-in?token=link")
    check(page, tmp_path, "sign-in")
    page.get_by_role("button", name="人事コンソールに入る").click()
    (cookie,) = [c for c in page.context.cookies() if c["name"] == "__Host-asaka-hr"]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
    page.goto("/hr/no-such-page")
    check(page, tmp_path, "missing")
    page.get_by_role("button", name="サインアウト").click()
    check(page, tmp_path, "signed-out")
    page.goto("/hr/sign-in?token=link")
    page.get_by_role("button", name="人事コンソールに入る").click()
    expect(page.get_by_role("heading", name="このリンクは使えません")).to_be_visible()
    check(page, tmp_path, "used-link")


def test_home(page, tmp_path, house):
    """The overview leads to what waits, and to the hold."""
    sign_in(page)
    check(page, tmp_path, "home")
    house.ports.deliveries.held = "バックアップから戻したため、そのあとに何が送られたかを確認できません。"
    page.reload()
    check(page, tmp_path, "home-hold")
    page.get_by_role("button", name="送信を再開する").click()
    expect(page.get_by_role("status")).to_be_focused()
    check(page, tmp_path, "released")


def test_year(page, tmp_path):
    """A day of the year opens with its texts; the year can be turned."""
    sign_in(page)
    page.get_by_role("link", name="リマインダー", exact=True).click()
    check(page, tmp_path, "reminders")
    page.get_by_role("link", name="12月16日（水） ノー残業デー完全実施日（予定）、ほか1件").click()
    expect(page.get_by_role("heading", name="令和8年12月16日（水）")).to_be_visible()
    expect(page.get_by_text("17時15分になったら").first).to_be_visible()
    check(page, tmp_path, "day", ".day-panel")
    page.get_by_role("link", name="次の年度").click()
    expect(page.get_by_role("heading", name="令和9年度")).to_be_visible()


def test_pausing_by_keyboard_alone(page, tmp_path):
    """Errors take the focus at their field; the pause is made and taken back without a mouse."""
    sign_in(page)
    page.goto("/hr/reminders")
    page.get_by_label("止めるもの").focus()
    for typed in ("", "12月20日", "12月10日", "議会のため"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("最終日")).to_be_focused()
    expect(page.get_by_label("理由")).to_have_value("議会のため")
    check(page, tmp_path, "pause-error", ".pause-columns")
    page.keyboard.press("Control+A")
    page.keyboard.type("12月25日")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("休止を登録しました")
    check(page, tmp_path, "paused", "[aria-labelledby=pauses]")
    page.get_by_role("button", name="再開する ：すべてのリマインダー").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("再開しました")


def test_trying_a_text(page, tmp_path):
    """The text that was tried stands on the page."""
    sign_in(page)
    page.goto("/hr/reminders")
    page.get_by_label("試すリマインダー").select_option("定時退庁推進週間")
    page.get_by_role("button", name="試し送り").click()
    expect(page.get_by_role("status")).to_be_focused()
    check(page, tmp_path, "tried", "[aria-labelledby=try]")


def test_deliveries(page, tmp_path):
    """One is settled, then a group; each button tells whose delivery it is."""
    sign_in(page)
    page.goto("/hr/deliveries")
    check(page, tmp_path, "deliveries")
    page.get_by_role("button", name="送信済みにする ：所属長・管理職員、休暇取得予定表の作成").click()
    expect(page.get_by_role("status")).to_be_focused()
    page.get_by_role("button", name="すべて再送する ：ノー残業デー").click()
    expect(page.get_by_text("決めることはありません")).to_be_visible()
    check(page, tmp_path, "settled")


def test_audit(page, tmp_path, house):
    """Sentences and the digest fit on a phone; entries that were changed are told by a banner."""
    sign_in(page)
    page.get_by_role("link", name="操作の記録").click()
    expect(page.get_by_text(f"{len(house.ports.audit.kept)}件の記録は、すべて書かれたときのままです。")).to_be_visible()
    check(page, tmp_path, "audit")
    for number in range(60):
        house.ports.audit.add("山田", Action.RELEASE, str(number))
    house.ports.audit.kept[2] = replace(house.ports.audit.kept[2], person="だれか")
    page.reload()
    expect(page.get_by_role("heading", name="記録が書き換えられています")).to_be_visible()
    check(page, tmp_path, "audit-broken")
    page.get_by_role("link", name="古い記録へ").click()
    check(page, tmp_path, "audit-older")
    page.get_by_role("link", name="最新の記録へ").click()
    expect(page.get_by_text("番号3の記録が、書かれた後に変えられています。")).to_be_visible()


def test_inbox_and_bell(page, tmp_path):
    """The bell tells how many are new, the inbox shows them, and afterwards nothing is new."""
    page.goto("/")
    expect(page.get_by_role("link", name="お知らせ 未読3件")).to_be_visible()
    check(page, tmp_path, "bell")
    page.get_by_label("あなたの立場").select_option("manager")
    expect(page.get_by_role("link", name="お知らせ 未読4件")).to_be_visible()
    page.get_by_role("link", name="お知らせ").click()
    expect(page.get_by_role("heading", name="休暇取得予定表の作成")).to_be_visible()
    check(page, tmp_path, "inbox")
    page.goto("/dates")
    expect(page.get_by_role("link", name="お知らせ", exact=True)).to_be_visible()


def test_bell_counts_what_arrives(page, house):
    """What arrives while the page is open is counted within a minute, without a word to the server about the reader."""
    page.clock.install()
    page.goto("/inbox")
    page.goto("/dates")
    first = house.inbox.kept[-1]
    house.inbox.receive("everyone", first.message, first.received_at)
    with page.expect_request("**/inbox/count") as asked:
        page.clock.run_for(61_000)
    assert asked.value.method == "GET"
    expect(page.get_by_role("link", name="お知らせ 未読1件")).to_be_visible()


def test_without_javascript(browser, address, house):
    """Signing in, pausing, the bell and the inbox need no script."""
    house.furnish()
    context = browser.new_context(base_url=address, locale="ja-JP", java_script_enabled=False)
    context.set_default_timeout(20_000)
    page = context.new_page()
    sign_in(page)
    page.goto("/hr/reminders")
    page.get_by_label("初日").fill("12月1日")
    page.get_by_label("最終日").fill("12月2日")
    page.get_by_label("理由").fill("選挙のため")
    page.get_by_role("button", name="この期間を止める").click()
    assert page.get_by_text("休止を登録しました").is_visible()
    page.goto("/")
    page.get_by_role("link", name="お知らせ 未読3件").click()
    assert page.get_by_role("heading", name="ノー残業デー完全実施日").is_visible()
    context.close()


def test_another_site_cannot_act(page, address, house):
    """A form on another site that posts here is refused, though the browser is signed in."""
    sign_in(page)
    house.ports.deliveries.held = "確認中"

    async def trap(request):  # noqa: ARG001 - Starlette passes it
        from starlette.responses import HTMLResponse

        form = f'<form action="{address}/hr/deliveries/release" method="post"><button>当選</button></form>'
        return HTMLResponse(form)

    from starlette.routing import Route

    with serving(Starlette(routes=[Route("/", trap)])) as elsewhere:
        page.goto(elsewhere.replace("127.0.0.1", "localhost"))
        page.get_by_role("button", name="当選").click()
        expect(page.get_by_text("ほかのサイトから送られたため")).to_be_visible()
    assert house.ports.deliveries.held == "確認中"


def test_staff(page, tmp_path):
    """A file is checked, confirmed and undone; mistakes in a file are listed."""
    people = invented_staff(120)
    files = {"good.xlsx": people, "few.xlsx": people[:60], "wrong.xlsx": [people[0], people[0]]}
    for name, listed in files.items():
        (tmp_path / name).write_bytes(as_excel(listed))

    def choose(name):
        page.get_by_label("名簿のファイル").set_input_files(tmp_path / name)
        page.get_by_role("button", name="差分を確かめる").click()

    sign_in(page)
    page.get_by_role("link", name="職員名簿", exact=True).click()
    check(page, tmp_path, "staff-empty")
    choose("wrong.xlsx")
    expect(page.get_by_role("heading", name="2か所を直してください")).to_be_visible()
    check(page, tmp_path, "staff-conflicts")
    choose("good.xlsx")
    check(page, tmp_path, "staff-check")
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_role("status")).to_be_focused()
    check(page, tmp_path, "staff")
    page.get_by_role("link", name="次の50人").click()
    choose("few.xlsx")
    page.get_by_role("button", name="この内容で取り込む").click()
    check(page, tmp_path, "staff-mass")
    page.get_by_label("がいなくなるのは正しい").check()
    page.get_by_role("button", name="この内容で取り込む").click()
    page.get_by_role("button", name="取り消す").click()
    expect(page.get_by_role("heading", name="職員（120人）")).to_be_visible()
