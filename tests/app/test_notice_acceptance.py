"""HR's notice from the staff file to the sheet of confirmations, on the running product, two to six minutes each: pytest -n 0 -m slow tests/app/test_notice_acceptance.py."""

import asyncio
import io
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from asaka_bot.broadcasts.staff_file import as_excel
from asaka_bot.settings import load
from asaka_bot.tokyo import now_in_tokyo
from tests.fakes.chromium import CHROMIUM, check, chromium
from tests.fakes.notice_house import (
    EARLY,
    ELSEWHERE,
    MEANT,
    OIDC,
    ON_TEAMS,
    STAFF,
    House,
    SettableClock,
    at,
    await_copies,
    copies,
    introduce,
    working_days,
)
from tests.fakes.server import running
from tests.proofs.conftest import figures
from tests.proofs.replicas import environment, replicas

__all__ = ["figures"]  # a fixture
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")]

TITLE = "年末調整の書類は期限までに出してください"


@pytest.fixture(params=[60, 500], ids=["60-on-slack", "500-on-slack"])
def house(request, engine, tmp_path: Path) -> Iterator[House]:
    """The product as `asaka-bot serve` runs it, on SQLite, between a Slack and a Teams of ours."""
    reached = [person for person in STAFF if person.email]
    meant = reached[:MEANT]
    on_slack, others = meant[: request.param], meant[request.param :]
    with ExitStack() as stack:
        slack, teams = (stack.enter_context(running(f"{name}_server", tmp_path)) for name in ("slack", "teams"))
        given = environment(tmp_path, slack.url, **OIDC)
        clock = SettableClock(at(now_in_tokyo().date(), 22))  # outside of working hours, whatever the day
        [replica] = stack.enter_context(replicas(engine, given, tmp_path, 1, clock.now))
        made = House(
            url=replica.url,
            clock=clock,
            settings=load(given),
            slack=slack,
            teams=teams,
            links={},
            on_slack=tuple(on_slack),
            on_teams=tuple(others[:ON_TEAMS]),
            on_web=tuple(others[ON_TEAMS:]),
            told_elsewhere=tuple(person for person in STAFF if person not in meant),
        )
        asyncio.run(introduce(made))
        yield made


def enter(browser: Browser, house: House, who: str, complaints: list[str]) -> Page:
    """A browser of a person's own, signed in by their link; the console's page that opens."""
    context = browser.new_context(
        base_url=house.url, locale="ja-JP", viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(house.links[who])
    page.get_by_role("button", name="人事コンソールに入る").click()
    return page


def take_over(page: Page, shots: Path) -> None:
    """The staff directory comes from an Excel file."""
    page.get_by_role("link", name="職員名簿", exact=True).click()
    check(page, shots, "01-staff-empty")
    file = {"name": "名簿.xlsx", "mimeType": "application/octet-stream", "buffer": as_excel(STAFF)}
    page.get_by_label("名簿のファイル").set_input_files(file)
    page.get_by_role("button", name="差分を確かめる").click()
    expect(page.get_by_text(f"新しい職員 {len(STAFF):,}人").first).to_be_visible()
    check(page, shots, "02-staff-check")
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_role("heading", name=f"職員（{len(STAFF):,}人）")).to_be_visible()
    check(page, shots, "03-staff")


