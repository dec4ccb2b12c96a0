"""Searches that are kept by a name: to save one, and a list to run, rename and remove them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.actions.context import Context
from cbir.ui.searches import SavedSearch, Searches
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import BODY_FONT, SPACE_M, scaled, show_chosen_rows

_ROWS = 12
_NAME, _QUERY = 180, 420  # widths in pixels at 100 %


class NameSheet(Sheet):
    """Asks for a name; ``on_name`` gets it, without blanks around it, never empty."""

    def __init__(
        self, context: Context, title: str, name: str, on_name: Callable[[str], None]
    ) -> None:
        super().__init__(context.root, title)
        self.add_text(_("Name of this search:"))
        self.entry = ttk.Entry(self.body, font=BODY_FONT, width=48)
        self.entry.insert(0, name)
        self.entry.selection_range(0, "end")
        self.entry.pack(fill="x")
        self._on_name = on_name
        self.buttons = self.add_buttons(
            [
                Choice(_("Cancel"), nothing),
                Choice(_("Save"), self._save, primary=True, closes=False),
            ]
        )
        self.present(self.entry)

    def _save(self) -> None:
        name = " ".join(self.entry.get().split())
        if not name:
            self.entry.focus_set()
            return
        self.destroy()
        self._on_name(name)


@dataclass(frozen=True, slots=True)
class SavedEvents:
    """What the list asks for; ``searches()`` are those that are kept now."""

    searches: Callable[[], Searches]
    run: Callable[[SavedSearch], None]
    rename: Callable[[SavedSearch, str], None]
    remove: Callable[[SavedSearch], None]


class SavedSheet(Sheet):
    """The list of saved searches. Enter or a double click runs one, F2 renames, Del removes."""

    def __init__(self, context: Context, events: SavedEvents) -> None:
        super().__init__(context.root, _("Saved searches"))
        self._context, self._events = context, events
        self.table = ttk.Treeview(
            self.body, columns=("query",), height=_ROWS, selectmode="browse", show="tree headings"
        )
        self.table.heading("#0", text=_("Name"), anchor="w")
        self.table.heading("query", text=_("Looks for"), anchor="w")
        self.table.column("#0", width=scaled(self, _NAME))
        self.table.column("query", width=scaled(self, _QUERY))
        show_chosen_rows(self.table)
        self.table.pack(fill="both", expand=True, pady=(0, scaled(self, SPACE_M)))
        for key in ("<Return>", "<KP_Enter>", "<Double-Button-1>"):
            self.table.bind(key, self._pressed)
        self.table.bind("<F2>", lambda _: self._rename())
        self.table.bind("<Delete>", lambda _: self._remove())
        self.buttons = self.add_buttons(
            [
                Choice(_("Close"), nothing),
                Choice(_("Remove"), self._remove, closes=False),
                Choice(_("Rename…"), self._rename, closes=False),
                Choice(_("Search"), self._run, primary=True, closes=False),
            ]
        )
        self._fill("")
        self.present(self.table)

    def _fill(self, selected: str) -> None:
        """Show what is kept; one stays selected, where there is any."""
        self.table.delete(*self.table.get_children())
        saved = self._events.searches().saved
        for at, search in enumerate(saved):
            self.table.insert(
                "", "end", str(at), text=shown(search.name), values=(shown(search.query),)
            )
        names = [search.name for search in saved]
        if saved:
            row = str(names.index(selected) if selected in names else 0)
            self.table.selection_set(row)
            self.table.focus(row)
        for button in self.buttons[1:]:
            button.configure(state="normal" if saved else "disabled")

    def _selected(self) -> SavedSearch | None:
        saved = self._events.searches().saved
        return next((saved[int(row)] for row in self.table.selection()), None)

    def _pressed(self, _event: object) -> str:
        self._run()
        return "break"

    def _run(self) -> None:
        search = self._selected()
        if search is not None:
            self.destroy()
            self._events.run(search)

    def _rename(self) -> None:
        search = self._selected()
        if search is None:
            return

        def named(name: str) -> None:
            self._events.rename(search, name)
            if self.winfo_exists():
                self._fill(name)
                self.table.focus_set()

        NameSheet(self._context, _("Rename the search"), search.name, named)

    def _remove(self) -> None:
        search = self._selected()
        if search is not None:
            self._events.remove(search)
            self._fill("")


def renamed(searches: Searches, search: SavedSearch, name: str) -> Searches:
    """With ``search`` under another name, in place of one that had that name."""
    return searches.without(search.name).with_saved(replace(search, name=name))
