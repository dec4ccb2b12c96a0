"""Many image queries by LSH at once, for near-duplicates and evaluation.

A bucket's vectors are fetched once and compared with all queries that reach it, exactly: one matrix
product over a whole bucket costs less than its sketches one query at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cbir.library.directions import comparable
from cbir.library.hashing import Hashing
from cbir.library.lsh import LshIndex
from cbir.library.many import ManyNearest, Nearest, joined, rank_all_many
from cbir.library.vector_table import BLOCK, Mask, VectorTable
from cbir.records import Float32Array, Int64Array

_AT_ONCE = 1 << 14
_HITS_AT_ONCE = 1 << 20
_VIEWED_AT_ONCE = 256
_MOST_VISITS = 1 << 23
_TRIED = 4096
_DRAWN = 8192  # of which so many are tried at most


@dataclass(frozen=True, eq=False)
class Batch:
    """The answers to q queries, and how many vectors were compared for each, on average."""

    nearest: Nearest
    compared: float


@dataclass(frozen=True, slots=True)
class Near:
    """That only rows of the cosine ``least`` or more are wanted, not simply the k nearest.

    ``reach`` is how far a query must reach in one index for those, as ``Hashing.gaps`` tells it.
    """

    least: float
    reach: float

    @staticmethod
    def of(table: VectorTable, index: LshIndex, least: float) -> Near:
        """With the reach that such rows take in an index for cosine.

        Tried out: rows are turned towards others until ``least`` is their cosine, so that they move
        where vectors differ, as far as can be. The one that takes most decides: of a library full
        of series that take nothing a share would tell nothing of the rest. Infinite where no two
        rows show where that is; 0 where none that the index covers is alive. Raises LibraryDamaged
        where a row is no vector.
        """
        living = np.flatnonzero(table.alive[: index.count])
        if not len(living):
            return Near(least, 0.0)
        rng = np.random.default_rng(0)
        rows, others = rng.choice(living, (2, _DRAWN))
        mine, theirs = (comparable(table.gather(some), "cosine") for some in (rows, others))
        cosines = np.einsum("ij,ij->i", mine, theirs)
        # Not towards itself or what is near already, nor to and from vectors of length 0.
        apart = np.flatnonzero((np.abs(cosines) < least) & (cosines != 0))[:_TRIED]
        if not len(apart):
            return Near(least, math.inf)
        rows, mine = rows[apart], mine[apart]
        aside = comparable(theirs[apart] - cosines[apart, None] * mine, "cosine")
        queries = least * mine + math.sqrt(1 - least**2) * aside
        gaps = index.hashing.gaps(index.hashing.centred(queries))
        needed = gaps[np.arange(len(rows)), index.buckets()[rows]]
        return Near(least, float(needed.max()))


def rank_many(
    table: VectorTable,
    index: LshIndex,
    allowed: Mask | None,
    queries: Float32Array,
    k: int,
    recall: float,
    near: Near | None = None,
) -> Batch:
    """The k nearest allowed rows (None: every row) of each of ``queries`` (q, 512), by ``index``.

    Rows that the index does not cover are compared with every query. A query that finds fewer than
    k is compared with everything. With ``near``, made for this index, a query reaches no farther
    than that says, and finding few is no failure. Raises LibraryDamaged where a row is no vector;
    ValueError for ``near`` with an index that is not for cosine.
    """
    reach = index.tuning.reach(k, recall)
    if near is not None:
        reach = min(reach, near.reach)
    parts, compared = [], 0
    at_once = min(_AT_ONCE, max(_HITS_AT_ONCE // k, 1))
    for start in range(0, len(queries), at_once):
        some = queries[start : start + at_once]
        nearest, count = _rank_some(
            table, index, allowed, some, k, reach, None if near is None else near.least
        )
        parts.append(nearest)
        compared += count
    return Batch(joined(parts, k), compared / max(len(queries), 1))


def _rank_some(
    table: VectorTable,
    index: LshIndex,
    allowed: Mask | None,
    queries: Float32Array,
    k: int,
    reach: float,
    least: float | None,
) -> tuple[Nearest, int]:
    collected = ManyNearest(queries, index.hashing.metric, k, least)
    compared = 0
    for bucket, numbers in _visits(index.hashing, queries, reach):
        for rows in _rows_in(index, bucket, allowed, table.count):
            collected.add(rows, table.gather(rows), table.gather_norms(rows), numbers)
            compared += len(rows) * len(numbers)
    for start, vectors, norms in table.blocks(index.count):
        collected.add_allowed(start, vectors, norms, allowed)
        compared += len(vectors) * len(queries)
    nearest = collected.found(table)
    if least is not None:
        return nearest, compared
    usable = table.count if allowed is None else int(np.count_nonzero(allowed))
    short = np.flatnonzero((nearest.rows >= 0).sum(axis=1) < min(k, usable))
    if len(short):
        again = rank_all_many(table, allowed, queries[short], index.hashing.metric, k)
        nearest.rows[short], nearest.scores[short] = again.rows, again.scores
        compared += len(short) * usable
    return nearest, compared


def _visits(
    hashing: Hashing, queries: Float32Array, reach: float
) -> Iterator[tuple[int, Int64Array]]:
    """Each bucket that some query reaches, with the numbers of those that do.

    A bucket may come more than once, with others, where there are too many visits to hold.
    """
    numbers, buckets, held = [], [], 0
    for start in range(0, len(queries), _VIEWED_AT_ONCE):
        some = queries[start : start + _VIEWED_AT_ONCE]
        of, reached = np.nonzero(hashing.gaps(hashing.centred(some)) <= reach)
        numbers.append(of + start)
        buckets.append(reached)
        held += len(of)
        if held > _MOST_VISITS:
            yield from _by_bucket(numbers, buckets)
            numbers, buckets, held = [], [], 0
    if held:
        yield from _by_bucket(numbers, buckets)


def _by_bucket(
    numbers: list[Int64Array], buckets: list[Int64Array]
) -> Iterator[tuple[int, Int64Array]]:
    wanted = np.concatenate(buckets)
    order = np.argsort(wanted, kind="stable")
    present, starts = np.unique(wanted[order], return_index=True)
    visitors = np.split(np.concatenate(numbers)[order], starts[1:])
    yield from zip(present.tolist(), visitors, strict=True)


def _rows_in(
    index: LshIndex, bucket: int, allowed: Mask | None, count: int
) -> Iterator[Int64Array]:
    """The allowed ones of the first ``count`` rows that lie in a bucket, a block at a time."""
    for part in (index.main, index.fresh):
        rows = part.rows[part.starts[bucket] : part.starts[bucket + 1]].astype(np.int64)
        rows += part.first
        if allowed is not None:
            rows = rows[rows < len(allowed)]
            rows = rows[allowed[rows]]
        elif index.count > count:  # of a version of the library that came later
            rows = rows[rows < count]
        for start in range(0, len(rows), BLOCK):
            yield rows[start : start + BLOCK]
