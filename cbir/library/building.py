"""Making an LSH index: fitted to a sample, filled with every row, and tried out on its own vectors.

A sample of rows is searched exactly. For each of their true neighbours it is noted how far a search
must reach to come to its bucket, and how many sketches there seem nearer: that is what the tuning
chooses efforts by.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from cbir.library.closeness import NEAREST_KEPT, closeness
from cbir.library.exact import rank_all
from cbir.library.hashing import Hashing, sample_for
from cbir.library.lsh import LshIndex, hash_rows
from cbir.library.many import rank_all_many
from cbir.library.tuning import NOWHERE, Ranks, Tuning
from cbir.library.vector_table import Mask, VectorTable
from cbir.records import Float32Array, Int64Array, Metric

SEED = 20020519
_SAMPLE = 256
_NEIGHBOURS = 100
_WIDEST = 0.99
_REACHES = 64
_TIMES = 3


def build(table: VectorTable, metric: Metric, seed: int = SEED) -> LshIndex:
    """An index over all rows of a table that has a living row; raises LibraryDamaged."""
    living = np.flatnonzero(table.alive)
    picked = living[np.linspace(0, len(living) - 1, sample_for(len(living))).astype(np.int64)]
    table.check(picked)  # refuses vectors of a damaged file before they are used
    hashing = Hashing.fitted(table.gather(picked), metric, len(living), seed)
    hashes = hash_rows(table, 0, hashing)
    return retuned(LshIndex.of(table.lineage, hashing, Tuning.none(len(living)), hashes), table)


def retuned(index: LshIndex, table: VectorTable) -> LshIndex:
    """The index with its recall measured on ``table``; raises LibraryDamaged."""
    return replace(index, tuning=measure(index, table))


def measure(index: LshIndex, table: VectorTable) -> Tuning:
    """Try ``index`` out on vectors of ``table``; raises LibraryDamaged."""
    neighbours = min(_NEIGHBOURS, table.living - 1)
    if neighbours < 1:
        return Tuning.none(table.living)
    rows = _sample(table)
    queries, metric = table.gather(rows), index.hashing.metric
    whole = table.living == table.count == index.count
    allowed = None if whole else table.alive
    nearest = _without(rows, rank_all_many(table, allowed, queries, metric, neighbours + 1).rows)
    views = index.hashing.centred(queries)
    from_queries = index.hashing.gaps(views)
    gaps = np.take_along_axis(from_queries, index.buckets()[nearest].astype(np.int64), axis=1)
    widest = float(np.quantile(gaps, _WIDEST, method="higher"))
    places = np.full(table.count, -1, np.int64)
    ranks = [
        _ranks(*index.estimates(view, mine, allowed, widest), found, row, places)
        for view, mine, found, row in zip(views, from_queries, nearest, rows, strict=True)
    ]
    reaches = np.unique(np.quantile(gaps, np.linspace(0.3, 1, _REACHES), method="higher"))
    sizes = index.sizes(np.arange(index.hashing.bucket_count))
    pools = [np.mean((from_queries <= reach) @ sizes) for reach in reaches]
    return Tuning(
        total=table.living,
        gaps=gaps,
        ranks=np.array(ranks),
        reaches=reaches.astype(np.float32),
        pools=np.array(pools, np.float32),
        near=closeness(table, queries, nearest[:, :NEAREST_KEPT], metric),
        exact_seconds=_exact_seconds(table, allowed, queries[0], metric),
    )


def _exact_seconds(
    table: VectorTable, allowed: Mask | None, query: Float32Array, metric: Metric
) -> float:
    """What comparing everything takes, at its quickest."""
    seconds = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        rank_all(table, allowed, query, metric, 1)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


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
    ranks = np.full(len(found), NOWHERE, np.int32)
    ranks[held] = np.searchsorted(np.sort(costs[nearer]), mine)
    return ranks
