"""The root window's own affairs: title, icon, size and place, remembered and kept on the screen.

The title tells how far a job is, so that the taskbar does.
"""

from __future__ import annotations

import contextlib
import re
import tkinter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.state import WindowState
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import scaled

_SMALLEST = (1024, 700)  # pixels at 100 %
_USUAL = (1280, 800)
_ABOVE = 72  # title bar and, on X11, menu bar: Tk's height of a window leaves them out
_GEOMETRY = re.compile(r"(\d+)x(\d+)([+-]-?\d+)([+-]-?\d+)")


class WindowFrame:
    """Places ``root`` as it was the last time, and tells where it is now."""

    def __init__(self, root: ttk.App, state: WindowState, library: Path) -> None:
        self._root = root
        self._library = library
        self._icon: tkinter.PhotoImage | None = None
        self._read_only = False
        self._percent: int | None = None
        self._show_title()
        self._show_icon()
        self._place(state)

    def raise_window(self) -> None:
        """Come to the front, with the keyboard, as far as the system lets a program do that."""
        self._root.deiconify()
        self._root.lift()
        self._root.focus_force()

    def show_library(self, library: Path) -> None:
        """Another library is open from now on."""
        self._library, self._read_only, self._percent = library, False, None
        self._show_title()

    def show_read_only(self, read_only: bool) -> None:
        """Say whether the library can only be read."""
        self._read_only = read_only
        self._show_title()

    def show_percent(self, percent: int | None) -> None:
        """Say how much of the job under way is done; None where there is nothing to tell."""
        if percent != self._percent:
            self._percent = percent
            self._show_title()

    def _show_title(self) -> None:
        progress = "" if self._percent is None else f"{self._percent} % · "
        mark = _(" (read-only)") if self._read_only else ""
        self._root.title(
            _("{progress}{name} – cbir{mark}").format(
                progress=progress, name=shown(self._library.name), mark=mark
            )
        )

    def _show_icon(self) -> None:
        icon = files("cbir.ui") / "icon.png"
        if icon.is_file():
            self._icon = tkinter.PhotoImage(master=self._root, data=icon.read_bytes())
            self._root.iconphoto(True, self._icon)

    def _place(self, state: WindowState) -> None:
        root = self._root
        above = scaled(root, _ABOVE)
        screen = root.winfo_screenwidth(), root.winfo_screenheight() - above
        smallest = (min(scaled(root, _SMALLEST[n]), screen[n]) for n in (0, 1))
        root.minsize(*smallest)
        root.geometry(fitting(state.geometry, screen) or self._usual(screen))
        if state.zoomed:
            self._zoom()

    def _usual(self, screen: tuple[int, int]) -> str:
        width, height = (min(scaled(self._root, _USUAL[n]), screen[n]) for n in (0, 1))
        return f"{width}x{height}"

    def _zoom(self) -> None:
        with contextlib.suppress(tkinter.TclError):  # a window manager that cannot
            if self._root.tk.call("tk", "windowingsystem") == "x11":
                self._root.attributes("-zoomed", True)
            else:
                self._root.state("zoomed")

    def remember(self, state: WindowState) -> WindowState:
        """The state with size and place as they are now; those of before, where it is zoomed."""
        if self._is_zoomed():
            return replace(state, zoomed=True)
        return replace(state, zoomed=False, geometry=str(self._root.geometry()))

    def _is_zoomed(self) -> bool:
        if self._root.tk.call("tk", "windowingsystem") == "x11":
            return bool(self._root.attributes("-zoomed"))
        return str(self._root.state()) == "zoomed"


def place_over(
    window: tkinter.Toplevel, parent: ttk.App, geometry: str, smallest: tuple[int, int]
) -> None:
    """Put a window where it was the last time, else over its parent, as far as the screen goes.

    ``smallest`` is its least size in pixels at 100 %.
    """
    screen = parent.winfo_screenwidth(), parent.winfo_screenheight()
    left, top = parent.winfo_rootx(), parent.winfo_rooty()
    over = f"{parent.winfo_width()}x{parent.winfo_height()}{left:+d}{top:+d}"
    window.minsize(*(min(scaled(window, smallest[n]), screen[n]) for n in (0, 1)))
    window.geometry(fitting(geometry or over, screen))


def fitting(geometry: str, screen: tuple[int, int]) -> str:
    """``geometry`` moved and cut so that it lies on a screen of this size; "" where it is none."""
    parts = _GEOMETRY.fullmatch(geometry)
    if parts is None:
        return ""
    width, height = (min(int(parts[n]), most) for n, most in ((1, screen[0]), (2, screen[1])))
    x = min(max(_offset(parts[3]), 0), screen[0] - width)
    y = min(max(_offset(parts[4]), 0), screen[1] - height)
    return f"{width}x{height}+{x}+{y}"


def _offset(text: str) -> int:
    """A place from the left or top edge: ``+12``; ``+-12`` lies beyond it, ``-12`` is unusual."""
    return int(text.replace("+-", "-").replace("--", "").lstrip("+"))
