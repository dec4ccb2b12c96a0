"""The map's keys, once it has the focus, which a frame around it shows."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import Any, Protocol

from cbir.ui.map.geometry import Direction
from cbir.ui.map.lasso import Tool
from cbir.ui.map.moving import MapMover
from cbir.ui.widgets.theme import Palette, scaled

ZOOM_STEP = 1.25
_PAN_SHARE = 0.15  # of what is in view, for one press of an arrow
_SHIFT, _CONTROL = 0x1, 0x4
_ALT = {"x11": 0x20008, "win32": 0x20000, "aqua": 0x10}  # X11: Mod1, or what Tk generates
_TAG = "map-focus"
_ARROWS: dict[str, tuple[Direction, int, int]] = {
    "Left": ("left", -1, 0),
    "Right": ("right", 1, 0),
    "Up": ("up", 0, 1),
    "Down": ("down", 0, -1),
}

Event = Any  # tkinter.Event of any widget


class Target(Protocol):
    """What the keys drive beside the view."""

    def step(self, direction: Direction) -> None:
        """To the nearest point in a direction."""

    def choose_stepped(self, *, add: bool) -> None:
        """Select the point that was stepped to."""

    def use_tool(self, tool: Tool) -> None:
        """Draw a lasso or a box from now on; "" neither."""

    def give_up(self) -> bool:
        """Leave a tool or a card; False where there is none."""


class MapKeys:
    """Binds a canvas's keys, and draws the frame while it has them."""

    def __init__(
        self, canvas: tkinter.Canvas, colours: Palette, mover: MapMover, target: Target
    ) -> None:
        self._canvas = canvas
        self._mover = mover
        self._target = target
        self._colours = colours
        self._alt = _ALT[str(canvas.tk.call("tk", "windowingsystem"))]
        canvas.configure(takefocus=True)
        self._bind_keys()
        canvas.bind("<Button-1>", lambda _: canvas.focus_set(), add="+")
        for sequence in ("<FocusIn>", "<FocusOut>", "<Configure>"):
            canvas.bind(sequence, lambda _: self.redraw(), add="+")

    def _bind_keys(self) -> None:
        mover, target = self._mover, self._target
        for name in ("plus", "equal", "KP_Add"):
            self._bind(name, lambda: mover.zoom(ZOOM_STEP))
        for name in ("minus", "KP_Subtract"):
            self._bind(name, lambda: mover.zoom(1 / ZOOM_STEP))
        for name in ("0", "KP_0", "Home", "KP_Home"):
            self._bind(name, mover.fit)
        for name in ("l", "L"):
            self._bind(name, lambda: target.use_tool("lasso"))
        for name in ("b", "B"):
            self._bind(name, lambda: target.use_tool("box"))
        for name in ("Return", "KP_Enter"):
            self._bind(name, lambda: target.choose_stepped(add=False))
        self._canvas.bind("<Control-space>", self._add, add="+")
        self._canvas.bind("<Escape>", self._escape, add="+")
        for key, way in _ARROWS.items():
            for name in (key, f"KP_{key}"):
                self._canvas.bind(f"<{name}>", self._arrow(*way), add="+")

    def _bind(self, name: str, run: Callable[[], None]) -> None:
        """A key without Ctrl or Alt, which mean something to the window."""

        def pressed(event: Event) -> str | None:
            if event.state & (_CONTROL | self._alt):
                return None
            run()
            return "break"

        self._canvas.bind(f"<Key-{name}>", pressed, add="+")

    def _arrow(self, direction: Direction, right: int, up: int) -> Callable[[Event], str | None]:
        def pressed(event: Event) -> str | None:
            if event.state & self._alt:  # back and forward among the searches
                return None
            if event.state & _CONTROL:
                self._target.step(direction)
            else:
                self._mover.by_share(_PAN_SHARE * right, _PAN_SHARE * up)
            return "break"

        return pressed

    def _add(self, _event: Event) -> str:
        self._target.choose_stepped(add=True)
        return "break"

    def _escape(self, _event: Event) -> str | None:
        return "break" if self._target.give_up() else None

    # -- the frame --------------------------------------------------------------------------------

    def recolour(self, colours: Palette) -> None:
        """Take on a theme's colours."""
        self._colours = colours
        self.redraw()

    def redraw(self) -> None:
        """Draw the frame over the figure's image, where the map has the keys."""
        canvas, width = self._canvas, scaled(self._canvas, 2)
        canvas.delete(_TAG)
        if str(canvas.tk.call("focus")) == str(canvas):  # a path: a menu is no Python widget
            right, bottom = canvas.winfo_width() - width, canvas.winfo_height() - width
            canvas.create_rectangle(
                width // 2, width // 2, right, bottom, tags=_TAG, width=width,
                outline=self._colours.accent,
            )  # fmt: skip
