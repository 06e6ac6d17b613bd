"""The pages of the console for people who are signed in: what they show and what their forms do."""

import asyncio
import re
from datetime import date, timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot.hr_console.ports import Arrived
from asaka_bot.hr_console.routes import routes
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.roles import HrRole
from tests.fakes.console import NOW, MemoryDeliveries, MemoryReminders, MemorySessions, busy, ports


@pytest.fixture
def outbox() -> tuple[MemoryReminders, MemoryDeliveries]:
    return busy()


@pytest.fixture
def reminders(outbox) -> MemoryReminders:
    return outbox[0]


@pytest.fixture
def deliveries(outbox) -> MemoryDeliveries:
    return outbox[1]


@pytest.fixture
def client(reminders, deliveries) -> TestClient:
    """A browser that is signed in."""
    sessions = MemorySessions()
    asyncio.run(
        sessions.add_link(
            digest=digest_of("t"), person="人事 花子", role=HrRole.ADMIN, expires_at=NOW + timedelta(hours=1)
        )
    )
    found = ports(sessions, reminders, deliveries)
    client = TestClient(Starlette(routes=routes(lambda: found, lambda: NOW)), base_url="https://asaka.example")
    client.post("/hr/sign-in", data={"token": "t"})
    return client


def send(client: TestClient, path: str, **form: str):
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/hr").text)[1]
    return client.post(path, data={"csrf": csrf, **form})


def test_home_shows_what_comes_and_what_waits(client):
    """Next reminders, pauses, deliveries to decide, and years to confirm stand on the first page."""
    html = client.get("/hr").text
    assert "11月25日（水）8:30" in html
    assert "議会のため" in html
    assert "3<span>件</span>" in html
    assert "2027年の祝日と閉庁日" in html
    assert "送信を止めています" not in html


def test_home_of_a_calm_day():
    """With nothing to do the page says so."""
    sessions = MemorySessions()
    asyncio.run(
        sessions.add_link(
            digest=digest_of("t"), person="職員課", role=HrRole.ADMIN, expires_at=NOW + timedelta(hours=1)
        )
    )
    found = ports(sessions)
    client = TestClient(Starlette(routes=routes(lambda: found, lambda: NOW)), base_url="https://asaka.example")
    html = client.post("/hr/sign-in", data={"token": "t"}).text
    assert "決めることはありません" in html
    assert "休止しているリマインダーはありません" in html or "止めているリマインダーはありません" in html


def test_year_marks_each_state(client):
    """Sent, planned, merged, skipped, suspended and missed days can be told apart by words."""
    html = client.get("/hr/reminders").text
    for said in (
        "11月18日（水） ノー残業デー完全実施日（送信済み）、ほか1件",
        "11月25日（水） ノー残業デー（予定）",
        "12月4日（金） ノー残業推奨デー（休止）",
        "9月23日（水） ノー残業デー（見送り）",
        "6月3日（水） ノー残業デー（送れませんでした）",
    ):
        assert said in html
    assert html.count('<table class="month"') == 12
    assert "計画に日付がないため、第3水曜日としています。" in html


def test_a_chosen_day_shows_its_texts(client):
    """A day lists all that falls on it, with its text, audience and what is assumed."""
    html = client.get("/hr/reminders?year=2026&day=2026-12-16").text
    panel = html[html.index('class="day-panel"') : html.index('class="months"')]
    assert "令和8年12月16日（水）" in panel
    assert "ノー残業デー完全実施日" in panel
    assert "ほかにまとめる" in panel
    assert "要確認" in panel
    assert "17時15分になったら" in panel
    assert "全職員" in panel


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("", "令和8年度"),
        ("?year=2027", "令和9年度"),
        ("?year=2027&day=2026-05-01", "令和9年度"),
        ("?year=nonsense&day=nonsense", "令和8年度"),
        ("?year=9999", "令和8年度"),
        ("?year=２０２７", "令和8年度"),
        ("?year=2020&day=2020-02-30", "令和2年度"),
    ],
)
def test_years_and_days_of_the_address(client, query, heading):
    """Other years can be turned to; what is no year or day is ignored."""
    response = client.get(f"/hr/reminders{query}")
    assert response.status_code == 200
    assert heading in response.text


def test_pausing(client, reminders):
    """A good form pauses, says so, and the days are suspended at once."""
    response = send(client, "/hr/reminders/pause", rule="", first="2026-11-25", last="2026-11-27", reason="台風のため")
    assert response.url.path == "/hr/reminders"
    assert "休止を登録しました" in response.text
    pause = reminders.kept[-1]
    assert (pause.rule, pause.first_day, pause.last_day) == (None, date(2026, 11, 25), date(2026, 11, 27))
    assert (pause.reason, pause.made_by) == ("台風のため", "人事 花子")
    assert "11月25日（水） ノー残業デー（休止）" in response.text


def test_a_wrong_pause_keeps_what_was_typed(client, reminders):
    """The form comes back with its errors and everything that was typed, and nothing is paused."""
    before = len(reminders.kept)
    response = send(
        client, "/hr/reminders/pause", rule="no-overtime-friday", first="12月20日", last="12月10日", reason="議会<b>"
    )
    assert response.status_code == 422
    assert "最終日が初日より前です" in response.text
    for typed in ('value="12月20日"', 'value="12月10日"', 'value="議会&lt;b&gt;"'):
        assert typed in response.text
    assert '<option value="no-overtime-friday" selected>' in response.text
    assert 'aria-describedby="last-error last-hint" aria-invalid="true" autofocus' in response.text
    assert len(reminders.kept) == before


def test_resuming(client, reminders):
    """A pause ends at a press; pressing again says that it has ended."""
    assert "再開しました" in send(client, "/hr/reminders/resume", id="2").text
    assert reminders.log == [("resume", 2, "人事 花子")]
    assert "すでに終わっています" in send(client, "/hr/reminders/resume", id="2").text


@pytest.mark.parametrize("number", ["", "x", "-1", "99", "9" * 30, "２"])
def test_resuming_what_is_no_pause(client, reminders, number):
    """Numbers that no button sends do no harm."""
    assert send(client, "/hr/reminders/resume", id=number).status_code == 200
    assert reminders.log == []


def test_trying_a_text(client, reminders):
    """One rule's text is sent to HR alone and shown on the page; an unknown rule is refused."""
    html = send(client, "/hr/reminders/test", rule="no-overtime-wednesday").text
    assert "試し送りをしました" in html
    assert "届いた文面" in html
    assert reminders.log == [("test", "no-overtime-wednesday", "人事 花子")]
    assert "このリマインダーはありません" in send(client, "/hr/reminders/test", rule="x").text
    assert len(reminders.log) == 1


def test_feeds_stand_with_their_whole_address(client):
    """The address can be copied into a calendar program as it is."""
    html = client.get("/hr/reminders").text
    assert 'value="https://asaka.example/calendar.ics"' in html
    assert 'value="https://asaka.example/calendar/hr.ics?key=abc"' in html


def test_deliveries_are_counted_by_state(client):
    """Every delivery of a message is in one of the five counts."""
    html = client.get("/hr/deliveries").text
    row = html[html.index("11月22日（日）10:00") :].split("</tr>")[0]
    assert re.findall(r"</span>(\d+)<span", row) == ["809", "2", "2", "0", "0"]


@pytest.mark.parametrize(("decision", "said"), [("resend", "再送の列に入れました"), ("sent", "送信済みとして記録")])
def test_deciding_on_one_delivery(client, deliveries, decision, said):
    """The decision reaches the outbox with the person who made it."""
    assert said in send(client, "/hr/deliveries/decide", markers="a3", decision=decision).text
    assert deliveries.decided == [("a3", decision, "人事 花子")]


def test_deciding_on_a_group(client, deliveries):
    """One press settles all that wait for the same message, and no other."""
    html = client.get("/hr/deliveries").text
    assert 'name="markers" value="a1 a2"' in html
    send(client, "/hr/deliveries/decide", markers="a1 a2", decision="resend")
    assert [marker for marker, *_ in deliveries.decided] == ["a1", "a2"]


def test_deciding_late(client, deliveries):
    """What somebody else has settled stays as it is, and the page says so."""
    assert "ほかの人がすでに決めていた" in send(client, "/hr/deliveries/decide", markers="gone", decision="sent").text
    assert deliveries.decided == []


@pytest.mark.parametrize("form", [{}, {"markers": "a1"}, {"markers": "a1", "decision": "burn"}, {"decision": "sent"}])
def test_deciding_nothing(client, deliveries, form):
    """A form that says too little changes nothing."""
    assert "選んでから" in send(client, "/hr/deliveries/decide", **form).text
    assert deliveries.decided == []


def test_hold_and_release(client, deliveries):
    """While sending is held both pages say why and what restarts; a press lets it go on."""
    deliveries.held = "バックアップから戻したため"
    for path in ("/hr", "/hr/deliveries"):
        html = client.get(path).text
        assert "バックアップから戻したため" in html
        assert "もう一度届くことがあります" in html
    assert "送信を再開しました" in send(client, "/hr/deliveries/release").text
    assert (deliveries.held, deliveries.released_by) == (None, "人事 花子")


def test_whatever_people_wrote_is_escaped(client, reminders, deliveries):
    """Markup in reasons, texts and names stays text on every page."""
    evil = "<script>alert(1)</script>"
    send(client, "/hr/reminders/pause", rule="", first="2026-11-25", last="2026-11-27", reason=evil)
    reminders.tests.append(Arrived(title=evil, text=evil, received_at=NOW))
    reminders.unconfirmed = (evil,)
    deliveries.held = evil
    for path in ("/hr", "/hr/reminders", "/hr/deliveries"):
        html = client.get(path).text
        assert "<script" not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("path", ["/hr", "/hr/reminders", "/hr/deliveries", "/hr/audit", "/hr/no-such-page"])
def test_pages_hold_no_inline_style_or_script(client, path):
    """The content policy would stop them."""
    html = client.get(path).text
    assert " style=" not in html
    assert "<style" not in html
    assert "<script" not in html
    assert not re.search(r" on\w+=", html)
