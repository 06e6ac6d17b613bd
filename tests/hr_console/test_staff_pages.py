"""The pages of the staff directory: a file is checked, confirmed and undone, people are found."""

import asyncio
import re
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff_file import as_excel
from asaka_bot.hr_console.routes import routes
from asaka_bot.hr_console.sessions import digest_of
from asaka_bot.hr_console.staff_pages import MOST_UPLOAD_BYTES, UPLOAD, matching
from asaka_bot.roles import HrRole
from asaka_bot.server import BodyLimit
from tests.fakes.console import NOW, MemorySessions, ports
from tests.fakes.staff import MemoryStaff, person

STAFF = invented_staff(60)


@pytest.fixture
def staff() -> MemoryStaff:
    return MemoryStaff(now=NOW)


@pytest.fixture
def client(staff) -> TestClient:
    """A browser that is signed in."""
    sessions = MemorySessions()
    asyncio.run(
        sessions.add_link(
            digest=digest_of("t"), person="人事 花子", role=HrRole.ADMIN, expires_at=NOW + timedelta(hours=1)
        )
    )
    found = ports(sessions, staff=staff)
    limit = Middleware(BodyLimit, larger={UPLOAD: MOST_UPLOAD_BYTES})
    app = Starlette(routes=routes(lambda: found, lambda: NOW), middleware=[limit])
    client = TestClient(app, base_url="https://asaka.example")
    client.post("/hr/sign-in", data={"token": "t"})
    return client


def csrf(client):
    return re.search(r'name="csrf" value="([^"]+)"', client.get("/hr").text)[1]


def load(client, content, name="名簿.xlsx"):
    return client.post(UPLOAD, data={"csrf": csrf(client)}, files={"file": (name, content)})


def confirm(client, page, **form):
    draft = re.search(r'name="draft" value="([^"]+)"', page.text)[1]
    return client.post("/hr/staff/confirm", data={"csrf": csrf(client), "draft": draft, **form})


def test_a_file_is_checked_then_confirmed(client, staff):
    """Nothing changes before the second button; afterwards the people are listed."""
    page = load(client, as_excel(STAFF))
    assert page.url.path == "/hr/staff/check"
    assert "新しい職員 60人、異動など 0人、いなくなる職員 0人" in page.text
    assert staff.kept == {}
    done = confirm(client, page)
    assert "名簿を取り込みました" in done.text
    assert "職員（60人）" in done.text
    assert "人事 花子が取り込み" in done.text
    assert "名簿.xlsx" in done.text


def test_a_thousand_has_a_comma(client):
    """Before the import, in the list and in the history."""
    page = load(client, as_excel(invented_staff(1_200)))
    assert "新しい職員 1,200人" in page.text
    done = confirm(client, page).text
    assert "職員（1,200人）" in done
    assert "新しい職員 1,200人、異動など 0人" in done


def test_undo(client, staff):
    """The button stands at the newest import; pressed twice it does no more."""
    confirm(client, load(client, as_excel(STAFF)))
    form = {"csrf": csrf(client), "number": "1"}
    assert "取り込みを取り消し" in client.post("/hr/staff/undo", data=form).text
    assert staff.kept == {}
    assert "いちばん新しい取り込みだけ" in client.post("/hr/staff/undo", data=form).text
    assert "いちばん新しい取り込みだけ" in client.post("/hr/staff/undo", data={**form, "number": "x"}).text


def test_conflicts_are_listed_and_nothing_is_kept(client, staff):
    """Each by row and column."""
    page = load(client, as_excel([person(1), person(1, email="<b>")]))
    assert page.status_code == 422
    assert "2か所を直してください" in page.text
    assert "行3・職員番号: 行2と同じです" in page.text
    assert staff.drafts == {}


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "空です"), (b"\xd0\xcf\x11\xe0", ".xls"), (b"PK\x03\x04", "Excel")]
)
def test_files_that_cannot_be_read(client, content, said):
    """The reason stands at the field."""
    page = load(client, content)
    assert page.status_code == 422
    assert said in page.text
    assert 'aria-invalid="true"' in page.text


def test_no_file_chosen(client):
    """The page says so."""
    page = client.post(UPLOAD, data={"csrf": csrf(client)})
    assert "ファイルを選んでから" in page.text


def test_many_leaving_need_a_tick(client, staff):
    """Without it nothing happens, with it the import is made."""
    confirm(client, load(client, as_excel(STAFF)))
    page = load(client, as_excel(STAFF[:30]))
    refused = confirm(client, page)
    assert refused.status_code == 422
    assert sum(each.active for each in staff.kept.values()) == 60
    assert "名簿を取り込みました" in confirm(client, page, mass="yes").text
    assert sum(each.active for each in staff.kept.values()) == 30


def test_what_changed_meanwhile_is_not_overwritten(client, staff):
    """Of two files checked at the same time, only the first is imported."""
    pages = [load(client, as_excel(STAFF[:count])) for count in (60, 59)]
    confirm(client, pages[0])
    assert "もう一度ファイルを選んで" in confirm(client, pages[1]).text
    assert len(staff.kept) == 60


def test_the_same_file_again(client):
    """There is nothing to confirm."""
    confirm(client, load(client, as_excel(STAFF)))
    assert "いまの名簿と同じです" in load(client, as_excel(STAFF)).text


def test_an_unknown_draft(client):
    """It leads back to the page with what to do."""
    assert "1時間を過ぎています" in client.get("/hr/staff/check?draft=x").text


def test_uploads_may_be_larger_than_other_forms(client):
    """Up to 5 MB here, refused beyond; elsewhere the limit stays 1 MB."""
    assert load(client, b"x" * 4_900_000, "a.csv").status_code == 422
    assert load(client, b"x" * 5_000_001, "a.csv").status_code == 422
    refused = client.post(UPLOAD, content=b"x" * (MOST_UPLOAD_BYTES + 1))
    assert (refused.status_code, "上限5MB" in refused.text) == (413, True)
    assert client.post("/hr/staff/undo", content=b"x" * 1_000_001).status_code == 413


def test_uploads_without_the_token_of_the_session_are_refused(client, staff):
    """As every form."""
    refused = client.post(UPLOAD, data={"csrf": "wrong"}, files={"file": ("a.xlsx", as_excel(STAFF))})
    assert refused.status_code == 403
    assert staff.drafts == {}


def test_searching_and_turning_pages(client):
    """50 people a page; every word has to fit."""
    confirm(client, load(client, as_excel(STAFF)))
    assert client.get("/hr/staff").text.count('<th scope="row">') == 50
    assert client.get("/hr/staff?page=2").text.count('<th scope="row">') == 10
    assert client.get("/hr/staff?page=99").text.count('<th scope="row">') == 10
    assert client.get("/hr/staff?q=職員課　課長").text.count('<th scope="row">') == 1
    assert "見つかりませんでした" in client.get("/hr/staff?q=<script>").text


def test_search_looks_at_every_column():
    """Number from its beginning, the rest anywhere, width and spaces don't matter."""
    people = [person(101, name="例田 花"), person(110, office=("福祉部",), title="課長")]
    assert matching(people, "１０１") == people[:1]
    assert matching(people, "例田花") == people[:1]
    assert matching(people, "福祉 課長") == people[1:]
    assert matching(people, "") == people
