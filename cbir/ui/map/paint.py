"""What the map's points are painted by: groups, dates or scores, and which of them step back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cbir.records import Int64Array
from cbir.ui.map.colours import Colouring, aligned, by_dates, by_groups, by_scores
from cbir.ui.map.plot import MapPlot
from cbir.ui.widgets.theme import Palette
from cbir.work.mapping import ColourBy, MapColours, MapQuery

_FADED = 0.12  # of a point's weight is left where a filter or the slider leaves it out

Mask = NDArray[np.bool_]


class MapPaint:
    """Keeps what is known, by ids, and puts it on the plot: so it stays while a library grows."""

    def __init__(self, plot: MapPlot) -> None:
        self._plot = plot
        self._groups: MapColours | None = None
        self.query: MapQuery | None = None
        self._passing: tuple[Int64Array, Mask] | None = None
        self.by: ColourBy = ""
        self._painted: tuple[object, ...] = ()
        self._weighed: tuple[object, ...] = ()

    def show_colours(self, found: MapColours | None) -> None:
        """What to colour by, where that is not the score."""
        self._groups = found

    def show_passing(self, ids: Int64Array, passing: Mask | None) -> None:
        """Which pictures a filter lets by, (n,); None: all."""
        self._passing = None if passing is None else (ids, passing)

    def apply(self, palette: Palette) -> None:
        """Paint the points that the plot shows now; what is the same as before costs nothing."""
        points, query = self._plot.points, self.query
        painted = (points, palette, self.by, self._groups, query if self.by == "score" else None)
        if not _same(painted, self._painted):
            self._painted = painted
            self._plot.set_colouring(self._colouring(palette))
        weighed = (points, self._passing, None if query is None else query.passing)
        if not _same(weighed, self._weighed):
            self._weighed = weighed
            self._plot.cloud.set_weights(self._weights())

    def _colouring(self, palette: Palette) -> Colouring | None:
        ids, groups, query = self._plot.points.ids, self._groups, self.query
        if self.by == "score" and query is not None:
            return by_scores(query.nearness, query.ids, ids, query.metric, palette)
        if groups is None or groups.by != self.by:
            return None
        make = by_dates if groups.groups is None else by_groups
        return make(groups, ids, palette)

    def _weights(self) -> NDArray[np.float32] | None:
        """How much each point counts; None where none steps back."""
        kept = np.ones(len(self._plot.points), np.bool_)
        for ids, passing in self._masks():
            kept &= aligned(passing, ids, self._plot.points.ids, missing=True)
        self._plot.faded = ~kept
        return None if kept.all() else np.where(kept, 1, _FADED).astype(np.float32)

    def _masks(self) -> list[tuple[Int64Array, Mask]]:
        masks = [] if self._passing is None else [self._passing]
        if self.query is not None and self.query.passing is not None:
            masks.append((self.query.ids, self.query.passing))
        return masks


def _same(these: tuple[object, ...], those: tuple[object, ...]) -> bool:
    """Whether they are the very same things: comparing arrays would take as long as painting."""
    return len(these) == len(those) and all(a is b for a, b in zip(these, those, strict=True))
