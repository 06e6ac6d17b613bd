"""The audit log on its page: sentences, the verdict, and turning to older entries."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot.audit import Action, Broken, Fault, Verdict
from asaka_bot.hr_console import audit_words
from asaka_bot.hr_console.routes import routes
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.roles import HrRole
from tests.fakes.audit import MemoryAudit, one_of_each
from tests.fakes.console import NOW, MemorySessions, ports

RULES = {"no-overtime-wednesday": "ノー残業デー（水曜）", "no-overtime-friday": "ノー残業推奨デー"}
SENTENCES = (
    "職員課が、人事コンソールにサインインしました",
    "山田さんが、ノー残業デー（水曜）を12月2日から12月4日まで止めました",
    "佐藤さんが、ノー残業デー（水曜）を再開しました（12月2日から12月4日までの休止）",
    "山田さんが、すべてのリマインダーを12月2日だけ止めました",
    "山田さんが、ノー残業推奨デーを職員課に試し送りしました",
    "サーバーのコマンドで、no-longer-thereをSlackのC0123に試し送りしました",
    "人事 花子さんが、配信abcdef01をもう一度送ることにしました",
    "人事 花子さんが、配信fedcba98を送信済みにしました",
    "山田さんが、止まっていた送信を再開しました",
    "サーバーのコマンドで、データの控え（控え.db）を取りました",
    "サーバーのコマンドで、控え（控え.db）からデータを戻しました",
    "人事 花子さんが、職員名簿を取り込みました（新しく31人、変更212人、退職など28人）",
    "人事 花子さんが、職員名簿の取り込み（番号4）を取り消しました",
    "人事 花子さんが、お知らせ（No.12）を書きました",
    "人事 花子さんが、お知らせ（No.12）の下書きを捨てました",
    "人事 花子さんが、お知らせ（No.12）を自分に試し送りしました",
    "人事 花子さんが、緊急のお知らせ（No.12）を事後に確認しました",
    "人事 花子さんが、お知らせ（No.12）を813人あてに出しました",
    "人事 太郎さんが、お知らせ（No.12）を差し戻しました",
    "人事 太郎さんが、お知らせ（No.12）を承認しました",
    "予約の時刻に、お知らせ（No.12）を813人に送りました（宛先なし21人）",
    "人事 花子さんが、送ったお知らせ（No.12）を訂正しました（届いた600件を置き換え）",
    "人事 花子さんが、お知らせ（No.12）を120人に再通知しました（1回目）",
    "人事 花子さんが、お知らせ（No.12）を職員10023の代わりに確認済みにしました",
    "人事 花子さんが、お知らせ（No.12）の宛先813人をExcelに書き出しました",
    "人事 花子さんが、お知らせ（No.12）の送信を中止しました（送る前の40件）",
    "人事 花子さんが、お知らせ（No.12）を取り消しました（届いた700件を置き換え）",
    "人事 花子さんが、お知らせへの返信（番号3）を対応済みにしました",
    "人事 花子さんが、名簿「研修担当」を12人にしました",
    "人事 花子さんが、名簿「研修担当」を消しました",
    "職員課が、hanako@city.exampleに権限「作成」を付けました",
    "職員課が、hanako@city.exampleの権限「作成」を外しました",
    "hanako@city.exampleが、設定「承認が要る宛先の人数」を30から50に変えました",
    "職員課が、人事コンソールからサインアウトしました",
)


@pytest.fixture
def log() -> MemoryAudit:
    return one_of_each()


@pytest.fixture
def client(log) -> TestClient:
    """A browser that is signed in."""
    sessions = MemorySessions()
    asyncio.run(
        sessions.add_link(
            digest=digest_of("t"), person="職員課", role=HrRole.ADMIN, expires_at=NOW + timedelta(hours=1)
        )
    )
    found = ports(sessions, audit=log)
    client = TestClient(Starlette(routes=routes(lambda: found, lambda: NOW)), base_url="https://asaka.example")
    client.post("/hr/sign-in", data={"token": "t"})
    return client


def numbers(html: str) -> list[int]:
    return [int(found) for found in re.findall(r"・番号(\d+)</span>", html)]


def test_every_action_has_its_sentence(log):
    """Each is told in plain Japanese, with the titles of the rules."""
    assert {entry.action for entry in log.kept} == {action.value for action in Action}
    assert tuple(audit_words.sentence(entry, RULES) for entry in log.kept) == SENTENCES


@pytest.mark.parametrize("details", ["", "[]", "nonsense", '{"first":"x","rule":7}', '{"first":null}'])
def test_spoilt_details_are_told_all_the_same(log, details):
    """A log that somebody tampered with can still be read."""
    for entry in log.kept:
        assert audit_words.sentence(replace(entry, details=details, subject=""), RULES)


def test_an_unknown_action_is_told_by_its_id(log):
    """Entries of a later version of the bot are shown, too."""
    entry = replace(log.kept[0], action="poll.open", subject="n1")
    assert audit_words.sentence(entry, RULES) == "職員課が、poll.open（n1）を行いました"


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_says_where_and_what_to_do(fault):
    """The place is named where there is one; the advice keeps the evidence."""
    verdict = Verdict(entries=6, head="f" * 64, broken=Broken(id=7, fault=fault))
    assert ("番号7" in audit_words.finding(verdict)) == (fault is not Fault.CUT)
    assert "写して残し" in audit_words.advice(verdict)
    assert ("これより前の6件は" in audit_words.advice(verdict)) == (fault is not Fault.CUT)


def test_the_page_lists_the_newest_first(client, log):
    """Entries with their moment and person, the verdict, and the digest to write down."""
    html = client.get("/hr/audit").text
    assert numbers(html) == list(range(len(log.kept), 0, -1))
    assert "令和8年11月20日（金）9:01" in html
    assert "山田さんが、ノー残業デーを12月2日から12月4日まで止めました" in html
    assert f"{len(log.kept)}件の記録は、すべて書かれたときのままです。" in html
    assert log.kept[-1].digest in html
    assert '<a href="/hr/audit" aria-current="page">操作の記録</a>' in html


def test_a_log_that_was_tampered_with_is_told(client, log):
    """The banner names the entry and says what to do."""
    log.kept[3] = replace(log.kept[3], person="佐藤")
    html = client.get("/hr/audit").text
    assert "記録が書き換えられています" in html
    assert "番号4の記録が、書かれた後に変えられています。" in html
    assert "これより前の3件は" in html


def test_turning_to_older_entries_and_back(client, log):
    """Fifty a page, none left out or shown twice, and the way back leads over the same pages."""
    for number in range(125 - len(log.kept)):
        log.add("山田", Action.RELEASE, str(number))
    pages, path, way = [], "/hr/audit", []
    while path:
        html = client.get(path).text
        pages.append(numbers(html))
        way.append(html)
        older = re.search(r'href="(/hr/audit\?before=\d+)">古い記録へ', html)
        path = older and older[1]
    assert [len(page) for page in pages] == [50, 50, 25]
    assert [number for page in pages for number in page] == list(range(125, 0, -1))
    newer = re.search(r'href="(/hr/audit\?before=\d+)">新しい記録へ', way[2])[1]
    assert numbers(client.get(newer).text) == pages[1]
    assert "新しい記録へ" not in way[0]


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "２"])
def test_what_is_no_number_shows_the_newest(client, log, before):
    """Addresses that no link leads to do no harm."""
    assert numbers(client.get(f"/hr/audit?before={before}").text)[0] == len(log.kept)


def test_an_empty_log(client, log):
    """Before the first action the page says so."""
    log.kept.clear()
    html = client.get("/hr/audit").text
    assert "まだ記録がありません。" in html
    assert "まだ何も行われていません。" in html


def test_whatever_stands_in_the_log_is_escaped(client, log):
    """Names of people and files stay text."""
    evil = "<script>alert(1)</script>"
    log.add(evil, Action.BACKUP, evil)
    html = client.get("/hr/audit").text
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_the_page_lies_behind_the_door():
    """Without a session nothing of the log is shown, and nothing can be sent to it."""
    found = ports(audit=one_of_each())
    outsider = TestClient(Starlette(routes=routes(lambda: found, lambda: NOW)), base_url="https://asaka.example")
    assert outsider.get("/hr/audit").status_code == 401
    assert "山田" not in outsider.get("/hr/audit").text
    assert outsider.post("/hr/audit").status_code == 401
