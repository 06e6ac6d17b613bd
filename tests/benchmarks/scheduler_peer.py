"""The same broadcast the way it is often done: one APScheduler job for each recipient, kept in its own job store."""

import os
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from sqlalchemy import create_engine, text

from tests.fakes.server import Running
from tests.proofs.nursery import nursery

_TABLE = "apscheduler_jobs"


def post(url: str, marker: str, to: str) -> None:
    """The job: one message, with a mark by which it is counted."""
    metadata = {"event_type": "peer", "event_payload": {"delivery": marker}}
    headers = {"Authorization": "Bearer x"}
    body = {"channel": to, "text": "本日はノー残業デーです", "metadata": metadata}
    httpx2.post(
        f"{url}/api/chat.postMessage", json=body, headers=headers, trust_env=False, timeout=10
    ).raise_for_status()


def _scheduler(database: str):
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    # No misfire grace time: what comes due while the process is down runs late instead of never.
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=database, tablename=_TABLE)},
        executors={"default": ThreadPoolExecutor(16)},
        job_defaults={"misfire_grace_time": None, "coalesce": True},
        timezone=UTC,
    )


def run(database: str) -> None:
    """Work the job store off until killed."""
    sys.stderr = open("/dev/null", "w")  # noqa: SIM115, PTH123 - for as long as the process lives
    _scheduler(database).start()
    time.sleep(3600)


def add(database: str, url: str, first: int, count: int) -> None:
    """A broadcast: a job due now for each recipient."""
    scheduler = _scheduler(database)
    scheduler.start(paused=True)
    now = datetime.now(UTC)
    for number in range(first, first + count):
        to = f"D{number - first:06d}"
        scheduler.add_job(post, "date", run_date=now, args=(url, f"peer-{number}", to), id=f"peer-{number}")
    os._exit(0)  # its shutdown would begin to run jobs


def killed(server: Running, folder: Path, *, kills: int, recipients: int, busy_seconds: float) -> tuple[int, int, int]:
    """Kill it so often while it sends; then let it finish: (deliveries, lost, doubled)."""
    database, chance, added = f"sqlite:///{folder / 'jobs.db'}", random.Random(1), 0
    engine = create_engine(database)

    def left() -> int:
        with engine.connect() as connection:
            return connection.execute(text(f"SELECT count(*) FROM {_TABLE}")).scalar_one()  # noqa: S608

    def child(target, *arguments):
        started = nursery.Process(target=target, args=arguments, daemon=True)
        started.start()
        return started

    def broadcast() -> None:
        child(add, database, server.url, added, recipients).join()

    broadcast()
    added += recipients
    for _ in range(kills):
        if left() < recipients // 4:
            broadcast()
            added += recipients
        before = len(server.accepted())
        replica = child(run, database)
        while len(server.accepted()) == before:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, busy_seconds))
        replica.kill()
        replica.join()
    replica = child(run, database)
    while left():
        time.sleep(0.2)
    time.sleep(2)  # for the jobs that have left the store but not yet the threads
    replica.kill()
    replica.join()
    engine.dispose()
    arrived = Counter(line["marker"] for line in server.accepted())
    lost = sum(not arrived[f"peer-{number}"] for number in range(added))
    return added, lost, sum(count > 1 for count in arrived.values())
