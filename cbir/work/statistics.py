"""A library in numbers: what is in it, in which spaces, how it is searched, what its files take."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.language import retold
from cbir.library import Library
from cbir.library.statistics import (
    TARGETS,
    IndexStatistics,
    RecallMeasure,
    RecallPoint,
    index_statistics,
    measure_recall,
)
from cbir.records import METRICS, RECALL, SPACES, Int64Array, Metric
from cbir.work.worker import JobRun

__all__ = [
    "IndexStatistics",
    "LibraryStatistics",
    "RecallMeasure",
    "RecallPoint",
    "SpaceStatistics",
    "library_statistics",
    "recall_of",
]

Days = tuple[datetime.date, datetime.date]
Counted = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SpaceStatistics:
    """One space that holds vectors; ``coverage`` is the share of all pictures that have one."""

    space: str
    vectors: int
    coverage: float
    dimension: int
    fingerprint: str
    precision: str


@dataclass(frozen=True, slots=True)
class LibraryStatistics:
    """A library in numbers. Sizes are in bytes.

    ``tagged`` pictures have at least one of ``tags`` tags. ``formats`` are endings, with how many
    pictures have them, ``roots`` the indexed folders, with how many lie below each; ``folders`` is
    how many folders hold pictures. ``taken`` are the first and the last day, None where none is
    known. ``undo`` is what Undo takes back.
    """

    records: int
    missing: int
    skipped: int
    tagged: int
    tags: int
    picture_bytes: int
    megapixels: float
    formats: Counted
    folders: int
    roots: Counted
    taken: Days | None
    spaces: tuple[SpaceStatistics, ...]
    indexes: tuple[IndexStatistics, ...]
    library_bytes: int
    journal_bytes: int
    format: int
    undo: str


def library_statistics(library: Library, recall: float = RECALL) -> LibraryStatistics:
    """The numbers now, for searches that aim at ``recall``; raises LibraryDamaged.

    No index is made. Takes about two seconds for a million records, the first time.
    """
    choices = library.choices()
    parts = [(part.columns, part.kept) for part in library.table.parts]
    numbers = np.concatenate([columns.numbers[kept] for columns, kept in parts])
    tagged = sum(_tagged(columns.facets.tags, kept) for columns, kept in parts)
    folders = {
        name
        for columns, kept in parts
        for name, count in columns.facets.folders.counts(kept).items()
        if count
    }
    below = dict(choices.folders)
    return LibraryStatistics(
        records=len(numbers),
        missing=library.missing,
        skipped=len(library.skipped),
        tagged=tagged,
        tags=len(choices.tags),
        picture_bytes=int(numbers[:, 0].sum()),
        megapixels=float((numbers[:, 2] * numbers[:, 3]).sum() / 1e6),
        formats=choices.endings,
        folders=len(folders),
        roots=tuple((root, below.get(root, 0)) for root in library.roots),
        taken=choices.taken,
        spaces=_spaces(library),
        indexes=_indexes(library, recall),
        library_bytes=library.bytes,
        journal_bytes=library.journal_bytes,
        format=library.format,
        undo=retold(library.undoable),
    )


def _tagged(tags: Mapping[str, Int64Array], kept: NDArray[np.bool_]) -> int:
    """How many of the kept records have a tag."""
    some = np.zeros(len(kept), np.bool_)
    for rows in tags.values():
        some[rows] = True
    return int(np.count_nonzero(some & kept))


def _spaces(library: Library) -> tuple[SpaceStatistics, ...]:
    held, total = library.spaces(), max(len(library), 1)
    return tuple(
        SpaceStatistics(
            space,
            held[space].vectors,
            held[space].vectors / total,
            held[space].dimension,
            held[space].fingerprint,
            held[space].precision,
        )
        for space in _in_order(held)
    )


def _in_order(held: Iterable[str]) -> list[str]:
    """Spaces in the program's order, those that it does not know last."""
    names = set(held)
    return [*(space for space in SPACES if space in names), *sorted(names - set(SPACES))]


def _indexes(library: Library, recall: float) -> tuple[IndexStatistics, ...]:
    found = [
        index_statistics(library, space, metric, recall)
        for space in _in_order(library.spaces())
        for metric in METRICS
    ]
    return tuple(index for index in found if index is not None)


def recall_of(
    run: JobRun, library: Library, space: str, metric: Metric, recall: float
) -> RecallMeasure:
    """Measure the recall of searches in a space that aim at ``recall``, and at more and less.

    Raises SpaceEmpty, LibraryDamaged.
    """

    def progress(done: int, total: int) -> None:
        run.check()
        run.progress(done, total)

    targets = sorted({*TARGETS, recall})
    return measure_recall(library, space, metric, targets, progress)
