"""The last line of the window: what is to go, and the buttons that act on it."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.language import _, counted
from cbir.records import Record
from cbir.ui.status_bar import Offer
from cbir.ui.widgets.text import file_size, shown
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.tooltip import ToolTip


@dataclass(frozen=True, slots=True)
class FootEvents:
    """What the buttons do; ``on_scope``: this group or all are meant now."""

    on_scope: Callable[[], None]
    on_grid: Callable[[], None]
    on_similar: Callable[[], None]
    on_remove: Callable[[], None]
    on_trash: Callable[[], None]


class Foot(ttk.Frame):
    """Says how much is ticked; the buttons are grey where nothing is, or nothing may be changed."""

    def __init__(self, parent: tkinter.Misc, events: FootEvents) -> None:
        large, middle = scaled(parent, SPACE_L), scaled(parent, SPACE_M)
        super().__init__(parent, padding=(large, middle))
        self._count, self._allowed, self._read_only = 0, False, ""
        self.in_all = ttk.BooleanVar(self, value=False)
        self._make_news()
        row = ttk.Frame(self)
        row.pack(fill="x")
        self.going = ttk.Label(row)
        self.going.pack(side="left")
        self.scope = ttk.Checkbutton(
            row, text=_("In all groups"), variable=self.in_all, command=events.on_scope
        )
        self.scope.pack(side="left", padx=large)
        ToolTip(self.scope, text=_("Remove or throw away what is ticked in every group at once"))
        style = "secondary-outline"
        buttons = (
            (_("Move the rest to the trash…"), events.on_trash, "danger-outline", "Shift+Del"),
            (_("Remove the rest from the library"), events.on_remove, style, "Del"),
            (_("Find similar"), events.on_similar, style, "Ctrl+Shift+F"),
            (_("Show in grid"), events.on_grid, style, "G"),
        )
        self._buttons = []
        for text, command, looks, key in buttons:
            button = ttk.Button(row, text=text, bootstyle=looks, command=command)
            button.pack(side="right", padx=(scaled(self, SPACE_S), 0))
            ToolTip(button, text=key)
            self._buttons.append(button)
        self.trash, self.remove, self.similar, self.grid_button = self._buttons

    def _make_news(self) -> None:
        self._news = ttk.Frame(self)
        self.news = ttk.Label(self._news)
        self.news.pack(side="left")
        self.offer = ttk.Button(self._news, bootstyle="primary-link", padding=0)

    @property
    def told(self) -> str:
        """What is said above the buttons; "" for nothing."""
        return str(self.news.cget("text")) if self._news.winfo_manager() else ""

    def say(self, sentence: str, offer: Offer | None = None) -> None:
        """What happened, above the buttons, and what can be done about it; "" takes it away."""
        self.offer.pack_forget()
        if not sentence:
            self._news.pack_forget()
            return
        self.news.configure(text=shown(sentence))
        if offer is not None:
            self.offer.configure(text=offer[0], command=offer[1])
            self.offer.pack(side="left", padx=scaled(self, SPACE_M))
        self._news.pack(fill="x", pady=(0, scaled(self, SPACE_M)), before=self.pack_slaves()[-1])

    def show_going(self, records: Sequence[Record]) -> None:
        """What is ticked."""
        self._count = len(records)
        size = sum(record.file.size for record in records if not record.missing)
        words = counted("{count:,} picture is to go", "{count:,} pictures are to go", self._count)
        self.going.configure(text=f"{words} · {file_size(size)}" if records else self._hint())
        self._refresh()

    def _hint(self) -> str:
        return _("Nothing is ticked: Space ticks what is to go.")

    def show_read_only(self, reason: str) -> None:
        """Grey what changes the library, for a ``reason``; "" gives it back."""
        if reason != self._read_only:
            self._read_only = reason
            self.say(reason)
            self._refresh()

    def allow(self, allowed: bool) -> None:
        """Whether there are groups to act on."""
        self._allowed = allowed
        if not allowed:
            self.going.configure(text="")
        self._refresh()

    def _refresh(self) -> None:
        may_change = self._allowed and self._count > 0 and not self._read_only
        for button in (self.trash, self.remove):
            button.configure(state="normal" if may_change else "disabled")
        for button in (self.similar, self.grid_button):
            button.configure(state="normal" if self._allowed else "disabled")
