"""What is on the clipboard, as far as Tk itself can tell: text, files, or a picture."""

from __future__ import annotations

import tkinter
from dataclasses import dataclass

from cbir.ui.drop import dropped_paths

_FILES = "text/uri-list"
_PICTURES = ("image/png", "image/jpeg", "image/bmp", "image/tiff", "PNG")
_TEXTS = ("UTF8_STRING", "STRING", "TEXT", "text/plain")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was found. ``picture``: there is one, or may be; ``png`` is it, where Tk can read it."""

    files: tuple[str, ...] = ()
    text: str = ""
    picture: bool = False
    png: bytes | None = None


def read_clipboard(widget: tkinter.Misc) -> Pasted:
    """The clipboard's content: files before text, text before a picture.

    What was copied as text may be offered as its picture too, as the cells of a table are; what was
    copied as a picture is not offered as text.
    """
    kinds = _get(widget, "TARGETS").split()
    if not kinds and widget.tk.call("tk", "windowingsystem") != "x11":
        text = _get(widget, "STRING")  # there Tk knows of text alone
        return Pasted(text=text, picture=not text)
    if _FILES in kinds:
        lines = _get(widget, _FILES).split()
        paths = dropped_paths([line for line in lines if line.startswith("file:")])
        if paths:
            return Pasted(files=tuple(paths))
    text = _get(widget, "UTF8_STRING") if set(kinds) & set(_TEXTS) else ""
    if not text.strip() and any(kind in kinds for kind in _PICTURES):
        return Pasted(picture=True, png=_png(widget) if "image/png" in kinds else None)
    return Pasted(text=text)


def _get(widget: tkinter.Misc, kind: str) -> str:
    try:
        return str(widget.selection_get(selection="CLIPBOARD", type=kind))
    except (tkinter.TclError, UnicodeDecodeError):
        return ""


def _png(widget: tkinter.Misc) -> bytes | None:
    """Tk hands bytes over as hexadecimal numbers; large ones it cannot."""
    try:
        numbers = _get(widget, "image/png").split()
        png = bytes(int(number, 16) & 0xFF for number in numbers)
    except ValueError:
        return None
    return png if png.startswith(b"\x89PNG") and b"IEND" in png[-12:] else None
