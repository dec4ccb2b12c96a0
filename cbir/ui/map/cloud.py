"""The map's points as one picture, drawn by numpy: as quick for a colour each as for one for all.

Points that fall on one pixel are counted once, so the time follows the pixels that are covered.
Where points overlap, each lets a share of the light through (Beer and Lambert's law), and colours
mix: so the picture does not depend on the order of the points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from cbir.records import Float32Array

Pixels = NDArray[np.uint8]
_GRAIN = 4  # samples a pixel and axis at the edge of a point's disc


@dataclass(frozen=True, slots=True)
class Frame:
    """Which part of the map is drawn (data units), on how many pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int
    height: int


class Cloud(Artist):
    """The points of an axes. Drawn anew only when points, colours or the view are others."""

    def __init__(self, axes: Axes) -> None:
        super().__init__()
        self.axes = axes
        self.set_figure(axes.figure)
        self.set_zorder(2)
        self._x: Float32Array = np.empty(0, np.float32)
        self._y = self._x
        self._colours: Float32Array | None = None
        self._weights: Float32Array | None = None
        self._tint: tuple[float, float, float] = (0.0, 0.0, 0.0)
        self._opacity, self._diameter = 1.0, 1.0
        self._kept: tuple[object, Pixels] | None = None

    def set_points(self, x: Float32Array, y: Float32Array) -> None:
        """Other points, (n,) and (n,), of one colour, all of full weight."""
        self._x, self._y = x, y
        self._colours = self._weights = None
        self._kept = None

    def set_colours(self, colours: Float32Array | None) -> None:
        """A colour for each point, float32 (n, 3) of 0 to 1; None: the tint for all."""
        self._colours = None if colours is None else np.ascontiguousarray(colours.T)
        self._kept = None

    def set_weights(self, weights: Float32Array | None) -> None:
        """How much each point counts, float32 (n,), 0 to 1; None: all in full."""
        self._weights = weights
        self._kept = None

    def set_marker(self, diameter: float, opacity: float) -> None:
        """How large points are (in units of 1/72 inch), and how much of what is below they hide."""
        if (diameter, opacity) != (self._diameter, self._opacity):
            self._diameter, self._opacity = diameter, opacity
            self._kept = None

    def set_tint(self, tint: tuple[float, float, float]) -> None:
        """The colour of points that have none of their own."""
        if tint != self._tint:
            self._tint = tint
            if self._colours is None:
                self._kept = None

    def prepare(self, renderer: Any) -> bool:
        """Make the picture that ``draw`` needs; False where it is there already."""
        before = self._kept
        wanted = self._wanted(renderer)
        if wanted is not None:
            self._picture(*wanted)
        return self._kept is not before

    def draw(self, renderer: Any) -> None:
        """Draw the picture over the axes, on screen or into a file."""
        wanted = self._wanted(renderer) if self.get_visible() else None
        if wanted is None:
            return
        axes = self.axes
        assert axes is not None
        gc = renderer.new_gc()
        gc.set_alpha(self.get_alpha() if self.get_alpha() is not None else 1.0)
        left, bottom = math.floor(axes.bbox.x0), math.floor(axes.bbox.y0)
        renderer.draw_image(gc, left, bottom, self._picture(*wanted))
        gc.restore()

    def _wanted(self, renderer: Any) -> tuple[Frame, float] | None:
        """What is to be seen and how large its points are, in pixels; None where there is none."""
        axes, scale = self.axes, renderer.get_image_magnification()
        assert axes is not None and axes.figure is not None
        width, height = round(axes.bbox.width * scale), round(axes.bbox.height * scale)
        if min(width, height) < 1 or not len(self._x):
            return None
        frame = Frame(axes.get_xlim(), axes.get_ylim(), width, height)
        return frame, self._diameter * axes.figure.dpi / 72 * scale

    def _picture(self, frame: Frame, diameter: float) -> Pixels:
        key = (frame, diameter)
        if self._kept is None or self._kept[0] != key:
            self._kept = key, self._drawn(frame, disc(diameter))
        return self._kept[1]

    def _drawn(self, frame: Frame, stamp: Float32Array) -> Pixels:
        """The picture, uint8 (height, width, 4), its rows from below as Matplotlib has them."""
        light, paint = _stamped(self._spots(frame, len(stamp) // 2), stamp * self._opacity)
        picture = np.empty((*light.shape, 4), np.uint8)
        picture[..., 3] = 255 * (1 - np.exp(-light)) + 0.5
        if paint is None:
            picture[..., :3] = np.round(255 * np.array(self._tint))
        else:
            picture[..., :3] = 255 * paint / np.maximum(light, 1e-6)[..., None] + 0.5
        return picture

    def _spots(self, frame: Frame, margin: int) -> _Spots:
        """The pixels that points fall on, of the frame with a margin all around."""
        at_x = _pixels(self._x, frame.x, frame.width) + margin
        at_y = _pixels(self._y, frame.y, frame.height) + margin
        width, height = frame.width + 2 * margin, frame.height + 2 * margin
        inside = (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)
        at = (at_y[inside] * width + at_x[inside]).astype(np.intp)
        weights = None if self._weights is None else self._weights[inside]
        size = width * height
        counts = np.bincount(at, weights, size)
        where = np.flatnonzero(counts)
        paint = None
        if self._colours is not None:
            shades = (channel[inside] for channel in self._colours)
            if weights is not None:
                shades = (shade * weights for shade in shades)
            sums = [np.bincount(at, shade, size)[where] for shade in shades]
            paint = np.stack(sums, axis=1).astype(np.float32)
        return _Spots(width, height, where, counts[where].astype(np.float32), paint)


@dataclass(frozen=True, eq=False, slots=True)
class _Spots:
    """Pixels (flat) that points fall on, how many points, and the sums of their colours (m, 3)."""

    width: int
    height: int
    where: NDArray[np.intp]
    counts: Float32Array
    paint: Float32Array | None


def _pixels(values: Float32Array, limits: tuple[float, float], length: int) -> Float32Array:
    """Which pixel each value falls on; far outside it may be any that is outside."""
    start, end = limits
    found = np.floor((values - np.float32(start)) * np.float32(length / ((end - start) or 1)))
    clipped: Float32Array = np.clip(found, -10_000, 100_000).astype(np.float32)
    return clipped


def _stamped(spots: _Spots, stamp: Float32Array) -> tuple[Float32Array, Float32Array | None]:
    """How much light is kept (its negative logarithm) at each pixel, and that times the colour.

    (height, width) and (height, width, 3) without the margin; no two spots share a pixel, so that
    adding by index counts each.
    """
    margin = len(stamp) // 2
    wide = spots.width + 2 * margin  # room for the stamps of spots in the margin
    tall = spots.height + 2 * margin
    rows, columns = np.divmod(spots.where, spots.width)
    base = (rows + margin) * wide + columns + margin
    light = np.zeros(wide * tall, np.float32)
    paint = None if spots.paint is None else np.zeros((wide * tall, 3), np.float32)
    for shift, kept in _absorbing(stamp, wide):
        at = base + shift
        light[at] += kept * spots.counts
        if paint is not None and spots.paint is not None:
            paint[at] += kept * spots.paint
    inner = slice(2 * margin, tall - 2 * margin), slice(2 * margin, wide - 2 * margin)
    return light.reshape(tall, wide)[inner], (
        None if paint is None else paint.reshape(tall, wide, 3)[inner]
    )


def _absorbing(stamp: Float32Array, wide: int) -> Iterator[tuple[int, np.float32]]:
    """For each pixel that a stamp covers: how far off it lies, and what it keeps of the light."""
    middle = len(stamp) // 2
    kept = -np.log1p(-np.minimum(stamp, 0.98))
    for row, column in np.argwhere(stamp > 0).tolist():
        yield (row - middle) * wide + column - middle, kept[row, column]


def disc(diameter: float) -> Float32Array:
    """How much of each pixel a disc about the middle one covers, 0 to 1, float32 (k, k), k odd."""
    reach = math.ceil(max(diameter - 1, 0) / 2)
    side = 2 * reach + 1
    steps = (np.arange(side * _GRAIN) + 0.5) / _GRAIN - side / 2
    inside = np.hypot(*np.meshgrid(steps, steps)) <= max(diameter, 1.0) / 2
    shares = inside.reshape(side, _GRAIN, side, _GRAIN).mean(axis=(1, 3))
    found: Float32Array = shares.astype(np.float32)
    return found
