"""Say which topics a question is about, and how sure that is.

Two ways lead to the same `Ranking`. A knowledge base with example phrases trains a ranker on them (`Trained`, see
`learning`). One without (another city's questions and answers) is searched by a weighted sum of z-scores of words,
characters and sentence vectors (`Searched`, with the weights of the measurement in the README).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from asaka_bot.answering.examples import BROAD, DANGER, OUTSIDE, SAFE
from asaka_bot.answering.learning import SHARPNESS, Model
from asaka_bot.answering.lexical import Analysed, Analyser, Bm25Index, TfidfIndex
from asaka_bot.answering.semantic import Encoder, Progress, VectorCache
from asaka_bot.knowledge.model import Facet, KnowledgeBase, Topic

Matrix = npt.NDArray[np.float32]
Chances = npt.NDArray[np.float64]
_MIN_PHRASES = 3  # a topic, on average: below this there is too little to train on
_SHELF_MALUS = 0.15  # for topics of a shelf whose own words are missing while another's are there
_SLOW = 3.0  # weight of the second, slow encoder
_CLOSE = 2.5  # between the two best, in z-scores: everyday first place within a point of always asking it
_NAME_BONUS = 0.35  # added to the score of a topic whose name is (almost) the whole question


@dataclass(frozen=True, slots=True)
class Ranking:
    """How likely each topic, broad question and outside subject is meant.

    What speaks for a broad question counts for its topics as well.
    """

    topics: Mapping[str, float] = field(default_factory=dict)  # best first
    broad: Mapping[str, float] = field(default_factory=dict)
    outside: Mapping[str, float] = field(default_factory=dict)
    nearest: float = 0.0  # similarity of the nearest example, 0..1: low means nobody has asked anything like it

    @property
    def ids(self) -> tuple[str, ...]:
        """The five best topics."""
        return tuple(list(self.topics)[:5])


class Ranker(Protocol):
    """What the answering engine needs of a ranker."""

    def rank(self, question: Analysed) -> Ranking:
        """The ranking of one question."""
        ...

    def mix(
        self,
        parts: Sequence[tuple[Analysed, float]],
        bonus: Mapping[str, float] | None = None,
        *,
        broad: float = 0.0,
        outside: float = 0.0,
    ) -> Ranking:
        """The ranking of a weighted sum of texts (weights may be negative).

        `bonus` is added to the scores of some topics, `broad` and `outside` to all broad questions and outside
        subjects.
        """
        ...

    def facets(self, question: Analysed, topic: str, asking: Analysed | None = None) -> Mapping[Facet, float]:
        """A score for each facet, given the topic and the sentence of a long text that asks; empty where none was learned."""
        ...


def can_train(knowledge: KnowledgeBase) -> bool:
    """Whether the knowledge base has enough phrases to learn from."""
    phrases = sum(len(topic.phrases) for topic in knowledge.topics.values())
    return phrases >= _MIN_PHRASES * max(len(knowledge.topics), 1)


class Trained:
    """Ranks by the weights learned from the knowledge base's phrases."""

    def __init__(self, model: Model, knowledge: KnowledgeBase) -> None:
        self._model = model
        self._topics, self._broads = _Labels(model.labels, ""), _Labels(model.labels, BROAD)
        self._outsides = _Labels(model.labels, OUTSIDE)
        groups = {broad.id: frozenset(broad.topics) for broad in knowledge.broad}
        in_group = [[topic in groups[broad] for topic in self._topics.names] for broad in self._broads.names]
        self._members = np.array(in_group, np.float64).reshape(len(in_group), len(self._topics.names))
        self._shelves = _shelves(knowledge, model.labels)
        self._meant = np.array([label != SAFE and not label.startswith(DANGER) for label in model.labels])
        names = [i for i, label in enumerate(model.classes) if not _is_other(model.labels[label])]
        self._names = {i: model.texts[i] for i in names if len(model.texts[i]) <= 20}
        self._broad = np.array([label.startswith(BROAD) for label in model.labels], np.float32)
        self._outside = np.array([label.startswith(OUTSIDE) for label in model.labels], np.float32)
        self._places = {label: place for place, label in enumerate(model.labels)}
        self._last_bonus: tuple[Analysed, Matrix] | None = None

    def rank(self, question: Analysed) -> Ranking:
        """The ranking of one question."""
        return self.mix([(question, 1.0)])

    def mix(
        self,
        parts: Sequence[tuple[Analysed, float]],
        bonus: Mapping[str, float] | None = None,
        *,
        broad: float = 0.0,
        outside: float = 0.0,
    ) -> Ranking:
        """The ranking of a weighted sum of texts, with a bonus for some topics."""
        scores = np.zeros(len(self._model.labels), np.float32)
        for text, weight in parts:
            scores += weight * (self._model.scores(text) + self._name_bonus(text))
        for topic, extra in (bonus or {}).items():
            if (place := self._places.get(topic)) is not None:
                scores[place] += extra
        scores += self._shelf_malus(parts[0][0].original)
        nearest = self._model.nearest([text for text, _ in parts])
        return self._ranking(scores + broad * self._broad + outside * self._outside, nearest)

    def _shelf_malus(self, question: str) -> Matrix:
        """Less for the topics of a shelf when the question speaks only of another one (保育園 but no 介護)."""
        spoken_of = [bool(words.search(question)) for words, _ in self._shelves]
        malus = np.zeros(len(self._model.labels), np.float32)
        if any(spoken_of):
            for spoken, (_, places) in zip(spoken_of, self._shelves, strict=True):
                malus[places] = 0.0 if spoken else -_SHELF_MALUS
        return malus

    def facets(self, question: Analysed, topic: str, asking: Analysed | None = None) -> Mapping[Facet, float]:
        """The scores that the examples' facets give to the question."""
        return self._model.facet_scores(question, topic, asking)

    def _name_bonus(self, text: Analysed) -> Matrix:
        """More for a topic whose name is nearly the whole text; remembered, as a turn is ranked alone and in a mix."""
        if self._last_bonus is not None and self._last_bonus[0] is text:
            return self._last_bonus[1]
        bonus = np.zeros(len(self._model.labels), np.float32)
        if len(text.plain) <= 20:
            for _, likeness, i in process.extract(text.plain, self._names, scorer=fuzz.ratio, score_cutoff=86, limit=3):
                place = self._model.classes[i]
                bonus[place] = max(bonus[place], _NAME_BONUS * (likeness - 80) / 20)
        self._last_bonus = text, bonus
        return bonus

    def _ranking(self, scores: Matrix, nearest: float) -> Ranking:
        scores = np.where(self._meant, scores, -np.inf)
        likely = np.exp((scores - scores.max()) * SHARPNESS)
        likely /= likely.sum()
        broad = likely[self._broads.places]
        topics = self._with_groups(likely[self._topics.places], broad)
        outside = likely[self._outsides.places]
        return Ranking(
            self._topics.sorted(topics), self._broads.sorted(broad), self._outsides.sorted(outside), nearest=nearest
        )

    def _with_groups(self, topics: Matrix, broad: Matrix) -> Chances:
        """The topics, with what speaks for a broad question shared out to its topics in proportion to their own."""
        own = topics + 1e-6
        return np.asarray(topics + own * ((broad / (self._members @ own)) @ self._members), np.float64)


