"""The same search by FAISS, the library that others build on: same data, same threads, same run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cbir.bench.timing import each, one_thread, timed
from cbir.errors import CbirError
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

_REFINED = 20
_LSH_BITS = (1024, 2048)
_PROBES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_HNSW_LINKS = 16
_SEARCH_LISTS = (16, 32, 64, 128, 256, 512)
_FLAT_QUERIES = 40


@dataclass(frozen=True, slots=True)
class Peer:
    """One index at one setting: milliseconds a query (median), recall, seconds to build."""

    name: str
    setting: str
    ms: float
    p99_ms: float
    recall: float
    build_seconds: float


def measure_peers(
    vectors: Float32Array,
    queries: Float32Array,
    metric: Metric,
    k: int,
    target: float,
    true: Int64Array,
) -> dict[str, Peer]:
    """FAISS's indexes, each at its quickest setting that reaches ``target``, or at its best.

    ``true`` (q, k) are the exact hits' rows. Raises CbirError where FAISS is not installed.
    """
    faiss = _faiss()
    if metric == "cosine":
        # Of unit vectors, those at the smallest distance have the largest cosine.
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
        queries = queries / np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), 1e-30)
    bench = _Bench(queries, k, target, true)
    peers: dict[str, Peer] = {}
    for make in (_flat, _lsh, _ivf, _hnsw):
        for key, name, build, settings in make(faiss, vectors):
            peers[key] = bench.best(name, build, settings)
    return peers


def _faiss() -> Any:
    try:
        import faiss  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise CbirError(
            "The peers need FAISS: install it with pip install 'cbir[bench]', or leave --peers out."
        ) from error
    return faiss


Setting = tuple[str, Callable[[Any], None]]
Made = tuple[str, str, Callable[[], Any], list[Setting]]


@dataclass(frozen=True, eq=False)
class _Bench:
    queries: Float32Array
    k: int
    target: float
    true: Int64Array

    def best(self, name: str, build: Callable[[], Any], settings: list[Setting]) -> Peer:
        """The first setting that reaches the target, or the last one."""
        index, seconds = timed(build)
        for setting, apply in settings:
            apply(index)
            peer = self._measured(name, setting, index, seconds)
            if peer.recall >= self.target:
                break
        return peer

    def _measured(self, name: str, setting: str, index: Any, build_seconds: float) -> Peer:
        with one_thread():
            some = _FLAT_QUERIES if setting == "all" else len(self.queries)
            found, took = each(
                lambda query: index.search(query[None], self.k)[1][0], self.queries[:some]
            )
        pairs = zip(found, self.true, strict=False)
        hits = [len(np.intersect1d(mine, theirs)) for mine, theirs in pairs]
        recall = float(np.mean(hits)) / self.k
        return Peer(name, setting, took.median, took.p99, recall, build_seconds)


def _nothing(_index: Any) -> None:
    """No setting to make."""


def _flat(faiss: Any, vectors: Float32Array) -> Iterator[Made]:
    def build() -> Any:
        index = faiss.IndexFlatL2(DIMENSION)
        index.add(vectors)
        return index

    yield "flat", "FAISS Flat", build, [("all", _nothing)]


def _lsh(faiss: Any, vectors: Float32Array) -> Iterator[Made]:
    for bits in _LSH_BITS:

        def build(bits: int = bits) -> Any:
            index = faiss.IndexRefineFlat(faiss.IndexLSH(DIMENSION, bits))
            index.add(vectors)
            index.k_factor = _REFINED
            return index

        setting = f"refine ×{_REFINED}"
        yield f"lsh_{bits}", f"FAISS IndexLSH {bits} bits", build, [(setting, _nothing)]


def _ivf(faiss: Any, vectors: Float32Array) -> Iterator[Made]:
    lists = round(4 * math.sqrt(len(vectors)))

    def build() -> Any:
        index = faiss.IndexIVFFlat(faiss.IndexFlatL2(DIMENSION), DIMENSION, lists)
        index.cp.min_points_per_centroid = 1  # or it warns on stderr where there are few
        index.train(vectors)
        index.add(vectors)
        return index

    def probing(probes: int) -> Callable[[Any], None]:
        return lambda index: setattr(index, "nprobe", probes)

    settings = [(f"{lists} lists, {probes} probed", probing(probes)) for probes in _PROBES]
    yield "ivf", "FAISS IVF-flat", build, settings


def _hnsw(faiss: Any, vectors: Float32Array) -> Iterator[Made]:
    def build() -> Any:
        index = faiss.IndexHNSWFlat(DIMENSION, _HNSW_LINKS)
        index.add(vectors)
        return index

    def searching(width: int) -> Callable[[Any], None]:
        return lambda index: setattr(index.hnsw, "efSearch", width)

    settings = [(f"efSearch {width}", searching(width)) for width in _SEARCH_LISTS]
    yield "hnsw", f"FAISS HNSW{_HNSW_LINKS}", build, settings
