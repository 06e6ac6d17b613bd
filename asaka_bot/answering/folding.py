"""Scores of a question without comparing it with every example.

A score is the sum, over all examples, of how alike the question is to the example times the example's weight. How
alike is itself a sum, over the dimensions of the sentence vector and the terms that both hold. So the weights of the
examples are added up once for each dimension and each frequent term; a question then adds a few hundred rows instead
of reading 50 MB. The result is the same but for the order of the additions.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from asaka_bot.answering.compact import CompactVectors
from asaka_bot.answering.lexical import TermWeights, TfidfIndex

Matrix = npt.NDArray[np.float32]

_FREQUENT = 64  # examples that hold a term: from here its row is kept (6 MB in all), below it is added up each time


class Folded:
    """The weights of all examples, added up for each dimension and each frequent term."""

    def __init__(self, indexes: Mapping[str, TfidfIndex], vectors: CompactVectors, weights: Matrix) -> None:
        """`vectors` (examples, dimension) and `weights` (examples, columns) belong to the rows of every index."""
        self._dense = vectors.folded(weights)
        self._terms = {channel: _Terms(index, weights) for channel, index in indexes.items()}

    def scores(self, terms: Mapping[str, TermWeights], vector: Matrix | None) -> Matrix:
        """One score a column, for the question's terms in each index and its sentence vector."""
        total = np.zeros(self._dense.shape[1], np.float32) if vector is None else vector @ self._dense
        for channel, weighed in terms.items():
            total += self._terms[channel].scores(weighed)
        return total


class _Terms:
    """The rows of one index; a frequent term's is made when somebody first uses the term."""

    def __init__(self, index: TfidfIndex, weights: Matrix) -> None:
        self._index, self._weights = index, weights
        frequent = index.frequencies() >= _FREQUENT
        self._slots = np.where(frequent, np.cumsum(frequent) - 1, -1)
        self._rows = np.empty((int(frequent.sum()), weights.shape[1]), np.float32)
        self._made = np.zeros(len(self._rows), bool)

    def scores(self, terms: TermWeights) -> Matrix:
        slots = self._slots[terms.numbers]
        frequent = slots >= 0
        for number, slot in zip(terms.numbers[frequent], slots[frequent], strict=True):
            if not self._made[slot]:
                places, values = self._index.gather(TermWeights.single(number))
                self._rows[slot] = values @ self._weights[places]
                self._made[slot] = True
        places, values = self._index.gather(terms.only(~frequent))
        return np.asarray(terms.weights[frequent] @ self._rows[slots[frequent]] + values @ self._weights[places])
