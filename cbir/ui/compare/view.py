"""The Compare view: what looks like the query, what means the same, and both in one ranking."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from dataclasses import replace

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.compare.column import Column
from cbir.ui.grid.panel import SIZE_CHANGED, GridEvents, Tile
from cbir.ui.thumbnail_desk import ThumbnailDesk
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, scaled
from cbir.work.messages import ThumbnailReady

_COLUMNS = (
    (
        _("Looks like"),
        "ResNet18",
        _(
            "What ResNet18 finds: the same things, shapes and patterns.\n"
            "▲ stands higher here than in CLIP, ▼ lower; new: CLIP does not have it."
        ),
    ),
    (
        _("Means like"),
        "CLIP",
        _(
            "What CLIP finds: pictures that one would describe alike.\n"
            "▲ stands higher here than in ResNet18, ▼ lower; new: ResNet18 does not have it."
        ),
    ),
    (
        _("Both"),
        _("one ranking"),
        _(
            "Both in one ranking, by the sum of 1 / (60 + place) over the two "
            "(reciprocal rank fusion).\nIn brackets: the places in ResNet18 and in CLIP."
        ),
    ),
)
_BOTH = 2


class CompareView(tkinter.ttk.Frame):
    """Three grids side by side, of which the last can be left out; what is selected is so in all.

    ``events`` are told as those of any grid; ``on_close`` that the view is to go.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        desk: ThumbnailDesk,
        events: GridEvents,
        thumbnail: int,
        on_close: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._events = events
        self._on_close = on_close
        self._showing = False
        self.selection: tuple[int, ...] = ()
        self.with_both = ttk.BooleanVar(self, True)
        self._build_head()
        self._desks = [desk.for_grid() for _ in _COLUMNS]
        self.columns = [self._make_column(which) for which in range(len(_COLUMNS))]
        self._place_columns()
        self.set_thumbnail(thumbnail)
        self._bind_escape(self)
        self.bind("<Destroy>", self._destroyed)

    def _build_head(self) -> None:
        pad, gap = scaled(self, SPACE_L), scaled(self, SPACE_M)
        head = ttk.Frame(self)
        head.pack(fill="x", padx=(pad, gap), pady=gap)
        self.close_button = ttk.Button(
            head, icon="x-lg", text=_("Close"), bootstyle="ghost", command=self._on_close
        )
        self.close_button.pack(side="right", padx=(gap, 0))
        ttk.ToolTip(self.close_button, text=_("Back to the results (Esc)"), delay=600)
        self.both_button = ttk.Checkbutton(
            head,
            text=_("Both in one ranking"),
            variable=self.with_both,
            command=self._place_columns,
        )
        self.both_button.pack(side="right", padx=(gap, 0))
        words = ttk.Frame(head)
        words.pack(side="left", fill="x", expand=True)
        self.heading = ttk.Label(words, style="Heading.TLabel", anchor="w", width=1)
        self.heading.pack(fill="x")
        self.summary = ttk.Label(words, style="Muted.TLabel", anchor="w", width=1)
        self.summary.pack(fill="x")

    def _make_column(self, which: int) -> Column:
        if which == 0:
            self._body = ttk.Frame(self)
            self._body.pack(fill="both", expand=True)
            self._body.rowconfigure(0, weight=1)
        no_stack = GridEvents().on_stack
        events = replace(self._events, on_select=self._selected, on_stack=no_stack)
        column = Column(self._body, *_COLUMNS[which], self._desks[which], events)
        column.grid_view.bind(SIZE_CHANGED, lambda _: self._zoomed(column))
        return column

    def _place_columns(self) -> None:
        """Share the width evenly among the columns that are wanted."""
        for which, column in enumerate(self.columns):
            wanted = which != _BOTH or self.with_both.get()
            weight = 1 if wanted else 0
            self._body.columnconfigure(which, weight=weight, uniform="column" if wanted else "")
            if wanted:
                column.grid(row=0, column=which, sticky="nsew")
            else:
                column.grid_remove()

    def _bind_escape(self, widget: tkinter.Misc) -> None:
        """Escape closes the view before it clears the search."""
        widget.bind("<Escape>", self._escape, add="+")
        for child in widget.winfo_children():
            self._bind_escape(child)

    def _escape(self, _event: object) -> str:
        self._on_close()
        return "break"

    # -- what the window asks ---------------------------------------------------------------------

    def show(
        self,
        heading: str,
        summary: str,
        tiles: Sequence[Sequence[Tile]],
        *,
        keep_position: bool,
    ) -> None:
        """Show the ``tiles`` of each column; ``keep_position`` keeps scroll offsets and selection.

        ``heading`` says what is compared, ``summary`` in one sentence how.
        """
        self.heading.configure(text=heading)
        self.summary.configure(text=summary)
        before = self.selection
        self._showing = True
        for column, those in zip(self.columns, tiles, strict=True):
            column.show(those, keep_position=keep_position)
        self._showing = False
        in_view = {tile.record.id for those in tiles for tile in those}
        kept = tuple(id_ for id_ in before if keep_position and id_ in in_view)
        self.select(kept, see=False)
        if kept != before:
            self._events.on_select(kept)

    def select(self, ids: Sequence[int], *, see: bool = True) -> None:
        """Select these pictures wherever they are; ``see`` scrolls there. No event tells of it."""
        self.selection = tuple(ids)
        for column in self.columns:
            here = column.grid_view
            held = {tile.record.id for tile in here.tiles} & set(ids)
            if set(here.selection) != held:
                here.select(ids, see=see)

    def set_thumbnail(self, size: int) -> None:
        """Show thumbnails of another size, in pixels at 100 %, as far as they fit."""
        for column in self.columns:
            column.set_thumbnail(size)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """An answer of the loader."""
        for column in self.columns:
            column.grid_view.thumbnail_ready(event)

    def focus_tiles(self) -> None:
        """Keys go to the first column from now on."""
        self.columns[0].grid_view.focus_tiles()

    # -- inside -----------------------------------------------------------------------------------

    def _selected(self, ids: tuple[int, ...]) -> None:
        if not self._showing:
            self.select(ids)
            self._events.on_select(ids)

    def _zoomed(self, column: Column) -> None:
        self.set_thumbnail(column.grid_view.thumbnail_size)

    def _destroyed(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if event.widget is self:
            for desk in self._desks:
                self._desk.leave(desk)
