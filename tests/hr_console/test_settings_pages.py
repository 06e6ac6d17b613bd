"""Roles and settings on their page: given, changed, taken; errors at their field; nothing secret."""

import asyncio
import html
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot import settings as configuration
from asaka_bot.app.configuration import shown
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.hr_console import sessions
from asaka_bot.hr_console.routes import routes
from asaka_bot.roles import Actor, HrRole
from tests.fakes.console import NOW, MemorySessions, ports
from tests.fakes.roles import MemoryRoles

BOSS, HANAKO = "boss@city.example", "hanako@city.example"
GUID = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def roles() -> MemoryRoles:
    return MemoryRoles(
        given={BOSS: HrRole.ADMIN, HANAKO: HrRole.EDITOR}, known={HANAKO: Actor(person=HANAKO, name="人事 花子")}
    )


@pytest.fixture
def client(roles) -> TestClient:
    """A browser that the admin is signed in on."""
    store = MemorySessions()
    begun = {"csrf": "c", "now": NOW, "expires_at": NOW + timedelta(hours=1)}
    asyncio.run(store.begin(session=sessions.digest_of("t"), person=BOSS, **begun))
    found = ports(store, roles=roles)
    app = Starlette(routes=routes(lambda: found, lambda: NOW))
    return TestClient(app, base_url="https://asaka.example", cookies={sessions.COOKIE: "t"})


def send(client: TestClient, what: str, **form: str):
    return client.post(f"/hr/settings/{what}", data={"csrf": "c", **form})


def test_the_page_shows_people_rules_and_configuration(client):
    """With the names that the directory knows."""
    page = client.get("/hr/settings").text
    for part in (HANAKO, "人事 花子", "承認が要る宛先の人数", 'value="30"', "再通知の上限", "SQLite（var/asaka.db）"):
        assert part in page
    assert '<a href="/hr/settings" aria-current="page">権限と設定</a>' in page


def test_a_role_is_given_changed_and_taken(client, roles):
    """Each is said on the page."""
    assert "権限を変えました" in send(client, "role", person=" Taro@City.example", role="viewer", do="give").text
    assert roles.given["taro@city.example"] is HrRole.VIEWER
    assert "権限を変えました" in send(client, "role", person="taro@city.example", role="approver", do="give").text
    assert "変えるものはありません" in send(client, "role", person="taro@city.example", role="approver", do="give").text
    assert "権限を外しました" in send(client, "role", person="taro@city.example", role="approver", do="take").text
    assert "taro@city.example" not in roles.given


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"person": "taro", "role": "viewer"}, "person"),
        ({"person": "", "role": "viewer"}, "person"),
        ({"person": "taro@city.example", "role": "king"}, "role"),
        ({"person": "taro@city.example", "role": ""}, "role"),
        ({"person": "taro@city.example"}, "role"),
        ({"person": BOSS, "role": "viewer"}, "person"),
        ({"person": BOSS, "do": "take"}, "person"),
        ({"person": "<script>alert(1)</script>", "role": "viewer"}, "person"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(client, roles, form, field):
    """The field has the focus, what was typed stays, nothing changes."""
    before = dict(roles.given)
    refused = send(client, "role", **form)
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert html.escape(form["person"], quote=False) in refused.text
    assert "<script" not in refused.text
    assert roles.given == before


def test_rules_are_changed(client, roles):
    """Full-width digits count, as people type them."""
    assert "きまりを変えました" in send(client, "rules", approval_above="５０", most_rounds="0").text
    assert roles.current == OfficeRules(approval_above=50, most_rounds=0)
    assert "変えるものはありません" in send(client, "rules", approval_above="50", most_rounds="0").text


@pytest.mark.parametrize("wrong", ["", "-1", "x", "1.5", "100001", "9" * 30, "二"])
def test_numbers_that_make_no_sense(client, roles, wrong):
    """Are told at their field, and change nothing."""
    refused = send(client, "rules", approval_above=wrong, most_rounds="2")
    assert refused.status_code == 422
    assert 'id="approval_above-error"' in refused.text
    assert 'id="most_rounds-error"' not in refused.text
    assert roles.current == OfficeRules()


def test_an_admin_who_gives_the_role_away(client, roles):
    """May do so where another is left, and sees from then on what the new role opens."""
    roles.given[HANAKO] = HrRole.ADMIN
    told = send(client, "role", person=BOSS, role="viewer", do="give")
    assert told.status_code == 403
    assert roles.given[BOSS] is HrRole.VIEWER
    assert client.get("/hr").status_code == 200


def test_nothing_of_the_configuration_is_secret(tmp_path):
    """Every secret of the environment is a canary; none is shown, and what is in use is."""
    given = {
        "ASAKA_DATABASE_URL": "postgresql+psycopg://bot:CANARY1@db.city.example:5433/asaka?password=CANARY2",
        "ASAKA_DATA_DIR": str(tmp_path),
        "SLACK_BOT_TOKEN": "xoxb-CANARY3",
        "SLACK_SIGNING_SECRET": "CANARY4",
        "SLACK_APP_TOKEN": "xapp-CANARY5",
        "TEAMS_CLIENT_ID": GUID,
        "TEAMS_CLIENT_SECRET": "CANARY6",
        "TEAMS_TENANT_ID": GUID,
        "ASAKA_OIDC_ISSUER": "https://login.example/t/v2.0",
        "ASAKA_OIDC_CLIENT_ID": "the-app",
        "ASAKA_OIDC_CLIENT_SECRET": "CANARY7",
        "ASAKA_PUBLIC_URL": "https://bot.city.example/",
        "ASAKA_HR_ADMINS": "IT@city.example",
    }
    settings = configuration.load(given)
    told = str(shown(settings))
    assert "CANARY" not in told
    assert "CANARY" not in repr(settings.accounts)
    for part in ("db.city.example:5433", "asaka", "bot", GUID, "the-app", "login.example", "it@city.example", "Socket"):
        assert part in told
    assert str(shown(configuration.load({}))).count("使っていません") == 3
