"""Weights that were added up beforehand give the scores that a comparison with every example gives."""

import numpy as np
import pytest

from asaka_bot.answering import folding
from asaka_bot.answering.compact import CompactVectors
from asaka_bot.answering.lexical import TfidfIndex

ROWS = [[f"w{(7 * i + 3 * j * (i % 5)) % 23}" for j in range(6)] for i in range(60)]
QUESTION = ["w1", "w2", "w2", "w7", "unknown"]


@pytest.mark.parametrize("frequent", [1, 8, 1_000])
def test_the_scores_are_those_of_the_whole_kernel(frequent, monkeypatch):
    """Whether all terms have a row of their own, some or none, and also when a row is used again."""
    monkeypatch.setattr(folding, "_FREQUENT", frequent)
    chance = np.random.default_rng(1)
    vectors, weights = chance.integers(-127, 128, (60, 8)).astype(np.int8), chance.normal(size=(60, 5))
    index, vector = TfidfIndex.build(ROWS), chance.normal(size=8).astype(np.float32)
    compact = CompactVectors(vectors, np.full(60, 0.01, np.float32))
    folded = folding.Folded({"words": index}, compact, weights.astype(np.float32))
    whole = (vectors * 0.01 @ vector + index.scores(QUESTION)) @ weights
    for _ in range(2):
        assert np.allclose(folded.scores({"words": index.weigh(QUESTION)}, vector), whole, atol=1e-4)


def test_a_question_of_unknown_terms_without_a_vector_scores_nothing():
    """Nothing known adds nothing."""
    index = TfidfIndex.build(ROWS)
    none = CompactVectors.of(np.zeros((60, 0), np.float32))
    folded = folding.Folded({"words": index}, none, np.ones((60, 5), np.float32))
    assert not folded.scores({"words": index.weigh(["unknown"])}, None).any()
