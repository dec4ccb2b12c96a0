"""What the map shows beside its points: colours, a query's place and scores, what a filter lets by.

Everything is by the ids of the map in view, row by row; records that left the library since are in
no group and have no score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cbir.asking import ANY, Filter
from cbir.library import Library
from cbir.library.combining import Cone
from cbir.library.directions import comparable
from cbir.library.filtering import matching
from cbir.library.grouping import OTHER, Groups, dates_of, folders_of, tags_of
from cbir.records import Float32Array, Int64Array, Metric, Query
from cbir.work.query_vectors import QueryVectors
from cbir.work.searching import SearchOutcome
from cbir.work.worker import JobRun

ColourBy = Literal["", "folder", "tag", "date", "cluster", "score"]
COLOURS: tuple[ColourBy, ...] = ("", "folder", "tag", "date", "cluster", "score")
MOST_GROUPS = 8
"""So many groups have a colour of their own."""


@dataclass(frozen=True, eq=False)
class MapColours:
    """What the points are coloured by: ``groups``, or a number each, ``values`` float64 (n,).

    Cluster k is named ``str(k + 1)``. A value is NaN where it is not known.
    """

    by: ColourBy
    ids: Int64Array
    groups: Groups | None = None
    values: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class MapQuery:
    """A query on the map: ``seen`` float32 (512,) is where its star is, as the metric sees vectors.

    ``corrected``: words were moved by what lies between the means of words and pictures, the
    modality gap. ``nearness`` float32 (n,) of each of ``ids``: the score, or the negative distance,
    so that more is nearer; NaN where there is no vector. ``metric`` says which. ``passing`` (n,)
    tells which are as similar as was asked for; None where all are.
    """

    ids: Int64Array
    seen: Float32Array
    corrected: bool
    nearness: Float32Array
    metric: Metric
    passing: NDArray[np.bool_] | None = None


def colours(
    library: Library, by: ColourBy, space: str, metric: Metric, ids: Int64Array
) -> MapColours:
    """What the points of a map are coloured by. Raises SpaceEmpty, LibraryDamaged."""
    if by == "date":
        return MapColours(by, ids, values=dates_of(library.table, ids))
    if by == "cluster":
        return MapColours(by, ids, _clusters(library, space, metric, ids))
    make = tags_of if by == "tag" else folders_of
    return MapColours(by, ids, make(library.table, ids, MOST_GROUPS))


def _clusters(library: Library, space: str, metric: Metric, ids: Int64Array) -> Groups:
    """The clusters by their numbers, which they keep while the library grows; some may be empty."""
    held, found = library.clusters(space, metric, MOST_GROUPS)
    codes = np.full(len(ids), OTHER, np.int64)
    rows, known = _rows_of(held, ids)
    codes[known] = found.groups[rows]
    count = len(found.centres)
    names = tuple(str(code + 1) for code in range(count))
    sizes = np.bincount(codes[known], minlength=count).tolist()
    return Groups(codes, names, tuple(sizes))


def query_on_map(
    run: JobRun,
    library: Library,
    vectors: QueryVectors,
    outcome: SearchOutcome,
    ids: Int64Array,
    least_percentile: float = 0.0,
) -> MapQuery:
    """Where a search's query lies, and how near each picture of the map is to it.

    Words alone are seen from the mean of neutral words and put as far from the mean of the
    pictures: see ``library.combining``. Raises SpaceEmpty, LibraryDamaged.
    """
    query = outcome.query
    corrected = outcome.request.text is not None
    seen = comparable(query.vector, query.metric)
    captions = None
    if corrected:
        captions = vectors.of_captions(run, query.space)
        words, pictures = Cone.of(captions, query.metric), library.cone(query.space, query.metric)
        seen = seen - words.mean + pictures.mean
    nearness = _nearness(library, query, ids)
    passing = None
    if least_percentile > 0 and outcome.percentiles:
        background = library.background(query.space, query.metric, captions)
        scores = nearness if query.metric == "cosine" else -nearness
        percentiles = np.array(background.percentiles(scores.tolist()))
        if len(percentiles):
            passing = (percentiles >= least_percentile) & ~np.isnan(scores)
    return MapQuery(ids, seen, corrected, nearness, query.metric, passing)


def _nearness(library: Library, query: Query, ids: Int64Array) -> Float32Array:
    held, near = library.nearness(query.space, query.metric, query.vector)
    found = np.full(len(ids), np.nan, np.float32)
    rows, known = _rows_of(held, ids)
    found[known] = near[rows]
    return found


def _rows_of(held: Int64Array, ids: Int64Array) -> tuple[Int64Array, NDArray[np.bool_]]:
    """The rows of ``ids`` among ``held``, ascending, and which of them are there at all."""
    rows = np.minimum(np.searchsorted(held, ids), len(held) - 1)
    known = held[rows] == ids
    return rows[known], known


def passing(library: Library, wanted: Filter, ids: Int64Array) -> NDArray[np.bool_] | None:
    """Which of the map's pictures a filter lets by, (n,); None where it lets all by.

    Raises LibraryDamaged.
    """
    if wanted == ANY:
        return None
    return np.isin(ids, matching(library.table, wanted))
