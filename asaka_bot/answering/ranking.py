"""Fuse the signals and say which topics a question is about, and how sure that is.

Two ways lead to the same `Ranking`. A knowledge base with example phrases trains a ridge ranker on them
(`_Trained`). One without (another city's questions and answers) is searched by weighted z-scores of words,
characters and sentence vectors (`_Searched`), with the weights of design/retrieval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from asaka_bot.answering import ridge
from asaka_bot.answering.features import Featurizer
from asaka_bot.answering.lexical import Analysed, Analyser, Bm25Index, TfidfIndex
from asaka_bot.answering.semantic import Encoder, Progress, VectorCache
from asaka_bot.knowledge.model import KnowledgeBase, Topic

Matrix = npt.NDArray[np.float32]
MIN_PHRASES = 3  # a topic, on average: below this there is too little to train on


@dataclass(frozen=True, slots=True)
class Ranking:
    """How likely each topic, broad question and outside subject is meant; all together sum to 1."""

    topics: Mapping[str, float]  # best first
    broad: Mapping[str, float]
    outside: Mapping[str, float]
    nearest: float  # similarity of the nearest example, 0..1: low means nobody has asked anything like it

    @property
    def ids(self) -> tuple[str, ...]:
        """The five best topics."""
        return tuple(list(self.topics)[:5])

    def blend(self, other: "Ranking", share: float) -> "Ranking":
        """A weighted mean; `share` is the weight of `other`."""
        return Ranking(
            _mix(self.topics, other.topics, share),
            _mix(self.broad, other.broad, share),
            _mix(self.outside, other.outside, share),
            max(self.nearest, other.nearest),
        )


def _mix(one: Mapping[str, float], two: Mapping[str, float], share: float) -> dict[str, float]:
    return _sorted({key: (1 - share) * one.get(key, 0.0) + share * two.get(key, 0.0) for key in {*one, *two}})


def _sorted(scores: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(scores.items(), key=lambda item: -item[1]))
