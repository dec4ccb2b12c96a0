"""Text that fits: file names as they may be shown, cut with an ellipsis to a width in pixels.

Widths come from a ``measure`` function (a Tk font's ``measure``), so nothing here needs a window.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from cbir.language import counted

Measure = Callable[[str], int]

ELLIPSIS = "…"
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_UNITS = ("kB", "MB", "GB", "TB")


def shown(text: str) -> str:
    """``text`` in one line that any font can draw.

    Control characters, lone surrogates (bytes of a name that are not UTF-8) and characters that
    reorder a line (``photo\\u202egpj.exe``) become the replacement character.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in _UNSEEN else c for c in text)


def shown_name(path: str) -> str:
    """The file name of ``path``, as ``shown``."""
    return shown(os.path.basename(path))


def shown_path(path: str) -> str:
    """``path``, as ``shown``, with the user's home folder as ``~``."""
    home = os.path.expanduser("~").rstrip(os.sep)
    inside = bool(home) and (path + os.sep).startswith(home + os.sep)
    return shown(f"~{path[len(home) :]}" if inside else path)


def telling_folders(paths: Sequence[str]) -> list[str]:
    """As much of the end of each path's folder as tells it from the others of its file name.

    "" where no other has the name. The paths are absolute.
    """
    told = [""] * len(paths)
    folders = [tuple(os.path.dirname(path).split(os.sep)) for path in paths]
    names = [os.path.basename(path) for path in paths]
    left = list(range(len(paths)))
    for depth in range(1 + max(map(len, folders), default=0)):
        tails = [(names[at], folders[at][-depth:] if depth else ()) for at in left]
        shared = Counter(tails)
        for at, (_name, tail) in zip(left, tails, strict=True):
            told[at] = os.sep.join(tail)
        left = [at for at, tail in zip(left, tails, strict=True) if shared[tail] > 1]
    return told


def fit_end(text: str, measure: Measure, width: int) -> str:
    """The longest start of ``text`` that fits ``width`` pixels, with an ellipsis where cut.

    Nothing but the ellipsis is left where not even one character fits beside it.
    """
    if measure(text) <= width:
        return text
    kept = _most(len(text), lambda n: measure(text[:n].rstrip() + ELLIPSIS) <= width)
    return text[:kept].rstrip() + ELLIPSIS


def fit_middle(text: str, measure: Measure, width: int) -> str:
    """``text`` cut in its middle to fit ``width`` pixels: file names differ at both ends."""
    if measure(text) <= width:
        return text
    kept = _most(len(text), lambda n: measure(_without_middle(text, n)) <= width)
    return _without_middle(text, kept)


def _without_middle(text: str, kept: int) -> str:
    """``kept`` characters of ``text``, the odd one at the start, around an ellipsis."""
    tail = kept // 2
    return text[: kept - tail] + ELLIPSIS + (text[-tail:] if tail else "")


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest n in 0..limit for which ``fits`` holds (0 where it never does), by bisection."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def file_size(size: int) -> str:
    """Bytes for people, in decimal units as file managers show them: ``640 bytes``, ``1.4 MB``."""
    if size < 1000:
        return counted("{count} byte", "{count} bytes", size)
    value = float(size)
    for unit in _UNITS:
        value /= 1000
        if value < 999.5 or unit == _UNITS[-1]:
            break
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def local_time(mtime_ns: int) -> str:
    """Nanoseconds since the epoch as local time (``5 Mar 2024, 14:07``), ``unknown`` if absurd."""
    try:
        moment = datetime.fromtimestamp(mtime_ns / 1e9)
    except (OverflowError, OSError, ValueError):
        return "unknown"
    return f"{moment.day} {moment:%b %Y, %H:%M}"


class Fitter:
    """Fits text in one font; remembers what it worked out, as the same names are drawn often."""

    def __init__(self, measure: Measure, remembered: int = 5000) -> None:
        self._measure = measure
        self._remembered = remembered
        self._fitted: dict[tuple[str, int], str] = {}
        self._widths: dict[str, int] = {}

    def width(self, text: str) -> int:
        """The width of ``text`` in pixels."""
        if text not in self._widths:
            self._forget_many()
            self._widths[text] = self._measure(text)
        return self._widths[text]

    def middle(self, text: str, width: int) -> str:
        """``fit_middle`` to ``width`` pixels."""
        if (text, width) not in self._fitted:
            self._forget_many()
            self._fitted[text, width] = fit_middle(text, self._measure, width)
        return self._fitted[text, width]

    def _forget_many(self) -> None:
        for memory in (self._fitted, self._widths):
            if len(memory) >= self._remembered:
                memory.clear()
