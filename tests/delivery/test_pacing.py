"""The rate budget: as fast as permitted, hardly faster in any second, whatever the rhythm of the asking."""

import random
from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asaka_bot.delivery.pacing import AHEAD, CREDIT, grant, seconds_to_next

START = datetime(2026, 11, 22, tzinfo=UTC)


def departures(per_second: float, naps: list[float], seconds: float, most: int = 16) -> list[float]:
    """When messages leave, if the budget is asked when it says so, each time late by one of `naps`."""
    now, free_at, left, turn = START, START, [], 0
    while now < START + timedelta(seconds=seconds):
        given = grant(free_at, per_second=per_second, now=now, most=most)
        free_at = given.free_at
        left += [(moment - START).total_seconds() for moment in given.moments]
        wait = seconds_to_next(free_at, per_second=per_second, now=now)
        now += timedelta(seconds=wait + naps[turn % len(naps)])
        turn += 1
    return left


@pytest.mark.parametrize("per_second", [0.5, 1.0, 7.5, 20.0, 50.0, 400.0])
def test_the_permitted_rate_is_reached(per_second):
    """A worker whose database takes up to a quarter of a second still sends 97 % of what is permitted."""
    chance = random.Random(1)
    naps = [chance.uniform(0.001, 0.25) for _ in range(997)]
    seconds = 200.0
    left = departures(per_second, naps, seconds, most=1000)
    assert sum(moment < seconds for moment in left) >= 0.97 * per_second * seconds


@settings(max_examples=60)
@given(
    per_second=st.floats(0.2, 100),
    naps=st.lists(st.floats(0, 3), min_size=1, max_size=12),
    most=st.integers(1, 40),
)
def test_no_second_exceeds_the_stated_tolerance(per_second, naps, most):
    """However irregularly it is asked, no second holds more than 1 + 1.1 x rate."""
    left = departures(per_second, [*naps, 0.01], 15, most)
    limit = 1 + (1 + CREDIT.total_seconds()) * per_second
    assert left == sorted(left)
    for index, moment in enumerate(left):
        assert bisect_left(left, moment + 1) - index <= limit + 0.01


def test_a_clock_put_back_does_not_stop_the_channel():
    """A budget that lies an hour ahead after the clock was put back is free again within one message."""
    ahead = grant(START + timedelta(hours=1), per_second=2, now=START, most=5)
    assert ahead.moments == ()
    assert ahead.free_at == START + AHEAD + timedelta(seconds=0.5)


def test_what_is_not_taken_stays():
    """A budget asked for fewer than it permits keeps the rest."""
    first = grant(START - timedelta(seconds=1), per_second=100, now=START, most=1)
    assert first.moments == (START,)
    assert len(grant(first.free_at, per_second=100, now=START, most=100).moments) == 40


def test_moments_are_evenly_spaced():
    """What is given out ahead leaves one after the other, not at once."""
    given = grant(START, per_second=10, now=START, most=100)
    assert given.moments == tuple(START + timedelta(seconds=n / 10) for n in range(4))
    assert seconds_to_next(given.free_at, per_second=10, now=START) == pytest.approx(0.25)
