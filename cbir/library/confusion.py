"""Which labels are taken for which: the wrong ones among the nearest, counted by pairs."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from cbir.library.membership import Membership, spans
from cbir.records import Int64Array

_PAIRS = 30
_EXAMPLES = 40
_LABELS_AT_ONCE = 64


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
    """Collects the wrong hits of many queries; pairs are counted one label after the other.

    So there is never a table of labels × labels, nor of every label of a query with each of its
    hit's: what is held at once is at most what the membership itself takes, some times over.
    """

    def __init__(self, members: Membership) -> None:
        self._members = members
        self._looked_at = np.zeros(members.classes, np.int64)
        self._wrong: list[NDArray[np.int32]] = []

    def add(
        self, queries: NDArray[np.int64], order: NDArray[np.int64], right: NDArray[np.bool_]
    ) -> None:
        """Note the k nearest rows of some queries, (q, k), -1 for none, and which are right.

        Queries ascend, also from one call to the next.
        """
        found = order >= 0
        asked, labels = self._members.labels_of(queries)
        np.add.at(self._looked_at, labels, found.sum(axis=1)[asked])
        places, ranks = np.nonzero(found & ~right)
        rows = [queries[places], order[places, ranks], ranks]
        self._wrong.append(np.column_stack(rows).astype(np.int32))

    def most(self, pause: Callable[[], None]) -> tuple[Confusion, ...]:
        """The pairs that occur most, at most thirty; equal counts in the order of labels.

        ``pause`` is called from time to time, and may raise to end it.
        """
        wrong = np.concatenate(self._wrong)
        pairs = heapq.nlargest(_PAIRS, self._pairs(wrong, pause), key=itemgetter(2))
        return tuple(self._of(wrong, *pair) for pair in pairs)

    def _pairs(
        self, wrong: NDArray[np.int32], pause: Callable[[], None]
    ) -> Iterator[tuple[int, int, int]]:
        """Of each label, ascending, those it is most often taken for, ascending, and how often."""
        firsts = np.searchsorted(wrong[:, 0], np.arange(self._members.rows + 1))
        for label in range(self._members.classes):
            if label % _LABELS_AT_ONCE == 0:
                pause()
            having = self._members.members(label)
            hits = wrong[spans(firsts[having], firsts[having + 1]), 1]
            others, counts = self._counts(hits.astype(np.int64))
            most = np.sort(np.argsort(-counts, kind="stable")[:_PAIRS])
            for other, count in zip(others[most].tolist(), counts[most].tolist(), strict=True):
                yield label, other, count

    def _counts(self, hits: Int64Array) -> tuple[Int64Array, Int64Array]:
        """The labels of some hits, ascending, and how often each was met."""
        rows, times = np.unique(hits, return_counts=True)
        places, labels = self._members.labels_of(rows)
        if len(labels) < self._members.classes:  # then sorting is quicker
            others, at = np.unique(labels, return_inverse=True)
            return others, np.bincount(at, times[places]).astype(np.int64)
        counts = np.bincount(labels, times[places]).astype(np.int64)
        others = np.flatnonzero(counts)
        return others, counts[others]

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
