"""Signing in with an account: the way to the provider and back."""

from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.errors import SignInError
from asaka_bot.hr_console import accounts, sessions
from asaka_bot.hr_console.door import Door, carries_secure_cookies
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports

log = structlog.get_logger(__name__)

# What people are told, by the trouble of a `SignInError`: status, heading, sentences. Never the provider's own text.
_TOLD = {
    "expired": (
        403,
        "もう一度サインインしてください",
        "サインインの途中で10分が過ぎたか、同じ画面がもう一度開かれました。",
        "下のボタンから、はじめからやり直してください。",
    ),
    "denied": (
        403,
        "サインインが取りやめられました",
        "職員アカウントの画面で、サインインが取りやめられたか、断られました。",
        "心当たりがないときは、情報システムの担当に「人事コンソールのアプリを使えるようにしてください」と伝えてください。",
    ),
    "invalid": (
        403,
        "サインインを確かめられません",
        "職員アカウントのサーバーからの返事を確かめられなかったため、お通ししていません。",
        "もう一度お試しください。続くときは、このボットを動かしている担当の方に、時刻を添えて知らせてください。",
    ),
    "unreachable": (
        503,
        "職員アカウントのサーバーにつながりません",
        "いまは職員アカウントでサインインできません。",
        "少し待ってから、もう一度お試しください。急ぐときは、ボットを動かしている担当の方に、1回限りのリンクを頼んでください。",
    ),
    "nobody": (
        403,
        "職員アカウントのメールアドレスが分かりません",
        "サインインした職員アカウントに、確かめられたメールアドレスがありません。",
        "情報システムの担当に「職員アカウントのメールアドレスを確かめてください」と伝えてください。",
    ),
    "left": (
        403,
        "この職員アカウントでは入れません",
        "職員名簿では、退職などで、いまの職員に含まれていません。",
        "まちがいのときは、職員課に「職員名簿を確かめてください」と伝えてください。",
    ),
}


class AccountPages:
    """Both lie before the door."""

    def __init__(self, ports: Callable[[], Ports], door: Door, pages: Pages) -> None:
        self._ports, self._door, self._pages = ports, door, pages

    async def start(self, request: Request) -> Response:
        """Off to the provider; a link and no form, as forms of these pages may lead nowhere else (CSP)."""
        found = self._ports().accounts
        if found is None:
            return RedirectResponse(sessions.SIGN_IN, status_code=303)
        if not carries_secure_cookies(request):
            return self._pages.needs_https(request.url.port or 80)
        try:
            place, kept = await found.begin()
        except SignInError as error:
            return self._told(error)
        response = RedirectResponse(place, status_code=303)
        # Lax: the way back from the provider comes from another site.
        response.set_cookie(
            accounts.COOKIE,
            kept,
            max_age=accounts.LASTS_SECONDS,
            path="/",
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return response

    async def callback(self, request: Request) -> Response:
        """Back from the provider: a new session, or a page that says what to do."""
        found = self._ports().accounts
        if found is None:
            return RedirectResponse(sessions.SIGN_IN, status_code=303)
        try:
            person = await found.finish(request.cookies.get(accounts.COOKIE, ""), request.query_params)
            if (await self._ports().roles.actor_of(person)).left:
                raise SignInError("left", "left")
        except SignInError as error:
            return _forget(self._told(error))
        token = await self._door.admit(person)
        await self._door.let_out(request)  # whoever was signed in here before is so no longer
        # Not a redirect: browsers would still count it as coming from the provider, and keep the strict cookie back.
        response = self._pages.page("signed_in.html", visitor=None, title="サインインしました")
        sessions.give(response, token)
        return _forget(response)

    def _told(self, error: SignInError) -> Response:
        status, title, what, to_do = _TOLD[error.trouble]
        log.info("sign_in_failed", trouble=error.trouble, detail=str(error))
        return self._pages.page(
            "sign_in_trouble.html", visitor=None, status=status, title=title, what=what, to_do=to_do
        )


def _forget(response: Response) -> Response:
    """The attempt counts no more."""
    response.delete_cookie(accounts.COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response
