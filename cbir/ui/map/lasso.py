"""Choosing points of the map by a shape drawn with the mouse: freely, or an upright box.

The outline is one Tk canvas item over the figure, so dragging redraws nothing of it. Outlines of
what is chosen stay, at their places in data units, until ``clear``.
"""

from __future__ import annotations

import math
import tkinter
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from matplotlib.path import Path

from cbir.ui.map.events import How
from cbir.ui.map.geometry import Corners, rectangle
from cbir.ui.map.plot import MapPlot
from cbir.ui.widgets.theme import Palette, scaled

Tool = Literal["", "lasso", "box"]

_SHIFT, _CONTROL, _COMMAND = 0x1, 0x4, 0x8
_TAG = "map-lasso"
_APART = 3  # between two corners of a lasso, pixels at 100 %
_SMALLEST = 6  # a shape that is smaller, both ways, is a click; pixels at 100 %
_DASH = (6, 4)


class Lasso:
    """Draws shapes while a ``tool`` is on; ``on_drawn(corners, how)`` is told of each.

    ``how``: the points inside are to be chosen anew, added (Shift) or taken away (Ctrl).
    """

    def __init__(
        self,
        canvas: tkinter.Canvas,
        plot: MapPlot,
        colours: Palette,
        on_drawn: Callable[[Corners, How], None],
        on_tool: Callable[[], None],
    ) -> None:
        self._canvas = canvas
        self._plot = plot
        self._on_drawn = on_drawn
        self._on_tool = on_tool
        self._path: list[tuple[int, int]] = []  # of the shape being drawn, canvas pixels
        self._how: How = "new"
        self._kept: list[tuple[Corners, How]] = []
        self.tool: Tool = ""
        self.recolour(colours)
        canvas.bind("<Button-1>", self._press, add="+")
        canvas.bind("<Motion>", self._drag, add="+")  # <B1-Motion> would hide Matplotlib's own
        canvas.bind("<ButtonRelease-1>", self._release, add="+")

    @property
    def drawing(self) -> bool:
        """Whether a shape is being drawn."""
        return bool(self._path)

    def use(self, tool: Tool) -> None:
        """Draw with a tool from now on; "" draws no more, and gives up a shape begun."""
        self._path = []
        self.redraw()
        if tool != self.tool:
            self.tool = tool
            self._on_tool()

    def clear(self) -> None:
        """Take the outlines away."""
        self._kept = []
        self.redraw()

    def recolour(self, colours: Palette) -> None:
        """Take on a theme's colours."""
        self._colours = colours
        self.redraw()

    def redraw(self) -> None:
        """Draw the outlines where they are now, over the figure's image."""
        self._canvas.delete(_TAG)
        for corners, how in self._kept:
            self._outline(self._to_canvas(corners), how)
        if len(self._path) > 1:
            self._outline(self._shape(), self._how)

    # -- the mouse --------------------------------------------------------------------------------

    def _press(self, event: tkinter.Event[Any]) -> None:
        if not self.tool or not len(self._plot.points):
            return
        state = int(event.state)
        command = _COMMAND if self._canvas.tk.call("tk", "windowingsystem") == "aqua" else _CONTROL
        self._how = "add" if state & _SHIFT else "remove" if state & command else "new"
        self._path = [(event.x, event.y)]

    def _drag(self, event: tkinter.Event[Any]) -> None:
        if not self._path:
            return
        place = (event.x, event.y)
        if self.tool == "box":
            self._path = [self._path[0], place]
        elif math.dist(place, self._path[-1]) >= scaled(self._canvas, _APART):
            self._path.append(place)
        self.redraw()

    def _release(self, event: tkinter.Event[Any]) -> None:
        if not self._path:
            return
        self._drag(event)
        shape, how = self._shape(), self._how
        self._path = []
        if np.ptp(shape, axis=0).max() >= scaled(self._canvas, _SMALLEST):
            corners = self._to_map(shape)
            self._kept = [(corners, how)] if how == "new" else [*self._kept, (corners, how)]
            self._on_drawn(corners, how)
        self.redraw()

    # -- shapes and outlines ----------------------------------------------------------------------

    def _shape(self) -> Corners:
        """What is being drawn, in canvas pixels."""
        if self.tool == "box":
            return rectangle(*self._path[0], *self._path[-1])
        return np.array(self._path, np.float64)

    def _to_map(self, shape: Corners) -> Corners:
        height = self._plot.figure.bbox.height
        flipped = np.column_stack([shape[:, 0], height - shape[:, 1]])
        return np.asarray(self._plot.axes.transData.inverted().transform(flipped), np.float64)

    def _to_canvas(self, corners: Corners) -> Corners:
        """A shape on the screen, as far as the axes reach."""
        pixels = Path(self._plot.axes.transData.transform(corners), closed=True)
        inside = np.asarray(pixels.clip_to_bbox(self._plot.axes.bbox).vertices, np.float64)
        return np.column_stack([inside[:, 0], self._plot.figure.bbox.height - inside[:, 1]])

    def _outline(self, shape: Corners, how: How) -> None:
        if len(shape) < 2:
            return
        colours, width = self._colours, scaled(self._canvas, 2)
        self._canvas.create_polygon(
            *shape.ravel().tolist(), tags=_TAG, fill="", width=width,
            dash=_DASH, outline=colours.danger if how == "remove" else colours.accent,
        )  # fmt: skip
