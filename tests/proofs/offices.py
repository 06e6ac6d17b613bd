"""職員課 as a process that can be killed: it submits and approves the notices that were written, and they leave."""

import asyncio
import json
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import IntEnum
from multiprocessing.process import BaseProcess
from typing import Any

from asaka_bot.app.notice_desk import NoticeDesk
from asaka_bot.app.notice_flow import NoticeFlow
from asaka_bot.app.notice_parts import NoticeParts, notice_parts
from asaka_bot.broadcasts.notice import Content, NoticeState, Plan, Tally
from asaka_bot.delivery.worker import Worker
from asaka_bot.reminders.calendar import WorkingDays
from asaka_bot.store.audit import AuditLog
from asaka_bot.store.database import open_database
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.sending_hold import SendingHold
from tests.fakes.gateways import slack_gateway
from tests.fakes.notice_world import HANAKO, TARO, VIEWER, NoticeWorld
from tests.fakes.server import Running
from tests.fakes.staff import person
from tests.proofs.lives import Life, end_with, nursery

AUDIENCE = "全員 - 所属:福祉部"
_AGREED = frozenset({"quiet-hours", "duplicate", "unreachable"})
_PAUSE_SECONDS = 0.05


class Phase(IntEnum):
    """What the desk is doing."""

    IDLE = 0
    EXPANDING = 1  # the recipients are being frozen
    APPROVING = 2  # the deliveries are being put into the outbox


def work(life: Life, phase: Any) -> None:
    """Submit, approve and send until killed, or asked to stop by SIGTERM; `phase` is a shared number."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for as long as the process lives
    asyncio.run(_work(life, phase))


async def _work(life: Life, phase: Any) -> None:
    engine = await open_database(life.database)
    parts = notice_parts(engine, {}, WorkingDays(), web=False)
    outbox = OutboxStore(engine, lease_margin_seconds=life.lease_margin_seconds)
    async with slack_gateway(life.url, life.traits) as channel:
        worker = Worker(outbox, channel, holder=life.holder, rhythm=life.rhythm)
        parts = replace(parts, traits={"slack": life.traits}, wake=worker.wake)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        flow = NoticeFlow(parts, SendingHold(engine))
        beside = [
            asyncio.create_task(again_and_again)
            for again_and_again in (end_with(life.proof), _repeat(flow.tick), _repeat(lambda: _go_on(parts, phase)))
        ]
        await worker.run()
        for each in beside:
            each.cancel()
    await engine.dispose()


async def _repeat(step: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await step()
        except Exception:  # the proof finds that the process is gone
            traceback.print_exc()
            os._exit(1)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _go_on(parts: NoticeParts, phase: Any) -> None:
    """What two people would press next."""
    desk = NoticeDesk(parts)
    for notice in await desk.latest(HANAKO, 2):
        if notice.state is NoticeState.DRAFT:
            phase.value = Phase.EXPANDING
            await desk.submit(HANAKO, notice.id, notice.version, _AGREED)
        elif notice.state is NoticeState.AWAITING:
            phase.value = Phase.APPROVING
            await desk.approve(TARO, notice.id, notice.version)
    phase.value = Phase.IDLE


def open_office(life: Life, phase: Any) -> BaseProcess:
    """Begin a life."""
    process = nursery.Process(target=work, args=(life, phase), daemon=True)
    process.start()
    return process


class NoticeBook:
    """The notices as people of HR see them, and what has arrived on Slack; from outside of the office."""

    def __init__(self, database: str, server: Running, people: int) -> None:
        """`people` are meant by each notice; as many as a tenth of them again are not."""
        self._database, self._journal, self._read = database, server.journal, 0
        self.people, self.titles = people, dict[int, str]()
        self.arrived = Counter[tuple[str, str]]()  # by the notice's title and the address
        self.looks = 0

    def _ask(self, question: Callable[[NoticeWorld], Awaitable[Any]]) -> Any:
        async def asked() -> Any:
            engine = await open_database(self._database)
            try:
                return await question(NoticeWorld(engine))
            finally:
                await engine.dispose()

        return asyncio.run(asked())

    def hire(self) -> None:
        """Everybody is on Slack."""
        meant = [person(number) for number in range(1, self.people + 1)]
        others = [person(self.people + number, office=("福祉部",)) for number in range(1, self.people // 10 + 1)]
        self._ask(lambda world: world.hire(*meant, *others))

    def write(self) -> int:
        """Hanako writes a notice; its number."""
        title = f"お知らせ{len(self.titles) + 1}番"
        content = Content(title=title, body=f"{title}です。", confirm=True)
        made = self._ask(lambda world: NoticeDesk(world.parts).create(HANAKO, content, Plan(audience=AUDIENCE)))
        self.titles[made.id] = title
        return made.id

    def cancel(self, number: int) -> int:
        """Hanako stops a notice; how many deliveries stop at once."""
        return self._ask(lambda world: world.desk.cancel(HANAKO, number))

    def state(self, number: int) -> NoticeState:
        """Whether it was sent or stopped."""
        return self._ask(lambda world: world.desk.find(VIEWER, number)).state

    def tally(self, number: int) -> Tally:
        """The live page's figures."""
        return self._ask(lambda world: world.desk.progress(VIEWER, number)).total

    def look(self, number: int) -> NoticeState:
        """The live page; its figures must be all recipients, and none that Slack doesn't have counts as arrived."""
        progress = self._ask(lambda world: world.desk.progress(VIEWER, number))
        total, state = progress.total, progress.notice.state
        assert total.people == self.people or (state is NoticeState.DRAFT and total.people == 0)
        assert sum(tally.people for _office, tally in progress.offices) == total.people
        assert total.waiting + total.arrived == total.people  # nobody is refused, nothing is unsettled for good
        self.read()
        assert total.arrived <= sum(title == self.titles[number] for title, _to in self.arrived)
        self.looks += 1
        return state

    def read(self) -> None:
        """What Slack has accepted since the last time."""
        with self._journal.open("rb") as lines:
            lines.seek(self._read)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                said = json.loads(line)
                title = next(each for each in self.titles.values() if each in said["text"])
                self.arrived[title, said["to"]] += 1

    def expected(self) -> Counter[tuple[str, str]]:
        """One copy of each notice for each of its audience."""
        everybody = range(1, self.people + 1)
        return Counter((title, f"D-S{number}") for title in self.titles.values() for number in everybody)

    def actions(self) -> Counter[tuple[str, str]]:
        """What the audit log holds of the notices, once its chain has been verified."""

        async def verified(world: NoticeWorld) -> Counter[tuple[str, str]]:
            log = AuditLog(world.engine)
            assert (await log.verify()).whole
            return Counter((entry.subject, entry.action) for entry in await log.latest(1_000_000))

        return self._ask(verified)
