"""The job that finds near-duplicates: vectors tell which pictures to look at, pixels tell more."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images import Loaded
from cbir.library import Library
from cbir.library.bunches import Bunches
from cbir.library.duplicates import LOOK_SIDE, Look, grouped
from cbir.records import SPACES, DuplicateGroup, DuplicateLevel, Record
from cbir.work.pool import DecodePool
from cbir.work.worker import JobRun

_SHORT_SIDE = 8 * LOOK_SIDE  # JPEG decoded at a fourth of that shows patterns of its own
_AHEAD = 16


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The groups at ``level`` or a tighter one, those whose copies take most bytes first.

    By the vectors of ``space``, None where only content was compared. ``total`` records were
    looked at, ``compared`` pairs of vectors compared. ``unseen`` pictures that seem to have
    duplicates could not be opened to be compared by their pixels: vectors alone speak for them.
    """

    level: DuplicateLevel
    space: str | None
    groups: tuple[DuplicateGroup, ...]
    total: int
    compared: int
    unseen: int
    seconds: float

    @property
    def copies(self) -> int:
        """How many records are in groups, beside the best ones."""
        return sum(len(group.copies) for group in self.groups)

    @property
    def bytes(self) -> int:
        """The size of all copies' files, so far as they are there."""
        return sum(_bytes(group) for group in self.groups)


@dataclass(frozen=True, slots=True)
class DuplicateFinder:
    """What the job works with; ``load`` decodes a picture, small if asked to."""

    run: JobRun
    pool: DecodePool
    load: Callable[..., Loaded]

    def find(self, library: Library, level: DuplicateLevel, space: str | None) -> Duplicates:
        """Find the groups; for ``space`` None in the one that most pictures have vectors in.

        Raises SpaceEmpty where vectors are wanted and there are none, LibraryDamaged.
        """
        started = time.perf_counter()
        if level == "identical" or not len(library):
            space = None
        elif space is None:
            space = _widest_space(library)
        bunches = library.bunches(space, self._told)
        looks: dict[int, Look] = {}
        unseen = 0
        if space is not None:
            looks, unseen = self._look(bunches)
        groups: list[DuplicateGroup] = []
        for bunch in bunches.bunches:
            self.run.check()
            groups += grouped(bunch, bunches.directions(bunch), looks, space, level)
        groups.sort(key=lambda group: (-_bytes(group), group.best.id))
        seconds = time.perf_counter() - started
        return Duplicates(
            level, space, tuple(groups), bunches.total, bunches.compared, unseen, seconds
        )

    def _told(self, done: int, total: int) -> None:
        self.run.check()
        self.run.progress(done, total, "comparing")

    def _look(self, bunches: Bunches) -> tuple[dict[int, Look], int]:
        """The small grey pictures of records that are not all of one content, and how many lack.

        One file is opened for all of a content: the best of them, which is there if any is.
        """
        records = [record for bunch in bunches.bunches if _differ(bunch) for record in bunch]
        firsts: dict[str, Record] = {}
        for record in records:
            firsts.setdefault(_content(record), record)
        looks: dict[str, Look] = {}
        look_at = partial(_look_at, self.load)
        futures = self.pool.map_ahead(look_at, firsts.values(), lambda: _AHEAD)
        for number, (content, future) in enumerate(zip(firsts, futures, strict=True), 1):
            self.run.check()
            with suppress(UnreadableImage):
                looks[content] = self.run.wait(future)
            self.run.progress(number, len(firsts), "looking at what is near")
        seen = {
            record.id: looks[_content(record)] for record in records if _content(record) in looks
        }
        return seen, len(records) - len(seen)


def _look_at(load: Callable[..., Loaded], record: Record) -> Look:
    image = load(record.path, short_side=_SHORT_SIDE).image.convert("L")
    return np.asarray(image.resize((LOOK_SIDE, LOOK_SIDE), Image.Resampling.BOX))


def _content(record: Record) -> str:
    """What is equal for equal content, where that is known."""
    return record.file.digest or f"of {record.id}"


def _differ(bunch: tuple[Record, ...]) -> bool:
    return len({_content(record) for record in bunch}) > 1


def _bytes(group: DuplicateGroup) -> int:
    return sum(copy.record.file.size for copy in group.copies if not copy.record.missing)


def _widest_space(library: Library) -> str:
    """The space of most vectors; of equals ``classic``, whose thresholds are measured."""
    held = library.spaces()
    return max(SPACES, key=lambda space: held[space].vectors if space in held else 0)
