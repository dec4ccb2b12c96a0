"""The job under way: what it is, how far, how fast, how long yet, in which folder; and Cancel."""

from __future__ import annotations

import time
import tkinter
from collections.abc import Callable, Sequence
from tkinter.font import Font, nametofont

import ttkbootstrap as ttk

from cbir.describe import describe_progress
from cbir.language import _
from cbir.ui.jobs import Watched
from cbir.ui.widgets.text import fit_end, fit_middle, shown_path
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_M, scaled
from cbir.ui.widgets.tooltip import ToolTip

_QUICK_SECONDS = 0.4  # a job that ends sooner is not worth a progress bar
_TITLE = 260  # pixels at 100 %; a job may be named after many folders
_NOTE = (80, 260)  # pixels at 100 %: below the first the folder says nothing


class JobBar(ttk.Frame):
    """Shows the first of the jobs; what does not fit is in a tooltip."""

    def __init__(self, parent: tkinter.Misc, on_skipped: Callable[[], None]) -> None:
        super().__init__(parent)
        self._font: Font = nametofont(SMALL_FONT, root=self)
        self._gap = scaled(self, SPACE_M)
        self._front: Watched | None = None
        self._title = ttk.Label(self, font=SMALL_FONT)
        self._note = ttk.Label(self, style="Muted.TLabel")
        self._tips = [ToolTip(label, text="", delay=300) for label in (self._title, self._note)]
        self._bar = ttk.Progressbar(self, length=scaled(self, 160), bootstyle="thin")
        self._bar_runs = False
        self.skipped = ttk.Button(self, bootstyle="link", padding=0, command=on_skipped)
        self.cancel = ttk.Button(
            self, text=_("Cancel"), bootstyle="ghost", padding=(8, 0), command=self._cancel
        )
        self._title.pack(side="left", padx=(self._gap, 0))
        self._bar.pack(side="left", padx=self._gap)
        self.cancel.pack(side="right")

    @property
    def title(self) -> str:
        """What is said of the job: its name, how far, how fast, how long yet."""
        return str(self._title.cget("text"))

    @property
    def note(self) -> str:
        """The folder at work, as it fits; empty where it does not."""
        return str(self._note.cget("text")) if self._note.winfo_manager() else ""

    @property
    def whole_note(self) -> str:
        """The folder at work, as the tooltip has it."""
        return str(self._tips[0].text)

    def show(self, jobs: Sequence[Watched], width: int) -> bool:
        """Show the first of ``jobs`` in ``width`` pixels; whether there is one worth it."""
        now = time.monotonic()
        worth = [job for job in jobs if job.progress or now - job.since > _QUICK_SECONDS]
        self._front = worth[0] if worth else None
        if self._front is None:
            self._stop_bar()
            return False
        self._show_progress(self._front)
        self._show_title(self._front, waiting=len(worth) - 1)
        self._show_skipped(self._front.progress.skipped if self._front.progress else 0)
        cancelled = self._front.job.cancelled
        self.cancel.configure(
            state="disabled" if cancelled else "normal",
            text=_("Cancelling…") if cancelled else _("Cancel"),
        )
        self._show_note(self._front, width)
        return True

    def _show_title(self, entry: Watched, waiting: int) -> None:
        more = _("  (+{waiting} waiting)").format(waiting=waiting) if waiting else ""
        title = fit_end(entry.title, self._font.measure, scaled(self, _TITLE))
        self._title.configure(text=title + _how_far(entry) + more)

    def _show_progress(self, entry: Watched) -> None:
        progress = entry.progress
        if progress is not None and progress.total:
            self._stop_bar()
            self._bar.configure(mode="determinate", maximum=progress.total, value=progress.done)
        elif not self._bar_runs:
            self._bar.configure(mode="indeterminate", value=0)
            self._bar.start(40)
            self._bar_runs = True

    def _stop_bar(self) -> None:
        if self._bar_runs:
            self._bar.stop()
            self._bar_runs = False

    def _show_skipped(self, count: int) -> None:
        if count:
            self.skipped.configure(text=_("{count:,} skipped").format(count=count))
            self.skipped.pack(side="left", padx=(0, self._gap))
        else:
            self.skipped.pack_forget()

    def _show_note(self, entry: Watched, width: int) -> None:
        """The folder at work, where there is room for it; always in the tooltip."""
        progress = entry.progress
        told = progress is not None and progress.total and progress.unit == "images"
        note = shown_path(progress.note) if progress is not None and told else ""
        for tip in self._tips:
            if tip.text != note:
                tip.configure(text=note)
        room = min(width - self._width_without_note(), scaled(self, _NOTE[1]))
        if not note or room < scaled(self, _NOTE[0]):
            self._note.pack_forget()
            return
        self._note.configure(text=fit_middle(note, self._font.measure, room))
        if not self._note.winfo_manager():
            self._note.pack(side="left", padx=(self._gap, 0), before=self._bar)

    def _width_without_note(self) -> int:
        parts = [part for part in self.pack_slaves() if part is not self._note]
        return sum(part.winfo_reqwidth() + 2 * self._gap for part in parts)

    def _cancel(self) -> None:
        if self._front is not None:
            self._front.job.cancel()


def _how_far(entry: Watched) -> str:
    progress = entry.progress
    if progress is None:
        return ""
    if progress.total:
        return f"  {describe_progress(progress, entry.rate)}"
    return f": {progress.note}" if progress.note else ""
