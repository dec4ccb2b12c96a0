"""A tooltip for things drawn on a canvas, which change under a pointer that stays on one widget."""

from __future__ import annotations

import tkinter
from typing import Any

import ttkbootstrap as ttk

_DELAY = 600  # milliseconds


class ItemToolTip(ttk.ToolTip):
    """ttkbootstrap's tooltip, shown for what ``hover`` names instead of for the whole widget."""

    def __init__(self, widget: tkinter.Misc, delay: int = _DELAY) -> None:
        super().__init__(widget, text="", delay=delay)

    def enter(self, event: tkinter.Event[Any] | None = None) -> None:
        """Nothing yet: being over the widget is not being over a thing on it."""

    def hover(self, text: str) -> None:
        """The pointer is over something with this text; empty for nothing."""
        if text == self.text:
            return
        self.leave()
        self.configure(text=text)
        if text:
            self.schedule()
