"""Which records may be duplicates: bunches linked by equal content or by near vectors.

Every vector is searched by once (a self-join by the LSH index), so the time grows as such searches
do and not with the number of pairs. A bunch is a connected component of what was found near, which
may hang together by a chain of small steps: ``duplicates`` takes it apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cbir.library.batch import Batch, Near, rank_many
from cbir.library.directions import comparable
from cbir.library.duplicates import NEAR, order_of_worth
from cbir.library.indexes import Indexes
from cbir.library.lsh import LshIndex
from cbir.library.many import rank_all_many
from cbir.library.searching import FEW, table_of
from cbir.library.snapshot import Snapshot
from cbir.library.vector_table import VectorTable
from cbir.records import DIMENSION, RECALL, Float32Array, Int64Array, Record

Progress = Callable[[int, int], None]
"""How many vectors of how many were searched by."""
Order = Int64Array | slice
"""The order that a vector's numbers are put into."""

_NEIGHBOURS = 16
_MORE = 8
_MOST_NEIGHBOURS = 1024
"""A larger bunch hangs together by its members' nearest thousand."""
_AT_ONCE = 1 << 14


@dataclass(frozen=True, eq=False)
class Bunches:
    """Each of ``bunches`` holds at least two records, the best first; the largest bunch first.

    ``total`` records were looked at, by their content and, but for ``space`` None, their vectors,
    ``compared`` pairs of which were compared.
    """

    total: int
    compared: int
    space: str | None
    bunches: tuple[tuple[Record, ...], ...]
    _table: VectorTable | None

    def directions(self, records: Sequence[Record]) -> Float32Array:
        """Vectors of unit length, float32 (m, 512), zero where a record has none.

        Or that of another of these records with the same content.
        """
        directions = np.zeros((len(records), DIMENSION), np.float32)
        if self._table is None:
            return directions
        twins: dict[str, int] = {}
        rows = [self._table.row(record.id) for record in records]
        for record, row in zip(records, rows, strict=True):
            if row is not None and record.file.digest:
                twins[record.file.digest] = row
        found = [
            (place, held)
            for place, (record, row) in enumerate(zip(records, rows, strict=True))
            if (held := twins.get(record.file.digest) if row is None else row) is not None
        ]
        places, held = np.array(found, np.int64).reshape(-1, 2).T
        directions[places] = comparable(self._table.gather(held), "cosine")
        return directions


def find_bunches(
    snapshot: Snapshot,
    indexes: Indexes,
    space: str | None,
    progress: Progress,
    mirror: Int64Array | None = None,
) -> Bunches:
    """The bunches of one snapshot; ``space`` None goes by content alone.

    With ``mirror``, the order (512,) that makes a vector that of the mirror image, those that are
    near others' mirror images are linked with them too. Raises SpaceEmpty, LibraryDamaged, and what
    ``progress`` raises.
    """
    links = _Links(snapshot.records.ids)
    _link_equal(snapshot, links)
    table, compared = None, 0
    if space is not None:
        table = table_of(snapshot, space)
        orders: list[Order] = [slice(None)] if mirror is None else [slice(None), mirror]
        work = _Told(progress, len(orders) * table.living)
        search = _NearSearch.of(table, indexes, space)
        compared = sum(_link_near(search, links, work, order) for order in orders)
        work.end()
    bunches = []
    for ids in links.bunches():
        found = (snapshot.records.get(id) for id in ids)
        records = (record for record in found if record is not None)
        bunches.append(tuple(sorted(records, key=order_of_worth)))
    bunches.sort(key=lambda bunch: (-len(bunch), bunch[0].id))
    return Bunches(len(snapshot.records), compared, space, tuple(bunches), table)


