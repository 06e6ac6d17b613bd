"""Match by words and characters: Sudachi words, TF-IDF and BM25 over inverted lists, rapidfuzz for names."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from asaka_bot.answering import text

Scores = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

_CONTENT_WORDS = frozenset(
    ("名詞", "動詞", "形容詞", "副詞", "形状詞", "接尾辞", "接頭辞", "代名詞", "連体詞", "感動詞")
)
_EMPTY_WORDS = frozenset(
    (
        "為る",
        "有る",
        "居る",
        "成る",
        "事",
        "物",
        "の",
        "様",
        "下さる",
        "因る",
        "言う",
        "其れ",
        "此れ",
        "御",
        "です",
        "ます",
    )
)


@dataclass(frozen=True)
class Analysed:
    """A text as the indexes see it; made once for a question, whichever signals ask for it."""

    original: str  # normalised
    plain: str  # without polite wrapping, spelling variants replaced by standard words
    words: tuple[str, ...]  # dictionary forms of short units, and ids of synonym groups
    reading: str  # in hiragana; the same for 生理痛 and 整理痛
    lasting: bool = False  # of the knowledge base, not of a person: what is found out about it may be kept

    @cached_property
    def characters(self) -> list[str]:
        """Character n-grams of the plain text."""
        return text.ngrams(self.plain, (1, 2, 3))

    @cached_property
    def sounds(self) -> list[str]:
        """Character n-grams of the reading."""
        return text.ngrams(self.reading, (2, 3))


class Analyser:
    """Turns raw text into `Analysed`. Not for use by several threads at once (Sudachi's tokenizer is not)."""

    def __init__(self, synonyms: text.Synonyms) -> None:
        self._synonyms = synonyms
        self.fingerprint = synonyms.fingerprint + version("sudachidict-core")  # of what analysis depends on
        self._tokenizer: Tokenizer = Dictionary(dict="core").tokenizer(mode=SplitMode.C)
        self._lasting: dict[str, Analysed] = {}

    def plain(self, raw: str) -> str:
        """What `analyse` gives as the plain text, for several threads at once."""
        return self._synonyms.apply(text.without_boilerplate(text.normalise(raw)))

    def analyse(self, raw: str) -> Analysed:
        """Normalise, replace synonyms, split into words."""
        original = text.normalise(raw)
        plain = self._synonyms.apply(text.without_boilerplate(original))
        words: list[str] = []
        sounds: list[str] = []
        for morpheme in self._tokenizer.tokenize(plain):
            words.extend(self._words(morpheme))
            sounds.append(text.to_hiragana(morpheme.reading_form() or morpheme.surface()))
        return Analysed(original, plain, tuple(words), "".join(sounds))

    def analyse_lasting(self, raw: str) -> Analysed:
        """The same for a text of the knowledge base, such as a title, which comes up again and again."""
        if (known := self._lasting.get(raw)) is None:
            known = self._lasting[raw] = replace(self.analyse(raw), lasting=True)
        return known

    def _words(self, whole: Morpheme) -> Iterable[str]:
        parts = whole.split(SplitMode.A, add_single=True)
        for part in parts:
            word = part.normalized_form()
            if part.part_of_speech()[0] in _CONTENT_WORDS and word not in _EMPTY_WORDS:
                yield word
                yield from (f"s{group}" for group in part.synonym_group_ids())
        if len(parts) > 1:
            yield from (f"c{group}" for group in whole.synonym_group_ids())


IN_ROWS = 2  # a term of one example alone says little about other questions, and such terms are most of all


class _Postings:
    """Inverted lists in flat arrays: for each term the rows that hold it, with weights."""

    def __init__(self, terms: Sequence[str], ends: IntArray, places: IntArray, values: Scores, size: int) -> None:
        self._number = {term: number for number, term in enumerate(terms)}
        self._bounds = np.concatenate((np.zeros(1, np.int32), ends)).astype(np.int32)
        self.places, self.values, self.size = places, values, size

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], *, in_rows: int = 1) -> "_Postings":
        """Lists with plain counts as values, of the terms that stand in at least `in_rows` rows."""
        gathered: dict[str, dict[int, int]] = defaultdict(dict)
        for index, row in enumerate(rows):
            for term in row:
                counts = gathered[term]
                counts[index] = counts.get(index, 0) + 1
        kept = {term: counts for term, counts in gathered.items() if len(counts) >= in_rows}
        ends = np.cumsum([len(counts) for counts in kept.values()], dtype=np.int32)
        flat_places = np.fromiter((place for counts in kept.values() for place in counts), np.int32)
        flat_counts = np.fromiter((n for counts in kept.values() for n in counts.values()), np.float32)
        return cls(list(kept), ends, flat_places, flat_counts, len(rows))

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        return ((term, *self.span(term)) for term in self._number)

    def __contains__(self, term: str) -> bool:
        return term in self._number

    def number(self, term: str) -> int:
        return self._number[term]

    def span_of(self, number: int) -> tuple[int, int]:
        return int(self._bounds[number]), int(self._bounds[number + 1])

    def span(self, term: str) -> tuple[int, int]:
        return self.span_of(self._number[term])

    def frequencies(self) -> IntArray:
        return np.diff(self._bounds)


