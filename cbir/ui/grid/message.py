"""What stands in an empty grid: a sign, a title, a sentence and what can be done about it."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence

import ttkbootstrap as ttk

from cbir.ui.widgets.theme import BODY_FONT, SPACE_L, SPACE_M, scaled

_WIDEST = 440  # pixels at 100 %: lines longer than this are hard to read


class GridMessage(tkinter.ttk.Frame):
    """The sign, the words and the buttons, of which the first is the primary one."""

    def __init__(
        self,
        parent: tkinter.Misc,
        title: str,
        text: str,
        actions: Sequence[tuple[str, Callable[[], None]]],
    ) -> None:
        super().__init__(parent)
        space, small = scaled(self, SPACE_L), scaled(self, SPACE_M)
        ttk.Label(self, icon="images", icon_size=40, style="Muted.TLabel").pack(pady=(0, space))
        self._title = ttk.Label(self, text=title, style="Title.TLabel", justify="center")
        self._title.pack()
        self._text = ttk.Label(
            self, text=text, style="Muted.TLabel", font=BODY_FONT, justify="center"
        )
        self._text.pack(pady=(small, space))
        buttons = ttk.Frame(self)
        buttons.pack()
        self.buttons: list[ttk.Button] = []
        for number, (label, command) in enumerate(actions):
            style = "primary" if number == 0 else "secondary-outline"
            button = ttk.Button(buttons, text=label, command=command, bootstyle=style)
            button.pack(side="left", padx=small // 2)
            self.buttons.append(button)

    def wrap(self, available: int) -> None:
        """Break lines for ``available`` pixels of width."""
        width = min(scaled(self, _WIDEST), max(scaled(self, 120), available - scaled(self, 64)))
        for label in (self._title, self._text):
            label.configure(wraplength=width)
