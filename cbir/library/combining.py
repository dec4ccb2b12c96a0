"""One query vector from several terms: examples, words, likes and dislikes.

CLIP puts pictures and words into two narrow cones (Liang et al. 2022, "Mind the Gap",
https://arxiv.org/abs/2203.02053): what two vectors of one side have in common is mostly their
cone's mean. So each term is seen from the mean of its own side, where a picture and words of the
same meaning point the same way; the directions are summed by their weights, and the sum is put back
on the pictures' side, where both metrics and the LSH index deal with it as with a picture.

Measured on 1,126 published pairs of pictures and captions, for 1,000 queries of one picture and the
caption of another: both pictures are among the ten nearest for 0.89 of them, and for 0.54 where the
two vectors are added as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cbir.library.directions import TINY, comparable, squared_lengths
from cbir.records import DIMENSION, Float32Array, Metric

LIKED = 1.0
"""How much the pictures count together that the user wants more of: Rocchio's beta."""
DISLIKED = 0.75
"""How much those count together that the user wants less of: Rocchio's gamma. Where three hits of
each kind are judged, by class, precision@20 among the others rises from 0.725 to 0.840 on Corel-1k
in the classic space; at the usual 0.75 and 0.15 to 0.790."""
WORDS = 1.7
"""How much words count beside pictures of the same weight. A picture agrees with a caption of it
much less than with itself: from their means their cosine is 0.53 on those pairs."""
_REACH = 2.0
"""How many times as far out as pictures lie a sum is put: its direction is to decide, not how near
a picture is to the mean. Measured as above: 0.74 at 1, 0.89 at 2, 0.90 at 3 and 4."""
_SMALLEST = 1e-3  # a sum of directions of length 1 that is shorter is no direction


@dataclass(frozen=True, eq=False)
class Cone:
    """Where one side of a space lies, as a metric sees it (cosine: vectors of unit length).

    ``mean`` float32 (512,); ``spread`` is the root mean square distance from it.
    """

    mean: Float32Array
    spread: float
    metric: Metric

    @staticmethod
    def of(vectors: Float32Array, metric: Metric) -> Cone:
        """The cone of ``vectors`` (n, 512), n ≥ 1."""
        seen = comparable(np.asarray(vectors, np.float32), metric)
        mean = seen.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = float(np.sqrt(squared_lengths(seen - mean).mean(dtype=np.float64)))
        return Cone(mean, spread, metric)

    def direction(self, vector: Float32Array) -> Float32Array:
        """Which way a vector (512,) of this side lies from its mean, (512,) of length 1 or 0."""
        return _unit(comparable(np.asarray(vector, np.float32), self.metric) - self.mean)

    def place(self, direction: Float32Array) -> Float32Array:
        """A point (512,) in ``direction`` (512,) from the mean, somewhat farther than others."""
        placed: Float32Array = self.mean + np.float32(_REACH * self.spread) * _unit(direction)
        return placed


@dataclass(frozen=True, eq=False)
class Part:
    """One term's share: its ``direction`` (512,), ``weight`` and ``feedback`` as in ``Term``."""

    direction: Float32Array
    weight: float
    feedback: bool = False


def centroid(
    vectors: Sequence[Float32Array], weights: Sequence[float], metric: Metric
) -> Float32Array:
    """The weighted mean (512,) of example pictures (512,), as the metric sees them.

    Under cosine ranking by it is ranking by the weighted mean of the cosines to each.
    """
    seen = comparable(np.stack(vectors), metric)
    mean: Float32Array = np.average(seen, axis=0, weights=weights).astype(np.float32)
    return mean


def combine(parts: Sequence[Part]) -> Float32Array | None:
    """The direction (512,) that the parts lead to together, of length 1; None where they cancel.

    Rocchio's formula (1971, "Relevance feedback in information retrieval"): the mean of what was
    asked, plus ``LIKED`` times that of the wanted, minus ``DISLIKED`` times that of the unwanted.
    """
    asked = [part for part in parts if not part.feedback]
    liked = [part for part in parts if part.feedback and part.weight > 0]
    disliked = [part for part in parts if part.feedback and part.weight < 0]
    total = _mean(asked) + LIKED * _mean(liked) + DISLIKED * _mean(disliked)
    length = float(np.sqrt(squared_lengths(total)))
    return _unit(total) if length > _SMALLEST else None


def _mean(parts: Sequence[Part]) -> Float32Array:
    """The weighted mean of directions (512,); zero where there is none."""
    total = np.zeros(DIMENSION, np.float32)
    for part in parts:
        total += np.float32(part.weight) * part.direction
    mean: Float32Array = total / np.float32(sum(abs(part.weight) for part in parts) or 1)
    return mean


def _unit(vector: Float32Array) -> Float32Array:
    length = np.sqrt(squared_lengths(vector))
    unit: Float32Array = vector / np.maximum(length, TINY)
    return unit
