"""The pages of what was sent: figures, names, follow-up; replies, lists and the cards of the home page."""

import asyncio
import io
import re

import pytest
from openpyxl import load_workbook

from asaka_bot.broadcasts.notice import Content, NoticeReply, NoticeState, Plan, Progress, Stand, Tally
from asaka_bot.errors import Problem
from asaka_bot.hr_console.list_pages import staff_ids
from asaka_bot.hr_console.live_view import LiveView
from asaka_bot.hr_console.notice_words import time_left
from asaka_bot.roles import Actor, HrRole
from tests.fakes.console import NOW
from tests.fakes.notice_browsers import HANAKO, PEOPLE, browser_of, draft, submit
from tests.fakes.notices import MemoryNotices

HEADS = Plan(audience="職位:所属長")
LEADER = Actor(person="課長", heads=("総務部", "職員課"))


@pytest.fixture
def notices() -> MemoryNotices:
    """One notice on its way to 51 people."""
    made = MemoryNotices(now=NOW, people=PEOPLE)
    submit(made, draft(made, Content(title="研修", body="出欠を。", answers=("参加", "不参加")), HEADS))
    return made


@pytest.fixture
def hanako(notices):
    return browser_of(notices, HANAKO)


def test_the_live_page_counts_everybody_once(hanako, notices):
    """The sentence, the bars and the figures say the same."""
    notices.arrive(1, *[Stand.ARRIVED] * 10, Stand.HELD, Stand.DEAD, reason="<b>断られました")
    notices.confirm(1, 0, answer="参加")
    page = hanako.get("/hr/notices/1").text
    assert "送信しています。51人のうち10人に送りました。" in page
    assert "合わせて2人います。1人が確認しました。" in page
    assert "1人（2%）" in page
    assert "&lt;b&gt;断られました：2人" in page
    assert "data-finished" not in page
    assert "いまの状況を見る" in page


def test_the_fragment_is_the_same_parts_alone(hanako, notices):
    """The figures, and what can be done now."""
    assert "<html" not in hanako.get("/hr/notices/1/live").text
    notices.arrive(1)
    figures, rest = hanako.get("/hr/notices/1/live").text.split("<section", 1)
    page = hanako.get("/hr/notices/1").text
    assert "data-finished" in figures
    assert figures.strip() in page
    assert "できること" in rest
    assert rest.strip() in page


def test_figures_are_asked_for_as_long_as_they_may_change(hanako, notices):
    """Often while it is sent, seldom while confirmations are open, then no more."""
    assert 'data-every="3"' in hanako.get("/hr/notices/1/live").text
    notices.arrive(1)
    fragment = hanako.get("/hr/notices/1/live").text
    assert 'data-every="15"' in fragment
    assert "15秒ごとに新しくなります" in fragment
    for place in range(51):
        notices.confirm(1, place)
    assert "data-every" not in hanako.get("/hr/notices/1/live").text


def test_without_a_button_nothing_is_waited_for(hanako, notices):
    """Once it has been sent, nothing changes any more; a notice that was recalled takes no confirmations."""
    submit(notices, draft(notices, Content(title="連絡", body="どうぞ。"), HEADS), ("unreachable", "duplicate"))
    notices.arrive(2)
    assert "data-every" not in hanako.get("/hr/notices/2/live").text
    notices.arrive(1)
    hanako.post("/hr/notices/1/cancel")
    assert 'data-every="15"' in hanako.get("/hr/notices/1/live").text
    hanako.post("/hr/notices/1/recall", data={"reason": "誤りです"})
    assert "data-every" not in hanako.get("/hr/notices/1/live").text


def test_names_are_found_by_office_stand_and_confirmation(hanako, notices):
    """Odd words in the address are taken as none."""
    notices.confirm(1, 0)
    rows = 'role="rowheader"'
    assert hanako.get("/hr/notices/1/people").text.count(rows) == 50
    assert hanako.get("/hr/notices/1/people?page=2").text.count(rows) == 1
    assert '<h2 id="found">50人</h2>' in hanako.get("/hr/notices/1/people?unconfirmed=yes").text
    assert hanako.get("/hr/notices/1/people?office=総務部/職員課").text.count(rows) == 1
    assert hanako.get("/hr/notices/1/people?stand=dead").text.count(rows) == 0
    assert hanako.get("/hr/notices/1/people?stand=x&page=-3").status_code == 200


