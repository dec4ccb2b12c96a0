"""Small round badges, and a frame that lays them out like words in a paragraph."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable
from tkinter import font as tkfont
from typing import Literal

import ttkbootstrap as ttk
from PIL import ImageTk

from cbir.language import _
from cbir.ui.grid.art import rounded
from cbir.ui.widgets.text import fit_end, shown
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_S, palette, scaled

_WIDEST = 220  # pixels at 100 %

Kind = Literal["accent", "quiet"]


def pill_height(widget: tkinter.Misc) -> int:
    """Height of a badge in screen pixels."""
    line = tkfont.nametofont(SMALL_FONT, root=widget).metrics("linespace")
    return line + scaled(widget, 6)


class Pill(tkinter.Label):
    """A badge with a word; with ``on_remove`` it ends in a cross that can be clicked or tabbed to.

    A word that is too long is cut, and whole in the tooltip.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        text: str,
        *,
        kind: Kind = "accent",
        tip: str = "",
        on_remove: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(parent, font=SMALL_FONT, borderwidth=0, compound="center", padx=0, pady=0)
        self.text = shown(text)
        self._kind = kind
        self._picture: ImageTk.PhotoImage | None = None
        font = tkfont.nametofont(SMALL_FONT, root=self)
        self._cut = fit_end(self.text, font.measure, scaled(self, _WIDEST))
        room = font.measure(" ×") if on_remove else 0
        width = font.measure(self._cut) + room + scaled(self, 16)
        self._size = (width, pill_height(self))
        if tip or self._cut != self.text:
            ttk.ToolTip(self, text=tip or self.text)
        self._cross = self._make_cross(on_remove) if on_remove else None
        self.bind("<<ThemeChanged>>", lambda _: self._recolour())
        self._recolour()

    def _make_cross(self, on_remove: Callable[[], None]) -> tkinter.Label:
        cross = tkinter.Label(
            self, text="×", font=SMALL_FONT, borderwidth=0, padx=0, pady=0, cursor="hand2"
        )
        cross.configure(takefocus=True, highlightthickness=1)
        for sequence in ("<Button-1>", "<Return>", "<space>", "<Delete>", "<BackSpace>"):
            cross.bind(sequence, lambda _: on_remove())
        cross.place(relx=1.0, rely=0.5, x=-scaled(self, 5), anchor="e")
        ttk.ToolTip(cross, text=_("Remove the tag “{tag}”").format(tag=self._cut))
        self.cross = cross
        return cross

    def _recolour(self) -> None:
        colours = palette(self)
        fill = colours.selection if self._kind == "accent" else colours.surface
        colour = colours.text if self._kind == "accent" else colours.muted
        radius = self._size[1] // 2
        self._picture = ImageTk.PhotoImage(rounded(self._size, radius, fill, colours.background))
        padding = "  " if self._cross else ""
        self.configure(
            image=str(self._picture),
            text=self._cut + padding,
            background=colours.background,
            foreground=colour,
        )
        if self._cross is not None:
            self._cross.configure(
                background=fill,
                foreground=colours.text,
                highlightbackground=fill,
                highlightcolor=colours.accent,
            )


class Flow(tkinter.ttk.Frame):
    """Lays its children out from left to right, in as many lines as its width asks for."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, height=1)
        self.bind("<Configure>", lambda _: self.arrange())

    def arrange(self) -> None:
        """Place the children; to be called after they have changed."""
        gap, width = scaled(self, SPACE_S), max(1, self.winfo_width())
        x = y = line = 0
        for child in self.winfo_children():
            across, down = child.winfo_reqwidth(), child.winfo_reqheight()
            if x and x + across > width:
                x, y, line = 0, y + line + gap, 0
            self.tk.call("place", "configure", child, "-x", x, "-y", y)
            x, line = x + across + gap, max(line, down)
        self.configure(height=max(1, y + line))
