"""Train the ranker from the knowledge base's own phrases: kernel ridge regression, solved once and kept on disk.

A question's kernel with an example is the sum of four cosines: words, characters, sounds, sentence vectors. One
linear solve gives the weights of all topics, broad questions, outside subjects and signs of danger; a second one,
in which examples of the same topic count more, gives the facets (see `solving`). The solves need scipy and a few
hundred megabytes for some seconds, so they run in a process of their own that gives the memory back.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from asaka_bot.answering.compact import CompactVectors
from asaka_bot.answering.examples import Example
from asaka_bot.answering.folding import Folded
from asaka_bot.answering.lexical import Analysed, Analyser, TermWeights, TfidfIndex
from asaka_bot.answering.semantic import DAMAGED, Encoder, Progress, VectorCache, begin_worker
from asaka_bot.knowledge.model import Facet

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]
Arrays = dict[str, npt.NDArray[Any]]

CHANNELS = ("words", "characters", "sounds")
FACETS = tuple(Facet)
SAME_TOPIC = 2.0  # how much more an example of the same topic counts for the facet
SHARPNESS = 18.0  # softmax factor: left-out examples were likeliest at 17 to 18, whatever the number of examples
_REMEMBERED = 10  # texts last compared: a question, its sentences, the turn behind the title of its topic
_NEAR_ENOUGH = 0.3  # as like an example as this a question is familiar, and which example is nearest says no more
_NEIGHBOURS = 512  # examples that correct the scores, those likest in words, characters and sounds
_NEARNESS, _CORRECTION = 4, 2.5  # how fast a neighbour's say falls with its likeness, and how much all of them have
_KEPT_MODELS = 3  # in a cache folder that several knowledge bases share
FORMAT = 12  # raise when what is stored, or how it is computed, changes


class Model:
    """The trained weights, and the indexes that compare a question with the examples."""

    def __init__(self, arrays: Arrays, encoder: Encoder | None) -> None:
        self.labels: tuple[str, ...] = tuple(json.loads(arrays["labels"].tobytes()))
        self.texts: tuple[str, ...] = tuple(json.loads(arrays["texts"].tobytes()))
        self.classes: npt.NDArray[np.int32] = arrays["classes"]
        self._encoder = encoder
        self._vectors = CompactVectors(arrays["vectors"], arrays["vector_scales"])
        self._indexes = {c: TfidfIndex.from_arrays(_part(arrays, c)) for c in CHANNELS}
        self._facet_weights: Matrix = arrays["facet_weights"].astype(np.float32)
        self._facet_rows = _rows_by_label(self.classes, arrays["facet_rows"])
        by_facet = np.zeros((len(self.texts), len(FACETS)), np.float32)
        by_facet[arrays["facet_rows"]] = self._facet_weights
        self._weights = np.hstack([arrays["weights"].astype(np.float32), by_facet])
        self._folded = Folded(self._indexes, self._vectors, self._weights)
        self._place = {label: i for i, label in enumerate(self.labels)}
        self._recent: deque[_Compared] = deque(maxlen=_REMEMBERED)
        self._kept: dict[str, _Compared] = {}
        self._encoded: dict[str, Matrix] = {}  # vectors of the sentences that are about to be compared

    def foresee(self, sentences: Sequence[Analysed]) -> None:
        """Encode sentences that will be asked about one by one: together that takes a third of the time."""
        if self._encoder is not None and sentences:
            texts = [sentence.plain for sentence in sentences]
            self._encoded = dict(zip(texts, self._encoder.encode(texts), strict=True))

    def scores(self, question: Analysed) -> Matrix:
        """One score for each label: about 1 where it fits, about 0 elsewhere."""
        return self._compared(question).scores[: len(self.labels)]

    def nearest(self, texts: Sequence[Analysed]) -> float:
        """How alike any of the texts is to an example, 0..1: that of the nearest where low, else of one near enough."""
        found = 0.0
        for text in sorted(texts, key=lambda text: not text.lasting):  # of these it is known already
            if found < _NEAR_ENOUGH:
                found = max(found, self._nearest(self._compared(text)))
        return found

    def facet_scores(self, question: Analysed, topic: str, asking: Analysed | None = None) -> dict[Facet, float]:
        """One score for each facet, given the topic, whose own examples count more.

        `asking`, the sentence of a long text that asks something, counts as much as the whole.
        """
        scores = self._facets_of(question, topic)
        if asking is not None:
            scores = (scores + self._facets_of(asking, topic)) / 2
        return {facet: float(score) for facet, score in zip(FACETS, scores, strict=True)}

    def _facets_of(self, question: Analysed, topic: str) -> npt.NDArray[np.floating]:
        compared = self._compared(question)
        scores: npt.NDArray[np.floating] = compared.scores[len(self.labels) :]
        if (own := self._facet_rows.get(self._place.get(topic, -1))) is not None:
            rows, places = own
            kernel = self._kernel(compared, rows)
            scores = scores + SAME_TOPIC * (kernel @ self._facet_weights[places])
        return scores

    @property
    def _full(self) -> float:
        """The kernel of a text with itself."""
        return len(CHANNELS) + (1.0 if self._encoder is not None else 0.0)

    def _compared(self, question: Analysed) -> "_Compared":
        """What is known of the question, remembered: danger, topic and facet all ask for that of the same question."""
        if question.lasting and (kept := self._kept.get(question.plain)) is not None:
            return kept
        for known in self._recent:
            if known.question == question:
                return known
        vector = None if self._encoder is None else self._vector(question, self._encoder)
        terms = {channel: index.weigh(getattr(question, channel)) for channel, index in self._indexes.items()}
        compared = _Compared(question, vector, terms, self._folded.scores(terms, vector))
        self._correct(compared)
        if question.lasting:
            self._kept[question.plain] = compared
        else:
            self._recent.append(compared)
        return compared

    def _vector(self, question: Analysed, encoder: Encoder) -> Matrix:
        known = self._encoded.pop(question.plain, None)
        return encoder.encode([question.plain])[0] if known is None else known

    def _correct(self, compared: "_Compared") -> None:
        """Add what the regression left over of the examples around the question, which it most likely misses here too.

        Of an example that is its weights times the penalty; the average of the nearest ones' (Nadaraya and Watson) is
        added to the scores. A phrase thus counts fully for questions close to it, however few there are like it.
        """
        cosines = self._cosines(compared)
        near = np.argpartition(cosines, -_NEIGHBOURS)[-_NEIGHBOURS:] if len(cosines) > _NEIGHBOURS else slice(None)
        alike = np.maximum(self._kernel(compared, near) / self._full, 0)
        say = alike**_NEARNESS
        compared.scores += np.asarray(_CORRECTION * (say @ self._weights[near]) / (say.sum() + 1e-4), np.float32)
        compared.nearest = float(alike.max(initial=0.0))

    def _nearest(self, compared: "_Compared") -> float:
        if compared.nearest < _NEAR_ENOUGH:  # the sentence vector may know an example that shares no word
            compared.nearest = max(0.0, float(self._kernel(compared, slice(None)).max(initial=0.0)) / self._full)
        return compared.nearest

    def _cosines(self, compared: "_Compared") -> Matrix:
        """The kernel with every example but for the sentence vectors, shape (examples,)."""
        if compared.cosines is None:
            gathered = [index.gather(compared.terms[channel]) for channel, index in self._indexes.items()]
            places, values = (np.concatenate(parts) for parts in zip(*gathered, strict=True))
            cosines = np.bincount(places, values, minlength=len(self.texts)).astype(np.float32)
            compared.cosines = None if compared.question.lasting else cosines
            return cosines
        return compared.cosines

    def _kernel(self, compared: "_Compared", rows: "slice | Numbers | npt.NDArray[np.intp]") -> Matrix:
        """How alike the question is to some examples: the sum of the four cosines."""
        kernel = self._cosines(compared)[rows]
        return kernel if compared.vector is None else kernel + self._vectors.products(compared.vector, rows)


@dataclass(slots=True)
class _Compared:
    """A question as the examples see it; what not every question needs is worked out when it is asked for."""

    question: Analysed
    vector: Matrix | None
    terms: Mapping[str, TermWeights]
    scores: Matrix  # of the labels, then of the facets
    cosines: Matrix | None = None  # with every example
    nearest: float = 0.0  # how alike the nearest of the examples around it is, 0..1


def _rows_by_label(classes: Numbers, used: Numbers) -> dict[int, tuple[Numbers, Numbers]]:
    """For each label the examples of `used` that bear it, and where in `used` they stand."""
    own = classes[used]
    return {int(label): (used[own == label], np.flatnonzero(own == label).astype(np.int32)) for label in np.unique(own)}


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


def _train(
    found: Sequence[Example], analyser: Analyser, encoder: Encoder | None, folder: Path | None, progress: Progress
) -> Arrays:
    texts = [example.text for example in found]
    stopped = threading.Event()

    def report(stage: str, done: int, total: int) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        progress(stage, done, total)

    with ThreadPoolExecutor(1) as beside:  # the encoder's processes and numpy leave Python to the analysis
        encoded = beside.submit(_vectors, texts, analyser, encoder, folder, report)
        try:
            analysed = []
            for done, text in enumerate(texts):
                if done % 500 == 0:
                    progress("言葉の分析", done, len(texts))
                analysed.append(analyser.analyse(text))
            indexes = {c: TfidfIndex.build([getattr(a, c) for a in analysed]) for c in CHANNELS}
            vectors = encoded.result()
        except BaseException:  # Ctrl+C reaches this thread alone
            stopped.set()
            raise
    progress("学習", 0, 1)
    labels = sorted({example.label for example in found})
    place = {label: i for i, label in enumerate(labels)}
    classes = np.array([place[example.label] for example in found], np.int32)
    facets = np.array([-1 if e.facet is None else FACETS.index(e.facet) for e in found], np.int32)
    parts = {channel: index.arrays() for channel, index in indexes.items()}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=begin_worker) as pool:
        worker = pool.submit(os.getpid).result()
        try:
            solved = pool.submit(_solve, vectors, list(parts.values()), classes, facets).result()
        except BaseException:  # Ctrl+C need not wait for it
            with suppress(OSError):
                os.kill(worker, signal.SIGTERM)
            raise
    progress("学習", 1, 1)
    compact = CompactVectors.of(vectors)
    stored: Arrays = {
        "labels": _text_array(labels),
        "texts": _text_array([a.plain for a in analysed]),
        "classes": classes,
        "vectors": compact.numbers,
        "vector_scales": compact.scales,
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
