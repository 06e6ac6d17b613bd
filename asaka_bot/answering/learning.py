"""Train the ranker from the knowledge base's own phrases: kernel ridge regression, solved once and kept on disk.

A question's kernel with an example is the sum of four cosines: words, characters, sounds, sentence vectors. One
linear solve gives the weights of all topics, broad questions, outside subjects and signs of danger; a second one,
in which examples of the same topic count more, gives the facets (see `solving`). The solves need scipy and a few
hundred megabytes for some seconds, so they run in a process of their own that gives the memory back.
"""

import hashlib
import json
import multiprocessing
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from asaka_bot.answering.lexical import Analysed, Analyser, TfidfIndex
from asaka_bot.answering.semantic import DAMAGED, Encoder, Progress, VectorCache
from asaka_bot.knowledge.model import Facet, KnowledgeBase

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]
Arrays = dict[str, npt.NDArray[Any]]

CHANNELS = ("words", "characters", "sounds")
FACETS = tuple(Facet)
BROAD, OUTSIDE, DANGER, SAFE = "broad:", "outside:", "danger:", "safe"
SAME_TOPIC = 2.0  # how much more an example of the same topic counts for the facet
SHARPNESS = 18.0  # softmax factor: left-out examples were likeliest at 17 to 18, whatever the number of examples
_MOST_TITLES = 3_000
_REMEMBERED = 10  # texts last compared: a question, its sentences, the turn behind the title of its topic
_KEPT_MODELS = 3  # in a cache folder that several knowledge bases share
FORMAT = 10  # raise when what is stored, or how it is computed, changes


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it teaches: its class, and the facet it asks about."""

    text: str
    label: str
    facet: Facet | None = None


def examples(knowledge: KnowledgeBase) -> list[Example]:
    """Every example of the knowledge base: phrases and names of topics, broad and outside questions, signs of danger."""
    found = []
    for topic in knowledge.topics.values():
        names = dict.fromkeys((topic.title, *topic.aliases, topic.choice))
        found += [Example(name, topic.id, Facet.OVERVIEW) for name in names]
        found += [Example(p.text, topic.id, p.facet or Facet.OVERVIEW) for p in topic.phrases]
    for broad in knowledge.broad:
        found += [Example(text, BROAD + broad.id) for text in broad.phrases]
    for subject in knowledge.outside:
        found += [Example(text, OUTSIDE + subject.id) for text in subject.phrases]
    return found + danger_examples(knowledge)


def danger_examples(knowledge: KnowledgeBase, *, with_topics: bool = False) -> list[Example]:
    """The signs of danger, and the sentences that only sound alarming; if asked for, the topics' titles as harmless."""
    signs = [Example(text, DANGER + kind.id) for kind in knowledge.urgent.kinds for text in kind.signs]
    harmless = [*knowledge.urgent.look_alikes]
    if with_topics:
        harmless += [topic.title for topic in list(knowledge.topics.values())[:_MOST_TITLES]]
    return signs + [Example(text, SAFE) for text in harmless]


class Model:
    """The trained weights, and the indexes that compare a question with every example."""

    def __init__(self, arrays: Arrays, encoder: Encoder | None) -> None:
        self.labels: tuple[str, ...] = tuple(json.loads(arrays["labels"].tobytes()))
        self.texts: tuple[str, ...] = tuple(json.loads(arrays["texts"].tobytes()))
        self.classes: npt.NDArray[np.int32] = arrays["classes"]
        self._encoder = encoder
        self._vectors: Matrix = arrays["vectors"].astype(np.float32)
        self._indexes = {c: TfidfIndex.from_arrays(_part(arrays, c)) for c in CHANNELS}
        self._weights: Matrix = arrays["weights"].astype(np.float32)
        self._facet_rows: npt.NDArray[np.int32] = arrays["facet_rows"]
        self._facet_weights: Matrix = arrays["facet_weights"].astype(np.float32)
        self._place = {label: i for i, label in enumerate(self.labels)}
        self._recent: deque[tuple[Analysed, Matrix, Matrix]] = deque(maxlen=_REMEMBERED)

    def kernel(self, question: Analysed) -> Matrix:
        """The kernel of the question with every example, shape (examples,)."""
        return self._compared(question)[0]

    def scores(self, question: Analysed) -> Matrix:
        """One score for each label: about 1 where it fits, about 0 elsewhere."""
        return self._compared(question)[1]

    def _compared(self, question: Analysed) -> tuple[Matrix, Matrix]:
        """Kernel and scores, remembered: danger, topic and facet all ask for those of the same question."""
        for known, kernel, scores in self._recent:
            if known is question:
                return kernel, scores
        vector = None if self._encoder is None else self._encoder.encode([question.plain])[0]
        kernel = _kernel(self._indexes, question, self._vectors, vector)
        scores = np.asarray(kernel @ self._weights)
        self._recent.append((question, kernel, scores))
        return kernel, scores

    @property
    def full(self) -> float:
        """The kernel of a text with itself."""
        return len(CHANNELS) + (1.0 if self._encoder is not None else 0.0)

    def facet_scores(self, question: Analysed, topic: str) -> dict[Facet, float]:
        """One score for each facet, given the topic."""
        rows = self.kernel(question)[self._facet_rows]
        same = self.classes[self._facet_rows] == self._place.get(topic, -1)
        scores = (rows * (1 + SAME_TOPIC * same)) @ self._facet_weights
        return {facet: float(score) for facet, score in zip(FACETS, scores, strict=True)}


