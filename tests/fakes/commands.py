"""`python -m asaka_bot` again and again: each command in a process of its own, forked from one that has it imported.

Importing everything takes a second of every command; what a command does, prints and leaves is the same.
"""

import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STREAMS = ("in", "out", "err")
PRELOADED = ("asaka_bot.cli", "asaka_bot.store.feedback", "asaka_bot.store.sessions", "alembic.command", "aiosqlite")


class Commands:
    """Runs commands; `environment` is all that they see of the one outside."""

    def __init__(self, nursery: "subprocess.Popen[str]", environment: Mapping[str, str]) -> None:
        self._nursery, self._environment = nursery, dict(environment)

    def run(self, *words: str, typed: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
        """One command with `typed` as its input."""
        with tempfile.TemporaryDirectory() as folder:
            files = {name: Path(folder) / name for name in STREAMS}
            files["in"].write_text(typed, encoding="utf-8")
            wanted = {"words": words, "environment": self._environment | environment, "folder": folder}
            self._nursery.stdin.write(json.dumps(wanted) + "\n")
            self._nursery.stdin.flush()
            code = int(self._nursery.stdout.readline())
            said, complained = (files[name].read_text(encoding="utf-8") for name in STREAMS[1:])
        return subprocess.CompletedProcess(words, code, said, complained)


@contextmanager
def commands(environment: Mapping[str, str]) -> Iterator[Commands]:
    """Commands over `environment`, as long as the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.commands"],
        cwd=ROOT, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    ) as nursery:  # fmt: skip
        yield Commands(nursery, environment)
        nursery.stdin.close()


def _serve() -> None:
    """Fork a command for each line; the parent answers with its exit code."""
    for name in PRELOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what a command doesn't use it need not copy, look through and take apart

    for line in iter(sys.stdin.readline, ""):
        wanted = json.loads(line)
        child = os.fork()
        if not child:
            _become(wanted["words"], wanted["environment"], Path(wanted["folder"]))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - read by whoever started it


def _become(words: list[str], environment: dict[str, str], folder: Path) -> None:
    """Be `python -m asaka_bot WORDS` until its end."""
    os.environ.clear()
    os.environ.update(environment)
    for number, (name, mode) in enumerate(zip(STREAMS, "rww", strict=True)):
        with (folder / name).open(mode) as opened:
            os.dup2(opened.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - they live as long as the process
        for number, mode in enumerate("rww")
    )
    sys.argv = ["asaka-bot", *words]
    runpy.run_module("asaka_bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
