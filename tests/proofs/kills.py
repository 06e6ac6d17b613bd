"""Kill replicas at any moment, again and again, while broadcasts go out."""

import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from tests.proofs.lives import Ledger, Life, start


@dataclass(slots=True, kw_only=True)
class Killing:
    """What happened."""

    kills: int = 0
    in_flight: int = 0  # deliveries being sent at the kills, all kills together
    broadcasts: int = 0
    takeovers: list[float] = field(default_factory=list)  # seconds until a dead replica's deliveries were settled
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many kills of how many replicas, and what they are busy with."""

    kills: int
    replicas: int = 1
    recipients: int = 2000
    busy_seconds: float = 0.5  # at most so long after the victim began to send
    unprepared: float = 0.1  # of the kills hit a replica in whatever it does, be it starting
    seed: int = 20261122
    patience_seconds: float = 600.0  # for the last life to finish


def kill_again_and_again(ledger: Ledger, life: Life, plan: Plan) -> Killing:
    """Run `plan.replicas`, kill one after the other with SIGKILL and start it again; then let them finish."""
    chance, names, happened, started = random.Random(plan.seed), itertools.count(1), Killing(), time.monotonic()
    replicas = {}
    dead: dict[str, float] = {}

    def born() -> None:
        holder = f"replica-{next(names)}"
        replicas[holder] = start(replace(life, holder=holder))

    for _ in range(plan.replicas):
        born()
    while happened.kills < plan.kills:
        if ledger.states()["pending"] < plan.recipients // 4:
            ledger.broadcast(plan.recipients, life.platform)
            happened.broadcasts += 1
        holder = chance.choice(list(replicas))
        if chance.random() >= plan.unprepared and not _sends(ledger, holder):
            continue
        _watch(ledger, dead, happened, chance.uniform(0, plan.busy_seconds))
        process = replicas.pop(holder)
        assert process.is_alive(), "a replica ended by itself"
        process.kill()
        process.join()
        happened.kills += 1
        if count := ledger.holders()[holder]:
            happened.in_flight += count
            dead[holder] = time.monotonic()
        born()
        if happened.kills % 50 == 0:
            print(f"  {happened.kills} kills, {sum(ledger.states().values()):,} deliveries", flush=True)
    end = time.monotonic() + plan.patience_seconds
    while ledger.open() and time.monotonic() < end:
        _watch(ledger, dead, happened, 0.5)
    assert not ledger.open(), "the last life did not finish in time"
    for process in replicas.values():
        process.terminate()
        process.join(10)
    happened.seconds = time.monotonic() - started
    return happened


def _sends(ledger: Ledger, holder: str) -> bool:
    """Wait until a replica sends; false where the others have left it nothing to send."""
    end = time.monotonic() + 60
    while not ledger.holders()[holder]:
        if not ledger.states()["pending"]:
            return False
        assert time.monotonic() < end, "a replica does not begin to send"
        time.sleep(0.01)
    return True


def _watch(ledger: Ledger, dead: dict[str, float], happened: Killing, seconds: float) -> None:
    """Let time pass, and note when the deliveries of dead replicas have been taken over."""
    end = time.monotonic() + seconds
    while True:
        holders = ledger.holders() if dead else Counter()
        for holder in [holder for holder in dead if not holders[holder]]:
            happened.takeovers.append(time.monotonic() - dead.pop(holder))
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, 0.1))
