"""Groups of vectors that lie together: k-means (Lloyd 1982) from a k-means++ start.

k-means++ (Arthur and Vassilvitskii 2007) draws each first centre with a chance that grows with the
square of its distance from those drawn before.
"""

from __future__ import annotations

import numpy as np

from cbir.library.directions import comparable, group_means, nearest, squared_lengths
from cbir.records import Float32Array, Int64Array, Metric

_SAMPLE = 10_000  # vectors that decide where the centres are
_ROUNDS = 30


def clusters(
    vectors: Float32Array, count: int, metric: Metric = "cosine", seed: int = 7
) -> Int64Array:
    """The cluster of each vector (n, 512), int64 (n,): 0 is that of the most vectors.

    There are ``count`` at most; always the same ones for the same vectors and ``seed``. The centres
    are found among an even sample of large numbers of vectors.
    """
    seen = comparable(vectors, metric)
    picked = np.linspace(0, len(seen) - 1, min(len(seen), _SAMPLE)).astype(np.int64)
    centres = _centres(seen[picked], count, np.random.default_rng(seed))
    groups = nearest(seen, centres)
    sizes = np.bincount(groups, minlength=len(centres))
    place = np.empty(len(centres), np.int64)
    place[np.argsort(-sizes, kind="stable")] = np.arange(len(centres))
    return place[groups]


def _centres(points: Float32Array, count: int, rng: np.random.Generator) -> Float32Array:
    """Where Lloyd's rounds end: float32 (m, 512), m ≤ ``count``."""
    centres = _start(points, count, rng)
    groups = nearest(points, centres)
    for _ in range(_ROUNDS):
        centres = group_means(points, groups, centres)
        before, groups = groups, nearest(points, centres)
        if (groups == before).all():
            break
    return centres


def _start(points: Float32Array, count: int, rng: np.random.Generator) -> Float32Array:
    """``count`` of the points, far from each other; fewer where there are no more places."""
    chosen = [int(rng.integers(len(points)))]
    squares = squared_lengths(points - points[chosen[0]]).astype(np.float64)
    while len(chosen) < count and squares.sum() > 0:
        chosen.append(int(rng.choice(len(points), p=squares / squares.sum())))
        squares = np.minimum(squares, squared_lengths(points - points[chosen[-1]]))
    return points[chosen]