class _Labels:
    """The labels of one sort, and where they stand among all."""

    def __init__(self, labels: Sequence[str], head: str) -> None:
        """Those that begin with `head`; without one, the topics."""
        wanted = [(i, label) for i, label in enumerate(labels) if label.startswith(head)]
        kept = [(i, label) for i, label in wanted if head or not _is_other(label)]
        self.names = tuple(label.removeprefix(head) for _, label in kept)
        self.places = np.array([i for i, _ in kept], np.intp)

    def sorted(self, chances: Chances | Matrix) -> dict[str, float]:
        """The chance of each by its name, the likeliest first."""
        values = chances.tolist()
        return {self.names[i]: values[i] for i in np.argsort(-chances, kind="stable").tolist()}


class Searched:
    """Ranks questions and answers that come without phrases: a weighted sum of z-scores.

    The second encoder takes most of the time of an answer, so it is asked only where the others leave it open.
    """

    def __init__(
        self,
        topics: Sequence[Topic],
        analyser: Analyser,
        encoders: Sequence[Encoder],
        folder: Path | None,
        progress: Progress,
    ) -> None:
        self._ids = [topic.id for topic in topics]
        asked = [" ".join((topic.title, *topic.aliases, *(p.text for p in topic.phrases))) for topic in topics]
        told = [" ".join(s.text for statements in topic.facets.values() for s in statements) for topic in topics]
        questions = []
        both = []
        for done, (question, answer) in enumerate(zip(asked, told, strict=True)):
            if done % 200 == 0:
                progress("言葉の分析", done, len(topics))
            questions.append(analyser.analyse(question))
            both.append((*questions[-1].words, *questions[-1].words, *analyser.analyse(answer).words))
        self._words = Bm25Index(both)
        self._characters = TfidfIndex.build([q.characters for q in questions])
        plain = [q.plain for q in questions]
        self._encoder, self._slow = (*encoders, None, None)[:2]
        self._asked = self._told = self._asked_slow = np.zeros((len(topics), 0), np.float32)
        if self._encoder is not None:
            self._asked = VectorCache(folder, self._encoder).vectors(plain, progress)
            answers = [answer[:400] for answer in told]
            self._told = VectorCache(folder, self._encoder, "answers").vectors(answers, progress)
        if self._slow is not None:
            self._asked_slow = VectorCache(folder, self._slow).vectors(plain, progress)

    def rank(self, question: Analysed) -> Ranking:
        """The ranking of one question."""
        return self.mix([(question, 1.0)])

    def mix(
        self,
        parts: Sequence[tuple[Analysed, float]],
        bonus: Mapping[str, float] | None = None,
        *,
        broad: float = 0.0,  # noqa: ARG002 - there are no broad questions here
        outside: float = 0.0,  # noqa: ARG002 - nor outside subjects
    ) -> Ranking:
        """The ranking of a weighted sum of texts, with a bonus for some topics."""
        total = np.zeros(len(self._ids), np.float32)
        nearest = 0.0
        for question, weight in parts:
            scores, near = self._scores(question)
            total += weight * scores
            nearest = max(nearest, near)
        if self._slow is not None and _is_close(total):
            question, weight = max(parts, key=lambda part: part[1])  # a turn is asked about once
            total += weight * _SLOW * _standard(self._asked_slow @ self._slow.encode([question.plain])[0])
        for i, topic in enumerate(self._ids):
            total[i] += (bonus or {}).get(topic, 0.0) * 4
        likely = np.exp(total - total.max())
        likely /= likely.sum()
        best = np.argsort(-total)[:50]
        return Ranking(topics={self._ids[i]: float(likely[i]) for i in best}, nearest=nearest)

    def _scores(self, question: Analysed) -> tuple[Matrix, float]:
        characters = self._characters.scores(question.characters)
        total = 2 * _standard(self._words.scores(question.words)) + _standard(characters)
        nearest = float(characters.max(initial=0.0))
        if self._encoder is not None:
            vector = self._encoder.encode([question.plain])[0]
            likeness = self._asked @ vector
            total += 3 * _standard(likeness) + 2 * _standard(self._told @ vector)
            nearest = max(nearest, float(likeness.max()))
        return total, nearest

    def facets(
        self,
        question: Analysed,  # noqa: ARG002 - the port's signature
        topic: str,  # noqa: ARG002
        asking: Analysed | None = None,  # noqa: ARG002
    ) -> Mapping[Facet, float]:
        """Nothing is known of facets here."""
        return {}


def _shelves(knowledge: KnowledgeBase, labels: Sequence[str]) -> list[tuple[re.Pattern[str], list[int]]]:
    """For each set of shelf words its pattern, and where the labels of that shelf's topics stand."""
    places: dict[tuple[str, ...], list[int]] = {}
    words = {category.id: category.words for category in knowledge.categories}
    for place, label in enumerate(labels):
        if (topic := knowledge.topics.get(label)) is not None and words[topic.category]:
            places.setdefault(words[topic.category], []).append(place)
    return [(re.compile("|".join(map(re.escape, shelf))), found) for shelf, found in places.items()]


def _is_other(label: str) -> bool:
    return label == SAFE or label.startswith((BROAD, OUTSIDE, DANGER))


def _is_close(scores: Matrix) -> bool:
    """Whether the two best are so near each other that another opinion may change their order."""
    first, second = np.sort(np.partition(scores, -2)[-2:])[::-1] if len(scores) > 1 else (0.0, -np.inf)
    return bool(first - second < _CLOSE)


def _standard(scores: Matrix) -> Matrix:
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-6), np.float32)
