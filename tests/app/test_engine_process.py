"""Where the engine works: in a thread or in a process of its own, with the same replies."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from asaka_bot import app, settings
from asaka_bot.answering.answer import Engine
from asaka_bot.app.engine_process import EngineProcess
from asaka_bot.channels.answers import AnswerService, EngineHost, EngineThread
from asaka_bot.errors import KnowledgeError
from asaka_bot.knowledge import files
from asaka_bot.messages import Decision, Reply
from tests.conftest import CACHE


@pytest.fixture(scope="module")
def process(engine: Engine) -> Iterator[EngineProcess]:  # noqa: ARG001 - which has filled the cache
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


def test_work_that_ends_every_process_is_given_up(process: EngineProcess) -> None:
    with pytest.raises(BrokenProcessPool):
        asyncio.run(process.run(_end))
    assert asyncio.run(process.run(_process_id)) > 0  # the next question has a process again


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
