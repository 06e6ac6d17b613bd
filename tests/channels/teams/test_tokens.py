"""X3: whose requests are believed. Forty tokens and activities, signed with real keys; only the right one passes."""

import asyncio
import base64
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from asaka_bot.channels.teams.keys import KeyRing
from asaka_bot.channels.teams.tokens import RejectedError, TokenCheck
from tests.channels.teams import issuer as issuers
from tests.channels.teams.issuer import CLIENT_ID, SERVICE_URL, TENANT, activity, claims, private_key, token


@pytest.fixture(scope="module")
def issuer():
    with issuers.running() as running:
        yield running


def judge(issuer, authorization, said, ring=None):
    """None where the request is believed, otherwise why not."""

    async def run():
        check = TokenCheck(client_id=CLIENT_ID, tenants=frozenset({TENANT}), keys=ring or KeyRing(issuer.metadata))
        try:
            check.covers(await check.proof(authorization), said)
        except RejectedError as rejected:
            return rejected.reason
        return None

    return asyncio.run(run())


def part(said):
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def unsigned(header, body):
    return f"{part(header)}.{part(body)}."


def public_pem():
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private_key("good").public_key().public_bytes(serialization.Encoding.PEM, form)


def hmac_with_public_key():
    """The classic: the public key taken for the secret of an HMAC."""
    import hashlib
    import hmac

    head = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'good'})}.{part(claims())}"
    signature = hmac.new(public_pem(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def tampered(**changed):
    head, _body, signature = token().split(".")
    return f"{head}.{part(claims(**changed))}.{signature}"


def cases():
    """Name, Authorization header, activity. Made when the tests are collected: none takes longer than an hour."""
    now, good = int(time.time()), f"Bearer {token()}"
    other = "99999999-9999-4999-8999-999999999999"
    by_header = {
        "no header": "",
        "no scheme": token(),
        "basic": "Basic dXNlcjpwYXNz",
        "small letters": f"bearer {token()}",
        "two tokens": f"{good} {token()}",
        "not a token": "Bearer abc",
        "two parts": "Bearer " + ".".join(token().split(".")[:2]),
        "five parts": f"{good}.a.b",
        "too long": "Bearer " + token(padding="x" * 9_000),
        "not base64": "Bearer aaaa.bbbb.cccc",
        "unsigned": "Bearer " + unsigned({"alg": "none", "typ": "JWT", "kid": "good"}, claims()),
        "unsigned with a signature": "Bearer " + unsigned({"alg": "none"}, claims()) + "AAAA",
        "HMAC with the public key": f"Bearer {hmac_with_public_key()}",
        "HMAC with an empty secret": "Bearer "
        + jwt.encode(claims(), "x" * 32, algorithm="HS256", headers={"kid": "good"}),
        "RS384": f"Bearer {token(algorithm='RS384')}",
        "RS512": f"Bearer {token(algorithm='RS512')}",
        "PS256": f"Bearer {token(algorithm='PS256')}",
        "critical header": f"Bearer {token(headers={'crit': ['x'], 'x': 1})}",
        "someone else's key under our id": "Bearer " + token("stranger", headers={"kid": "good"}),
        "unknown key id": f"Bearer {token('stranger')}",
        "a key of its own in the header": "Bearer "
        + token("stranger", headers={"kid": "good", "jwk": issuers.jwk("stranger")}),
        "an address of keys in the header": "Bearer " + token("stranger", headers={"jku": "http://127.0.0.1:9/keys"}),
        "a short key": f"Bearer {token('short')}",
        "a key for another platform": f"Bearer {token('other-platform')}",
        "changed claims": f"Bearer {tampered(serviceurl='https://smba.trafficmanager.net/xx/')}",
        "issuer Entra": "Bearer " + token(iss=f"https://login.microsoftonline.com/{TENANT}/v2.0"),
        "issuer Entra v1": "Bearer " + token(iss=f"https://sts.windows.net/{TENANT}/"),
        "issuer look-alike": f"Bearer {token(iss='https://api.botframework.com.evil.example')}",
        "issuer with a slash": f"Bearer {token(iss='https://api.botframework.com/')}",
        "no issuer": f"Bearer {token(iss=None)}",
        "audience of another bot": f"Bearer {token(aud=other)}",
        "no audience": f"Bearer {token(aud=None)}",
        "several audiences": f"Bearer {token(aud=[CLIENT_ID, other])}",
        "expired": f"Bearer {token(exp=now - 600)}",
        "no expiry": f"Bearer {token(exp=None)}",
        "not yet valid": f"Bearer {token(nbf=now + 3_000)}",
        "no service url": f"Bearer {token(serviceurl=None)}",
        "foreign service url": f"Bearer {token(serviceurl='https://evil.example/')}",
        "tenant of another city in the token": f"Bearer {token(tid=other)}",
    }
    yield from ((name, header, activity()) for name, header in by_header.items())
    yield (
        "foreign service url in both",
        f"Bearer {token(serviceurl='https://evil.example/')}",
        activity(serviceUrl="https://evil.example/"),
    )
    yield "another service url in the activity", good, activity(serviceUrl="https://smba.trafficmanager.net/us/")
    yield "no service url in the activity", good, activity(serviceUrl=None)
    yield "another platform", good, activity(channelId="directline")
    yield "no tenant", good, activity(channelData={}, conversation={"id": "a:1"})
    yield "another tenant", good, activity(channelData={"tenant": {"id": other}})
    yield "another tenant in the conversation", good, activity(conversation={"id": "a:1", "tenantId": other})
    yield "tenant that is no text", good, activity(channelData={"tenant": {"id": [TENANT]}})


CASES = list(cases())


def test_there_are_forty_cases():
    """The figure of the design."""
    assert len(CASES) >= 40


@pytest.mark.parametrize(("authorization", "said"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_wrong_tokens_are_refused(issuer, authorization, said):
    """Each wrong token is refused."""
    assert judge(issuer, authorization, said) is not None


@pytest.mark.parametrize(
    "changed", [{}, {"exp": int(time.time()) - 60}, {"nbf": int(time.time()) + 120}, {"tid": TENANT.upper()}]
)
def test_right_tokens_are_believed(issuer, changed):
    """The right token passes, also where clocks differ by a few minutes: the cases above can fail."""
    assert judge(issuer, f"Bearer {token(**changed)}", activity()) is None
    assert judge(issuer, f"Bearer {token(**changed)}", activity(serviceUrl=SERVICE_URL.rstrip("/"))) is None


def test_tokens_that_prove_nothing_fetch_nothing(issuer):
    """Only a token that looks right may make the keys be fetched; an invented key id does so once in five minutes."""
    fetching = {"someone else's key under our id", "unknown key id", "a short key", "a key for another platform"}
    fetching |= {
        "a key of its own in the header",
        "an address of keys in the header",
        "changed claims",
        "not yet valid",
    }
    fetching |= {
        "no service url",
        "foreign service url",
        "tenant of another city in the token",
        "foreign service url in both",
    }
    issuer.asked.clear()
    for name, authorization, said in CASES:
        if name not in fetching and said == activity():
            judge(issuer, authorization, said)
    assert issuer.asked == []

    async def many():
        ring = KeyRing(issuer.metadata)
        await asyncio.gather(*(ring.find(f"invented-{n}") for n in range(50)))
        return ring.fetches

    assert asyncio.run(many()) == 1


def test_keys_are_fetched_beside_the_event_loop(issuer):
    """While the server of the keys is slow, everything else goes on."""
    issuer.slow_seconds = 0.4

    async def run():
        ring = KeyRing(issuer.metadata)
        fetching = asyncio.create_task(ring.warm())
        longest, last = 0.0, time.monotonic()
        while not fetching.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest, await ring.find("good")

    try:
        longest, key = asyncio.run(run())
    finally:
        issuer.slow_seconds = 0.0
    assert key is not None
    assert longest < 0.3


def test_keys_survive_a_dead_server(issuer):
    """Keys at hand still count when a day later their server does not answer; without any key nobody is believed."""
    clock = [0.0]

    async def run():
        ring = KeyRing(issuer.metadata, clock=lambda: clock[0])
        await ring.warm()
        issuer.down = True
        clock[0] = 90_000.0
        kept = await ring.find("good")
        await asyncio.sleep(0.2)  # the refresh in the background fails
        return kept is not None and await ring.find("good") is not None

    try:
        assert asyncio.run(run())
        assert judge(issuer, f"Bearer {token()}", activity()) == "unknown key"
    finally:
        issuer.down = False


def test_keys_of_another_host_are_not_taken(issuer):
    """Metadata of the Bot Framework may not point to keys elsewhere."""
    from asaka_bot.channels.teams.keys import _trusted

    real = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    assert _trusted("https://login.botframework.com/v1/.well-known/keys", real)
    assert not _trusted("https://evil.example/keys", real)
    assert not _trusted("http://login.botframework.com/keys", real)
    assert not _trusted(None, real)
    assert issuer.metadata
