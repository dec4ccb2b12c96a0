"""How good a space is at retrieval: leave-one-out figures from vectors and labels.

Every picture is the query once and ranks all others. The measures are those of Manning, Raghavan
and Schütze, "Introduction to Information Retrieval" (2008), chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.records import Float32Array, Metric

_BLOCK_CELLS = 1 << 22


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures between 0 and 1, averaged over the queries.

    ``precision``: share of the k nearest that have the query's label; ``mean_average_precision``
    over the full ranking; ``nearest``: share of queries whose nearest neighbour has their label. A
    picture alone in its class has nothing to find: it is ranked for others but is no query.
    """

    metric: Metric
    queries: int
    classes: int
    precision: float
    mean_average_precision: float
    nearest: float


def leave_one_out(
    vectors: Float32Array, labels: NDArray[np.int64], metric: Metric, k: int = 10
) -> Evaluation:
    """Evaluates ``vectors`` (n, d) float32 with ``labels`` (n,) int64.

    Precision is over k results, or over n − 1 where there are fewer. Equal distances rank in row
    order. Takes about 200 MB besides the rows in float64. Raises ValueError where shapes do not
    fit, k is below 1, or no label occurs twice.
    """
    _check(vectors, labels, k)
    rows = _for_metric(vectors, metric)
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    queries = np.flatnonzero(counts[inverse] > 1)
    if not queries.size:
        raise ValueError("no label occurs twice: there is nothing to find")
    step = max(1, _BLOCK_CELLS // len(rows))
    figures = np.concatenate(
        [
            _figures(rows, labels, queries[start : start + step], k, metric)
            for start in range(0, queries.size, step)
        ]
    )
    precision, average, nearest = figures.mean(axis=0).tolist()
    return Evaluation(metric, queries.size, counts.size, precision, average, nearest)


def _check(vectors: Float32Array, labels: NDArray[np.int64], k: int) -> None:
    if vectors.ndim != 2 or labels.shape != vectors.shape[:1]:
        raise ValueError(f"vectors {vectors.shape} and labels {labels.shape} do not fit together")
    if k < 1:
        raise ValueError(f"k is {k}, but must be at least 1")


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


def _figures(
    rows: NDArray[np.float64],
    labels: NDArray[np.int64],
    queries: NDArray[np.intp],
    k: int,
    metric: Metric,
) -> NDArray[np.float64]:
    """(queries, 3): precision at k, average precision, whether the nearest is right."""
    distances = -2.0 * (rows[queries] @ rows.T)
    if metric == "euclidean":
        distances += (rows**2).sum(axis=1)
    # twins must tie whatever the order in which BLAS adds
    distances = distances.round(9)
    distances[np.arange(queries.size), queries] = np.inf
    order = np.argsort(distances, axis=1, kind="stable")[:, :-1]
    right = labels[order] == labels[queries, None]
    precisions = right.cumsum(axis=1) / np.arange(1, right.shape[1] + 1)
    average = (precisions * right).sum(axis=1) / right.sum(axis=1)
    return np.column_stack([right[:, :k].mean(axis=1), average, right[:, 0]])
