"""How each picture of a set ranks the others, itself left out: by comparing all, or through LSH."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cbir.library.exact import rank_all, rank_rows
from cbir.library.indexes import Indexes
from cbir.library.vector_table import VectorTable
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

_BLOCK_CELLS = 1 << 22
_LSH_AT_ONCE = 64


class ExactRanking:
    """Compares every query with all rows, in float64, ``step`` queries at a time."""

    def __init__(self, vectors: Float32Array, metric: Metric) -> None:
        self._rows = _for_metric(vectors, metric)
        self._metric = metric
        self._squares = (self._rows**2).sum(axis=1)
        self.step = max(1, _BLOCK_CELLS // len(vectors))

    @property
    def compared(self) -> float:
        """How many vectors each query is compared with."""
        return float(len(self._rows) - 1)

    def order(self, queries: NDArray[np.intp]) -> Int64Array:
        """(q, n − 1): the other rows, nearest first; equal distances in row order."""
        distances = -2.0 * (self._rows[queries] @ self._rows.T)
        if self._metric == "euclidean":
            distances += self._squares
        # twins must tie whatever the order in which BLAS adds
        distances = distances.round(9)
        distances[np.arange(queries.size), queries] = np.inf
        return np.argsort(distances, axis=1, kind="stable")[:, :-1]


class LshRanking:
    """Ranks what an LSH index finds for each query, as a search for ``k`` pictures does.

    There are more than k vectors. It aims at ``recall``, the share of the true nearest that is to
    be found. The index is made of these vectors, tuned as a library's is. A search that finds fewer
    than k compares all, as in a library.
    """

    step = _LSH_AT_ONCE

    def __init__(self, vectors: Float32Array, metric: Metric, k: int, recall: float) -> None:
        padded = np.zeros((len(vectors), DIMENSION), np.float32)
        padded[:, : vectors.shape[1]] = vectors
        ids = np.arange(len(vectors))
        self._table = VectorTable.of(ids, padded, "evaluation", "float32")
        index, _ = Indexes().ready("evaluation", metric, self._table, True)
        assert index is not None  # it was asked for at any cost
        self._index = index
        self._metric = metric
        self._k = k
        self._effort = index.tuning.effort(self._k, recall)
        self._allowed = np.ones(len(vectors), np.bool_)
        self._compared = self._ranked = 0

    @property
    def compared(self) -> float:
        """How many vectors a query was compared with, on average of those ranked so far."""
        return self._compared / max(self._ranked, 1)

    def order(self, queries: NDArray[np.intp]) -> Int64Array:
        """(q, m): the rows found, nearest first, then −1."""
        found = [self._order(int(query)) for query in queries]
        order = np.full((len(found), max(map(len, found))), -1, np.int64)
        for place, rows in enumerate(found):
            order[place, : len(rows)] = rows
        return order

    def _order(self, query: int) -> Int64Array:
        vector = self._table.gather(np.array([query]))[0]
        self._allowed[query] = False
        rows = self._index.candidates(vector, self._allowed, self._effort, self._k).rows
        if len(rows) < self._k:
            ranking = rank_all(self._table, self._allowed, vector, self._metric, len(self._allowed))
        else:
            ranking = rank_rows(self._table, rows, vector, self._metric, len(rows))
        self._allowed[query] = True
        self._compared += len(ranking.ids)
        self._ranked += 1
        return ranking.ids  # which are its rows


def _for_metric(vectors: Float32Array, metric: Metric) -> NDArray[np.float64]:
    """Cosine: rows of length 1 (or 0); Euclidean: moved and scaled, for accuracy and for ties."""
    rows = vectors.astype(np.float64)
    if metric == "cosine":
        scale = np.linalg.norm(rows, axis=1, keepdims=True)
    else:
        rows -= rows.mean(axis=0)
        scale = np.full((len(rows), 1), np.sqrt((rows**2).sum() / len(rows)))
    result: NDArray[np.float64] = np.divide(rows, scale, out=np.zeros_like(rows), where=scale > 0)
    return result
