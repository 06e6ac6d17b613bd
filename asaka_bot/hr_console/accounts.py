"""Signing in with an account: an attempt begins here, travels in a cookie, and counts once when the browser is back."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeTimedSerializer

from asaka_bot.account_settings import START_PATH, AccountSettings
from asaka_bot.errors import SignInError
from asaka_bot.hr_console.provider import Provider

COOKIE = "__Host-asaka-sign-in"
LASTS_SECONDS = 600  # enough for a password and a second factor
_LONGEST = 4_000  # characters of a code
Once = Callable[[str, str], Awaitable[bool]]  # (kind, id): True for the first of all calls with the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What ties the answer of the provider to the browser that asked: all of it random."""

    state: str
    nonce: str
    verifier: str  # RFC 7636; only its hash is shown to the provider before the code is

    @property
    def challenge(self) -> str:
        """The S256 challenge."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Accounts:
    """Sign-in with accounts of one provider."""

    def __init__(self, settings: AccountSettings, *, secret: str, once: Once) -> None:
        """`secret` signs attempts, `once` remembers those that came back, for all replicas."""
        self._settings, self._once, self._provider = settings, once, Provider(settings)
        self._seal = URLSafeTimedSerializer(secret, salt="hr sign-in")

    @property
    def address(self) -> str:
        """Where the button of the sign-in page leads: below the public address, as the cookie must fit the way back."""
        return f"{self._settings.public_url}{START_PATH}"

    async def begin(self) -> tuple[str, str]:
        """The provider's address to go to, and what the cookie keeps until then. Raises `SignInError`."""
        attempt = Attempt(**{name: secrets.token_urlsafe(32) for name in Attempt.__dataclass_fields__})
        description = await self._provider.describe()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._provider.redirect_uri,
            "scope": "openid email profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        place = description.authorization_endpoint
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}", self._seal.dumps(asdict(attempt))

    async def finish(self, cookie: str, answer: Mapping[str, str]) -> str:
        """Who came back from the provider, by e-mail.

        Raises:
            SignInError: this browser asked for nothing, asked too long ago, or was here before with the same answer;
                the provider refused; or what it says proves nothing.
        """
        try:
            attempt = Attempt(**self._seal.loads(cookie, max_age=LASTS_SECONDS))
        except (BadData, TypeError) as error:
            raise SignInError("expired", "no attempt") from error
        if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise SignInError("expired", "state")
        if not await self._once("sign-in", hashlib.sha256(attempt.state.encode()).hexdigest()):
            raise SignInError("expired", "used")
        description = await self._provider.describe()
        if answer.get("iss", description.issuer if not description.names_itself else "") != description.issuer:
            raise SignInError("invalid", "iss")
        if "error" in answer:
            raise SignInError("denied" if answer["error"] == "access_denied" else "invalid", "error")
        code = answer.get("code", "")
        if not 0 < len(code) <= _LONGEST:
            raise SignInError("invalid", "code")
        return await self._provider.person(code, attempt.verifier, attempt.nonce)
