"""Signing in with an account: the whole flow with a real provider, and everything that must not get in."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from itsdangerous import URLSafeTimedSerializer
from starlette.testclient import TestClient

from asaka_bot import app as application
from asaka_bot.account_settings import CALLBACK_PATH, START_PATH
from asaka_bot.app.application import make_app
from asaka_bot.app.staff_desk import StaffDesk
from asaka_bot.broadcasts.staff_columns import Roster
from asaka_bot.hr_console import accounts, sessions
from asaka_bot.roles import HrRole
from asaka_bot.settings import Settings
from asaka_bot.store.database import open_database
from asaka_bot.store.roles import RoleStore
from tests.fakes.oidc import CLIENT_ID, Forger, forging, install, real_provider, settings_for, walk
from tests.fakes.roles import ADMIN
from tests.fakes.staff import person

HOME = "https://asaka.example"
HANAKO, TARO = "hanako@city.example", "taro@city.example"
BOTH = Roster(people=(person(1, email=HANAKO, name="人事 花子"), person(2, email=TARO)), has_workplaces=True)


@pytest.fixture(scope="module")
def issuer():
    """A real provider that tells the e-mail in its ID token, as Entra ID does."""
    missing = install()
    if missing:
        pytest.skip(missing)
    with real_provider(HOME) as found:
        yield found


@pytest.fixture
def forger():
    with forging() as found:
        yield found


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data"})


@pytest.fixture
def opened(settings, service):
    """Opens the whole product in front of a provider, as a browser that keeps cookies."""
    clients = []

    def browser(issuer: str) -> TestClient:
        configured = settings.model_copy(update={"accounts": settings_for(issuer, HOME)})
        client = TestClient(make_app(configured, service), base_url=HOME, follow_redirects=False)
        clients.append(client.__enter__())
        return client

    yield browser
    for client in clients:
        client.__exit__(None, None, None)


def furnish(settings: Settings, roles: dict[str, HrRole], roster: Roster | None = None) -> None:
    """Give roles, and import a roster as HR does."""

    async def work():
        engine = await open_database(settings.database)
        for email, role in roles.items():
            await RoleStore(engine).give(email, role, "t")
        await engine.dispose()
        if roster is not None:
            async with application.open_staff(settings) as desk:
                await desk.confirm(ADMIN, await desk.draft(ADMIN, roster, file="f"))

    asyncio.run(work())


def begin(client: TestClient) -> str:
    """Where the button leads."""
    went = client.get(START_PATH)
    assert went.status_code == 303
    return went.headers["location"]


def sign_in(client: TestClient, account: str) -> httpx.Response:
    """Sign in at the real provider; what the bot says when the browser is back."""
    back = urlsplit(walk(begin(client), account, HOME))
    return client.get(f"{back.path}?{back.query}")


def forged(client: TestClient, forger: Forger) -> httpx.Response:
    """The same at the forger."""
    return client.get(f"{CALLBACK_PATH}?{forger.sends_back(begin(client))}")


def is_in(client: TestClient) -> bool:
    return client.get("/hr").status_code == 200


def test_the_whole_way(opened, settings, issuer):
    """From the button over the real provider to the console, and out again."""
    furnish(settings, {HANAKO: HrRole.APPROVER}, BOTH)
    client = opened(issuer)
    outside = client.get("/hr")
    assert outside.status_code == 401
    assert f'href="{HOME}{START_PATH}"' in outside.text
    assert "asaka-bot hr-link" in outside.text
    back = sign_in(client, HANAKO)
    assert back.status_code == 200
    assert 'content="0;url=/hr"' in back.text
    cookies = back.headers.get_list("set-cookie")
    assert any("__Host-asaka-hr=" in c and "samesite=strict" in c.lower() for c in cookies)
    assert any("__Host-asaka-sign-in=" in c and "Max-Age=0" in c for c in cookies)
    home = client.get("/hr")
    assert "人事 花子" in home.text
    assert client.get("/hr/audit").status_code == 200
    csrf = home.text.partition('name="csrf" value="')[2].partition('"')[0]
    assert "職員アカウントでサインイン" in client.post("/hr/sign-out", data={"csrf": csrf}).text
    assert not is_in(client)


@pytest.mark.parametrize(("in_id_token", "method"), [(False, "client_secret_basic"), (True, "client_secret_basic")])
def test_providers_differ(opened, settings, in_id_token, method):
    """The e-mail at the userinfo endpoint alone, and the secret in the header with all its signs."""
    if missing := install():
        pytest.skip(missing)
    furnish(settings, {HANAKO: HrRole.VIEWER})
    with real_provider(HOME, in_id_token=in_id_token, method=method) as issuer:
        client = opened(issuer)
        assert sign_in(client, HANAKO).status_code == 200
        assert is_in(client)


def test_the_request_to_the_provider(opened, forger):
    """PKCE with S256, fresh state and nonce, the least scopes, and a cookie of ten minutes for this host alone."""
    client = opened(forger.issuer)
    first, second = (parse_qs(urlsplit(begin(client)).query) for _ in range(2))
    assert first["scope"] == ["openid email profile"]
    assert first["code_challenge_method"] == ["S256"]
    assert first["redirect_uri"] == [HOME + CALLBACK_PATH]
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name][0]) == 43
    cookie = client.get(START_PATH).headers["set-cookie"]
    assert cookie.startswith("__Host-asaka-sign-in=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "secure", "samesite=lax", "path=/", "max-age=600"}


def test_without_a_role_whom_to_ask_is_told(opened, settings, issuer):
    """The account is good, but the console stays closed until somebody gives a role."""
    client = opened(issuer)
    assert sign_in(client, TARO).status_code == 200
    refused = client.get("/hr")
    assert refused.status_code == 403
    assert "権限を管理している職員課の担当" in refused.text
    furnish(settings, {TARO: HrRole.VIEWER})
    assert is_in(client)


@pytest.mark.parametrize("account", ["nomail", "unverified@city.example"])
def test_an_account_without_a_proven_address(opened, settings, issuer, account):
    """Is told what to do, and not let in."""
    furnish(settings, {"unverified@city.example": HrRole.ADMIN})
    client = opened(issuer)
    told = sign_in(client, account)
    assert told.status_code == 403
    assert "メールアドレス" in told.text
    assert not is_in(client)


def test_an_import_signs_leavers_out(opened, settings, issuer):
    """At the next request after the real import, and they can't come back; the undo lets them sign in again."""
    furnish(settings, {HANAKO: HrRole.ADMIN}, BOTH)
    client = opened(issuer)
    sign_in(client, HANAKO)
    assert is_in(client)
    furnish(settings, {}, replace(BOTH, people=BOTH.people[1:]))
    assert client.get("/hr").status_code == 401
    told = sign_in(client, HANAKO)
    assert told.status_code == 403
    assert "この職員アカウントでは入れません" in told.text

    async def undo():
        async with application.open_staff(settings) as desk:
            assert isinstance(desk, StaffDesk)
            await desk.undo(ADMIN)

    asyncio.run(undo())
    assert client.get("/hr").status_code == 401
    sign_in(client, HANAKO)
    assert is_in(client)


