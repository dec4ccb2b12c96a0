"""A quiet line above the pictures: something to know, and buttons for what can be done about it."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence

import ttkbootstrap as ttk

from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled

Action = tuple[str, Callable[[], None]]


class NoticeBar(ttk.Frame):
    """The first of the ``actions`` is the primary one; each takes the bar away before it is done.

    Escape with the keys on a button is as the last of them.
    """

    def __init__(self, parent: tkinter.Misc, text: str, actions: Sequence[Action]) -> None:
        wide, high = scaled(parent, SPACE_L), scaled(parent, SPACE_S)
        super().__init__(parent, padding=(wide, high), style="Surface.TFrame")
        self.text = text
        self.buttons: list[ttk.Button] = []
        for label, action in reversed(actions):
            style = "neutral" if self.buttons or len(actions) == 1 else "ghost"
            button = ttk.Button(self, text=label, bootstyle=style)
            button.configure(command=lambda action=action: self._leave(action))
            button.bind("<Return>", lambda event: event.widget.invoke())
            button.bind("<Escape>", self._escape)
            button.pack(side="right", padx=(scaled(self, SPACE_M), 0))
            self.buttons.insert(0, button)
        ttk.Label(self, text=text, style="Surface.TLabel").pack(side="left", fill="x", expand=True)
        self.line = ttk.Separator(parent)

    def show(self, above: tkinter.Misc) -> None:
        """Take the place above another part of the window."""
        self.pack(fill="x", before=above)
        self.line.pack(fill="x", before=above)

    def _escape(self, _event: object) -> str:
        self.buttons[-1].invoke()
        return "break"

    def destroy(self) -> None:
        """Take the bar away, with the line below it."""
        self.line.destroy()
        super().destroy()

    def _leave(self, action: Callable[[], None]) -> None:
        self.destroy()
        action()
