"""Vectors in a byte a number: how near they stay to what they were."""

import numpy as np
import pytest

from asaka_bot.answering.compact import CompactVectors


@pytest.fixture
def vectors():
    drawn = np.random.default_rng(3).standard_normal((5_000, 64)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_cosines_stay_within_a_hundredth(vectors):
    compact = CompactVectors.of(vectors)
    assert np.abs(compact.products(vectors[7], slice(None)) - vectors @ vectors[7]).max() < 0.01
    rows = np.array([4_999, 0, 7])
    np.testing.assert_allclose(compact.products(vectors[7], rows), vectors[rows] @ vectors[7], atol=0.01)


def test_the_folded_sum_is_that_of_all_vectors(vectors):
    weights = np.random.default_rng(4).standard_normal((5_000, 3)).astype(np.float32)
    exact = vectors.T @ weights
    assert np.abs(CompactVectors.of(vectors).folded(weights) - exact).max() < 0.02 * np.abs(exact).max()


def test_without_an_encoder_there_is_nothing_to_compare():
    compact = CompactVectors.of(np.zeros((3, 0), np.float32))
    assert compact.folded(np.ones((3, 2), np.float32)).shape == (0, 2)
    assert not compact.products(np.zeros(0, np.float32), slice(None)).any()
