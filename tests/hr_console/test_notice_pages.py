"""The pages of notices: listed, checked, sent, approved; every form over the notices in memory."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot.broadcasts.notice import Content, NoticeState, Plan
from asaka_bot.hr_console.routes import routes
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.roles import Actor, HrRole
from tests.fakes.console import NOW, MemorySessions, ports
from tests.fakes.notice_browsers import FORM, HANAKO, PEOPLE, TARO, browser_of, draft, submit
from tests.fakes.notices import MemoryNotices

MARKUP = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
def notices() -> MemoryNotices:
    return MemoryNotices(now=NOW, people=PEOPLE)


@pytest.fixture
def hanako(notices) -> TestClient:
    return browser_of(notices, HANAKO)


@pytest.fixture
def taro(notices) -> TestClient:
    return browser_of(notices, TARO)


def test_the_door_guards_every_page_and_form(notices):
    """Without a session nothing of notices is seen; forms without the token of the session are refused."""
    sessions = MemorySessions()
    asyncio.run(
        sessions.add_link(digest=digest_of("t"), person="花子", role=HrRole.ADMIN, expires_at=NOW + timedelta(hours=1))
    )
    found = ports(sessions, notices=notices)
    client = TestClient(Starlette(routes=routes(lambda: found, lambda: NOW)), base_url="https://asaka.example")
    assert client.get("/hr/notices").status_code == 401
    client.post("/hr/sign-in", data={"token": "t"})
    assert client.get("/hr/notices").status_code == 200
    assert client.post("/hr/notices/new", data=FORM).status_code == 403
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/hr").text)[1]
    assert "下書きを保存しました" in client.post("/hr/notices/new", data={**FORM, "csrf": csrf}).text
    assert client.get("/hr/notices/1/cancel").url.path == "/hr/notices/1"


def test_a_notice_is_written_checked_and_sent(hanako, notices):
    """From a template to the outbox, with the sentence that says what happens."""
    assert "研修案内" in hanako.get("/hr/notices").text
    assert "研修のご案内" in hanako.get("/hr/notices/new?template=training").text
    form = {**FORM, "audience": "職位:所属長", "confirm": "yes", "respond-by": "11月30日"}
    page = hanako.post("/hr/notices/new", data=form)
    assert page.url.path == "/hr/notices/1"
    assert "下書きを保存しました" in page.text
    asked = hanako.get("/hr/notices/1/submit")
    assert "51人に、いますぐ送ります。「確認しました」のボタンあり、期限は11月30日（月）です。" in asked.text
    questions = hanako.post("/hr/notices/1/submit", data={"version": "1"})
    assert "人には届きません" in questions.text
    assert notices.kept[1].state is NoticeState.DRAFT
    overlooked = hanako.post("/hr/notices/1/submit", data={"version": "1", "asked": "unreachable"})
    assert overlooked.status_code == 422
    assert "ここにチェックを入れてください" in overlooked.text
    sent = hanako.post("/hr/notices/1/submit", data={"version": "1", "agreed": "unreachable"})
    assert "送信しました。" in sent.text
    assert notices.kept[1].state is NoticeState.SENT


def test_a_second_person_approves(hanako, taro, notices):
    """Who submitted it sees that somebody else must; the other finds it first on the list."""
    submit(notices, draft(notices, plan=Plan(audience="全員")))
    own = hanako.get("/hr/notices/1")
    assert "自分では承認できません" in own.text
    assert "承認する</button>" not in own.text
    assert "あなたの対応を待っています" not in hanako.get("/hr/notices").text
    assert "あなたの対応を待っています" in taro.get("/hr/notices").text
    assert "120人" in taro.get("/hr/notices/1/recipients").text
    page = taro.post("/hr/notices/1/approve", data={"version": str(notices.kept[1].version)})
    assert "送信しました" in page.text
    assert notices.kept[1].approved_by == "人事 太郎"


def test_sending_back_needs_a_reason(taro, notices):
    """Without one nothing happens; with one the draft shows it."""
    submit(notices, draft(notices, plan=Plan(audience="全員")))
    version = str(notices.kept[1].version)
    assert "差し戻す理由を書いてください" in taro.post("/hr/notices/1/send-back", data={"version": version}).text
    page = taro.post("/hr/notices/1/send-back", data={"version": version, "reason": "期限が休日です"})
    assert "差し戻しました" in page.text
    assert "期限が休日です" in page.text
    assert notices.kept[1].state is NoticeState.DRAFT


def test_an_urgent_notice_leaves_at_once_and_is_looked_at_afterwards(hanako, taro, notices):
    """The button says so; a second person reviews it once."""
    made = draft(notices, Content(title="避難", body="屋上へ。", urgent=True), Plan(audience="全員"))
    assert "緊急として送る</button>" in hanako.get("/hr/notices/1/submit").text
    submit(notices, made)
    assert "事後確認がまだです" in hanako.get("/hr/notices/1").text
    assert "事後確認をする</button>" not in hanako.get("/hr/notices/1").text
    assert "事後確認を記録しました" in taro.post("/hr/notices/1/review").text
    assert taro.post("/hr/notices/1/review").status_code == 422


def test_preview_shows_every_channel(hanako, notices):
    """The three frames hold title, text and buttons, none of which can be pressed."""
    draft(notices, Content(title="研修", body="一段落\n\n二段落", answers=("参加", "不参加"), topics=("harassment",)))
    page = hanako.get("/hr/notices/1").text
    for name in ("Webチャット", "Slack", "Teams"):
        assert name in page
    assert page.count(">参加</button>") == 3
    assert page.count('<button type="button"') == page.count(" disabled>")


def test_a_trial_goes_to_the_visitor_alone(hanako, notices):
    """The page says where to."""
    draft(notices)
    assert "Slackのあなたあてに送りました" in hanako.post("/hr/notices/1/test").text
    assert "うそ" not in hanako.get("/hr/notices/1?done=tested&where=うそ&seal=x").text
    assert notices.kept[1].state is NoticeState.DRAFT


def test_recipients_can_be_searched_and_paged(hanako, notices):
    """Fifty a page; who is unreachable can be picked out."""
    draft(notices, plan=Plan(audience="全員"))
    assert hanako.get("/hr/notices/1/recipients").text.count('role="rowheader"') == 50
    assert hanako.get("/hr/notices/1/recipients?page=3").text.count('role="rowheader"') == 20
    assert hanako.get("/hr/notices/1/recipients?q=職員課 課長補佐").text.count('role="rowheader"') == 1
    missing = hanako.get("/hr/notices/1/recipients?only=unreachable").text
    assert missing.count("届きません</span>") == missing.count('role="rowheader"') > 0


def test_drafts_are_copied_and_removed(hanako, notices):
    """Each by a form of its own."""
    draft(notices)
    assert "新しい下書きを作りました" in hanako.post("/hr/notices/1/copy").text
    assert "下書きを削除しました" in hanako.post("/hr/notices/1/discard").text
    assert list(notices.kept) == [2]


@pytest.mark.parametrize("id", ["0", "99", "x", "-1", "１", "9" * 5000, "%00", "1.5", "<b>"])
@pytest.mark.parametrize("rest", ["", "/edit", "/submit", "/live", "/people", "/recipients", "/correct"])
def test_ids_that_lead_nowhere(hanako, id, rest):  # noqa: A002 - as it stands in the path
    """The page says that nothing is there."""
    assert hanako.get(f"/hr/notices/{id}{rest}").status_code == 404


@pytest.mark.parametrize(
    "what",
    [
        "edit",
        "copy",
        "discard",
        "test",
        "submit",
        "approve",
        "send-back",
        "review",
        "correct",
        "cancel",
        "recall",
        "remind",
        "confirm-for",
        "export",
    ],
)
def test_forms_of_notices_that_are_gone(hanako, what):
    """The page says that nothing is there."""
    assert hanako.post(f"/hr/notices/9/{what}", data={**FORM, "version": "1", "reason": "x"}).status_code == 404


@pytest.mark.parametrize("what", ["edit", "submit"])
def test_odd_versions_break_nothing(hanako, notices, what):
    """A form without its version is no form of ours."""
    draft(notices)
    assert hanako.post(f"/hr/notices/1/{what}", data={**FORM, "version": "x"}).status_code == 404
    assert hanako.post(f"/hr/notices/1/{what}", data=FORM, files={"version": ("a", b"1")}).status_code == 404


def test_all_that_people_write_is_escaped(hanako, taro, notices):
    """Markup in any field is shown as text, on every page."""
    content = Content(title=MARKUP, body=MARKUP, source=MARKUP, answers=(MARKUP, "不参加"))
    asyncio.run(notices.keep_list(HANAKO, MARKUP, [PEOPLE[0].staff_id]))
    made = draft(notices, content, Plan(audience="全員"), by=Actor(person=MARKUP, role=HrRole.ADMIN))
    pages = ["", "/1", "/1/edit", "/1/submit", "/1/recipients?q=" + "<script>", "/new?template=<script>", "/lists"]
    submit(notices, made)
    asyncio.run(notices.send_back(TARO, 1, notices.kept[1].version, MARKUP))
    texts = [hanako.get(f"/hr/notices{path}").text for path in pages]
    texts.append(hanako.post("/hr/notices/new", data=dict.fromkeys((*FORM, "posts", "day"), MARKUP)).text)
    submit(notices, notices.kept[1])
    texts += [taro.get(f"/hr/notices{path}").text for path in ("", "/1")]
    asyncio.run(notices.approve(TARO, 1, notices.kept[1].version))
    texts += [
        taro.get(f"/hr/notices{path}").text for path in ("/1", "/1/live", "/1/people?office=<script>", "/1/correct")
    ]
    for text in texts:
        assert "<script>alert" not in text
        assert "49" not in re.findall(r"\{\{(.*?)\}\}", text)


def test_viewers_see_figures_without_names_and_cannot_write(notices):
    """No button is shown that would be refused, and what is refused anyway gets a page."""
    viewer = browser_of(notices, Actor(person="閲覧", role=HrRole.VIEWER))
    submit(notices, draft(notices))
    assert "新しいお知らせ" not in viewer.get("/hr/notices").text
    page = viewer.get("/hr/notices/1").text
    assert "51" in page
    assert not [each.name for each in PEOPLE if each.name in page]
    for path in ("/new", "/1/edit", "/1/people", "/1/recipients", "/lists", "/replies"):
        refused = viewer.get(f"/hr/notices{path}")
        assert (refused.status_code, "ではできません" in refused.text) == (403, True), path
    for path in ("/new", "/1/cancel", "/1/remind", "/1/export", "/1/copy", "/lists/keep"):
        assert viewer.post(f"/hr/notices{path}", data=FORM).status_code == 403, path


def test_the_list_is_filtered_and_turned(hanako, notices):
    """By state, thirty at a time; odd words in the address are taken as none."""
    for _ in range(35):
        draft(notices)
    submit(notices, notices.kept[1])
    assert hanako.get("/hr/notices").text.count('role="rowheader"') == 30
    assert hanako.get("/hr/notices?before=6").text.count('role="rowheader"') == 5
    assert hanako.get("/hr/notices?state=sent").text.count('role="rowheader"') == 1
    assert hanako.get("/hr/notices?state=draft").text.count('role="rowheader"') == 30
    assert hanako.get("/hr/notices?state=x").status_code == 200
    assert hanako.get("/hr/notices?before=x").status_code == 404


def test_a_missed_notice_is_mended_and_sent_again(hanako, notices):
    """Saved with another moment it is a draft as before."""
    draft(notices)
    notices.kept[1] = replace(notices.kept[1], state=NoticeState.MISSED)
    assert "直して、もう一度送る" in hanako.get("/hr/notices/1").text
    hanako.post("/hr/notices/1/edit", data={**FORM, "version": "1"})
    assert notices.kept[1].state is NoticeState.DRAFT