def write(page: Page, house: House, shots: Path) -> str:
    """A list, the notice, its look, the submission; the notice's address."""
    page.goto("/hr/notices/lists")
    page.get_by_label("名前").fill("別に伝える人")
    page.get_by_label("職員番号").fill("\n".join(person.staff_id for person in house.told_elsewhere))
    page.get_by_role("button", name="名簿を保存する").click()
    expect(page.get_by_role("heading", name=f"別に伝える人（{ELSEWHERE}人）")).to_be_visible()
    check(page, shots, "04-lists")
    page.goto("/hr/notices/new")
    page.get_by_label("題名", exact=True).fill(TITLE)
    page.get_by_label("本文", exact=True).fill("扶養控除等申告書を、職員課に出してください。\n\n用紙は庁内にあります。")
    page.get_by_label("「確認しました」ボタンを付ける").check()
    last = now_in_tokyo().date() + timedelta(days=7)
    page.get_by_label("期限（なくてもよい）").fill(f"令和{last.year - 2018}年{last.month}月{last.day}日")
    page.get_by_label("宛先", exact=True).fill("全員 - 名簿:別に伝える人")
    page.get_by_role("button", name="宛先の人数を確かめる").click()
    expect(page.get_by_text(f"いまの宛先は{MEANT}人")).to_be_visible()
    check(page, shots, "05-form")
    page.get_by_role("button", name="保存して、内容を確かめる").click()
    expect(page.get_by_text("全員に届く見込みです")).to_be_visible()
    check(page, shots, "06-draft")
    address = page.url.partition("?")[0]
    page.get_by_role("link", name="送信へ進む").click()
    check(page, shots, "07-submit")
    page.get_by_role("button", name="送信する").click()
    page.get_by_role("checkbox", name="は勤務時間（開庁日の8時30分から17時15分まで）の外です").check()
    check(page, shots, "08-questions")
    page.get_by_role("button", name="送信する").click()
    expect(page.get_by_text("自分では承認できません").or_(page.get_by_text("承認を待っています"))).to_be_visible()
    expect(page.get_by_role("button", name="承認する")).to_have_count(0)
    check(page, shots, "09-submitted")
    return address


def approve(page: Page, shots: Path) -> None:
    """The second person finds it, sees whom it goes to, and approves."""
    page.goto("/hr")
    check(page, shots, "10-home-of-the-second")
    page.goto("/hr/notices")
    check(page, shots, "11-waiting")
    page.get_by_role("region", name="あなたの対応を待っています").get_by_role("link", name=TITLE).click()
    check(page, shots, "12-awaiting")
    page.get_by_role("link", name="宛先の一覧を見る").click()
    expect(page.get_by_role("heading", name=f"宛先の一覧（{MEANT}人）")).to_be_visible()
    check(page, shots, "13-recipients")
    page.go_back()
    page.get_by_role("button", name="承認する").click()
    expect(page.get_by_text(f"送信しました。{MEANT}人に順に届きます。")).to_be_visible()


def watch(page: Page, house: House, began: float, shots: Path) -> tuple[float, list[int]]:
    """The figures come by themselves, confirmations among them; the seconds until the end, and what was shown."""
    seen, pressed = [], False
    while not page.locator("[data-finished]").count():
        assert time.monotonic() - began < 240
        seen.append(int(page.locator("#gone").get_attribute("value")))
        if len(seen) == 1:
            check(page, shots, "14-live")
        if not pressed and len(house.slack.accepted()) >= EARLY <= len(house.teams.accepted()):
            pressed = True
            for number in range(2 * EARLY):  # impatient people: each presses twice, which counts once
                house.press_on_slack(number, house.slack.accepted()[number % EARLY])
                house.press_on_teams(number, house.teams.accepted()[number % EARLY])
        page.wait_for_timeout(250)
    return time.monotonic() - began, list(dict.fromkeys(seen))


def respond_on_the_web(page: Page, shots: Path) -> None:
    """An employee who has signed in finds the notice in the inbox and confirms."""
    page.goto("/inbox")
    check(page, shots, "18-inbox")
    page.get_by_role("button", name="確認しました").click()
    expect(page.get_by_role("status")).to_contain_text("確認しました")
    check(page, shots, "19-inbox-confirmed")


def confirm_for_somebody(page: Page, address: str, shots: Path) -> None:
    page.goto(f"{address}/people?unconfirmed=yes")
    check(page, shots, "20-people")
    page.get_by_role("button", name="代理確認").first.click()
    expect(page.get_by_role("status")).to_contain_text("代理確認を記録しました")
    check(page, shots, "21-confirmed-for")


