"""Two OpenID Connect providers: a real one from npm, and a forger that signs whatever a test wants."""

import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from asaka_bot.account_settings import CALLBACK_PATH, AccountSettings

PACKAGE = "oidc-provider@9.13.3"
FOLDER = Path(__file__).resolve().parents[2] / "var" / "oidc"  # git ignores var/
CLIENT_ID, SECRET = "asaka-bot", "a secret+with/signs%"


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    """One for all forgers: making it takes longer than most of what they are for."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def install() -> str:
    """Install the provider if need be; why it is not there, empty where it is."""
    if (FOLDER / "node_modules").is_dir():
        return ""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node and npm are not installed"
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    made = tempfile.mkdtemp(dir=FOLDER.parent)  # another worker may be at it, too: whoever is first has it
    command = [npm, "install", "--prefix", made, "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)  # noqa: S603
    with suppress(OSError):
        if done.returncode == 0:
            Path(made).rename(FOLDER)
    shutil.rmtree(made, ignore_errors=True)
    return "" if done.returncode == 0 else f"npm could not install {PACKAGE} ({done.returncode})"


@contextmanager
def real_provider(*public_urls: str, in_id_token: bool = True, method: str = "client_secret_post") -> Iterator[str]:
    """The provider from npm, for a bot at `public_urls`; gives the issuer."""
    given = {
        "redirect_uris": [url + CALLBACK_PATH for url in public_urls],
        "in_id_token": in_id_token,
        "method": method,
    }
    script = Path(__file__).with_name("oidc_server.mjs")
    command = ["node", str(script), str(FOLDER / "node_modules"), json.dumps(given)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:  # noqa: S603
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def settings_for(issuer: str, public_url: str) -> AccountSettings:
    return AccountSettings(issuer=issuer, client_id=CLIENT_ID, client_secret=SECRET, public_url=public_url)


def walk(address: str, account: str, home: str) -> str:
    """Sign in at the real provider as a person does; the address below `home` that it sends the browser to."""
    with httpx.Client() as browser:
        answer = browser.get(address)
        for _ in range(20):
            if answer.is_redirect:
                place = urljoin(str(answer.url), answer.headers["location"])
                if place.startswith(home):
                    return place
                answer = browser.get(place)
                continue
            action = re.search(r'action="([^"]+)"', answer.text)[1]
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)[1]
            form = {"prompt": prompt, "login": account, "password": "x"}
            answer = browser.post(urljoin(str(answer.url), action), data=form)
    raise AssertionError("the provider asks without end")


@dataclass
class Forger:
    """A provider that signs what it is told: `claims` and `header` go over what a good token has."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    key: Any = None  # instead of the one that it publishes
    about: dict[str, Any] = field(default_factory=dict)  # goes over its description
    token: str | None = None  # instead of one that is made
    status: int = 200
    nonce: str = ""  # of the last browser that was sent here
    asked: list[dict[str, str]] = field(default_factory=list)  # at the token endpoint
    looks: int = 0  # at its keys
    published: Any = field(default_factory=_rsa_key)
    curve: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    kid: str = "k1"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
            described = {name: self.issuer + place for name, place in places.items()}
            return 200, {"issuer": self.issuer, **described, **self.about}
        if path == "/keys":
            self.looks += 1
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.published.public_key(), as_dict=True)
            curve = jwt.algorithms.ECAlgorithm.to_jwk(self.curve.public_key(), as_dict=True)
            return 200, {"keys": [public | {"kid": self.kid, "use": "sig"}, curve | {"kid": "e1", "alg": "ES256"}]}
        if path == "/token":
            self.asked.append(form)
            return self.status, {"access_token": "a", "token_type": "Bearer", "id_token": self.token or self.signed()}
        return 404, {}

    def signed(self) -> str:
        now = int(time.time())
        good = {
            "iss": self.issuer,
            "sub": "1",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "hanako@city.example",
        }
        claims = {name: value for name, value in {**good, **self.claims}.items() if name not in self.without}
        header = {"kid": self.kid, "alg": "RS256", **self.header}
        algorithm = header.pop("alg")
        headers = {name: value for name, value in header.items() if value is not None}
        key = None if algorithm == "none" else self.key or self.published
        return jwt.encode(claims, key, algorithm=algorithm, headers=headers)

    def sends_back(self, place: str) -> str:
        """The query with which the browser comes back that was sent to `place`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
        self.nonce = asked["nonce"]
        return f"code=c&state={asked['state']}"


@contextmanager
def forging() -> Iterator[Forger]:
    """The forger, at work."""
    forger = Forger()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*forger.answer(self.path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._say(*forger.answer(self.path, {name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, status: int, said: Any) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forger.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield forger
        finally:
            server.shutdown()
            thread.join()
