"""Signed questions through /slack/events of the whole product, a fake Slack taking the answers.

    python -m tests.benchmarks.slack_load [--seconds 10] [--rates 50 500]

The bot runs as `asaka-bot serve` in a process of its own; fake Slack and questioner share another one. Prints how long
acknowledgements and answers (request sent -> chat.postMessage received) take at each rate, and how much processor time
the bot needs for an answer: on a machine that others use as well, only that says what an own one would do.
"""

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.fakes.http import Answer, Request, serve
from tests.fakes.local_slack import free_port
from tests.fakes.slack_bot import SECRET, TOKEN, message, signed

ROOT = Path(__file__).resolve().parents[2]
_WARM_UP = 50  # questions a second


class Measured:
    """A fake Slack that notes when each answer arrives."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self._numbers = itertools.count(1)

    async def __call__(self, request: Request) -> Answer:
        match request.path.removeprefix("/api/"):
            case "auth.test":
                body = {"team_id": "T1", "user_id": "U0BOT", "bot_id": "B0BOT", "team": "T", "url": "http://x/"}
            case "users.info":
                body = {"user": {"profile": {"email": f"{request.fields['user']}@city.example"}}}
            case _:
                self.arrived.setdefault(str(request.fields.get("channel")), time.perf_counter())
                body = {"ts": f"1.{next(self._numbers):06d}", "channel": request.fields.get("channel")}
        return Answer(status=200, body={"ok": True} | body)


def questions() -> list[str]:
    lines = (ROOT / "tests" / "questions" / "everyday.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def request_of(number: int, text: str) -> bytes:
    event = message(text, channel=f"D{number}", channel_type="im", user=f"U{number % 200}")
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": f"Ev{number}", "event": event}).encode()


async def ask(session: aiohttp.ClientSession, url: str, body: bytes) -> float:
    """Seconds until the acknowledgement."""
    began = time.perf_counter()
    headers = signed(body) | {"Content-Type": "application/json"}
    async with session.post(f"{url}/slack/events", data=body, headers=headers) as answer:
        assert answer.status == 200, answer.status
        await answer.read()
    return time.perf_counter() - began


async def phase(url: str, space: Measured, bot: int, rate: int, seconds: float, first: int) -> None:
    """Ask `rate` questions a second and print what came of them; `bot` is the process id."""
    cpu_before = _cpu_seconds(bot)
    asked, count = questions(), int(rate * seconds)
    sent: dict[str, float] = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began = time.perf_counter()
        under_way = []
        for number in range(first, first + count):
            due = began + (number - first) / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            sent[f"D{number}"] = time.perf_counter()
            body = request_of(number, asked[number % len(asked)])
            under_way.append(asyncio.create_task(ask(session, url, body)))
        took = time.perf_counter() - began
        acks = sorted(await asyncio.gather(*under_way))
    deadline = time.perf_counter() + 300
    while not sent.keys() <= space.arrived.keys() and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
    answers = sorted(space.arrived[name] - at for name, at in sent.items() if name in space.arrived)
    print(f"{rate} questions/s for {took:.1f} s ({count} questions, {count / took:.0f}/s sent)")
    print(f"  acknowledged  p50 {_ms(acks, 0.5)}  p99 {_ms(acks, 0.99)}  max {_ms(acks, 1)}")
    print(
        f"  answered      {len(answers)} of {count}  p50 {_ms(answers, 0.5)}  p99 {_ms(answers, 0.99)}  max {_ms(answers, 1)}"
    )
    print(
        f"  the bot took {1000 * (_cpu_seconds(bot) - cpu_before) / max(1, len(answers)):.1f} ms of processor time an answer"
    )
    print(f"  all answers after {max(space.arrived[name] for name in sent if name in space.arrived) - began:.1f} s")


def _ms(sorted_seconds: list[float], share: float) -> str:
    return f"{1000 * sorted_seconds[min(len(sorted_seconds) - 1, int(share * len(sorted_seconds)))]:.0f} ms"


def _cpu_seconds(process: int) -> float:
    """User and system time so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(seconds: float, rates: list[int]) -> None:
    """Start everything, ask, and stop."""
    space, port = Measured(), free_port()
    server = await serve(space, 0)
    api = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        (data / "cache").symlink_to(ROOT / "var" / "cache")
        variables = {"ASAKA_DATA_DIR": str(data), "ASAKA_SLACK_API_URL": api, "ASAKA_LOG_LEVEL": "WARNING"}
        variables |= {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET}
        command = [sys.executable, "-m", "asaka_bot", "serve", "--port", str(port)]
        bot = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            url = f"http://127.0.0.1:{port}"
            await _ready(url)
            await phase(url, space, bot.pid, _WARM_UP, 2, first=1_000_000)
            print(f"--- load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            for number, rate in enumerate(rates):
                await phase(url, space, bot.pid, rate, seconds, first=100_000 * number)
        finally:
            bot.terminate()
            bot.wait(20)
    server.close()


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