def test_confirming_for_somebody_leads_back_to_the_same_place(hanako, notices):
    """A second press says that it was done before; somebody else's number is no recipient."""
    person = notices.stands[1][3].staff_id
    form = {"staff_id": person, "office": "総務部", "stand": "", "unconfirmed": "yes", "page": "1"}
    page = hanako.post("/hr/notices/1/confirm-for", data=form)
    assert "代理確認を記録しました" in page.text
    assert page.url.params["office"] == "総務部"
    assert "すでに確認しています" in hanako.post("/hr/notices/1/confirm-for", data=form).text
    assert hanako.post("/hr/notices/1/confirm-for", data={"staff_id": "x"}).status_code == 404
    hanako.post("/hr/notices/1/recall", data={"reason": "誤りです"})  # by somebody else, while the list was open
    refused = hanako.post("/hr/notices/1/confirm-for", data=form)
    assert (refused.status_code, "代わりに確認できます" in refused.text) == (422, True)


def test_reminding(hanako, notices):
    """It says how many; where it is not possible, why."""
    notices.arrive(1)
    assert "まだ確認していない人（最大51人）" in hanako.get("/hr/notices/1").text
    notices.confirm(1, 0)
    assert "再通知しました。" in hanako.post("/hr/notices/1/remind").text
    for place in (1, 2):
        notices.confirm(1, place)
    assert "再通知しました。" in hanako.post("/hr/notices/1/remind").text
    notices.confirm(1, 3)
    when = "11月24日（火）10:00に、人事 花子が"
    page = hanako.get("/hr/notices/1").text
    assert f"1回目：{when}46人に送りました。そのあと、2人が確認しました。" in page
    assert f"2回目：{when}44人に送りました。そのあと、1人が確認しました。" in page
    notices.why_no_reminder = "前の再通知から、まだ1日たっていません"
    assert "再通知はできません。前の再通知から" in hanako.get("/hr/notices/1").text
    refused = hanako.post("/hr/notices/1/remind")
    assert (refused.status_code, "前の再通知から" in refused.text) == (422, True)


def test_cancelling_and_recalling(hanako, notices):
    """Each says how many; a recall needs a reason."""
    assert "中止しました。まだ送っていない" in hanako.post("/hr/notices/1/cancel").text
    assert hanako.post("/hr/notices/1/cancel").status_code == 422
    refused = hanako.post("/hr/notices/1/recall", data={"reason": " "})
    assert 'id="reason-error"' in refused.text
    page = hanako.post("/hr/notices/1/recall", data={"reason": "誤りです"})
    assert "取り消しました。" in page.text
    assert "誤りです" in page.text
    assert notices.kept[1].state is NoticeState.RECALLED


def test_correcting(hanako, notices):
    """Only the text can be changed; mistakes bring the form back."""
    page = hanako.get("/hr/notices/1/correct").text
    assert 'name="audience"' not in page
    assert 'name="answer-' not in page
    assert "回答のボタン（参加・不参加）は、送ったあとは変えられません。" in page
    form = {"version": str(notices.kept[1].version), "title": "研修（訂正）", "body": ""}
    assert hanako.post("/hr/notices/1/correct", data=form).status_code == 422
    done = hanako.post("/hr/notices/1/correct", data={**form, "body": "12月です。"})
    assert "訂正しました" in done.text
    assert notices.kept[1].content.title == "研修（訂正）"
    assert notices.kept[1].content.answers == ("参加", "不参加")
    assert hanako.post("/hr/notices/1/correct", data={**form, "body": "古い"}).status_code == 422


def test_a_refused_correction_keeps_its_text(hanako, notices):
    """Problems stand at their fields; those of fields that aren't on this page stand above it."""
    notices.refusal = (Problem(field="body", text="長すぎます"), Problem(field="audience", text="だれもいません"))
    form = {"version": str(notices.kept[1].version), "title": "研修（訂正）", "body": "12月です。"}
    page = hanako.post("/hr/notices/1/correct", data=form).text
    assert re.search(r'<p class="error" id="body-error">.*長すぎます。</p>', page)
    assert "だれもいません。" in page[: page.index('<form class="form')]
    assert "12月です。" in page


def test_the_file(hanako):
    """It is a download that Excel reads."""
    file = hanako.post("/hr/notices/1/export")
    assert "attachment" in file.headers["content-disposition"]
    assert load_workbook(io.BytesIO(file.content)).active.max_row == 51


def test_who_leads_an_office_sees_that_office(notices):
    """The list, the figures and the names of their own; nothing to press, nothing else."""
    leader = browser_of(notices, LEADER)
    draft(notices)
    assert leader.get("/hr/notices").text.count('role="rowheader"') == 1
    page = leader.get("/hr/notices/1").text
    assert "（総務部/職員課）" in page
    assert "できること" not in page
    assert leader.get("/hr/notices/1/live").status_code == 200
    assert leader.get("/hr/notices/1/people").text.count('role="rowheader"') == 1
    assert "代理確認</button>" not in leader.get("/hr/notices/1/people").text
    assert leader.get("/hr/notices/2").status_code == 404
    assert leader.get("/hr/notices/1/recipients").status_code == 403


