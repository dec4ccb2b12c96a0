"""The vectors of one space in one version of a library: append-only rows that versions share.

A version sees the rows below its own count and a mask of those alive. Adding writes behind the
count of the version it starts from, so earlier versions never change under a search. History is a
line: only one next version of a version may be kept (the library's lock sees to that).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cbir.errors import LibraryDamaged
from cbir.language import _
from cbir.library.layered import Layered
from cbir.library.proof import BLOCK_BYTES, Proof
from cbir.records import DIMENSION, Float32Array, Int64Array

Mask = NDArray[np.bool_]
BLOCK = 8192
"""Rows that are compared at a time."""
STEP = BLOCK_BYTES // (4 * DIMENSION)
"""Rows that are proved at a time."""
_ROW_BYTES = 4 * DIMENSION
WHAT_TO_DO = _("`cbir verify` tells all that is wrong, `cbir repair` saves what is whole.")
LARGEST = 1e15
"""The largest number that a vector may hold, so that sums of squares stay finite in float32."""
LONGEST = 1e17
SHORTEST = np.float32(1e-15)
"""Vectors shorter than this have squares that float32 cannot hold."""


class Segment:
    """Consecutive rows in one array: ``start`` is the first row, ``vectors`` (capacity, 512).

    Rows of a mapped file are proved, and their norms made, a few at a time on first use: so a
    search that touches few rows reads few. Its methods raise LibraryDamaged where rows that are
    asked for do not match their checksum, are not finite, or are absurdly long.
    """

    def __init__(
        self, start: int, vectors: Float32Array, written: int, proof: Proof | None = None
    ) -> None:
        """``written`` rows hold vectors whose norms are still to be made, proved by ``proof``."""
        self.start = start
        self.vectors = vectors
        self._proof = proof
        self._norms = np.zeros(len(vectors), np.float32)
        self._lacking = np.arange(0, len(vectors), STEP) < written
        self._complete = not self._lacking.any()

    def norms(self, start: int, end: int) -> Float32Array:
        """L2 norms of rows ``start`` to ``end``, counted in the segment; float32 (end − start,)."""
        if not self._complete and self._lacking[start // STEP : -(-end // STEP)].any():
            self._make(start // STEP, -(-end // STEP))
            self._complete = not self._lacking.any()
        return self._norms[start:end]

    def norms_of(self, rows: Int64Array) -> Float32Array:
        """``norms`` of these rows (m,)."""
        self.check(rows)
        return self._norms.take(rows)

    def check(self, rows: Int64Array) -> None:
        """Prove these rows (m,), and make their norms."""
        if not self._complete:
            steps = rows // STEP
            lacking = self._lacking[steps]
            if lacking.any():
                for first, last in _runs(np.unique(steps[lacking])):
                    self._make(first, last)
                self._complete = not self._lacking.any()

    def _make(self, first: int, last: int) -> None:
        """Norms of the steps from ``first`` until ``last``."""
        # Two threads may make the same norms: they write the same numbers.
        part = slice(first * STEP, last * STEP)
        vectors = self.vectors[part]
        if self._proof is not None:
            try:
                self._proof.check(part.start * _ROW_BYTES, (part.start + len(vectors)) * _ROW_BYTES)
            except ValueError as error:
                raise LibraryDamaged(
                    _("The library is damaged: {error}. {what_to_do}").format(
                        error=error, what_to_do=WHAT_TO_DO
                    )
                ) from error
        self._norms[part] = checked_norms(vectors)
        self._lacking[first:last] = False

    def write(self, at: int, vectors: Float32Array) -> None:
        """Put ``vectors`` into rows ``at`` and on, counted in the segment, and their norms."""
        end = at + len(vectors)
        self.vectors[at:end] = vectors
        self._norms[at:end] = row_norms(vectors)


def _runs(numbers: Int64Array) -> Iterator[tuple[int, int]]:
    """Ascending numbers as runs of consecutive ones: the first, and the one behind the last."""
    breaks = np.flatnonzero(np.diff(numbers) > 1) + 1
    for run in np.split(numbers, breaks):
        yield int(run[0]), int(run[-1]) + 1


def row_norms(vectors: Float32Array) -> Float32Array:
    """L2 norms of rows (n, 512), float32 (n,), off by less than 512 roundings."""
    norms: Float32Array = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return norms


def checked_norms(vectors: Float32Array) -> Float32Array:
    """``row_norms``; raises LibraryDamaged where a row is not finite or absurdly long."""
    norms = row_norms(vectors)
    if not (norms <= LONGEST).all():
        raise LibraryDamaged(
            _("The library is damaged: it holds vectors that are no vectors. {what_to_do}").format(
                what_to_do=WHAT_TO_DO
            )
        )
    return norms


class _RowsOf:
    """Id to row where row i holds the i-th of ascending ids."""

    def __init__(self, ids: Int64Array) -> None:
        self._ids = ids
        self._last = int(ids[-1]) if len(ids) else -(2**63)

    def get(self, id: int) -> int | None:
        if id > self._last:  # a new one, as most are that are asked for while indexing
            return None
        row = int(np.searchsorted(self._ids, id))
        return row if self._ids[row] == id else None


@dataclass(frozen=True, eq=False)
class VectorTable:
    """Immutable. ``count`` rows, ``living`` of them alive; ``precision`` as in ``SpaceInfo``.

    ``lineage`` is one object for all versions whose row numbers mean the same.
    """

    lineage: object
    fingerprint: str
    precision: str
    count: int
    living: int
    _segments: tuple[Segment, ...]
    _ids: Int64Array
    _alive: Mask
    _rows: Layered[int, int]

    @staticmethod
    def of(
        ids: Int64Array,
        vectors: Float32Array,
        fingerprint: str,
        precision: str,
        proof: Proof | None = None,
    ) -> VectorTable:
        """A table over ascending ``ids`` (n,) and ``vectors`` (n, 512).

        Mapped vectors are proved by ``proof``, where they are used.
        """
        segments = (Segment(0, vectors, len(ids), proof),) if len(ids) else ()
        alive = np.ones(len(ids), np.bool_)
        count = len(ids)
        rows = Layered(_RowsOf(ids))
        lineage = object()
        return VectorTable(
            lineage, fingerprint, precision, count, count, segments, ids, alive, rows
        )

    @staticmethod
    def empty(fingerprint: str, precision: str) -> VectorTable:
        """A table without rows."""
        nothing = np.empty((0, DIMENSION), np.float32)
        return VectorTable.of(np.empty(0, np.int64), nothing, fingerprint, precision)

    @property
    def ids(self) -> Int64Array:
        """The id of each row, dead ones included, (count,)."""
        return self._ids[: self.count]

    @property
    def alive(self) -> Mask:
        """Which rows are alive, (count,); not to be written."""
        return self._alive[: self.count]

    def row(self, id: int) -> int | None:
        """The living row of this id, or None."""
        return self._rows.get(id)

    def vector(self, row: int) -> Float32Array:
        """One row, (512,); not to be written."""
        vector: Float32Array = self.gather(np.array([row], np.int64))[0]
        return vector

    def gather(self, rows: Int64Array) -> Float32Array:
        """A copy of these rows, (m, 512); raises LibraryDamaged as ``check`` does."""
        if len(self._segments) == 1:
            self._segments[0].check(rows)
            return self._segments[0].vectors.take(rows, axis=0)
        out = np.empty((len(rows), DIMENSION), np.float32)
        for segment, mine in self._by_segment(rows):
            inner = rows[mine] - segment.start
            segment.check(inner)
            out[mine] = segment.vectors[inner]
        return out

    def gather_norms(self, rows: Int64Array) -> Float32Array:
        """The L2 norms of these rows, (m,); raises LibraryDamaged as ``check`` does."""
        norms = np.empty(len(rows), np.float32)
        for segment, mine in self._by_segment(rows):
            norms[mine] = segment.norms_of(rows[mine] - segment.start)
        return norms

    def check(self, rows: Int64Array) -> None:
        """Raises LibraryDamaged where one of these rows, or one near it, is not whole."""
        for segment, mine in self._by_segment(rows):
            segment.check(rows[mine] - segment.start)

    def _by_segment(self, rows: Int64Array) -> Iterator[tuple[Segment, Mask]]:
        for segment in self._segments:
            mine = (rows >= segment.start) & (rows < segment.start + len(segment.vectors))
            if mine.any():
                yield segment, mine

    def blocks(self, start: int = 0) -> Iterator[tuple[int, Float32Array, Float32Array]]:
        """Rows from ``start`` on, without copies: first row, vectors (m, 512), norms (m,)."""
        for segment in self._segments:
            end = min(self.count - segment.start, len(segment.vectors))
            for at in range(max(start - segment.start, 0), end, BLOCK):
                upto = min(at + BLOCK, end)
                yield segment.start + at, segment.vectors[at:upto], segment.norms(at, upto)

    def living_vectors(self) -> tuple[Int64Array, Float32Array]:
        """Ids (n,) and vectors (n, 512) of the living rows, by id; copies.

        Raises LibraryDamaged as ``check`` does.
        """
        rows = self.living_rows()
        return self.ids[rows], self.gather(rows)

    def living_rows(self) -> Int64Array:
        """The living rows, ordered by their ids, int64 (living,)."""
        rows: Int64Array = np.flatnonzero(self.alive).astype(np.int64)
        return rows[np.argsort(self.ids[rows], kind="stable")]

    def put(self, ids: Int64Array, vectors: Float32Array, precision: str) -> VectorTable:
        """The next version: each of ``ids`` (m,) has its row of ``vectors`` (m, 512) only."""
        base = self.drop(ids.tolist())
        count = base.count + len(ids)
        segments = base._with_room(count)
        _write_rows(segments, base.count, vectors)
        held = {id: base.count + at for at, id in enumerate(ids.tolist())}
        return replace(
            base,
            precision=join_precisions(base.precision, precision),
            count=count,
            living=base.living + len(ids),
            _segments=segments,
            _ids=_appended(base._ids, base.count, ids),
            _alive=_appended(base._alive, base.count, np.ones(len(ids), np.bool_)),
            _rows=base._rows.changed(held),
        )

    def drop(self, ids: Iterable[int]) -> VectorTable:
        """The next version without these ids; unknown ones are ignored."""
        found = {id: row for id in ids if (row := self._rows.get(id)) is not None}
        if not found:
            return self
        alive = self._alive.copy()
        alive[list(found.values())] = False
        rows = self._rows.changed({}, found)
        return replace(self, living=self.living - len(found), _alive=alive, _rows=rows)

    def _with_room(self, count: int) -> tuple[Segment, ...]:
        last = self._segments[-1] if self._segments else None
        end = last.start + len(last.vectors) if last else 0
        if count <= end:
            return self._segments
        # As large as all before it, so there are few; memory is taken only where it is written.
        capacity = max(1024, count - end, min(end, 65536))
        vectors = np.empty((capacity, DIMENSION), np.float32)
        return (*self._segments, Segment(end, vectors, 0))


def _write_rows(segments: tuple[Segment, ...], row: int, vectors: Float32Array) -> None:
    for segment in segments:
        room = segment.start + len(segment.vectors) - row
        if room > 0 and len(vectors):
            segment.write(row - segment.start, vectors[:room])
            row, vectors = row + len(vectors[:room]), vectors[room:]


def _appended(buffer: NDArray[np.generic], count: int, more: NDArray[np.generic]) -> NDArray:  # type: ignore[type-arg]
    """``buffer`` with ``more`` behind its first ``count`` items, in place where there is room."""
    end = count + len(more)
    if end > len(buffer):
        grown = np.zeros(max(1024, 2 * end), buffer.dtype)
        grown[:count] = buffer[:count]
        buffer = grown
    buffer[count:end] = more
    return buffer


def join_precisions(held: str, more: str) -> str:
    """What a space was computed in, each precision once: ``bfloat16, float32``."""
    return ", ".join(sorted({*held.split(", "), *more.split(", ")} - {""}))


def spaces_in_use(tables: Mapping[str, VectorTable]) -> dict[str, VectorTable]:
    """The spaces that hold vectors, by name."""
    return {space: tables[space] for space in sorted(tables) if tables[space].living}
