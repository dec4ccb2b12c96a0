"""Exact k-nearest neighbours and the one ranking that every search ends in.

Rows are first compared in float32, block by block. Float32 sums are off by a known bound (Higham
2002, section 3.1), so every row that could belong to the best k is compared again in float64, by
differences for L2: scores are true, near-identical vectors are told apart, and equal rows get equal
scores wherever they lie. Ties go to the smaller id.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cbir.library.vector_table import BLOCK, SHORTEST, Mask, VectorTable, checked_norms
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

Float64Array = NDArray[np.float64]

_UNIT = float(np.finfo(np.float32).eps) / 2
_SUM_ERROR = 1.01 * DIMENSION * _UNIT
_ROUNDING = 4 * _UNIT
_TINY = np.finfo(np.float32).tiny


@dataclass(frozen=True, eq=False)
class Ranking:
    """The nearest first: ``ids`` int64 (m,), ``scores`` float64 (m,) of the metric asked for."""

    ids: Int64Array
    scores: Float64Array


def rank_all(
    table: VectorTable, allowed: Mask | None, query: Float32Array, metric: Metric, k: int
) -> Ranking:
    """The k nearest of the rows that ``allowed`` (count,) marks; fewer where there are fewer.

    None allows every row, dead ones too.
    """
    return rank_rows(table, np.empty(0, np.int64), query, metric, k, tail=0, allowed=allowed)


def rank_rows(
    table: VectorTable,
    rows: Int64Array,
    query: Float32Array,
    metric: Metric,
    k: int,
    *,
    tail: int | None = None,
    allowed: Mask | None = None,
) -> Ranking:
    """The k nearest of ``rows`` (m,), distinct and alive; fewer where there are fewer.

    And of the allowed rows from ``tail`` on, which ``rows`` then holds none of.
    """
    nearest = _Nearest(k, _Comparison.of(query, metric))
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        vectors = table.gather(some)
        nearest.add(some, vectors, checked_norms(vectors))
    if tail is not None:
        for start, vectors, norms in table.blocks(tail):
            usable = None if allowed is None else allowed[start : start + len(vectors)]
            nearest.add(start, vectors, norms, usable)
    return _ranked(table, nearest.rows(), query, metric, k)


@dataclass(frozen=True, eq=False)
class _Comparison:
    """A query made ready to be compared in float32 with blocks of rows."""

    metric: Metric
    target: Float32Array
    length: np.float32

    @staticmethod
    def of(query: Float32Array, metric: Metric) -> _Comparison:
        length = np.float32(np.linalg.norm(query.astype(np.float64)))
        target = query / max(length, _TINY) if metric == "cosine" else query
        return _Comparison(metric, target.astype(np.float32), length)

    def estimate(
        self, vectors: Float32Array, norms: Float32Array
    ) -> tuple[Float32Array, Float32Array]:
        """Costs (m,), lower is nearer, and bounds on their error: −cosine, or squared L2."""
        # Row by row: reading each vector once, in order, is twice as fast as OpenBLAS's
        # matrix-vector product, and as fast as the memory is.
        products: Float32Array = np.vecdot(vectors, self.target)
        costs: Float32Array
        if self.metric == "cosine":
            costs = products / -np.maximum(norms, _TINY)
            errors = np.full(len(costs), 3 * _SUM_ERROR, np.float32)
        else:
            squares: Float32Array = norms * norms
            costs = squares - 2 * products
            errors = _SUM_ERROR * norms * (2 * self.length + norms)
            errors += _ROUNDING * (squares + np.abs(costs))
        if norms.min(initial=SHORTEST) < SHORTEST:
            errors[norms < SHORTEST] = np.inf  # always compared again
        return costs, errors


@dataclass(eq=False)
class _Nearest:
    """Rows that may be among the k nearest of all that were added."""

    k: int
    comparison: _Comparison
    _bound: float = math.inf
    _rows: list[Int64Array] = field(default_factory=list)
    _lowest: list[Float32Array] = field(default_factory=list)
    _highest: list[Float32Array] = field(default_factory=list)
    _waiting: int = 0

    def add(
        self,
        rows: Int64Array | int,
        vectors: Float32Array,
        norms: Float32Array,
        usable: Mask | None = None,
    ) -> None:
        """Compare rows, or those from a first one on; ``usable`` marks those that count."""
        costs, errors = self.comparison.estimate(vectors, norms)
        lowest, highest = costs - errors, costs + errors
        if math.isinf(self._bound):
            self._bound = _kth(highest if usable is None else highest[usable], self.k)
        near = lowest <= self._bound
        if usable is not None:
            near &= usable
        places = np.flatnonzero(near)
        if not len(places):
            return
        self._rows.append(places + rows if isinstance(rows, int) else rows[places])
        self._lowest.append(lowest[places])
        self._highest.append(highest[places])
        self._waiting += len(places)
        if self._waiting > 4 * self.k + 256:
            self._settle()

    def _settle(self) -> None:
        """Keep only what can still be among the k nearest."""
        rows = np.concatenate(self._rows)
        lowest, highest = np.concatenate(self._lowest), np.concatenate(self._highest)
        self._bound = _kth(highest, self.k)
        if self.k < len(rows):
            kept = lowest <= self._bound
            rows, lowest, highest = rows[kept], lowest[kept], highest[kept]
        self._rows, self._lowest, self._highest = [rows], [lowest], [highest]
        self._waiting = 0

    def rows(self) -> Int64Array:
        """All that may be among the k nearest of what was added, (m,)."""
        if not self._rows:
            return np.empty(0, np.int64)
        self._settle()
        return self._rows[0]


def _kth(values: Float32Array, k: int) -> float:
    """The k-th smallest; infinite where there are fewer."""
    return float(np.partition(values, k - 1)[k - 1]) if k <= len(values) else math.inf


def _ranked(
    table: VectorTable, rows: Int64Array, query: Float32Array, metric: Metric, k: int
) -> Ranking:
    scores = true_scores(table, rows, query, metric)
    ids = table.ids[rows]
    order = np.lexsort((ids, -scores if metric == "cosine" else scores))[:k]
    return Ranking(ids[order], scores[order])


def true_scores(
    table: VectorTable, rows: Int64Array, query: Float32Array, metric: Metric
) -> Float64Array:
    """The metric between ``query`` and each of ``rows`` (m,), float64 (m,).

    A zero vector has cosine similarity 0 with everything.
    """
    target = query.astype(np.float64)
    scores = np.empty(len(rows), np.float64)
    for start in range(0, len(rows), BLOCK):
        vectors = table.gather(rows[start : start + BLOCK]).astype(np.float64)
        scores[start : start + len(vectors)] = scores_of(vectors, target, metric)
    return scores


def scores_of(vectors: Float64Array, target: Float64Array, metric: Metric) -> Float64Array:
    """The metric between ``target`` (d,) and each of ``vectors`` (m, d), float64 (m,)."""
    return _cosine(vectors, target) if metric == "cosine" else _distance(vectors, target)


def _cosine(vectors: Float64Array, target: Float64Array) -> Float64Array:
    # Not a matrix product: BLAS may sum equal rows in different orders.
    dots = np.einsum("ij,j->i", vectors, target)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors) * (target @ target))
    cosines: Float64Array = np.clip(dots / np.where(lengths > 0, lengths, 1.0), -1.0, 1.0)
    return cosines


def _distance(vectors: Float64Array, target: Float64Array) -> Float64Array:
    differences = vectors - target
    distances: Float64Array = np.sqrt(np.einsum("ij,ij->i", differences, differences))
    return distances
