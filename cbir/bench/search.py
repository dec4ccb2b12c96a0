"""How quickly, and how truly, LSH finds what exact search finds; and beside other indexes."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from cbir.bench.peers import Peer, measure_peers
from cbir.bench.timing import Timed, each, one_thread, timed
from cbir.errors import CbirError
from cbir.library.batch import rank_many
from cbir.library.building import build
from cbir.library.building import measure as measure_recall
from cbir.library.exact import Ranking, rank_all, rank_rows
from cbir.library.lsh import LshIndex
from cbir.library.vector_table import LARGEST, VectorTable
from cbir.records import DIMENSION, Float32Array, Int64Array, JsonObject, Metric

_EXACT_QUERIES = 40
BATCH = 10_000
_CHANGED = 1000
_TIMES = 5
_NORM_BYTES = 4


@dataclass(frozen=True, eq=False)
class SearchBench:
    """What was measured: times in milliseconds a query, on one thread.

    Building, adding, removing and ``batch_ms``, a query in a batch of 10,000, use every core.
    ``exact_ids`` and ``lsh_ids`` int64 (q, k) are row numbers, -1 where there are fewer hits.
    """

    vectors: int
    queries: int
    metric: Metric
    k: int
    target: float
    recall: float
    estimate: float | None
    exact: Timed
    lsh: Timed
    compared: float
    scanned: float
    build_seconds: float
    tuning_seconds: float
    bytes_per_vector: float
    add_ms: float
    remove_ms: float
    batch_ms: float
    exact_ids: Int64Array
    lsh_ids: Int64Array
    peers: dict[str, Peer] = field(default_factory=dict)

    def document(self) -> JsonObject:
        """The figures as ``--json`` shows them."""
        return {
            "vectors": self.vectors,
            "queries": self.queries,
            "metric": self.metric,
            "k": self.k,
            "target": self.target,
            "recall": self.recall,
            "recall_estimate": self.estimate,
            "exact_ms": self.exact.median,
            "exact_p99_ms": self.exact.p99,
            "lsh_ms": self.lsh.median,
            "lsh_p99_ms": self.lsh.p99,
            "compared": self.compared,
            "scanned": self.scanned,
            "build_seconds": self.build_seconds,
            "tuning_seconds": self.tuning_seconds,
            "bytes_per_vector": self.bytes_per_vector,
            "add_1000_ms": self.add_ms,
            "remove_1000_ms": self.remove_ms,
            "batch_ms": self.batch_ms,
            "peers": {name: asdict(peer) for name, peer in self.peers.items()},
        }


def measure(
    vectors: Float32Array,
    queries: Float32Array,
    metric: Metric,
    k: int,
    target: float,
    *,
    many: Float32Array | None = None,
    peers: bool = False,
) -> SearchBench:
    """Measure on ``vectors`` (n, 512) and ``queries`` (q, 512), which should not be among them.

    ``target`` is the recall to aim at; ``many`` are asked as a batch, for None the queries again
    and again. Raises CbirError where there is too little, where something is no vector, or where
    the peers are not installed.
    """
    _check(vectors, queries, k)
    table = VectorTable.of(np.arange(1, len(vectors) + 1), vectors, "bench", "float32")
    index, build_seconds = timed(lambda: build(table, metric))
    tuned, tuning_seconds = timed(lambda: measure_recall(index, table))
    effort = tuned.effort(k, target)
    seen: list[tuple[int, int]] = []

    def by_lsh(query: Float32Array) -> Ranking:
        found = index.candidates(query, None, effort, k)
        seen.append((len(found.rows), found.scanned))
        return rank_rows(table, found.rows, query, metric, k)

    with one_thread():
        _, exact_time = each(
            lambda query: rank_all(table, None, query, metric, k), queries[:_EXACT_QUERIES]
        )
        lsh, lsh_time = each(by_lsh, queries)
    exact = [rank_all(table, None, query, metric, k) for query in queries]
    many = np.resize(queries, (BATCH, DIMENSION)) if many is None else many
    rank_many(table, index, None, queries, k, target)  # warms up
    _, batch_seconds = timed(lambda: rank_many(table, index, None, many, k, target))
    exact_ids, lsh_ids = _rows(exact, k), _rows(lsh, k)
    compared, scanned = (float(mean) for mean in np.mean(seen[-len(queries) :], axis=0))
    add_ms, remove_ms = _changes(index, table, queries)
    return SearchBench(
        vectors=len(vectors),
        queries=len(queries),
        metric=metric,
        k=k,
        target=target,
        recall=recall_of(lsh_ids, exact_ids),
        estimate=effort.recall,
        exact=exact_time,
        lsh=lsh_time,
        compared=compared,
        scanned=scanned,
        build_seconds=build_seconds,
        tuning_seconds=tuning_seconds,
        bytes_per_vector=index.nbytes / len(vectors) + _NORM_BYTES,
        add_ms=add_ms,
        remove_ms=remove_ms,
        batch_ms=1000 * batch_seconds / len(many),
        exact_ids=exact_ids,
        lsh_ids=lsh_ids,
        peers=measure_peers(vectors, queries, metric, k, target, exact_ids) if peers else {},
    )


def recall_of(found: Int64Array, true: Int64Array) -> float:
    """The share of the rows in ``true`` (q, k) that ``found`` (q, k) holds for the same query."""
    hits = sum(
        len(np.intersect1d(mine, theirs[theirs >= 0]))
        for mine, theirs in zip(found, true, strict=True)
    )
    return float(hits) / max(int(np.count_nonzero(true >= 0)), 1)


def _rows(rankings: list[Ranking], k: int) -> Int64Array:
    rows = np.full((len(rankings), k), -1, np.int64)
    for number, ranking in enumerate(rankings):
        rows[number, : len(ranking.ids)] = ranking.ids - 1
    return rows


def _changes(index: LshIndex, table: VectorTable, queries: Float32Array) -> tuple[float, float]:
    """Milliseconds to add a thousand rows to table and index, and to remove as many: medians."""
    added, removed = [], []
    new = np.resize(queries, (_CHANGED, DIMENSION))
    for _ in range(_TIMES):
        ids = np.arange(table.count + 1, table.count + 1 + _CHANGED)
        started = time.perf_counter()
        table = table.put(ids, new, "float32")
        index = index.extended(table)
        added.append(time.perf_counter() - started)
    for number in range(_TIMES):
        gone = range(number * _CHANGED + 1, (number + 1) * _CHANGED + 1)
        started = time.perf_counter()
        table = table.drop(gone)
        removed.append(time.perf_counter() - started)
    return Timed.of(added).median, Timed.of(removed).median


def read_vectors(path: str) -> Float32Array:
    """The vectors in an ``.npy`` file, float32 (n, 512); raises CbirError saying what is wrong."""
    try:
        array = np.load(Path(path), mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise CbirError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, EOFError) as error:
        raise CbirError(f"{path} is not an .npy file of numbers.") from error
    if not isinstance(array, np.ndarray) or array.ndim != 2 or array.shape[1] != DIMENSION:
        shape = getattr(array, "shape", "several arrays")
        raise CbirError(f"{path} holds {shape}, but rows of {DIMENSION} numbers are needed.")
    if array.dtype.kind != "f":
        raise CbirError(f"{path} holds {array.dtype}, but floating-point numbers are needed.")
    return np.ascontiguousarray(array, np.float32)


def _check(vectors: Float32Array, queries: Float32Array, k: int) -> None:
    check_counts(len(vectors), len(queries), k)
    for name, array in (("vector", vectors), ("query", queries)):
        for start in range(0, len(array), 1 << 16):
            sound = (np.abs(array[start : start + (1 << 16)]) <= LARGEST).all(axis=1)
            if not sound.all():
                row = start + int(np.argmin(sound))
                raise CbirError(f"The {name} in row {row} holds numbers that are not finite.")


def check_counts(vectors: int, queries: int, k: int) -> None:
    """Raises CbirError where there are fewer vectors than hits, or no queries."""
    if vectors < k:
        raise CbirError(f"{vectors:,} vectors are too few to find {k:,} nearest among.")
    if not queries:
        raise CbirError("There are no queries to search by.")