def load_or_train(
    found: Sequence[Example],
    analyser: Analyser,
    encoder: Encoder | None,
    folder: Path | None,
    progress: Progress,
) -> Model:
    """The model of these examples: from `folder` if it is there, else trained and stored.

    A changed example or synonym trains anew; a changed answer text does not.
    """
    told = json.dumps([(e.text, e.label, e.facet) for e in found], ensure_ascii=False) + analyser.fingerprint
    content = hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
    name = f"ranker-{FORMAT}-{content}-{'none' if encoder is None else encoder.name}.npz"
    file = None if folder is None else folder / name
    arrays = _read(file)
    if arrays is None:
        arrays = _train(found, analyser, encoder, folder, progress)
        _write(file, arrays)
    return Model(arrays, encoder)


def _read(file: Path | None) -> Arrays | None:
    if file is None or not file.is_file():
        return None
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except DAMAGED:
        return None  # it is made anew


def _write(file: Path | None, arrays: Arrays) -> None:
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    half_done = file.with_suffix(".part")
    with half_done.open("wb") as out:
        np.savez(out, **arrays)  # type: ignore[arg-type]  # numpy's stub takes allow_pickle for a keyword array
    half_done.replace(file)
    newest_first = sorted(file.parent.glob("ranker-*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[_KEPT_MODELS:]:
        old.unlink(missing_ok=True)


def _part(arrays: Mapping[str, npt.NDArray[Any]], channel: str) -> Arrays:
    return {key.removeprefix(f"{channel}."): value for key, value in arrays.items() if key.startswith(f"{channel}.")}


def _kernel(indexes: Mapping[str, TfidfIndex], text: Analysed, vectors: Matrix, vector: Matrix | None) -> Matrix:
    kernel = np.zeros(len(vectors), np.float32) if vector is None else vectors @ vector
    for channel, index in indexes.items():
        kernel += index.scores(getattr(text, channel))
    return kernel


def _train(
    found: Sequence[Example], analyser: Analyser, encoder: Encoder | None, folder: Path | None, progress: Progress
) -> Arrays:
    texts = [example.text for example in found]
    with ThreadPoolExecutor(1) as beside:  # the encoder's processes and numpy leave Python to the analysis
        encoded = beside.submit(_vectors, texts, analyser, encoder, folder, progress)
        analysed = []
        for done, text in enumerate(texts):
            if done % 500 == 0:
                progress("言葉の分析", done, len(texts))
            analysed.append(analyser.analyse(text))
        indexes = {c: TfidfIndex.build([getattr(a, c) for a in analysed]) for c in CHANNELS}
        vectors = encoded.result()
    progress("学習", 0, 1)
    labels = sorted({example.label for example in found})
    place = {label: i for i, label in enumerate(labels)}
    classes = np.array([place[example.label] for example in found], np.int32)
    facets = np.array([-1 if e.facet is None else FACETS.index(e.facet) for e in found], np.int32)
    parts = {channel: index.arrays() for channel, index in indexes.items()}
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        solved = pool.submit(_solve, vectors, list(parts.values()), classes, facets).result()
    progress("学習", 1, 1)
    stored: Arrays = {
        "labels": _text_array(labels),
        "texts": _text_array([a.plain for a in analysed]),
        "classes": classes,
        "vectors": vectors.astype(np.float16),
        **solved,
    }
    for channel, arrays in parts.items():
        for key, value in arrays.items():
            stored[f"{channel}.{key}"] = value
    return stored


def _vectors(
    texts: Sequence[str], analyser: Analyser, encoder: Encoder | None, folder: Path | None, progress: Progress
) -> Matrix:
    if encoder is None:
        return np.zeros((len(texts), 0), np.float32)
    return VectorCache(folder, encoder).vectors([analyser.plain(text) for text in texts], progress)


def _text_array(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(json.dumps(list(texts), ensure_ascii=False).encode(), np.uint8)


def _solve(vectors: Matrix, indexes: Sequence[Arrays], classes: Numbers, facets: Numbers) -> Arrays:
    from asaka_bot.answering.solving import solve  # scipy: only in the process that solves

    return solve(vectors, indexes, classes, facets)
