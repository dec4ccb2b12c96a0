"""One search by the rules: which method runs and why, how it falls back, and what it reports."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from cbir.errors import InvalidQuery, SpaceEmpty
from cbir.language import _, kept
from cbir.library.batch import rank_many
from cbir.library.exact import Ranking, rank_all, rank_rows
from cbir.library.indexes import Indexes
from cbir.library.lsh import LshIndex
from cbir.library.many import Nearest, rank_all_many
from cbir.library.snapshot import Snapshot
from cbir.library.vector_table import BLOCK, LARGEST, Mask, VectorTable
from cbir.records import (
    DIMENSION,
    METRICS,
    SPACE_TITLES,
    BatchResult,
    Float32Array,
    Hit,
    Method,
    Query,
    SearchResult,
)

FEW = BLOCK
"""Up to so many pictures that pass a filter are all compared: that is quicker than an index."""

_TOO_FEW = kept("LSH found only {found} of {wanted}: compared all")
_WIDER = {
    "asked for": kept("asked for, reached wider"),
    "image query": kept("image query, reached wider"),
}


@dataclass(frozen=True, eq=False)
class _Found:
    ranking: Ranking
    method: Method
    reason: str
    candidates: int
    scanned: int | None = None
    index_seconds: float = 0.0
    recall: float | None = None
    exact_seconds: float | None = None


def search(snapshot: Snapshot, indexes: Indexes, query: Query) -> SearchResult:
    """Search one snapshot; raises InvalidQuery and SpaceEmpty."""
    started = time.perf_counter()
    check_query(query)
    table = table_of(snapshot, query.space)
    allowed = _Allowed.of(table, query)
    found = _find(table, allowed, indexes, query)
    hits = []
    for id, score in zip(found.ranking.ids.tolist(), found.ranking.scores.tolist(), strict=True):
        record = snapshot.records.get(id)
        if record is not None:
            hits.append(Hit(id, record.path, score))
    return SearchResult(
        hits=tuple(hits),
        space=query.space,
        metric=query.metric,
        method=found.method,
        reason=found.reason,
        total=allowed.total,
        candidates=found.candidates,
        seconds=time.perf_counter() - started - found.index_seconds,
        scanned=found.scanned,
        index_seconds=found.index_seconds,
        recall=found.recall,
        exact_seconds=found.exact_seconds,
    )


def search_many(
    snapshot: Snapshot, indexes: Indexes, query: Query, vectors: Float32Array
) -> BatchResult:
    """Search by each of ``vectors`` (q, 512) as by ``query``, whose own vector is not used.

    There are as many columns as hits can be: ``query.k``, or fewer in a smaller space. Raises
    InvalidQuery and SpaceEmpty.
    """
    started = time.perf_counter()
    if vectors.shape[1:] != (DIMENSION,) or not (np.abs(vectors) <= LARGEST).all():
        raise InvalidQuery(
            _("The queries are no vectors of {dimension} finite numbers.").format(
                dimension=DIMENSION
            )
        )
    check_query(replace(query, vector=np.zeros(DIMENSION, np.float32)))
    table = table_of(snapshot, query.space)
    allowed = _Allowed.of(table, query)
    queries = np.ascontiguousarray(vectors, np.float32)
    k = min(query.k, allowed.total)
    filtered = query.among is not None
    way = (
        _Way("exact", kept("a filter is set"))
        if filtered
        else _Way.of(table, allowed, indexes, query)
    )
    if not k:
        nearest, compared = Nearest.none(len(queries)), 0.0
    elif way.index is None:
        nearest = rank_all_many(table, allowed.mask, queries, query.metric, k)
        compared = float(allowed.count)
    else:
        batch = rank_many(table, way.index, allowed.mask, queries, k, query.recall)
        nearest, compared = batch.nearest, batch.compared
    ids = np.where(nearest.rows >= 0, table.ids[nearest.rows], -1)
    seconds = time.perf_counter() - started - way.index_seconds
    return BatchResult(
        ids, nearest.scores, way.method, way.reason, allowed.total, compared, seconds
    )


def check_query(query: Query) -> None:
    """Raises InvalidQuery, saying what is wrong with a query."""
    if query.k < 1:
        raise InvalidQuery(_("The number of hits must be 1 or more, not {k}.").format(k=query.k))
    if query.modality == "text" and query.method == "lsh":
        raise InvalidQuery(
            _("Words are always searched exactly: the LSH index is tuned to pictures.")
        )
    if query.metric not in METRICS or query.method not in ("auto", "lsh", "exact"):
        raise InvalidQuery(
            _("There is no search by {metric} and {method}.").format(
                metric=query.metric, method=query.method
            )
        )
    if not 0 < query.recall < 1:
        raise InvalidQuery(
            _("The recall must lie between 0 and 1, not at {recall}.").format(recall=query.recall)
        )
    vector = query.vector
    if vector.shape != (DIMENSION,) or not (np.abs(vector) <= LARGEST).all():
        raise InvalidQuery(
            _("The query is no vector of {dimension} finite numbers.").format(dimension=DIMENSION)
        )


def table_of(snapshot: Snapshot, space: str) -> VectorTable:
    """The vectors of a space; raises SpaceEmpty where there are none."""
    table = snapshot.spaces.get(space)
    if table is None or not table.living:
        if not len(snapshot.records):
            raise SpaceEmpty(space, _("This library is empty: index a folder first."))
        label = SPACE_TITLES.get(space, space)
        message = _("No {label} vectors in this library yet: index with {label} first.").format(
            label=label
        )
        raise SpaceEmpty(space, message)
    return table


@dataclass(frozen=True, eq=False)
class _Allowed:
    """Which rows of a table may be hits: ``count`` of them; ``mask`` None means every row.

    ``total`` are those that pass the query's filter, before single ids are excluded.
    """

    mask: Mask | None
    count: int
    total: int

    @staticmethod
    def of(table: VectorTable, query: Query) -> _Allowed:
        """All living rows that the query lets through."""
        whole = table.living == table.count
        mask, total = None if whole else table.alive, table.living
        if query.among is not None:
            mask = table.alive & np.isin(table.ids, query.among)
            total = int(np.count_nonzero(mask))
        rows = [row for id in query.exclude if (row := table.row(id)) is not None]
        if not rows:
            return _Allowed(mask, total, total)
        mask = np.ones(table.count, np.bool_) if mask is None else mask.copy()
        mask[rows] = False
        return _Allowed(mask, int(np.count_nonzero(mask)), total)

    def share_of(self, k: int, table: VectorTable) -> int:
        """Among how many of a table's nearest k allowed ones are to be expected."""
        return min(-(-k * table.living // max(self.total, 1)), table.living)

    def below(self, table: VectorTable, end: int) -> tuple[Mask | None, int]:
        """The mask for an index over ``end`` rows, and how many of those rows are allowed."""
        if end == table.count:
            return self.mask, self.count
        if self.mask is None and end < table.count:
            return None, end
        mask = np.ones(table.count, np.bool_) if self.mask is None else self.mask
        return mask, int(np.count_nonzero(mask[:end]))


@dataclass(frozen=True, eq=False)
class _Way:
    """Which method runs, why, over which index (None: exact), and what that took to be made."""

    method: Method
    reason: str
    index: LshIndex | None = None
    index_seconds: float = 0.0

    @staticmethod
    def of(table: VectorTable, allowed: _Allowed, indexes: Indexes, query: Query) -> _Way:
        """By the rules: text exactly, pictures by LSH where an index is ready.

        Unless a filter lets few through, or lets the k nearest lie farther than was measured.
        """
        if query.modality == "text":
            return _Way("exact", kept("text query"))
        if query.method == "exact":
            return _Way("exact", kept("asked for"))
        filtered = query.among is not None and query.method == "auto"
        if filtered and allowed.count <= FEW:
            return _Way("exact", kept("few pictures pass the filter"))
        started = time.perf_counter()
        at_any_cost = query.method == "lsh"
        index, made = indexes.ready(query.space, query.metric, table, at_any_cost)
        if index is None:
            return _Way("exact", kept("the LSH index is not ready"))
        if filtered and allowed.share_of(query.k, table) > index.tuning.neighbours:
            return _Way("exact", kept("LSH is not tuned to this filter"))
        seconds = time.perf_counter() - started if made else 0.0
        reason = kept("asked for") if at_any_cost else kept("image query")
        return _Way("lsh", reason, index, seconds)


def _find(table: VectorTable, allowed: _Allowed, indexes: Indexes, query: Query) -> _Found:
    way = _Way.of(table, allowed, indexes, query)
    if way.index is None:
        return _exact(table, allowed, query, way.reason)
    return _approximate(table, allowed, way.index, query, way)


def _exact(table: VectorTable, allowed: _Allowed, query: Query, reason: str) -> _Found:
    vector = np.asarray(query.vector, np.float32)
    if allowed.mask is not None and allowed.count < table.count // 2:  # then fetching them pays
        rows = np.flatnonzero(allowed.mask)
        ranking = rank_rows(table, rows, vector, query.metric, query.k)
    else:
        ranking = rank_all(table, allowed.mask, vector, query.metric, query.k)
    return _Found(ranking, "exact", reason, allowed.count)


def _approximate(
    table: VectorTable,
    allowed: _Allowed,
    index: LshIndex,
    query: Query,
    way: _Way,
) -> _Found:
    """By LSH; rows that were added after the index was made are all compared."""
    vector = np.asarray(query.vector, np.float32)
    mask, usable = allowed.below(table, index.count)
    enough = min(query.k, usable)
    effort = index.tuning.effort(allowed.share_of(query.k, table), query.recall)
    found = index.candidates(vector, mask, effort, enough)
    if len(found.rows) < enough:
        # Where even wider reaching finds too few, nothing is left to gain by sketches.
        reason = _TOO_FEW.format(found=len(found.rows), wanted=enough)
        return replace(_exact(table, allowed, query, reason), index_seconds=way.index_seconds)
    tail = index.count if index.count < table.count else None
    ranking = rank_rows(
        table, found.rows, vector, query.metric, query.k, tail=tail, allowed=allowed.mask
    )
    return _Found(
        ranking,
        way.method,
        _WIDER[way.reason] if found.widened else way.reason,
        len(found.rows) + max(allowed.count - usable, 0),
        found.scanned,
        way.index_seconds,
        effort.recall,
        index.tuning.exact_seconds or None,
    )
