"""Signing in by the one-time link, and signing out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.design.pages import fields
from asaka_bot.hr_console import sessions
from asaka_bot.hr_console.door import Door, carries_secure_cookies
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.sessions import Visitor

_LONGEST = 200  # characters of a token; ours have 43


class SignInPages:
    """The only pages of the console outside the door, and the way out."""

    def __init__(self, door: Door, pages: Pages) -> None:
        self._door, self._pages = door, pages

    async def ask(self, request: Request) -> Response:
        """One button: programs that preview links open them too, but press nothing."""
        if await self._door.visitor(request):
            return RedirectResponse("/hr", status_code=303)
        if not carries_secure_cookies(request):
            return self._pages.needs_https(request.url.port or 80)
        token = request.query_params.get("token", "")[:_LONGEST]
        if not token:
            return self._pages.page(
                "outside.html", visitor=None, title="サインインが必要です", status=401, lost=False, again=None
            )
        return self._pages.page("sign_in.html", visitor=None, title="サインイン", token=token)

    async def redeem(self, request: Request) -> Response:
        """Use the link up and open the session."""
        if not carries_secure_cookies(request):
            return self._pages.needs_https(request.url.port or 80)
        token = await self._door.let_in((await fields(request)).get("token", "")[:_LONGEST])
        if token is None:
            return self._pages.page("used_link.html", visitor=None, status=403, title="このリンクは使えません")
        await self._door.let_out(request)  # whoever was signed in here before is so no longer
        response = RedirectResponse("/hr", status_code=303)
        sessions.give(response, token)
        return response

    async def sign_out(self, request: Request, visitor: Visitor) -> Response:  # noqa: ARG002 - the door passes it
        """End the session here and in the database."""
        await self._door.let_out(request)
        response = self._pages.page("signed_out.html", visitor=None, title="サインアウトしました")
        response.delete_cookie(sessions.COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return response
