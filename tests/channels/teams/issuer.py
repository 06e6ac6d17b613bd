"""A Bot Framework of our own: OpenID metadata, keys and a login over real HTTP, and tokens signed with real RSA keys."""

import json
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.warnings import InsecureKeyLengthWarning

CLIENT_ID = "11111111-1111-4111-8111-111111111111"
TENANT = "22222222-2222-4222-8222-222222222222"
SERVICE_URL = "https://smba.trafficmanager.net/jp/"
ISSUER = "https://api.botframework.com"


@cache
def private_key(name: str, bits: int = 2048) -> RSAPrivateKey:  # noqa: ARG001 - one key a name
    return generate_private_key(public_exponent=65537, key_size=bits)


def jwk(name: str, bits: int = 2048, **more: Any) -> dict[str, Any]:
    public = json.loads(RSAAlgorithm.to_jwk(private_key(name, bits).public_key()))
    return {key: public[key] for key in ("kty", "n", "e")} | {"use": "sig", "kid": name} | more


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": ISSUER, "aud": CLIENT_ID, "iat": now, "nbf": now, "exp": now + 3600, "serviceurl": SERVICE_URL}
    return {key: value for key, value in (said | changed).items() if value is not None}


def token(key: str = "good", *, algorithm: str = "RS256", headers: dict[str, Any] | None = None, **changed: Any) -> str:
    """A token signed by the key with the name `key`; a claim set to None is left out."""
    bits = 1024 if key == "short" else 2048
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)  # the short key is one of the wrong ones
        return jwt.encode(
            claims(**changed), private_key(key, bits), algorithm=algorithm, headers={"kid": key} | (headers or {})
        )


def activity(**changed: Any) -> dict[str, Any]:
    """A message in a personal chat, as Teams sends it."""
    return {
        "type": "message", "id": "1485983408511", "channelId": "msteams", "serviceUrl": SERVICE_URL,
        "text": "介護休暇は何日ですか", "textFormat": "plain", "timestamp": "2026-11-22T01:00:00.000Z",
        "from": {"id": "29:1person", "name": "朝霞 花子", "aadObjectId": "33333333-3333-4333-8333-333333333333"},
        "recipient": {"id": f"28:{CLIENT_ID}", "name": "Asaka Bot"},
        "conversation": {"id": "a:1conversation", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
    } | changed  # fmt: skip


@dataclass(slots=True)
class Issuer:
    """The running server and what was asked of it."""

    url: str
    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    login: tuple[int, dict[str, Any]] = (200, {"access_token": "bot-token", "expires_in": 3600, "token_type": "Bearer"})
    slow_seconds: float = 0.0
    down: bool = False

    @property
    def metadata(self) -> str:
        return f"{self.url}/v1/.well-known/openidconfiguration"


@contextmanager
def running() -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            time.sleep(issuer.slow_seconds)
            if issuer.down:
                self._say(503, {})
            elif self.path.endswith("openidconfiguration"):
                self._say(200, {"issuer": ISSUER, "jwks_uri": f"{issuer.url}/v1/.well-known/keys"})
            else:
                self._say(200, {"keys": issuer.keys})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            issuer.asked.append(self.path)
            self._say(*issuer.login)

        def _say(self, status: int, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    issuer.keys = [
        jwk("good", endorsements=["msteams", "acs"]),
        jwk("other-platform", endorsements=["skype"]),
        jwk("short", 1024, endorsements=["msteams"]),
    ]
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
