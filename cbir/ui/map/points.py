"""The map's points as plain numbers: which lies nearest to the pointer, and what holds them all."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.records import Float32Array, Int64Array

Rows = NDArray[np.intp]

_FLAT = 1e-9  # an extent below this share of the coordinates is a single place


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of the map: its centre, and data units a pixel, the same on both axes."""

    x: float
    y: float
    unit: float

    def limits(
        self, width: float, height: float
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """What a drawing area of so many pixels shows: x from and to, y from and to."""
        half_width, half_height = self.unit * width / 2, self.unit * height / 2
        return (
            (self.x - half_width, self.x + half_width),
            (self.y - half_height, self.y + half_height),
        )

    def zoomed(self, x: float, y: float, factor: float) -> View:
        """Nearer by ``factor`` (above 1) or farther (below 1), with the place x, y kept still."""
        return View(x + (self.x - x) / factor, y + (self.y - y) / factor, self.unit / factor)

    def same(self, other: View) -> bool:
        """Whether ``other`` shows the same, but for rounding."""
        moved = max(abs(self.x - other.x), abs(self.y - other.y))
        return moved < 0.1 * self.unit and math.isclose(self.unit, other.unit, rel_tol=1e-4)


class MapPoints:
    """Record ids and their places on the map, row by row."""

    def __init__(self, ids: Int64Array, points: Float32Array) -> None:
        """``ids`` has shape (n,), ``points`` (n, 2); n may be 0."""
        self.ids = ids
        self.x: Float32Array = np.ascontiguousarray(points[:, 0], dtype=np.float32)
        self.y: Float32Array = np.ascontiguousarray(points[:, 1], dtype=np.float32)
        self._order = np.argsort(ids, kind="stable")
        self._sorted = ids[self._order]

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, ids: Iterable[int]) -> Rows:
        """The rows of ``ids``, in their order; ids that are not on the map are left out."""
        wanted = np.fromiter(ids, dtype=np.int64)
        if not len(wanted) or not len(self):
            return np.empty(0, dtype=np.intp)
        at = np.minimum(np.searchsorted(self._sorted, wanted), len(self) - 1)
        found: Rows = self._order[at[self._sorted[at] == wanted]]
        return found

    def nearest(self, x: float, y: float, radius: float, among: Rows | None = None) -> int | None:
        """The row of the point nearest to x, y; None where none lies within ``radius``.

        All in data units. ``among`` limits the choice to some rows.
        """
        xs, ys = (self.x, self.y) if among is None else (self.x[among], self.y[among])
        if not len(xs):
            return None
        distances = np.square(xs - np.float32(x)) + np.square(ys - np.float32(y))
        best = int(np.argmin(distances))
        if distances[best] > radius * radius:
            return None
        return best if among is None else int(among[best])

    def fit(self, width: float, height: float, also: tuple[float, float] | None = None) -> View:
        """The view that shows every point, and the place ``also``, in so many pixels, just so.

        A single place (one point, or many at the same spot) gets a view around it; no point at all
        one around the origin.
        """
        x0, x1 = _extent(self.x, also[0] if also else None)
        y0, y1 = _extent(self.y, also[1] if also else None)
        span_x, span_y = x1 - x0, y1 - y0
        if max(span_x, span_y) <= _FLAT * max(abs(x0), abs(x1), abs(y0), abs(y1)):
            span_x = span_y = 2 * max(abs(x0), abs(y0), 1.0)
        unit = max(span_x / max(width, 1), span_y / max(height, 1))
        return View((x0 + x1) / 2, (y0 + y1) / 2, unit)


def _extent(values: Float32Array, also: float | None) -> tuple[float, float]:
    """The least and the greatest of ``values`` and ``also``; zeros where there is nothing."""
    found = [] if also is None else [also]
    if len(values):
        found += [float(values.min()), float(values.max())]
    return (min(found), max(found)) if found else (0.0, 0.0)
