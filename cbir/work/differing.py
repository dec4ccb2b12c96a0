"""How two pictures differ, pixel by pixel, as a picture to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageOps

from cbir.images import Loaded
from cbir.work.worker import JobRun

AMPLIFIED = 4
"""How many times larger differences are shown than they are."""
_LONG_SIDE = 1600
_SEEN = 8  # of 255: what recompression leaves behind is mostly less


@dataclass(frozen=True, slots=True)
class Difference:
    """The absolute difference of two pictures, RGB and ``AMPLIFIED``; black where they are equal.

    The ``share`` of pixels in which some colour differs by more than 8 of 255, 0 to 1, and the
    ``mean`` difference of all colours, 0 to 255.
    """

    image: Image.Image
    share: float
    mean: float


def difference(
    run: JobRun, load: Callable[..., Loaded], first: str, second: str, *, mirrored: bool = False
) -> Difference:
    """Compare two files, the second scaled to the size of the first, ``mirrored`` where it is so.

    Raises UnreadableImage.
    """
    one = load(first, long_side=_LONG_SIDE).image
    run.check()
    other = load(second, long_side=_LONG_SIDE).image
    run.check()
    if max(one.size) > _LONG_SIDE:
        one = ImageOps.contain(one, (_LONG_SIDE, _LONG_SIDE))
    if mirrored:
        other = ImageOps.mirror(other)
    if other.size != one.size:
        other = other.resize(one.size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    apart = ImageChops.difference(one, other)
    levels = np.asarray(apart)
    share = float((levels.max(axis=2) > _SEEN).mean())
    amplified = apart.point([min(AMPLIFIED * level, 255) for level in range(256)] * 3)
    return Difference(amplified, share, float(levels.mean()))