class _Told:
    """How many vectors of how many were searched by, in all orders together."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._done, self._total = 0, total

    def more(self, count: int) -> None:
        """So many vectors are to be searched by once more."""
        self._total += count

    def now(self) -> None:
        """Tell how far it is."""
        self._progress(self._done, self._total)

    def searched(self, count: int) -> None:
        """So many more have been searched by."""
        self._done += count

    def end(self) -> None:
        """Tell that it is done."""
        self._progress(self._done, self._done)


class _Links:
    """Which of n ids hang together: a forest whose roots are the smallest places."""

    def __init__(self, ids: Int64Array) -> None:
        self._ids = ids  # ascending
        self._roots = np.arange(len(ids))

    def join(self, first: Int64Array, second: Int64Array) -> None:
        """Link ids ``first`` (m,) with ``second`` (m,), pair by pair."""
        one, other = np.searchsorted(self._ids, first), np.searchsorted(self._ids, second)
        roots = self._roots
        while True:
            mine, theirs = roots[one], roots[other]
            apart = mine != theirs
            if not apart.any():
                break
            one, other, mine, theirs = one[apart], other[apart], mine[apart], theirs[apart]
            np.minimum.at(roots, np.maximum(mine, theirs), np.minimum(mine, theirs))
            self._flatten()

    def _flatten(self) -> None:
        """Point everyone at its root at once, by pointer jumping."""
        roots = self._roots
        while not np.array_equal(further := roots[roots], roots):
            roots[:] = further

    def bunches(self) -> list[list[int]]:
        """The ids that hang together, two and more."""
        order = np.argsort(self._roots, kind="stable")
        _, starts, sizes = np.unique(self._roots[order], return_index=True, return_counts=True)
        return [
            self._ids[order[start : start + size]].tolist()
            for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
            if size > 1
        ]


def _link_equal(snapshot: Snapshot, links: _Links) -> None:
    seen: dict[str, int] = {}
    pairs = [
        (first, record.id)
        for record in snapshot.records
        # It is not known where a library was repaired.
        if record.file.digest
        and (first := seen.setdefault(record.file.digest, record.id)) != record.id
    ]
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    links.join(first, second)


@dataclass(frozen=True, eq=False)
class _NearSearch:
    """Finds the living rows of a table of this cosine or more; made ready once for all searches.

    By an index, or for None by comparing all.
    """

    table: VectorTable
    least: float
    way: tuple[LshIndex, Near] | None

    @staticmethod
    def of(table: VectorTable, indexes: Indexes, space: str) -> _NearSearch:
        """An index is made where there is none and ``table`` is not small."""
        least = NEAR[space]
        if table.living <= FEW:
            return _NearSearch(table, least, None)
        index, _ = indexes.ready(space, "cosine", table, True)
        assert index is not None  # it was asked for at any cost
        return _NearSearch(table, least, (index, Near.of(table, index, least)))

    def by(self, vectors: Float32Array, k: int) -> Batch:
        """The k nearest of those near to each of ``vectors`` (q, 512)."""
        table, alive = self.table, self.table.alive
        if self.way is None:
            nearest = rank_all_many(table, alive, vectors, "cosine", k, self.least)
            return Batch(nearest, table.living)
        index, near = self.way
        return rank_many(table, index, alive, vectors, k, RECALL, near)


def _link_near(search: _NearSearch, links: _Links, work: _Told, order: Order) -> int:
    """Search by every vector, and by those with more near ones than were asked for once more.

    Their numbers are put into ``order`` first. Tells how many pairs were compared.
    """
    table = search.table
    waiting, k, compared = table.living_rows(), _NEIGHBOURS, 0.0
    while len(waiting) and k <= _MOST_NEIGHBOURS:
        full = []
        for start in range(0, len(waiting), _AT_ONCE):
            work.now()
            some = waiting[start : start + _AT_ONCE]
            found = search.by(np.ascontiguousarray(table.gather(some)[:, order]), k)
            near = found.nearest.rows >= 0
            of, places = np.nonzero(near)
            links.join(table.ids[some[of]], table.ids[found.nearest.rows[of, places]])
            full.append(some[near.all(axis=1)])
            work.searched(len(some))
            compared += found.compared * len(some)
        waiting, k = np.concatenate(full), k * _MORE
        work.more(len(waiting))
    return round(compared)
