"""Exact k-nearest neighbours and the one ranking that every search ends in.

Rows are first compared in float32, block by block, as BLAS does it fastest. Float32 sums are off by
a known bound (Higham 2002, section 3.1), so every row that could belong to the best k is compared
again in float64, by differences for L2: scores are true, near-identical vectors are told apart, and
equal rows get equal scores wherever they lie. Ties go to the smaller id.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.library.vector_table import BLOCK, Mask, VectorTable
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

Float64Array = NDArray[np.float64]

_UNIT = float(np.finfo(np.float32).eps) / 2
_DOT_ERROR = 1.01 * DIMENSION * _UNIT
_ROUNDING = 4 * _UNIT
_TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, eq=False)
class Ranking:
    """The nearest first: ``ids`` int64 (m,), ``scores`` float64 (m,) of the metric asked for."""

    ids: Int64Array
    scores: Float64Array


def rank_all(
    table: VectorTable, allowed: Mask, query: Float32Array, metric: Metric, k: int
) -> Ranking:
    """The k nearest of the rows that ``allowed`` (count,) marks; fewer where there are fewer."""
    costs = np.empty(table.count, np.float32)
    errors = np.empty(table.count, np.float32)
    for start, vectors, norms in table.blocks():
        part = slice(start, start + len(vectors))
        costs[part], errors[part] = _estimate(vectors, norms, query, metric)
    rows = np.flatnonzero(allowed)
    if len(rows) != table.count:
        costs, errors = costs[rows], errors[rows]
    return _best(table, rows, costs, errors, query, metric, k)


def rank_rows(
    table: VectorTable, rows: Int64Array, query: Float32Array, metric: Metric, k: int
) -> Ranking:
    """The k nearest of ``rows`` (m,), distinct and alive; fewer where there are fewer."""
    costs = np.empty(len(rows), np.float32)
    errors = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        vectors, norms = table.gather(rows[part]), table.gather_norms(rows[part])
        costs[part], errors[part] = _estimate(vectors, norms, query, metric)
    return _best(table, rows, costs, errors, query, metric, k)


def _estimate(
    vectors: Float32Array, norms: Float32Array, query: Float32Array, metric: Metric
) -> tuple[Float32Array, Float32Array]:
    """Costs (m,), lower is nearer, and a bound on their error (m,): −cosine, or squared L2."""
    length = np.float32(np.linalg.norm(query.astype(np.float64)))
    if metric == "cosine":
        unit = query / max(length, _TINY)
        costs = (vectors @ unit) / -np.maximum(norms, _TINY)
        return costs, np.full(len(costs), 2 * _DOT_ERROR, np.float32)
    squares = norms * norms
    costs = squares - 2 * (vectors @ query)
    return costs, 2 * _DOT_ERROR * norms * length + _ROUNDING * (squares + np.abs(costs))


def _best(
    table: VectorTable,
    rows: Int64Array,
    costs: Float32Array,
    errors: Float32Array,
    query: Float32Array,
    metric: Metric,
    k: int,
) -> Ranking:
    if k < len(rows):
        bound = np.partition(costs + errors, k - 1)[k - 1]
        rows = rows[costs - errors <= bound]
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
        score = _cosine if metric == "cosine" else _distance
        scores[start : start + len(vectors)] = score(vectors, target)
    return scores


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
