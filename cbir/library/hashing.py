"""Random-projection hashing: bucket codes for tables, and sign sketches to thin candidates by.

Both are signs of projections on random hyperplanes (Charikar 2002). The hyperplanes go through the
data's mean, not the origin: network vectors share a large mean, so uncentred codes put nearly
everything in a few buckets. Sketch planes are orthonormal, which estimates angles with less
variance (super-bit LSH, Ji et al. 2012). Table planes are drawn with the data's covariance to the
power 1/4: planes along which the data spreads split it more evenly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

Codes = NDArray[np.uint16]
Sketches = NDArray[np.uint64]

TABLES = 8
_MOST_BITS = 16
_BUCKET = 6
_TINY = np.finfo(np.float32).tiny
_COSINES = np.cos(np.linspace(0, math.pi, DIMENSION + 1)).astype(np.float32)


def bits_for(count: int) -> int:
    """Bits of a table's code for ``count`` vectors: an even split would put six in a bucket."""
    return min(max(round(math.log2(max(count, 1) / _BUCKET)), 4), _MOST_BITS)


@dataclass(frozen=True, eq=False)
class Hashes:
    """What is kept of n vectors: table codes, sign sketches, and distances from the centre.

    ``codes`` uint16 (n, TABLES), ``sketches`` uint64 (n, 8), ``radii`` float32 (n,).
    """

    codes: Codes
    sketches: Sketches
    radii: Float32Array

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice | Int64Array) -> Hashes:
        return Hashes(self.codes[rows], self.sketches[rows], self.radii[rows])

    @staticmethod
    def joined(parts: Sequence[Hashes]) -> Hashes:
        """The hashes of all parts, one after the other."""
        return Hashes(
            np.concatenate([part.codes for part in parts]),
            np.concatenate([part.sketches for part in parts]),
            np.concatenate([part.radii for part in parts]),
        )

    @staticmethod
    def none() -> Hashes:
        """The hashes of no vectors."""
        sketches = np.empty((0, DIMENSION // 64), np.uint64)
        return Hashes(np.empty((0, TABLES), np.uint16), sketches, np.empty(0, np.float32))


@dataclass(frozen=True, eq=False)
class Probes:
    """Where to look for a query: ``keys`` (p,) of buckets, likeliest first: table · 2^bits + code.

    ``sketch`` (8,) and ``radius`` are the query's own.
    """

    keys: Int64Array
    sketch: Sketches
    radius: float

    def costs(self, sketches: Sketches, radii: Float32Array) -> Float32Array:
        """An estimate of squared distance, less a constant, for n vectors: float32 (n,).

        The share of bits that differ estimates the angle at the centre (Charikar 2002); with both
        distances from the centre, the law of cosines makes a distance of it.
        """
        differing = np.bitwise_count(sketches ^ self.sketch).sum(axis=1, dtype=np.int32)
        costs: Float32Array = radii * (radii - 2 * self.radius * _COSINES[differing])
        return costs


@dataclass(frozen=True, eq=False)
class Hashing:
    """Seeded, and fixed once fitted.

    ``centre`` (512,), ``table_planes`` (512, TABLES · bits), ``sketch_planes`` (512, 512).
    """

    metric: Metric
    bits: int
    centre: Float32Array
    table_planes: Float32Array
    sketch_planes: Float32Array

    @staticmethod
    def fitted(sample: Float32Array, metric: Metric, count: int, seed: int) -> Hashing:
        """Hyperplanes for about ``count`` vectors like those of ``sample`` (m, 512), m ≥ 1."""
        rng = np.random.default_rng(seed)
        points = comparable(sample, metric).astype(np.float64)
        centre = points.mean(axis=0)
        bits = bits_for(count)
        directions = rng.standard_normal((DIMENSION, TABLES * bits))
        tables = _covariance_root(points - centre) @ directions
        sketch, _ = np.linalg.qr(rng.standard_normal((DIMENSION, DIMENSION)))
        return Hashing(
            metric,
            bits,
            centre.astype(np.float32),
            (tables / np.linalg.norm(tables, axis=0)).astype(np.float32),
            sketch.astype(np.float32),
        )

    def hash(self, vectors: Float32Array) -> Hashes:
        """The hashes of vectors (n, 512)."""
        centred = comparable(vectors, self.metric) - self.centre
        signs = (centred @ self.table_planes > 0).reshape(len(vectors), TABLES, self.bits)
        codes = signs @ (1 << np.arange(self.bits, dtype=np.int64))
        return Hashes(codes.astype(np.uint16), self._sketch(centred), _lengths(centred))

    def _sketch(self, centred: Float32Array) -> Sketches:
        return np.packbits(centred @ self.sketch_planes > 0, axis=1).view(np.uint64)

    def probes(self, query: Float32Array, flips: int) -> Probes:
        """Query-directed multi-probe (Lv et al. 2007) of all tables at once.

        Each table's code with every subset of its ``flips`` least certain bits turned over, ordered
        by the sum of the squared distances to the hyperplanes that this crosses.
        """
        centred = comparable(query[None], self.metric) - self.centre
        distances = (centred @ self.table_planes).reshape(TABLES, self.bits)
        codes = (distances > 0) @ (1 << np.arange(self.bits, dtype=np.int64))
        costs = distances * distances
        flips = min(flips, self.bits)
        weakest = np.argsort(costs, axis=1)[:, :flips]
        subsets = _subsets(flips)
        crossed = subsets.astype(np.float32) @ np.take_along_axis(costs, weakest, 1).T
        turned = subsets @ (np.int64(1) << weakest).T
        tables = np.arange(TABLES, dtype=np.int64) << self.bits
        keys = (turned ^ codes) + tables
        order = np.argsort(crossed, axis=None, kind="stable")
        radius = float(_lengths(centred)[0])
        return Probes(keys.ravel()[order], self._sketch(centred)[0], radius)


def comparable(vectors: Float32Array, metric: Metric) -> Float32Array:
    """Vectors (n, 512) as the metric sees them: for cosine of unit length (zero stays zero)."""
    if metric == "euclidean":
        return vectors
    unit: Float32Array = vectors / np.maximum(_lengths(vectors), _TINY)[:, None]
    return unit


def _lengths(vectors: Float32Array) -> Float32Array:
    lengths: Float32Array = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return lengths


def _covariance_root(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    largest = values[-1]
    if largest <= 0:
        return np.eye(DIMENSION)
    scaled = np.maximum(values / largest, 1e-6) ** 0.25
    root: NDArray[np.float64] = (vectors * scaled) @ vectors.T
    return root


@lru_cache(maxsize=4)
def _subsets(count: int) -> NDArray[np.int64]:
    """All subsets of ``count`` things, int64 of 0 and 1, (2^count, count)."""
    return (np.arange(1 << count)[:, None] >> np.arange(count)) & 1
