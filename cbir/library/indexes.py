"""The LSH indexes of a library's spaces: made in the background, swapped in whole, kept with it.

A search takes the index that is there and compares what was added since exactly; it never waits for
one that is being made, unless it insists on one. Small ones are made on the spot.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from cbir.errors import LibraryDamaged
from cbir.library.building import build, retuned
from cbir.library.index_file import IndexKey, StoredIndex
from cbir.library.lsh import LshIndex
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Int64Array, Metric

_log = logging.getLogger(__name__)

MADE_AT_ONCE = 20_000
"""Up to so many vectors an index is made within a search: that takes a fraction of a second."""
KEPT_FROM = 4096
"""Indexes over fewer vectors are made again rather than kept in the library's file."""
_TAIL_LEAST = 1024
_TAIL_SHARE = 32


class Indexes:
    """One index for each space and metric; safe to call from any thread.

    ``stored`` are those in the library's file, read when first wanted; ``held`` those in memory,
    which the file has too where they are large; ``wanted`` those that searches asked for before.
    """

    def __init__(
        self,
        stored: Mapping[IndexKey, StoredIndex] = MappingProxyType({}),
        held: Mapping[IndexKey, LshIndex] = MappingProxyType({}),
        wanted: Collection[IndexKey] = (),
    ) -> None:
        self._making = threading.Lock()
        self._reading = threading.Lock()
        self._stored = dict(stored)
        self._held = dict(held)
        self._wanted = {*self._stored, *self._held, *wanted}
        large = (key for key, index in self._held.items() if index.count >= KEPT_FROM)
        self._kept = {*self._stored, *large}

    def ready(
        self, space: str, metric: Metric, table: VectorTable, at_any_cost: bool
    ) -> tuple[LshIndex | None, bool]:
        """An index to search ``table`` with, which has a living row, and whether it was made now.

        None where there is none yet and making one takes long, or another is being made: ``tend``
        makes it. It is made all the same where that must be ``at_any_cost``.
        """
        key = (space, metric)
        small = table.living <= MADE_AT_ONCE
        index = self._held.get(key)
        if index is not None and (index.fits(table) if small else index.serves(table)):
            return index, False
        self._wanted.add(key)
        if (small or at_any_cost) and self._making.acquire(blocking=at_any_cost):
            try:
                return self._made(key, table), True
            finally:
                self._making.release()
        was_stored = key in self._stored
        self._read_stored(key, table)
        index = self._held.get(key)
        serving = index if index is not None and index.serves(table) else None
        return serving, serving is not None and was_stored

    def held(self, space: str, metric: Metric, table: VectorTable) -> LshIndex | None:
        """The index that is in memory for ``table``, if there is one; none is made or read."""
        index = self._held.get((space, metric))
        return index if index is not None and index.serves(table) else None

    def known(self, space: str, metric: Metric, table: VectorTable) -> LshIndex | None:
        """The index for ``table`` that is in memory or in the library's file; none is made."""
        self._read_stored((space, metric), table)
        return self.held(space, metric, table)

    def _made(self, key: IndexKey, table: VectorTable) -> LshIndex:
        """The index brought up to date with ``table``; one in the file is read first.

        The caller holds ``_making``.
        """
        self._read_stored(key, table)
        index = self._held.get(key)
        if index is None or not index.serves(table):
            made = build(table, key[1])
        elif index.count > table.count:
            return index  # somebody was quicker, with a later version of the table
        else:
            made = _renewed(index, table)
        if index is None or made.tuning is not index.tuning:
            self._kept.discard(key)
        self._held[key] = made
        return made

    def _read_stored(self, key: IndexKey, table: VectorTable) -> None:
        """Read the index in the file, where there is one that was not read yet."""
        with self._reading:
            stored = self._stored.get(key)
            if stored is None:
                return
            try:
                if stored.lineage is table.lineage:
                    self._held[key] = stored.load(table)
            except ValueError as error:
                _log.warning("the %s index for %s is made anew: %s", *key, error)
            if key not in self._held:
                self._kept.discard(key)
            del self._stored[key]

    def due(self, tables: Mapping[str, VectorTable]) -> bool:
        """Whether ``tend`` has something to do."""
        return any(True for _ in self._due(tables))

    def tend(self, tables: Mapping[str, VectorTable]) -> None:
        """Make, renew and extend what is due; searches go on over what there was.

        Raises LibraryDamaged where vectors are none.
        """
        for key in list(self._due(tables)):
            with self._making:
                self._made(key, tables[key[0]])

    def _due(self, tables: Mapping[str, VectorTable]) -> Iterator[IndexKey]:
        for space, table in tables.items():
            for metric in METRICS:
                key = (space, metric)
                expected = metric == "cosine" and table.living >= KEPT_FROM
                if table.living and (key in self._wanted or expected) and self._is_due(key, table):
                    yield key

    def _is_due(self, key: IndexKey, table: VectorTable) -> bool:
        index = self._held.get(key)
        if index is None or not index.fits(table):
            return key not in self._stored  # what nobody asks for is not read
        if not index.is_tuned(table):
            return True
        return table.count - index.count > max(_TAIL_LEAST, index.count // _TAIL_SHARE)

    @property
    def unkept(self) -> bool:
        """Whether the library's file lacks an index that is worth keeping."""
        return any(
            key not in self._kept and index.count >= KEPT_FROM
            for key, index in list(self._held.items())
        )

    @property
    def wanted(self) -> frozenset[IndexKey]:
        """Those that searches asked for."""
        return frozenset(self._wanted)

    def renumbered(
        self, kept: Mapping[str, Int64Array], before: Mapping[str, VectorTable]
    ) -> dict[IndexKey, LshIndex]:
        """The indexes for a fold: row i of a space's next table was row kept[space][i] before.

        None is made; those of an earlier lineage or of no vectors are left out.
        """
        moved: dict[IndexKey, LshIndex] = {}
        for key in [*self._stored, *self._held]:
            table = before.get(key[0])
            if table is None or not table.living:
                continue
            self._read_stored(key, table)
            index = self._held.get(key)
            if index is not None and index.serves(table):
                try:
                    moved[key] = index.extended(table).renumbered(kept[key[0]])
                except LibraryDamaged as error:
                    _log.warning("the %s index for %s is given up: %s", *key, error)
        return moved


def _renewed(index: LshIndex, table: VectorTable) -> LshIndex:
    """An index that serves ``table``, made anew, extended or tuned again as is due."""
    if not index.fits(table):
        return build(table, index.hashing.metric)
    extended = index.extended(table)
    return extended if extended.is_tuned(table) else retuned(extended, table)
