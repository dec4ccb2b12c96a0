"""How hard an index must look to find what it should, measured on the library's own vectors.

A sample of rows is searched exactly. For each of their true neighbours it is noted how far a search
must reach to come to its bucket, and how many sketches there seem nearer: from that follows the
recall of every effort, and the cheapest effort for a recall that is asked for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cbir.library.exact import rank_all
from cbir.library.many import rank_all_many
from cbir.library.vector_table import VectorTable
from cbir.records import Float32Array, Int64Array

if TYPE_CHECKING:
    from cbir.library.lsh import LshIndex

Ranks = NDArray[np.int32]

_SAMPLE = 256
_NEIGHBOURS = 100
_WIDEST = 0.99
_NOWHERE = np.iinfo(np.int32).max
_REACHES = 64
_TIMES = 3
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
    within reach, on average. ``exact_seconds``: what comparing everything took, for one query.
    """

    total: int
    gaps: Float32Array
    ranks: Ranks
    reaches: Float32Array
    pools: Float32Array
    exact_seconds: float
    _efforts: dict[tuple[int, float], Effort] = field(default_factory=dict, init=False, repr=False)

    @staticmethod
    def none(total: int) -> Tuning:
        """Nothing was measured on these ``total`` vectors: look everywhere."""
        nothing = np.empty((0, 0), np.float32)
        return Tuning(
            total, nothing, nothing.astype(np.int32), nothing.ravel(), nothing.ravel(), 0.0
        )

    @staticmethod
    def measured(index: LshIndex, table: VectorTable) -> Tuning:
        """Try ``index`` out on vectors of ``table``; raises LibraryDamaged."""
        rows = _sample(table)
        neighbours = min(_NEIGHBOURS, table.living - 1)
        if neighbours < 1:
            return Tuning.none(table.living)
        queries = table.gather(rows)
        whole = table.living == table.count == index.count
        allowed = None if whole else table.alive
        exact_seconds = min(
            _seconds(lambda: rank_all(table, allowed, queries[0], index.hashing.metric, 1))
            for _ in range(_TIMES)
        )
        nearest = rank_all_many(table, allowed, queries, index.hashing.metric, neighbours + 1).rows
        nearest = _without(rows, nearest)
        views = index.hashing.centred(queries)
        from_queries = index.hashing.gaps(views)
        buckets = index.buckets()[nearest].astype(np.int64)
        gaps = np.take_along_axis(from_queries, buckets, axis=1)
        widest = float(np.quantile(gaps, _WIDEST, method="higher"))
        places = np.full(table.count, -1, np.int64)
        ranks = np.array(
            [
                _ranks(*index.estimates(view, mine, allowed, widest), found, row, places)
                for view, mine, found, row in zip(views, from_queries, nearest, rows, strict=True)
            ]
        )
        reaches = np.unique(np.quantile(gaps, np.linspace(0.3, 1, _REACHES), method="higher"))
        sizes = index.sizes(np.arange(index.hashing.bucket_count))
        pools = [np.mean((from_queries <= reach) @ sizes) for reach in reaches]
        return Tuning(
            table.living,
            gaps,
            ranks,
            reaches.astype(np.float32),
            np.array(pools, np.float32),
            exact_seconds,
        )

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        return sum(held.nbytes for held in (self.gaps, self.ranks, self.reaches, self.pools))

    def effort(self, k: int, target: float) -> Effort:
        """The cheapest effort that finds ``target`` (between 0 and 1) of k nearest neighbours."""
        if (k, target) not in self._efforts:
            self._efforts[k, target] = self._chosen(k, target)
        return self._efforts[k, target]

    def reach(self, k: int, target: float) -> float:
        """How far to reach where everything there is compared, and no sketch can mislead."""
        gaps = self.gaps[:, :k]
        return float(np.quantile(gaps, _aimed(target), method="higher")) if gaps.size else math.inf

    def _chosen(self, k: int, target: float) -> Effort:
        measured = min(k, self.gaps.shape[1])
        if not measured:
            return Effort(math.inf, _LEAST_KEPT * k)
        gaps, ranks = self.gaps[:, :measured], self.ranks[:, :measured]
        aimed = _aimed(target)
        splits = [1 - (1 - aimed) * part for part in _SPLITS]
        efforts = [self._at(gaps, ranks, reached, aimed) for reached in splits]
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


def _aimed(target: float) -> float:
    return 1 - (1 - target) * (1 - _CAUTION)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _sample(table: VectorTable) -> Int64Array:
    living = np.flatnonzero(table.alive)
    count = min(len(living), _SAMPLE)
    # Evenly, but not the very rows that a hashing is fitted to.
    places = (np.arange(count) + 0.5) / max(count, 1) * len(living)
    chosen: Int64Array = living[places.astype(np.int64)]
    return chosen


def _without(rows: Int64Array, nearest: Int64Array) -> Int64Array:
    """``nearest`` (s, n + 1) without each query's own row, or else without the last: (s, n)."""
    own = nearest == rows[:, None]
    own[~own.any(axis=1), -1] = True
    kept: Int64Array = nearest[~own].reshape(len(rows), -1)
    return kept


def _ranks(
    rows: Int64Array, costs: Float32Array, found: Int64Array, own: int, places: Int64Array
) -> Ranks:
    """How many of ``rows``, the query's own left out, seem nearer than each of ``found`` (n,).

    Equal estimates count as one place, so that copies of a picture stand for each other.
    ``places`` (rows of the table,) is -1 everywhere, and is so again afterwards.
    """
    places[rows] = np.arange(len(rows))
    at, self_at = places[found], places[own]
    places[rows] = -1
    held = at >= 0
    mine = costs[at[held]]
    nearer = costs <= mine.max(initial=-np.inf)
    if self_at >= 0:
        nearer[self_at] = False
    ranks = np.full(len(found), _NOWHERE, np.int32)
    ranks[held] = np.searchsorted(np.sort(costs[nearer]), mine)
    return ranks
