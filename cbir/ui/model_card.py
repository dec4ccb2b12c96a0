"""One kind of weights in the Models dialog: what they are, whether they are here, what to do."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.describe import describe_progress, format_bytes, format_count
from cbir.language import _
from cbir.ui.widgets.text import shown_path
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.work.facts import WeightsOffer, WeightsStatus
from cbir.work.messages import Progress
from cbir.work.pace import Rate

_WIDTH = 720  # pixels at 100 %: the dialog keeps its width, whatever the cards show
_STATES = {
    "verified": (_("Ready, verified"), "SurfaceSuccess.TLabel"),
    "not verified": (_("Ready, not verified"), "SurfaceWarning.TLabel"),
    "damaged": (_("Damaged"), "SurfaceWarning.TLabel"),
    "missing": (_("Not on this computer"), "SurfaceMuted.TLabel"),
}


@dataclass(frozen=True, slots=True)
class CardEvents:
    """What the card's buttons do."""

    on_download: Callable[[], None]
    on_cancel: Callable[[], None]
    on_remove: Callable[[], None]


class ModelCard(ttk.Frame):
    """Shows either how things stand (``show_status``) or a download (``show_progress``)."""

    def __init__(self, parent: tkinter.Misc, offer: WeightsOffer, events: CardEvents) -> None:
        super().__init__(parent, style="Surface.TFrame", padding=scaled(parent, SPACE_L))
        self.columnconfigure(0, weight=1)
        width = ttk.Frame(self, style="Surface.TFrame", width=scaled(self, _WIDTH))
        width.grid(row=6, column=0, columnspan=2)
        self._offer = offer
        self._add_about()
        self._add_buttons(events)
        self._add_state()
        self._add_progress()
        self.show_looking()

    def _add_about(self) -> None:
        offer = self._offer
        purpose = f"{offer.purpose[:1].upper()}{offer.purpose[1:]}."
        facts = _("{size} to download · licence {license}").format(
            size=format_bytes(offer.bytes), license=offer.license
        )
        self._line(0, "SurfaceHeading.TLabel", offer.title)
        self._line(1, "Surface.TLabel", purpose)
        self._line(2, "SurfaceMuted.TLabel", facts)

    def _line(self, row: int, style: str, text: str = "") -> ttk.Label:
        label = ttk.Label(self, text=text, style=style)
        label.grid(row=row, column=0, sticky="w", pady=(0, scaled(self, SPACE_S)))
        return label

    def _add_state(self) -> None:
        self.state_label = self._line(3, "SurfaceMuted.TLabel")
        self.detail = ttk.Label(
            self, style="SurfaceMuted.TLabel", wraplength=scaled(self, _WIDTH), justify="left"
        )
        self.detail.grid(row=4, column=0, columnspan=2, sticky="w")

    def _add_progress(self) -> None:
        self._work = ttk.Frame(self, style="Surface.TFrame")
        self._work.grid(row=5, column=0, columnspan=2, sticky="ew")
        self._work.columnconfigure(0, weight=1)
        self._bar = ttk.Progressbar(self._work, bootstyle="thin")
        self._bar.grid(row=0, column=0, sticky="ew", pady=scaled(self, SPACE_S))
        self.progress = ttk.Label(self._work, style="SurfaceMuted.TLabel")
        self.progress.grid(row=1, column=0, sticky="w")

    def _add_buttons(self, events: CardEvents) -> None:
        row = ttk.Frame(self, style="Surface.TFrame")
        row.grid(row=0, column=1, rowspan=3, sticky="ne", padx=(scaled(self, SPACE_L), 0))
        self.download = ttk.Button(
            row, text=_("Download"), icon="download", command=events.on_download
        )
        self.cancel = ttk.Button(
            row, text=_("Cancel"), bootstyle="neutral", command=events.on_cancel
        )
        self.remove = ttk.Button(
            row, text=_("Remove…"), bootstyle="neutral", icon="trash", command=events.on_remove
        )

    def _show_buttons(self, *buttons: ttk.Button) -> None:
        for button in (self.download, self.cancel, self.remove):
            button.pack_forget()
        for button in buttons:
            button.pack(side="left", padx=(scaled(self, SPACE_M), 0))

    def show_looking(self) -> None:
        """The state is being found out."""
        self.state_label.configure(text=_("Looking…"), style="SurfaceMuted.TLabel")
        self._work.grid_remove()
        self._show_buttons()

    def show_status(self, status: WeightsStatus) -> None:
        """How things stand, and what can be done about it."""
        text, style = _STATES[status.state]
        here = format_count(status.partial_bytes, self._offer.bytes, "bytes")
        begun = bool(status.partial_bytes) and status.state != "verified"
        if begun and status.state == "missing":
            text = _("Only a part is on this computer")
        self.download.configure(
            text=_("Resume ({here})").format(here=here) if begun else _("Download")
        )
        self.state_label.configure(text=text, style=style)
        self._show_detail(status)
        self._work.grid_remove()
        wanted = [self.download] if begun or status.state in ("missing", "damaged") else []
        there = [self.remove] if begun or status.path else []
        self._show_buttons(*wanted, *there)

    def _show_detail(self, status: WeightsStatus) -> None:
        # what to do about missing ones is on the button
        lines = [] if status.state == "missing" else [status.detail]
        if status.path:
            lines.append(f"{shown_path(status.path)} ({format_bytes(status.bytes)})")
        self._say("\n".join(lines))

    def _say(self, detail: str) -> None:
        self.detail.configure(text=detail)
        if detail:
            self.detail.grid()
        else:
            self.detail.grid_remove()

    def show_waiting(self, text: str) -> None:
        """A download was asked for, and nothing has come yet; or it is being cancelled."""
        self.state_label.configure(text=_("Downloading…"), style="SurfaceMuted.TLabel")
        self._say("")
        self.progress.configure(text=text)
        self._work.grid()
        self._show_buttons(self.cancel)

    def show_progress(self, progress: Progress, rate: Rate | None) -> None:
        """How far the download is."""
        self._bar.configure(maximum=progress.total or 1, value=progress.done)
        # when all is here it is hashed, which takes a moment
        whole = progress.done == progress.total
        self.progress.configure(text=_("Checking…") if whole else describe_progress(progress, rate))
