"""Mountains as a height map seen in perspective: one search a column, no ray marching.

Each column's profile is projected at growing distances; the running maximum of the projected
heights tells which distance is seen at which row (as in "voxel space" games of the 1990s).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drawing.canvas import SCALE, Canvas, Mask
from drawing.noise import lookup
from drawing.palette import FloatArray

Colouring = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class View:
    """Where the eye is: horizon and focal length in pixels, height and distances in cells."""

    horizon: float
    focal: float = 420.0
    eye: float = 30.0
    near: float = 40.0
    far: float = 700.0
    row: float = 0.0
    column: float = 256.0


def light_on(land: FloatArray, sun: tuple[float, float, float]) -> FloatArray:
    """Return Lambert light on a height map for a sun at (columns, rows, up)."""
    rows, columns = np.gradient(land)
    lamp = np.array(sun) / np.linalg.norm(sun)
    slope = np.sqrt(rows**2 + columns**2 + 1)
    lit = (-columns * lamp[0] - rows * lamp[1] + lamp[2]) / slope
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def _distances(view: View, count: int) -> FloatArray:
    steps: FloatArray = np.geomspace(view.near, view.far, count).astype(np.float32)
    return steps


def render(
    canvas: Canvas,
    land: FloatArray,
    view: View,
    sun: tuple[float, float, float],
    colouring: Colouring,
    steps: int = 500,
) -> Mask:
    """Paint the land (heights in cells, shape (rows, columns), repeating) and return its mask.

    colouring(height, light, steepness, distance share) gives RGB, all arrays of one shape.
    """
    away = _distances(view, steps)[:, None]
    across = view.column + (canvas.x - canvas.width / 2) / view.focal * away
    along = np.broadcast_to(view.row + away, across.shape)
    height = lookup(land, along, across)
    projected = view.horizon - (height - view.eye) * view.focal / away
    top = np.minimum.accumulate(projected, axis=0)
    seen = _first_seen(top, canvas)
    hit = seen < steps
    index = np.minimum(seen, steps - 1)
    column = np.broadcast_to(np.arange(canvas.shape[1])[None, :], index.shape)
    light = lookup(light_on(land, sun), along, across)[index, column]
    rows, columns = np.gradient(land)
    steep = lookup(np.hypot(rows, columns).astype(np.float32), along, across)[index, column]
    share = np.broadcast_to(index / steps, index.shape).astype(np.float32)
    picture = colouring(height[index, column], light, steep, share)
    mask = Mask(hit.astype(np.float32), 0, 0)
    canvas.paint(mask, picture)
    return mask


def _first_seen(top: FloatArray, canvas: Canvas) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    rows = (np.arange(canvas.shape[0]) + 0.5) / SCALE
    seen = np.empty(canvas.shape, np.int64)
    for column in range(canvas.shape[1]):
        seen[:, column] = np.searchsorted(-top[:, column], -rows)
    return seen