def remind(page: Page, house: House, address: str, first: Counter[str], confirmed: set[str], shots: Path) -> None:
    """By its button alone: in working hours, twice at most; a page that was left open changes nothing about that."""

    def press(expected: str) -> None:
        page.get_by_role("button", name="再通知する").click()
        expect(page.get_by_text(expected).first).to_be_visible()

    def open_fold() -> None:
        page.goto(address)
        page.get_by_text("再通知する").first.click()

    unconfirmed = len(first) - len(confirmed)
    _tomorrow, after, later = itertools.islice(working_days(), 3)
    open_fold()
    house.clock.set(at(after, 17, 15))  # while the page stood open, people went home
    press("再通知は、開庁日の8時30分から17時15分までにできます")
    page.goto(address)
    expect(page.get_by_text("再通知は、開庁日の8時30分から17時15分までにできます")).to_be_visible()
    expect(page.get_by_role("button", name="再通知する")).to_have_count(0)
    check(page, shots, "22-after-hours")
    assert await_copies(house, first.total()) == first
    for number in (1, 2):
        house.clock.set(at(later, 8, 30 + number))
        open_fold()
        press(f"再通知しました。まだ確認していない{unconfirmed}人に、もう一度届きます。")
        check(page, shots, f"23-reminded-{number}")
        found = await_copies(house, first.total() + number * unconfirmed)
        assert found == Counter({who: 1 if who in confirmed else 1 + number for who in first})
        page.goto(address)
        if number == 1:
            other = page.context.new_page()  # a second window, left open until the limit is reached
            other.goto(address)
            other.get_by_text("再通知する").first.click()
    expect(page.get_by_text("再通知は2回までです")).to_be_visible()
    expect(page.get_by_role("button", name="再通知する")).to_have_count(0)
    other.get_by_role("button", name="再通知する").click()
    expect(other.get_by_text("再通知は2回までです").first).to_be_visible()
    other.close()
    assert await_copies(house, found.total()) == found
    check(page, shots, "24-no-more")


def export(page: Page) -> list[tuple[Any, ...]]:
    """The sheet as Excel reads it, below its headings."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Excelに書き出す").click()
    sheet = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return list(sheet.iter_rows(min_row=4, values_only=True))


def test_from_the_staff_file_to_the_sheet(house, tmp_path, figures):
    """1,000 people are taken over, 813 are written to with a second person's approval, and every copy, press and figure is there."""
    shots, complaints = tmp_path / "shots", []
    shots.mkdir()
    with chromium() as browser:
        hanako, taro = (enter(browser, house, who, complaints) for who in ("人事 花子", "人事 太郎"))
        take_over(taro, shots)
        address = write(hanako, house, shots)
        house.clock.set(at(next(working_days()), 10))
        approve(taro, shots)
        began = time.monotonic()
        hanako.goto(address)
        seconds, seen = watch(hanako, house, began, shots)
        assert sorted(seen) == seen
        assert any(0 < count < MEANT for count in seen)
        expect(hanako.locator("#live-summary")).to_have_text(
            f"{MEANT}人のうち{MEANT}人に送りました。6人が確認しました。"
        )
        expect(hanako.get_by_text("まだ送っている途中です").or_(hanako.get_by_text("3秒ごとに"))).to_be_hidden()
        check(hanako, shots, "15-arrived")
        hanako.set_viewport_size({"width": 360, "height": 740})
        check(hanako, shots, "16-arrived")
        hanako.set_viewport_size({"width": 1280, "height": 800})
        meant = [person.staff_id for person in (*house.on_slack, *house.on_teams, *house.on_web)]
        first = copies(house)
        assert first == Counter(meant)
        for platform, people in ((house.slack, house.on_slack), (house.teams, house.on_teams)):
            assert {line["to"][1:] for line in platform.accepted()} == {person.staff_id for person in people}
        early = {line["to"][1:] for each in (house.slack, house.teams) for line in each.accepted()[:EARLY]}
        reader = enter(browser, house, "reader", complaints)
        check(reader, shots, "17-no-role")
        respond_on_the_web(reader, shots)
        confirm_for_somebody(hanako, address, shots)
        hanako.goto(address)
        expect(hanako.locator("#live-summary")).to_contain_text("8人が確認しました。")
        rows = export(hanako)
        confirmed = {row[0] for row in rows if row[6] == "済"}
        assert early < confirmed
        remind(hanako, house, address, first, confirmed, shots)
    assert Counter(row[6] for row in rows) == {"済": 8, "未": MEANT - 8}
    assert [row[8] for row in rows if row[8]] == ["人事 花子"]
    assert {row[4] for row in rows} == {"送信済み"}
    assert {row[0] for row in rows} == set(meant)
    # What somebody without a role sees first, and what was pressed too late.
    assert not [each for each in complaints if not any(status in each for status in ("403", "422"))]
    platforms = {"slack": len(house.on_slack), "teams": len(house.on_teams), "web": len(house.on_web)}
    figures(f"Notice to {MEANT}", seconds_from_approval_to_all_arrived=f"{seconds:.1f}", shown=seen, **platforms)
