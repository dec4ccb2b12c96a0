"""The menu bar, the pictures' context menu and the shortcuts, from one table of commands."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ttkbootstrap as ttk


@dataclass(frozen=True, slots=True)
class Command:
    """An entry of a menu. ``keys`` are Tk's names of its shortcuts, ``shown`` how they are told.

    ``changes``: it changes the library, and is grey where the library can only be read. ``typing``:
    its keys mean something else while text is being typed, and are left to that.
    """

    label: str
    run: Callable[[], object]
    shown: str = ""
    keys: tuple[str, ...] = ()
    changes: bool = False
    typing: bool = False


@dataclass(frozen=True, slots=True)
class Toggle:
    """An entry with a tick or a dot: a variable, the value that it sets, what happens then.

    ``changes`` as for a ``Command``.
    """

    label: str
    variable: tkinter.Variable
    run: Callable[[], object]
    value: str | None = None
    changes: bool = False


Entry = Command | Toggle | None  # None: a line between groups
Menus = Sequence[tuple[str, Sequence[Entry]]]

_TYPED_INTO = ("TEntry", "Entry", "Text", "TCombobox", "TSpinbox")


class MenuBar:
    """Builds the menu bar on a root window and binds the shortcuts there."""

    def __init__(self, root: ttk.App, menus: Menus) -> None:
        self._root = root
        self._changing: list[tuple[ttk.Menu, int]] = []
        self.bar = ttk.Menu(root, tearoff=False)
        self.menus: dict[str, ttk.Menu] = {}
        self._places: dict[str, tuple[ttk.Menu, int]] = {}
        for title, entries in menus:
            menu = ttk.Menu(self.bar, tearoff=False)
            fill(menu, entries, self._changing)
            self.bar.add_cascade(label=title, menu=menu, underline=0)
            self.menus[title] = menu
            for index, entry in enumerate(entries):
                if isinstance(entry, Command):
                    self._places[entry.label] = menu, index
                    self._bind(entry)
        root.configure(menu=self.bar)

    def _bind(self, command: Command) -> None:
        for key in (_for_system(self._root, key) for key in command.keys):
            if not command.typing:
                self._root.unbind_class("Text", key)  # Ctrl+O opens, and breaks no line
            self._root.bind(key, _pressed(command))

    def show_read_only(self, read_only: bool) -> None:
        """Grey the entries that change the library, or give them back."""
        for menu, index in self._changing:
            menu.entryconfigure(index, state="disabled" if read_only else "normal")

    def relabel(self, label: str, shown: str, *, enabled: bool) -> None:
        """Show the entry that was made as ``label`` in other words, and grey it or not."""
        menu, index = self._places[label]
        menu.entryconfigure(index, label=shown, state="normal" if enabled else "disabled")


def _for_system(widget: tkinter.Misc, keys: str) -> str:
    """Keys as this system has them: macOS has its Command key where others have Control."""
    if widget.tk.call("tk", "windowingsystem") != "aqua":
        return keys
    return keys.replace("<Control-", "<Command-").replace("Ctrl+", "Command-")


def _pressed(command: Command) -> Callable[[tkinter.Event[tkinter.Misc]], str | None]:
    def run(event: tkinter.Event[tkinter.Misc]) -> str | None:
        if command.typing and is_typing(event.widget):
            return None
        command.run()
        return "break"

    return run


def is_typing(widget: object) -> bool:
    """Whether a widget is one that text is typed into."""
    return isinstance(widget, tkinter.Misc) and widget.winfo_class() in _TYPED_INTO


def fill(
    menu: ttk.Menu, entries: Sequence[Entry], changing: list[tuple[ttk.Menu, int]] | None = None
) -> None:
    """Put entries into a menu; the places of those that change the library go to ``changing``."""
    for index, entry in enumerate(entries):
        if entry is None:
            menu.add_separator()
        elif isinstance(entry, Command):
            shown = _for_system(menu, entry.shown)
            menu.add_command(label=entry.label, command=entry.run, accelerator=shown)
        elif entry.value is None:
            menu.add_checkbutton(label=entry.label, variable=entry.variable, command=entry.run)
        else:
            menu.add_radiobutton(
                label=entry.label, variable=entry.variable, value=entry.value, command=entry.run
            )
        if entry is not None and entry.changes and changing is not None:
            changing.append((menu, index))


def pop_up(
    root: tkinter.Misc, entries: Sequence[Entry], x: int, y: int, *, read_only: bool
) -> ttk.Menu:
    """Show a context menu at a place on the screen; it goes when something else is clicked."""
    menu = ttk.Menu(root, tearoff=False)
    changing: list[tuple[ttk.Menu, int]] = []
    fill(menu, entries, changing)
    for _, index in changing:
        menu.entryconfigure(index, state="disabled" if read_only else "normal")
    menu.tk_popup(x, y)
    return menu
