"""Signed questions through /slack/events of the whole product, a fake Slack taking the answers.

    python -m tests.benchmarks.slack_load [--seconds 10] [--rates 50 500]

The bot runs as `asaka-bot serve` in a process of its own, and so does the fake Slack; questions are signed before the
clock starts. Prints how long acknowledgements and answers (request sent -> chat.postMessage received) take at each
rate, and who had how much of the processors: on a machine that others use as well, times say less than these shares.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.fakes.local_slack import free_port
from tests.fakes.slack_bot import SECRET, TOKEN, message, signed

ROOT = Path(__file__).resolve().parents[2]
_WARM_UP = 25  # questions a second, for ten seconds: everybody and every question once
_PEOPLE = 813  # all regular staff ask in turn: whoever asks again within ten minutes asks a follow-up, which takes twice as long
_PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What runs where."""

    bot: int  # process ids
    slack: int
    port: int
    api_url: str


class Connection(asyncio.Protocol):
    """One connection to the bot: a request at a time, an acknowledgement for each."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[float] | None = None
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        if self._answer is not None and self._held.endswith(b"\r\n\r\n"):  # an acknowledgement has no body
            assert self._held.startswith(b"HTTP/1.1 200"), self._held
            self._held = b""
            self._answer.set_result(time.monotonic())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    @property
    def open(self) -> bool:
        return not self._transport.is_closing()

    async def ask(self, request: bytes) -> float:
        """The moment of the acknowledgement; raises where the bot has just closed a connection that lay idle."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self._transport.close()


def questions() -> list[str]:
    lines = (ROOT / "tests" / "questions" / "everyday.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def request_of(number: int, text: str, port: int) -> bytes:
    event = message(text, channel=f"D{number}", channel_type="im", user=f"U{number % _PEOPLE}")
    said = {"type": "event_callback", "team_id": "T1", "event_id": f"Ev{number}", "event": event}
    body = json.dumps(said, ensure_ascii=False).encode()
    headers = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "\r\n".join(f"{name}: {value}" for name, value in (headers | signed(body)).items())
    return f"POST /slack/events HTTP/1.1\r\n{head}\r\n\r\n".encode() + body


async def ask_all(requests: list[bytes], rate: int, port: int) -> tuple[list[float], list[float]]:
    """When each request was sent and acknowledged, `rate` a second whatever becomes of those before."""
    loop = asyncio.get_running_loop()
    idle: list[Connection] = []
    sent: list[float] = []

    async def ask(request: bytes) -> float:
        while True:
            connection = idle.pop() if idle else (await loop.create_connection(Connection, "127.0.0.1", port))[1]
            if connection.open:
                try:
                    acknowledged = await connection.ask(request)
                except ConnectionResetError:
                    continue  # as every client does: the same request again
                idle.append(connection)
                return acknowledged

    under_way = []
    began = time.monotonic()
    for number, request in enumerate(requests):
        if (early := began + number / rate - time.monotonic()) > 0:
            await asyncio.sleep(early)
        sent.append(time.monotonic())
        under_way.append(asyncio.create_task(ask(request)))
    acknowledged = await asyncio.gather(*under_way)
    for connection in idle:
        connection.close()
    return sent, acknowledged


async def phase(place: Place, rate: int, seconds: float, first: int) -> None:
    """Ask `rate` questions a second and print what came of them."""
    asked, numbers = questions(), range(first, first + int(rate * seconds))
    requests = [request_of(number, asked[number % len(asked)], place.port) for number in numbers]
    before, began = _seconds_used(place), time.monotonic()
    sent, acknowledged = await ask_all(requests, rate, place.port)
    took = time.monotonic() - began
    names = [f"D{number}" for number in numbers]
    arrived = await _arrived(place, set(names))
    ended = max(arrived.values())
    used = {name: now - before[name] for name, now in _seconds_used(place).items()}
    acks = sorted(at - of for at, of in zip(acknowledged, sent, strict=True))
    answers = sorted(arrived[name] - at for name, at in zip(names, sent, strict=True) if name in arrived)
    print(f"{rate} questions/s for {took:.1f} s ({len(requests)} questions, {len(requests) / took:.0f}/s sent)")
    print(f"  acknowledged  p50 {_ms(acks, 0.5)}  p99 {_ms(acks, 0.99)}  max {_ms(acks, 1)}")
    print(
        f"  answered      {len(answers)} of {len(requests)}  p50 {_ms(answers, 0.5)}  p99 {_ms(answers, 0.99)}  max {_ms(answers, 1)}"
    )
    wall = max(ended - began, 1e-6)
    shares = "  ".join(f"{name} {100 * spent / wall:.0f} %" for name, spent in used.items())
    print(f"  all answers after {wall:.1f} s; of one processor: {shares}")
    print(f"  the bot took {1000 * used['bot'] / max(1, len(answers)):.1f} ms of processor time an answer")


async def _arrived(place: Place, awaited: set[str]) -> dict[str, float]:
    """When each answer reached Slack; those of other phases left out."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(place.api_url.replace("/api/", "/arrived")) as answer:
                known = {name: at for name, at in (await answer.json()).items() if name in awaited}
            if len(known) == len(awaited) or time.monotonic() > deadline:
                return known
            await asyncio.sleep(0.2)


def _ms(sorted_seconds: list[float], share: float) -> str:
    return f"{1000 * sorted_seconds[min(len(sorted_seconds) - 1, int(share * len(sorted_seconds)))]:.0f} ms"


def _seconds_used(place: Place) -> dict[str, float]:
    """Processor time so far (Linux): of the bot and its engine, of what measures it, and of everything else."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    bot = sum(map(_of_process, _with_children(place.bot)))
    harness = _of_process(place.slack) + _of_process(os.getpid())
    return {"bot": bot, "harness": harness, "others": busy - bot - harness}


def _with_children(process: int) -> list[int]:
    """A process and those that it has started, such as that of the engine."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in _with_children(int(child)))]


def _of_process(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(process: int) -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _started(*command: str, **variables: str) -> Iterator[int]:
    """A process of its own, by its id."""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", *command], env=os.environ | variables, stdout=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


async def measure(seconds: float, rates: list[int]) -> None:
    """Start everything, ask, and stop."""
    slack_port, port = free_port(), free_port()
    api_url = f"http://127.0.0.1:{slack_port}/api/"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if (ROOT / "var" / "cache").is_dir():  # what an earlier start prepared
            shutil.copytree(ROOT / "var" / "cache", data / "cache")
        variables = {"ASAKA_DATA_DIR": str(data), "ASAKA_SLACK_API_URL": api_url, "ASAKA_LOG_LEVEL": "ERROR"}
        variables |= {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET}
        with (
            _started("tests.benchmarks.slack_sink", str(slack_port)) as slack,
            _started("asaka_bot", "serve", "--port", str(port), **variables) as bot,
        ):
            await _ready(f"http://127.0.0.1:{port}")
            place = Place(bot=bot, slack=slack, port=port, api_url=api_url)
            await phase(place, _WARM_UP, 10, first=1_000_000)
            print(f"--- load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            for number, rate in enumerate(rates):
                await phase(place, rate, seconds, first=100_000 * number)
            resident = [_resident_mb(process) for process in _with_children(bot)]
            print(f"memory of the bot: {sum(resident):.0f} MB ({', '.join(f'{mb:.0f}' for mb in resident)})")


async def _ready(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(120):
        while True:
            try:
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--rates", type=int, nargs="+", default=[50, 500], help="questions a second")
    asyncio.run(measure(arguments.parse_args().seconds, arguments.parse_args().rates))
