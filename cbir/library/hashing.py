"""Random projections as hashes: a bucket for every vector, and a sketch of where in it it lies.

All projections start at the data's mean, not the origin: network vectors share a large mean, so
uncentred hashes put nearly everything into a few buckets.

*Buckets.* A vector is projected on ``ROUTES`` random directions, drawn with the data's covariance
so that they point where it spreads (Halko, Martinsson and Tropp 2011), and falls into the bucket
whose centre is nearest there: the arg-max over many more projections, those on the centres, less
half their squared length. That is the cross-polytope family of LSH (Andoni et al. 2015) with
directions taken from the data instead of a sphere, also called Voronoi or k-means LSH (Paulevé,
Jégou and Amsaleg 2010). The centres are random vectors of the library, moved twice to the mean of
what falls to them.

*Sketches.* The signs of ``SKETCH_BITS`` random orthonormal projections (Charikar 2002; super-bit
LSH, Ji et al. 2012), of the difference between the vector and the mean of its bucket: what is left
to tell apart is small there, so the same bits say more. The query keeps two bits a projection
(asymmetric sketches: Dong, Charikar and Li 2008). The estimate of a distance is the one of RaBitQ
(Gao and Long 2024).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cbir.library.directions import (
    TINY,
    comparable,
    group_means,
    nearest,
    random_rotation,
    scorer_of,
    spread_directions,
    squared_lengths,
    with_one,
)
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

Buckets = NDArray[np.uint16]
Sketches = NDArray[np.uint64]

ROUTES = 64
SKETCH_BITS = DIMENSION
WORDS = SKETCH_BITS // 64
BUCKETS_PER_ROOT = 4
_MOST_BUCKETS = 1 << 15
_ROUNDS = 2
_COVARIANCE_SAMPLE = 1 << 14
_SAMPLE_PER_BUCKET = 16
_ROWS_AT_ONCE = 512

# Two bits a projection, at ±1 and ±3 steps of the size that loses least of a normal distribution
# (Max 1960, uniform quantiser of four levels).
_STEP = 0.498
_SUM_BYTES = np.uint64(0x00FF00FF00FF00FF), np.uint64(8), np.uint64(0x0001000100010001)
_TOP = np.uint64(48)
_ONE = np.uint64(1)


def buckets_for(count: int) -> int:
    """How many buckets ``count`` vectors are spread over: about sqrt(count)/4 in each."""
    return min(max(round(BUCKETS_PER_ROOT * math.sqrt(count)), 1), _MOST_BUCKETS)


def sample_for(count: int) -> int:
    """How many of ``count`` vectors to fit a hashing to."""
    return min(count, max(_COVARIANCE_SAMPLE, _SAMPLE_PER_BUCKET * buckets_for(count)))


@dataclass(frozen=True, eq=False)
class Hashes:
    """What is kept of n vectors.

    ``buckets`` uint16 (n,), ``sketches`` uint64 (n, WORDS); ``squares`` float32 (n,) is the squared
    distance from the bucket's mean, ``slopes`` float32 (n,) turns a sketch's agreement with a query
    into twice an inner product.
    """

    buckets: Buckets
    sketches: Sketches
    squares: Float32Array
    slopes: Float32Array

    def __len__(self) -> int:
        return len(self.buckets)

    def __getitem__(self, rows: slice | Int64Array) -> Hashes:
        return Hashes(
            self.buckets[rows], self.sketches[rows], self.squares[rows], self.slopes[rows]
        )

    @staticmethod
    def empty(count: int) -> Hashes:
        """Room for ``count`` vectors' hashes, to be written."""
        return Hashes(
            np.empty(count, np.uint16),
            np.empty((count, WORDS), np.uint64),
            np.empty(count, np.float32),
            np.empty(count, np.float32),
        )

    @staticmethod
    def joined(first: Hashes, second: Hashes) -> Hashes:
        """The hashes of both, one after the other."""
        return Hashes(
            np.concatenate([first.buckets, second.buckets]),
            np.concatenate([first.sketches, second.sketches]),
            np.concatenate([first.squares, second.squares]),
            np.concatenate([first.slopes, second.slopes]),
        )


@dataclass(frozen=True, eq=False)
class Probe:
    """A query as seen from p buckets: what ``costs`` compares sketches in them with.

    ``high`` and ``low`` uint64 (p, WORDS) are its two bits a projection, ``steps`` float32 (p,)
    their scale, ``squares`` float32 (p,) the query's squared distance from each bucket's mean.
    """

    high: Sketches
    low: Sketches
    steps: Float32Array
    squares: Float32Array

    def costs(
        self, sketches: Sketches, squares: Float32Array, slopes: Float32Array, own: Int64Array
    ) -> Float32Array:
        """Estimated squared distances of n vectors, float32 (n,); ``own`` (n,): whose bucket.

        |q − x|² = |q − m|² + |x − m|² − 2 ⟨q − m, x − m⟩ around the bucket's mean m; the sketch
        estimates the last term.
        """
        differing = _differing(sketches, self.high.take(own, axis=0))
        differing <<= _ONE  # eight bytes at once: none is above 64, so none runs over
        differing += _differing(sketches, self.low.take(own, axis=0))
        agreement = _byte_sums(differing).astype(np.float32)
        agreement *= -2
        agreement += 3 * SKETCH_BITS
        agreement *= self.steps.take(own)
        agreement *= slopes
        costs: Float32Array = squares - agreement
        costs += self.squares.take(own)
        return costs


