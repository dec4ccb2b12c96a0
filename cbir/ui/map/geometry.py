"""Which points lie inside a shape drawn on the map, and which one is next in a direction."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from cbir.ui.map.points import MapPoints, Rows

Corners: TypeAlias = NDArray[np.float64]  # shape (n, 2): a closed polygon's, in data units
Direction = Literal["left", "right", "up", "down"]

_ACROSS = 2.0  # a step aside counts as so many ahead


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Corners:
    """The corners of an upright box, by two opposite ones."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)


def rows_inside(points: MapPoints, corners: Corners) -> Rows:
    """The rows of the points inside a polygon; a part that it goes round twice is outside.

    Only those within its bounding box are looked at one by one (Matplotlib's ``contains_points``).
    """
    if len(corners) < 3:
        return np.empty(0, dtype=np.intp)
    (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
    boxed = (points.x >= left) & (points.x <= right) & (points.y >= low) & (points.y <= high)
    rows: Rows = np.flatnonzero(boxed)
    places = np.column_stack([points.x[rows], points.y[rows]])
    inside: Rows = rows[Path(corners).contains_points(places)]
    return inside


def neighbour(points: MapPoints, x: float, y: float, direction: Direction) -> int | None:
    """The row of the point that a step from x, y leads to; None where none lies that way.

    It lies at most 45° off the direction, where any does, and a way aside counts twice.
    """
    sign = 1 if direction in ("right", "up") else -1
    right, up = points.x.astype(np.float64) - x, points.y.astype(np.float64) - y
    ahead, aside = (right, up) if direction in ("left", "right") else (up, right)
    ahead, aside = sign * ahead, np.abs(aside)
    for way in ((ahead > 0) & (aside <= ahead), ahead > 0):
        rows = np.flatnonzero(way)
        if len(rows):
            return int(rows[np.argmin(ahead[rows] + _ACROSS * aside[rows])])
    return None
