"""D1: kill -9 during broadcasts with slack_sdk on the fake Slack, 8 % faults; pytest -n 0 -m slow tests/proofs/test_d1_slack_kills.py."""

from dataclasses import replace

import pytest

from tests.proofs.kills import Plan, kill_again_and_again
from tests.proofs.lives import SLACK, Life

FAULTS = {"share": 0.08, "late_seconds": 0.8, "delay_seconds": 0.01}


@pytest.mark.parametrize(
    "plan",
    [
        Plan(kills=4, recipients=150, busy_seconds=0.2),
        pytest.param(Plan(kills=1000), marks=pytest.mark.slow),
    ],
    ids=["small", "full"],
)
def test_none_lost_none_doubled(platform, figures, plan):
    """Each delivery of every broadcast stands at the fake Slack exactly once."""
    server, ledger = platform("slack", **FAULTS)
    traits = SLACK if plan.kills > 100 else replace(SLACK, settle_seconds=1.5)
    life = Life(url=server.url, platform="slack", traits=traits, database=ledger.database)
    happened = kill_again_and_again(ledger, life, plan)
    verdict = ledger.verdict()
    figures(
        "D1 Slack",
        kills=happened.kills,
        deliveries=verdict.deliveries,
        in_flight_at_kills=happened.in_flight,
        lost=verdict.lost,
        doubled=verdict.doubled,
        minutes=f"{happened.seconds / 60:.1f}",
    )
    assert (verdict.lost, verdict.doubled, verdict.strangers) == (0, 0, 0)
    assert verdict.states == {"sent": verdict.deliveries}
    assert happened.in_flight > 0
