"""Start and memory with 2,000 minimal entries: a knowledge base as another city would write it, without phrases.

The entries come from the shipped knowledge alone: the title is an example phrase, the text a statement of its topic.
Every start is measured in a fresh process (``python -m tests.benchmarks.minimal``), which prints one line of JSON.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from asaka_bot.answering.answer import Engine
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import KnowledgeBase

ENTRIES = 2_000
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
_WARM_UP = 5  # questions asked before the clock runs


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a fresh process and the answers it gave; memory in MiB."""

    ready: float  # seconds from starting Python until the first question can be asked
    reading: float  # of these, seconds to read the knowledge base
    engine: float  # of these, seconds to build the engine
    memory: float  # resident once everything was answered
    peak: float  # resident at most
    helper: float  # the largest of the processes that shared the work
    milliseconds: list[float]


def write_entries(knowledge: KnowledgeBase, folder: Path, count: int = ENTRIES) -> int:
    """Write `count` minimal entries to `folder`; how many there are, which is less if the phrases run out."""
    phrases = {topic.id: iter([phrase.text for phrase in topic.phrases]) for topic in knowledge.topics.values()}
    told = [(t.id, s.text) for t in knowledge.topics.values() for listed in t.facets.values() for s in listed]
    texts: dict[str, str] = {}
    while len(texts) < count:
        before = len(texts)
        for topic, statement in told:  # every statement once before any comes again
            title = next((phrase for phrase in phrases[topic] if phrase not in texts), None)
            if title is not None and len(texts) < count:
                texts[title] = statement
        if len(texts) == before:
            break
    entries = [{"id": f"entry-{i}", "title": title, "text": told} for i, (title, told) in enumerate(texts.items(), 1)]
    content = {
        "category": {"id": "entries", "title": "よくある質問"},
        "certainty": "city",
        "sources": [{"id": "benchmark", "label": "計測用"}],
        "topics": entries,
    }
    (folder / "entries.yaml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return len(entries)


def start(folder: Path, cache: Path, questions: Path) -> Start:
    """Start the bot over `folder` in a process of its own and ask it `questions` (a JSON list of texts).

    Raises:
        subprocess.CalledProcessError: the process failed; what it said is on standard error.
    """
    arguments = (str(folder), str(cache), str(questions), str(time.time()))
    command = [sys.executable, "-m", "tests.benchmarks.minimal", *arguments]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)  # noqa: S603  # our module
    return Start(**json.loads(done.stdout.splitlines()[-1]))


def measure(folder: Path, cache: Path, questions: list[str], started: float) -> Start:
    """Start here and now; `started` is the time of the clock at which this process was started."""
    begun = time.perf_counter()
    knowledge = files.load(folder)
    read = time.perf_counter()
    engine = Engine(knowledge, cache=cache)
    built = time.perf_counter()
    ready = time.time() - started
    milliseconds = timed(engine, questions)
    helper = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Start(ready, read - begun, built - read, _memory("VmRSS"), _memory("VmHWM"), helper, milliseconds)


def timed(engine: Engine, questions: list[str]) -> list[float]:
    """The milliseconds of each answer."""
    for question in questions[:_WARM_UP]:
        engine.reply(question, now=NOW)
    milliseconds = []
    for question in questions:
        begun = time.perf_counter()
        engine.reply(question, now=NOW)
        milliseconds.append((time.perf_counter() - begun) * 1000)
    return milliseconds


def _memory(key: str) -> float:
    """A line of /proc/self/status in MiB; 0 where there is no such file (Linux alone has it)."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:")), 0.0)


def main() -> None:
    """Measure one start as the arguments say: folder, cache, file of questions, time of the clock."""
    folder, cache, questions, started = sys.argv[1:]
    asked = json.loads(Path(questions).read_text(encoding="utf-8"))
    print(json.dumps(asdict(measure(Path(folder), Path(cache), asked, float(started)))))


if __name__ == "__main__":
    main()
