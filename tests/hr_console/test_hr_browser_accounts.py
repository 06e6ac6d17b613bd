"""Sign-in with a real provider, roles and settings in a real browser: by axe's rules, on a phone and on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware

from asaka_bot.audit import Action
from asaka_bot.hr_console import routes as hr
from asaka_bot.hr_console.accounts import Accounts
from asaka_bot.hr_console.ports import Ports
from asaka_bot.roles import Actor, HrRole
from asaka_bot.same_origin import SameOrigin
from asaka_bot.server import SafeHeaders
from asaka_bot.tokyo import now_in_tokyo
from tests.fakes.audit import MemoryAudit
from tests.fakes.chromium import CHROMIUM, PHONE, check
from tests.fakes.console import MemorySessions, busy, ports
from tests.fakes.oidc import install, real_provider, settings_for
from tests.fakes.roles import MemoryRoles
from tests.hr_console.test_hr_browser import serving

HANAKO, BOSS = "hanako@city.example", "boss@city.example"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")


class Office:
    """What the pages stand on; each test furnishes it anew."""

    def __init__(self) -> None:
        self.accounts: Accounts | None = None
        self.seen: set[str] = set()
        self.furnish()

    def furnish(self) -> None:
        self.roles = MemoryRoles(
            given={BOSS: HrRole.ADMIN, HANAKO: HrRole.VIEWER},
            known={
                HANAKO: Actor(person=HANAKO, name="人事 花子", staff_id="1"),
                BOSS: Actor(person=BOSS, name="長 太郎"),
            },
        )
        self.sessions, self.worlds = MemorySessions(), busy()

    async def once(self, _kind: str, event: str) -> bool:
        first = event not in self.seen
        self.seen.add(event)
        return first

    def ports(self) -> Ports:
        log = MemoryAudit()
        log.add("職員課", Action.ROLE_GIVE, HANAKO, before=None, role="viewer")
        found = ports(self.sessions, *self.worlds, log, roles=self.roles)
        return Ports(
            **{name: getattr(found, name) for name in Ports.__dataclass_fields__} | {"accounts": self.accounts}
        )


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.fixture(scope="module")
def address(office: Office) -> Iterator[str]:
    if missing := install():
        pytest.skip(missing)
    app = Starlette(
        routes=hr.routes(office.ports, now_in_tokyo), middleware=[Middleware(SafeHeaders), Middleware(SameOrigin)]
    )
    with serving(app) as url, real_provider(url) as issuer:
        office.accounts = Accounts(settings_for(issuer, url), secret="for tests only", once=office.once)  # noqa: S106
        yield url


@pytest.fixture
def page(browser: Browser, address: str, office: Office) -> Iterator[Page]:
    """A phone, whose pages are looked at as wide as a desk's too."""
    office.furnish()
    context = browser.new_context(base_url=address, locale="ja-JP", viewport=PHONE)
    context.set_default_timeout(20_000)
    page = context.new_page()
    yield page
    context.close()


def sign_in(page: Page, account: str) -> None:
    """As a person does: the button, the provider's form, its question."""
    page.goto("/hr/sign-in")
    page.get_by_role("link", name="職員アカウントでサインイン").click()
    page.locator("input[name=login]").fill(account)
    page.locator("input[name=password]").fill("x")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()


def test_signing_in_with_an_account(page, tmp_path):
    """The strict cookie comes along on the first page after the provider; signing out leads back to the button."""
    page.goto("/hr")
    check(page, tmp_path, "outside-account")
    sign_in(page, HANAKO)
    expect(page.get_by_role("heading", name="ホーム", level=1)).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies(page.url)}
    kept = cookies["__Host-asaka-hr"]
    assert (kept["secure"], kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, True, "Strict", "/")
    assert "__Host-asaka-sign-in" not in cookies
    check(page, tmp_path, "home-viewer")
    page.goto("/hr/deliveries")
    check(page, tmp_path, "deliveries-viewer")
    page.goto("/hr/reminders")
    check(page, tmp_path, "reminders-viewer")
    page.goto("/hr/settings")
    expect(page.get_by_role("heading", name="この操作はできません")).to_be_visible()
    check(page, tmp_path, "not-permitted")
    page.get_by_role("button", name="サインアウト").click()
    expect(page.get_by_role("link", name="職員アカウントでサインイン")).to_be_visible()
    check(page, tmp_path, "signed-out-account")


def test_without_a_role(page, tmp_path):
    """A page that says what to ask for, and whom."""
    sign_in(page, "taro@city.example")
    expect(page.get_by_role("heading", name="権限がありません")).to_be_visible()
    check(page, tmp_path, "no-role")


def test_a_refusal_at_the_provider(page, tmp_path):
    """Leads to a page with the button."""
    page.goto("/hr/sign-in")
    page.get_by_role("link", name="職員アカウントでサインイン").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", name="サインインが取りやめられました")).to_be_visible()
    check(page, tmp_path, "denied")


def test_settings(page, tmp_path, office):
    """Roles and rules are changed; errors take the focus at their field."""
    sign_in(page, BOSS)
    page.get_by_role("link", name="権限と設定").click()
    check(page, tmp_path, "settings")
    page.get_by_label("メールアドレス").fill("taro")
    page.get_by_role("button", name="権限を付ける").click()
    expect(page.get_by_label("メールアドレス")).to_be_focused()
    check(page, tmp_path, "settings-error")
    page.get_by_label("メールアドレス").fill("taro@city.example")
    page.get_by_label("権限", exact=True).select_option("作成")
    page.get_by_role("button", name="権限を付ける").click()
    expect(page.get_by_role("status")).to_be_focused()
    assert office.roles.given["taro@city.example"] is HrRole.EDITOR
    page.get_by_role("button", name="外す ：taro@city.example").click()
    expect(page.get_by_role("status")).to_contain_text("外しました")
    page.get_by_label("再通知の上限").fill("3")
    page.get_by_role("button", name="きまりを変える").click()
    expect(page.get_by_role("status")).to_contain_text("きまりを変えました")
    assert office.roles.current.most_rounds == 3
    check(page, tmp_path, "settings-done")


def test_a_failing_database(page, tmp_path, office):
    """Is told, with nothing of the console on the page."""
    sign_in(page, BOSS)
    expect(page.get_by_role("heading", name="ホーム", level=1)).to_be_visible()
    office.roles.failing = True
    page.reload()
    expect(page.get_by_role("heading", name="いまは使えません")).to_be_visible()
    check(page, tmp_path, "unavailable")


def test_it_works_without_scripts(browser, address, office):
    """The whole way from the button to the settings."""
    office.furnish()
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, BOSS)
    page.get_by_role("link", name="権限と設定").click()
    expect(page.get_by_role("heading", name="権限を持つ人")).to_be_visible()
    context.close()
