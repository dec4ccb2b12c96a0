"""The menu bar, the pictures' context menu and the shortcuts, from one table of commands."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.widgets.theme import scaled


def _always() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Command:
    """An entry of a menu. ``keys`` are Tk's names of its shortcuts, ``shown`` how they are told.

    ``changes``: it changes the library, and is grey where the library can only be read. ``typing``:
    its keys mean something else while text is being typed, and are left to that. ``hindered()``
    tells why it cannot be done now, "" where it can: then it is grey, and the menu says why.
    """

    label: str
    run: Callable[[], object]
    shown: str = ""
    keys: tuple[str, ...] = ()
    changes: bool = False
    typing: bool = False
    hindered: Callable[[], str] = _always


@dataclass(frozen=True, slots=True)
class Toggle:
    """An entry with a tick or a dot: a variable, the value that it sets, what happens then.

    ``changes``, ``shown`` and ``keys`` as for a ``Command``.
    """

    label: str
    variable: tkinter.Variable
    run: Callable[[], object]
    value: str | None = None
    changes: bool = False
    shown: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submenu:
    """An entry that leads to a menu of its own, whose ``entries()`` are asked for as it opens."""

    label: str
    entries: Callable[[], Sequence[Entry]]
    changes: bool = False
    shown: str = ""
    keys: tuple[str, ...] = ()


Entry = Command | Toggle | Submenu | None  # None: a line between groups
Menus = Sequence[tuple[str, Sequence[Entry]]]

_ROOM = 2  # pixels at 100 % around an entry
_READ_ONLY = _("The library can only be read.")
_TYPED_INTO = ("TEntry", "Entry", "Text", "TCombobox", "TSpinbox")


class MenuBar:
    """Builds the menu bar on a root window and binds the shortcuts there."""

    def __init__(self, root: ttk.App, menus: Menus) -> None:
        self._root = root
        self._read_only = False
        self._entries: list[tuple[ttk.Menu, Sequence[Entry]]] = []
        self.bar = ttk.Menu(root, tearoff=False)
        self.menus: dict[str, ttk.Menu] = {}
        self._places: dict[str, tuple[ttk.Menu, int]] = {}
        for title, entries in menus:
            menu = ttk.Menu(self.bar, tearoff=False)
            fill(menu, entries)
            menu.configure(postcommand=partial(self._show_hindrances, menu, entries))
            self.bar.add_cascade(label=title, menu=menu, underline=0)
            self.menus[title] = menu
            self._entries.append((menu, entries))
            for index, entry in enumerate(entries):
                if isinstance(entry, Command):
                    self._places[entry.label] = menu, index
                    self._bind(entry, entry.run)
                elif entry is not None:
                    self._bind(entry, partial(menu.invoke, index))
        root.configure(menu=self.bar)

    def _bind(self, entry: Command | Toggle | Submenu, run: Callable[[], object]) -> None:
        typing = isinstance(entry, Command) and entry.typing
        for key in (_for_system(self._root, key) for key in entry.keys):
            if not typing:
                _take_from_texts(self._root, key)  # Ctrl+O opens, and breaks no line
            self._root.bind(key, _pressed(run, typing=typing))

    def _show_hindrances(self, menu: ttk.Menu, entries: Sequence[Entry]) -> None:
        show_hindrances(menu, entries, read_only=self._read_only)

    def show_read_only(self, read_only: bool) -> None:
        """Grey the entries that change the library, or give them back.

        Where nothing changes, an open menu stays as it is: what is hindered is grey in it.
        """
        if read_only == self._read_only:
            return
        self._read_only = read_only
        for menu, entries in self._entries:
            for index, entry in enumerate(entries):
                if entry is not None and entry.changes:
                    menu.entryconfigure(index, state="disabled" if read_only else "normal")

    def relabel(self, label: str, shown: str, *, enabled: bool) -> None:
        """Show the entry that was made as ``label`` in other words, and grey it or not."""
        menu, index = self._places[label]
        menu.entryconfigure(index, label=shown, state="normal" if enabled else "disabled")


def _take_from_texts(root: ttk.App, key: str) -> None:
    """Let a key do nothing of its own where text is typed: one press does one thing."""
    plain = key.replace("Control-Shift-", "Control-")  # Tk's own name of Ctrl+Shift+N is Control-N
    for name in (key, plain) if key[-2].isupper() else (key,):
        for widget in _TYPED_INTO:
            root.unbind_class(widget, name)
        for event in root.event_info():
            root.event_delete(event, name)


def _for_system(widget: tkinter.Misc, keys: str) -> str:
    """Keys as this system has them: macOS has its Command key where others have Control."""
    if widget.tk.call("tk", "windowingsystem") != "aqua":
        return keys
    return keys.replace("<Control-", "<Command-").replace("Ctrl+", "Command-")


def _pressed(
    command: Callable[[], object], *, typing: bool
) -> Callable[[tkinter.Event[tkinter.Misc]], str | None]:
    def run(event: tkinter.Event[tkinter.Misc]) -> str | None:
        if typing and is_typing(event.widget):
            return None
        command()
        return "break"

    return run


def is_typing(widget: object) -> bool:
    """Whether a widget is one that text is typed into."""
    return isinstance(widget, tkinter.Misc) and widget.winfo_class() in _TYPED_INTO


def fill(menu: ttk.Menu, entries: Sequence[Entry]) -> None:
    """Put entries into a menu."""
    menu.configure(activeborderwidth=scaled(menu, _ROOM))
    for entry in entries:
        if entry is None:
            menu.add_separator()
            continue
        shown = _for_system(menu, entry.shown)
        if isinstance(entry, Command):
            menu.add_command(label=entry.label, command=entry.run, accelerator=shown)
            continue
        if isinstance(entry, Submenu):
            _add_submenu(menu, entry)
            continue
        common: dict[str, Any] = {
            "label": entry.label,
            "variable": entry.variable,
            "accelerator": shown,
            "command": entry.run,
        }
        if entry.value is None:
            menu.add_checkbutton(**common)
        else:
            menu.add_radiobutton(**common, value=entry.value)


def _add_submenu(menu: ttk.Menu, entry: Submenu) -> None:
    below = ttk.Menu(menu, tearoff=False)

    def refill() -> None:
        below.delete(0, "end")
        entries = entry.entries()
        fill(below, entries)
        if not entries:
            below.add_command(label=_("None yet"), state="disabled")

    below.configure(postcommand=refill)
    menu.add_cascade(label=entry.label, menu=below)


def show_hindrances(menu: ttk.Menu, entries: Sequence[Entry], *, read_only: bool) -> None:
    """Grey what cannot be done now, and say below why: Tk has no tooltips for menus."""
    last = menu.index("end")
    if last is not None and last >= len(entries):
        menu.delete(len(entries), "end")
    reasons: dict[str, None] = {}
    for index, entry in enumerate(entries):
        if entry is None:
            continue
        reason = _READ_ONLY if entry.changes and read_only else ""
        if not reason and isinstance(entry, Command):
            reason = entry.hindered()
        menu.entryconfigure(index, state="disabled" if reason else "normal")
        if reason:
            reasons[reason] = None
    if reasons:
        menu.add_separator()
    for reason in reasons:
        menu.add_command(label=reason, state="disabled")


def pop_up(
    root: tkinter.Misc, entries: Sequence[Entry], x: int, y: int, *, read_only: bool
) -> ttk.Menu:
    """Show a context menu at a place on the screen; it goes when something else is clicked."""
    menu = ttk.Menu(root, tearoff=False)
    fill(menu, entries)
    show_hindrances(menu, entries, read_only=read_only)
    menu.tk_popup(x, y)
    return menu
