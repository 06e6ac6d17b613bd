"""A sentence for the page after a form: it travels signed in a cookie and is shown once."""

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

_COOKIE = "asaka-said"
_SALT = "asaka-bot.web.said"
_SECONDS = 120
_LONGEST = 300  # characters; browsers keep some 4,000 bytes


class SaidOnce:
    """Writes and reads the sentence; nobody else can put one there."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt=_SALT)

    def keep(self, response: Response, request: Request, text: str) -> None:
        """Have the next page say `text`."""
        response.set_cookie(
            _COOKIE,
            self._serializer.dumps(text[:_LONGEST]),
            max_age=_SECONDS,
            path="/inbox",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def read(self, request: Request) -> str:
        """What this page has to say, empty where there is nothing or it is none of ours."""
        try:
            said = self._serializer.loads(request.cookies.get(_COOKIE, ""), max_age=_SECONDS)
        except BadData:
            return ""
        return said if isinstance(said, str) else ""

    def forget(self, response: Response, request: Request) -> None:
        """It has been shown."""
        if _COOKIE in request.cookies:
            response.delete_cookie(_COOKIE, path="/inbox")
