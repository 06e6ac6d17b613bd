"""The notice pages in a real browser: on a phone and on a desk, by axe's rules, by keyboard alone, with and without script."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware

from asaka_bot.hr_console import routes as hr
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.roles import HrRole
from asaka_bot.same_origin import SameOrigin
from asaka_bot.server import SafeHeaders
from tests.fakes.chromium import CHROMIUM, PHONE, check
from tests.fakes.console import NOW, MemorySessions, ports
from tests.fakes.notice_samples import PEOPLE, a_busy_desk
from tests.fakes.notices import MemoryNotices
from tests.fakes.staff import MemoryStaff
from tests.hr_console.test_hr_browser import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")


class Desk:
    """What the pages stand on; each test furnishes it anew."""

    def __init__(self) -> None:
        self.ports: Ports
        self.notices: MemoryNotices
        self.furnish()

    def furnish(self) -> None:
        sessions = MemorySessions()
        for link, person in (("hanako", "人事 花子"), ("taro", "人事 太郎")):
            sessions.links[digest_of(link)] = (person, HrRole.ADMIN, NOW + timedelta(hours=1))
        self.notices = a_busy_desk()
        staff = MemoryStaff(now=NOW, kept={each.staff_id: each for each in PEOPLE})
        self.ports = ports(sessions, staff=staff, notices=self.notices)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    pages = hr.routes(lambda: desk.ports, lambda: NOW)
    with serving(Starlette(routes=pages, middleware=[Middleware(SafeHeaders), Middleware(SameOrigin)])) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str, desk: Desk) -> Iterator[Page]:
    """A phone, signed in, whose pages are looked at as wide as a desk's too; whatever the browser complains about fails the test."""
    desk.furnish()
    context = browser.new_context(base_url=address, locale="ja-JP", viewport=PHONE, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, "hanako")
    yield page
    context.close()
    assert not [c for c in complaints if not any(status in c for status in ("401", "403", "404", "422"))]


def sign_in(page: Page, link: str) -> None:
    page.goto(f"/hr/sign-in?token={link}")
    page.get_by_role("button", name="人事コンソールに入る").click()
    expect(page.get_by_role("heading", name="ホーム", level=1)).to_be_visible()


def test_lists_and_home(page, tmp_path):
    """What waits stands first; the home page counts it."""
    check(page, tmp_path, "home")
    page.get_by_role("link", name="お知らせ", exact=True).click()
    expect(page.get_by_role("heading", name="あなたの対応を待っています")).to_be_visible()
    check(page, tmp_path, "notices")
    page.get_by_label("状態でしぼる").get_by_role("link", name="予約中").click()
    check(page, tmp_path, "notices-scheduled")


def test_the_empty_form_and_its_errors(page, tmp_path):
    """Every part is open once; mistakes take the focus at the first field."""
    page.goto("/hr/notices/new")
    for fold in page.locator("details.fold > summary").all():
        fold.click()
    for when in ("日時を決めて送る", "くり返し送る"):
        page.get_by_label(when).check()
    page.get_by_label("くり返し方").select_option("毎月（第何曜日）")
    check(page, tmp_path, "form")
    page.get_by_label("題名", exact=True).fill("")
    page.get_by_label("リンク1のアドレス").fill("http://example.com")
    page.get_by_role("button", name="保存して、内容を確かめる").click()
    expect(page.get_by_label("題名", exact=True)).to_be_focused()
    expect(page.get_by_label("リンク1のアドレス")).to_have_value("http://example.com")
    check(page, tmp_path, "form-errors")


def test_the_builder_writes_the_audience(page, tmp_path):
    """Chosen with the keyboard or the mouse, added and taken away, and counted."""
    page.goto("/hr/notices/new")
    page.get_by_role("button", name="宛先から除く").click()
    expect(page.get_by_text("まず宛先をあわせてください")).to_be_visible()
    page.get_by_label("種類").select_option("所属")
    page.get_by_label("所属", exact=True).fill("総務部/職員課")
    page.get_by_role("button", name="宛先にあわせる").click()
    page.get_by_label("種類").select_option("職位")
    page.get_by_label("職位", exact=True).select_option("所属長")
    page.get_by_role("button", name="宛先から除く").click()
    expect(page.get_by_label("宛先", exact=True)).to_have_value("所属:総務部/職員課 - 職位:所属長")
    page.get_by_role("button", name="宛先の人数を確かめる").click()
    expect(page.get_by_text("いまの宛先は")).to_be_focused()
    check(page, tmp_path, "form-counted", "[aria-labelledby=part-whom]")


