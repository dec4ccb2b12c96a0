"""Principal component analysis of a space onto the two axes of the map (Pearson 1901)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.library.directions import comparable
from cbir.library.vector_table import BLOCK
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

Float64Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Projection:
    """A space seen in two dimensions, as the metric sees it (cosine: vectors of unit length).

    ``points`` float32 (n, 2) belong to ``ids`` int64 (n,); ``mean`` float32 (512,), ``components``
    float32 (2, 512), orthonormal rows; ``explained`` (2,) is each axis' share of the variance.
    """

    ids: Int64Array
    points: Float32Array
    mean: Float32Array
    components: Float32Array
    explained: tuple[float, float]
    space: str
    metric: Metric

    def place(self, vector: Float32Array) -> Float32Array:
        """Where a vector (512,) of the same space lies on the map, float32 (2,)."""
        seen = comparable(np.asarray(vector, np.float32)[None], self.metric)
        placed: Float32Array = ((seen - self.mean) @ self.components.T)[0]
        return placed


def project(ids: Int64Array, vectors: Float32Array, space: str, metric: Metric) -> Projection:
    """Fit the map to ``vectors`` (n, 512), n ≥ 1, by the eigenvectors of their covariance.

    Sums run in float64. Each axis points where its component's largest number is positive, so the
    map does not flip from one fit to the next. Axes without variance explain 0.
    """
    mean, covariance = _moments(vectors, metric)
    values, eigenvectors = np.linalg.eigh(covariance)
    components = eigenvectors[:, [-1, -2]].T
    largest = np.abs(components).argmax(axis=1)
    components *= np.where(components[[0, 1], largest] < 0, -1.0, 1.0)[:, None]
    points = np.empty((len(vectors), 2), np.float32)
    for start, block in _blocks(vectors, metric):
        points[start : start + len(block)] = (block - mean) @ components.T
    first, second = _shares(values, float(np.trace(covariance)), float(mean @ mean))
    return Projection(
        ids,
        points,
        mean.astype(np.float32),
        components.astype(np.float32),
        (first, second),
        space,
        metric,
    )


def _blocks(vectors: Float32Array, metric: Metric) -> Iterator[tuple[int, Float64Array]]:
    for start in range(0, len(vectors), BLOCK):
        yield start, comparable(vectors[start : start + BLOCK], metric).astype(np.float64)


def _moments(vectors: Float32Array, metric: Metric) -> tuple[Float64Array, Float64Array]:
    """The mean (512,) and the covariance (512, 512); two passes, so that nothing cancels."""
    mean = np.zeros(DIMENSION)
    for _, block in _blocks(vectors, metric):
        mean += block.sum(axis=0) / len(vectors)
    covariance = np.zeros((DIMENSION, DIMENSION))
    for _, block in _blocks(vectors, metric):
        centred = block - mean
        covariance += centred.T @ centred / len(vectors)
    return mean, covariance


def _shares(values: Float64Array, total: float, scale: float) -> tuple[float, float]:
    # Equal vectors differ from their mean by rounding only: that is no variance.
    if total <= 1e-12 * scale:
        return 0.0, 0.0
    return float(max(values[-1], 0.0) / total), float(max(values[-2], 0.0) / total)