def test_a_session_that_was_there_before_is_worth_nothing(opened, settings, forger):
    """Neither a token that somebody planted nor the session of another person goes on."""
    furnish(settings, {HANAKO: HrRole.VIEWER, TARO: HrRole.VIEWER})
    client = opened(forger.issuer)
    forger.claims = {"email": TARO}
    forged(client, forger)
    planted = client.cookies[sessions.COOKIE]
    forger.claims = {}
    forged(client, forger)
    assert client.cookies[sessions.COOKIE] != planted
    assert "hanako" in client.get("/hr").text
    stranger = {"cookie": f"{sessions.COOKIE}={planted}"}
    client.cookies.clear()
    assert client.get("/hr", headers=stranger).status_code == 401


def test_an_answer_counts_once(opened, settings, forger):
    """The same address with the same cookie again is refused, before the provider is even asked."""
    furnish(settings, {HANAKO: HrRole.VIEWER})
    client = opened(forger.issuer)
    query = forger.sends_back(begin(client))
    kept = client.cookies[accounts.COOKIE]
    assert client.get(f"{CALLBACK_PATH}?{query}").status_code == 200
    assert accounts.COOKIE not in client.cookies
    again = client.get(f"{CALLBACK_PATH}?{query}", headers={"cookie": f"{accounts.COOKIE}={kept}"})
    assert again.status_code == 403
    assert "はじめからやり直してください" in again.text
    assert len(forger.asked) == 1


