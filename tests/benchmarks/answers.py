"""This engine beside rapidfuzz, BM25 and tantivy: accuracy and latency on the same questions in one run.

``python -m tests.benchmarks.answers [FILE.jsonl ...] [--skip-minimal] [--cache FOLDER]``

The first table compares (see `peers` for how the peers were tuned), the second one measures starts with 2,000 minimal
entries (see `minimal`). An answer counts as `asaka-bot evaluate` counts it: right first needs an answer whose topic is
right, so a question that this engine declines or asks back on is not right first; peers never do either.
The engine and the peers' tuning both saw the default sets while they were made; files that neither has seen say more.
Times are those of the machine at the moment, so nothing is asserted about them; the load before and after is shown.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from asaka_bot.answering import evaluation
from asaka_bot.answering.answer import Engine
from asaka_bot.errors import KnowledgeError, QuestionSetError
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.messages import Decision
from tests.benchmarks import minimal
from tests.benchmarks.peers import PEERS, Candidate, Found

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "tests" / "questions"
DEFAULTS = (QUESTIONS / "everyday.jsonl", QUESTIONS / "hard.jsonl")
Made = TypeVar("Made")
LIBRARIES = ("rapidfuzz", "bm25s", "tantivy", "sudachipy", "numpy")
_WARM_UP = 5  # questions asked before the clock runs


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the topics that answer it."""

    text: str
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the first table."""

    questions: str
    candidate: str
    first: float  # share with the right topic first
    three: float  # share with a right topic among the first three
    milliseconds: Sequence[float]
    build: str


class ThisEngine:
    """The engine as a candidate; its time has the whole reply in it, with danger, dates and wording."""

    def __init__(self, knowledge: KnowledgeBase, cache: Path) -> None:
        self.computed = False  # whether anything had to be worked out that the cache did not have
        self._engine = Engine(knowledge, cache=cache, progress=self._hear)

    def _hear(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002  # the shape of a progress reporter
        self.computed = True

    def ask(self, question: str) -> Found:
        """The topics of the reply; none where it took the question for an emergency."""
        reply, _ = self._engine.reply(question, now=minimal.NOW)
        topics = () if reply.decision is Decision.URGENT else reply.ranked
        return Found(topics, answered=reply.decision is Decision.ANSWER)


def read(file: Path) -> list[Question]:
    """The questions of kind ``in`` of one file.

    Raises:
        QuestionSetError: the file can't be read, or has no such question.
    """
    lines = [line for line in evaluation.read(file) if line.get("kind") == "in" and "text" in line]
    found = [Question(line["text"], frozenset(line["topics"])) for line in lines if line.get("topics")]
    if not found:
        raise QuestionSetError(f"{file}: kind が in の質問がありません。text・topics・kind を書いてください")
    return found


def build_all(knowledge: KnowledgeBase, cache: Path) -> dict[str, tuple[Candidate, str]]:
    """Every candidate with the seconds it took to build, as text."""
    engine, seconds = _timed(partial(ThisEngine, knowledge, cache))
    built: dict[str, tuple[Candidate, str]] = {
        "Asaka Bot": (engine, f"{seconds:.1f} ({'trained' if engine.computed else 'cached'})")
    }
    for name, make in PEERS.items():
        peer, seconds = _timed(partial(make, knowledge))
        built[name] = peer, f"{seconds:.1f}"
    return built


def _timed(make: Callable[[], Made]) -> tuple[Made, float]:
    begun = time.perf_counter()
    made = make()
    return made, time.perf_counter() - begun


def compare(name: str, questions: Sequence[Question], candidates: dict[str, tuple[Candidate, str]]) -> list[Row]:
    """Ask every candidate all questions of one set, one after the other."""
    rows = []
    for title, (candidate, build) in candidates.items():
        for question in questions[:_WARM_UP]:
            candidate.ask(question.text)
        first = three = 0
        milliseconds = []
        for question in questions:
            found, seconds = _timed(partial(candidate.ask, question.text))
            milliseconds.append(seconds * 1000)
            first += found.answered and bool({*found.topics[:1]} & question.topics)
            three += bool({*found.topics[:3]} & question.topics)
        rows.append(Row(name, title, first / len(questions), three / len(questions), milliseconds, build))
    return rows


def comparison_table(rows: Sequence[Row]) -> Table:
    """The first table; a new section for each question set."""
    table = _table("Questions", "Candidate", "Right first", "Among three", "Median ms", "P99 ms", "Build s", left=2)
    last = None
    for row in rows:
        if last not in (None, row.questions):
            table.add_section()
        name = "" if row.questions == last else row.questions
        last = row.questions
        times = f"{statistics.median(row.milliseconds):.2f}", f"{p99(row.milliseconds):.2f}"
        table.add_row(name, row.candidate, f"{row.first:.1%}", f"{row.three:.1%}", *times, row.build)
    return table


def minimal_table(starts: dict[str, minimal.Start]) -> Table:
    """The second table."""
    headings = ("Ready s", "Reading s", "Engine s", "RSS MiB", "Peak MiB", "Helper MiB", "Median ms", "P99 ms")
    table = _table("Start", *headings, left=1)
    for name, start in starts.items():
        seconds = [f"{value:.1f}" for value in (start.ready, start.reading, start.engine)]
        memory = [f"{value:.0f}" for value in (start.memory, start.peak, start.helper)]
        times = f"{statistics.median(start.milliseconds):.1f}", f"{p99(start.milliseconds):.1f}"
        table.add_row(name, *seconds, *memory, *times)
    return table


def _table(*headings: str, left: int) -> Table:
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < left else "right", no_wrap=True)
    return table


def p99(milliseconds: Sequence[float]) -> float:
    """The 99th percentile, as `asaka-bot evaluate` takes it."""
    ordered = sorted(milliseconds)
    return ordered[int(0.99 * (len(ordered) - 1))]


def measure_minimal(knowledge: KnowledgeBase, questions: Sequence[Question]) -> dict[str, minimal.Start]:
    """A start that finds nothing in its cache, and one that finds everything."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, cache, asked = (Path(temporary) / name for name in ("knowledge", "cache", "questions.json"))
        folder.mkdir()
        minimal.write_entries(knowledge, folder)
        asked.write_text(json.dumps([question.text for question in questions]), encoding="utf-8")
        return {name: minimal.start(folder, cache, asked) for name in ("cold", "warm")}


