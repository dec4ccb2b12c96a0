"""How a library's LSH indexes are set, and how well they search: measured, not promised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cbir.library.hashing import ROUTES, SKETCH_BITS
from cbir.library.library import Library
from cbir.library.lsh import LshIndex
from cbir.records import RECALL, Metric, Query, SearchResult

NEIGHBOURS = 10
"""Recall is told of so many nearest neighbours, as elsewhere: recall@10."""
TARGETS = (0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
_QUERIES = 100


@dataclass(frozen=True, slots=True)
class RecallPoint:
    """What a search that aims at ``target`` finds, and what share of all vectors it compares.

    Both are means over queries, between 0 and 1. ``seconds`` is a search's mean time, None where
    it was estimated rather than measured.
    """

    target: float
    recall: float
    compared: float
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class IndexStatistics:
    """One LSH index as it is set for ``target``.

    ``vectors`` are covered, in ``buckets``, of which those that hold any have ``median_size`` and
    at most ``largest_size`` of them. There is one table; its projections go along ``routes``
    directions, and each vector has a sketch of ``bits``. A search for ten looks into ``probes``
    buckets and at ``scanned`` sketches on average, then compares ``compared`` vectors. ``curve``
    is what the library's own vectors told when the index was made, empty where nothing was.
    """

    space: str
    metric: Metric
    target: float
    vectors: int
    buckets: int
    median_size: float
    largest_size: int
    tables: int
    routes: int
    bits: int
    probes: float
    scanned: float
    compared: int
    recall: float | None
    bytes: int
    curve: tuple[RecallPoint, ...]


@dataclass(frozen=True, slots=True)
class RecallMeasure:
    """Searches by ``queries`` of the library's own pictures, each left out of its own answer.

    ``exact_seconds`` is what comparing everything takes on average.
    """

    space: str
    metric: Metric
    queries: int
    total: int
    points: tuple[RecallPoint, ...]
    exact_seconds: float

    def at(self, target: float) -> RecallPoint:
        """The point of the nearest target."""
        return min(self.points, key=lambda point: abs(point.target - target))


def index_statistics(
    library: Library, space: str, metric: Metric, target: float = RECALL
) -> IndexStatistics | None:
    """How the index of a space is set, where there is one in memory or in the library's file.

    None is made for it.
    """
    index = library.index(space, metric)
    return None if index is None else _described(index, space, target)


def _described(index: LshIndex, space: str, target: float) -> IndexStatistics:
    hashing, tuning = index.hashing, index.tuning
    effort = tuning.effort(NEIGHBOURS, target)
    sizes = index.sizes(np.arange(hashing.bucket_count))
    held = sizes[sizes > 0]
    scanned = float(np.interp(effort.reach, tuning.reaches, tuning.pools)) if _tuned(index) else 0.0
    mean = index.count / max(len(held), 1)
    return IndexStatistics(
        space=space,
        metric=hashing.metric,
        target=target,
        vectors=index.count,
        buckets=hashing.bucket_count,
        median_size=float(np.median(held)) if len(held) else 0.0,
        largest_size=int(sizes.max(initial=0)),
        tables=1,
        routes=ROUTES,
        bits=SKETCH_BITS,
        probes=scanned / mean if mean else 0.0,
        scanned=scanned,
        compared=min(effort.keep, index.count),
        recall=effort.recall,
        bytes=index.nbytes,
        curve=_curve(index),
    )


def _tuned(index: LshIndex) -> bool:
    return bool(index.tuning.gaps.size)


def _curve(index: LshIndex) -> tuple[RecallPoint, ...]:
    if not _tuned(index):
        return ()
    efforts = [(target, index.tuning.effort(NEIGHBOURS, target)) for target in TARGETS]
    return tuple(
        RecallPoint(target, effort.recall, min(effort.keep / max(index.count, 1), 1.0))
        for target, effort in efforts
        if effort.recall is not None
    )


def measure_recall(
    library: Library,
    space: str,
    metric: Metric,
    targets: Sequence[float] = TARGETS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> RecallMeasure:
    """Search by an even sample of the library's vectors, by LSH and exactly, and compare.

    An index is made where there is none. ``progress`` is told how many queries of how many are
    done, and may raise to end it. Raises SpaceEmpty, LibraryDamaged.
    """
    ids, vectors = library.sample(space, _QUERIES)
    found: dict[float, list[tuple[float, SearchResult]]] = {target: [] for target in targets}
    exact: list[SearchResult] = []
    for done, (id_, vector) in enumerate(zip(ids.tolist(), vectors, strict=True)):
        progress(done, len(ids))
        query = Query(vector, space, metric=metric, k=NEIGHBOURS, exclude=frozenset([id_]))
        true = library.search(replace(query, method="exact"))
        exact.append(true)
        for target, results in found.items():
            result = library.search(replace(query, method="lsh", recall=target))
            results.append((_share_found(true, result), result))
    return RecallMeasure(
        space,
        metric,
        len(ids),
        exact[-1].total,
        tuple(_mean(target, results) for target, results in found.items()),
        float(np.mean([one.seconds for one in exact])),
    )


def _share_found(true: SearchResult, found: SearchResult) -> float:
    """How much of the true nearest was found; what is as near as the last of them is as good."""
    if not true.hits:
        return 1.0
    last = true.hits[-1].score
    nearest = {hit.id for hit in true.hits}
    good = sum(hit.id in nearest or hit.score == last for hit in found.hits)
    return min(good, len(true.hits)) / len(true.hits)


def _mean(target: float, results: Sequence[tuple[float, SearchResult]]) -> RecallPoint:
    return RecallPoint(
        target,
        float(np.mean([recall for recall, _ in results])),
        float(np.mean([one.candidates / max(one.total, 1) for _, one in results])),
        float(np.mean([one.seconds for _, one in results])),
    )
