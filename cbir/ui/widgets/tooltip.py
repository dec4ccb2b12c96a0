"""Tooltips: one that may have nothing to say, and one for things drawn on a canvas."""

from __future__ import annotations

import tkinter
from typing import Any

import ttkbootstrap as ttk

_DELAY = 600  # milliseconds


class ToolTip(ttk.ToolTip):
    """ttkbootstrap's tooltip, which stays away while its text is empty."""

    def show_tip(self, *_: Any) -> None:
        """Show it, where there is something to say."""
        self.widget.update_idletasks()  # drawing what is due may tell that there is nothing
        if self.text:
            super().show_tip()


class ItemToolTip(ToolTip):
    """A tooltip for what ``hover`` names, under a pointer that stays on one widget."""

    def __init__(self, widget: tkinter.Misc, delay: int = _DELAY) -> None:
        super().__init__(widget, text="", delay=delay)
        # a dialog or another program came before the window: it would lie on that
        widget.winfo_toplevel().bind("<FocusOut>", lambda _: self.hover(""), add="+")

    def show_tip(self, *_: Any) -> None:
        """Show it, unless another window of the program, such as a dialog, has the focus."""
        if self.widget.winfo_exists() and not self._is_elsewhere():
            super().show_tip()

    def _is_elsewhere(self) -> bool:
        try:
            focus = self.widget.focus_get()
        except KeyError:  # in a menu, which tkinter does not know
            return True
        return focus is not None and focus.winfo_toplevel() is not self.widget.winfo_toplevel()

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
