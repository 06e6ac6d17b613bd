"""P1: private matters leave no trace, whatever goes wrong; pytest -n 0 -m slow tests/proofs/test_p1_canaries.py."""

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from asaka_bot import app as application
from asaka_bot import server, settings
from asaka_bot.answering.answer import Engine
from asaka_bot.app.application import make_app
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.slack.buttons import Action, Pressed
from asaka_bot.channels.teams.pressed import AskDesk, Vote
from asaka_bot.channels.web import calendar_feed
from asaka_bot.settings import Settings
from asaka_bot.tokyo import now_in_tokyo
from tests.fakes.faults import Fault
from tests.fakes.feedback import offered
from tests.fakes.server import Running, running
from tests.proofs.lives import sqlite_in
from tests.proofs.replicas import Replica, environment, replicas
from tests.proofs.requests import Told, slack_dialog, slack_event, slack_press, teams_message, teams_press
from tests.test_privacy import SENSITIVE

QUESTIONS = Path(__file__).resolve().parents[1] / "questions"
TEXT, PERSON = re.compile(rb"qzx\d{4}w", re.IGNORECASE), re.compile(rb"qzp\d{4}w", re.IGNORECASE)
CONTROL, CONTROL_TEXT = re.compile(rb"qzcontrolw"), "年休は1年に何日もらえますか。qzcontrolw"
BREAKS = "（故障）"  # in a question: the engine fails with an error that quotes it
MARKUP = ("", " <!channel>", " *_~`", " <https://example.jp|ここ>", " =1+1", " <b>&amp;</b>", " {{7*7}} %s")
PLATFORM_FAULTS = (Fault.NONE, Fault.BUSY, Fault.FAIL_AFTER, Fault.DROP_BEFORE)
SENSITIVE_TOPIC = "harassment-consultation"