def _differing(sketches: Sketches, planes: Sketches) -> NDArray[np.uint64]:
    """How many bits differ in each word of a row (n, WORDS): eight bytes, as one word (n,).

    ``planes`` is overwritten.
    """
    counts = np.bitwise_count(np.bitwise_xor(sketches, planes, out=planes))
    words: NDArray[np.uint64] = counts.view(np.uint64)[:, 0]
    return words


def _byte_sums(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The sum of the eight bytes of each word, (n,)."""
    mask, byte, lanes = _SUM_BYTES
    sums: NDArray[np.uint64] = words & mask
    sums += (words >> byte) & mask
    sums *= lanes
    sums >>= _TOP
    return sums


@dataclass(frozen=True, eq=False)
class Hashing:
    """Fixed once fitted, the same for the same vectors and seed.

    ``centre`` (512,), ``projection`` (512, ROUTES) with orthonormal columns, ``centres`` of the m
    buckets (m, ROUTES), ``rotation`` (512, SKETCH_BITS) orthonormal, ``means`` (m, SKETCH_BITS) of
    the buckets, rotated; all float32.
    """

    metric: Metric
    centre: Float32Array
    projection: Float32Array
    centres: Float32Array
    rotation: Float32Array
    means: Float32Array

    @staticmethod
    def fitted(sample: Float32Array, metric: Metric, count: int, seed: int) -> Hashing:
        """A hashing for about ``count`` vectors like those of ``sample`` (m, 512), m ≥ 1."""
        rng = np.random.default_rng(seed)
        points = comparable(sample, metric)
        centre = points.mean(axis=0, dtype=np.float64).astype(np.float32)
        points = points - centre
        projection = spread_directions(
            points[:: -(-len(points) // _COVARIANCE_SAMPLE)], ROUTES, rng
        )
        routed = points @ projection
        chosen = rng.choice(len(points), min(buckets_for(count), len(points)), replace=False)
        centres = routed[np.sort(chosen)]
        for _ in range(_ROUNDS):
            centres = group_means(routed, nearest(routed, centres), centres)
        rotation = random_rotation(rng)
        # A bucket that nothing of the sample falls into has its centre for a mean.
        lifted = centres @ (projection.T @ rotation)
        means = group_means(points @ rotation, nearest(routed, centres), lifted)
        return Hashing(metric, centre, projection, centres, rotation, means)

    @property
    def bucket_count(self) -> int:
        """How many buckets there are."""
        return len(self.centres)

    @property
    def nbytes(self) -> int:
        """The memory that the projections take."""
        held = (self.centre, self.projection, self.centres, self.rotation, self.means)
        return sum(array.nbytes for array in held) + self._scorer.nbytes

    @cached_property
    def _scorer(self) -> Float32Array:
        return scorer_of(self.centres)

    def hash_into(self, vectors: Float32Array, out: Hashes, start: int) -> None:
        """Write the hashes of ``vectors`` (n, 512) into ``out`` from row ``start`` on."""
        for at in range(0, len(vectors), _ROWS_AT_ONCE):
            some = vectors[at : at + _ROWS_AT_ONCE]
            self._hash_some(some, out[slice(start + at, start + at + len(some))])

    def _hash_some(self, vectors: Float32Array, out: Hashes) -> None:
        centred: Float32Array = comparable(vectors, self.metric) - self.centre
        buckets = (with_one(centred @ self.projection) @ self._scorer).argmax(axis=1)
        rest: Float32Array = centred @ self.rotation
        rest -= self.means[buckets]
        out.buckets[:] = buckets
        out.sketches[:] = np.packbits(rest > 0, axis=1).view(np.uint64)
        out.squares[:] = squared_lengths(rest)
        np.abs(rest, out=rest)
        out.slopes[:] = 2 * out.squares / np.maximum(rest.sum(axis=1), TINY)

    def hash(self, vectors: Float32Array) -> Hashes:
        """The hashes of vectors (n, 512)."""
        hashes = Hashes.empty(len(vectors))
        self.hash_into(vectors, hashes, 0)
        return hashes

    def centred(self, queries: Float32Array) -> Float32Array:
        """Queries (512,) or (q, 512) as the metric sees them, from the centre."""
        seen: Float32Array = comparable(queries, self.metric) - self.centre
        return seen

    def gaps(self, centred: Float32Array) -> Float32Array:
        """How much farther than the nearest bucket each one lies from ``centred``: (m,) or (q, m).

        Half a squared distance along the routes, 0 for the nearest.
        """
        scores = (centred @ self.projection) @ self._scorer[:-1]
        scores += self._scorer[-1]
        gaps: Float32Array = scores.max(axis=-1, keepdims=True) - scores
        return gaps

    def probe(self, centred: Float32Array, buckets: Int64Array) -> Probe:
        """What ``centred`` (512,) looks like from each of ``buckets`` (p,)."""
        rest = centred @ self.rotation - self.means.take(buckets, axis=0)
        squares = squared_lengths(rest)
        steps = np.sqrt(squares / SKETCH_BITS) * np.float32(_STEP)
        positive = rest > 0
        large = np.abs(rest, out=rest) > 2 * steps[:, None]
        high = np.packbits(positive, axis=1).view(np.uint64)
        low = np.packbits(positive == large, axis=1).view(np.uint64)
        return Probe(high, low, steps, squares)
