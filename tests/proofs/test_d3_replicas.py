"""D3: four replicas on one PostgreSQL, killed one after the other; pytest -n 0 -m slow tests/proofs/test_d3_replicas.py."""

import time
from dataclasses import replace

import pytest

from asaka_bot.delivery.channel import Traits
from asaka_bot.delivery.worker import Rhythm
from tests.proofs.kills import Plan, kill_again_and_again
from tests.proofs.lives import SLACK, Life, start

FAULTS = {"share": 0.08, "late_seconds": 1.5, "delay_seconds": 0.02}
# Four replicas and a database on two cores are slow at times; a call must still end well before its lease.
TRAITS = replace(SLACK, timeout_seconds=1.0, settle_seconds=6.0)


@pytest.mark.parametrize(
    "plan",
    [
        Plan(kills=4, replicas=2, recipients=150, busy_seconds=0.2),
        pytest.param(Plan(kills=300, replicas=4), marks=pytest.mark.slow),
    ],
    ids=["small", "full"],
)
def test_none_lost_none_doubled_by_replicas(platform, postgresql, figures, plan):
    """Replicas share the deliveries, and take over those of a dead one, each standing there exactly once."""
    server, ledger = platform("slack", postgresql, **FAULTS)
    traits = TRAITS if plan.kills > 100 else replace(SLACK, settle_seconds=2.0)
    margin = 2.0 if plan.kills > 100 else 0.5
    life = Life(url=server.url, platform="slack", traits=traits, database=postgresql, lease_margin_seconds=margin)
    happened = kill_again_and_again(ledger, life, plan)
    verdict = ledger.verdict()
    figures(
        "D3 PostgreSQL",
        replicas=plan.replicas,
        kills=happened.kills,
        deliveries=verdict.deliveries,
        in_flight_at_kills=happened.in_flight,
        lost=verdict.lost,
        doubled=verdict.doubled,
        slowest_takeover=f"{max(happened.takeovers):.1f} s",
        minutes=f"{happened.seconds / 60:.1f}",
    )
    assert (verdict.lost, verdict.doubled, verdict.strangers) == (0, 0, 0)
    assert verdict.states == {"sent": verdict.deliveries}
    assert max(happened.takeovers) <= 60


@pytest.mark.slow
def test_takeover_with_the_times_of_production(platform, postgresql, figures):
    """With the shipped timeout and lease, another replica takes a dead one's deliveries over within 60 s."""
    server, ledger = platform("slack", postgresql, delay_seconds=0.2)
    life = Life(
        url=server.url,
        platform="slack",
        traits=Traits(read_back=True, update=True),
        database=postgresql,
        lease_margin_seconds=20.0,
        rhythm=Rhythm(),
    )
    slowest = 0.0
    for turn in range(3):
        ledger.broadcast(2000, "slack")
        victim, heir = (start(replace(life, holder=f"{name}-{turn}")) for name in ("victim", "heir"))
        while not ledger.holders()[f"victim-{turn}"]:
            time.sleep(0.05)
        victim.kill()
        victim.join()
        killed_at = time.monotonic()
        while ledger.holders()[f"victim-{turn}"]:
            time.sleep(0.1)
        slowest = max(slowest, time.monotonic() - killed_at)
        heir.terminate()
        heir.join()
    figures("D3 takeover with the shipped times", slowest=f"{slowest:.1f} s")
    assert slowest <= 60
