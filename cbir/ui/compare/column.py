"""One column of a comparison: what it says, whose opinion that is, and its pictures in a grid."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Sequence

import ttkbootstrap as ttk

from cbir.ui.grid.panel import Grid, GridEvents, Tile
from cbir.ui.thumbnail_desk import GridDesk
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, scaled

_AROUND = 32  # pixels at 100 % beside the picture of a grid that is one tile wide


class Column(tkinter.ttk.Frame):
    """A heading over a grid whose thumbnails are never wider than the column."""

    def __init__(
        self,
        parent: tkinter.Misc,
        title: str,
        source: str,
        hint: str,
        desk: GridDesk,
        events: GridEvents,
    ) -> None:
        super().__init__(parent)
        self._wanted = 160
        head = ttk.Frame(self)
        head.pack(fill="x", padx=scaled(self, SPACE_L))
        label = ttk.Label(head, text=title, style="Heading.TLabel")
        label.pack(side="left")
        by = ttk.Label(head, text=source, style="Muted.TLabel", anchor="w", width=1)
        by.pack(side="left", fill="x", expand=True, padx=(scaled(self, SPACE_M), 0))
        for widget in (label, by):
            ttk.ToolTip(widget, text=hint, delay=600)
        self.grid_view = Grid(
            self,
            request_thumbnail=desk.request,
            keep_thumbnails=desk.keep_only,
            events=events,
        )
        self.grid_view.pack(fill="both", expand=True)
        self.bind("<Configure>", lambda _: self._fit())

    def show(self, tiles: Sequence[Tile], *, keep_position: bool) -> None:
        """Show these pictures."""
        self.grid_view.show(tiles, keep_position=keep_position)

    def set_thumbnail(self, size: int) -> None:
        """The wanted size of thumbnails in pixels at 100 %."""
        self._wanted = size
        self._fit()

    def _fit(self) -> None:
        bar = self.grid_view.columnconfigure(1)["minsize"]
        room = (self.winfo_width() - int(bar)) * 100 // scaled(self, 100) - _AROUND
        if self.winfo_width() > 1:
            self.grid_view.thumbnail_size = min(self._wanted, room)
