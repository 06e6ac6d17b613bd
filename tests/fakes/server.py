"""A fake platform in a process of its own: it survives the kills, and its journal names every message it accepted."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.faults import Fault, Faults, Plan
from tests.fakes.http import Answer, Handler, Request, serve

ROOT = Path(__file__).resolve().parents[2]


class Journal:
    """Appends a line for each accepted message, at once; another process may read it at any time."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, **line: object) -> None:
        os.write(self._file, json.dumps({"at": time.time(), **line}).encode() + b"\n")


def main(platform: Callable[[Faults, Journal], Handler]) -> None:
    """Run a fake platform until it is killed; prints its port."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--journal", required=True)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--plan", type=json.loads, default={})
    given = arguments.parse_args()
    kinds = tuple(Fault(name) for name in given.plan.pop("kinds", ())) or Plan().kinds
    faults = Faults(Plan(**given.plan, kinds=kinds))
    asyncio.run(_forever(platform(faults, Journal(given.journal)), faults, given.port))


async def _forever(handler: Handler, faults: Faults, port: int) -> None:
    async def handle(request: Request) -> Answer | None:
        if request.path == "/_control/faults":  # what goes wrong with the next calls, in order
            faults.script.extend(Fault(name) for name in request.fields["next"])
            return Answer(status=200, body={"ok": True})
        return await handler(request)

    server = await serve(handle, port)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - read by whoever started it
    await server.serve_forever()


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A fake platform that runs."""

    url: str
    journal: Path

    def accepted(self) -> list[dict]:
        """The whole lines of the journal, into which the server may be writing another one."""
        return [json.loads(line) for line in self.journal.read_text().splitlines(keepends=True) if line.endswith("\n")]


@contextmanager
def running(name: str, folder: Path, **plan: object) -> Iterator[Running]:
    """Start `tests.fakes.NAME` in a process of its own."""
    journal = folder / f"{name}.jsonl"
    journal.touch()
    command = [sys.executable, "-m", f"tests.fakes.{name}", "--journal", str(journal), "--plan", json.dumps(plan)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield Running(url=f"http://127.0.0.1:{int(server.stdout.readline())}", journal=journal)
        finally:
            server.kill()
