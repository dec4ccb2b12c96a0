"""Moving about on the map: by the wheel, by dragging and by keys, with one history of views."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from cbir.ui.map.canvas import Navigation
from cbir.ui.map.plot import MapPlot, Place
from cbir.ui.map.points import View

_PAUSE_MS = 350  # moves with shorter pauses are one step of the history


class MapMover:
    """Changes which part of the map is in view; ``redraw()`` is called for each change."""

    def __init__(
        self,
        widget: tkinter.Misc,
        plot: MapPlot,
        navigation: Navigation,
        redraw: Callable[[], None],
    ) -> None:
        self._widget = widget
        self._plot = plot
        self._navigation = navigation
        self._redraw = redraw
        self._timer: str | None = None

    def zoom(self, factor: float, pixel: Place | None = None) -> None:
        """Zoom in for a ``factor`` above 1, out below: about a place on the screen or the middle.

        ``pixel`` is counted from the figure's lower left.
        """
        box = self._plot.axes.bbox
        middle = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        self._plot.zoom(pixel or middle, factor)
        self._moved()

    def by_pixels(self, right: float, up: float) -> None:
        """Bring into view what lies so many pixels further right and up."""
        view = self._plot.view
        self._plot.show_view(View(view.x + right * view.unit, view.y + up * view.unit, view.unit))
        self._moved()

    def by_share(self, right: float, up: float) -> None:
        """The same in shares of what is in view."""
        box = self._plot.axes.bbox
        self.by_pixels(right * box.width, up * box.height)

    def centre(self, place: Place, unit: float | None = None) -> None:
        """Bring a place to the middle; ``unit`` is data units a pixel then, None leaves them."""
        self._plot.show_view(View(*place, unit or self._plot.view.unit))
        self._moved()

    def fit(self) -> None:
        """Show the whole map."""
        self.stop()
        self._navigation.home()
        self._redraw()

    def stop(self) -> None:
        """Forget what was to be remembered in a moment."""
        if self._timer is not None:
            self._widget.after_cancel(self._timer)
            self._timer = None

    def _moved(self) -> None:
        self.stop()
        self._timer = self._widget.after(_PAUSE_MS, self._rested)
        self._redraw()

    def _rested(self) -> None:
        self._timer = None
        self._navigation.push_current()
