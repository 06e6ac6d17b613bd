"""The token with which the bot calls Microsoft: fetched off the handlers' way, kept until shortly before it ends."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import httpx

LOGIN = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"
_TIMEOUT_SECONDS = 8.0
_EARLY_SECONDS = 300  # a token is renewed this long before it ends
_PAUSE_SECONDS = 5.0  # between two attempts after a failure, so that many messages do not all ask at once


class TokenUnavailableError(Exception):
    """No token was given; ``code`` is Microsoft's name for the reason (AADSTS…), the message says it in Japanese."""

    def __init__(self, message: str, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class Credentials(Protocol):
    """Whoever gives the token for a call."""

    async def token(self) -> str:
        """A token that is valid now. Raises `TokenUnavailableError`."""

    def forget(self) -> None:
        """Drop the token: it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    token: str
    until: float


class ClientSecret:
    """The client-credentials grant (RFC 6749, 4.4) of a single-tenant bot.

    One POST of our own: MSAL's client is synchronous, and looks its authority up on the network when it is made.
    """

    def __init__(
        self,
        *,
        client_id: str,
        secret: str,
        tenant: str,
        login: str = LOGIN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        self._url = f"{login}/{tenant}/oauth2/v2.0/token"
        self._clock = clock
        self._kept: _Kept | None = None
        self._failed: tuple[TokenUnavailableError, float] | None = None
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """The token, from memory where it lasts long enough."""
        async with self._turn:
            now = self._clock()
            if self._kept is not None and now < self._kept.until:
                return self._kept.token
            if self._failed is not None and now < self._failed[1]:
                raise self._failed[0]
            try:
                self._kept, self._failed = await self._fetch(), None
            except TokenUnavailableError as error:
                self._failed = (error, now + _PAUSE_SECONDS)
                raise
            return self._kept.token

    def forget(self) -> None:
        """Drop the token: it was refused."""
        self._kept = None

    async def _fetch(self) -> _Kept:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.post(self._url, data=self._form | {"scope": SCOPE})
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise TokenUnavailableError(f"{self._url.split('/')[2]} に接続できません", type(error).__name__) from error
        token, lasts = (said.get("access_token"), said.get("expires_in")) if isinstance(said, dict) else (None, None)
        if not isinstance(token, str) or not isinstance(lasts, int) or not answer.is_success:
            raise TokenUnavailableError("Microsoftがボットの資格情報を受け付けません", _code(said))
        return _Kept(token=token, until=self._clock() + max(lasts - _EARLY_SECONDS, 0))


class LocalToken:
    """A well-formed token that nobody signed, for the Agents Playground on this computer."""

    def __init__(self) -> None:
        parts = ({"alg": "none", "typ": "JWT"}, {"appid": "local", "serviceurl": "http://127.0.0.1"})
        self._token = ".".join([*(_part(part) for part in parts), "local"])

    async def token(self) -> str:
        """The same token always."""
        return self._token

    def forget(self) -> None:
        """Nothing to drop."""


def _part(said: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def _code(said: object) -> str:
    """AADSTS7000215 out of an error description; the description itself may hold ids of the tenant."""
    description = said.get("error_description") if isinstance(said, dict) else None
    first = description.split(":")[0] if isinstance(description, str) else ""
    return first if first.startswith("AADSTS") and first[6:].isdigit() else ""
