"""Hashes of rows in the order of their buckets, and a look into some of the buckets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.library.hashing import Buckets, Hashes, Probe, Sketches
from cbir.library.vector_table import Mask
from cbir.records import Float32Array, Int64Array

_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class HashedRows:
    """The hashes of rows ``first`` … , sorted by bucket so that each is read in one go.

    Bucket b is at starts[b]:starts[b + 1] of ``rows`` int32 (n,), counted from ``first``, and of
    ``hashes``. ``starts`` is int64 (m + 1,).
    """

    first: int
    starts: Int64Array
    rows: NDArray[np.int32]
    hashes: Hashes

    @staticmethod
    def of(first: int, hashes: Hashes, bucket_count: int) -> HashedRows:
        """Sort the hashes of rows ``first`` … ."""
        # Stable sorting of 16-bit integers is a radix sort in numpy.
        order = np.argsort(hashes.buckets, kind="stable")
        return HashedRows._sorted(first, order.astype(np.int32), hashes[order], bucket_count)

    @staticmethod
    def stored(
        buckets: Buckets,
        sketches: Sketches,
        squares: Float32Array,
        slopes: Float32Array,
        bucket_count: int,
    ) -> HashedRows:
        """From ``buckets`` (n,) as the rows come, and the rest sorted by bucket, as a part is."""
        order = np.argsort(buckets, kind="stable")
        hashes = Hashes(buckets[order], sketches, squares, slopes)
        return HashedRows._sorted(0, order.astype(np.int32), hashes, bucket_count)

    @staticmethod
    def _sorted(
        first: int, rows: NDArray[np.int32], hashes: Hashes, bucket_count: int
    ) -> HashedRows:
        starts = np.zeros(bucket_count + 1, np.int64)
        np.cumsum(np.bincount(hashes.buckets, minlength=bucket_count), out=starts[1:])
        return HashedRows(first, starts, rows, hashes)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        hashes = self.hashes
        held = (hashes.buckets, hashes.sketches, hashes.squares, hashes.slopes)
        return self.starts.nbytes + self.rows.nbytes + sum(array.nbytes for array in held)

    def in_row_order(self) -> Hashes:
        """The hashes of its rows as they come in the table."""
        places = np.empty(len(self), np.int64)
        places[self.rows] = np.arange(len(self))
        return self.hashes[places]


@dataclass(frozen=True, eq=False)
class Scan:
    """Where to look in one part: n places, and the number of the chosen bucket of each."""

    part: HashedRows
    places: Int64Array
    own: Int64Array

    @staticmethod
    def of(part: HashedRows, buckets: Int64Array, allowed: Mask | None) -> Scan:
        """A look into these buckets (p,), at the rows that are allowed (None: at every row)."""
        starts = part.starts.take(buckets)
        sizes = part.starts.take(buckets + 1) - starts
        own = np.repeat(np.arange(len(buckets)), sizes)
        places = np.arange(len(own))
        places += (starts - np.cumsum(sizes) + sizes).take(own)
        if allowed is not None:
            rows = part.rows.take(places) + part.first
            kept = rows < len(allowed)
            kept &= allowed.take(rows, mode="clip")
            places, own = places[kept], own[kept]
        return Scan(part, places, own)

    def costs(self, probe: Probe) -> Iterator[Float32Array]:
        """The estimates, in portions that stay in the processor's cache."""
        hashes = self.part.hashes
        for at in range(0, len(self.places), _AT_ONCE):
            places = self.places[at : at + _AT_ONCE]
            yield probe.costs(
                hashes.sketches.take(places, axis=0),
                hashes.squares.take(places),
                hashes.slopes.take(places),
                self.own[at : at + _AT_ONCE],
            )

    def rows(self, chosen: Int64Array | slice) -> Int64Array:
        """The rows of the table at the chosen ones of the places."""
        rows: Int64Array = self.part.rows.take(self.places[chosen]).astype(np.int64)
        rows += self.part.first
        return rows


def rows_of(scans: list[Scan], chosen: Int64Array | None) -> Int64Array:
    """The rows of all scans, one after the other; of the chosen ones (m,) in that order, if any."""
    if chosen is None:
        return np.concatenate([scan.rows(slice(None)) for scan in scans])
    rows, start = [], 0
    for scan in scans:
        mine = chosen[(chosen >= start) & (chosen < start + len(scan.places))]
        rows.append(scan.rows(mine - start))
        start += len(scan.places)
    return np.concatenate(rows)
