"""The status bar: what happened, on the left; the job under way (``job_bar``), on the right."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from tkinter.font import Font, nametofont
from typing import Literal

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.job_bar import JobBar
from cbir.ui.jobs import Watched
from cbir.ui.widgets.text import fit_end, shown
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_L, SPACE_M, scaled
from cbir.ui.widgets.tooltip import ToolTip

Tone = Literal["", "warning"]
Offer = tuple[str, Callable[[], None]]  # what can be done about it: the button's text and action

_LEAST = 300  # pixels at 100 % that the message keeps beside a job's folder


class StatusBar(ttk.Frame):
    """One line. Long text is cut with an ellipsis and shown whole in a tooltip."""

    def __init__(self, parent: tkinter.Misc, on_skipped: Callable[[], None]) -> None:
        pad = scaled(parent, SPACE_L)
        super().__init__(parent, padding=(pad, scaled(parent, 6)), height=scaled(parent, 36))
        self.pack_propagate(False)
        self.message = ""
        self._font: Font = nametofont(SMALL_FONT, root=self)
        self._gap = scaled(self, SPACE_M)
        self.job = JobBar(self, on_skipped)
        self.badge = ttk.Label(
            self, icon="lock", icon_size=12, text=_(" Read-only"), style="Warning.TLabel"
        )
        self._badge_tip = ToolTip(self.badge, text="", delay=300)
        self._label = ttk.Label(self, font=SMALL_FONT)
        self._tip = ToolTip(self._label, text="", delay=600)
        self.offer = ttk.Button(self, bootstyle="primary-link", padding=0)
        self._offered = False
        self._label.pack(side="left", fill="x", expand=True)
        self._label.bind("<Configure>", self._fit, add="+")

    @property
    def visible(self) -> str:
        """The message as it fits."""
        return str(self._label.cget("text"))

    def say(self, message: str, tone: Tone = "", offer: Offer | None = None) -> None:
        """Say what happened, in one line, until something else is said; ``offer`` goes with it."""
        self.message = shown(" ".join(message.split()))
        self._offered = offer is not None
        if offer is not None:
            self.offer.configure(text=offer[0], command=offer[1])
        self._label.configure(style="Warning.TLabel" if tone else "TLabel", font=SMALL_FONT)
        self._fit()

    def _fit(self, _event: object = None) -> None:
        beside = self.offer.winfo_reqwidth() + self._gap if self._offered else 0
        room = max(self._label.winfo_width() - 4 - beside, 40)
        text = fit_end(self.message, self._font.measure, room)
        if text != self._label.cget("text"):
            self._label.configure(text=text)
        if self._offered:
            right = self._font.measure(text) + self._gap
            self.offer.place(in_=self._label, x=right, rely=0.5, anchor="w")
        else:
            self.offer.place_forget()
        self._tip.configure(text=self.message if text != self.message else "")

    def show_read_only(self, reason: str) -> None:
        """Say that the library can only be read; "" where it can be written."""
        if reason:
            self._badge_tip.configure(text=reason)
            self.badge.pack(side="left", padx=(0, self._gap), before=self._label)
        else:
            self.badge.pack_forget()

    def show_jobs(self, jobs: Sequence[Watched]) -> None:
        """Show the first of the jobs under way, and how many more wait."""
        if not self.job.show(jobs, self.winfo_width() - scaled(self, _LEAST)):
            self.job.pack_forget()
        elif not self.job.winfo_manager():
            self.job.pack(side="right", before=self._label)
