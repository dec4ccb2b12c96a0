"""What there is to choose from in a filter: folders, endings, tags, days; in bounded lists."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cbir.library.filtering import below
from cbir.library.record_table import RecordTable
from cbir.records import UNDATED, Int64Array, camera_time

MOST_LISTED = 500
"""So many folders, endings and tags are listed at most: those of the most pictures."""

Counted = tuple[tuple[str, int], ...]
Days = tuple[datetime.date, datetime.date]


@dataclass(frozen=True, slots=True)
class Choices:
    """What records have, each with how many have it.

    ``folders`` are absolute, by path, from the indexed folders down, each counted with all below
    it. ``endings`` (``jpg`` stands for ``jpeg`` too) and ``tags`` come by how many have them.
    ``taken`` and ``modified`` are the first and the last day, None where none is known.
    """

    folders: Counted = ()
    endings: Counted = ()
    tags: Counted = ()
    taken: Days | None = None
    modified: Days | None = None


def choices_among(records: RecordTable, roots: Iterable[str]) -> Choices:
    """What there is among the records; raises LibraryDamaged where tags cannot be read."""
    folders, endings, tags = Counter[bytes](), Counter[bytes](), Counter[str]()
    taken, modified = [], []
    for columns, kept in ((part.columns, part.kept) for part in records.parts):
        folders.update(columns.facets.folders.counts(kept))
        endings.update(columns.facets.endings.counts(kept))
        for tag, rows in columns.facets.tags.items():
            tags[tag] += int(np.count_nonzero(kept[rows]))
        taken.append(columns.taken[kept & (columns.taken > UNDATED)])
        modified.append(columns.numbers[kept, 1])
    with_those_above = _summed(folders, roots)
    return Choices(
        tuple(sorted(_most(with_those_above))),
        _most({os.fsdecode(ending): count for ending, count in endings.items() if ending}),
        _most(tags),
        _days(np.concatenate(taken), camera_time),
        _days(np.concatenate(modified), _local_time),
    )


def _summed(folders: Mapping[bytes, int], roots: Iterable[str]) -> dict[str, int]:
    """Each folder and those above it, down from the roots, with all pictures that lie below."""
    tests = [below(root) for root in roots]
    sums = Counter[bytes]()
    for folder, count in folders.items():
        sums[folder] += count
        above = os.path.dirname(folder)
        while above != os.path.dirname(above) and any(test(above) for test in tests):
            sums[above] += count
            above = os.path.dirname(above)
    return {os.fsdecode(folder) or os.sep: count for folder, count in sums.items()}


def _most(counts: Mapping[str, int]) -> Counted:
    """Those that some have, the most frequent first."""
    some = [(text, count) for text, count in counts.items() if count]
    return tuple(sorted(some, key=lambda item: (-item[1], item[0]))[:MOST_LISTED])


def _days(times: Int64Array, moment_of: Callable[[int], datetime.datetime | None]) -> Days | None:
    if not len(times):
        return None
    first, last = moment_of(int(times.min())), moment_of(int(times.max()))
    return (first.date(), last.date()) if first and last else None


def _local_time(mtime_ns: int) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromtimestamp(mtime_ns / 1e9)
    except (OverflowError, OSError, ValueError):  # years that the system's clock does not know
        return None
