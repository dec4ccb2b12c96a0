"""What can be done on the map beside looking: lasso and box, keys, steps from point to point."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass

from cbir.ui.map.events import How, MapEvents
from cbir.ui.map.geometry import Corners, Direction, neighbour, rows_inside
from cbir.ui.map.keys import MapKeys
from cbir.ui.map.lasso import Lasso, Tool
from cbir.ui.map.moving import MapMover
from cbir.ui.map.plot import MapPlot
from cbir.ui.widgets.theme import Palette

_NEAR = 6.0  # how much nearer a point is looked at, where the whole map was in view


@dataclass(frozen=True, slots=True)
class Stage:
    """What the tools need of the panel: its canvas and plot, and the card beside a point."""

    canvas: tkinter.Canvas
    plot: MapPlot
    mover: MapMover
    show_point: Callable[[int], None]
    hide_card: Callable[[], bool]
    leave_mode: Callable[[], bool]
    on_tool: Callable[[], None]


class MapTools:
    """Draws shapes, and goes by keys; tells ``events``."""

    def __init__(self, stage: Stage, colours: Palette, events: MapEvents) -> None:
        self._stage = stage
        self._plot, self._mover = stage.plot, stage.mover
        self._events = events
        self._id: int | None = None  # of the point where the keys are
        self.lasso = Lasso(stage.canvas, stage.plot, colours, self._drawn, stage.on_tool)
        self._keys = MapKeys(stage.canvas, colours, stage.mover, self)

    def recolour(self, colours: Palette) -> None:
        """Take on a theme's colours."""
        self.lasso.recolour(colours)
        self._keys.recolour(colours)

    def redraw(self) -> None:
        """The figure was drawn: outlines and frame go over it, where they belong now."""
        self.lasso.redraw()
        self._keys.redraw()

    def points_changed(self, kept: bool) -> None:
        """Other points are shown; ``kept``: on the axes of before, so that places mean the same."""
        self._id = None if not kept else self._id
        if not kept:
            self.lasso.clear()

    def use_tool(self, tool: Tool) -> None:
        """Draw with a tool from now on, or no more where it was in use; "" never."""
        self.lasso.use("" if tool == self.lasso.tool else tool)

    def give_up(self) -> bool:
        """Leave a shape, a tool, or a card; False where there is none."""
        if self.lasso.tool:
            self.lasso.use("")
            return True
        return self._stage.leave_mode() or self._stage.hide_card()

    def look_at(self, row: int) -> None:
        """Bring a point to the middle, nearer where the whole map was in view, with its card."""
        self._go(row)
        unit = self._plot.view.unit / _NEAR if self._plot.is_home else None
        self._mover.centre(self._plot.place(row), unit)
        self._stage.canvas.after_idle(self._stage.show_point, row)

    def step(self, direction: Direction) -> None:
        """To the nearest point in a direction, from the last one or the middle of the view."""
        points, view = self._plot.points, self._plot.view
        at = self._row
        x, y = (view.x, view.y) if at is None else self._plot.place(at)
        row = neighbour(points, x, y, direction)
        if row is None:
            return
        self._go(row)
        if not self._plot.axes.bbox.contains(*self._plot.pixel(self._plot.place(row))):
            self._mover.centre(self._plot.place(row))
        self._stage.canvas.after_idle(self._stage.show_point, row)

    def choose_stepped(self, *, add: bool) -> None:
        """Select the point that was stepped to."""
        if self._id is not None and self._row is not None:
            self._events.on_select(self._id, add)

    @property
    def _row(self) -> int | None:
        """Where the keys are, if that point is on the map."""
        rows = [] if self._id is None else self._plot.points.rows((self._id,)).tolist()
        return int(rows[0]) if rows else None

    def _go(self, row: int) -> None:
        self._id = int(self._plot.points.ids[row])

    def _drawn(self, corners: Corners, how: How) -> None:
        rows = rows_inside(self._plot.points, corners)
        self._events.on_shape(tuple(self._plot.points.ids[rows].tolist()), how)
