"""The LSH indexes of a library's spaces: built when first asked for, kept up as rows are added."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from cbir.library.lsh import LshIndex
from cbir.library.vector_table import VectorTable
from cbir.records import Int64Array, Metric


class Indexes:
    """One index for each space and metric; safe to call from any thread.

    Two searches that need the same index wait for one build; the library's lock is not held.
    """

    def __init__(self, held: Mapping[tuple[str, Metric], LshIndex] | None = None) -> None:
        self._lock = threading.Lock()
        self._held: dict[tuple[str, Metric], LshIndex] = dict(held or {})

    def of(self, space: str, metric: Metric, table: VectorTable) -> tuple[LshIndex, bool]:
        """An index that covers at least the rows of ``table``, which has a living row.

        And whether it had to be built, extended or waited for.
        """
        key = (space, metric)
        index = self._held.get(key)
        if index is not None and _covers(index, table):
            return index, False
        with self._lock:
            index = self._held.get(key)
            if index is None or not index.fits(table):
                index = LshIndex.built(table, metric)
            else:
                index = index.extended(table)
            self._held[key] = index
            return index, True

    def renumbered(
        self,
        kept: Mapping[str, Int64Array],
        before: Mapping[str, VectorTable],
        after: Mapping[str, VectorTable],
    ) -> Indexes:
        """The indexes after a fold: row i of a space's new table was row kept[space][i] before.

        Those of an earlier lineage, or that lack rows, are left out and built anew when needed.
        """
        with self._lock:
            held = dict(self._held)
        moved = {
            (space, metric): index.renumbered(kept[space], after[space])
            for (space, metric), index in held.items()
            if space in after
            and index.lineage is before[space].lineage
            and kept[space].max(initial=-1) < index.count
        }
        return Indexes(moved)


def _covers(index: LshIndex, table: VectorTable) -> bool:
    return index.count >= table.count and index.fits(table)
