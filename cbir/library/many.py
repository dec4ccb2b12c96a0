"""The nearest of many queries at once: a block of rows is read once, for one matrix product.

Scores are float32, by differences for L2, so that equal vectors are at distance 0; a single search
tells more digits. Which rows are nearest is told by float32 products: squared distances that differ
by less than a millionth of the squared lengths may change places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cbir.library.directions import TINY, comparable
from cbir.library.vector_table import SHORTEST, Mask, VectorTable, row_norms
from cbir.records import Float32Array, Int64Array, Metric

_SLACK = {"cosine": 0, "euclidean": 3}
"""Rows kept beyond k, since those nearest by a product need not be nearest by differences."""
_QUERIES_AT_ONCE = 256
_DIFFERENCES_AT_ONCE = 4096
_HELD = 1 << 20
"""So many pairs of a query and a row are held before all but the nearest are let go of."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """Row i: the rows of the table nearest to query i, nearest first, and their scores.

    ``rows`` int64 (q, k), -1 where there are fewer; ``scores`` float32 (q, k) of the metric.
    """

    rows: Int64Array
    scores: Float32Array

    @staticmethod
    def none(count: int) -> Nearest:
        """Of ``count`` queries that may find nothing."""
        return Nearest(np.empty((count, 0), np.int64), np.empty((count, 0), np.float32))


@dataclass(eq=False)
class ManyNearest:
    """Collects the k nearest of each of ``queries`` (q, 512) from blocks of rows.

    With ``least``, which is for cosine alone, only those of this cosine or more. Raises ValueError
    where it is given with another metric.
    """

    queries: Float32Array
    metric: Metric
    k: int
    least: float | None = None
    _bounds: Float32Array = field(init=False)
    _held: list[tuple[Int64Array, Int64Array, Float32Array]] = field(default_factory=list)
    _waiting: int = 0

    def __post_init__(self) -> None:
        if self.least is not None and self.metric != "cosine":
            raise ValueError(f"a least cosine is given, but the metric is {self.metric}")
        bound = np.inf if self.least is None else -self.least
        self._bounds = np.full(len(self.queries), bound, np.float32)
        # What a row's product with is its cost, but for the row's length.
        factor = np.float32(-1 if self.metric == "cosine" else -2)
        self._targets = comparable(self.queries, self.metric) * factor

    @property
    def _keep(self) -> int:
        return self.k + _SLACK[self.metric]

    def add(
        self,
        rows: Int64Array,
        vectors: Float32Array,
        norms: Float32Array,
        numbers: Int64Array | None = None,
    ) -> None:
        """Compare the queries of these ``numbers`` (all of them for None) with ``rows``."""
        if not len(rows):
            return
        if self.metric == "cosine" and norms.min() < SHORTEST:
            vectors = comparable(vectors, "cosine")
            norms = row_norms(vectors)
        if numbers is None:
            numbers = np.arange(len(self.queries))
        for start in range(0, len(numbers), _QUERIES_AT_ONCE):
            self._add(rows, vectors, norms, numbers[start : start + _QUERIES_AT_ONCE])

    def _add(
        self, rows: Int64Array, vectors: Float32Array, norms: Float32Array, numbers: Int64Array
    ) -> None:
        costs = self._targets[numbers] @ vectors.T
        if self.metric == "cosine":
            costs /= np.maximum(norms, TINY)
        else:
            costs += norms * norms
        self._take(numbers, rows, costs)

    def add_allowed(
        self, start: int, vectors: Float32Array, norms: Float32Array, allowed: Mask | None
    ) -> None:
        """Compare all queries with those rows from ``start`` on that are allowed."""
        rows = np.arange(start, start + len(vectors))
        if allowed is None or allowed[rows].all():
            self.add(rows, vectors, norms)
        else:
            usable = np.flatnonzero(allowed[rows])
            self.add(rows[usable], vectors[usable], norms[usable])

    def _take(self, numbers: Int64Array, rows: Int64Array, costs: Float32Array) -> None:
        bounds = self._bounds[numbers]
        if len(rows) > 2 * self._keep and np.isinf(bounds).any():
            # What is nearest in one block bounds what can be among the nearest of all.
            nearest = np.partition(costs, self._keep - 1, axis=1)[:, self._keep - 1]
            bounds = np.minimum(bounds, nearest)
            self._bounds[numbers] = bounds
        of, places = np.nonzero(costs <= bounds[:, None])
        self._held.append((numbers[of], rows[places], costs[of, places]))
        self._waiting += len(of)
        if self._waiting > max(_HELD, 2 * self._keep * len(self.queries)):
            self._settle()

    def _settle(self) -> None:
        """Keep only the nearest of each query."""
        numbers, rows, costs = (np.concatenate(held) for held in zip(*self._held, strict=True))
        order = np.argsort(_ordered(numbers, costs))
        numbers, rows, costs = numbers[order], rows[order], costs[order]
        ranks = self._ranks(numbers)
        full = ranks == self._keep - 1
        self._bounds[numbers[full]] = costs[full]
        kept = ranks < self._keep
        self._held = [(numbers[kept], rows[kept], costs[kept])]
        self._waiting = 0

    def _ranks(self, numbers: Int64Array) -> Int64Array:
        """The how-manieth of its query each is; ``numbers`` ascend."""
        starts = np.searchsorted(numbers, np.arange(len(self.queries)))
        ranks: Int64Array = np.arange(len(numbers)) - starts[numbers]
        return ranks

    def found(self, table: VectorTable) -> Nearest:
        """The k nearest of what was added."""
        rows = np.full((len(self.queries), self._keep), -1, np.int64)
        scores = np.full(rows.shape, np.nan, np.float32)
        if self._held:
            self._settle()
            numbers, held, costs = self._held[0]
            ranks = self._ranks(numbers)
            rows[numbers, ranks] = held
            cosine = self.metric == "cosine"
            told = np.clip(-costs, -1, 1) if cosine else self._distances(table, numbers, held)
            scores[numbers, ranks] = told
        worse = -scores if self.metric == "cosine" else scores
        order = np.lexsort((rows, worse), axis=1)[:, : self.k]  # NaN, where nothing is, comes last
        return Nearest(
            np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1)
        )

    def _distances(self, table: VectorTable, numbers: Int64Array, rows: Int64Array) -> Float32Array:
        distances = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _DIFFERENCES_AT_ONCE):
            part = slice(start, start + _DIFFERENCES_AT_ONCE)
            distances[part] = row_norms(table.gather(rows[part]) - self.queries[numbers[part]])
        return distances


def _ordered(numbers: Int64Array, costs: Float32Array) -> NDArray[np.uint64]:
    """Whole numbers that sort as (number, cost): one fast sort instead of two slow ones."""
    bits = (costs + np.float32(0)).view(np.int32)  # -0 is 0
    # The bits of floats of one sign sort as integers do; negative ones the other way round.
    whole = np.where(bits < 0, ~bits, bits | np.int32(-(2**31))).view(np.uint32)
    keys: NDArray[np.uint64] = (numbers.astype(np.uint64) << np.uint64(32)) | whole
    return keys


def rank_all_many(
    table: VectorTable,
    allowed: Mask | None,
    queries: Float32Array,
    metric: Metric,
    k: int,
    least: float | None = None,
) -> Nearest:
    """The k nearest allowed rows (None: every row) of each of ``queries`` (q, 512).

    With ``least``, which is for cosine alone, only those of this cosine or more. Everything is
    compared. Raises LibraryDamaged where a row is no vector; ValueError for ``least`` with another
    metric.
    """
    many = ManyNearest(queries, metric, k, least)
    for start, vectors, norms in table.blocks():
        many.add_allowed(start, vectors, norms, allowed)
    return many.found(table)


def joined(parts: Sequence[Nearest], k: int) -> Nearest:
    """The answers to all queries, one part after the other."""
    if not parts:
        return Nearest(np.empty((0, k), np.int64), np.empty((0, k), np.float32))
    return Nearest(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )
