"""The whole product, as shipped, in processes of its own: pages, webhooks, background, and the log that it writes."""

import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from asaka_bot import logs, server, settings
from asaka_bot.answering.answer import Engine
from asaka_bot.app.application import make_app
from asaka_bot.channels.answers import AnswerService, EngineThread
from asaka_bot.metrics import Metrics
from asaka_bot.store.database import Clock
from tests.fakes.slack_bot import SECRET

# Forked, not started anew: a replica takes the trained engine over as it is.
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One replica that serves."""

    url: str
    log: Path  # everything it writes


def environment(folder: Path, slack_url: str, **more: str) -> dict[str, str]:
    """Slack over HTTP with a signing secret, Teams on this computer, everything logged."""
    return {
        "ASAKA_DATA_DIR": str(folder / "data"),
        "ASAKA_LOG_LEVEL": "DEBUG",
        "SLACK_BOT_TOKEN": "xoxb-proof",
        "SLACK_SIGNING_SECRET": SECRET,
        "ASAKA_SLACK_API_URL": f"{slack_url}/api/",
        "ASAKA_TEAMS_LOCAL": "1",
        **more,
    }


@contextmanager
def replicas(
    engine: Engine, given: Mapping[str, str], folder: Path, count: int, clock: Clock | None = None
) -> Iterator[list[Replica]]:
    """Serve with so many replicas until the block ends; then stop them in good order.

    `clock` replaces the database's own.
    """
    made = [Replica(url=_free_url(), log=folder / f"replica-{n}.log") for n in range(count)]
    processes = [_fork.Process(target=_serve, args=(engine, given, each, clock), daemon=True) for each in made]
    for process in processes:
        process.start()
    try:
        for each, process in zip(made, processes, strict=True):
            _until_ready(process, each.url)
        yield made
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(20)
            assert process.exitcode is not None, "a replica did not stop"
    finally:
        for process in processes:
            process.kill()


def _free_url() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def _serve(engine: Engine, given: Mapping[str, str], replica: Replica, clock: Clock | None) -> None:
    """As `asaka-bot serve` does."""
    written = replica.log.open("w", encoding="utf-8", buffering=1)
    for stream in (1, 2):
        os.dup2(written.fileno(), stream)
    sys.stdout = sys.stderr = written
    configured = settings.load(given)
    logs.configure(configured.log_level)
    metrics = Metrics()
    app = make_app(configured, AnswerService(EngineThread(engine), metrics.replied), metrics, clock)
    server.run(app, "127.0.0.1", urlsplit(replica.url).port)


def _until_ready(process: multiprocessing.Process, url: str) -> None:
    end = time.monotonic() + 30
    with httpx2.Client(trust_env=False) as client:
        while time.monotonic() < end:
            assert process.is_alive(), "the replica ended by itself"
            try:
                if client.get(f"{url}/readyz").status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.05)
    raise AssertionError("the replica did not start")
