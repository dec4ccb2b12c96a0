"""Directions to project vectors on, and the nearest of many centres: the algebra of hashing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cbir.library.vector_table import SHORTEST
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

_ROWS_AT_ONCE = 512
_ROUNDS = 2
TINY = np.finfo(np.float32).tiny


def comparable(vectors: Float32Array, metric: Metric) -> Float32Array:
    """Vectors (512,) or (n, 512) as the metric sees them: for cosine of unit length.

    A zero vector stays zero.
    """
    if metric == "euclidean":
        return vectors
    lengths = np.sqrt(squared_lengths(vectors))
    if lengths.min(initial=SHORTEST) < SHORTEST:
        vectors = vectors / np.maximum(np.abs(vectors).max(axis=-1, keepdims=True), TINY)
        lengths = np.sqrt(squared_lengths(vectors))
    unit: Float32Array = vectors / np.maximum(lengths, TINY)[..., None]
    return unit


def squared_lengths(vectors: Float32Array) -> Float32Array:
    """The squared L2 norms of vectors (..., d): (...,)."""
    squares: Float32Array = np.einsum("...j,...j->...", vectors, vectors)
    return squares


def spread_directions(points: Float32Array, count: int, rng: np.random.Generator) -> Float32Array:
    """Orthonormal random directions (512, count), turned to where ``points`` (m, 512) spread."""
    size = np.sqrt(np.mean(squared_lengths(points), dtype=np.float64))
    scaled = points / np.float32(max(size, TINY))
    covariance = (scaled.T @ scaled).astype(np.float64) / len(scaled)
    directions = rng.standard_normal((DIMENSION, count))
    for _ in range(_ROUNDS):
        directions = orthonormal(covariance @ directions)
    return directions.astype(np.float32)


def orthonormal(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal columns that span those of ``directions`` (d, r); zero where they span less.

    By the small matrix of their products: a QR decomposition in several threads takes seconds
    where the processor is busy with something else.
    """
    values, vectors = np.linalg.eigh(directions.T @ directions)
    whole = values > values[-1] * 1e-12
    scales = np.where(whole, 1 / np.sqrt(np.where(whole, values, 1)), 0)
    spanned: NDArray[np.float64] = directions @ (vectors * scales)
    return spanned


def random_rotation(rng: np.random.Generator) -> Float32Array:
    """A pseudo-random rotation (512, 512): three times random signs, then Hadamard's.

    As good as a random one, and made without decomposing anything (Andoni et al. 2015).
    """
    hadamard = np.ones((1, 1), np.float32)
    while len(hadamard) < DIMENSION:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    hadamard /= np.sqrt(np.float32(DIMENSION))
    rotation = np.eye(DIMENSION, dtype=np.float32)
    for _ in range(3):
        signs = rng.choice(np.array([-1, 1], np.float32), DIMENSION)
        rotation = (rotation * signs) @ hadamard
    return rotation


def scorer_of(centres: Float32Array) -> Float32Array:
    """What turns points (n, d + 1), a one behind each, into scores (n, m): largest for the nearest.

    Half a centre's squared length goes along as one more coordinate, so one product does it all.
    """
    return np.vstack([centres.T, -squared_lengths(centres) / 2])


def with_one(points: Float32Array) -> Float32Array:
    """Points (n, d) with a one behind each: (n, d + 1)."""
    return np.concatenate([points, np.ones((len(points), 1), np.float32)], axis=1)


def nearest(points: Float32Array, centres: Float32Array) -> Int64Array:
    """Which of ``centres`` (m, d) is nearest to each of ``points`` (n, d), int64 (n,)."""
    scorer = scorer_of(centres)
    found = np.empty(len(points), np.int64)
    for at in range(0, len(points), _ROWS_AT_ONCE):
        some = with_one(points[at : at + _ROWS_AT_ONCE])
        found[at : at + len(some)] = (some @ scorer).argmax(axis=1)
    return found


def group_means(points: Float32Array, groups: Int64Array, default: Float32Array) -> Float32Array:
    """The mean of each group's points (m, d); ``default`` where it has none."""
    order = np.argsort(groups, kind="stable")
    present, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    means: Float32Array = default.copy()
    means[present] = np.add.reduceat(points[order], starts, axis=0) / sizes[:, None]
    return means
