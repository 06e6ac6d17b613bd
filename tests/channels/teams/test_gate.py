"""X1 and the door itself: what reaches /api/messages unproven does nothing, is not logged, and never becomes a 5xx."""

import json
import logging
import random
import time

import httpx
import pytest

from asaka_bot.channels.teams.channel import Endpoints
from asaka_bot.settings import TeamsSettings
from tests.channels.teams import bot as bots
from tests.channels.teams import issuer as issuers
from tests.channels.teams.issuer import CLIENT_ID, SERVICE_URL, TENANT, activity, token

SETTINGS = TeamsSettings.model_validate(
    {"TEAMS_CLIENT_ID": CLIENT_ID, "TEAMS_CLIENT_SECRET": "secret", "TEAMS_TENANT_ID": TENANT}
)
CANARY = "カナリア7391"


@pytest.fixture(scope="module")
def issuer():
    with issuers.running() as running:
        yield running


@pytest.fixture(scope="module")
def sent():
    return bots.Silent()


@pytest.fixture(scope="module")
def bot(service, issuer, sent):
    with bots.running(service, SETTINGS, Endpoints(login=issuer.url, metadata=issuer.metadata), sent) as running:
        yield running


@pytest.fixture(scope="module")
def local_bot(service):
    with bots.running(service) as running:
        yield running


@pytest.fixture
def client(bot):
    with httpx.Client(base_url=f"http://127.0.0.1:{bot.port}", timeout=20) as opened:
        opened.work = bot.teams._work
        yield opened


def settled(client):
    """What has been acknowledged is acted on in the background: wait until all of it is done."""
    for _ in range(200):
        if not client.work._tasks:
            return
        time.sleep(0.05)
    raise AssertionError("the bot is still busy")


def send(client, said, authorization=None, **headers):
    content = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    given = {"Authorization": authorization} if authorization else {}
    return client.post("/api/messages", content=content, headers={"Content-Type": "application/json"} | given | headers)


def seen(bot):
    time.sleep(0.2)  # what has been acknowledged is acted on in the background
    return len(bot.teams._replying._events.seen)


def test_proven_activities_act_once(client, bot):
    """The same activity delivered a thousand times has one effect."""
    proof = f"Bearer {token()}"
    before = seen(bot)
    said = activity(id="once", type="conversationUpdate", membersAdded=[{"id": f"28:{CLIENT_ID}"}])
    assert {send(client, said, proof).status_code for _ in range(50)} == {200}
    assert seen(bot) == before + 1


def test_the_same_id_elsewhere_is_another_event(client, bot):
    """Ids of activities are moments: two conversations may have the same one."""
    before = seen(bot)
    for conversation in ("a:1one", "a:1two"):
        place = {"id": conversation, "conversationType": "personal", "tenantId": TENANT}
        said = activity(type="conversationUpdate", membersAdded=[{"id": f"28:{CLIENT_ID}"}], conversation=place)
        send(client, said, f"Bearer {token()}")
    assert seen(bot) == before + 2


def test_without_proof_nothing_happens(client, bot):
    """No token, no effect; the answer says nothing."""
    before = seen(bot)
    answer = send(client, activity())
    assert (answer.status_code, answer.content) == (401, b"")
    assert seen(bot) == before


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"{}" * 3,
        b'{"type":"message"}', b'{"type":["message"]}', b'{"type":"message","text":"\\ud800"}', b"9" * 6_000,
    ],
)  # fmt: skip
def test_proven_but_malformed(client, body):
    """Even with a proof, a body that is no activity of ours is refused, never an error of the server."""
    answer = send(client, body, f"Bearer {token()}")
    assert 200 <= answer.status_code < 500


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "typing"},
        {"type": "invoke", "name": "new/thing", "value": {}},
        {"type": "installationUpdate", "action": "add-upgrade"},
        {"type": "event", "name": "x"},
    ],
)
def test_what_we_do_not_know_is_accepted_and_ignored(client, changed):
    """New kinds of events are no reason for Teams to try again."""
    assert send(client, activity(**changed), f"Bearer {token()}").status_code == 200


