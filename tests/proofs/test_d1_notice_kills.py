"""D1 through HR's notices: kill -9 while they are expanded, approved and sent; pytest -n 0 -m slow tests/proofs/test_d1_notice_kills.py."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from asaka_bot.broadcasts.notice import NoticeState
from tests.proofs.lives import SLACK, Ledger, Life, nursery
from tests.proofs.offices import NoticeBook, Phase, open_office

FAULTS = {"share": 0.08, "late_seconds": 0.8, "delay_seconds": 0.01}
ACTIONS = ("notice.write", "notice.submit", "notice.approve", "notice.send")
_AIMS = {"expanding", "approving", "sending"}
_AHEAD = {
    NoticeState.DRAFT: (Phase.EXPANDING, Phase.APPROVING),
    NoticeState.AWAITING: (Phase.APPROVING,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many kills, and how many people each notice goes to."""

    kills: int
    people: int = 2000
    most_of_a_step: int = 6  # kills of one expansion, and of one approval
    busy_seconds: float = 0.5  # at most so long after the first delivery, before the kill
    step_seconds: float = 0.25  # the same after an expansion or an approval began
    unprepared: float = 0.1  # of the kills hit whatever it does, be it starting


@dataclass(slots=True)
class Happened:
    """The kills, by what they hit."""

    kills: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0


@pytest.mark.parametrize(
    "plan",
    [
        Plan(kills=4, people=80, most_of_a_step=1, busy_seconds=0.2, step_seconds=0, unprepared=0),
        pytest.param(Plan(kills=1000), marks=pytest.mark.slow),
    ],
    ids=["small", "full"],
)
def test_each_person_has_one_copy_of_each_notice(platform, figures, plan):
    """Nobody is left out, nobody gets two, the live page balances at every look, and the audit log is whole."""
    server, ledger = platform("slack", **FAULTS)
    book = NoticeBook(ledger.database, server, plan.people)
    book.hire()
    traits = SLACK if plan.kills > 100 else replace(SLACK, settle_seconds=1.5)
    began = time.monotonic()
    life = Life(url=server.url, platform="slack", traits=traits, database=ledger.database)
    happened = kill_the_office(ledger, book, life, plan)
    book.read()
    verdict, expected, actions = ledger.verdict(), book.expected(), book.actions()
    figures(
        "D1 notices",
        kills=happened.kills.total(),
        **happened.kills,
        in_flight_at_kills=happened.in_flight,
        notices=len(book.titles),
        people_written_to=expected.total(),
        missing=(expected - book.arrived).total(),
        too_many=(book.arrived - expected).total(),
        looks_that_balanced=book.looks,
        minutes=f"{(time.monotonic() - began) / 60:.1f}",
    )
    assert book.arrived == expected
    assert verdict.states == {"sent": expected.total()}
    assert {(str(number), action): 1 for number in book.titles for action in ACTIONS} == {
        done: count for done, count in actions.items() if done[1].startswith("notice.")
    }


def kill_the_office(ledger: Ledger, book: NoticeBook, life: Life, plan: Plan) -> Happened:
    """Kill and start again, with a new notice whenever the last one is nearly delivered; then let it finish."""
    chance, happened, phase = random.Random(20261123), Happened(), nursery.Value("i", Phase.IDLE)
    number, left = book.write(), _kills_of_steps(chance, plan)
    while happened.kills.total() < plan.kills or not happened.kills.keys() >= _AIMS:
        assert happened.kills.total() < 5 * plan.kills, "some steps are never hit"
        ahead = _AHEAD.get(book.look(number), ())
        aim = next((step for step in ahead if left[step]), Phase.IDLE)
        left[aim] -= 1
        holder = f"office-{happened.kills.total()}"
        office = open_office(replace(life, holder=holder), phase)
        if chance.random() >= plan.unprepared:
            _await(aim, ledger, phase, holder)
        time.sleep(chance.uniform(0, plan.step_seconds if aim else plan.busy_seconds))
        assert office.is_alive(), "the office ended by itself"
        office.kill()
        office.join()
        hit, sending = Phase(phase.value), ledger.holders()[holder]
        phase.value = Phase.IDLE
        happened.kills[hit.name.lower() if hit else "sending" if sending else "else"] += 1
        happened.in_flight += sending
        if book.look(number) is NoticeState.SENT and ledger.states()["pending"] < plan.people // 4:
            number, left = book.write(), _kills_of_steps(chance, plan)
    office = open_office(replace(life, holder="last"), phase)
    end = time.monotonic() + 600
    while book.look(number) is not NoticeState.SENT or ledger.open():
        assert time.monotonic() < end, "the last life did not finish in time"
        time.sleep(0.5)
    office.terminate()
    office.join(10)
    return happened


def _kills_of_steps(chance: random.Random, plan: Plan) -> Counter[Phase]:
    """How many kills are to hit a notice while it is expanded and while it is approved."""
    return Counter({step: chance.randint(1, plan.most_of_a_step) for step in _AHEAD[NoticeState.DRAFT]})


def _await(aim: Phase, ledger: Ledger, phase: Any, holder: str) -> None:
    """Wait until the desk is at that step; for `Phase.IDLE` until it sends."""
    end = time.monotonic() + 5
    while time.monotonic() < end and not (phase.value == aim if aim else ledger.holders()[holder]):
        time.sleep(0.002 if aim else 0.01)
