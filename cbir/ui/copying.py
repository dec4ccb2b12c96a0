"""What goes on the clipboard, by Tk alone: files for a file manager, a picture for an editor."""

from __future__ import annotations

import base64
import tkinter
from collections.abc import Sequence
from pathlib import Path


def takes_more_than_text(widget: tkinter.Misc) -> bool:
    """Whether Tk can put more than text on this system's clipboard: only on X11."""
    return str(widget.tk.call("tk", "windowingsystem")) == "x11"


def copy_files(widget: tkinter.Misc, paths: Sequence[str]) -> None:
    """Put files on the clipboard: to be pasted in a file manager, or as text, a path a line.

    As the desktops of X11 agree: ``text/uri-list`` (RFC 2483), and what GNOME's, Xfce's and
    others' file managers take for a copy. Elsewhere it is the text alone.
    """
    widget.clipboard_clear()
    widget.clipboard_append("\n".join(paths).encode("utf-8", "replace").decode("utf-8"))
    if takes_more_than_text(widget):
        uris = [Path(path).as_uri() for path in paths]
        lines = "".join(f"{uri}\r\n" for uri in uris)
        _append(widget, lines, "text/uri-list")
        _append(widget, "\n".join(["copy", *uris]), "x-special/gnome-copied-files")


def _append(widget: tkinter.Misc, text: str, kind: str) -> None:
    widget.clipboard_append(text, type=kind, format="UTF8_STRING")


def copy_png(widget: tkinter.Misc, png: bytes) -> None:
    """Put a picture on X11's clipboard, where ``takes_more_than_text``.

    Tk sends what has the format STRING as Latin-1, one byte a character. It is made in Tcl, since
    zeros would not survive on their way from Python.
    """
    widget.clipboard_clear()
    coded = base64.b64encode(png).decode("ascii")  # which means nothing else in Tcl
    picture = f"[encoding convertfrom iso8859-1 [binary decode base64 {coded}]]"
    widget.tk.eval(f"clipboard append -type image/png -format STRING -- {picture}")
