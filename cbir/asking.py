"""What can be asked: the terms of a query, a part of a picture, and a filter. Plain frozen data."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cbir.records import Modality

Orientation = Literal["landscape", "portrait", "square"]
DateKind = Literal["taken", "modified"]

OrderKey = Literal["score", "added", "name", "date", "size"]

ORDER_KEYS: tuple[OrderKey, ...] = ("score", "added", "name", "date", "size")
ORIENTATIONS: tuple[Orientation, ...] = ("landscape", "portrait", "square")
DATE_KINDS: tuple[DateKind, ...] = ("taken", "modified")


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in shares of its width and height as shown (after EXIF orientation).

    0 ≤ ``left`` < ``right`` ≤ 1 and 0 ≤ ``top`` < ``bottom`` ≤ 1, from the top left corner.
    """

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query: exactly one of ``text``, ``image`` (a path) and ``record`` (an id).

    ``weight`` is how much it counts beside the others; below zero it leads away. ``box`` is the
    part of the picture that is meant, None for all of it. ``feedback``: the user said of a hit that
    more (weight above zero) or less like it is wanted; such terms count by Rocchio's formula.
    """

    text: str | None = None
    image: str | None = None
    record: int | None = None
    box: Box | None = None
    weight: float = 1.0
    feedback: bool = False

    @property
    def modality(self) -> Modality:
        """Whether this is words or a picture."""
        return "text" if self.text is not None else "image"


def sole_of(terms: Sequence[Term]) -> Term | None:
    """The one term that is searched by as it is: there is no other, and it does not lead away."""
    alone = len(terms) == 1 and terms[0].weight > 0 and not terms[0].feedback
    return terms[0] if alone else None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records may be hits; what is left at its default lets every record through.

    ``folder`` is absolute and takes in what lies below it. ``since`` and ``until`` are days, both
    inclusive, in local time, of when a picture was taken (a record of which that is not known is
    let through by neither) or its file modified. Sizes are in bytes, pictures' in megapixels.
    ``formats`` are endings of file names, without the dot and in lower case (``jpg`` takes in
    ``jpeg``, ``tif`` takes in ``tiff``), any of which will do; of ``tags`` all must be there.
    ``missing``: only records whose file is gone (True), or is not (False).
    """

    folder: str = ""
    date: DateKind = "taken"
    since: datetime.date | None = None
    until: datetime.date | None = None
    min_bytes: int = 0
    max_bytes: int | None = None
    min_megapixels: float = 0.0
    max_megapixels: float | None = None
    formats: tuple[str, ...] = ()
    orientations: tuple[Orientation, ...] = ()
    tags: tuple[str, ...] = ()
    missing: bool | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """In which order records are shown, and whether it begins at the other end.

    ``score``: the nearest first; ``added``: as they came into the library; ``name``: numbers in
    names by their value; ``date``: when they were taken, or their file modified where that is not
    known, the newest first; ``size``: in bytes, the largest first.
    """

    key: OrderKey = "score"
    reverse: bool = False


BY_SCORE, BY_ADDED = Order("score"), Order("added")
ANY = Filter()  # lets every record through
