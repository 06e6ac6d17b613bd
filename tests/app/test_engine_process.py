"""Where the engine works: in a thread or in a process of its own, with the same replies."""

import asyncio
import gc
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from asaka_bot import app, settings
from asaka_bot.answering.answer import Engine
from asaka_bot.app.engine_process import EngineProcess
from asaka_bot.channels.answers import AnswerService, EngineHost, EngineThread
from asaka_bot.errors import EngineError, KnowledgeError
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.messages import Decision, Reply
from tests.conftest import CACHE
from tests.fakes.engines import prepare_nothing


@pytest.fixture(scope="module")
def process(engine: Engine) -> Iterator[EngineProcess]:  # noqa: ARG001 - which has filled the cache
    host = EngineProcess(files.SHIPPED, CACHE)
    yield host
    host.close()


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineProcess]:
    """Processes that don't answer, for tests about how they begin and end."""
    monkeypatch.setattr("asaka_bot.app.engine_process._prepare", prepare_nothing)
    host = EngineProcess(files.SHIPPED, CACHE)
    yield host
    host.close()


@pytest.fixture(params=["thread", "process"])
def host(request: pytest.FixtureRequest, engine: Engine, process: EngineProcess) -> EngineHost:
    return process if request.param == "process" else EngineThread(engine)


def _replies(host: EngineHost, questions: Sequence[str]) -> list[Reply]:
    async def work() -> list[Reply]:
        service = AnswerService(host)
        return [reply for reply, _ in await asyncio.gather(*(service.reply(question) for question in questions))]

    return asyncio.run(work())


def _process_id(_engine: Engine) -> int:
    return os.getpid()


def _fail(_engine: Engine) -> int:
    raise ValueError("no")


def _end(_engine: Engine) -> int:
    os._exit(1)


def _end_early(_knowledge: KnowledgeBase, _cache: Path) -> bool:
    os._exit(1)  # as the system ends a process that takes too much memory


def test_replies_and_follow_ups(host: EngineHost, engine: Engine) -> None:
    counted: list[tuple[Decision, float]] = []

    async def work() -> None:
        service = AnswerService(host, lambda decision, seconds: counted.append((decision, seconds)))
        reply, context = await service.reply("育児休業はいつまで取れますか")
        assert reply == engine.reply("育児休業はいつまで取れますか", now=context.at)[0]
        following, after = await service.reply("給料は？", context=context)
        assert following == engine.reply("給料は？", now=after.at, context=context)[0]
        assert following != (await service.reply("給料は？"))[0]

    asyncio.run(work())
    assert [decision for decision, _ in counted] == [Decision.ANSWER, Decision.ANSWER, counted[-1][0]]
    assert all(0 < seconds < 5 for _, seconds in counted)


def test_many_at_once_get_their_own(host: EngineHost) -> None:
    questions = ["介護休暇は何日ですか", "年次有給休暇は何日もらえますか", "育児休業とは"] * 5
    topics = [reply.topic for reply in _replies(host, questions)]
    assert topics == topics[:3] * 5
    assert len(set(topics)) == 3


def test_danger_in_a_text_for_somebody_else(host: EngineHost) -> None:
    async def work() -> tuple[Reply | None, Reply | None]:
        service = AnswerService(host)
        return await service.urgent("もう死にたいです"), await service.urgent("研修に参加します")

    found, nothing = asyncio.run(work())
    assert found is not None
    assert (found.decision, nothing) == (Decision.URGENT, None)


def test_an_error_reaches_who_asked_and_nobody_else(host: EngineHost) -> None:
    with pytest.raises(ValueError, match="no"):
        asyncio.run(host.run(_fail))
    assert asyncio.run(host.run(_process_id)) > 0


def test_it_is_another_process(process: EngineProcess) -> None:
    assert asyncio.run(process.run(_process_id)) != os.getpid()


def test_a_killed_process_is_replaced_and_no_question_lost(process: EngineProcess) -> None:
    victim = asyncio.run(process.run(_process_id))
    threading.Timer(0.05, os.kill, (victim, signal.SIGKILL)).start()  # while questions wait
    replies = _replies(process, ["育休はいつまで取れますか"] * 200)
    assert {reply.decision for reply in replies} == {Decision.ANSWER}
    assert asyncio.run(process.run(_process_id)) != victim


def test_work_that_ends_every_process_is_given_up(lives: EngineProcess) -> None:
    with pytest.raises(BrokenProcessPool):
        asyncio.run(lives.run(_end))
    assert asyncio.run(lives.run(_process_id)) > 0  # the next question has a process again


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_signals_of_a_service_leave_it_to_the_parent(process: EngineProcess, stop: signal.Signals) -> None:
    before = asyncio.run(process.run(_process_id))
    os.kill(before, stop)
    assert asyncio.run(process.run(_process_id)) == before


