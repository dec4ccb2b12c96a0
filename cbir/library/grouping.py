"""What the points of the map are coloured by: a group of records, or a moment, for each of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.library.columns import RecordColumns
from cbir.library.record_table import RecordTable
from cbir.records import UNDATED, Int64Array

Codes = NDArray[np.int64]
OTHER = -1
"""The code of what is in none of the groups that are named."""
_NANOSECONDS = 10**9


@dataclass(frozen=True, eq=False)
class Groups:
    """``names[codes[i]]`` is record i's group, ``OTHER`` where it is in none of these.

    The largest comes first, but for clusters, which keep their places; ``counts`` are their sizes.
    """

    codes: Codes
    names: tuple[str, ...]
    counts: tuple[int, ...]


def folders_of(records: RecordTable, ids: Int64Array, most: int) -> Groups:
    """The folders that records (n,) lie in, absolute: the ``most`` that have the most."""
    names: dict[bytes, int] = {}
    codes = np.full(len(ids), OTHER, np.int64)
    for part, mine, rows in _rows(records, ids):
        folders = part.facets.folders
        shared = np.array([names.setdefault(name, len(names)) for name in folders.names], np.int64)
        codes[mine] = shared[folders.codes[rows]]
    found = {code: os.fsdecode(name) or os.sep for name, code in names.items()}
    return largest(codes, found, most)


def tags_of(records: RecordTable, ids: Int64Array, most: int) -> Groups:
    """The tags of records (n,): of several that one has, the one that most have.

    Raises LibraryDamaged where tags cannot be read.
    """
    bearers: dict[str, list[Int64Array]] = {}
    for part, mine, rows in _rows(records, ids):
        at = np.full(len(part), -1, np.int64)
        at[rows] = np.flatnonzero(mine)
        for tag, bearing in part.facets.tags.items():
            bearers.setdefault(tag, []).append(at[bearing][at[bearing] >= 0])
    found = {tag: np.concatenate(rows) for tag, rows in bearers.items()}
    by_size = sorted(found, key=lambda tag: (-len(found[tag]), tag))
    codes = np.full(len(ids), OTHER, np.int64)
    for code, tag in reversed(list(enumerate(by_size))):  # the most frequent has the last word
        codes[found[tag]] = code
    return largest(codes, dict(enumerate(by_size)), most)


def dates_of(records: RecordTable, ids: Int64Array) -> NDArray[np.float64]:
    """When pictures (n,) were taken, else modified, in seconds from 1970; NaN where unknown.

    A camera's own clock is taken for that of Greenwich: hours do not show on a map.
    """
    found = np.full(len(ids), np.nan)
    for part, mine, rows in _rows(records, ids):
        taken, modified = part.taken[rows], part.numbers[rows, 1] // _NANOSECONDS
        found[mine] = np.where(taken > UNDATED, taken, modified)
    return found


def largest(codes: Codes, names: Mapping[int, str], most: int) -> Groups:
    """The ``most`` groups that have the most, renumbered by size; all else is ``OTHER``."""
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    kept = [int(code) for code in np.argsort(-sizes, kind="stable")[:most] if sizes[code]]
    renumbered = np.full(len(sizes) + 1, OTHER, np.int64)  # the last is what OTHER looks up
    renumbered[kept] = np.arange(len(kept))
    return Groups(
        renumbered[codes],
        tuple(names[code] for code in kept),
        tuple(int(sizes[code]) for code in kept),
    )


def _rows(
    records: RecordTable, ids: Int64Array
) -> Iterable[tuple[RecordColumns, NDArray[np.bool_], Int64Array]]:
    """For each part of the records, which of ``ids`` are in it, and in which of its rows."""
    for part in records.parts:
        columns = part.columns
        if not len(columns):
            continue
        rows = np.minimum(np.searchsorted(columns.ids, ids), len(columns) - 1)
        mine = (columns.ids[rows] == ids) & part.kept[rows]
        yield columns, mine, rows[mine]
