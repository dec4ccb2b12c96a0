"""Matplotlib's Tk canvas and navigation for the map: calm resizing, clean ending, own history."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_tkagg import (  # type: ignore[attr-defined]
    FigureCanvasTkAgg,
    NavigationToolbar2Tk,
)

from cbir.ui.map.plot import MapPlot
from cbir.ui.map.points import View

_DRAW_MS = 20
_AT_ONCE = 4  # artists of the margin drawn in one turn
_RESIZE_MS = 40  # while a pane's edge is dragged, draw when it pauses for this long
_SMALLEST = 48  # pixels; anything smaller is a pane being opened or closed


class MapCanvas(FigureCanvasTkAgg):
    """A canvas that draws at most once an idle moment, and leaves nothing scheduled behind.

    The plot's ground is kept once drawn, its margin is drawn over a copy of it, and its overlay
    over a copy of both: another query, or other counts in the key, cost no drawing of the whole.
    ``on_drawn`` is called after each drawing: what lies over the figure must be raised again;
    ``drawings`` counts them.
    """

    def __init__(
        self, plot: MapPlot, master: tkinter.Misc, on_drawn: Callable[[], None] = lambda: None
    ) -> None:
        self._plot = plot
        self._on_drawn = on_drawn
        self._drawing: str | None = None
        self._moved = False
        self._ground: Any = None
        self._below: Any = None  # ground and as much of the margin as is drawn
        self._left: tuple[Artist, ...] = ()  # the rest of it
        self.drawings = 0
        self._resizing: str | None = None
        focused = _focused_in(master)
        super().__init__(plot.figure, master)
        self.widget: tkinter.Canvas = self.get_tk_widget()
        # Matplotlib took it, perhaps from what is being typed. By way of others: Tk takes no
        # notice of a return to where the focus still is while the canvas is not yet mapped.
        for path in (*_seen_in(master.winfo_toplevel()), focused):
            master.tk.call("focus", path)
        self.widget.bind("<Destroy>", self._cancel, add="+")
        self.mpl_connect("resize_event", lambda _event: self._plot.layout())

    def resize(self, event: Any) -> None:
        """Follow the widget's size (a ``<Configure>`` event): drawn when it has settled."""
        if min(event.width, event.height) < _SMALLEST:
            return
        if self._resizing is not None:
            self.widget.after_cancel(self._resizing)
        self._resizing = self.widget.after(_RESIZE_MS, self._resized, event)

    def _resized(self, event: Any) -> None:
        self._resizing = None
        super().resize(event)

    def draw(self) -> None:
        """Draw all of it anew."""
        self._draw_ground()
        self._begin_margin()
        self._draw_margin(len(self._left))
        self._draw_overlay()

    def _draw_ground(self) -> None:
        with self._plot.only_ground():
            FigureCanvasAgg.draw(self)
        self._plot.ground_changed, self._plot.margin_changed = False, True
        self._ground = self.copy_from_bbox(self.figure.bbox)

    def _begin_margin(self) -> None:
        self._plot.prepare()
        self._below, self._left = self._ground, self._plot.margin
        self._plot.margin_changed = False

    def _draw_margin(self, count: int) -> None:
        """Draw the next ``count`` artists of it: a line of text takes Matplotlib 3 ms."""
        some, self._left = self._left[:count], self._left[count:]
        self._draw_over(self._below, some)
        self._below = self.copy_from_bbox(self.figure.bbox)

    def _draw_overlay(self) -> None:
        self._draw_over(self._below, self._plot.overlay)
        self.blit()

    def _draw_over(self, region: Any, artists: Iterable[Artist]) -> None:
        self.restore_region(region)
        renderer = self.get_renderer()
        for artist in artists:
            artist.draw(renderer)

    def draw_idle(self) -> None:
        """Draw all of it in a moment: another part of the map is in view, or other colours."""
        self._plot.ground_changed = True
        self.update_idle(moved=True)

    def update_idle(self, *, moved: bool = False) -> None:
        """Draw what has changed in a moment, once however often it is asked for.

        The grid comes first, as answers are looked for there. Each part of the drawing has a turn
        of the event loop for itself, but where the map is ``moved``: then the next move is near.
        """
        self._moved = moved or (self._moved and self._drawing is not None)
        if self._drawing is None:
            self._drawing = self.widget.after(_DRAW_MS, self._draw_now)

    def _draw_now(self, waited: bool = False) -> None:
        self._drawing = None
        if not self.widget.winfo_viewable():
            return
        while self._draw_part():
            # Others have their turn first, once: while the map is dragged its points never rest.
            if not (self._moved and waited):
                self._drawing = self.widget.after(1, self._draw_now, True)
                return
        self.drawings += 1
        self._on_drawn()

    def _draw_part(self) -> bool:
        """Draw one part of what is due, the lowest first; False where it was the last one."""
        plot = self._plot
        if plot.cloud.prepare(self.get_renderer()):
            return True
        if plot.ground_changed:
            self._draw_ground()
            return True
        plot.prepare()
        if plot.margin_changed:
            self._begin_margin()
        if self._left:
            self._draw_margin(_AT_ONCE)
            return True
        self._draw_overlay()
        return False

    def _cancel(self, _event: object) -> None:
        for waiting in (self._drawing, self._resizing):
            if waiting is not None:
                self.widget.after_cancel(waiting)
        self._drawing = self._resizing = None