def test_it_ends_with_a_parent_that_is_killed(engine: Engine) -> None:  # noqa: ARG001 - which has filled the cache
    told = (
        "import asyncio, time; from pathlib import Path; from tests.app import test_engine_process as t;"
        "host = t.EngineProcess(t.files.SHIPPED, t.CACHE); print(asyncio.run(host.run(t._process_id)), flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", told], stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    end = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize(
    ("slack", "ready", "stop"),
    [
        (True, "準備", signal.SIGTERM),  # in the middle of it
        pytest.param(True, "準備", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(True, "", signal.SIGINT, marks=pytest.mark.slow),  # while the process starts
        pytest.param(False, "準備", signal.SIGTERM, marks=pytest.mark.slow),
        (False, "準備", signal.SIGINT),
    ],
)
def test_a_stop_during_the_first_preparation(tmp_path: Path, slack: bool, ready: str, stop: signal.Signals) -> None:
    settings_ = {"ASAKA_DATA_DIR": str(tmp_path)}
    if slack:
        settings_ |= {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_SIGNING_SECRET": "s" * 32}
    bot = subprocess.Popen(
        [sys.executable, "-m", "asaka_bot", "serve", "--port", "8393"],
        env=os.environ | settings_,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509 - nothing else of this process is touched
    )
    try:
        assert bot.stderr is not None
        if ready:
            assert ready in bot.stderr.readline()
        else:
            while len(_session(bot.pid)) < 3:  # the tracker of the standard library is there too
                time.sleep(0.01)
        os.killpg(bot.pid, stop)
        bot.wait(timeout=20)  # the preparation takes longer
        end = time.monotonic() + 10
        while _session(bot.pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert _session(bot.pid) == []
        assert "Traceback" not in bot.stderr.read()
    finally:
        for left in _session(bot.pid):
            os.kill(left, signal.SIGKILL)
        bot.communicate()


def _hear_interrupts() -> None:
    """A shell starts what runs in its background deaf to Ctrl+C, and so would be the bot."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _session(leader: int) -> list[int]:
    """The living processes of a session, those that have lost their parent as well."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _parent, _group, session = (process / "stat").read_text().rsplit(")", 1)[1].split()[:4]
            if int(session) == leader and state != "Z":
                found.append(int(process.name))
    return found


def test_an_engine_that_cannot_be_prepared_is_tried_again(engine: Engine) -> None:  # noqa: ARG001 - the cache
    host = EngineProcess(files.SHIPPED, CACHE)
    try:
        knowledge, host.knowledge = host.knowledge, replace(host.knowledge, topics=None)  # type: ignore[arg-type]
        with pytest.raises(BrokenProcessPool):
            asyncio.run(host.run(_end))
        with pytest.raises(BrokenProcessPool):
            asyncio.run(host.run(_process_id))
        host.knowledge = knowledge
        assert asyncio.run(host.run(_process_id)) > 0
    finally:
        host.close()


def test_a_new_process_knows_what_the_first_one_knew(engine: Engine, tmp_path: Path) -> None:  # noqa: ARG001
    shutil.copytree(files.SHIPPED, tmp_path / "knowledge")
    host = EngineProcess(tmp_path / "knowledge", CACHE)
    try:
        before = asyncio.run(host.run(_process_id))
        shutil.rmtree(tmp_path / "knowledge")  # an edit that is not finished
        os.kill(before, signal.SIGKILL)
        (reply,) = _replies(host, ["育休はいつまで取れますか"])
        assert reply.topic in host.knowledge.topics
    finally:
        host.close()


def test_many_lives_leave_nothing_open(lives: EngineProcess) -> None:
    def opened() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), len(multiprocessing.active_children())

    asyncio.run(lives.run(_process_id))
    gc.collect()
    before = opened()
    for _ in range(2):
        with pytest.raises(BrokenProcessPool):
            asyncio.run(lives.run(_end))
    asyncio.run(lives.run(_process_id))
    gc.collect()
    assert opened() == before


def test_a_process_that_ends_while_it_prepares_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asaka_bot.app.engine_process._prepare", _end_early)
    with pytest.raises(EngineError, match="メモリー"):
        EngineProcess(files.SHIPPED, CACHE)


def test_problems_of_the_knowledge_base_are_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError):
        EngineProcess(tmp_path, CACHE)


@pytest.mark.parametrize("slack", [False, True])
def test_only_chat_platforms_pay_for_a_process(
    engine: Engine,  # noqa: ARG001 - which has filled the cache
    tmp_path: Path,
    slack: bool,
) -> None:
    (tmp_path / "cache").symlink_to(CACHE)
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_SIGNING_SECRET": "s" * 32}
    made = app.engine_host(settings.load({"ASAKA_DATA_DIR": str(tmp_path)} | (tokens if slack else {})))
    try:
        assert isinstance(made, EngineProcess if slack else EngineThread)
    finally:
        made.close()
