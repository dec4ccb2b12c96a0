"""How hard an index must look to find what it should, measured on the library's own vectors.

From what was measured (``building``) follows the recall of every effort, and the cheapest effort
for a recall that is asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cbir.records import Float32Array

Ranks = NDArray[np.int32]

NOWHERE = np.iinfo(np.int32).max
"""The rank of a neighbour in a bucket that was not looked into."""
_SPLITS = (0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)

_CAUTION = 0.5
"""The share of the misses allowed that is not used: a sample tells the recall only so well."""
_LEAST_KEPT = 2
"""Vectors compared for each hit that is wanted, at least."""
_MOST_KEPT = 4
"""And at most so many times the square root of the library: among thousands of nearly equal vectors
the true nearest would take comparing all of them."""

# What looking at a sketch and comparing a vector cost, in seconds on one core of 2023: only their
# ratio matters.
_SKETCH_COST = 2e-8
_VECTOR_COST = 4e-7


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look: buckets within ``reach`` of the nearest, then the ``keep`` best sketches.

    ``recall`` is the share of the true neighbours that this found on the sample; None where that
    was not measured. ``reach`` is half a squared distance, as ``Hashing.gaps`` tells it.
    """

    reach: float
    keep: int
    recall: float | None = None


@dataclass(frozen=True, eq=False)
class Tuning:
    """What was measured on s sample queries with n neighbours each, nearest first, among ``total``.

    ``gaps`` float32 (s, n): how far to reach for each; ``ranks`` int32 (s, n): how many rows seem
    nearer there. ``reaches`` float32 (r,) ascending and ``pools`` float32 (r,): how many rows lie
    within reach, on average. ``near`` float32 (s, m, 2): how near the nearest m of them are, as
    ``closeness`` tells it. ``exact_seconds``: what comparing everything took, for one query.
    """

    total: int
    gaps: Float32Array
    ranks: Ranks
    reaches: Float32Array
    pools: Float32Array
    near: Float32Array
    exact_seconds: float
    _efforts: dict[tuple[int, float], Effort] = field(default_factory=dict, init=False, repr=False)

    @staticmethod
    def none(total: int) -> Tuning:
        """Nothing was measured on these ``total`` vectors: look everywhere."""
        nothing = np.empty((0, 0), np.float32)
        ranks, flat, near = nothing.astype(np.int32), nothing.ravel(), nothing[..., None]
        return Tuning(total, nothing, ranks, flat, flat, near.repeat(2, axis=2), 0.0)

    @property
    def neighbours(self) -> int:
        """Of how many nearest it was measured whether they are found."""
        return int(self.gaps.shape[1])

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        held = (self.gaps, self.ranks, self.reaches, self.pools, self.near)
        return sum(array.nbytes for array in held)

    def effort(self, k: int, target: float) -> Effort:
        """The cheapest effort that finds ``target`` (between 0 and 1) of k nearest neighbours."""
        if (k, target) not in self._efforts:
            self._efforts[k, target] = self._chosen(k, target)
        return self._efforts[k, target]

    def reach(self, k: int, target: float) -> float:
        """How far to reach where everything there is compared, and no sketch can mislead."""
        gaps = self.gaps[:, :k]
        return float(np.quantile(gaps, aimed(target), method="higher")) if gaps.size else math.inf

    def _chosen(self, k: int, target: float) -> Effort:
        measured = min(k, self.gaps.shape[1])
        if not measured:
            return Effort(math.inf, _LEAST_KEPT * k)
        gaps, ranks = self.gaps[:, :measured], self.ranks[:, :measured]
        aim = aimed(target)
        splits = [1 - (1 - aim) * part for part in _SPLITS]
        efforts = [self._at(gaps, ranks, reached, aim) for reached in splits]
        best = min(efforts, key=self._cost)
        if measured == k:
            return best
        # More hits than were measured: compare as many more, and tell no recall.
        return replace(best, keep=math.ceil(best.keep * k / measured), recall=None)

    def _at(self, gaps: Float32Array, ranks: Ranks, reached: float, aimed: float) -> Effort:
        """Reach the buckets of this share of neighbours, and keep what is needed of them."""
        reach = float(np.quantile(gaps, reached, method="higher"))
        inside = gaps <= reach
        share = min(aimed / inside.mean(), 1.0)
        # One more: a query that is in the library finds itself.
        needed = int(np.quantile(ranks[inside], share, method="higher")) + 2
        most = math.ceil(_MOST_KEPT * math.sqrt(self.total))
        keep = max(min(needed, most), _LEAST_KEPT * gaps.shape[1])
        return Effort(reach, keep, float(np.mean(inside & (ranks < keep - 1))))

    def _cost(self, effort: Effort) -> float:
        pool = float(np.interp(effort.reach, self.reaches, self.pools))
        return pool * _SKETCH_COST + min(effort.keep, pool) * _VECTOR_COST


def aimed(target: float) -> float:
    """The share to find of a sample, so that ``target`` is found of all."""
    return 1 - (1 - target) * (1 - _CAUTION)