def test_characters_are_counted_and_topics_found(page):
    """Below the field while typing; topics by a part of their name."""
    page.goto("/hr/notices/new")
    page.get_by_label("題名", exact=True).fill("あ" * 101)
    expect(page.get_by_text("101文字（100文字まで）")).to_be_visible()
    page.get_by_text("ボットの案内につなげる").click()
    page.get_by_label("話題をさがす").fill("育児")
    expect(page.get_by_label("育児休業")).to_be_visible()
    expect(page.get_by_label("年次有給休暇")).to_be_hidden()


def test_from_writing_to_sending_by_keyboard_alone(page, tmp_path, desk):
    """Nothing but keys: the form, the preview, the questions, the live page."""
    page.goto("/hr/notices/new")

    def go_to(target):
        for _ in range(200):
            if target.evaluate("element => element === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError("not reached")

    go_to(page.get_by_label("題名", exact=True))
    page.keyboard.type("年末調整の書類を出してください")
    go_to(page.get_by_label("本文", exact=True))
    page.keyboard.type("11月30日までに、職員課へ出してください。")
    go_to(page.get_by_label("「確認しました」ボタンを付ける"))
    page.keyboard.press("Space")
    go_to(page.get_by_label("期限（なくてもよい）"))
    page.keyboard.type("11月30日")
    go_to(page.get_by_label("宛先", exact=True))
    page.keyboard.type("職位:所属長")
    go_to(page.get_by_role("button", name="保存して、内容を確かめる"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_focused()
    check(page, tmp_path, "draft")
    go_to(page.get_by_role("link", name="送信へ進む"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="送信の確認")).to_be_visible()
    check(page, tmp_path, "submit")
    go_to(page.get_by_role("button", name="送信する"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("人には届きません")).to_be_focused()
    check(page, tmp_path, "questions")
    page.keyboard.press("Space")
    go_to(page.get_by_role("button", name="送信する"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_be_focused()
    expect(page.get_by_text("送信しました。")).to_be_visible()
    check(page, tmp_path, "sent")
    assert max(desk.notices.kept) == max(n for n, each in desk.notices.kept.items() if each.sent_at)


def test_people_and_follow_up(page, tmp_path, desk):
    """Somebody is confirmed for, others are reminded, the notice is corrected and recalled."""
    number = next(each.id for each in desk.notices.kept.values() if each.content.title == "研修の出欠")
    page.goto(f"/hr/notices/{number}/people?unconfirmed=yes")
    check(page, tmp_path, "people")
    page.get_by_role("button", name="代理確認").first.click()
    expect(page.get_by_role("status")).to_contain_text("代理確認を記録しました")
    page.goto(f"/hr/notices/{number}")
    page.get_by_text("再通知する").first.click()
    check(page, tmp_path, "live-answers")
    page.get_by_role("button", name="再通知する").click()
    expect(page.locator(".done")).to_contain_text("再通知しました")
    with page.expect_download() as download:
        page.get_by_role("button", name="Excelに書き出す").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("link", name="文面を訂正する").click()
    check(page, tmp_path, "correct")
    page.get_by_role("button", name="訂正して置き換える").click()
    expect(page.get_by_text("訂正しました")).to_be_visible()
    page.get_by_text("お知らせを取り消す").click()
    page.get_by_role("button", name="取り消す", exact=True).click()
    expect(page.get_by_label("取り消す理由")).to_be_focused()
    check(page, tmp_path, "recall-error")
    page.get_by_label("取り消す理由").fill("日付に誤りがありました")
    page.get_by_role("button", name="取り消す", exact=True).click()
    expect(page.get_by_text("取り消しました。")).to_be_visible()
    check(page, tmp_path, "recalled")


def test_a_second_person(page, tmp_path, desk):
    """Who submitted it waits; the other sees the frozen list and approves, or sends back."""
    waits = [each for each in desk.notices.kept.values() if each.state == "awaiting"]
    own = next(each for each in waits if each.submitted_by == "人事 花子")
    other = next(each for each in waits if each.submitted_by != "人事 花子")
    page.goto(f"/hr/notices/{own.id}")
    expect(page.get_by_text("自分では承認できません")).to_be_visible()
    page.goto(f"/hr/notices/{other.id}")
    check(page, tmp_path, "awaiting")
    page.get_by_role("link", name="宛先の一覧を見る").click()
    check(page, tmp_path, "recipients")
    page.go_back()
    page.get_by_role("button", name="差し戻す").click()
    expect(page.get_by_label("差し戻す理由")).to_be_focused()
    page.get_by_role("button", name="承認する").click()
    expect(page.get_by_text("送信しました。")).to_be_visible()
    urgent = next(each for each in desk.notices.kept.values() if each.needs_review and each.submitted_by == "人事 太郎")
    page.goto(f"/hr/notices/{urgent.id}")
    check(page, tmp_path, "urgent")
    page.get_by_role("button", name="事後確認をする").click()
    expect(page.get_by_text("事後確認を記録しました")).to_be_visible()


def test_replies_and_lists(page, tmp_path):
    """A reply is dealt with; a list is made, refused, changed and removed."""
    page.goto("/hr/notices/replies")
    check(page, tmp_path, "replies")
    page.get_by_role("button", name="対応済みにする").first.click()
    expect(page.get_by_role("status")).to_contain_text("対応済みにしました")
    page.goto("/hr/notices/lists")
    page.get_by_label("名前").fill("窓口担当")
    page.get_by_label("職員番号").fill("10001、10002\t99999")
    page.get_by_role("button", name="名簿を保存する").click()
    expect(page.get_by_label("職員番号")).to_be_focused()
    check(page, tmp_path, "lists-error")
    page.get_by_label("職員番号").fill("10001、10002")
    page.get_by_role("button", name="名簿を保存する").click()
    check(page, tmp_path, "lists")
    for_it = page.get_by_role("region", name="窓口担当")
    for_it.get_by_text("削除する", exact=False).first.click()
    for_it.get_by_role("button", name="削除する").click()
    expect(page.get_by_role("status")).to_contain_text("名簿を削除しました")


def test_states_that_ended(page, tmp_path, desk):
    """A missed, a cancelled and a repeating notice say what became of them."""
    for state in ("missed", "cancelled", "scheduled"):
        found = next(each for each in desk.notices.kept.values() if each.state == state)
        page.goto(f"/hr/notices/{found.id}")
        check(page, tmp_path, state)


def test_without_script(browser, address, desk):
    """Writing, counting, sending and looking again need none; the builder stays away."""
    desk.furnish()
    context = browser.new_context(base_url=address, locale="ja-JP", java_script_enabled=False)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/hr/sign-in?token=hanako")
    page.get_by_role("button", name="人事コンソールに入る").click()
    page.goto("/hr/notices/new")
    assert page.get_by_role("button", name="宛先にあわせる").count() == 0
    page.get_by_label("題名", exact=True).fill("お知らせ")
    page.get_by_label("本文", exact=True).fill("本文です。")
    page.get_by_label("宛先", exact=True).fill("職位:所属長")
    page.get_by_role("button", name="宛先の人数を確かめる").click()
    expect(page.get_by_text("いまの宛先は")).to_be_visible()
    page.get_by_role("button", name="保存して、内容を確かめる").click()
    page.get_by_role("link", name="送信へ進む").click()
    page.get_by_role("button", name="送信する").click()
    if page.get_by_role("checkbox").count():
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="送信する").click()
    expect(page.get_by_text("送信しました。")).to_be_visible()
    page.get_by_role("link", name="いまの状況を見る").click()
    context.close()


def test_markup_stays_text(page, desk):
    """Nothing that people write is run."""
    evil = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for number, each in list(desk.notices.kept.items()):
        content = replace(each.content, title=evil, body=evil, source=evil, answers=(evil, "不参加"))
        desk.notices.kept[number] = replace(each, content=content, made_by=evil, note=evil)
    for number in desk.notices.kept:
        page.goto(f"/hr/notices/{number}")
        assert page.locator("img[src=x]").count() == 0
