"""D2: kill -9 during broadcasts with Microsoft's client on the fake Teams, which can't be read back; pytest -n 0 -m slow tests/proofs/test_d2_teams_kills.py."""

import pytest

from tests.proofs.kills import Plan, kill_again_and_again
from tests.proofs.lives import TEAMS, Life

FAULTS = {"share": 0.08, "late_seconds": 0.8, "delay_seconds": 0.01}
KILLED = (
    "サーバーが止まった"  # in the reason of what was in flight at a kill; what the platform left unclear says otherwise
)


@pytest.mark.parametrize(
    "plan",
    [
        Plan(kills=4, recipients=150, busy_seconds=0.2),
        pytest.param(Plan(kills=200), marks=pytest.mark.slow),
    ],
    ids=["small", "full"],
)
def test_none_lost_none_doubled_the_unclear_held(platform, figures, plan):
    """What was in flight is held for a person, everything else stands at the fake Teams exactly once."""
    server, ledger = platform("teams", **FAULTS)
    # A lease long enough that a replica slowed down by a busy machine isn't taken for dead before it is.
    margin = 3.0 if plan.kills > 100 else 0.5
    life = Life(url=server.url, platform="teams", traits=TEAMS, database=ledger.database, lease_margin_seconds=margin)
    ledger.introduce(plan.recipients)
    happened = kill_again_and_again(ledger, life, plan)
    verdict, listed = ledger.verdict(), ledger.held()
    by_kill = sum(KILLED in one.reason for one in listed)
    figures(
        "D2 Teams",
        kills=happened.kills,
        deliveries=verdict.deliveries,
        in_flight_at_kills=happened.in_flight,
        held_by_kills=by_kill,
        held_by_faults=len(listed) - by_kill,
        lost=verdict.lost,
        doubled=verdict.doubled,
        minutes=f"{happened.seconds / 60:.1f}",
    )
    assert (verdict.lost, verdict.doubled, verdict.strangers) == (0, 0, 0)
    assert verdict.states == {"sent": verdict.deliveries - len(listed), "held": len(listed)}
    assert 0 < by_kill <= happened.in_flight
    assert all(one.reason and one.title and one.recipient for one in listed)
