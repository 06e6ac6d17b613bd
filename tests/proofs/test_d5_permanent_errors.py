"""D5: one in a hundred is refused for good; pytest -n 0 -m slow tests/proofs/test_d5_permanent_errors.py."""

import asyncio
import random
from datetime import UTC, datetime

import pytest

from asaka_bot.broadcasts.notice import Stand
from asaka_bot.delivery.channel import Absent, Later, Refused, Sent, Traits, Uncertain
from asaka_bot.delivery.worker import Rhythm, Worker
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import Decision
from tests.fakes.notice_world import HANAKO, NoticeWorld
from tests.fakes.staff import person

_TRAITS = Traits(read_back=True, update=True, settle_seconds=0.05, timeout_seconds=2.0)
_RHYTHM = Rhythm(poll_seconds=0.05, settle_seconds=0.05, look_again_seconds=0.05)


class Flawed:
    """A platform on which some people can't be written to until somebody mends it."""

    def __init__(self, gone, seed):
        self.name, self.traits = "slack", _TRAITS
        self.gone, self.arrived, self._chance = set(gone), [], random.Random(seed)

    async def send(self, letter):
        await asyncio.sleep(0.001)
        if letter.address.to in self.gone:
            return Refused(reason="相手がいません。")
        lot = self._chance.random()
        if lot < 0.02:
            return Later(retry_after_seconds=0.05, reason="混み合っています。")
        if lot < 0.04:
            return Uncertain(reason="返事がありません。")
        self.arrived.append(letter.address.to)
        return Sent(platform_ref=letter.marker)

    async def find(self, letter):  # noqa: ARG002 - the port asks for it
        return Absent()

    async def update(self, letter, platform_ref):  # noqa: ARG002 - the port asks for it
        return Refused(reason="")


@pytest.mark.parametrize(
    ("rounds", "people"), [(1, 300), pytest.param(10, 2_000, marks=pytest.mark.slow)], ids=["small", "full"]
)
def test_the_sum_always_balances_and_what_was_refused_can_be_sent_again(tmp_path, figures, rounds, people):
    """At every look the six stands are all recipients; once mended, the refused ones arrive, and nobody gets two."""

    async def run():
        engine = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'asaka.db'}")
        try:
            world = NoticeWorld(engine)
            await world.hire(*(person(number) for number in range(1, people + 1)))
            return [await one_round(world, number) for number in range(rounds)]
        finally:
            await engine.dispose()

    async def one_round(world, seed):
        chance = random.Random(seed)
        gone = {f"D-S{number}" for number in range(1, people + 1) if chance.random() < 0.01} | {"D-S1"}
        channel = Flawed(gone, seed)
        world.now = datetime.now(UTC)  # the platform takes real time, and the worker asks the database's own clock
        sent = await world.sent()
        outbox = type(world.outbox)(world.engine)
        worker = Worker(outbox, channel, holder="d5", rhythm=_RHYTHM)
        running = asyncio.create_task(worker.run())
        looks = 0
        try:
            looks += await settled(world, sent.id)
            dead = await world.desk.standings(HANAKO, sent.id, stand=Stand.DEAD)
            assert {f"D-S{each.staff_id}" for each in dead} == gone
            channel.gone.clear()
            for each in await outbox.held():
                assert await outbox.decide(each.marker, Decision.RESEND, "職員課")
            worker.wake()
            looks += await settled(world, sent.id)
        finally:
            worker.stop()
            await running
        assert sorted(channel.arrived) == sorted(f"D-S{number}" for number in range(1, people + 1))
        return len(gone), looks

    async def settled(world, number):
        """Look until nothing waits; each time the sum must be everybody."""
        looks = 0
        while True:
            total = (await world.desk.progress(HANAKO, number)).total
            assert total.people == people
            looks += 1
            if not total.waiting:
                return looks
            await asyncio.sleep(0.02)

    found = asyncio.run(run())
    figures(
        "D5 permanent errors",
        notices=rounds,
        recipients=rounds * people,
        refused=sum(gone for gone, _looks in found),
        sent_again=sum(gone for gone, _looks in found),
        looks_that_balanced=sum(looks for _gone, looks in found),
        doubled=0,
    )
