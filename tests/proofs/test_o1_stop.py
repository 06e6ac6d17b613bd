"""O1: SIGTERM under load; pytest -n 0 -m slow tests/proofs/test_o1_stop.py."""

import random
import time
from dataclasses import replace

import pytest

from asaka_bot.delivery.worker import Rhythm
from tests.proofs.lives import SLACK, Life, start

PATIENT = replace(SLACK, timeout_seconds=10.0, settle_seconds=60.0, per_destination_seconds=0.0)


@pytest.mark.parametrize("stops", [3, pytest.param(200, marks=pytest.mark.slow)], ids=["small", "full"])
def test_stopping_leaves_nothing_unknown(platform, figures, stops):
    """Asked to stop while calls are under way, a replica ends within 10 s, and each of its calls is recorded."""
    chance = random.Random(1)
    server, ledger = platform("slack", delay_seconds=0.3)
    life = Life(
        url=server.url,
        platform="slack",
        traits=PATIENT,
        database=ledger.database,
        rhythm=Rhythm(),
        lease_margin_seconds=20,
    )
    slowest, unclear, in_flight = 0.0, 0, 0
    for turn in range(stops):
        if ledger.states()["pending"] < 500:
            ledger.broadcast(2000, "slack")
        holder = f"replica-{turn}"
        replica = start(replace(life, holder=holder))
        while holder not in ledger.holders():  # what one before it left in sending would be no sign of life
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.7))
        in_flight += ledger.states()["sending"]
        asked = time.monotonic()
        replica.terminate()
        replica.join(20)
        slowest = max(slowest, time.monotonic() - asked)
        assert replica.exitcode == 0
        states = ledger.states()
        unclear += states["unknown"] + states["sending"] + states["held"]
    verdict = ledger.verdict()
    figures(
        "O1 SIGTERM",
        stops=stops,
        in_flight_when_asked=in_flight,
        slowest_exit=f"{slowest:.1f} s",
        unknown=unclear,
        doubled=verdict.doubled,
    )
    assert in_flight > 0
    assert unclear == 0
    assert slowest <= 10
    assert (verdict.doubled, verdict.strangers) == (0, 0)
    assert verdict.lost == verdict.states["pending"]  # only what has not left yet
