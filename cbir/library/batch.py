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
from cbir.library.tuning import aimed
from cbir.library.vector_table import BLOCK, Mask, VectorTable
from cbir.records import Float32Array, Int64Array

_AT_ONCE = 1 << 14
_HITS_AT_ONCE = 1 << 20
_VIEWED_AT_ONCE = 256
_MOST_VISITS = 1 << 23
_TRIED = 1024


@dataclass(frozen=True, eq=False)
class Batch:
    """The answers to q queries, and how many vectors were compared for each, on average."""

    nearest: Nearest
    compared: float


def rank_many(
    table: VectorTable,
    index: LshIndex,
    allowed: Mask | None,
    queries: Float32Array,
    k: int,
    recall: float,
    least: float | None = None,
) -> Batch:
    """The k nearest allowed rows (None: every row) of each of ``queries`` (q, 512), by ``index``.

    Rows that the index does not cover are compared with every query. A query that finds fewer than
    k is compared with everything. With ``least`` only rows of this cosine or more are wanted, by
    that metric: then it reaches no farther than they lie, and finding few is no failure. Raises
    LibraryDamaged where a row is no vector.
    """
    reach = index.tuning.reach(k, recall)
    if least is not None:
        reach = min(reach, reach_to(table, index, least, recall))
    parts, compared = [], 0
    at_once = min(_AT_ONCE, max(_HITS_AT_ONCE // k, 1))
    for start in range(0, len(queries), at_once):
        some = queries[start : start + at_once]
        nearest, count = _rank_some(table, index, allowed, some, k, reach, least)
        parts.append(nearest)
        compared += count
    return Batch(joined(parts, k), compared / max(len(queries), 1))


def reach_to(table: VectorTable, index: LshIndex, least: float, recall: float) -> float:
    """How far a query must reach for the rows of cosine ``least``, to come to a share of them.

    Tried out: rows are turned towards others until that is their cosine, so that they move where
    vectors differ, as far as can be. Raises LibraryDamaged where a row is no vector.
    """
    living = np.flatnonzero(table.alive[: index.count])
    if not len(living):
        return math.inf
    rng = np.random.default_rng(0)
    rows, others = (rng.choice(living, min(len(living), _TRIED), replace=False) for _ in range(2))
    mine, towards = (comparable(table.gather(some), "cosine") for some in (rows, others))
    towards = towards - np.einsum("ij,ij->i", mine, towards)[:, None] * mine
    queries = least * mine + math.sqrt(1 - least**2) * comparable(towards, "cosine")
    gaps = index.hashing.gaps(index.hashing.centred(queries))
    needed = gaps[np.arange(len(rows)), index.buckets()[rows]]
    return float(np.quantile(needed, aimed(recall), method="higher"))


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
