"""Refuses what another site makes a browser send: whoever is signed in here must not act at somebody else's wish."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_SIGNED_IN = ("/hr", "/inbox")  # where what is sent counts as said by the person who is signed in
_WEBHOOKS = ("/slack/events", "/api/messages")  # called by servers, each with its own proof
_FOREIGN = ("cross-site", "same-site")
_OWN = ("same-origin", "none")  # none: the person typed the address


class SameOrigin:
    """Lets requests that change something pass only from our own pages, or from programs that are no browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it before anything reads it."""
        if _changes_something(scope) and is_foreign(Headers(scope=scope), scope["path"]):
            await _refusal()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_foreign(headers: Headers, path: str) -> bool:
    """Whether another site made the browser send this.

    Fetch Metadata (Sec-Fetch-Site) tells where it comes from, but only over HTTPS and on localhost; the Origin tells
    it everywhere. It is "null" for the forms of our own pages too, because they say ``Referrer-Policy: no-referrer``
    (Fetch standard, "append a request Origin header"). Without Fetch Metadata to vouch for it, "null" is good enough
    for questions, which anybody may ask, and not where people act under their name: in the HR console, in the inbox.
    """
    site = headers.get("sec-fetch-site")
    if site in _FOREIGN:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    if origin == "null":
        return site not in _OWN and any(path == part or path.startswith(f"{part}/") for part in _SIGNED_IN)
    return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _changes_something(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] not in _SAFE_METHODS and scope["path"] not in _WEBHOOKS


def _refusal() -> PlainTextResponse:
    return PlainTextResponse(
        "ほかのサイトから送られたため、受け付けませんでした。このサイトの画面を開いて、もう一度お試しください。",
        status_code=403,
    )
