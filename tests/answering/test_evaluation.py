"""Question sets: how each kind is scored, and what a bad file is told."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from asaka_bot.answering import evaluation
from asaka_bot.answering.conversation import Context
from asaka_bot.errors import QuestionSetError
from asaka_bot.messages import Decision, Reply, SourceNote

SOURCE = SourceNote(label="計画", locator="第1", certainty="plan")


class Scripted:
    """Answers each question as the test says, and remembers which context came along."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = replies
        self.contexts: list[Context | None] = []

    def reply(self, question: str, *, now, role=None, context=None) -> tuple[Reply, Context]:  # noqa: ARG002
        self.contexts.append(context)
        return self.replies[question], Context(topic=question, at=now)


def answered(*topics: str, facet: str = "pay", sources: tuple[SourceNote, ...] = (SOURCE,)) -> Reply:
    return Reply(decision=Decision.ANSWER, lead="答え", topic=topics[0], ranked=topics, facet=facet, sources=sources)


def chosen(*topics: str) -> Reply:
    return Reply(decision=Decision.CHOOSE, lead="どれ", ranked=topics)


DECLINED = Reply(decision=Decision.DECLINE, lead="ありません")
URGENT = Reply(decision=Decision.URGENT, lead="話して")


def shares(reply: Reply, now, **line: Any) -> dict[str, float]:
    _, report = evaluation.run(Scripted({"q": reply}), [{"id": "1", "text": "q"} | line], now)
    return {name: measure["share"] for name, measure in report.as_json()["measures"].items()}


@pytest.mark.parametrize(
    ("reply", "first", "three"),
    [
        (answered("a", "b"), 1, 1),
        (answered("b", "a"), 0, 1),
        (answered("b", "c", "a"), 0, 1),
        (answered("b", "c", "d", "a"), 0, 0),
        (chosen("a", "b"), 0, 1),
        (chosen("b", "c"), 0, 0),
        (DECLINED, 0, 0),
        (URGENT, 0, 0),
    ],
)
def test_questions_inside(now, reply, first, three):
    """Right first means answered with a fitting topic; among three counts what is offered as well."""
    got = shares(reply, now, kind="in", topics=["a"])
    assert (got["in: right first"], got["in: among three"]) == (first, three)


@pytest.mark.parametrize(
    ("reply", "given_topic", "of_all"),
    [(answered("a"), 1, 1), (answered("a", facet="status"), 0, 0), (answered("b"), None, 0)],
)
def test_facets(now, reply, given_topic, of_all):
    """The facet counts only where the topic is right."""
    got = shares(reply, now, kind="in", topics=["a"], facet="pay")
    assert got.get("in: facet, given the topic") == given_topic
    assert got["in: facet, of all"] == of_all


@pytest.mark.parametrize(
    ("reply", "declined", "not_false"), [(DECLINED, 1, 1), (chosen("a", "b"), 0, 1), (answered("a"), 0, 0)]
)
def test_questions_outside(now, reply, declined, not_false):
    """Outside questions are to be declined; asking back is at least no false answer."""
    got = shares(reply, now, kind="out", topics=[])
    assert (got["out: declined"], got["out: not falsely answered"]) == (declined, not_false)


@pytest.mark.parametrize(
    ("reply", "right"),
    [(chosen("a", "b"), 1), (chosen("x", "b", "y", "a"), 1), (chosen("a", "x"), 0), (answered("a", "b"), 0)],
)
def test_ambiguous_questions(now, reply, right):
    """Asking back is right with at least two fitting topics among four."""
    assert shares(reply, now, kind="ambiguous", topics=["a", "b", "c"])["ambiguous: asked back fittingly"] == right


@pytest.mark.parametrize(
    ("kind", "reply", "right"),
    [("crisis", URGENT, 1), ("crisis", DECLINED, 0), ("no-crisis", URGENT, 0), ("no-crisis", DECLINED, 1)],
)
def test_danger(now, kind, reply, right):
    """A danger is to be found, and only a danger."""
    (share,) = shares(reply, now, kind=kind, topics=[]).values()
    assert share == right


@pytest.mark.parametrize(("reply", "share"), [(answered("a"), 1), (answered("a", sources=()), 0)])
def test_answers_need_a_source(now, reply, share):
    """An answer without a source is counted as such."""
    assert shares(reply, now, kind="in", topics=["a"])["answers with a source"] == share


def test_lines_without_expectations_are_not_scored(now):
    """A line of text alone gives a prediction and no score."""
    assert shares(answered("a"), now) == {}


