"""Completes what is typed from known words, in a list below the entry; the entry keeps the keys."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from typing import Any

from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import BODY_FONT, SPACE_M, palette, scaled

_MOST = 8


def completions(typed: str, known: Sequence[str], most: int = _MOST) -> list[str]:
    """Those of ``known``, in their order, that begin with what is typed after the last comma.

    Then those in which it begins a later word. What stands before another comma is left out, and
    so is what is typed in full already.
    """
    *before, last = (part.strip().casefold() for part in typed.split(","))
    if not last:
        return []
    rest = [word for word in known if word.casefold() not in (*before, last)]
    starts = [word for word in rest if word.casefold().startswith(last)]
    inside = [word for word in rest if word not in starts and f" {last}" in f" {word.casefold()}"]
    return (starts + inside)[:most]


def completed(typed: str, word: str) -> str:
    """What is typed, with its part after the last comma replaced by ``word``."""
    before, comma, _ = typed.rpartition(",")
    return f"{before}{comma}{' ' if comma else ''}{word}"


class Completion:
    """Offers words of ``known`` under ``entry`` while something is typed there.

    Down and Up choose one, Tab takes it (or the first) into the entry, a click any, Esc closes the
    list. What Enter does is the entry's own affair: it may ask for ``take_chosen`` first.
    """

    def __init__(self, entry: tkinter.ttk.Entry, known: Sequence[str] = ()) -> None:
        self.known = known
        self._entry = entry
        self._list: tkinter.Listbox | None = None
        self._words: list[str] = []
        keys: dict[str, Callable[[], bool]] = {
            "<Down>": lambda: self._move(1),
            "<Up>": lambda: self._move(-1),
            "<Tab>": lambda: self._take(self._chosen or 0),
            "<Escape>": self.close,
        }
        for key, act in keys.items():
            entry.bind(key, _used(act), add="+")
        entry.bind("<KeyRelease>", self._typed, add="+")
        for sequence in ("<FocusOut>", "<Unmap>", "<Destroy>"):
            entry.bind(sequence, lambda _: self.close(), add="+")

    @property
    def offered(self) -> tuple[str, ...]:
        """What the open list holds."""
        return tuple(self._words) if self._list is not None else ()

    def take_chosen(self) -> bool:
        """Put the word that was chosen with the arrows into the entry; whether one was."""
        return self._chosen is not None and self._take(self._chosen)

    def close(self) -> bool:
        """Close the list; whether it was open."""
        opened, self._list = self._list, None
        if opened is not None:
            opened.destroy()
        return opened is not None

    @property
    def _chosen(self) -> int | None:
        chosen = self._list.curselection() if self._list is not None else ()
        return int(chosen[0]) if chosen else None

    def _typed(self, event: tkinter.Event[Any]) -> None:
        if event.keysym in ("Up", "Down", "Tab", "Escape", "Return", "KP_Enter"):
            return
        words = completions(self._entry.get(), self.known)
        if words != list(self.offered):
            self.close()
            if words:
                self._open(words)

    def _open(self, words: list[str]) -> None:
        colours = palette(self._entry)
        opened = tkinter.Listbox(
            self._entry.winfo_toplevel(),
            height=len(words),
            font=BODY_FONT,
            activestyle="none",
            exportselection=False,
            takefocus=False,
            relief="flat",
            borderwidth=scaled(self._entry, SPACE_M),
            background=colours.surface,
            foreground=colours.text,
            selectbackground=colours.selection,
            selectforeground=colours.text,
            highlightthickness=1,
            highlightbackground=colours.border,
            highlightcolor=colours.border,
        )
        opened.insert("end", *map(shown, words))
        opened.bind("<Button-1>", self._clicked)
        self._words, self._list = words, opened
        below = self._entry.winfo_rooty() + self._entry.winfo_height() + opened.winfo_reqheight()
        bottom = opened.master.winfo_rooty() + opened.master.winfo_height()
        where = {"rely": 1.0, "anchor": "nw"} if below <= bottom else {"rely": 0.0, "anchor": "sw"}
        opened.place(in_=self._entry, relx=0.0, relwidth=1.0, **where)  # type: ignore[arg-type]
        tkinter.Misc.lift(opened)

    def _clicked(self, event: tkinter.Event[Any]) -> str:
        if self._list is not None:
            self._take(int(self._list.nearest(event.y)))
        return "break"

    def _move(self, step: int) -> bool:
        """Choose the next word or the one before; whether the list is open."""
        if self._list is None:
            return False
        last = len(self._words) - 1
        place = (0 if step > 0 else last) if self._chosen is None else self._chosen + step
        place = min(max(place, 0), last)
        self._list.selection_clear(0, "end")
        self._list.selection_set(place)
        return True

    def _take(self, place: int) -> bool:
        if self._list is None:
            return False
        text = completed(self._entry.get(), self._words[place])
        self.close()
        self._entry.delete(0, "end")
        self._entry.insert(0, text)
        self._entry.icursor("end")
        return True


def _used(act: Callable[[], bool]) -> Callable[[object], str | None]:
    """A key that goes no further where it meant something here."""

    def run(_event: object) -> str | None:
        return "break" if act() else None

    return run
