"""An LSH index as parts of a library's ``.npz``, so that opening a large one does not make it anew.

It can always be made again from the vectors, so nothing depends on what these parts hold: where
they are of other vectors, do not match their checksums, or are another program's, they are left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cbir.library.archive import Archive, ArchiveWriter
from cbir.library.directions import comparable
from cbir.library.hashed_rows import HashedRows
from cbir.library.hashing import ROUTES, SKETCH_BITS, WORDS, Hashing
from cbir.library.lsh import LshIndex
from cbir.library.tuning import Tuning
from cbir.library.vector_table import VectorTable
from cbir.library.wire import whole
from cbir.records import DIMENSION, JsonObject, Metric

KIND = 1
"""Grows when an index is hashed in another way; others are made anew."""
_DTYPES = {
    "buckets": "<u2",
    "sketches": "<u8",
    "squares": "<f4",
    "slopes": "<f4",
    "centre": "<f4",
    "projection": "<f4",
    "centres": "<f4",
    "rotation": "<f4",
    "means": "<f4",
    "gaps": "<f4",
    "ranks": "<i4",
    "reaches": "<f4",
    "pools": "<f4",
    "near": "<f4",
}
_HASHES = ("sketches", "squares", "slopes")
_HASHING = ("centre", "projection", "centres", "rotation", "means")
_TUNING = ("gaps", "ranks", "reaches", "pools", "near")
_CHECKED_ROWS = 64
_CHECKED_SHARE = 0.9
_NEAR = 1e-3
_ROUNDING = 1e-6

IndexKey = tuple[str, Metric]
"""A space and a metric."""


def write_index(writer: ArchiveWriter, prefix: str, index: LshIndex, vectors: int) -> JsonObject:
    """Write an index, all of its rows in the main part; returns what the header says of it.

    ``vectors`` is the checksum of the part that holds the vectors.
    """
    hashing, tuning, hashes = index.hashing, index.tuning, index.main.hashes
    parts: Mapping[str, NDArray[Any]] = {
        "buckets": index.buckets(),
        **{name: getattr(hashes, name) for name in _HASHES},
        **{name: getattr(hashing, name) for name in _HASHING},
        **{name: getattr(tuning, name) for name in _TUNING},
    }
    for name, array in parts.items():
        writer.add(f"{prefix}_{name}", array.astype(_DTYPES[name], copy=False))
    return {
        "kind": KIND,
        "total": tuning.total,
        "vectors": vectors,
        "exact_seconds": tuning.exact_seconds,
    }


@dataclass(frozen=True, eq=False)
class StoredIndex:
    """An index in a file, over the tables of a ``lineage``; read when it is first wanted."""

    lineage: object
    metric: Metric
    head: JsonObject
    parts: Mapping[str, Callable[[], NDArray[Any]]]

    @staticmethod
    def of(
        archive: Archive, space: str, metric: Metric, head: JsonObject, lineage: object
    ) -> StoredIndex | None:
        """The index that an archive's header tells of; None where it is not for these vectors."""
        vectors = archive.parts[f"{space}_vectors"]
        if head.get("kind") != KIND or head.get("vectors") != vectors.checksum:
            return None
        parts = {
            name: archive.deferred(f"{space}_{metric}_{name}", dtype)
            for name, dtype in _DTYPES.items()
        }
        return StoredIndex(lineage, metric, head, parts)

    def load(self, table: VectorTable) -> LshIndex:
        """The index over the first rows of ``table``; raises ValueError where it is not sound."""
        arrays = {name: read() for name, read in self.parts.items()}
        _check_shapes(arrays)
        hashing = Hashing(self.metric, **{name: arrays[name] for name in _HASHING})
        tuning = Tuning(
            total=whole(self.head.get("total")),
            exact_seconds=_seconds(self.head.get("exact_seconds")),
            **{name: arrays[name] for name in _TUNING},
        )
        buckets = arrays["buckets"]
        if len(buckets) > table.count or buckets.max(initial=0) >= hashing.bucket_count:
            raise ValueError("its buckets do not fit the vectors")
        main = HashedRows.stored(
            buckets, arrays["sketches"], arrays["squares"], arrays["slopes"], hashing.bucket_count
        )
        index = LshIndex.over(self.lineage, hashing, tuning, main)
        _check_hashes(index, table)
        return index


def _check_shapes(arrays: Mapping[str, NDArray[Any]]) -> None:
    if not all(array.ndim for array in arrays.values()):
        raise ValueError("one of its parts is a single number")
    count, buckets = len(arrays["buckets"]), len(arrays["centres"])
    samples, neighbours = arrays["gaps"].shape if arrays["gaps"].ndim == 2 else (-1, -1)
    near = arrays["near"].shape[1] if arrays["near"].ndim == 3 else -1
    wanted = {
        "buckets": (count,),
        "sketches": (count, WORDS),
        "squares": (count,),
        "slopes": (count,),
        "centre": (DIMENSION,),
        "projection": (DIMENSION, ROUTES),
        "centres": (buckets, ROUTES),
        "rotation": (DIMENSION, SKETCH_BITS),
        "means": (buckets, SKETCH_BITS),
        "gaps": (samples, neighbours),
        "ranks": (samples, neighbours),
        "reaches": (len(arrays["reaches"]),),
        "pools": (len(arrays["reaches"]),),
        "near": (samples, near, 2),
    }
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise ValueError(f"its {name} have shape {arrays[name].shape}, not {shape}")
    if neighbours and not (samples and len(arrays["reaches"])):
        raise ValueError("its tuning lacks what was measured")
    numbers = [array for array in arrays.values() if array.dtype.kind == "f"]
    if (arrays["gaps"] < 0).any() or (arrays["ranks"] < 0).any():
        raise ValueError("its tuning tells what cannot be")
    if not count or not buckets or not all(np.isfinite(array).all() for array in numbers):
        raise ValueError("it holds numbers that are none")


def _seconds(value: object) -> float:
    if not isinstance(value, float) or not math.isfinite(value) or value < 0:
        raise ValueError("it tells no time")
    return value


def _check_hashes(index: LshIndex, table: VectorTable) -> None:
    """Raises ValueError where some vectors, hashed again, are not where the index says."""
    places = np.unique(np.linspace(0, index.count - 1, _CHECKED_ROWS).astype(np.int64))
    rows, said = index.main.rows[places].astype(np.int64), index.main.hashes[places]
    vectors, hashing = table.gather(rows), index.hashing
    # Rounding differs between computers, so a vector between two buckets may change sides.
    gaps = hashing.gaps(hashing.centred(vectors))
    own = gaps[np.arange(len(rows)), said.buckets]
    lengths = np.square(comparable(vectors, hashing.metric)).sum(axis=1)
    there = own <= _NEAR * np.median(gaps, axis=1) + _ROUNDING * lengths
    again = hashing.hash(vectors)
    same = again.buckets == said.buckets
    differing = np.bitwise_count(again.sketches[same] ^ said.sketches[same]).sum(axis=1)
    bits = np.count_nonzero(differing <= (1 - _CHECKED_SHARE) * SKETCH_BITS)
    if there.mean() < _CHECKED_SHARE or bits < _CHECKED_SHARE * np.count_nonzero(same):
        raise ValueError("it is not the index of these vectors")