def test_local_work_is_for_this_computer(local_bot):
    """Unsigned requests count only from here, undisguised, and with a service URL on this computer."""
    with httpx.Client(base_url=f"http://127.0.0.1:{local_bot.port}") as client:
        here = activity(serviceUrl="http://127.0.0.1:9/", type="conversationUpdate")
        assert send(client, here).status_code == 200
        assert send(client, here, **{"X-Forwarded-For": "203.0.113.1"}).status_code == 401
        assert send(client, activity(serviceUrl=SERVICE_URL)).status_code == 401


def fuzzed(count, seed=3):
    """Bodies and headers of all kinds: noise, broken JSON, activities with something exchanged, tokens of all sorts."""
    chance = random.Random(seed)
    proof = token()
    odd = [None, 7, True, [], {}, "", "\x00", "x" * 3_000, CANARY, {"id": CANARY}, [[]], -1e308]
    for _ in range(count):
        said = activity(text=f"上司の{CANARY}からパワハラを受けています")
        for _ in range(chance.randint(0, 4)):
            said[chance.choice([*said, "value", "entities", CANARY])] = chance.choice(odd)
        body = json.dumps(said, ensure_ascii=chance.random() < 0.5).encode()
        match chance.randint(0, 5):
            case 0:
                body = body[: chance.randint(0, len(body))]
            case 1:
                body = bytes(chance.randrange(256) for _ in range(chance.randint(0, 300)))
            case 2:
                cut = chance.randint(0, len(body))
                body = body[:cut] + bytes([chance.randrange(256)]) + body[cut:]
        letters = list(proof)
        spot = chance.randrange(len(letters) - 1)  # the last letter carries bits that do not count
        letters[spot] = "A" if letters[spot] != "A" else "B"
        authorization = chance.choice(
            ["", "Bearer", f"Bearer {''.join(letters)}", f"Bearer {proof}x.y", f"Basic {proof}", "Bearer a.b.c",
             "Bearer " + "".join(chance.choice("abc._-AZ09=") for _ in range(chance.randint(1, 400)))]
        )  # fmt: skip
        kind = chance.choice(["application/json", "text/plain", "", "multipart/form-data; boundary=x"])
        yield (
            body,
            {
                "Authorization": authorization,
                "Content-Type": kind,
                f"X-{chance.randint(0, 99)}": "y" * chance.randint(0, 500),
            },
        )


