"""Which labels are taken for which: the wrong ones among the nearest, counted by pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.records import Int64Array

_PAIRS = 30
_EXAMPLES = 40


@dataclass(frozen=True, slots=True)
class Confusion:
    """Pictures of label ``label`` have ``count`` of label ``taken_for`` among their nearest.

    Both are numbers of labels. ``share`` is that of all that were looked at for pictures of
    ``label``. ``examples``: a query and a wrong hit each, as rows, those of the best rank first.
    """

    label: int
    taken_for: int
    count: int
    share: float
    examples: tuple[tuple[int, int], ...]


class Confusions:
    """Collects the wrong hits of many queries; ``members`` (n, classes) bool says who is what."""

    def __init__(self, members: NDArray[np.bool_]) -> None:
        self._members = members
        self._looked_at = np.zeros(members.shape[1], np.int64)
        self._wrong: list[Int64Array] = []

    def add(
        self, queries: NDArray[np.intp], order: NDArray[np.int64], right: NDArray[np.bool_]
    ) -> None:
        """Note the k nearest rows of some queries, (q, k), -1 for none, and which are right."""
        found = order >= 0
        self._looked_at += self._members[queries].T.astype(np.int64) @ found.sum(axis=1)
        places, ranks = np.nonzero(found & ~right)
        rows = [queries[places], order[places, ranks], ranks]
        self._wrong.append(np.column_stack(rows).astype(np.int64))

    def most(self) -> tuple[Confusion, ...]:
        """The pairs that occur most, at most thirty; equal counts in the order of labels."""
        wrong = np.concatenate(self._wrong)
        counts = self._counts(wrong)
        order = np.argsort(-counts, axis=None, kind="stable")[:_PAIRS]
        pairs = zip(*np.unravel_index(order, counts.shape), strict=True)
        return tuple(self._of(wrong, int(a), int(b), counts) for a, b in pairs if counts[a, b])

    def _counts(self, wrong: Int64Array) -> Int64Array:
        """(classes, classes): how often each label was met by pictures of each other one."""
        classes = self._members.shape[1]
        counts = np.zeros((classes, classes), np.int64)
        for label in range(classes):
            hits = wrong[self._members[wrong[:, 0], label], 1]
            counts[label] = self._members[hits].sum(axis=0)
        return counts

    def _of(self, wrong: Int64Array, label: int, other: int, counts: Int64Array) -> Confusion:
        these = self._members[wrong[:, 0], label] & self._members[wrong[:, 1], other]
        met = wrong[these]
        met = met[np.argsort(met[:, 2], kind="stable")][:_EXAMPLES]
        count = int(counts[label, other])
        examples = tuple((query, hit) for query, hit, _ in met.tolist())
        return Confusion(label, other, count, count / int(self._looked_at[label]), examples)
