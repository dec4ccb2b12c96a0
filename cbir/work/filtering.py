"""A request's filter as a search takes it: the records that may be hits."""

from __future__ import annotations

from cbir.asking import ANY, Filter
from cbir.library import Library
from cbir.records import Int64Array


def among(library: Library, wanted: Filter) -> Int64Array | None:
    """The ids of the records that pass, for ``Query.among``; None where all do.

    Raises LibraryDamaged where tags cannot be read.
    """
    return None if wanted == ANY else library.matching(wanted)


def lacking(library: Library, allowed: Int64Array | None, searched: int) -> int:
    """How many that may be hits have no vector in a space of which ``searched`` were searched."""
    wanted = len(library) if allowed is None else len(allowed)
    return max(0, wanted - searched)
