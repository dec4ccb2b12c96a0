"""The vector of a picture's mirror image from its own, where that is a matter of order alone.

``classic`` measures colours, a grid, directions and patterns. Mirrored left to right, the colours
are the same, the grid's columns change places, a direction is seen from the other side, and so are
a pattern's neighbours: the same 512 numbers in another order. A network's numbers tell nothing of
the kind.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cbir.encoders.descriptors import uniform_patterns
from cbir.records import DIMENSION, Int64Array

_COLOURS = 111 + 104
_LAYOUT = (4, 4, 3)  # rows, columns, L*a*b*
_GRADIENTS = (3, 3, 8)  # rows, columns, directions
_PATTERNS = 59
_SWAPPED = (2, 1, 0, 7, 6, 5, 4, 3)  # where each of a pattern's neighbours, in their order, goes


def mirrored_places(space: str) -> Int64Array | None:
    """The order that makes a vector of ``space`` that of the mirror image: ``vector[places]``.

    int64 (512,), its own inverse; None where there is no such order.
    """
    return _of_classic() if space == "classic" else None


@lru_cache(maxsize=1)
def _of_classic() -> Int64Array:
    layout = np.arange(np.prod(_LAYOUT)).reshape(_LAYOUT)[:, ::-1]
    turned = -np.arange(_GRADIENTS[2]) % _GRADIENTS[2]
    gradients = np.arange(np.prod(_GRADIENTS)).reshape(_GRADIENTS)[:, ::-1, turned]
    parts = [np.arange(_COLOURS), layout.ravel(), gradients.ravel(), *[_patterns()] * 3]
    starts = np.cumsum([0, *(len(part) for part in parts)])
    places = np.concatenate([start + part for start, part in zip(starts, parts, strict=False)])
    assert len(places) == DIMENSION
    return places.astype(np.int64)


def _patterns() -> Int64Array:
    """The place of each uniform pattern's mirror image, (59,); the last stands for all others."""
    codes = np.arange(256)
    bits = codes[:, None] >> np.arange(8) & 1
    seen_from_behind = (bits << np.array(_SWAPPED)).sum(axis=1)
    numbers = uniform_patterns().astype(np.int64)
    places = np.empty(_PATTERNS, np.int64)
    places[numbers] = numbers[seen_from_behind]
    return places
