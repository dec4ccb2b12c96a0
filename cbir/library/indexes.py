"""The LSH indexes of a library's spaces: made in the background, swapped in whole, kept with it.

A search takes the index that is there and compares what was added since exactly; it never waits for
one that is being made. Small ones are made on the spot.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from cbir.library.index_file import StoredIndex
from cbir.library.lsh import LshIndex
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Int64Array, Metric

_log = logging.getLogger(__name__)

Key = tuple[str, Metric]

MADE_AT_ONCE = 20_000
"""Up to so many vectors an index is made within a search: that takes a fraction of a second."""
KEPT_FROM = 4096
"""Indexes over fewer vectors are made again rather than kept in the library's file."""
_TAIL_LEAST = 1024
_TAIL_SHARE = 32


class Indexes:
    """One index for each space and metric; safe to call from any thread.

    ``stored`` are those in the library's file, read when first wanted; ``held`` those in memory,
    which the file has too.
    """

    def __init__(
        self,
        stored: Mapping[Key, StoredIndex] = MappingProxyType({}),
        held: Mapping[Key, LshIndex] = MappingProxyType({}),
    ) -> None:
        self._making = threading.Lock()  # held while one is made: no search waits for it
        self._reading = threading.Lock()
        self._stored = dict(stored)
        self._held = dict(held)
        self._wanted = {*self._stored, *self._held}
        large = (key for key, index in self._held.items() if index.count >= KEPT_FROM)
        self._kept = {*self._stored, *large}

    def ready(
        self, space: str, metric: Metric, table: VectorTable, at_any_cost: bool
    ) -> tuple[LshIndex | None, bool]:
        """An index to search ``table`` with, which has a living row, and whether it was made now.

        None where there is none yet and making one takes long: ``tend`` makes it. It is made all
        the same where that must be ``at_any_cost``.
        """
        key = (space, metric)
        small = table.living <= MADE_AT_ONCE
        index = self._held.get(key)
        if index is not None and (index.fits(table) if small else index.serves(table)):
            return index, False
        self._wanted.add(key)
        if small or at_any_cost:
            return self._made(key, table), True
        if key not in self._stored:
            return None, False
        self._read_stored(key, table)
        index = self._held.get(key)
        return (index, True) if index is not None and index.serves(table) else (None, False)

    def _made(self, key: Key, table: VectorTable) -> LshIndex:
        """The index brought up to date with ``table``; one in the file is read first."""
        with self._making:
            self._read_stored(key, table)
            index = self._held.get(key)
            if index is None or not index.fits(table):
                index = LshIndex.built(table, key[1])
                self._kept.discard(key)
            else:
                index = index.extended(table)
                if not index.is_tuned(table):
                    index = index.retuned(table)
            self._held[key] = index
            return index

    def _read_stored(self, key: Key, table: VectorTable) -> None:
        with self._reading:
            stored = self._stored.get(key)
            if stored is None:
                return
            try:
                self._held[key] = stored.load(table)
            except ValueError as error:
                _log.warning("the %s index for %s is made anew: %s", *key, error)
                self._kept.discard(key)
            del self._stored[key]

    def due(self, tables: Mapping[str, VectorTable]) -> bool:
        """Whether ``tend`` has something to do."""
        return any(True for _ in self._due(tables))

    def tend(self, tables: Mapping[str, VectorTable]) -> None:
        """Make, renew and extend what is due; searches go on over what there was."""
        for key in list(self._due(tables)):
            self._made(key, tables[key[0]])

    def _due(self, tables: Mapping[str, VectorTable]) -> Iterator[Key]:
        for space, table in tables.items():
            if not table.living:
                continue
            for metric in METRICS:
                key = (space, metric)
                expected = metric == "cosine" and table.living >= KEPT_FROM
                if (key in self._wanted or expected) and self._is_due(key, table):
                    yield key

    def _is_due(self, key: Key, table: VectorTable) -> bool:
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

    def renumbered(
        self, kept: Mapping[str, Int64Array], before: Mapping[str, VectorTable]
    ) -> dict[Key, LshIndex]:
        """The indexes for a fold: row i of a space's next table was row kept[space][i] before.

        Those of an earlier lineage or of no vectors are left out.
        """
        for key in list(self._stored):
            if key[0] in before and before[key[0]].living:
                self._made(key, before[key[0]])
        moved: dict[Key, LshIndex] = {}
        for key, index in list(self._held.items()):
            table = before.get(key[0])
            if table is not None and table.living and index.serves(table):
                moved[key] = index.extended(table).renumbered(kept[key[0]])
        return moved
