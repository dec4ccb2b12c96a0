"""What records are sorted by beside their numbers: folders, endings and tags, as small integers.

Made once for the columns of a library file, in about two seconds for a million records; a filter
then looks at each folder or ending once, and not at each record.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cbir.errors import LibraryDamaged
from cbir.language import _
from cbir.library.texts import TextColumn, decode_extras
from cbir.records import Int64Array

Mask = NDArray[np.bool_]

ALIKE = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif"}
"""Endings of one format, by the one that stands for it."""
_SEPARATOR = os.fsencode(os.sep)


@dataclass(frozen=True, eq=False)
class Coded:
    """A text for each of n records: ``names[codes[i]]`` is record i's; ``codes`` int32 (n,)."""

    codes: NDArray[np.int32]
    names: tuple[bytes, ...]

    def where(self, test: Callable[[bytes], bool]) -> Mask:
        """The records whose text passes, (n,)."""
        passes = np.fromiter(map(test, self.names), np.bool_, len(self.names))
        return passes[self.codes]

    def counts(self, kept: Mask) -> dict[bytes, int]:
        """Each text, and how many of the records that ``kept`` (n,) marks have it."""
        counts = np.bincount(self.codes[kept], minlength=len(self.names))
        return dict(zip(self.names, counts.tolist(), strict=True))

    @staticmethod
    def of(texts: Iterator[bytes], count: int) -> Coded:
        """Number ``count`` texts by when each first comes."""
        numbers: dict[bytes, int] = {}
        codes = (numbers.setdefault(text, len(numbers)) for text in texts)
        return Coded(np.fromiter(codes, np.int32, count), tuple(numbers))


@dataclass(frozen=True, eq=False)
class Facets:
    """Folders (bytes, without a separator behind), endings, and for each tag the rows that bear it.

    An ending is in lower case without its dot, and as ``ALIKE`` has it; empty where there is none.
    """

    folders: Coded
    endings: Coded
    tags: Mapping[str, Int64Array]

    @staticmethod
    def of(paths: TextColumn, extras: TextColumn) -> Facets:
        """The facets of n records; raises LibraryDamaged where tags cannot be read."""
        count = len(paths.offsets) - 1
        endings = Coded.of(_endings(paths), count)
        return Facets(Coded.of(_folders(paths), count), endings, _tags(extras))


def ending_of(text: str) -> str:
    """An ending as facets have it: ``.JPEG``, ``jpeg`` and ``jpg`` are ``jpg``."""
    plain = text.removeprefix(".").lower()
    return ALIKE.get(plain, plain)


def _folders(paths: TextColumn) -> Iterator[bytes]:
    whole = paths.blob.tobytes()
    for start, end in pairwise(paths.offsets.tolist()):
        yield whole[start : max(start, whole.rfind(_SEPARATOR, start, end))]


def _endings(paths: TextColumn) -> Iterator[bytes]:
    known: dict[bytes, bytes] = {}
    for path in paths.items():
        stem, _dot, ending = path[path.rfind(_SEPARATOR) + 1 :].rpartition(b".")
        if not stem.strip(b"."):  # .hidden is a name, not an ending
            ending = b""
        found = known.get(ending)
        if found is None:
            found = known[ending] = os.fsencode(ending_of(os.fsdecode(ending)))
        yield found


def _tags(extras: TextColumn) -> dict[str, Int64Array]:
    rows: dict[str, list[int]] = {}
    known: dict[bytes, tuple[str, ...]] = {}
    for row in np.flatnonzero(np.diff(extras.offsets)).tolist():
        text = extras[row]
        if text not in known:
            known[text] = _decoded(text)
        for tag in known[text]:
            rows.setdefault(tag, []).append(row)
    return {tag: np.unique(np.array(found, np.int64)) for tag, found in rows.items()}


def _decoded(text: bytes) -> tuple[str, ...]:
    try:
        return decode_extras(text)[0]
    except (ValueError, RecursionError) as error:
        raise LibraryDamaged(
            _("A record's tags cannot be read: {error}.").format(error=error)
        ) from error
