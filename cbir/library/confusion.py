"""Which labels are taken for which: the wrong ones among the nearest, counted by pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.library.membership import Membership
from cbir.records import Int64Array

_PAIRS = 30
_EXAMPLES = 40
_HITS_AT_ONCE = 1 << 14


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
    """Collects the wrong hits of many queries; only pairs of labels that occur are counted."""

    def __init__(self, members: Membership) -> None:
        self._members = members
        self._looked_at = np.zeros(members.classes, np.int64)
        self._wrong: list[NDArray[np.int32]] = []

    def add(
        self, queries: NDArray[np.int64], order: NDArray[np.int64], right: NDArray[np.bool_]
    ) -> None:
        """Note the k nearest rows of some queries, (q, k), -1 for none, and which are right."""
        found = order >= 0
        asked, labels = self._members.labels_of(queries)
        np.add.at(self._looked_at, labels, found.sum(axis=1)[asked])
        places, ranks = np.nonzero(found & ~right)
        rows = [queries[places], order[places, ranks], ranks]
        self._wrong.append(np.column_stack(rows).astype(np.int32))

    def most(self) -> tuple[Confusion, ...]:
        """The pairs that occur most, at most thirty; equal counts in the order of labels."""
        wrong = np.concatenate(self._wrong)
        pairs, counts = self._counts(wrong)
        most = np.argsort(-counts, kind="stable")[:_PAIRS]
        labels = zip(*np.divmod(pairs[most], self._members.classes), strict=True)
        return tuple(
            self._of(wrong, int(label), int(other), int(count))
            for (label, other), count in zip(labels, counts[most], strict=True)
        )

    def _counts(self, wrong: NDArray[np.int32]) -> tuple[Int64Array, Int64Array]:
        """Pairs (p,), ascending, label × classes + label of the hit, and how often each was met."""
        pairs, counts = np.empty(0, np.int64), np.empty(0, np.int64)
        for start in range(0, len(wrong), _HITS_AT_ONCE):
            met, often = np.unique(
                self._pairs_of(wrong[start : start + _HITS_AT_ONCE]), return_counts=True
            )
            pairs, places = np.unique(np.concatenate([pairs, met]), return_inverse=True)
            sums = np.zeros(len(pairs), np.int64)
            np.add.at(sums, places, np.concatenate([counts, often]))
            counts = sums
        return pairs, counts

    def _pairs_of(self, wrong: NDArray[np.int32]) -> Int64Array:
        """Each label of each query with each label of its hit."""
        rows = wrong.astype(np.int64)
        hits, labels = self._members.labels_of(rows[:, 0])
        places, others = self._members.labels_of(rows[hits, 1])
        return labels[places] * self._members.classes + others

    def _of(self, wrong: NDArray[np.int32], label: int, other: int, count: int) -> Confusion:
        these = self._has(label)[wrong[:, 0]] & self._has(other)[wrong[:, 1]]
        met = wrong[these]
        met = met[np.argsort(met[:, 2], kind="stable")][:_EXAMPLES]
        examples = tuple((query, hit) for query, hit, _ in met.tolist())
        return Confusion(label, other, count, count / int(self._looked_at[label]), examples)

    def _has(self, label: int) -> NDArray[np.bool_]:
        having = np.zeros(self._members.rows, np.bool_)
        having[self._members.members(label)] = True
        return having