class Breaking:
    """The engine, failing where a question says so, with what was asked in its error."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.knowledge, self.show = engine.knowledge, engine.show

    def reply(self, text: str, **what: object) -> object:
        if BREAKS in text:
            raise ValueError(f"can't answer {text!r}")
        return self._engine.reply(text, **what)


def private_texts(engine: Engine, count: int) -> list[str]:
    """Questions that the bot knows to be private, each with its own mark."""
    templates = SENSITIVE * 4  # markup can hide what a question is about
    if count > len(SENSITIVE):
        for file in sorted(QUESTIONS.glob("*.jsonl")):
            for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
                topics = [engine.knowledge.topics[topic] for topic in line.get("topics", ())]
                if line.get("kind") == "crisis" or (topics and all(topic.sensitive for topic in topics)):
                    templates.append(line["text"] + "。{}")
    texts = []
    for number, template in enumerate(templates):
        text = template.replace("{}", f"qzx{number:04d}w") + MARKUP[number % len(MARKUP)]
        # What the bot takes for an everyday question is another matter: there the person decides about its text.
        if len(texts) < count and engine.reply(text, now=now_in_tokyo())[0].sensitive:
            texts.append(text)
    assert len(texts) == count
    return texts


class Walk:
    """One person after the other asks the same on every channel, and votes on the answers."""

    def __init__(self, replica: Replica, slack: Running, teams: Running) -> None:
        self._platforms, self._teams = (slack, teams), teams.url
        self._url = replica.url
        # After an error the server closes its connection: each request takes one of its own.
        self._http = httpx2.Client(trust_env=False, timeout=30, limits=httpx2.Limits(max_keepalive_connections=0))

    def ask(self, number: int, text: str, fault: Fault) -> None:
        """Everything that one person does; `fault` is what goes wrong at the platforms next."""
        for platform in self._platforms:
            self._http.post(f"{platform.url}/_control/faults", json={"next": [fault]})
        self._web(text)
        for told in self._told(number, text):
            self._http.post(self._url + told.path, content=told.body, headers=told.headers())

    def _web(self, text: str) -> None:
        answer = self._http.post(f"{self._url}/ask", data={"question": text})
        for form in (offered(answer.text), {"topic": SENSITIVE_TOPIC, "question": text}):
            self._http.post(f"{self._url}/feedback", data=form | {"helpful": "no"})

    def _told(self, number: int, text: str) -> Iterator[Told]:
        person = f"Uqzp{number:04d}w"
        channel = (f"Dqzp{number:04d}w", "C0OPEN", "C0GONE")[number % 3]
        said = text if channel.startswith("D") else f"<@U0BOT> {text}"
        yield slack_event(number, said, channel=channel, user=person)
        unhelpful = Pressed(topic=SENSITIVE_TOPIC, question=text)
        yield slack_press(number, unhelpful, channel=f"D{person[1:]}", user=person, action=Action.FAILED)
        yield slack_dialog(number, text, user=person)
        forged = slack_event(number, text, channel="D1", user=person)
        yield Told(path=forged.path, body=forged.body + b" ", content_type="application/json; forged")
        conversation = "a:blocked" if number % 4 == 1 else f"a:qzp{number:04d}w"
        at = {"service_url": self._teams, "conversation": conversation, "user": person}
        yield teams_message(number, text, **at)
        yield teams_press(number, Vote(topic=SENSITIVE_TOPIC, facet=None, helpful=False, question=text), **at)
        yield teams_press(number + 5_000, AskDesk(topic=SENSITIVE_TOPIC, question=text), **at)
        yield teams_message(number, text, **at, entities=[{"type": "mention", "mentioned": text}])
        yield Told(path="/api/messages", body=text.encode())

    def until_quiet(self, log: Path) -> None:
        """Wait until nothing happens any more."""
        end, before, still = time.monotonic() + 120, -1, 0
        while still < 10 and time.monotonic() < end:
            time.sleep(0.1)
            now = log.stat().st_size + sum(platform.journal.stat().st_size for platform in self._platforms)
            still, before = (still + 1 if now == before else 0), now

    def vote_on_an_everyday_answer(self) -> None:
        """What a person may leave for HR to read."""
        page = self._http.post(f"{self._url}/ask", data={"question": CONTROL_TEXT}).text
        self._http.post(f"{self._url}/feedback", data=offered(page) | {"helpful": "no"})

    def metrics(self) -> bytes:
        return self._http.get(f"{self._url}/metrics").content

    def close(self) -> None:
        self._http.close()


@contextmanager
def without(database: Path, tables: Sequence[str]) -> Iterator[None]:
    """The same database, with tables gone for a while: every statement that needs them fails."""

    def rename(form: str) -> None:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            for table in tables:
                connection.execute(form.format(table))

    rename("ALTER TABLE {0} RENAME TO {0}_gone")
    yield
    rename("ALTER TABLE {0}_gone RENAME TO {0}")


def files_below(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def pages_of_hr(configured: Settings, service: AnswerService) -> Iterator[str]:
    """Every page of the console, and what others fetch of it."""
    with TestClient(make_app(configured, service), base_url="https://testserver") as client:
        link = asyncio.run(application.hr_link(configured, "https://testserver"))
        client.post("/hr/sign-in", data={"token": link.partition("token=")[2]}, follow_redirects=True)
        for path in ("/hr", "/hr/reminders", "/hr/deliveries"):
            page = client.get(path)
            assert page.status_code == 200
            yield unescape(page.text)
        secret = server.secret_key(configured.data_dir)
        for audience in ("everyone", "managers", "hr"):
            yield client.get(calendar_feed.address(secret, audience)).text


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.slow)], ids=["small", "full"])
def test_no_private_word_stays_anywhere(engine, service, tmp_path, figures, count):
    """Neither when all goes well nor when platforms, the engine or the database fail."""
    texts = private_texts(engine, count)
    data = tmp_path / "data"
    data.mkdir()
    database = data / "asaka.db"
    seen: dict[str, bytes] = {}
    with (
        running("slack_server", tmp_path, late_seconds=11.0) as slack,
        running("teams_server", tmp_path, late_seconds=11.0) as teams,
    ):
        given = environment(tmp_path, slack.url, ASAKA_DATABASE_URL=sqlite_in(data))
        with replicas(Breaking(engine), given, tmp_path, 1) as (replica,):
            walk = Walk(replica, slack, teams)
            walk.vote_on_an_everyday_answer()
            half, eighth = count // 2, count // 8
            for number, text in enumerate(texts[:half]):
                slow = count > 100 and number % 20 == 19
                walk.ask(number, text, Fault.LATE if slow else PLATFORM_FAULTS[number % 4])
            walk.until_quiet(replica.log)
            for number, text in enumerate(texts[half : -2 * eighth], start=half):
                walk.ask(number, text + BREAKS, Fault.NONE)
            walk.until_quiet(replica.log)
            for first, gone in ((count - 2 * eighth, ["feedback", "contact_point"]), (count - eighth, ["seen_event"])):
                with without(database, gone):
                    for number, text in enumerate(texts[first : first + eighth], start=first):
                        walk.ask(number, text, Fault.NONE)
                    walk.until_quiet(replica.log)
            seen["files while it runs"] = files_below(data)  # with the write-ahead log
            seen["metrics"] = walk.metrics()
            walk.close()
        seen["log"] = replica.log.read_bytes()
    arrived = len(slack.accepted()) + len(teams.accepted())
    configured = settings.load({name: value for name, value in given.items() if name.startswith("ASAKA_D")})
    seen["pages of HR"] = "\n".join(pages_of_hr(configured, service)).encode()
    seen["export"] = json.dumps(asyncio.run(application.feedback_counts(configured)), ensure_ascii=False).encode()
    asyncio.run(application.backup(configured, copy := tmp_path / "backup", "山田"))
    seen["backup"] = copy.read_bytes()
    seen["files"] = files_below(data)

    found = {place: sorted(set(TEXT.findall(kept))) for place, kept in seen.items()}
    persons = {place: sorted(set(PERSON.findall(seen[place]))) for place in ("log", "metrics", "pages of HR", "export")}
    figures(
        "P1 canaries",
        texts=count,
        answers_at_the_platforms=arrived,
        lines_of_log=seen["log"].count(b"\n"),
        bytes_searched=sum(map(len, seen.values())),
        found=sum(map(len, found.values())),
        persons_found=sum(map(len, persons.values())),
    )
    assert not any(found.values()), found
    assert not any(persons.values()), persons
    # The search can find something, and things did go wrong.
    assert [place for place, kept in seen.items() if CONTROL.search(kept)] == [
        "files while it runs", "export", "backup", "files",
    ]  # fmt: skip
    for event in ("slack_answer_failed", "slack_answer_not_taken", "slack_listener_failed", "teams.reply_failed"):
        assert f'"{event}"'.encode() in seen["log"], event
