"""Made-up vectors that are like a network's, at any size, always the same for a seed.

Isotropic Gaussian vectors have no near neighbours to find. These are a mixture: a few thousand
clusters of uneven size and spread around a large common mean, spread along a few directions much
more than along others, as measured on published CLIP vectors of ordinary photographs. Queries come
from the same mixture and are never among the vectors.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cbir.records import DIMENSION, Float32Array, Int64Array

_CLUSTERS = 3000
_MEAN_LENGTH = 0.722
_WITHIN = 0.3  # the share of the variance that lies within clusters
_SPREAD = 0.5  # how much clusters differ in it: sd of its logarithm
_SIZES = 1.5  # how much clusters differ in size: sd of its logarithm
_FLATTER = 0.5  # the spectrum within clusters: its root, since clusters are rounder than the whole
_LENGTH = (10.8, 0.7)  # of CLIP's vectors before they are normalised: mean and sd
_CHUNK = 1 << 16

# Of classic's unit vectors: their variance, and how much of it changes sign in the mirror.
_CLASSIC_SPREAD = 0.083
_CLASSIC_ONE_SIDED = 0.0036

# The share of the variance at the 1st, 2nd, … principal component of CLIP photographs.
_COMPONENTS = (1, 2, 3, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 512)
_SHARES = (8.75, 5.81, 4.22, 2.89, 1.77, 0.94, 0.66, 0.41, 0.27, 0.198, 0.12, 0.076, 0.03, 0.0095)


class Mixture:
    """Where the vectors come from; ``draw`` takes some."""

    def __init__(self, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self._seed = seed
        spread = np.sqrt(_spectrum() * (1 - _MEAN_LENGTH**2)).astype(np.float32)
        inner = spread**_FLATTER
        self._inner = inner * np.sqrt(np.square(spread).sum() / np.square(inner).sum())
        self._rotation = np.linalg.qr(rng.standard_normal((DIMENSION, DIMENSION)))[0]
        self._rotation = self._rotation.astype(np.float32)
        mean = rng.standard_normal(DIMENSION)
        self._mean = (mean / np.linalg.norm(mean) * _MEAN_LENGTH).astype(np.float32)
        sizes = rng.lognormal(0, _SIZES, _CLUSTERS)
        self._shares = sizes / sizes.sum()
        within = _WITHIN * rng.lognormal(0, _SPREAD, _CLUSTERS)
        self._within = np.sqrt(np.clip(within, 0.02, 1)).astype(np.float32)
        centres = rng.standard_normal((_CLUSTERS, DIMENSION), dtype=np.float32)
        self._centres = centres * spread * np.float32(np.sqrt(1 - _WITHIN))

    def vectors(self, count: int) -> Float32Array:
        """``count`` vectors, float32 (count, 512); more are the same and then some."""
        return self._drawn(count, stream=0)

    def queries(self, count: int) -> Float32Array:
        """``count`` more, none of them among ``vectors``."""
        return self._drawn(count, stream=1)

    def _drawn(self, count: int, stream: int) -> Float32Array:
        drawn = np.empty((count, DIMENSION), np.float32)
        for number, start in enumerate(range(0, count, _CHUNK)):
            rng = np.random.default_rng((self._seed, stream, number))
            rows = slice(start, start + _CHUNK)
            drawn[rows] = self._chunk(rng)[: len(drawn[rows])]
        return drawn

    def _chunk(self, rng: np.random.Generator) -> Float32Array:
        cluster = rng.choice(_CLUSTERS, _CHUNK, p=self._shares)
        points = rng.standard_normal((_CHUNK, DIMENSION), dtype=np.float32)
        points *= self._inner
        points *= self._within[cluster, None]
        points += self._centres[cluster]
        turned: Float32Array = points @ self._rotation
        turned += self._mean
        length = rng.normal(*_LENGTH, _CHUNK).clip(8, 15).astype(np.float32)
        turned *= (length / np.linalg.norm(turned, axis=1))[:, None]
        return turned


def like_classic(count: int, mirror: Int64Array) -> Float32Array:
    """Vectors like those of ``classic``, float32 (count, 512), of unit length or nearly so.

    A mixture with the common mean and the likeness to mirror images measured on Corel-1k.
    ``mirror`` int64 (512,) is the order that makes a vector that of its mirror image, and its own
    inverse.
    """
    drawn = Mixture().vectors(count)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    mean = drawn.mean(axis=0)
    drawn -= mean
    turned = drawn[:, mirror]
    mean += mean[mirror]
    mean *= np.float32(np.sqrt(1 - _CLASSIC_SPREAD) / np.linalg.norm(mean))
    even = _spread_to(drawn + turned, _CLASSIC_SPREAD - _CLASSIC_ONE_SIDED)
    vectors: Float32Array = mean + even + _spread_to(drawn - turned, _CLASSIC_ONE_SIDED)
    return vectors


def _spread_to(vectors: Float32Array, variance: float) -> Float32Array:
    """``vectors`` (n, 512) scaled to this mean squared length."""
    scale = np.sqrt(variance / np.mean(np.square(vectors).sum(axis=1)))
    scaled: Float32Array = vectors * np.float32(scale)
    return scaled


def _spectrum() -> Float32Array:
    """The share of the variance along each of 512 directions."""
    known = np.log([*_SHARES, 0.001])
    shares = np.exp(np.interp(np.log(np.arange(1, DIMENSION + 1)), np.log(_COMPONENTS), known))
    spectrum: Float32Array = (shares / shares.sum()).astype(np.float32)
    return spectrum


def two_cones(count: int, angle: float, seed: int = 1) -> Iterator[Float32Array]:
    """Images (count, 512) and their captions (count, 512) in two cones, ``angle`` degrees apart.

    As in CLIP's space: a pair shares what it is about, not where its cone points.
    """
    rng = np.random.default_rng(seed)
    images = Mixture(seed).queries(count)
    images /= np.linalg.norm(images, axis=1, keepdims=True)
    centre = images.mean(axis=0)
    axis = centre / np.linalg.norm(centre)
    aside = rng.standard_normal(DIMENSION).astype(np.float32)
    aside -= (aside @ axis) * axis
    aside /= np.linalg.norm(aside)
    turned = np.cos(np.radians(angle)) * axis + np.sin(np.radians(angle)) * aside
    noise = rng.standard_normal(images.shape).astype(np.float32) * np.float32(0.01)
    captions = 0.5 * (images - centre) + noise + np.linalg.norm(centre) * turned
    yield images
    yield (captions / np.linalg.norm(captions, axis=1, keepdims=True)).astype(np.float32)
