"""Which rows have which labels: only those that they have, not a table of rows × classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.records import Int64Array


@dataclass(frozen=True, eq=False)
class Membership:
    """``rows`` have ``classes`` labels, numbered from 0; a row has none, one or several.

    ``_labels`` int64 (m,) are those of row i from ``_starts[i]`` to ``_starts[i + 1]``, ascending;
    ``_members`` int64 (m,) are the rows with label c from ``_ends[c]`` to ``_ends[c + 1]``.
    """

    _starts: Int64Array
    _labels: Int64Array
    _ends: Int64Array
    _members: Int64Array

    @staticmethod
    def of(rows: Int64Array, labels: Int64Array, count: int, classes: int) -> Membership:
        """Of ``count`` rows the ``rows`` (m,) have these ``labels`` (m,), pair by pair."""
        rows, labels = np.divmod(np.unique(rows * classes + labels), max(classes, 1))
        by_label = np.argsort(labels, kind="stable")
        return Membership(
            np.searchsorted(rows, np.arange(count + 1)),
            labels,
            np.searchsorted(labels[by_label], np.arange(classes + 1)),
            rows[by_label],
        )

    @staticmethod
    def of_labels(labels: Int64Array) -> Membership:
        """Each row has one label, (n,) int64; they are numbered in ascending order."""
        names, numbers = np.unique(labels, return_inverse=True)
        return Membership.of(np.arange(len(labels)), numbers, len(labels), len(names))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._starts) - 1

    @property
    def classes(self) -> int:
        """How many labels there are."""
        return len(self._ends) - 1

    def members(self, label: int) -> Int64Array:
        """The rows that have a label, ascending."""
        return self._members[self._ends[label] : self._ends[label + 1]]

    def labels_of(self, rows: NDArray[np.int64]) -> tuple[Int64Array, Int64Array]:
        """All labels of some rows (r,): places (m,) in ``rows``, ascending, and labels (m,)."""
        starts, ends = self._starts[rows], self._starts[rows + 1]
        return np.repeat(np.arange(len(rows)), ends - starts), self._labels[spans(starts, ends)]

    def with_company(self) -> Int64Array:
        """The rows that share a label with another row, ascending."""
        shared = np.repeat(np.diff(self._ends) > 1, np.diff(self._ends))
        return np.unique(self._members[shared])

    def alike(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of all rows share a label with each of some, (r, n); a row does with itself.

        One without labels is like none.
        """
        alike = np.zeros((len(rows), self.rows), np.bool_)
        for place, label in zip(*self.labels_of(rows), strict=True):
            alike[place, self.members(label)] = True
        return alike


def spans(starts: Int64Array, ends: Int64Array) -> Int64Array:
    """The whole numbers from each start to before its end, one span after the other, int64 (m,)."""
    sizes = ends - starts
    befores = np.cumsum(sizes) - sizes
    numbers: Int64Array = np.arange(sizes.sum()) + np.repeat(starts - befores, sizes)
    return numbers
