"""Files dropped on the window, where tkinterdnd2 is there, and signs of what a drop would do."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlparse

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.widgets.theme import TITLE_FONT, palette, scaled

Place = Literal["search", "add", "index"]

_TOLD: dict[Place, str] = {
    "search": _("Search by this"),
    "add": _("Add to the query"),
    "index": _("Add to the library"),
}


@dataclass(frozen=True, slots=True)
class DropAreas:
    """Where things are dropped: on ``query`` to search by them, on ``library`` to index them.

    ``may_add()``: there is a query, to which more can be added on its right half; ``may_index()``:
    the library can be changed.
    """

    query: tkinter.Misc
    library: tkinter.Misc
    may_add: Callable[[], bool]
    may_index: Callable[[], bool]

    def place(self, x: int, y: int) -> Place:
        """What a drop at this point of the screen does."""
        if not _holds(self.query, x, y):
            return "index"
        on_right = x >= self.query.winfo_rootx() + self.query.winfo_width() // 2
        return "add" if on_right and self.may_add() else "search"


class DropHint:
    """Shows where a drop would go while something is dragged over the window."""

    def __init__(self, root: ttk.App, areas: DropAreas) -> None:
        self._areas = areas
        self.labels: dict[Place, tkinter.Label] = {
            place: tkinter.Label(root, text=text, font=TITLE_FONT, borderwidth=0)
            for place, text in _TOLD.items()
        }
        self._thick = scaled(root, 2)

    def show(self, here: Place) -> None:
        """Something is dragged here: light this place, and say what the others are."""
        add = self._areas.may_add()
        share = 0.5 if add else 1.0
        self._put("search", self._areas.query, 0.0, share, here)
        if add:
            self._put("add", self._areas.query, 0.5, 0.5, here)
        if self._areas.may_index():
            self._put("index", self._areas.library, 0.0, 1.0, here)

    def hide(self) -> None:
        """Nothing is dragged over the window any more."""
        for label in self.labels.values():
            label.place_forget()

    def _put(
        self, place: Place, area: tkinter.Misc, left: float, share: float, here: Place
    ) -> None:
        label, colours, lit = self.labels[place], palette(area), place == here
        label.configure(
            background=colours.selection if lit else colours.surface,
            foreground=colours.text if lit else colours.muted,
            highlightthickness=self._thick,
            highlightbackground=colours.accent if lit else colours.border,
        )
        label.place(in_=area, relx=left, rely=0, relwidth=share, relheight=1)
        label.lift()


def accept_drops(
    root: ttk.App, areas: DropAreas, on_paths: Callable[[Sequence[str], Place], None]
) -> bool:
    """Call ``on_paths`` with what is dropped on the window, and where; False if not possible."""
    try:
        from tkinterdnd2 import DND_FILES, TkinterDnD  # noqa: PLC0415 - an optional extra
    except ImportError:
        return False
    try:
        TkinterDnD.require(root)
    except RuntimeError:  # its binaries do not fit this system
        return False
    hint = DropHint(root, areas)

    def over(x: str, y: str) -> str:
        place = areas.place(int(x), int(y))
        hint.show(place)
        return "refuse_drop" if place == "index" and not areas.may_index() else "copy"

    def dropped(x: str, y: str, data: str) -> str:
        hint.hide()
        on_paths(dropped_paths(root.tk.splitlist(data)), areas.place(int(x), int(y)))
        return "copy"

    # the package gives its methods to widgets, not to a root: it is registered as they would do
    root.tk.call("tkdnd::drop_target", "register", str(root), DND_FILES)
    for event, function, fields in (
        ("<<DropEnter>>", over, "%X %Y"),
        ("<<DropPosition>>", over, "%X %Y"),
        ("<<DropLeave>>", hint.hide, ""),
        ("<<Drop>>", dropped, "%X %Y %D"),
    ):
        root.tk.call("bind", str(root), event, f"{root.register(function)} {fields}")
    return True


def _holds(widget: tkinter.Misc, x: int, y: int) -> bool:
    across, down = x - widget.winfo_rootx(), y - widget.winfo_rooty()
    return 0 <= across < widget.winfo_width() and 0 <= down < widget.winfo_height()


def dropped_paths(items: Sequence[str]) -> list[str]:
    """Paths from what was dropped: names of files, or ``file:`` addresses."""
    return [_path(item) for item in items if item]


def _path(item: str) -> str:
    if not item.startswith("file:"):
        return item
    path = unquote(urlparse(item).path, errors="surrogateescape")
    return path.lstrip("/") if os.name == "nt" else path