@pytest.mark.parametrize("change", ["foreign", "missing", "no cookie", "forged cookie", "old cookie", "other browser"])
def test_answers_that_this_browser_did_not_ask_for(opened, settings, forger, change, monkeypatch):
    """A state of another attempt or none, a cookie that isn't ours or too old: never a session, never a call."""
    furnish(settings, {HANAKO: HrRole.ADMIN})
    client = opened(forger.issuer)
    foreign = forger.sends_back(begin(client))
    client.cookies.clear()
    query = forger.sends_back(begin(client))
    kept = client.cookies[accounts.COOKIE]
    if change == "foreign":
        query = foreign
    elif change == "missing":
        query = "code=c"
    elif change in ("no cookie", "other browser"):
        client.cookies.clear()
        if change == "other browser":
            begin(client)
    elif change == "forged cookie":
        sealed = URLSafeTimedSerializer("another secret", salt="hr sign-in")
        state = parse_qs(query)["state"][0]
        kept = sealed.dumps({"state": state, "nonce": forger.nonce, "verifier": "v"})
        client.cookies.clear()
        client.cookies.set(accounts.COOKIE, kept, domain="asaka.example")
    elif change == "old cookie":
        later = time.time() + accounts.LASTS_SECONDS + 1
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    told = client.get(f"{CALLBACK_PATH}?{query}")
    assert told.status_code == 403
    assert "はじめからやり直してください" in told.text
    assert forger.asked == []
    assert not is_in(client)


BAD_TOKENS = {
    "nonce of another": {"claims": {"nonce": "another"}},
    "no nonce": {"without": ("nonce",)},
    "another issuer": {"claims": {"iss": "https://login.example/other"}},
    "no issuer": {"without": ("iss",)},
    "for another client": {"claims": {"aud": "another"}},
    "for several, without azp": {"claims": {"aud": [CLIENT_ID, "another"]}},
    "party is another": {"claims": {"azp": "another"}},
    "expired": {"claims": {"iat": 1_000_000_000, "exp": 1_000_000_600}},
    "without end": {"without": ("exp",)},
    "from the future": {"claims": {"iat": 4_000_000_000, "exp": 4_000_000_600}},
    "without subject": {"without": ("sub",)},
    "alg none": {"header": {"alg": "none"}},
    "HS256 with the client's secret": {"header": {"alg": "HS256"}, "key": "a secret+with/signs%" * 4},
    "RS512": {"header": {"alg": "RS512"}},
    "signed by another": {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
    "unknown key": {"header": {"kid": "k2"}},
    "key of another kind": {"header": {"kid": "e1"}},
    "critical header": {"header": {"crit": ["b64"], "b64": True}},
    "no token": {"token": "x"},
    "not even that": {"token": "あ.い.う"},
    "server refuses": {"status": 400},
    "endless": {"token": "a" * 60_000},
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_tokens_that_prove_nothing(opened, settings, forger, name):
    """Nobody gets in by them, and the page says nothing of what was wrong."""
    furnish(settings, {HANAKO: HrRole.ADMIN})
    client = opened(forger.issuer)
    for part, value in BAD_TOKENS[name].items():
        setattr(forger, part, value)
    told = forged(client, forger)
    assert told.status_code == 403
    assert "確かめられなかった" in told.text
    assert not is_in(client)
    for part, good in (
        ("claims", {}),
        ("header", {}),
        ("without", ()),
        ("key", None),
        ("token", None),
        ("status", 200),
    ):
        setattr(forger, part, good)
    assert forged(client, forger).status_code == 200  # the same browser with a good token
    assert is_in(client)


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "k1"), ("PS256", "k1"), ("ES256", "e1"), ("RS256", None)])
def test_algorithms_that_count(opened, settings, forger, algorithm, kid):
    """The three of the list; where only one key fits, the token need not name it."""
    furnish(settings, {HANAKO: HrRole.VIEWER})
    forger.header = {"alg": algorithm, "kid": kid}
    forger.key = forger.curve if kid == "e1" else None
    client = opened(forger.issuer)
    assert forged(client, forger).status_code == 200
    assert is_in(client)


def test_a_new_key_is_fetched_and_invented_ones_are_not(opened, settings, forger, monkeypatch):
    """Keys are kept; an unknown id makes the bot look again, but not at every call."""
    furnish(settings, {HANAKO: HrRole.VIEWER})
    client = opened(forger.issuer)
    for _ in range(3):
        assert forged(client, forger).status_code == 200
    assert forger.looks == 1
    forger.header = {"kid": "invented"}
    assert forged(client, forger).status_code == 403
    assert forger.looks == 1
    monkeypatch.setattr("asaka_bot.hr_console.provider._PAUSE_SECONDS", 0.0)
    forger.header, forger.kid = {}, "k-of-today"
    assert forged(client, forger).status_code == 200
    assert forger.looks == 2


