"""Locality-sensitive hashing over a vector table: which rows may be near a query, unranked.

The buckets that a query nearly falls into are read, as many as the effort's reach allows (a query
between many buckets looks at more of them than one in the middle of its own); their sketches are
compared, and the rows that seem nearest are kept as candidates, which the caller compares by the
true metric. An index is immutable: adding rows makes the next one, removed rows are passed over by
the caller's mask of rows that are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cbir.library.hashed_rows import HashedRows, Scan, rows_of
from cbir.library.hashing import BUCKETS_PER_ROOT, Buckets, Hashes, Hashing
from cbir.library.tuning import Effort, Tuning
from cbir.library.vector_table import Mask, VectorTable
from cbir.records import Float32Array, Int64Array

_GROWN = 2.0
_SHRUNK = 4.0
_CHANGED = 1.25
_FEW = 64
_FRESH_SHARE = 8
_FRESH_LEAST = 4096
_WIDER = 3.0
_MOST_LEAST = 1 << 16
_MOST_SHARE = 4
_SAMPLED_FROM = 4096
_SAMPLED_EVERY = 16


@dataclass(frozen=True, eq=False)
class Candidates:
    """Distinct allowed rows, int64 (m,), unranked; ``scanned`` sketches were looked at.

    ``widened`` tells that the effort's own reach held too few.
    """

    rows: Int64Array
    scanned: int
    widened: bool = False


@dataclass(frozen=True, eq=False)
class LshIndex:
    """Immutable. Covers the first ``count`` rows of the tables of one ``lineage``.

    ``tuning`` tells the effort that a recall takes, as measured when it was made or last tuned.
    """

    lineage: object
    hashing: Hashing
    tuning: Tuning
    main: HashedRows
    fresh: HashedRows

    @staticmethod
    def of(lineage: object, hashing: Hashing, tuning: Tuning, hashes: Hashes) -> LshIndex:
        """The index whose rows, from the first on, have these hashes."""
        main = HashedRows.of(0, hashes, hashing.bucket_count)
        return LshIndex.over(lineage, hashing, tuning, main)

    @staticmethod
    def over(lineage: object, hashing: Hashing, tuning: Tuning, main: HashedRows) -> LshIndex:
        """The index whose rows are those of ``main``, from the first on."""
        fresh = HashedRows.of(len(main), Hashes.empty(0), hashing.bucket_count)
        return LshIndex(lineage, hashing, tuning, main, fresh)

    @property
    def count(self) -> int:
        """How many rows are covered."""
        return len(self.main) + len(self.fresh)

    @property
    def nbytes(self) -> int:
        """The memory that it takes beside the vectors."""
        return self.main.nbytes + self.fresh.nbytes + self.hashing.nbytes + self.tuning.nbytes

    def serves(self, table: VectorTable) -> bool:
        """Whether its rows are those of ``table``."""
        return self.lineage is table.lineage

    def fits(self, table: VectorTable) -> bool:
        """Whether it serves, and has about as many buckets as ``table`` should have.

        Where not, it finds what it should all the same, only slower.
        """
        fitted = (self.hashing.bucket_count / BUCKETS_PER_ROOT) ** 2
        return self.serves(table) and _alike(fitted, table.living, _GROWN, _SHRUNK)

    def is_tuned(self, table: VectorTable) -> bool:
        """Whether the recall that it tells was measured on about as many vectors."""
        return _alike(self.tuning.total, table.living, _CHANGED, _CHANGED)

    def extended(self, table: VectorTable) -> LshIndex:
        """The next index: covers the rows that ``table`` has beyond this one.

        Costs as much as what was added since the last merge, which is due when that is an eighth of
        the rest. Raises LibraryDamaged where they are no vectors.
        """
        if table.count <= self.count:
            return self
        new = hash_rows(table, self.count, self.hashing)
        fresh = Hashes.joined(self.fresh.in_row_order(), new)
        if len(fresh) <= max(_FRESH_LEAST, len(self.main) // _FRESH_SHARE):
            part = HashedRows.of(self.fresh.first, fresh, self.hashing.bucket_count)
            return replace(self, fresh=part)
        merged = Hashes.joined(self.main.in_row_order(), fresh)
        return LshIndex.of(self.lineage, self.hashing, self.tuning, merged)

    def buckets(self) -> Buckets:
        """The bucket of each row that is covered, (count,)."""
        buckets = np.empty(self.count, np.uint16)
        for part in (self.main, self.fresh):
            buckets[part.rows + part.first] = part.hashes.buckets
        return buckets

    def hashes(self) -> Hashes:
        """The hashes of all rows that are covered, in their order; a copy."""
        return Hashes.joined(self.main.in_row_order(), self.fresh.in_row_order())

    def renumbered(self, kept: Int64Array) -> LshIndex:
        """The index of tables to come, whose row i is row kept[i] of this index's tables."""
        return LshIndex.of(object(), self.hashing, self.tuning, self.hashes()[kept])

    def candidates(
        self, query: Float32Array, allowed: Mask | None, effort: Effort, enough: int
    ) -> Candidates:
        """About ``effort.keep`` of the rows that ``allowed`` (rows of the caller's table,) marks.

        None allows every row that is covered. Fewer than ``enough`` where the buckets within reach
        hold fewer, also after reaching wider: then all should be compared.
        """
        centred = self.hashing.centred(query)
        gaps = self.hashing.gaps(centred)
        scans, costs = self._scanned(centred, gaps, allowed, effort.reach)
        widened = len(costs) < enough
        if widened:
            scans, costs = self._scanned(centred, gaps, allowed, effort.reach * _WIDER)
        keep = max(effort.keep, enough)
        chosen = None if len(costs) <= keep else _smallest(costs, keep)
        return Candidates(rows_of(scans, chosen), len(costs), widened)

    def estimates(
        self, centred: Float32Array, gaps: Float32Array, allowed: Mask | None, reach: float
    ) -> tuple[Int64Array, Float32Array]:
        """The allowed rows within reach, (n,), and their estimated squared distances, (n,).

        ``centred`` and ``gaps`` are the hashing's view of the query.
        """
        scans, costs = self._scanned(centred, gaps, allowed, reach)
        return rows_of(scans, None), costs

    def _scanned(
        self, centred: Float32Array, gaps: Float32Array, allowed: Mask | None, reach: float
    ) -> tuple[list[Scan], Float32Array]:
        buckets = self._within(gaps, reach)
        probe = self.hashing.probe(centred, buckets)
        scans = [Scan.of(part, buckets, allowed) for part in (self.main, self.fresh) if len(part)]
        costs = [cost for scan in scans for cost in scan.costs(probe)]
        return scans, np.concatenate(costs) if costs else np.empty(0, np.float32)

    def _within(self, gaps: Float32Array, reach: float) -> Int64Array:
        """The buckets within reach; the nearest of them where they hold too much of the library."""
        buckets = np.flatnonzero(gaps <= reach)
        sizes = self.sizes(buckets)
        most = max(_MOST_LEAST, self.count // _MOST_SHARE)
        if sizes.sum() > most:
            buckets = buckets[np.argsort(gaps[buckets], kind="stable")]
            upto = int(np.searchsorted(np.cumsum(self.sizes(buckets)), most)) + 1
            buckets = buckets[:upto]
        return buckets

    def sizes(self, buckets: Int64Array) -> Int64Array:
        """How many rows lie in each of ``buckets``, dead ones included."""
        main, fresh = self.main.starts, self.fresh.starts
        sizes: Int64Array = main[buckets + 1] - main[buckets] + fresh[buckets + 1] - fresh[buckets]
        return sizes


def _alike(before: float, now: int, grown: float, shrunk: float) -> bool:
    """Whether a count has changed by less than these factors, or only by a few."""
    return now <= before * grown + _FEW and before <= now * shrunk + _FEW


def _smallest(costs: Float32Array, count: int) -> Int64Array:
    """Where the ``count`` smallest of more ``costs`` are, unordered, int64 (count,)."""
    if len(costs) >= _SAMPLED_FROM:
        # Partitioning is slow: what is surely too large is taken out before, by a sample.
        sample = costs[::_SAMPLED_EVERY]
        rank = 2 * count // _SAMPLED_EVERY + 16
        if rank < len(sample):
            few = np.flatnonzero(costs <= np.partition(sample, rank)[rank])
            if len(few) > count:
                return few[np.argpartition(costs[few], count - 1)[:count]]
    return np.argpartition(costs, count - 1)[:count]


def hash_rows(table: VectorTable, start: int, hashing: Hashing) -> Hashes:
    """The hashes of the table's rows from ``start`` on; BLAS uses every core for them."""
    hashes = Hashes.empty(table.count - start)
    for first, vectors, _ in table.blocks(start):
        hashing.hash_into(vectors, hashes, first - start)
    return hashes