def load() -> str:
    """How busy the machine is; above the number of cores the times are worth little."""
    return f"load of the last minute: {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"


def machine() -> list[str]:
    """What the figures depend on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "?")
    return [
        f"{os.cpu_count()} cores ({processor}), Python {platform.python_version()}, {platform.platform()}",
        ", ".join(f"{library} {version(library)}" for library in LIBRARIES),
        load(),
    ]


def main() -> int:
    """Run what the arguments ask for; 2 where a file can't be used."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.answers", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, default=DEFAULTS, help="question sets (text, topics, kind in)")
    parser.add_argument("--skip-minimal", action="store_true", help="leave out the 2,000 minimal entries")
    parser.add_argument("--cache", type=Path, default=ROOT / "var" / "cache", help="cache of this engine")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    try:
        sets = [(file.stem, read(file)) for file in arguments.files]
        knowledge = files.load(files.SHIPPED)
        for line in machine():
            console.print(line)
        candidates = build_all(knowledge, arguments.cache)
        rows = [row for name, questions in sets for row in compare(name, questions, candidates)]
        console.print(f"\n{_sizes(sets)}; {len(knowledge.topics)} topics", comparison_table(rows), sep="\n")
        if not arguments.skip_minimal:
            starts = measure_minimal(knowledge, [question for _, questions in sets for question in questions])
            console.print(f"\n{minimal.ENTRIES:,} minimal entries, the same questions", minimal_table(starts), sep="\n")
        console.print(f"\n{load()}")
    except (QuestionSetError, KnowledgeError, subprocess.CalledProcessError) as error:
        console.print(str(error), style="red", markup=False)
        return 2
    return 0


def _sizes(sets: Sequence[tuple[str, Sequence[Question]]]) -> str:
    return ", ".join(f"{name}: {len(questions)} questions" for name, questions in sets)


if __name__ == "__main__":
    sys.exit(main())
