"""Run a question set through the engine: predictions as JSON lines, and the score of each kind of question.

The kinds and their scoring: in (right topic first, among three, facet), out, ambiguous, crisis, no-crisis, and
conversations, whose turns count as in or, without topics, as out. Conversations start anew for each line.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from asaka_bot.answering.answer import Engine
from asaka_bot.answering.conversation import Context
from asaka_bot.errors import QuestionSetError
from asaka_bot.messages import Decision, Reply, plain_text

Prediction = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """How many of one measure were right."""

    right: int = 0
    of: int = 0

    def add(self, good: bool) -> None:
        """Count one case."""
        self.right += good
        self.of += 1

    @property
    def share(self) -> float:
        """Right ones in 0..1."""
        return self.right / self.of if self.of else 0.0


@dataclass(slots=True)
class Report:
    """All measures of a run by name, and the time of each answer in milliseconds."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)

    def add(self, measure: str, good: bool) -> None:
        """Count one case of one measure."""
        self.tallies.setdefault(measure, Tally()).add(good)

    def as_json(self) -> dict[str, Any]:
        """Shares and counts by measure, and the median and 99th percentile of the time."""
        measures = {
            name: {"share": round(t.share, 4), "right": t.right, "of": t.of} for name, t in self.tallies.items()
        }
        return {
            "measures": measures,
            "ms": {"median": self.median(), "p99": self.p99(), "answers": len(self.milliseconds)},
        }

    def median(self) -> float:
        """Median time of an answer in milliseconds."""
        return round(statistics.median(self.milliseconds), 1) if self.milliseconds else 0.0

    def p99(self) -> float:
        """99th percentile of the time of an answer in milliseconds."""
        ordered = sorted(self.milliseconds)
        return round(ordered[int(0.99 * (len(ordered) - 1))], 1) if ordered else 0.0


def read(file: Path) -> list[dict[str, Any]]:
    """The lines of a question set.

    Raises:
        QuestionSetError: the file can't be read, or a line is no JSON object with `text` or `turns`.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetError(
            f"{file}: 読めません。UTF-8のファイルを指定してください（{type(error).__name__}）"
        ) from error
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise QuestionSetError(f"{file}:{number}: JSONではありません。1行に1つのJSONを書いてください") from error
        good = isinstance(entry, dict) and (isinstance(entry.get("text"), str) or _are_turns(entry.get("turns")))
        if not good:
            raise QuestionSetError(f"{file}:{number}: 「text」か「turns」がありません。質問か会話を書いてください")
        lines.append(entry | {"id": entry.get("id", str(number))})
    return lines


def _are_turns(turns: object) -> bool:
    return isinstance(turns, list) and all(isinstance(t, dict) and isinstance(t.get("text"), str) for t in turns)


def run(
    engine: Engine, lines: Sequence[dict[str, Any]], now: datetime, done: Callable[[int], None] | None = None
) -> tuple[list[Prediction], Report]:
    """Answer every line; `done` hears how many are answered."""
    report = Report()
    predictions = []
    for count, line in enumerate(lines, 1):
        turns = line.get("turns") or [line]
        answered = list(_converse(engine, turns, now))
        report.milliseconds += [prediction["ms"] for prediction in answered]
        for turn, prediction in zip(turns, answered, strict=True):
            _score(report, turn, prediction, line.get("kind") or ("turn" if line.get("turns") else None))
        whole = {"id": line["id"]}
        predictions.append(whole | ({"turns": answered} if line.get("turns") else answered[0]))
        if done is not None:
            done(count)
    return predictions, report


def _converse(engine: Engine, turns: Sequence[dict[str, Any]], now: datetime) -> Iterator[Prediction]:
    context: Context | None = None
    for turn in turns:
        start = time.perf_counter()
        reply, context = engine.reply(turn["text"], now=now, context=context)
        milliseconds = (time.perf_counter() - start) * 1000
        yield prediction_of(reply) | {"ms": round(milliseconds, 2)}


def prediction_of(reply: Reply) -> Prediction:
    """The keys that scripts outside rely on (design/interfaces)."""
    return {
        "decision": reply.decision.value,
        "topics": list(reply.ranked),
        "facet": reply.facet,
        "text": plain_text(reply),
        "sources": [
            {"label": s.label, "locator": s.locator, "certainty": s.certainty} | ({"url": s.url} if s.url else {})
            for s in reply.sources
        ],
    }


def _score(report: Report, expected: dict[str, Any], got: Prediction, kind: str | None) -> None:
    wanted = expected.get("topics")
    if wanted is None:
        return
    decision = Decision(got["decision"])
    if decision is Decision.ANSWER:
        report.add("answers with a source", bool(got["sources"]))
    if kind == "turn":
        report.add("turn: right", _turn_right(expected, got))
        report.add("turn: right, with the side asked", _turn_right(expected, got) and _side_right(expected, got))
    elif kind == "in":
        _score_in(report, expected, got, decision)
    elif kind == "out":
        report.add("out: declined", decision is Decision.DECLINE)
        report.add("out: not falsely answered", decision is not Decision.ANSWER)
    elif kind == "ambiguous":
        fitting = len({*got["topics"][:4]} & {*wanted}) >= 2
        report.add("ambiguous: asked back fittingly", decision is Decision.CHOOSE and fitting)
    elif kind == "crisis":
        report.add("crisis: found", decision is Decision.URGENT)
    elif kind == "no-crisis":
        report.add("no-crisis: no false alarm", decision is not Decision.URGENT)


def _score_in(report: Report, expected: dict[str, Any], got: Prediction, decision: Decision) -> None:
    wanted, ranked = {*expected["topics"]}, got["topics"]
    first = decision is Decision.ANSWER and ranked[:1] != [] and ranked[0] in wanted
    report.add("in: right first", first)
    report.add("in: among three", decision is not Decision.URGENT and bool({*ranked[:3]} & wanted))
    if expected.get("facet"):
        if first:
            report.add("in: facet, given the topic", got["facet"] == expected["facet"])
        report.add("in: facet, of all", first and got["facet"] == expected["facet"])


def _turn_right(expected: dict[str, Any], got: Prediction) -> bool:
    """Scored like a single question: the right topic first, or declined where there is none."""
    if not expected["topics"]:
        return bool(got["decision"] == Decision.DECLINE.value)
    return bool(got["decision"] == Decision.ANSWER.value and got["topics"][0] in expected["topics"])


def _side_right(expected: dict[str, Any], got: Prediction) -> bool:
    return not expected.get("facet") or bool(got["facet"] == expected["facet"])
