"""D8: a broadcast cancelled while it goes out; pytest -n 0 -m slow tests/proofs/test_d8_cancel.py."""

import random
import time
from dataclasses import replace

import pytest

from tests.fakes.faults import Fault
from tests.proofs.lives import SLACK, Life, start

# Not LATE: what the platform accepts long after the caller gave up has left before, but arrives afterwards.
FAULTS = [fault for fault in Fault if fault not in (Fault.NONE, Fault.LATE)]


@pytest.mark.parametrize(
    ("turns", "recipients"), [(1, 200), pytest.param(40, 2000, marks=pytest.mark.slow)], ids=["small", "full"]
)
def test_at_most_the_ones_in_flight_still_leave(platform, figures, turns, recipients):
    """After the cancellation nothing arrives but what was in flight, and the balance is even."""
    chance = random.Random(8)
    server, ledger = platform("slack", delay_seconds=0.02, share=0.05, kinds=FAULTS)
    traits = replace(SLACK, settle_seconds=1.0)
    replica = start(Life(url=server.url, platform="slack", traits=traits, database=ledger.database))
    late = cancelled = most = 0
    for _ in range(turns):
        before = len(server.accepted())
        id_ = ledger.broadcast(recipients, "slack")
        while len(server.accepted()) - before < chance.randint(20, recipients // 2):
            time.sleep(0.02)
        cancelled += ledger.cancel(id_)
        moment = time.time()
        while ledger.open():
            time.sleep(0.05)
        arrived = sum(line["at"] > moment for line in server.accepted())
        late, most = late + arrived, max(most, arrived)
    replica.terminate()
    replica.join()
    verdict = ledger.verdict()
    figures(
        "D8 cancel",
        broadcasts=turns,
        deliveries=verdict.deliveries,
        cancelled=cancelled,
        arrived_afterwards=late,
        most_at_once=most,
        permitted=SLACK.concurrency,
        lost=verdict.lost,
        doubled=verdict.doubled,
    )
    assert most <= SLACK.concurrency
    assert (verdict.lost, verdict.doubled, verdict.strangers) == (0, 0, 0)
    assert verdict.states["sent"] + verdict.states["cancelled"] == turns * recipients
