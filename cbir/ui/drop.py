"""Files dropped on the window, where tkinterdnd2 is there: pictures search, folders index."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from urllib.parse import unquote, urlparse

import ttkbootstrap as ttk


def accept_drops(root: ttk.App, on_paths: Callable[[Sequence[str]], None]) -> bool:
    """Call ``on_paths`` with what is dropped on the window; False where that is not possible."""
    try:
        from tkinterdnd2 import DND_FILES, TkinterDnD  # noqa: PLC0415 - an optional extra
    except ImportError:
        return False
    try:
        TkinterDnD.require(root)
    except RuntimeError:  # its binaries do not fit this system
        return False

    def dropped(data: str) -> str:
        on_paths(dropped_paths(root.tk.splitlist(data)))
        return "copy"

    # the package gives its methods to widgets, not to a root: it is registered as they would do
    root.tk.call("tkdnd::drop_target", "register", str(root), DND_FILES)
    root.tk.call("bind", str(root), "<<Drop>>", f"{root.register(dropped)} %D")
    return True


def dropped_paths(items: Sequence[str]) -> list[str]:
    """Paths from what was dropped: names of files, or ``file:`` addresses."""
    return [_path(item) for item in items if item]


def _path(item: str) -> str:
    if not item.startswith("file:"):
        return item
    path = unquote(urlparse(item).path, errors="surrogateescape")
    return path.lstrip("/") if os.name == "nt" else path
