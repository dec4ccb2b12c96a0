"""The viewer's first line: which of the pictures this is, its name and score, and the way out."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import font as tkfont

import ttkbootstrap as ttk

from cbir.language import _
from cbir.records import Record
from cbir.ui.widgets.text import fit_middle, shown_name, shown_path
from cbir.ui.widgets.theme import HEADING_FONT, SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.tooltip import ToolTip


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in the viewer: the ``number``-th (from 1) of ``count``, and its ``score``, if any.

    The score is ready to read (``0.93``).
    """

    record: Record
    number: int
    count: int
    score: str = ""


class Head(ttk.Frame):
    """``on_step(-1)`` and ``on_step(1)`` lead to the picture before and after; ``on_close`` out."""

    def __init__(
        self,
        parent: tkinter.Misc,
        on_step: Callable[[int], None],
        on_close: Callable[[], None],
    ) -> None:
        large, middle = scaled(parent, SPACE_L), scaled(parent, SPACE_M)
        super().__init__(parent, padding=(large, middle))
        self._full = ""
        self._steps: dict[int, ttk.Button] = {}
        for step, icon, tip in (
            (-1, "chevron-left", _("The one before (Left, Page up)")),
            (1, "chevron-right", _("The next one (Right, Page down)")),
        ):
            button = ttk.Button(
                self,
                icon=icon,
                icon_only=True,
                bootstyle="secondary-ghost",
                command=lambda step=step: on_step(step),
            )
            button.pack(side="left", padx=(0, scaled(self, SPACE_S)))
            ToolTip(button, text=tip)
            self._steps[step] = button
        self.number = ttk.Label(self, style="Muted.TLabel")
        self.number.pack(side="left", padx=(middle, large))
        close = ttk.Button(
            self, icon="x-lg", icon_only=True, bootstyle="secondary-ghost", command=on_close
        )
        close.pack(side="right", padx=(large, 0))
        ToolTip(close, text=_("Back to the window (Space, Esc)"))
        self.pixels = ttk.Label(self, style="Muted.TLabel")
        self.pixels.pack(side="right")
        self.score = ttk.Label(self, font=HEADING_FONT)
        self.score.pack(side="right", padx=large)
        self.name = ttk.Label(self, font=HEADING_FONT, width=1, anchor="w")
        self.name.pack(side="left", fill="x", expand=True)
        self._tip = ToolTip(self.name, text="")
        self.name.bind("<Configure>", lambda _: self._fit(), add="+")

    def show(self, shown: Shown) -> None:
        """Tell of a picture."""
        record = shown.record
        self._full = shown_name(record.path)
        self._tip.configure(text=shown_path(record.path))
        self.number.configure(
            text=_("{number:,} of {count:,}").format(number=shown.number, count=shown.count)
        )
        self.score.configure(text=shown.score)
        self.pixels.configure(text=f"{record.file.width:,} × {record.file.height:,}")
        self._steps[-1].configure(state="normal" if shown.number > 1 else "disabled")
        self._steps[1].configure(state="normal" if shown.number < shown.count else "disabled")
        self._fit()

    def _fit(self) -> None:
        measure = tkfont.nametofont(HEADING_FONT, root=self).measure
        self.name.configure(text=fit_middle(self._full, measure, max(1, self.name.winfo_width())))
