"""The page of a notice that was sent, left open in a real browser: figures come by themselves, until nobody is signed in."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.fakes.chromium import CHROMIUM, check
from tests.hr_console.test_notice_browser import Desk, address, desk, page

__all__ = ["address", "desk", "page"]  # fixtures
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")


def opened(page: Page, desk: Desk) -> int:
    """The page of a notice that is being sent, in a time that the test lets pass; the notice's number."""
    page.clock.install()
    sent = next(each for each in desk.notices.kept.values() if each.content.title == "年末調整の書類")
    number = sent.id
    desk.notices.kept[number] = replace(sent, plan=replace(sent.plan, posts=()))  # nobody else can confirm
    page.goto(f"/hr/notices/{number}")
    expect(page.locator("#live-summary")).to_contain_text("送信しています")
    return number


def pass_(page: Page, seconds: float) -> None:
    """Let time pass and the figures come once."""
    with page.expect_response("**/live"):
        page.clock.run_for(round(seconds * 1000))


def test_figures_come_by_themselves(page, tmp_path, desk):
    """Every three seconds while it is sent, then what can be done changes; every fifteen while confirmations are open."""
    number = opened(page, desk)
    check(page, tmp_path, "live")
    expect(page.get_by_text("3秒ごとに新しくなります")).to_be_visible()
    expect(page.get_by_text("送信を中止する").first).to_be_visible()
    page.locator("#stand-waiting").focus()
    desk.notices.arrive(number)
    pass_(page, 3.1)
    expect(page.locator("#live-summary")).not_to_contain_text("送信しています")
    expect(page.locator("[data-finished]")).to_be_attached()
    expect(page.get_by_text("15秒ごとに新しくなります")).to_be_visible()
    expect(page.get_by_text("送信を中止する")).to_have_count(0)
    confirmed = desk.notices.kept[number].confirmed
    desk.notices.confirm(number, 1)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(11_000)
    assert asked == []
    pass_(page, 4.1)
    expect(page.locator("#live-summary")).to_contain_text(f"{confirmed + 1}人が確認しました")
    check(page, tmp_path, "confirmed-later")
    for place, each in enumerate(desk.notices.stands[number]):
        if not each.confirmed_at:
            desk.notices.confirm(number, place)
    pass_(page, 15.1)
    expect(page.locator("#live-summary")).to_contain_text(f"{len(desk.notices.stands[number])}人が確認しました")
    asked.clear()
    page.clock.run_for(60_000)
    assert asked == []
    check(page, tmp_path, "all-confirmed")


def test_a_hand_on_a_button_is_left_alone(page, desk):
    """Where somebody has opened a fold, it stays as it is while the figures change."""
    number = opened(page, desk)
    page.get_by_text("お知らせを取り消す").click()
    page.get_by_label("取り消す理由").fill("日付に")
    desk.notices.arrive(number)
    pass_(page, 3.1)
    expect(page.locator("[data-finished]")).to_be_attached()
    expect(page.get_by_label("取り消す理由")).to_have_value("日付に")
    expect(page.get_by_label("取り消す理由")).to_be_focused()


def test_whoever_is_no_longer_signed_in_is_told(page, tmp_path, desk):
    """The figures stay, a line says why no others come, and its link leads to the sign-in."""
    number = opened(page, desk)
    desk.ports.sessions.open.clear()
    pass_(page, 3.1)
    line = page.get_by_role("alert").filter(has_text="サインインの時間が終わった")
    expect(line).to_be_visible()
    expect(page.get_by_text("3秒ごとに")).to_be_hidden()
    expect(page.locator("#live-summary")).to_contain_text("送信しています")
    check(page, tmp_path, "signed-out")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    assert asked == []
    line.get_by_role("link", name="サインインし直す").click()
    expect(page.get_by_role("heading", name="サインインが必要です")).to_be_visible()
    assert page.url.endswith(f"/hr/notices/{number}")


def test_a_notice_that_is_no_longer_shown(page, tmp_path, desk):
    """Another line, with a link to look again."""
    number = opened(page, desk)
    del desk.notices.kept[number]
    pass_(page, 3.1)
    expect(page.get_by_role("alert").filter(has_text="ここで止まっています")).to_be_visible()
    check(page, tmp_path, "gone")
    page.get_by_role("link", name="画面を開き直す").click()
    expect(page.get_by_role("heading", name="ページが見つかりません")).to_be_visible()


def test_rounds_stand_on_the_page(page, tmp_path, desk):
    """Who reminded whom needs no click to be seen."""
    number = next(each.id for each in desk.notices.kept.values() if each.content.title == "研修の出欠")
    page.goto(f"/hr/notices/{number}")
    page.get_by_text("再通知する").first.click()
    page.get_by_role("button", name="再通知する").click()
    expect(page.get_by_text("1回目：11月24日（火）10:00に、人事 花子が")).to_be_visible()
    check(page, tmp_path, "rounds")
