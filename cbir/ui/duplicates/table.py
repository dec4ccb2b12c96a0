"""What is known of two pictures side by side, with the better value marked."""

from __future__ import annotations

import os
import tkinter
from datetime import datetime
from tkinter import font as tkfont
from typing import Any

import ttkbootstrap as ttk

from cbir.images import Metadata
from cbir.language import _
from cbir.records import Record
from cbir.ui.details.facts import tell_format, tell_moment
from cbir.ui.widgets.text import file_size, fit_middle, local_time, shown_name, shown_path
from cbir.ui.widgets.theme import CAPTION_FONT, SMALL_FONT, SPACE_L, SPACE_M, palette, scaled
from cbir.ui.widgets.tooltip import ToolTip

_UNKNOWN = "–"
_BETTER = "✓ "


class Table(ttk.Frame):
    """Two columns of values, A and B, beside their titles.

    More pixels, more bytes and an older file are better, as where the best is chosen; a picture of
    which it is known when it was taken is better than one of which it is not, and earlier is.
    """

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, padding=(scaled(parent, SPACE_L), scaled(parent, SPACE_M)))
        self._titles = {
            "name": _("Name"),
            "folder": _("Folder"),
            "pixels": _("Resolution"),
            "bytes": _("File size"),
            "taken": _("Taken"),
            "modified": _("Modified"),
            "format": _("Format"),
        }
        self._full: dict[tuple[str, int], str] = {}
        self.cells: dict[tuple[str, int], ttk.Label] = {}
        self._tips: dict[tuple[str, int], ToolTip] = {}
        self._make_cells()
        self.bind("<Configure>", lambda _event: self._fit())

    def _make_cells(self) -> None:
        pad = scaled(self, 2)
        for column in (1, 2):
            self.columnconfigure(column, weight=1, uniform="side")
        for column, letter in ((1, _("A")), (2, _("B"))):
            heading = ttk.Label(self, text=letter, style="Caption.TLabel")
            heading.grid(row=0, column=column, sticky="w", pady=pad)
        for row, (key, title) in enumerate(self._titles.items(), start=1):
            label = ttk.Label(self, text=title, style="Muted.TLabel")
            label.grid(row=row, column=0, sticky="w", padx=(0, scaled(self, SPACE_L)), pady=pad)
            for side in (0, 1):
                cell = ttk.Label(self, font=SMALL_FONT, width=1, anchor="w")
                cell.grid(row=row, column=1 + side, sticky="ew", pady=pad)
                self.cells[key, side] = cell
                self._tips[key, side] = ToolTip(cell, text="")

    def show(self, first: Record, second: Record) -> None:
        """Two records; their formats come later, by ``show_format``."""
        for side, record in enumerate((first, second)):
            file = record.file
            missing = _(" (missing)") if record.missing else ""
            self._put("name", side, shown_name(file.path) + missing)
            self._put("folder", side, shown_path(os.path.dirname(file.path)))
            self._put("pixels", side, f"{file.width:,} × {file.height:,}")
            self._put("bytes", side, file_size(file.size))
            self._put("taken", side, tell_moment(file.taken_at) or _UNKNOWN)
            self._put("modified", side, local_time(file.mtime_ns))
            self._put("format", side, _UNKNOWN)
        self._mark(first, second)
        self._fit()

    def show_format(self, side: int, metadata: Metadata) -> None:
        """What kind of file A (0) or B (1) is."""
        self._put("format", side, tell_format(metadata) or _UNKNOWN)
        self._fit()

    def _mark(self, first: Record, second: Record) -> None:
        one, other = first.file, second.file
        worth: dict[str, tuple[Any, Any]] = {
            "pixels": (one.width * one.height, other.width * other.height),
            "bytes": (one.size, other.size),
            "modified": (-one.mtime_ns, -other.mtime_ns),
            "taken": (_earliness(one.taken_at), _earliness(other.taken_at)),
        }
        colours = palette(self)
        for key, side in self.cells:
            told = self._full[key, 0].removeprefix(_BETTER) != self._full[key, 1].removeprefix(
                _BETTER
            )
            better = told and key in worth and worth[key][side] > worth[key][1 - side]
            if better:
                self._full[key, side] = _BETTER + self._full[key, side]
            self.cells[key, side].configure(
                font=CAPTION_FONT if better else SMALL_FONT,
                foreground=colours.success if better else colours.text,
            )

    def _put(self, key: str, side: int, text: str) -> None:
        self._full[key, side] = text

    def _fit(self) -> None:
        for place, text in self._full.items():
            cell = self.cells[place]
            measure = tkfont.nametofont(str(cell.cget("font")), root=self).measure
            fitted = fit_middle(text, measure, max(1, cell.winfo_width() - 8))
            cell.configure(text=fitted)
            self._tips[place].configure(text=text if fitted != text else "")


def _earliness(moment: datetime | None) -> tuple[bool, float]:
    """What is larger for what was taken earlier, and smallest where that is not known."""
    return moment is not None, 0.0 if moment is None else -moment.timestamp()
