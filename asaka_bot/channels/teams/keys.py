"""The public keys with which the Bot Framework signs, fetched in a thread so that nobody waits behind a slow server."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
_FRESH_SECONDS = 86_400.0  # Microsoft asks to fetch the keys again at least once a day
_PAUSE_SECONDS = 300.0  # between fetches: tokens with invented key ids must not make the bot call out
_FIRST_PAUSE_SECONDS = 10.0  # while there is no key at all
_TIMEOUT_SECONDS = 5.0
_FEWEST_BITS = 2_048
_MOST_KEYS = 200
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key, and the platforms that it may sign for (Bot Framework: endorsements)."""

    public: RSAPublicKey
    endorsements: frozenset[str]


@dataclass(slots=True, kw_only=True)
class _Held:
    keys: Mapping[str, Key] = field(default_factory=dict)
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")


class KeyRing:
    """The keys by their ids; only `warm` and an unknown id on an otherwise fitting token make it fetch."""

    def __init__(self, metadata_url: str = METADATA, clock: Callable[[], float] = time.monotonic) -> None:
        self._metadata_url, self._clock = metadata_url, clock
        self._held = _Held()
        self._turn = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None
        self.fetches = 0  # so far

    async def warm(self) -> None:
        """Fetch the keys unless they are fresh; a failure is logged and tried again with the next token."""
        await self._refresh(lambda: self._age() > _FRESH_SECONDS)

    async def find(self, key_id: str) -> Key | None:
        """The key with this id, fetched again where it is unknown, at most every five minutes."""
        if key_id in self._held.keys:
            if self._age() > _FRESH_SECONDS and (self._refreshing is None or self._refreshing.done()):
                self._refreshing = asyncio.create_task(self.warm())  # nobody waits: the key at hand still counts
            return self._held.keys[key_id]
        await self._refresh(lambda: key_id not in self._held.keys)
        return self._held.keys.get(key_id)

    def _age(self) -> float:
        return self._clock() - self._held.fetched_at

    async def _refresh(self, wanted: Callable[[], bool]) -> None:
        async with self._turn:
            pause = _PAUSE_SECONDS if self._held.keys else _FIRST_PAUSE_SECONDS
            if not wanted() or self._clock() - self._held.tried_at < pause:
                return
            self._held.tried_at = self._clock()
            self.fetches += 1
            try:
                keys = await asyncio.to_thread(_fetch, self._metadata_url)
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                log.warning("teams.keys_not_fetched", error=type(error).__name__)
                return
            self._held = _Held(keys=keys, fetched_at=self._clock(), tried_at=self._clock())
            log.info("teams.keys_fetched", count=len(keys))


def _fetch(metadata_url: str) -> Mapping[str, Key]:
    with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client:
        place = client.get(metadata_url).raise_for_status().json()["jwks_uri"]
        if not _trusted(place, metadata_url):
            raise ValueError("the keys lie on another host")
        given: list[Any] = client.get(place).raise_for_status().json()["keys"]
    found = {}
    for entry in given[:_MOST_KEYS]:
        if (key := _key(entry)) is not None:
            found[str(entry["kid"])] = key
    if not found:
        raise ValueError("no usable key")
    return found


def _trusted(place: object, metadata_url: str) -> bool:
    if not isinstance(place, str):
        return False
    url, known = urlsplit(place), urlsplit(metadata_url)
    if known.hostname in _LOOPBACK:  # a server of the tests
        return url.hostname in _LOOPBACK
    host = url.hostname or ""
    return url.scheme == "https" and (host == known.hostname or host.endswith(".botframework.com"))


def _key(entry: Any) -> Key | None:
    """The RSA key of a JWK, None for any other kind or a short one."""
    if not isinstance(entry, dict) or not entry.get("kid") or entry.get("kty") != "RSA":
        return None
    if entry.get("use", "sig") != "sig":
        return None
    try:
        public = jwt.PyJWK(entry, algorithm="RS256").key
    except (jwt.PyJWTError, ValueError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < _FEWEST_BITS:
        return None
    endorsements = entry.get("endorsements")
    return Key(public=public, endorsements=frozenset(map(str, endorsements if isinstance(endorsements, list) else ())))