def fuzz(bot, count, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    before = seen(bot)
    statuses = {}
    with httpx.Client(base_url=f"http://127.0.0.1:{bot.port}", timeout=20) as client:
        for body, headers in fuzzed(count):
            status = client.post("/api/messages", content=body, headers=headers).status_code
            statuses[status] = statuses.get(status, 0) + 1
    output = capfd.readouterr()
    # httpx is the client of this test; whatever else has logged belongs to the bot.
    logged = "".join(r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore")))
    assert not [status for status in statuses if status < 400 or status >= 500], statuses
    assert seen(bot) == before
    assert CANARY not in logged + output.out + output.err
    assert "パワハラ" not in logged + output.out + output.err
    assert "29:1person" not in logged + output.out + output.err


def test_fuzzed_requests_are_refused(bot, caplog, capfd):
    """Of 400 fuzzed requests none is accepted, none becomes a 5xx, none is logged."""
    fuzz(bot, 400, caplog, capfd)


@pytest.mark.slow
def test_ten_thousand_fuzzed_requests_are_refused(bot, caplog, capfd):
    """X1 at its size."""
    fuzz(bot, 10_000, caplog, capfd)


def mutated(count, seed=5):
    """A valid request with something in its body exchanged."""
    chance = random.Random(seed)
    odd = [None, 7, True, [], {}, "", "\x00", "x" * 3_000, {"id": "x"}, [[]], [None], {"tenant": 1}, "\ud800"]
    for _ in range(count):
        said = activity(
            type=chance.choice(["message", "invoke", "conversationUpdate", "installationUpdate"]),
            name="adaptiveCard/action",
        )
        said["value"] = {"action": {"type": "Action.Execute", "verb": "show", "data": {"topic": "care-leave"}}}
        for _ in range(chance.randint(1, 4)):
            part = chance.choice([said, said["value"], said["value"]]) if isinstance(said.get("value"), dict) else said
            part[chance.choice(list(part) or ["x"])] = chance.choice(odd)
        yield said


def test_proven_but_mutated(client, caplog):
    """A valid token around 300 mutated activities: never an error of the server."""
    caplog.set_level(logging.DEBUG)
    proof = f"Bearer {token()}"
    for said in mutated(300):
        answer = send(client, json.dumps(said).encode(), proof)
        assert answer.status_code < 500, said
    assert "朝霞 花子" not in "".join(r.getMessage() for r in caplog.records if not r.name.startswith("http"))


PERSON = "33333333-3333-4333-8333-333333333333"
GROUP = {"id": "19:group@thread.v2", "conversationType": "groupChat", "tenantId": TENANT, "isGroup": True}


def ask(client, text, number, group=False):
    said = activity(id=f"{number}", text=text)
    if group:
        mention = {
            "type": "mention",
            "mentioned": {"id": f"28:{CLIENT_ID}", "name": "Asaka Bot"},
            "text": "<at>Asaka Bot</at>",
        }
        said |= {
            "conversation": GROUP,
            "text": f"<at>Asaka Bot</at>&nbsp;{text}",
            "textFormat": "xml",
            "entities": [mention],
        }
    assert send(client, said, f"Bearer {token()}").status_code == 200
    settled(client)


def test_a_person_becomes_known_with_the_first_message(client, bot, sent):
    """Entra id, conversation, tenant, service URL and e-mail are kept, nothing of what was said."""
    ask(client, "介護休暇は何日ですか", "first")
    point = bot.book.points["teams", PERSON]
    assert (point.address, point.tenant, point.email) == ("a:1conversation", TENANT, "hanako@example.jp")
    assert point.service_url == SERVICE_URL
    assert sent.posted[-1][0] == "a:1conversation"


def test_a_group_learns_nothing_and_a_block_is_remembered(client, bot, sent):
    """The private answer goes to the personal chat; whoever has removed the bot there gets a way to open it."""
    ask(client, "介護休暇は何日ですか", "known")
    sent.posted.clear()
    ask(client, "不妊治療のための休暇はありますか", "g1", group=True)
    assert [conversation for conversation, _text in sent.posted] == ["a:1conversation", GROUP["id"]]
    assert "不妊" not in sent.posted[1][1]
    sent.blocked.add("a:1conversation")
    ask(client, "不妊治療のための休暇はありますか", "g2", group=True)
    sent.blocked.clear()
    assert bot.book.points["teams", PERSON].reachable is False
    assert sent.posted[-1][0] == GROUP["id"]
    assert f"users=28:{CLIENT_ID}" in sent.posted[-1][1]
    assert "不妊" not in sent.posted[-1][1]


def test_removing_the_bot_is_noted(client, bot):
    """After an uninstall nobody is written to; after another install they are again."""
    for action, reachable in (("remove", False), ("add", True)):
        said = activity(type="installationUpdate", action=action, id=f"install-{action}")
        assert send(client, said, f"Bearer {token()}").status_code == 200
        settled(client)
        assert bot.book.points["teams", PERSON].reachable is reachable


@pytest.mark.parametrize(
    "question",
    [
        "上司の{}からパワハラを受けています",
        "もう死にたいです。{}",
        "夫の{}に殴られています",
        "不妊治療で{}病院に通います",
        "うつ病と診断されました。{}",
    ],
)
def test_private_questions_leave_no_trace(client, bot, sent, caplog, capfd, question):
    """P1: what people write about private matters is not logged, not repeated, not kept, also where sending fails."""
    caplog.set_level(logging.DEBUG)
    asked = question.format(CANARY)
    sent.posted.clear()
    ask(client, asked, f"canary-{question}")
    assert sent.posted
    sent.blocked.add("a:1conversation")
    ask(client, asked, f"canary-blocked-{question}")
    sent.blocked.clear()
    output = capfd.readouterr()
    logged = "".join(r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore")))
    kept = repr(bot.feedback.votes) + repr(bot.book.points) + repr(bot.teams._replying._dialogue._contexts._kept)
    kept += repr(bot.teams._replying._dialogue.votes._shown)
    assert CANARY not in logged + output.out + output.err + kept + repr(sent.posted)
