"""What a score means in this library: how near its pictures are to each other, and to any words.

**Percentiles.** The background of a space and metric are the scores of pairs that chance brings
together: half a million pairs of pictures of a sample, or as many of a neutral caption and a
picture. A score's percentile is the share of them that are worse. It is the empirical distribution
as it is, without a fitted tail: pairs far out come from related pictures, which no law of extremes
of unrelated ones describes, and half a million resolve two in a million.

**Whether anything matches** is an open-set question (Scheirer et al. 2013): all that is known is
what the library holds. For a picture, the distance to the nearest is compared with how near the
library's own pictures have their nearest, each left out in turn (the nearest-neighbour data
description of Tax 2001): a query that has it farther than all but 5 % of them is told to have no
match. So 5 % is the rate of false alarms for queries like the library's pictures, by construction;
near-identical copies are passed over, so that a library of doubles asks for no double. Measured
with Corel-1k in ``classic``, one to five of ten classes held out: 4 to 6 % false alarms, 33 to 47 %
of the queries of classes that the library does not hold detected; published CLIP vectors, product
pictures asked of a library of photographs: 4 % and 24 %, the other way round 6 % and 100 %. Scores
in units of the query's own mean and deviation tell less than half as many apart.

For words there are no matching pairs to go by. A query is told to have no match where its best
score is worse than four of five neutral captions have: where the library holds nothing that these
speak of, 20 % of queries without a match are detected and next to none falsely told; where all of
them have a match, 20 % of those would be. Measured with 1,126 captioned pictures, the pictures of
none, half and all of the captions in the library: false alarms below 1, 2 to 4 and 20 %, detections
20, 36 to 39 and 65 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from cbir.library.alike import ALIKE
from cbir.library.closeness import NEAREST_KEPT, closeness
from cbir.library.directions import comparable
from cbir.library.indexes import MADE_AT_ONCE
from cbir.library.lsh import LshIndex
from cbir.library.many import rank_all_many
from cbir.library.vector_table import Mask, VectorTable, row_norms
from cbir.records import Float32Array, Int64Array, Metric, Modality

_SAMPLE = 1024
_PAIRS = _SAMPLE * _SAMPLE // 2
_COMPARISONS = 3_000_000
"""So many of a caption with a picture, to learn how near the nearest are: 0.1 s. More where
``_ENOUGH`` captions take more."""
_ENOUGH = 20
"""By fewer of the nearest nothing is told not to match."""
_MOST = 256
_LONELY_PICTURES = 0.05
_LONELY_WORDS = 0.2
_OFTEN = 0.99
"""What is nearer than this share of pairs matches, however near others have their nearest."""
_CHANGED = 0.1
_NO_COPY = 2.0
_NONE = np.empty(0, np.float32)

_Key: TypeAlias = tuple[str, Metric, Modality]


@dataclass(frozen=True, eq=False)
class Background:
    """Sorted samples of how near things are: the score for cosine, its negative for euclidean.

    ``pairs`` float32 (p,) are of chance pairs, ``nearest`` float32 (s,) of what is like a query and
    its nearest picture; either may be empty in a small library. ``lonely`` is the share of
    ``nearest`` that is no match.
    """

    metric: Metric
    pairs: Float32Array
    nearest: Float32Array
    lonely: float
    often: float = 1.0

    def percentiles(self, scores: Iterable[float]) -> tuple[float, ...]:
        """0 to 100 for each score: per cent of chance pairs that are worse. None where unknown."""
        if not len(self.pairs):
            return ()
        places = np.searchsorted(self.pairs, self._nearness(scores))
        return tuple((100.0 * places / len(self.pairs)).tolist())

    def matches(self, score: float) -> bool:
        """Whether the best score of a query is one of a match; True where too little is known."""
        if len(self.nearest) < _ENOUGH:
            return True
        least = np.quantile(self.nearest, self.lonely, method="lower")
        cap = np.quantile(self.pairs, self.often, method="lower")
        return bool(self._nearness([score])[0] >= min(least, cap))

    def _nearness(self, scores: Iterable[float]) -> Float32Array:
        values = np.fromiter(scores, np.float32)
        return values if self.metric == "cosine" else -values


@dataclass(frozen=True, eq=False)
class _Stamp:
    """Which vectors a table held, without holding it: its file may be replaced."""

    lineage: object
    fingerprint: str
    count: int
    living: int

    @staticmethod
    def of(table: VectorTable) -> _Stamp:
        return _Stamp(table.lineage, table.fingerprint, table.count, table.living)

    def is_outdated(self, now: VectorTable) -> bool:
        """Whether more than a tenth of the vectors changed since, or it is not known how many.

        A fold renumbers the rows: how many were added before it cannot be counted any more.
        """
        if now.lineage is not self.lineage or now.fingerprint != self.fingerprint:
            return True
        changed = max(abs(now.living - self.living), now.count - self.count)
        return changed > self.living * _CHANGED


@dataclass
class Backgrounds:
    """The backgrounds of a library's spaces, each kept until a tenth of its vectors changed, or a
    fold."""

    _held: dict[_Key, tuple[_Stamp, Background]] = field(default_factory=dict)

    def of_pictures(
        self, table: VectorTable, space: str, metric: Metric, index: LshIndex | None
    ) -> Background:
        """How near a table's pictures are; ``index`` is what there is of one over them.

        Raises LibraryDamaged where vectors are none.
        """
        key: _Key = (space, metric, "image")
        made_of, known = self._known(table, key)
        if known is None:
            known = Background(metric, _pairs(table, metric), _NONE, _LONELY_PICTURES, _OFTEN)
        if not len(known.nearest):  # there was no index yet
            nearest = _nearest(table, metric, index, ALIKE.get(space, _NO_COPY))
            known = replace(known, nearest=nearest)
        self._held[key] = made_of, known
        return known

    def of_words(
        self, table: VectorTable, space: str, metric: Metric, captions: Float32Array
    ) -> Background:
        """How near a table's pictures are to the vectors of neutral ``captions`` (n, 512).

        Raises LibraryDamaged where vectors are none.
        """
        key: _Key = (space, metric, "text")
        made_of, known = self._known(table, key)
        if known is None:
            known = _of_words(table, captions, metric)
        self._held[key] = made_of, known
        return known

    def _known(self, table: VectorTable, key: _Key) -> tuple[_Stamp, Background | None]:
        """What is kept, and of which vectors; None where it is to be made of these."""
        stamp, known = self._held.get(key, (_Stamp.of(table), None))
        return (_Stamp.of(table), None) if stamp.is_outdated(table) else (stamp, known)


def _pairs(table: VectorTable, metric: Metric) -> Float32Array:
    """How near two pictures are that chance brings together, sorted."""
    vectors = table.gather(_evenly(np.flatnonzero(table.alive), _SAMPLE))
    near = _nearness(vectors, vectors, metric)
    return np.sort(near[np.triu_indices(len(near), 1)])


def _nearest(
    table: VectorTable, metric: Metric, index: LshIndex | None, copies: float
) -> Float32Array:
    """How near pictures have the nearest that is no copy of them, sorted.

    As was measured when an index was made; else measured now, where that takes little.
    """
    if index is not None:
        near = index.tuning.near
    elif table.living <= MADE_AT_ONCE:
        near = _closeness(table, metric)
    else:
        return _NONE
    if not near.shape[1]:
        return _NONE
    others = near[..., 1] < copies
    has_one = others.any(axis=1)
    return np.sort(near[has_one, others.argmax(axis=1)[has_one], 0])


def _closeness(table: VectorTable, metric: Metric) -> Float32Array:
    """``closeness`` of some pictures and those nearest to each, itself left out."""
    rows = _evenly(np.flatnonzero(table.alive), _MOST)
    queries, k = table.gather(rows), min(NEAREST_KEPT + 1, table.living)
    found = rank_all_many(table, _mask(table), queries, metric, k).rows
    own = found == rows[:, None]
    own[~own.any(axis=1), -1] = True
    return closeness(table, queries, found[~own].reshape(len(rows), -1), metric)


def _of_words(table: VectorTable, captions: Float32Array, metric: Metric) -> Background:
    rows = _evenly(np.flatnonzero(table.alive), _PAIRS // max(len(captions), 1))
    pairs = np.sort(_nearness(captions, table.gather(rows), metric).ravel())
    count = int(np.clip(_COMPARISONS // max(table.living, 1), _ENOUGH, _MOST))
    some = captions[_evenly(np.arange(len(captions)), count)]
    best = rank_all_many(table, _mask(table), some, metric, 1).scores[:, 0]
    return Background(metric, pairs, np.sort(best if metric == "cosine" else -best), _LONELY_WORDS)


def _nearness(left: Float32Array, right: Float32Array, metric: Metric) -> Float32Array:
    """Each of ``left`` (m, 512) with each of ``right`` (n, 512): (m, n), larger is nearer."""
    products: Float32Array = comparable(left, metric) @ comparable(right, metric).T
    if metric == "cosine":
        return products
    squares = row_norms(left)[:, None] ** 2 + row_norms(right) ** 2 - 2 * products
    distances: Float32Array = np.sqrt(np.maximum(squares, 0))
    return -distances


def _evenly(items: Int64Array, count: int) -> Int64Array:
    """At most ``count`` items, from first to last."""
    if len(items) <= count:
        return items
    return items[np.linspace(0, len(items) - 1, count).astype(np.int64)]


def _mask(table: VectorTable) -> Mask | None:
    return None if table.living == table.count else table.alive
