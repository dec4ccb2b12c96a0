"""One search by the rules: which method runs and why, how it falls back, and what it reports."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from cbir.errors import InvalidQuery, SpaceEmpty
from cbir.library.exact import Ranking, rank_all, rank_rows
from cbir.library.indexes import Indexes
from cbir.library.lsh import budget_for
from cbir.library.snapshot import Snapshot
from cbir.library.vector_table import LARGEST, Mask, VectorTable
from cbir.records import (
    DIMENSION,
    METRICS,
    SPACE_TITLES,
    Hit,
    Method,
    Query,
    SearchResult,
)


@dataclass(frozen=True, eq=False)
class _Found:
    ranking: Ranking
    method: Method
    reason: str
    candidates: int
    scanned: int | None = None
    index_seconds: float = 0.0


def search(snapshot: Snapshot, indexes: Indexes, query: Query) -> SearchResult:
    """Search one snapshot; raises InvalidQuery and SpaceEmpty."""
    started = time.perf_counter()
    check_query(query)
    table = table_of(snapshot, query.space)
    allowed = _allowed(table, query.exclude)
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
        total=table.living,
        candidates=found.candidates,
        seconds=time.perf_counter() - started - found.index_seconds,
        scanned=found.scanned,
        index_seconds=found.index_seconds,
    )


def check_query(query: Query) -> None:
    """Raises InvalidQuery, saying what is wrong with a query."""
    if query.k < 1:
        raise InvalidQuery(f"The number of hits must be 1 or more, not {query.k}.")
    if query.modality == "text" and query.method == "lsh":
        raise InvalidQuery("Words are always searched exactly: LSH hardly finds images by them.")
    if query.metric not in METRICS or query.method not in ("auto", "lsh", "exact"):
        raise InvalidQuery(f"There is no search by {query.metric} and {query.method}.")
    vector = query.vector
    if vector.shape != (DIMENSION,) or not (np.abs(vector) <= LARGEST).all():
        raise InvalidQuery(f"The query is no vector of {DIMENSION} finite numbers.")


def table_of(snapshot: Snapshot, space: str) -> VectorTable:
    """The vectors of a space; raises SpaceEmpty where there are none."""
    table = snapshot.spaces.get(space)
    if table is None or not table.living:
        if not len(snapshot.records):
            raise SpaceEmpty(space, "This library is empty: index a folder first.")
        label = SPACE_TITLES.get(space, space)
        message = f"No {label} vectors in this library yet: index with {label} first."
        raise SpaceEmpty(space, message)
    return table


def _allowed(table: VectorTable, exclude: frozenset[int]) -> Mask:
    rows = [row for id in exclude if (row := table.row(id)) is not None]
    if not rows:
        return table.alive
    allowed: Mask = table.alive.copy()
    allowed[rows] = False
    return allowed


def _find(table: VectorTable, allowed: Mask, indexes: Indexes, query: Query) -> _Found:
    if query.modality == "text":
        return _exact(table, allowed, query, "text query")
    if query.method == "exact":
        return _exact(table, allowed, query, "asked for")
    return _approximate(table, allowed, indexes, query)


def _exact(table: VectorTable, allowed: Mask, query: Query, reason: str) -> _Found:
    vector = np.asarray(query.vector, np.float32)
    ranking = rank_all(table, allowed, vector, query.metric, query.k)
    return _Found(ranking, "exact", reason, int(np.count_nonzero(allowed)))


def _approximate(table: VectorTable, allowed: Mask, indexes: Indexes, query: Query) -> _Found:
    vector = np.asarray(query.vector, np.float32)
    enough = min(query.k, int(np.count_nonzero(allowed)))
    wanted = min(query.k, table.living)
    started = time.perf_counter()
    index, changed = indexes.of(query.space, query.metric, table)
    index_seconds = time.perf_counter() - started if changed else 0.0
    candidates = index.candidates(vector, allowed, budget_for(table.living, wanted), enough)
    if len(candidates.rows) < enough:
        reason = f"LSH found only {len(candidates.rows)} of {enough}: compared all"
        return replace(_exact(table, allowed, query, reason), index_seconds=index_seconds)
    ranking = rank_rows(table, candidates.rows, vector, query.metric, query.k)
    reason = "image query" if query.method == "auto" else "asked for"
    return _Found(ranking, "lsh", reason, len(candidates.rows), candidates.scanned, index_seconds)
