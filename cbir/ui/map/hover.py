"""What is told of the point, or of the query's star, under the pointer: on a card beside it."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cbir.language import _
from cbir.records import Float32Array, Modality, Record
from cbir.ui.map.card import MapCard
from cbir.ui.map.colours import aligned
from cbir.ui.map.plot import MapPlot, Place
from cbir.ui.map.standing import Standing
from cbir.ui.widgets.text import shown_name
from cbir.ui.widgets.theme import scaled
from cbir.ui.widgets.tooltip import ItemToolTip
from cbir.work.mapping import MapQuery

_REACH = 12  # how near to a point the pointer must be, pixels at 100 %
_STAR = -1  # in the place of a row
_GAP_EXPLAINED = _(
    "CLIP puts words and pictures into two separate cones (the modality gap), so the star may lie "
    "apart from its own results: near on this map says little here."
)
_MOVED_EXPLAINED = _(
    "CLIP puts words and pictures into two separate cones (the modality gap). The star is not "
    "where the words' own vector falls: it was moved by what lies between the means of both cones."
)


@dataclass(frozen=True, slots=True)
class Star:
    """A query that has a star on the map, of ``space`` or (None) of any."""

    vector: Float32Array
    label: str
    modality: Modality
    space: str | None
    corrected: bool = False


class MapHover:
    """Shows a ``card``; ``star`` is the query that is told of, where there is one.

    ``show_cursor`` is called with Tk's name of a pointer, "" for the usual one.
    """

    def __init__(
        self,
        canvas: tkinter.Canvas,
        plot: MapPlot,
        card: MapCard,
        record: Callable[[int], Record],
        show_cursor: Callable[[str], None],
    ) -> None:
        self._canvas, self._plot, self.card = canvas, plot, card
        self._record, self._show_cursor = record, show_cursor
        self._tip = ItemToolTip(canvas)  # for the key, where that cannot show all
        self._standing: Standing | None = None
        self._told: int | None = None  # the row that the card is about, or the star
        self.star: Star | None = None

    def stand(self, found: MapQuery | None) -> None:
        """Who is near the query, truly and on the map as it is seen now."""
        star, points = self._plot.star, self._plot.points
        self._standing = None
        if found is not None and star is not None:
            nearness = aligned(found.nearness, found.ids, points.ids, np.nan)
            distances = np.hypot(points.x - np.float32(star[0]), points.y - np.float32(star[1]))
            self._standing = Standing(nearness, distances, found.metric)

    def row_at(self, pixel: Place) -> int | None:
        """The row of the point that the pointer is on; None where there is none."""
        return self._plot.nearest(pixel, scaled(self._canvas, _REACH))

    def move(self, pixel: Place) -> None:
        """The pointer is there now, in pixels from the figure's lower left."""
        self._tip.hover(self._plot.key_told(pixel))
        if self.star is not None and self._plot.on_star(pixel, scaled(self._canvas, _REACH)):
            self._show_star(self.star)
            return
        row = self.row_at(pixel)
        if row is None:
            self._hide_card()
        elif row != self._told:
            self.show_point(row)

    def show_point(self, row: int) -> None:
        """Show the card of a row's picture."""
        record = self._record(row)
        shape = (record.file.width, record.file.height)
        self.card.show_picture(
            *self._on_canvas(self._plot.place(row)), record.path, shown_name(record.path), shape,
            "" if self._standing is None else self._standing.told(row),
        )  # fmt: skip
        self._told = row
        self._show_cursor("hand2")

    def _show_star(self, star: Star) -> None:
        if self._plot.star is None or self._told == _STAR:
            return
        place = self._on_canvas(self._plot.star)
        if star.modality == "text":
            title = _("Text query: {words}").format(words=star.label)
            explained = _MOVED_EXPLAINED if star.corrected else _GAP_EXPLAINED
            self.card.show_text(*place, title, explained)
        else:
            self.card.show_text(*place, _("Query: {name}").format(name=star.label), "")
        self._told = _STAR

    def _on_canvas(self, place: Place) -> tuple[int, int]:
        """A place of the map as Tk's canvas counts it, from the upper left."""
        x, y = self._plot.pixel(place)
        return round(x), round(self._plot.figure.bbox.height - y)

    def hide(self) -> None:
        """Take away what is told."""
        self._tip.hover("")
        self._hide_card()

    def _hide_card(self) -> None:
        if self.card.visible:
            self.card.hide()
            self._show_cursor("")
        self._told = None

    def give_up(self) -> bool:
        """Take the card away; False where there was none."""
        visible = self.card.visible
        self.hide()
        return visible
