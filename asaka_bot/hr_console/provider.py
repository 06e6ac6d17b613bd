"""The OpenID Connect provider: where it lies, with which keys it signs, and who its tokens say somebody is.

OpenID Connect Core 1.0 section 3.1 (authorization code flow) with PKCE (RFC 7636) and the issuer in the response
(RFC 9207). PyJWT proves signatures and times. Nothing here runs on the event loop: a slow provider keeps nobody waiting.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlsplit

import httpx
import jwt
import structlog

from asaka_bot.account_settings import CALLBACK_PATH, LOOPBACK, AccountSettings
from asaka_bot.errors import SignInError
from asaka_bot.roles import email_of

_ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}  # and the kind of key that each takes
_FEWEST_RSA_BITS = 2_048
_MOST_KEYS = 200
_LONGEST_TOKEN = 50_000
_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 5.0  # of each step of a call
_LONGEST_SECONDS = 15.0  # of a call as a whole
_FRESH_SECONDS = 3_600.0
_FIRST_PAUSE_SECONDS = 2.0  # while nothing is known: whoever waited behind a failure need not wait for the next
_PAUSE_SECONDS = 30.0  # between fetches: tokens with invented key ids must not make the bot call out
_EMAIL_CLAIMS = ("email", "preferred_username", "upn")

_Answer = TypeVar("_Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the provider says of itself (OpenID Connect Discovery 1.0), and its keys."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str  # empty: there is none
    takes_secret_in_body: bool
    names_itself: bool  # in the response to the browser (RFC 9207)
    keys: Sequence[Mapping[str, Any]]


class Provider:
    """Asked for its description when somebody signs in; that is kept for an hour."""

    def __init__(self, settings: AccountSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._turn = asyncio.Lock()
        self._held: Description | None = None
        self._fetched_at = self._tried_at = float("-inf")

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends browsers back to."""
        return f"{self._settings.public_url}{CALLBACK_PATH}"

    async def describe(self, *, key_id: str | None = None) -> Description:
        """The provider as it was within the hour; asked again where it has no key `key_id`.

        Raises:
            SignInError: it can't be reached, or describes itself in a way that can't be used.
        """
        async with self._turn:
            held, rested = self._held, self._clock() - self._tried_at
            stale = self._clock() - self._fetched_at > _FRESH_SECONDS
            unknown = held is not None and key_id is not None and not _named(held.keys, key_id)
            if held is not None and not ((stale or unknown) and rested >= _PAUSE_SECONDS):
                return held
            if held is None and rested < _FIRST_PAUSE_SECONDS:
                raise SignInError("unreachable", "tried a moment ago")
            self._tried_at = self._clock()
            try:
                self._held = await _within(asyncio.to_thread(_fetch, self._settings.issuer))
                self._fetched_at = self._clock()
            except SignInError:
                if held is None:
                    raise
                return held  # its keys have not become worse
            return self._held

    async def person(self, code: str, verifier: str, nonce: str) -> str:
        """Who a code stands for: the e-mail in lower case.

        Raises:
            SignInError: the provider gives no token for the code, the token proves nothing, or names nobody by e-mail.
        """
        given = await _within(asyncio.to_thread(self._exchange, await self.describe(), code, verifier))
        header = _header(given.id_token)
        key_id = header.get("kid")
        description = await self.describe(key_id=key_id if isinstance(key_id, str) else None)
        claims = self._verified(given.id_token, header, description)
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise SignInError("invalid", "nonce")
        audience, party = claims["aud"], claims.get("azp")
        several = isinstance(audience, list) and len(audience) > 1
        if (several and party is None) or party not in (None, self._settings.client_id):
            raise SignInError("invalid", "azp")
        if not any(name in claims for name in _EMAIL_CLAIMS) and description.userinfo_endpoint:
            claims = await _within(asyncio.to_thread(_more, description.userinfo_endpoint, given, claims))
        return _email(claims)

    def _verified(self, token: str, header: Mapping[str, Any], description: Description) -> Mapping[str, Any]:
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS or "crit" in header:
            raise SignInError("invalid", "algorithm")
        fitting = [entry for entry in description.keys if _fits(entry, algorithm)]
        named = fitting if key_id is None else _named(fitting, key_id)
        if len(named) != 1:
            raise SignInError("invalid", "no key")
        try:
            key = jwt.PyJWK(dict(named[0]), algorithm=algorithm).key
            if getattr(key, "key_size", 0) < (_FEWEST_RSA_BITS if _ALGORITHMS[algorithm] == "RSA" else 0):
                raise SignInError("invalid", "short key")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._settings.client_id,
                issuer=description.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise SignInError("invalid", type(error).__name__) from error
        return claims

    def _exchange(self, description: Description, code: str, verifier: str) -> "_Given":
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
            "client_id": settings.client_id,
        }
        proof: httpx.Auth | None = None
        if description.takes_secret_in_body:
            form["client_secret"] = settings.client_secret
        else:  # RFC 6749 section 2.3.1: encoded before they are put together
            proof = httpx.BasicAuth(quote_plus(settings.client_id), quote_plus(settings.client_secret))
        try:
            with httpx.Client(timeout=_TIMEOUT_SECONDS, auth=proof) as client:
                answer = client.post(description.token_endpoint, data=form)
                said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise SignInError("unreachable", type(error).__name__) from error
        token = said.get("id_token") if isinstance(said, dict) and answer.status_code == httpx.codes.OK else None
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            trouble = "unreachable" if answer.is_server_error else "invalid"
            raise SignInError(trouble, f"token endpoint: {answer.status_code}")
        return _Given(id_token=token, access_token=str(said.get("access_token", "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    id_token: str
    access_token: str


async def _within(work: Awaitable[_Answer]) -> _Answer:
    try:
        return await asyncio.wait_for(work, _LONGEST_SECONDS)
    except TimeoutError as error:
        raise SignInError("unreachable", "too slow") from error


def _fetch(issuer: str) -> Description:
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client:
            said = client.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
            own = str(said["issuer"])
            places = [str(said[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            more = str(said.get("userinfo_endpoint") or "")
            if own.rstrip("/") != issuer or not all(_is_safe(place, issuer) for place in [*places, more] if place):
                raise ValueError("another issuer, or an address without HTTPS")
            keys = client.get(places[2]).raise_for_status().json()["keys"]
            methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            return Description(
                issuer=own,
                authorization_endpoint=places[0],
                token_endpoint=places[1],
                userinfo_endpoint=more,
                takes_secret_in_body="client_secret_post" in methods,
                names_itself=said.get("authorization_response_iss_parameter_supported") is True,
                keys=tuple(entry for entry in keys[:_MOST_KEYS] if isinstance(entry, dict)),
            )
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("oidc.provider_not_read", error=type(error).__name__)
        raise SignInError("unreachable", type(error).__name__) from error


def _more(endpoint: str, given: _Given, claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """The claims, with what providers tell at their userinfo endpoint alone (OpenID Connect Core 1.0 section 5.4)."""
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client:
            bearer = {"Authorization": f"Bearer {given.access_token}"}
            said = client.get(endpoint, headers=bearer).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise SignInError("unreachable", type(error).__name__) from error
    if not isinstance(said, dict) or said.get("sub") != claims["sub"]:
        raise SignInError("invalid", "sub of userinfo")
    return {**said, **claims}


def _email(claims: Mapping[str, Any]) -> str:
    if str(claims.get("email_verified", True)).lower() == "false":
        raise SignInError("nobody", "email_verified")
    for name in _EMAIL_CLAIMS:
        if isinstance(claims.get(name), str) and (found := email_of(claims[name])):
            return found
    raise SignInError("nobody", "no e-mail")


def _is_safe(address: str, issuer: str) -> bool:
    """HTTPS; plain HTTP only between two servers on this computer."""
    parts = urlsplit(address)
    own = urlsplit(issuer).hostname in LOOPBACK and parts.hostname in LOOPBACK
    return parts.scheme == "https" or (parts.scheme == "http" and own)


def _header(token: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise SignInError("invalid", "malformed") from error


def _fits(entry: Mapping[str, Any], algorithm: str) -> bool:
    """Whether a JWK may have signed with the algorithm."""
    kind = entry.get("kty") == _ALGORITHMS[algorithm] and (algorithm != "ES256" or entry.get("crv") == "P-256")
    return kind and entry.get("use", "sig") == "sig" and entry.get("alg", algorithm) == algorithm


def _named(keys: Sequence[Mapping[str, Any]], key_id: object) -> Sequence[Mapping[str, Any]]:
    return [entry for entry in keys if entry.get("kid") == key_id]