def _focused_in(widget: tkinter.Misc) -> str:
    """Tk's path of what has the keyboard in the window of ``widget``.

    A path, as there is no Python widget for an open menu bar: Tk's copy of it has the keyboard.
    """
    return str(widget.tk.call("focus", "-lastfor", str(widget)))


def _seen_in(window: tkinter.Misc) -> list[str]:
    """A window and a part of it that is on the screen."""
    seen = [str(child) for child in window.winfo_children() if child.winfo_viewable()]
    return [*seen[:1], str(window)]


class Navigation(NavigationToolbar2Tk):
    """Matplotlib's navigation without its own buttons: the map's are themed (``map_toolbar``).

    Keeps its own history of views, which stays right when the window's size changes. ``on_change``
    is called when the mode or the history changes, ``on_view`` when another view is shown.
    """

    toolitems = ()

    def __init__(
        self,
        canvas: MapCanvas,
        plot: MapPlot,
        on_change: Callable[[], None],
        on_view: Callable[[], None],
    ) -> None:
        self._plot = plot
        self._on_change = on_change
        self._on_view = on_view
        self._views: list[View] = []
        self._at = -1
        super().__init__(canvas, canvas.widget.master, pack_toolbar=False)

    @property
    def can_go_back(self) -> bool:
        """Whether an earlier view is remembered."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether a later view is remembered."""
        return self._at + 1 < len(self._views)

    def home(self, *_args: object) -> None:
        """Show the whole map."""
        self._plot.fit()
        self.push_current()
        self.canvas.draw_idle()

    def restart(self) -> None:
        """Forget the views: other points are shown."""
        self._views, self._at = [], -1
        self.push_current()

    def back(self, *_args: object) -> None:
        """Show the view before."""
        self._go(-1)

    def forward(self, *_args: object) -> None:
        """Show the view that ``back`` left."""
        self._go(+1)

    def _go(self, step: int) -> None:
        if 0 <= self._at + step < len(self._views):
            self._at += step
            self._plot.show_view(self._views[self._at])
            self.set_history_buttons()
            self._on_view()
            self.canvas.draw_idle()

    def push_current(self) -> None:
        """Remember the view shown now, after making its axes' scales equal."""
        self._plot.straighten()
        view = self._plot.view
        if self._at < 0 or not view.same(self._views[self._at]):
            self._views = [*self._views[: self._at + 1], view]
            self._at += 1
        self.set_history_buttons()
        self._on_view()

    def set_history_buttons(self) -> None:
        """Tell the buttons what can be done."""
        self._on_change()

    def leave_mode(self) -> bool:
        """No more zooming by a dragged rectangle; False where there was none."""
        zooms = bool(self.mode)
        if zooms:
            self.zoom()
        return zooms

    def zoom(self, *_args: object) -> None:
        """Switch zooming to a dragged rectangle on or off."""
        super().zoom()
        self._on_change()

    def set_message(self, s: str) -> None:
        """Nothing: coordinates of a projection tell a person little."""