def _idf(frequencies: IntArray, rows: int) -> npt.NDArray[np.float64]:
    return np.log((1 + rows) / (1 + frequencies)) + 1


@dataclass(frozen=True, slots=True)
class TermWeights:
    """Some terms of an index by their numbers, and how much each weighs."""

    numbers: npt.NDArray[np.intp]
    weights: Scores

    @classmethod
    def single(cls, number: int) -> "TermWeights":
        """One term, at its full weight."""
        return cls(np.array([number], np.intp), np.ones(1, np.float32))

    def only(self, wanted: npt.NDArray[np.bool_]) -> "TermWeights":
        """Those of the terms where `wanted` is true."""
        return TermWeights(self.numbers[wanted], self.weights[wanted])


class TfidfIndex:
    """Cosine of sublinear TF-IDF vectors."""

    def __init__(self, postings: _Postings) -> None:
        """`postings` with ready weights; use `build` for texts."""
        self._postings = postings
        self._frequencies = postings.frequencies()

    @classmethod
    def build(cls, rows: Sequence[Sequence[str]]) -> "TfidfIndex":
        """Weigh the terms of `rows` and normalise each row to length 1."""
        postings = _Postings.of(rows, in_rows=IN_ROWS)
        frequencies = postings.frequencies()
        weights = (1 + np.log(postings.values)) * np.repeat(_idf(frequencies, len(rows)), frequencies)
        norms = np.bincount(postings.places, weights**2, minlength=len(rows))
        postings.values = np.asarray(weights / np.sqrt(np.maximum(norms, 1e-9))[postings.places], np.float32)
        return cls(postings)

    def weigh(self, terms: Sequence[str]) -> "TermWeights":
        """The terms of a question as a vector of length 1; of no length where the index knows none of them."""
        postings = self._postings
        counts = {t: n for t, n in Counter(terms).items() if t in postings}
        numbers = np.array([postings.number(term) for term in counts], np.intp)
        weights = (1 + np.log(list(counts.values()))) * _idf(self.frequencies()[numbers], postings.size)
        length = max(float(np.sqrt(weights @ weights)), 1e-9)
        return TermWeights(numbers, np.asarray(weights / length, np.float32))

    def gather(self, terms: "TermWeights") -> tuple[IntArray, Scores]:
        """Every place in the lists of `terms`, with the term's weight there times its weight in the question."""
        postings = self._postings
        spans = [postings.span_of(number) for number in terms.numbers.tolist()]
        if not spans:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        lengths = [end - start for start, end in spans]
        places = np.concatenate([postings.places[start:end] for start, end in spans])
        values = np.concatenate([postings.values[start:end] for start, end in spans])
        return places, values * np.repeat(terms.weights, lengths)

    def cosines(self, terms: "TermWeights") -> Scores:
        """Cosine of weighed terms with every row, in 0..1; shape (rows,)."""
        places, values = self.gather(terms)
        return np.bincount(places, values, minlength=self._postings.size).astype(np.float32)

    def scores(self, terms: Sequence[str]) -> Scores:
        """Cosine with every row, in 0..1; shape (rows,)."""
        return self.cosines(self.weigh(terms))

    def frequencies(self) -> IntArray:
        """In how many rows each term stands."""
        return self._frequencies

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything needed to make it again with `from_arrays`."""
        spans = list(self._postings)
        return {
            "terms": np.frombuffer("\n".join(term for term, _, _ in spans).encode(), np.uint8),
            "ends": np.array([end for _, _, end in spans], np.int32),
            "places": self._postings.places,
            "values": self._postings.values,
            "size": np.array(self._postings.size),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "TfidfIndex":
        """The index that `arrays` was taken from."""
        terms = arrays["terms"].tobytes().decode().split("\n")
        return cls(_Postings(terms, arrays["ends"], arrays["places"], arrays["values"], int(arrays["size"])))


class Bm25Index:
    """Okapi BM25; ids of compounds' synonym groups (``c…``) count half."""

    def __init__(self, rows: Sequence[Sequence[str]], k1: float = 1.2, b: float = 0.6) -> None:
        self._postings = _Postings.of(rows)
        lengths = np.array([len(row) for row in rows], np.float32)
        self._norm = k1 * (1 - b + b * lengths / max(float(lengths.mean()) if len(rows) else 1.0, 1.0))
        self._k1 = k1

    def scores(self, terms: Sequence[str]) -> Scores:
        """BM25 of every row; shape (rows,), 0 and more."""
        postings = self._postings
        result = np.zeros(postings.size, np.float32)
        for term in set(terms):
            if term not in postings:
                continue
            start, end = postings.span(term)
            places, counts = postings.places[start:end], postings.values[start:end]
            frequency = end - start
            idf = float(np.log(1 + (postings.size - frequency + 0.5) / (frequency + 0.5)))
            weight = idf * (0.5 if term[:1] == "c" and term[1:].isdigit() else 1.0)
            result[places] += weight * counts * (self._k1 + 1) / (counts + self._norm[places])
        return result
