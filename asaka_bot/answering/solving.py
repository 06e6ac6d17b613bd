"""The linear solves of training: kernel ridge regression by preconditioned conjugate gradients.

The kernel of all examples with one another would be the largest thing in the whole bot (0.9 GB for 15,000 examples),
and its Cholesky factor takes half a minute. So it is never written down: it is the product of the examples' features
with themselves, and what conjugate gradients need of it is that product with some columns. Sentence vectors and the
most frequent terms are a dense matrix, all other terms a sparse one. Time and memory grow with the number of examples,
not with its square.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csc_matrix, hstack
from threadpoolctl import threadpool_limits

from asaka_bot.answering.learning import FACETS, SAME_TOPIC

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]
Arrays = dict[str, npt.NDArray[Any]]
Improve = Callable[[Matrix], tuple[Matrix, Matrix]]  # a residual to a step that lessens it, and (K + penalty) @ step

PENALTY = 0.7
_DENSE_TERMS = 1_000  # so many hold 40 % of all entries
_DAMPING = 0.3  # share of the rare terms' weight in the preconditioner: fewest steps on the shipped knowledge base
_CLOSE_ENOUGH, _CLOSE_FACETS = 0.1, 0.02  # residuals at which another step no longer moves the question sets' figures
_MOST_STEPS = 60


def solve(vectors: Matrix, indexes: Sequence[Mapping[str, Any]], classes: Numbers, facets: Numbers) -> Arrays:
    """The weights of labels and facets, from the examples' vectors and the arrays of their TF-IDF indexes.

    ``classes`` (examples,) are label numbers, ``facets`` (examples,) facet numbers or -1.
    """
    features = _Features.of(vectors, indexes)
    rows = np.flatnonzero(facets >= 0).astype(np.int32)
    targets = np.eye(int(classes.max()) + 1, dtype=np.float32)[classes]
    # A thread a share of the columns: that shares out the sparse products as well, which BLAS knows nothing of.
    workers = min(os.cpu_count() or 1, 4)
    with threadpool_limits(limits=1), ThreadPoolExecutor(workers) as pool:
        by_facet = pool.submit(_facet_weights, features, rows, classes, facets)
        improve = features.improvement()
        shares = [np.ascontiguousarray(share) for share in np.array_split(targets, 2 * workers, axis=1)]
        weights = pool.map(lambda share: _conjugate_gradients(improve, share, _CLOSE_ENOUGH), shares)
        return {"weights": np.hstack(list(weights)), "facet_rows": rows, "facet_weights": by_facet.result()}


class _Features:
    """The examples' features: their products with one another are the kernel."""

    def __init__(self, dense: Matrix, sparse: Any) -> None:
        self._dense, self._sparse = dense, sparse
        self._columns = sparse.T.tocsr()

    @classmethod
    def of(cls, vectors: Matrix, indexes: Sequence[Mapping[str, Any]]) -> "_Features":
        """The most frequent terms go to the dense matrix: there they cost a tenth."""
        parts = []
        for arrays in indexes:
            starts = np.concatenate(([0], arrays["ends"]))
            shape = (len(vectors), len(arrays["ends"]))
            parts.append(csc_matrix((arrays["values"], arrays["places"], starts), shape=shape))
        terms = hstack(parts).tocsc()
        frequent = np.zeros(terms.shape[1], bool)
        frequent[np.argsort(-np.diff(terms.indptr), kind="stable")[:_DENSE_TERMS]] = True
        dense = np.hstack([vectors, terms[:, frequent].toarray()]).astype(np.float32)
        return cls(dense, terms[:, ~frequent].tocsr())

    def of_rows(self, rows: Numbers) -> "_Features":
        """The features of some examples."""
        return _Features(self._dense[rows], self._sparse[rows])

    def kernel(self, columns: Matrix) -> Matrix:
        """(K + penalty) @ columns."""
        product = self._dense @ (self._dense.T @ columns)
        product += self._sparse @ (self._columns @ columns)
        product += np.float32(PENALTY) * columns
        return product

    def gram(self, rows: Numbers) -> Matrix:
        """The kernel of some examples with one another, without the penalty."""
        dense, sparse = self._dense[rows], self._sparse[rows]
        return np.asarray(dense @ dense.T + (sparse @ sparse.T).toarray(), np.float32)

    def improvement(self) -> Improve:
        """Preconditioned by the kernel whose rare terms are replaced by a multiple of the identity.

        Its inverse is written with a small matrix (Woodbury), whose part `inner` is also the product of the dense
        features with the step: the kernel of the step costs the sparse half alone.
        """
        dense = self._dense
        rest = np.float32(PENALTY + _DAMPING * self._sparse.multiply(self._sparse).sum() / max(len(dense), 1))
        square = dense.T @ dense
        square[np.diag_indices_from(square)] += rest
        factor = cho_factor(square, overwrite_a=True, check_finite=False)

        def improve(residual: Matrix) -> tuple[Matrix, Matrix]:
            inner = cho_solve(factor, dense.T @ residual, check_finite=False)
            known = dense @ inner
            step = np.asarray((residual - known) / rest, np.float32)
            return step, known + self._sparse @ (self._columns @ step) + np.float32(PENALTY) * step

        return improve


def _facet_weights(every: _Features, used: Numbers, classes: Numbers, facets: Numbers) -> Matrix:
    """The weights of the facets, under the kernel in which examples of the same topic count more."""
    if not len(used):
        return np.zeros((0, len(FACETS)), np.float32)
    features, classes, facets = every.of_rows(used), classes[used], facets[used]
    blocks = []
    for topic in np.unique(classes):
        rows = np.flatnonzero(classes == topic).astype(np.int32)
        gram = features.gram(rows)
        own = (1 + SAME_TOPIC) * gram
        own[np.diag_indices_from(own)] += PENALTY
        blocks.append((rows, np.float32(SAME_TOPIC) * gram, cho_factor(own, overwrite_a=True, check_finite=False)))

    def improve(residual: Matrix) -> tuple[Matrix, Matrix]:
        step = np.empty_like(residual)
        for rows, _, factor in blocks:
            step[rows] = cho_solve(factor, residual[rows], check_finite=False)
        change = features.kernel(step)
        for rows, more, _ in blocks:
            change[rows] += more @ step[rows]
        return step, change

    targets = np.eye(len(FACETS), dtype=np.float32)[facets]
    return _conjugate_gradients(improve, targets, _CLOSE_FACETS)


def _conjugate_gradients(improve: Improve, targets: Matrix, close_enough: float) -> Matrix:
    """The solution for all columns of `targets` at once, each with steps of its own length.

    It ends where what is left over is no more than `close_enough` of the targets.
    """
    tiny = np.float32(1e-20)
    solution = np.zeros_like(targets)
    residual = targets.copy()
    direction, change = improve(residual)
    energy = np.einsum("ij,ij->j", residual, direction)
    goal = close_enough * float(np.linalg.norm(targets))
    for _ in range(_MOST_STEPS):
        length = energy / (np.einsum("ij,ij->j", direction, change) + tiny)
        solution += length * direction
        residual -= length * change
        if float(np.linalg.norm(residual)) <= goal:
            break
        better, its_change = improve(residual)
        before, energy = energy, np.einsum("ij,ij->j", residual, better)
        again = energy / (before + tiny)
        direction = better + again * direction
        change = its_change + again * change
    return solution
