"""The iterative solves give what the direct ones would."""

import numpy as np
import pytest

from asaka_bot.answering import solving
from asaka_bot.answering.learning import FACETS, SAME_TOPIC
from asaka_bot.answering.lexical import TfidfIndex

ROWS = [[f"w{(7 * i + 3 * j * (i % 5)) % 23}" for j in range(6)] for i in range(60)]
CLASSES = np.array([i % 7 for i in range(60)], np.int32)
FACET_NUMBERS = np.array([-1 if i % 6 == 0 else i % 4 for i in range(60)], np.int32)


@pytest.fixture(params=[0, 4])
def dense_terms(request, monkeypatch) -> int:
    """All terms sparse, or a few of them dense."""
    monkeypatch.setattr(solving, "_DENSE_TERMS", request.param)
    return request.param


@pytest.mark.parametrize(("close_enough", "apart"), [(solving._CLOSE_ENOUGH, 0.1), (0.001, 0.001)])
@pytest.mark.usefixtures("dense_terms")
def test_the_weights_solve_the_ridge_regressions(close_enough, apart, monkeypatch):
    """The weights agree with a direct solve of the whole kernel, as closely as the solver is told to go."""
    monkeypatch.setattr(solving, "_CLOSE_ENOUGH", close_enough)
    monkeypatch.setattr(solving, "_CLOSE_FACETS", close_enough)
    vectors = np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32) / 3
    index = TfidfIndex.build(ROWS)
    solved = solving.solve(vectors, [index.arrays()], CLASSES, FACET_NUMBERS)
    kernel = vectors @ vectors.T + np.array([index.scores(row) for row in ROWS])
    direct = np.linalg.solve(kernel + solving.PENALTY * np.eye(60), np.eye(7)[CLASSES])
    assert np.abs(solved["weights"] - direct).max() < apart
    rows = np.flatnonzero(FACET_NUMBERS >= 0)
    same = CLASSES[rows][:, None] == CLASSES[rows]
    faceted = kernel[np.ix_(rows, rows)] * (1 + SAME_TOPIC * same) + solving.PENALTY * np.eye(len(rows))
    direct = np.linalg.solve(faceted, np.eye(len(FACETS))[FACET_NUMBERS[rows]])
    assert solved["facet_rows"].tolist() == rows.tolist()
    assert np.abs(solved["facet_weights"] - direct).max() < apart


def test_without_vectors_and_facets():
    """Words alone are enough to solve, and no example needs a facet."""
    index = TfidfIndex.build(ROWS)
    solved = solving.solve(np.zeros((60, 0), np.float32), [index.arrays()], CLASSES, np.full(60, -1, np.int32))
    assert solved["weights"].shape == (60, 7)
    assert solved["facet_weights"].shape == (0, len(FACETS))
