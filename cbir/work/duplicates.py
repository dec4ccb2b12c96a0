"""The job that finds near-duplicates: vectors tell which pictures to look at, pixels tell more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from cbir.encoders.mirror import mirrored_places
from cbir.errors import UnreadableImage
from cbir.images import Loaded
from cbir.language import _
from cbir.library import Library
from cbir.library.bunches import Bunches
from cbir.library.duplicates import LOOK_SIDE, Look, grouped
from cbir.records import SPACES, DuplicateGroup, DuplicateLevel, Record
from cbir.work.pool import DecodePool
from cbir.work.worker import JobRun

BEST_RULE = _(
    "The best of a group has most pixels, then most bytes, then the oldest file; a missing file "
    "never comes before one that is there."
)
"""How the best is chosen (``library.duplicates.order_of_worth``), for people."""
_SHORT_SIDE = 8 * LOOK_SIDE  # JPEG decoded at a fourth of that shows patterns of its own
_AHEAD = 16


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The groups at ``level`` or a tighter one, those whose copies take most bytes first.

    By the vectors of ``space``, None where only content was compared. ``total`` records were
    looked at, ``compared`` pairs of vectors compared. ``unseen`` are the paths of pictures that
    seem to have duplicates but could not be opened to be compared by their pixels, and why:
    vectors alone speak for them.
    """

    level: DuplicateLevel
    space: str | None
    groups: tuple[DuplicateGroup, ...]
    total: int
    compared: int
    unseen: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def copies(self) -> int:
        """How many records are in groups, beside the best ones."""
        return sum(len(group.copies) for group in self.groups)

    @property
    def bytes(self) -> int:
        """The size of all copies' files, so far as they are there."""
        return sum(bytes_of_copies(group) for group in self.groups)


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
        mirror = None if level != "alike" or space is None else mirrored_places(space)
        bunches = library.bunches(space, self._told, mirror)
        looks: dict[int, Look] = {}
        unseen: tuple[tuple[str, str], ...] = ()
        if space is not None:
            looks, unseen = self._look(bunches)
        groups: list[DuplicateGroup] = []
        for bunch in bunches.bunches:
            self.run.check()
            groups += grouped(bunch, bunches.directions(bunch), looks, space, level, mirror)
        groups.sort(key=lambda group: (-bytes_of_copies(group), group.best.id))
        seconds = time.perf_counter() - started
        return Duplicates(
            level, space, tuple(groups), bunches.total, bunches.compared, unseen, seconds
        )

    def _told(self, done: int, total: int) -> None:
        self.run.check()
        self.run.progress(done, total, _("comparing"))

    def _look(self, bunches: Bunches) -> tuple[dict[int, Look], tuple[tuple[str, str], ...]]:
        """The small grey pictures of records that are not all of one content; what lacks, and why.

        One file is opened for all of a content: the best of them, which is there if any is.
        """
        records = [record for bunch in bunches.bunches if _differ(bunch) for record in bunch]
        firsts: dict[str, Record] = {}
        for record in records:
            firsts.setdefault(_content(record), record)
        looks: dict[str, Look] = {}
        reasons: dict[str, str] = {}
        look_at = partial(_look_at, self.load)
        futures = self.pool.map_ahead(look_at, firsts.values(), lambda: _AHEAD)
        for number, (content, future) in enumerate(zip(firsts, futures, strict=True), 1):
            self.run.check()
            try:
                looks[content] = self.run.wait(future)
            except UnreadableImage as error:
                reasons[content] = error.reason
            self.run.progress(number, len(firsts), _("looking at what is near"))
        seen = {
            record.id: looks[_content(record)] for record in records if _content(record) in looks
        }
        lacking = [record for record in records if record.id not in seen]
        return seen, tuple((record.path, reasons[_content(record)]) for record in lacking)


def _look_at(load: Callable[..., Loaded], record: Record) -> Look:
    image = load(record.path, short_side=_SHORT_SIDE).image.convert("L")
    return np.asarray(image.resize((LOOK_SIDE, LOOK_SIDE), Image.Resampling.BOX))


def _content(record: Record) -> str:
    """What is equal for equal content, where that is known."""
    return record.file.digest or f"of {record.id}"


def _differ(bunch: tuple[Record, ...]) -> bool:
    return len({_content(record) for record in bunch}) > 1


def bytes_of_copies(group: DuplicateGroup) -> int:
    """The size of the files of all but the best one, so far as they are there."""
    return sum(copy.record.file.size for copy in group.copies if not copy.record.missing)


def _widest_space(library: Library) -> str:
    """The space of most vectors; of equals ``classic``, whose thresholds are measured."""
    held = library.spaces()
    return max(SPACES, key=lambda space: held[space].vectors if space in held else 0)
