"""Groups of vectors that lie together: k-means (Lloyd 1982) from a k-means++ start.

k-means++ (Arthur and Vassilvitskii 2007) draws each first centre with a chance that grows with the
square of its distance from those drawn before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cbir.library.directions import comparable, group_means, nearest, squared_lengths
from cbir.records import Float32Array, Int64Array, Metric

_SAMPLE = 10_000  # vectors that decide where the centres are
_ROUNDS = 30


@dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each vector, ``groups`` int64 (n,), and their ``centres`` float32 (m, 512)."""

    groups: Int64Array
    centres: Float32Array


def clusters(
    vectors: Float32Array,
    count: int,
    metric: Metric = "cosine",
    seed: int = 7,
    start: Float32Array | None = None,
) -> Clusters:
    """Groups of vectors (n, 512), ``count`` at most; 0 is that of the most vectors.

    Always the same ones for the same vectors and ``seed``. The centres are found among an even
    sample of large numbers of vectors. ``start``: centres (m, 512) that were found among vectors
    of which most are still there; then cluster k grows from the k-th of them and keeps its number,
    so that most vectors stay in theirs.
    """
    seen = comparable(vectors, metric)
    picked = np.linspace(0, len(seen) - 1, min(len(seen), _SAMPLE)).astype(np.int64)
    centres = _centres(seen[picked], count, np.random.default_rng(seed), start)
    groups = nearest(seen, centres)
    if start is not None:
        return Clusters(groups, centres)
    order = np.argsort(-np.bincount(groups, minlength=len(centres)), kind="stable")
    return Clusters(np.argsort(order)[groups], centres[order])


def _centres(
    points: Float32Array, count: int, rng: np.random.Generator, start: Float32Array | None
) -> Float32Array:
    """Where Lloyd's rounds end: float32 (m, 512), m ≤ ``count``."""
    centres = _start(points, count, rng, start)
    groups = nearest(points, centres)
    for _ in range(_ROUNDS):
        centres = group_means(points, groups, centres)
        before, groups = groups, nearest(points, centres)
        if (groups == before).all():
            break
    return centres


def _start(
    points: Float32Array, count: int, rng: np.random.Generator, start: Float32Array | None
) -> Float32Array:
    """``start``, or one of the points, and more of them far from each other, ``count`` in all.

    Fewer where there are no more places.
    """
    centres = points[[rng.integers(len(points))]] if start is None else start
    squares = np.full(len(points), np.inf)
    for centre in centres:
        squares = np.minimum(squares, squared_lengths(points - centre))
    while len(centres) < count and squares.sum() > 0:
        centre = points[int(rng.choice(len(points), p=squares / squares.sum()))]
        squares = np.minimum(squares, squared_lengths(points - centre))
        centres = np.vstack([centres, centre])
    return centres
