"""D8 through HR's notices: one is stopped while it goes out; pytest -n 0 -m slow tests/proofs/test_d8_notice_cancel.py."""

import random
import time
from dataclasses import replace

import pytest

from asaka_bot.broadcasts.notice import NoticeState
from tests.proofs.lives import SLACK, Life, nursery
from tests.proofs.offices import NoticeBook, Phase, open_office
from tests.proofs.test_d8_cancel import FAULTS


@pytest.mark.parametrize(
    ("turns", "people"), [(1, 150), pytest.param(10, 2000, marks=pytest.mark.slow)], ids=["small", "full"]
)
def test_at_most_the_ones_in_flight_still_leave(platform, figures, turns, people):
    """After 中止 nothing arrives but what was in flight; the live page and the platform agree on who has it."""
    chance = random.Random(88)
    server, ledger = platform("slack", delay_seconds=0.02, share=0.05, kinds=FAULTS)
    book = NoticeBook(ledger.database, server, people)
    book.hire()
    traits = replace(SLACK, settle_seconds=1.0)
    life = Life(url=server.url, platform="slack", traits=traits, database=ledger.database)
    phase = nursery.Value("i", Phase.IDLE)
    office = open_office(life, phase)
    late, stopped = [], 0
    for _ in range(turns):
        before, enough = len(server.accepted()), chance.randint(10, people // 2)
        number = book.write()
        while len(server.accepted()) - before < enough:
            assert office.is_alive(), "the office ended by itself"
            time.sleep(0.02)
        stopped += book.cancel(number)
        moment = time.time()
        while ledger.open():
            time.sleep(0.05)
        accepted = server.accepted()[before:]
        late.append(sum(line["at"] > moment for line in accepted))
        total = book.tally(number)
        assert total.people == total.arrived + total.cancelled == people
        assert len(accepted) == len({line["to"] for line in accepted}) == total.arrived
        assert total.cancelled > 0
        assert book.state(number) is NoticeState.CANCELLED
    office.terminate()
    office.join(10)
    figures("D8 notices", notices=turns, stopped=stopped, arrived_afterwards=sum(late), most_at_once=max(late))
    assert max(late) <= SLACK.concurrency