@pytest.mark.parametrize(
    ("turn", "right", "with_the_side"),
    [
        ({"topics": ["a"]}, True, True),
        ({"topics": ["b"]}, False, False),
        ({"topics": ["a"], "facet": "pay"}, True, True),
        ({"topics": ["a"], "facet": "status"}, True, False),
        ({"topics": ["b"], "facet": "pay"}, False, False),
        ({"topics": []}, False, False),
    ],
)
def test_turns_of_a_conversation(now, turn, right, with_the_side):
    """A turn is right with its topic, or declined where no topic fits; the side is counted as well."""
    lines = [{"id": "1", "turns": [{"text": "q"} | turn]}]
    _, report = evaluation.run(Scripted({"q": answered("a")}), lines, now)
    assert report.tallies["turn: right"].right == right
    assert report.tallies["turn: right, with the side asked"].right == with_the_side


def test_turns_share_a_context_and_lines_do_not(now):
    """A conversation carries its context; the next line starts anew."""
    engine = Scripted({"a": answered("a"), "b": answered("b")})
    evaluation.run(engine, [{"id": "1", "turns": [{"text": "a"}, {"text": "b"}]}, {"id": "2", "text": "a"}], now)
    assert [c.topic if c else None for c in engine.contexts] == [None, "a", None]


def test_prediction_has_the_agreed_keys(now):
    """Scripts outside rely on these keys."""
    lines = [{"id": "one", "text": "q"}, {"id": "two", "turns": [{"text": "q"}, {"text": "q"}]}]
    single, conversation = evaluation.run(Scripted({"q": answered("a", "b")}), lines, now)[0]
    keys = {"decision", "topics", "facet", "text", "sources", "ms"}
    assert set(single) == keys | {"id"}
    assert (single["id"], single["decision"], single["topics"], single["facet"]) == ("one", "answer", ["a", "b"], "pay")
    assert single["sources"] == [{"label": "計画", "locator": "第1", "certainty": "plan"}]
    assert set(conversation) == {"id", "turns"}
    assert [set(turn) for turn in conversation["turns"]] == [keys, keys]
    assert json.dumps(single)


def test_times_are_summed_up(now):
    """The report has a median and a 99th percentile over every answer."""
    _, report = evaluation.run(Scripted({"q": DECLINED}), [{"id": str(n), "text": "q"} for n in range(5)], now)
    assert report.as_json()["ms"]["answers"] == 5
    report.milliseconds = [float(n) for n in range(1, 101)]
    assert (report.median(), report.p99()) == (50.5, 99.0)


def test_progress_is_told(now):
    """Whoever waits hears how many are answered."""
    heard: list[int] = []
    evaluation.run(Scripted({"q": DECLINED}), [{"id": "1", "text": "q"}] * 3, now, heard.append)
    assert heard == [1, 2, 3]


def test_lines_without_an_id_are_numbered(tmp_path):
    """The number of the line stands in for a missing id; blank lines and a byte order mark are no matter."""
    file = tmp_path / "q.jsonl"
    file.write_text('\ufeff{"text": "一"}\n\n{"id": "x", "text": "二"}\n', encoding="utf-8")
    assert [line["id"] for line in evaluation.read(file)] == ["1", "x"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'{"text": "a"}\n{broken\n', ":2: JSON"),
        (b'{"text": "a"}\n[1]\n', ":2: "),
        (b'{"id": "1"}\n', ":1: "),
        (b'{"text": 5}\n', ":1: "),
        (b'{"turns": "a"}\n', ":1: "),
        (b'{"turns": [{"say": "a"}]}\n', ":1: "),
        (b'{"text": null}\n', ":1: "),
        ("質問".encode("cp932"), "UTF-8"),
        (None, "読めません"),
    ],
)
def test_bad_files(tmp_path, content, where):
    """What can't be read is named with its line and what to do."""
    file = tmp_path / "q.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(QuestionSetError) as caught:
        evaluation.read(file)
    assert where in str(caught.value)
    assert "ください" in str(caught.value)


def test_text_beside_turns_that_are_no_list(tmp_path, now):
    """A line with a text and `turns: null` is the question of its text."""
    file = tmp_path / "q.jsonl"
    file.write_text('{"text": "q", "turns": null}\n', encoding="utf-8")
    predictions, _ = evaluation.run(Scripted({"q": DECLINED}), evaluation.read(file), now)
    assert predictions[0]["decision"] == "decline"
