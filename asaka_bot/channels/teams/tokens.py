"""Whether a request comes from the Bot Framework, for this bot, for this city: checked before anything else sees it.

Source: learn.microsoft.com, "Authentication with the Bot Connector API", connector to bot. Narrower than it: one issuer,
one audience, an expiry, known tenants and service URLs, and the key's endorsement of Teams are all required.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import jwt

from asaka_bot.channels.teams import service_urls
from asaka_bot.channels.teams.keys import KeyRing

ISSUER = "https://api.botframework.com"
PLATFORM = "msteams"
_ALGORITHM = "RS256"
_LEEWAY_SECONDS = 300  # clocks may differ by five minutes
_LONGEST = 8_192
_BEARER = re.compile(r"Bearer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class RejectedError(Exception):
    """The request is not to be believed; ``reason`` is a word for the log, never a part of the request."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a valid token says."""

    service_url: str
    endorsements: frozenset[str]


class TokenCheck:
    """Believes the tokens of one bot in its tenants."""

    def __init__(
        self, *, client_id: str, tenants: frozenset[str], keys: KeyRing, clock: Callable[[], float] = time.time
    ) -> None:
        self._client_id, self._keys, self._clock = client_id, keys, clock
        self._tenants = frozenset(tenant.lower() for tenant in tenants)

    async def proof(self, authorization: str) -> Proof:
        """What the token of an Authorization header proves.

        The unsigned look at issuer, audience and expiry comes first: only a token that would otherwise fit may make
        the keys be fetched.

        Raises:
            RejectedError: it proves nothing.
        """
        token = self._token(authorization)
        key_id = self._glance(token)
        key = await self._keys.find(key_id)
        if key is None:
            raise RejectedError("unknown key")
        claims = self._verified(token, key.public)
        service_url = claims.get("serviceurl")
        if not isinstance(service_url, str) or not service_urls.allowed(service_url):
            raise RejectedError("service url")
        if "tid" in claims and str(claims["tid"]).lower() not in self._tenants:
            raise RejectedError("tenant")
        return Proof(service_url=service_url, endorsements=key.endorsements)

    def covers(self, proof: Proof, activity: Mapping[str, Any]) -> None:
        """Whether what the token proves fits the activity that came with it.

        Raises:
            RejectedError: the activity names another server, platform or tenant.
        """
        if not service_urls.same(proof.service_url, activity.get("serviceUrl")):
            raise RejectedError("service url of the activity")
        if activity.get("channelId") != PLATFORM or PLATFORM not in proof.endorsements:
            raise RejectedError("platform")
        named = tenants_of(activity)
        if not named or not named <= self._tenants:
            raise RejectedError("tenant of the activity")

    @staticmethod
    def _token(authorization: str) -> str:
        if len(authorization) > _LONGEST or not _BEARER.fullmatch(authorization):
            raise RejectedError("no token")
        return authorization.removeprefix("Bearer ")

    def _glance(self, token: str) -> str:
        """The key id of a token that looks right; nothing here is proven yet."""
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise RejectedError("malformed") from error
        if claims.get("iss") != ISSUER:
            raise RejectedError("issuer")
        if header.get("alg") != _ALGORITHM or "crit" in header:
            raise RejectedError("algorithm")
        if claims.get("aud") != self._client_id:
            raise RejectedError("audience")
        ends = claims.get("exp")
        if isinstance(ends, bool) or not isinstance(ends, int) or ends + _LEEWAY_SECONDS <= self._clock():
            raise RejectedError("expired")
        key_id = header.get("kid")
        if not isinstance(key_id, str) or not 0 < len(key_id) <= 200:
            raise RejectedError("no key id")
        return key_id

    def _verified(self, token: str, key: Any) -> Mapping[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=self._client_id,
                issuer=ISSUER,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise RejectedError("signature or time") from error
        return claims


def tenants_of(activity: Mapping[str, Any]) -> frozenset[str]:
    """Every tenant that an activity names, in lower case."""
    data = activity.get("channelData")
    inner = (activity.get("conversation"), activity.get("from"), data.get("tenant") if isinstance(data, dict) else None)
    named = [part.get(name) for part, name in zip(inner, ("tenantId", "tenantId", "id"), strict=True) if _is_tree(part)]
    return frozenset(str(tenant).lower() for tenant in named if tenant is not None)


def _is_tree(part: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(part, dict)
