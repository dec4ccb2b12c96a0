"""A column of widgets that scrolls where it is too tall for its place."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from typing import Any

import ttkbootstrap as ttk

from cbir.ui.widgets.theme import palette, scaled

_WHEEL_STEP = 48  # pixels at 100 % for one notch


class Scroller(tkinter.ttk.Frame):
    """Put widgets into ``body``: it is as wide as this frame; a scrollbar comes when needed."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent)
        self._canvas = tkinter.Canvas(self, highlightthickness=0, borderwidth=0, width=1, height=1)
        self._scrollbar = ttk.Scrollbar(self, orient="vertical", command=self._canvas.yview)
        self._canvas.configure(
            yscrollcommand=self._scrollbar.set, yscrollincrement=scaled(self, _WHEEL_STEP)
        )
        self._canvas.grid(row=0, column=0, sticky="nsew")
        self._scrollbar.grid(row=0, column=1, sticky="ns")
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self.columnconfigure(1, minsize=self._scrollbar.winfo_reqwidth())
        self.body = tkinter.ttk.Frame(self._canvas)
        self._window = self._canvas.create_window(0, 0, anchor="nw", window=self.body)
        self.body.bind("<Configure>", lambda _: self._fit())
        self._canvas.bind("<Configure>", lambda _: self._fit())
        self.bind("<<ThemeChanged>>", lambda _: self._recolour())
        for sequence in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            self.winfo_toplevel().bind(sequence, self._wheel, add="+")
        self._recolour()

    def to_top(self) -> None:
        """Show the beginning."""
        self._canvas.yview_moveto(0)

    @property
    def scrolls(self) -> bool:
        """Whether the body is taller than its place."""
        return self.body.winfo_reqheight() > self._canvas.winfo_height()

    def _fit(self) -> None:
        width, height = self._canvas.winfo_width(), self.body.winfo_reqheight()
        self._canvas.itemconfigure(self._window, width=width)
        self._canvas.configure(scrollregion=(0, 0, width, height))
        if self.scrolls:
            self._scrollbar.grid()
        else:
            self._scrollbar.grid_remove()
            self.to_top()

    def _wheel(self, event: tkinter.Event[Any]) -> None:
        """The toplevel hears every wheel; only those over this frame's widgets count."""
        inside = str(event.widget).startswith(f"{self}.")
        if not inside or not self.scrolls or _scrolls_itself(event.widget):
            return
        upwards = event.num == 4 or (event.num != 5 and event.delta > 0)
        self._canvas.yview_scroll(-1 if upwards else 1, "units")

    def _recolour(self) -> None:
        self._canvas.configure(background=palette(self).background)


def _scrolls_itself(widget: object) -> bool:
    return isinstance(widget, tkinter.Text) and widget.yview() != (0.0, 1.0)
