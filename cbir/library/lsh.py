"""Locality-sensitive hashing over a vector table: which rows may be near a query, unranked.

Three steps: buckets of several tables are read, the likeliest first, until a pool is full; the
pool is thinned by the distance that sign sketches estimate; what is left are the candidates, which
the caller compares by the true metric. An index is immutable: adding rows makes the next one,
removed rows are passed over by the caller's mask of rows that are allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cbir.library.hashing import TABLES, Hashes, Hashing, Probes
from cbir.library.vector_table import Mask, VectorTable
from cbir.records import Int64Array, Metric

SEED = 20020519
_SAMPLE = 8192
_GROWTH = 2
_FRESH_SHARE = 8
_FLIPS = 10
_WIDEST_FLIPS = 14
_REPEATS = 1.3


def budget_for(count: int, k: int) -> int:
    """How many of ``count`` vectors to compare for k hits: 86 of 1,000, 854 of 100,000.

    Twice the hits that are wanted at least: on published CLIP vectors that keeps the recall of
    20 and of 50 hits above 0.97 in libraries of 80 to 1,100.
    """
    return max(math.ceil(2.7 * math.sqrt(count)), 2 * k)


def pool_for(count: int, budget: int) -> int:
    """How many sketches to look at: all of 1,000, a quarter of 10,000, a sixth of 100,000."""
    return max(1000, math.ceil(math.pow(count, 0.85)), 2 * budget)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Distinct allowed rows, int64 (m,), unranked; ``scanned`` sketches were looked at."""

    rows: Int64Array
    scanned: int


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows ``first`` … in hash order: bucket b of all tables is rows[starts[b]:starts[b + 1]].

    ``starts`` (TABLES · 2^bits + 1,), ``rows`` (TABLES · n,), counted from ``first``.
    """

    first: int
    hashes: Hashes
    starts: Int64Array
    rows: NDArray[np.int32]

    @staticmethod
    def of(first: int, hashes: Hashes, bits: int) -> _Part:
        count, buckets = len(hashes), TABLES << bits
        starts = np.zeros(buckets + 1, np.int64)
        rows = np.empty(TABLES * count, np.int32)
        sizes = np.empty(buckets, np.int64)
        for table in range(TABLES):
            codes = np.ascontiguousarray(hashes.codes[:, table])
            # Stable sorting of 16-bit integers is a radix sort in numpy.
            rows[table * count : (table + 1) * count] = np.argsort(codes, kind="stable")
            sizes[table << bits : (table + 1) << bits] = np.bincount(codes, minlength=1 << bits)
        np.cumsum(sizes, out=starts[1:])
        return _Part(first, hashes, starts, rows)

    def __len__(self) -> int:
        return len(self.hashes)

    def gathered(self, keys: Int64Array) -> NDArray[np.int32]:
        """The rows in these buckets, one bucket after the other, repeats included."""
        starts = self.starts[keys]
        lengths = self.starts[keys + 1] - starts
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1] if len(ends) else 0)
        places += np.repeat(starts - ends + lengths, lengths)
        return self.rows[places]


@dataclass(frozen=True, eq=False)
class LshIndex:
    """Immutable. Covers the first ``count`` rows of the tables of one ``lineage``."""

    lineage: object
    hashing: Hashing
    fitted: int
    _main: _Part
    _fresh: _Part

    @staticmethod
    def built(table: VectorTable, metric: Metric, seed: int = SEED) -> LshIndex:
        """An index over all rows of a table that has a living row; raises LibraryDamaged."""
        living = np.flatnonzero(table.alive)
        picked = living[np.linspace(0, len(living) - 1, min(len(living), _SAMPLE)).astype(np.int64)]
        table.gather_norms(picked)  # refuses vectors of a damaged file before they are used
        hashing = Hashing.fitted(table.gather(picked), metric, len(living), seed)
        return LshIndex._of(table.lineage, hashing, len(living), _hashed(table, 0, hashing))

    @staticmethod
    def _of(lineage: object, hashing: Hashing, fitted: int, hashes: Hashes) -> LshIndex:
        main = _Part.of(0, hashes, hashing.bits)
        fresh = _Part.of(len(hashes), Hashes.none(), hashing.bits)
        return LshIndex(lineage, hashing, fitted, main, fresh)

    @property
    def count(self) -> int:
        """How many rows are covered."""
        return len(self._main) + len(self._fresh)

    def fits(self, table: VectorTable) -> bool:
        """Whether ``extended`` will do: same lineage, and not so much more or less than fitted."""
        grown = self.fitted * _GROWTH + 64
        shrunk = table.living * 2 * _GROWTH + 64
        return self.lineage is table.lineage and table.living <= grown and self.fitted <= shrunk

    def extended(self, table: VectorTable) -> LshIndex:
        """The next index: covers the rows that ``table`` has beyond this one, at their cost."""
        if table.count <= self.count:
            return self
        new = _hashed(table, self.count, self.hashing)
        fresh = Hashes.joined([self._fresh.hashes, new])
        if len(fresh) <= max(1024, len(self._main) // _FRESH_SHARE):
            return replace(self, _fresh=_Part.of(self._fresh.first, fresh, self.hashing.bits))
        merged = Hashes.joined([self._main.hashes, fresh])
        return LshIndex._of(self.lineage, self.hashing, self.fitted, merged)

    def renumbered(self, kept: Int64Array, table: VectorTable) -> LshIndex:
        """The index of ``table``, whose row i was row kept[i] of this index's tables."""
        hashes = Hashes.joined([self._main.hashes, self._fresh.hashes])[kept]
        return LshIndex._of(table.lineage, self.hashing, self.fitted, hashes)

    def candidates(
        self, query: NDArray[np.float32], allowed: Mask, budget: int, enough: int
    ) -> Candidates:
        """About ``budget`` of the rows that ``allowed`` (rows of the caller's table,) marks.

        Fewer than ``enough`` only where no probe finds more, also not after probing wider.
        """
        pool = pool_for(self.count, budget)
        for flips in (_FLIPS, _WIDEST_FLIPS):
            probes = self.hashing.probes(query, flips)
            rows = self._pooled(probes, allowed, pool)
            if len(rows) >= enough or flips >= self.hashing.bits:
                break
        return Candidates(self._thinned(rows, probes, max(budget, enough)), len(rows))

    def _pooled(self, probes: Probes, allowed: Mask, pool: int) -> Int64Array:
        """The allowed rows of the likeliest buckets, each once, ascending."""
        seen = np.zeros(max(self.count, len(allowed)), np.bool_)
        usable = seen[: len(allowed)]
        for some in self._portions(probes.keys, pool * _REPEATS):
            for part in self._parts():
                if len(part):
                    seen[part.gathered(some) + part.first] = True
            usable &= allowed
            if np.count_nonzero(usable) >= pool:
                break
        return np.flatnonzero(usable)

    def _portions(self, keys: Int64Array, wanted: float) -> Iterator[Int64Array]:
        """The keys in order, in portions of about ``wanted`` rows, whole buckets each."""
        sizes = sum(part.starts[keys + 1] - part.starts[keys] for part in self._parts())
        before = np.cumsum(sizes)
        start = 0
        while start < len(keys):
            done = int(before[start - 1]) if start else 0
            end = int(np.searchsorted(before, done + wanted)) + 1
            yield keys[start:end]
            start = end

    def _thinned(self, rows: Int64Array, probes: Probes, budget: int) -> Int64Array:
        """The ``budget`` of these ascending rows that seem nearest by their sketches."""
        if len(rows) <= budget:
            return rows
        split = int(np.searchsorted(rows, len(self._main)))
        costs = [
            probes.costs(part.hashes.sketches[mine], part.hashes.radii[mine])
            for part, mine in (
                (self._main, rows[:split]),
                (self._fresh, rows[split:] - self._fresh.first),
            )
        ]
        return rows[np.argpartition(np.concatenate(costs), budget - 1)[:budget]]

    def _parts(self) -> tuple[_Part, _Part]:
        return self._main, self._fresh


def _hashed(table: VectorTable, start: int, hashing: Hashing) -> Hashes:
    blocks = [hashing.hash(vectors) for _, vectors, _ in table.blocks(start)]
    return Hashes.joined([Hashes.none(), *blocks])
