"""Choosing a file or a folder: the system's own dialogs, and on X11 ttkbootstrap's themed ones."""

from __future__ import annotations

import os
import tkinter
from typing import Any

import platformdirs
import ttkbootstrap as ttk
from ttkbootstrap.dialogs.filedialog import DIRECTORY, FileDialog

from cbir.language import _

_USUAL = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic")


class FolderDialog(FileDialog):
    """ttkbootstrap's chooser of a folder, which takes what its entry says.

    Its own takes the selected row or the folder listed, whatever was typed.
    """

    def _navigate(self, path: str) -> None:
        super()._navigate(path)
        self._name_var.set(self._cwd)
        self._name_entry.selection_range(0, "end")

    def _on_ok(self) -> None:
        typed = os.path.expanduser(self._name_var.get().strip())
        folder = os.path.abspath(os.path.join(self._cwd, typed))
        if os.path.isdir(folder):
            self._accept(folder)
        else:
            self._name_entry.bell()
            self._name_entry.selection_range(0, "end")


def choose_image(
    parent: tkinter.Misc, title: str = _("Open image"), folder: str = ""
) -> str | None:
    """Let the user choose a picture file; None where they cancelled."""
    chosen = ttk.Querybox.get_open_filename(parent, **_of_pictures(title, folder))
    return str(chosen) if chosen else None


def choose_images(parent: tkinter.Misc, title: str, folder: str = "") -> tuple[str, ...]:
    """Let the user choose one picture file or several; none where they cancelled."""
    chosen = ttk.Querybox.get_open_filenames(parent, **_of_pictures(title, folder))
    return tuple(map(str, chosen or ()))


def _of_pictures(title: str, folder: str) -> dict[str, Any]:
    # The X11 dialog is as wide as this list: the usual ones, by the names that cameras give.
    patterns = " ".join(f"*{suffix}" for suffix in (*_USUAL, *(s.upper() for s in _USUAL[:3])))
    filetypes = [(_("Pictures"), patterns), (_("All files"), "*")]
    return {"title": title, "initialdir": folder or usual_folder(), "filetypes": filetypes}


def choose_folder(parent: tkinter.Misc, title: str, folder: str = "") -> str | None:
    """Let the user choose a folder; None where they cancelled."""
    chosen: Any
    if parent.tk.call("tk", "windowingsystem") == "x11":
        start = folder or usual_folder()
        chosen = FolderDialog(parent, title=title, mode=DIRECTORY, initialdir=start).show()
    else:
        chosen = ttk.Querybox.get_directory(
            parent, title=title, initialdir=folder or usual_folder()
        )
    return str(chosen) if chosen else None


def choose_new_file(parent: tkinter.Misc, title: str, name: str, folder: str = "") -> str | None:
    """Let the user choose where a file like ``name`` is written; None where they cancelled.

    The dialog asks before it gives the name of a file that is there already.
    """
    ending = os.path.splitext(name)[1]
    chosen = ttk.Querybox.get_save_filename(
        parent,
        title=title,
        initialdir=folder or usual_folder(),
        initialfile=name,
        defaultextension=ending,
        filetypes=[(ending[1:].upper(), f"*{ending}"), (_("All files"), "*")],
    )
    return str(chosen) if chosen else None


def choose_library(parent: tkinter.Misc, title: str, folder: str) -> str | None:
    """Let the user choose a library file; None where they cancelled."""
    filetypes = [(_("Libraries"), "*.npz"), (_("All files"), "*")]
    chosen = ttk.Querybox.get_open_filename(
        parent, title=title, initialdir=folder, filetypes=filetypes
    )
    return str(chosen) if chosen else None


def usual_folder() -> str:
    """Where pictures usually are: the user's folder for them, else the home folder."""
    pictures = platformdirs.user_pictures_dir()
    return pictures if os.path.isdir(pictures) else os.path.expanduser("~")