def test_replies_are_dealt_with_once(hanako, notices):
    """Open ones first; markup is text; unknown ones are missing."""
    notices.written = [_reply(1, "<script>alert(1)</script>")]
    assert "&lt;script&gt;" in hanako.get("/hr/notices/replies").text
    assert "対応済みにしました" in hanako.post("/hr/notices/replies/handle", data={"id": "1"}).text
    assert "すでに対応済み" in hanako.post("/hr/notices/replies/handle", data={"id": "1"}).text
    assert "人事 花子が" in hanako.get("/hr/notices/replies?show=handled").text
    assert hanako.post("/hr/notices/replies/handle", data={"id": "x"}).status_code == 404
    assert hanako.post("/hr/notices/replies/handle", data={"id": "7"}).status_code == 404


def test_lists_are_made_changed_and_removed(hanako):
    """Unknown numbers are named beside the field; nothing typed is lost."""
    ids = [each.staff_id for each in PEOPLE[:2]]
    wrong = hanako.post("/hr/notices/lists/keep", data={"name": "", "numbers": "99999"})
    assert wrong.status_code == 422
    assert 'id="name-error"' in wrong.text
    assert "99999</textarea>" in wrong.text
    unknown = hanako.post("/hr/notices/lists/keep", data={"name": "担当", "numbers": f"{ids[0]} 99999"})
    assert "職員番号 99999 の職員は" in unknown.text
    kept = hanako.post("/hr/notices/lists/keep", data={"name": "担当", "numbers": "、".join(ids)})
    assert "担当（2人）" in kept.text
    assert ids[1] in hanako.get("/hr/notices/lists?name=担当").text
    assert "名簿を削除しました" in hanako.post("/hr/notices/lists/remove", data={"name": "担当"}).text
    assert hanako.post("/hr/notices/lists/remove", data={"name": "担当"}).status_code == 404


@pytest.mark.parametrize("pasted", ["1,2", "1\t2\r\n", "１、２", "1　2 1", "1;2/1", "\n1\n\n2"])
def test_numbers_in_any_shape(pasted):
    """Whatever stands between them, each once."""
    assert list(staff_ids(pasted)) == ["1", "2"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0, "あと1分以内"),
        (59, "あと1分以内"),
        (61, "あと約1分"),
        (125, "あと約2分"),
        (3590, "あと約1時間"),
        (5400, "あと約1時間30分"),
    ],
)
def test_how_long_it_takes(seconds, said):
    """Rounded as people say it."""
    assert time_left(seconds) == said


def test_a_notice_to_channels_alone(notices):
    """There is nobody to count, and nothing is divided by zero."""
    view = LiveView(
        Progress(
            notice=notices.kept[1],
            total=Tally(),
            offices=(),
            reasons=(),
            answers=(("参加", 0),),
            from_posts=2,
            seconds_left=None,
        )
    )
    assert "チャネルへの投稿だけ" in view.summary
    assert (view.gone.percent, view.answers[0].percent, view.finished) == (0, 0, True)


def _reply(number, text):
    person = PEOPLE[number]
    return NoticeReply(
        id=number,
        notice=1,
        title="研修",
        staff_id=person.staff_id,
        name=person.name,
        office="総務部",
        text=text,
        received_at=NOW,
    )


def test_replies_of_viewers_are_not_asked_for(notices):
    """The home page counts what the visitor may see."""
    from asaka_bot.hr_console.home_pages import HomePages
    from asaka_bot.hr_console.notice_pages import NoticePages
    from asaka_bot.hr_console.pages import Pages
    from asaka_bot.hr_console.sessions import Visitor
    from tests.fakes.console import ports

    notices.written = [_reply(1, "はい")]
    submit(notices, draft(notices, plan=Plan(audience="全員")))
    found = ports(notices=notices)
    shown = NoticePages(lambda: found, Pages(), lambda: NOW)
    home = HomePages(lambda: found, Pages(), lambda: NOW, shown.waiting)

    def said(actor):
        visitor = Visitor(person=actor.person, csrf="c", actor=actor)
        return asyncio.run(home.overview(None, visitor)).body.decode()

    taro = said(Actor(person="太郎", role=HrRole.APPROVER))
    assert "承認待ち" in taro
    assert "返信を読む" in taro
    viewer = said(Actor(person="閲覧", role=HrRole.VIEWER))
    assert "承認待ち" not in viewer
    assert "返信を読む" not in viewer
