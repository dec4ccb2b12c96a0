"""Thumbnails in the place of points, where the map is seen from so near that there is room.

Tk canvas items over the figure, as the card is: moving about draws nothing of them anew but places.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cbir.records import Record
from cbir.ui.grid.thumbnails import Thumbnails
from cbir.ui.map.plot import MapPlot
from cbir.ui.map.points import Rows
from cbir.ui.thumbnail_desk import GridDesk
from cbir.ui.widgets.theme import Palette, scaled
from cbir.work.messages import ThumbnailReady

SIZE = 44  # the longer side, pixels at 100 %
_ZOOMED = 1.5  # times nearer than the whole map
_MOST_POINTS = 600  # in view; more are seen as points
_TAG = "map-thumbs"


class MapThumbs:
    """``refresh`` after each drawing puts them where they belong, ``shown`` are their rows.

    Those that leave the view before they came are not waited for any more.
    """

    def __init__(
        self,
        canvas: tkinter.Canvas,
        plot: MapPlot,
        desk: GridDesk,
        record: Callable[[int], Record],
    ) -> None:
        self._canvas, self._plot, self._record = canvas, plot, record
        self._size = scaled(canvas, SIZE)
        capacity = _MOST_POINTS * self._size**2  # so that none in view is dropped
        self._thumbnails = Thumbnails(desk.request, desk.keep_only, capacity)
        self._places: dict[str, tuple[int, int, int]] = {}  # by path: row, and where
        self.shown: list[int] = []

    def refresh(self, colours: Palette) -> None:
        """Show those that have room in the part of the map in view."""
        self._colours = colours
        self._show(*self._with_room())

    def clear(self) -> None:
        """Show none."""
        self._show(*_nothing())

    def _show(self, rows: Rows, places: NDArray[np.float64]) -> None:
        self._canvas.delete(_TAG)
        self.shown, self._places = rows.tolist(), {}
        height = self._plot.figure.bbox.height
        for row, (x, y) in zip(self.shown, places.tolist(), strict=True):
            self._places[self._record(row).path] = (row, round(x), round(height - y))
        self._thumbnails.want([self._record(row) for row in self.shown], self._size)
        for row in self.shown:
            self._draw(row)

    def _with_room(self) -> tuple[Rows, NDArray[np.float64]]:
        """The rows of those to be shown, hits first, and where they are on the screen, (m, 2).

        What lies under a text query's star and its label stays a point, so that both are seen.
        """
        if not self._plot.is_zoomed(_ZOOMED):
            return _nothing()
        rows, places = self._plot.in_view(self._size / 2)
        if len(rows) > _MOST_POINTS:
            return _nothing()
        free = ~self._plot.under_label(places, self._size / 2 + 2)
        rows, places = rows[free], places[free]
        kept = apart(places, self._size + 4, first=np.isin(rows, self._plot.hits))
        return rows[kept], places[kept]

    def _draw(self, row: int) -> None:
        record = self._record(row)
        photo = self._thumbnails.picture(record, self._size)
        if photo is None:
            return
        _row, x, y = self._places[record.path]
        canvas, half_x, half_y = self._canvas, photo.width() // 2 + 1, photo.height() // 2 + 1
        hit = bool(np.isin(row, self._plot.hits))
        canvas.create_rectangle(
            x - half_x, y - half_y, x + half_x, y + half_y, tags=_TAG,
            outline=self._colours.hit if hit else self._colours.border, width=2 if hit else 1,
        )  # fmt: skip
        canvas.create_image(x, y, image=photo, tags=_TAG)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """Show a thumbnail, where it is one of those waited for."""
        if self._thumbnails.receive(event) and event.path in self._places:
            self._draw(self._places[event.path][0])


def _nothing() -> tuple[Rows, NDArray[np.float64]]:
    return np.empty(0, np.intp), np.empty((0, 2))


def apart(places: NDArray[np.float64], size: float, first: NDArray[np.bool_]) -> Rows:
    """Which of ``places`` (n, 2) are shown so that squares of ``size`` do not overlap.

    Those of the mask ``first`` (n,) have the choice of room.
    """
    taken = np.empty((0, 2))
    kept = []
    for row in np.argsort(~first, kind="stable").tolist():
        if not (np.abs(taken - places[row]).max(axis=1) < size).any():
            taken = np.vstack([taken, places[row]])
            kept.append(row)
    return np.array(kept, np.intp)
