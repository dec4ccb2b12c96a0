"""What is known of a picture, in two columns: of its file, of its spaces, of the camera."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Mapping
from datetime import datetime

import ttkbootstrap as ttk

from cbir.images import Metadata
from cbir.language import _
from cbir.records import SPACE_TITLES, Record
from cbir.ui.widgets.pill import Flow, Pill, pill_height
from cbir.ui.widgets.text import file_size, local_time, shown
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_L, SPACE_S, scaled

_FILE = (_("Taken"), _("Dimensions"), _("Format"), _("File size"), _("Modified"), _("Id"))
_CAMERA = (_("Camera"), _("Lens"), _("Exposure"), _("Place"))  # only where the file tells them
_UNKNOWN = "–"


class Facts(tkinter.ttk.Frame):
    """A table. What comes later has its line already, or comes at the end, so nothing jumps."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent)
        self.columnconfigure(1, weight=1)
        self._titles: dict[str, ttk.Label] = {}
        self._values: dict[str, ttk.Label] = {}
        self._pad = scaled(self, SPACE_S) // 2
        for title in _FILE:
            self._add_row(title)
        row = len(_FILE)
        spaces = ttk.Label(self, text=_("Spaces"), style="Muted.TLabel")
        spaces.grid(row=row, column=0, sticky="nw", padx=(0, self._gap), pady=self._pad)
        self._spaces = Flow(self)
        self._spaces.grid(row=row, column=1, sticky="ew", pady=self._pad)
        self.rowconfigure(row, minsize=pill_height(self) + 2 * self._pad)
        for title in _CAMERA:
            self._add_row(title, shown=False)
        self.bind("<Configure>", lambda _: self._wrap())

    @property
    def _gap(self) -> int:
        return scaled(self, SPACE_L)

    def _add_row(self, title: str, *, shown: bool = True) -> None:
        label = ttk.Label(self, text=title, style="Muted.TLabel")
        value = ttk.Label(self, font=SMALL_FONT, anchor="w", justify="left")
        self._titles[title], self._values[title] = label, value
        if shown:
            self._place_row(title)

    def _place_row(self, title: str) -> None:
        row = (*_FILE, _("Spaces"), *_CAMERA).index(title)
        pad = self._pad
        self._titles[title].grid(row=row, column=0, sticky="nw", padx=(0, self._gap), pady=pad)
        self._values[title].grid(row=row, column=1, sticky="ew", pady=pad)

    def show(self, record: Record, spaces: Mapping[str, bool], *, another: bool) -> None:
        """Fill the table; ``spaces`` tells for each space whether it holds the picture's vector.

        Of ``another`` picture than before nothing is known of the camera yet.
        """
        file = record.file
        self._put(_("Taken"), tell_moment(file.taken_at) or _UNKNOWN)
        self._put(
            _("Dimensions"),
            _("{width:,} × {height:,} pixels").format(width=file.width, height=file.height),
        )
        self._put(_("File size"), file_size(file.size))
        self._put(_("Modified"), local_time(file.mtime_ns))
        self._put(_("Id"), str(record.id))
        if another:
            self.show_metadata(Metadata())
        for pill in self._spaces.winfo_children():
            pill.destroy()
        for space, held in spaces.items():
            title = SPACE_TITLES.get(space, space)
            tip = _("Can be searched in this space.") if held else _("No vector in this space yet.")
            Pill(self._spaces, title, kind="accent" if held else "quiet", tip=f"{title}: {tip}")
        self._spaces.arrange()

    def show_metadata(self, metadata: Metadata) -> None:
        """What the file tells of the camera; lines without an answer are left out."""
        self._put(_("Format"), tell_format(metadata) or _UNKNOWN)
        told = (metadata.camera, metadata.lens, tell_exposure(metadata), tell_place(metadata.place))
        for title, text in zip(_CAMERA, told, strict=True):
            self._put(title, shown(text))
            if text:
                self._place_row(title)
            else:
                self._titles[title].grid_forget()
                self._values[title].grid_forget()

    def _put(self, title: str, text: str) -> None:
        self._values[title].configure(text=text)

    def _wrap(self) -> None:
        """Break long lines where the table ends."""
        titles = max(label.winfo_reqwidth() for label in self._titles.values())
        width = max(1, self.winfo_width() - titles - self._gap)
        for value in self._values.values():
            value.configure(wraplength=width)


def tell_moment(moment: datetime | None) -> str:
    """A camera's time: ``4 Jul 2019, 12:30``."""
    return "" if moment is None else f"{moment.day} {moment:%b} {moment.year}, {moment:%H:%M}"


def tell_format(metadata: Metadata) -> str:
    """``JPEG, RGB``."""
    return ", ".join(part for part in (metadata.format, metadata.mode) if part)


def tell_exposure(metadata: Metadata) -> str:
    """``1/250 s · f/4 · ISO 200 · 50 mm``, of what is told."""
    seconds, parts = metadata.seconds, []
    if seconds is not None:
        fraction = seconds < 0.3 and abs(1 / seconds - round(1 / seconds)) < 0.05 / seconds
        parts.append(f"1/{1 / seconds:.0f} s" if fraction else f"{seconds:.3g} s")
    if metadata.f_number is not None:
        parts.append(f"f/{metadata.f_number:.3g}")
    if metadata.iso is not None:
        parts.append(_("ISO {iso:.0f}").format(iso=metadata.iso))
    if metadata.focal_length is not None:
        parts.append(_("{focal_length:.3g} mm").format(focal_length=metadata.focal_length))
    return " · ".join(parts)


def tell_place(place: tuple[float, float] | None) -> str:
    """``41.3879° N, 2.1699° E``."""
    if place is None:
        return ""
    latitude, longitude = place
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f}° {north}, {abs(longitude):.4f}° {east}"