@pytest.mark.parametrize(
    "claims", [{"email": "", "preferred_username": HANAKO}, {"email": None, "upn": "Hanako@City.example"}]
)
def test_the_names_of_entra_count_too(opened, settings, forger, claims):
    """Where there is no e-mail, the name of the account is one."""
    furnish(settings, {HANAKO: HrRole.VIEWER})
    forger.claims = claims
    client = opened(forger.issuer)
    forged(client, forger)
    assert is_in(client)


def test_an_issuer_in_the_answer_must_be_ours(opened, settings, forger):
    """RFC 9207: an answer of another provider is refused, and a missing name where ours always gives it."""
    furnish(settings, {HANAKO: HrRole.VIEWER})
    client = opened(forger.issuer)
    query = forger.sends_back(begin(client))
    assert client.get(f"{CALLBACK_PATH}?{query}&iss=https://evil.example").status_code == 403
    query = forger.sends_back(begin(client))
    assert client.get(f"{CALLBACK_PATH}?{query}&iss={forger.issuer}").status_code == 200


@pytest.mark.parametrize(
    ("query", "heading"),
    [("error=access_denied", "取りやめられました"), ("error=<script>alert(1)</script>", "確かめられません")],
)
def test_a_refusal_of_the_provider(opened, forger, query, heading):
    """Is told in our own words; the provider's are not repeated."""
    client = opened(forger.issuer)
    state = forger.sends_back(begin(client)).partition("state=")[2]
    told = client.get(f"{CALLBACK_PATH}?{query}&error_description=EVIL%3Cb%3E&state={state}")
    assert told.status_code == 403
    assert heading in told.text
    assert "EVIL" not in told.text
    assert "script" not in told.text.replace("asaka", "")
    assert "職員アカウントでサインイン" in told.text


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://login.example/other"},
        {"token_endpoint": "http://login.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_a_provider_that_describes_itself_wrongly(opened, forger, about):
    """Nobody is sent anywhere."""
    forger.about = about
    told = opened(forger.issuer).get(START_PATH)
    assert told.status_code == 503
    assert "つながりません" in told.text
    assert "1回限りのリンク" in told.text


def test_a_provider_that_cannot_be_reached(opened):
    """Is told at once, also to the next person, who need not wait for it again."""
    client = opened("http://127.0.0.1:9")
    for _ in range(2):
        told = client.get(START_PATH)
        assert told.status_code == 503
        assert "つながりません" in told.text


def test_no_address_of_others_is_followed(opened, settings, forger):
    """Whatever the query says, the way leads to our own pages."""
    furnish(settings, {HANAKO: HrRole.VIEWER})
    client = opened(forger.issuer)
    place = client.get(f"{START_PATH}?next=https://evil.example&redirect_uri=https://evil.example").headers["location"]
    assert "evil" not in place
    told = client.get(f"{CALLBACK_PATH}?{forger.sends_back(place)}&next=https://evil.example&url=//evil.example")
    assert told.status_code == 200
    assert "evil" not in told.text + str(told.headers)


def test_plain_http_is_explained(opened, forger):
    """Where the browser would drop the cookie nobody is sent away in vain."""
    client = opened(forger.issuer)
    told = client.get(f"http://asaka.example:8080{START_PATH}")
    assert told.status_code == 403
    assert "HTTPS" in told.text


def test_without_a_provider_there_is_no_button(settings, service):
    """And the addresses lead to the sign-in page."""
    with TestClient(make_app(settings, service), base_url=HOME, follow_redirects=False) as client:
        assert "職員アカウントでサインイン" not in client.get("/hr").text
        for path in (START_PATH, CALLBACK_PATH):
            assert client.get(path).headers["location"] == "/hr/sign-in"


def test_a_session_by_account_ends_as_others_do(opened, settings, forger):
    """Its role is nowhere kept: the row of the session holds none."""
    furnish(settings, {HANAKO: HrRole.ADMIN})
    client = opened(forger.issuer)
    forged(client, forger)
    digest = sessions.digest_of(client.cookies[sessions.COOKIE])

    async def look():
        from asaka_bot.store.sessions import Sessions
        from asaka_bot.tokyo import now_in_tokyo

        engine = await open_database(settings.database)
        found = await Sessions(engine).find(digest, now=now_in_tokyo())
        gone = await Sessions(engine).find(digest, now=now_in_tokyo() + timedelta(hours=1))
        await engine.dispose()
        return found, gone

    found, gone = asyncio.run(look())
    assert (found.person, found.role) == (HANAKO, None)
    assert gone is None
