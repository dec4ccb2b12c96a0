"""Thumbnails in the place of points, where the map is seen from so near that there is room.

Tk canvas items over the figure, as the card is: moving about draws nothing of them anew but places.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageTk

from cbir.records import Record
from cbir.ui.map.plot import MapPlot
from cbir.ui.map.points import Rows
from cbir.ui.widgets.theme import Palette, scaled
from cbir.work.messages import ThumbnailReady

SIZE = 44  # the longer side, pixels at 100 %
_ZOOMED = 1.5  # times nearer than the whole map
_MOST_POINTS = 600  # in view; more are seen as points
_MOST_KEPT = 400  # pictures
_TAG = "map-thumbs"


class MapThumbs:
    """``refresh`` after each drawing puts them where they belong, ``shown`` are their rows."""

    def __init__(
        self,
        canvas: tkinter.Canvas,
        plot: MapPlot,
        request: Callable[[str, int], None],
        record: Callable[[int], Record],
    ) -> None:
        self._canvas, self._plot = canvas, plot
        self._request, self._record = request, record
        self._photos: dict[str, ImageTk.PhotoImage | None] = {}  # None: asked for, or cannot be
        self._places: dict[str, tuple[int, int, int]] = {}  # by path: row, and where
        self.shown: list[int] = []

    def refresh(self, colours: Palette) -> None:
        """Show those that have room in the part of the map in view."""
        self._canvas.delete(_TAG)
        self._colours = colours
        self._places = {}
        self.shown = []
        if not self._plot.is_zoomed(_ZOOMED):
            return
        rows, places = self._plot.in_view(scaled(self._canvas, SIZE) / 2)
        if len(rows) > _MOST_POINTS:
            return
        kept = apart(places, scaled(self._canvas, SIZE) + 4, first=np.isin(rows, self._plot.hits))
        self.shown = rows[kept].tolist()
        height = self._plot.figure.bbox.height
        for row, (x, y) in zip(self.shown, places[kept].tolist(), strict=True):
            path = self._record(row).path
            self._places[path] = (row, round(x), round(height - y))
            self._draw(path)

    def _draw(self, path: str) -> None:
        size = scaled(self._canvas, SIZE)
        if path not in self._photos:
            while len(self._photos) >= _MOST_KEPT:
                del self._photos[next(iter(self._photos))]
            self._photos[path] = None
            self._request(path, size)
        photo = self._photos[path]
        if photo is None:
            return
        row, x, y = self._places[path]
        canvas, half_x, half_y = self._canvas, photo.width() // 2 + 1, photo.height() // 2 + 1
        hit = bool(np.isin(row, self._plot.hits))
        canvas.create_rectangle(
            x - half_x, y - half_y, x + half_x, y + half_y, tags=_TAG,
            outline=self._colours.hit if hit else self._colours.border, width=2 if hit else 1,
        )  # fmt: skip
        canvas.create_image(x, y, image=photo, tags=_TAG)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """Show a thumbnail, where it is one of those waited for."""
        waiting = event.path in self._photos and self._photos[event.path] is None
        if not waiting or event.size != scaled(self._canvas, SIZE) or event.image is None:
            return
        self._photos[event.path] = _photo(event.image, self._canvas)
        if event.path in self._places:
            self._draw(event.path)


def _photo(image: Image.Image, canvas: tkinter.Canvas) -> ImageTk.PhotoImage:
    return ImageTk.PhotoImage(image, master=canvas)


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
