"""About: what this is, and the versions that matter when something is reported."""

from __future__ import annotations

import platform
import tkinter
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import ttkbootstrap as ttk

from cbir import __version__
from cbir.config import Settings
from cbir.language import _
from cbir.ui.widgets.dialogs import copy
from cbir.ui.widgets.sheet import WRAP, Choice, Sheet, nothing
from cbir.ui.widgets.text import shown_path
from cbir.ui.widgets.theme import SPACE_L, scaled

_PARTS = ("torch", "torchvision", "transformers", "numpy", "Pillow", "matplotlib", "ttkbootstrap")
_OPTIONAL = ("tkinterdnd2", "watchdog", "pillow-heif", "rawpy")


def show_about(parent: tkinter.Misc, settings: Settings) -> Sheet:
    """What this is, with versions and a button that copies them."""
    sheet = Sheet(parent, _("About cbir"))
    sheet.add_text("cbir", style="Title.TLabel")
    sheet.add_text(_("Finds pictures by what is in them. Free software under the MIT licence."))
    pairs = details(parent, settings)
    frame = ttk.Frame(sheet.body)
    frame.pack(fill="both", expand=True)
    for row, (name, value) in enumerate(pairs):
        pad = scaled(sheet, 2)
        ttk.Label(frame, text=name, style="Muted.TLabel").grid(
            row=row, column=0, sticky="nw", padx=(0, scaled(sheet, SPACE_L)), pady=pad
        )
        ttk.Label(frame, text=value, wraplength=scaled(sheet, WRAP)).grid(
            row=row, column=1, sticky="w", pady=pad
        )
    lines = "\n".join(f"{name}: {value}" for name, value in pairs)
    sheet.add_buttons(
        [
            Choice(_("Copy details"), lambda: copy(sheet, lines), closes=False),
            Choice(_("Close"), nothing, primary=True),
        ]
    )
    sheet.present()
    return sheet


def details(widget: tkinter.Misc, settings: Settings) -> Sequence[tuple[str, str]]:
    """Names and values; versions are read from what is installed, nothing is loaded for it."""
    optional = [f"{name} {_version(name)}" for name in _OPTIONAL if _version(name)]
    return (
        ("cbir", __version__),
        ("Python", platform.python_version()),
        (
            "Tk",
            _("{version} on {windowing}").format(
                version=widget.tk.call("info", "patchlevel"), windowing=_windowing(widget)
            ),
        ),
        *((name, _version(name) or _("not installed")) for name in _PARTS),
        (_("Optional parts"), ", ".join(optional) or "none"),
        (_("System"), platform.platform()),
        (_("Models run on"), settings.device),
        (_("Library"), shown_path(str(settings.library))),
        (_("Log"), shown_path(str(settings.log_file))),
    )


def _windowing(widget: tkinter.Misc) -> str:
    size = f"{widget.winfo_screenwidth()} × {widget.winfo_screenheight()}"
    scale = round(100 * scaled(widget, 100) / 100)
    return _("{version}, {size} at {scale} %").format(
        version=widget.tk.call("tk", "windowingsystem"), size=size, scale=scale
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
