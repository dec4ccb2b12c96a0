"""Equal files know of each other: links to the other records of the same content."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import font as tkfont

import ttkbootstrap as ttk

from cbir.language import _
from cbir.records import Record
from cbir.ui.widgets.text import fit_middle, shown, shown_name
from cbir.ui.widgets.theme import BODY_FONT
from cbir.ui.widgets.tooltip import ToolTip

_SHOWN = 3


class Copies(tkinter.ttk.Frame):
    """``Same file as:`` and a link for each copy; nothing where there is none.

    ``on_copy(id)`` is called when a link is clicked.
    """

    def __init__(self, parent: tkinter.Misc, on_copy: Callable[[int], None]) -> None:
        super().__init__(parent)
        self._on_copy = on_copy
        self._copies: tuple[Record, ...] = ()
        self._width = 0
        self.links: list[ttk.Button] = []

    def show(self, copies: Sequence[Record], width: int) -> None:
        """Show these records, their names cut to ``width`` screen pixels."""
        if (tuple(copies), width) == (self._copies, self._width):
            return
        self._copies, self._width = tuple(copies), width
        for child in self.winfo_children():
            child.destroy()
        self.links = [self._link(record) for record in self._copies[:_SHOWN]]
        if not self._copies:
            ttk.Frame(self, height=1).pack()  # else it would keep its height
            return
        caption = ttk.Label(self, text=_("Same file as:"), style="Muted.TLabel")
        caption.pack(anchor="w", before=self.links[0])
        more = len(self._copies) - _SHOWN
        if more > 0:
            ttk.Label(
                self, text=_("and {more:,} more").format(more=more), style="Muted.TLabel"
            ).pack(anchor="w")

    def _link(self, record: Record) -> ttk.Button:
        measure = tkfont.nametofont(BODY_FONT, root=self).measure
        name = shown_name(record.path) + (_(" (missing)") if record.missing else "")
        link = ttk.Button(
            self,
            text=fit_middle(name, measure, max(1, self._width)),
            bootstyle="primary-link",
            padding=0,
            cursor="hand2",
            command=partial(self._on_copy, record.id),
        )
        link.pack(anchor="w")
        ToolTip(link, text=shown(record.path))
        return link
