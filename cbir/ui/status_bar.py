"""The status bar: what happened, on the left; what is being done, on the right."""

from __future__ import annotations

import time
import tkinter
from collections.abc import Callable, Sequence
from tkinter.font import Font, nametofont
from typing import Literal

import ttkbootstrap as ttk

from cbir.ui.jobs import Watched
from cbir.ui.widgets.text import fit_end, shown
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_L, SPACE_M, scaled
from cbir.ui.widgets.tooltip import ToolTip

Tone = Literal["", "warning"]

_QUICK_SECONDS = 0.4  # a job that ends sooner is not worth a progress bar


class StatusBar(ttk.Frame):
    """One line. Long text is cut with an ellipsis and shown whole in a tooltip."""

    def __init__(self, parent: tkinter.Misc, on_skipped: Callable[[], None]) -> None:
        pad = scaled(parent, SPACE_L)
        super().__init__(parent, padding=(pad, scaled(parent, 6)), height=scaled(parent, 36))
        self.pack_propagate(False)
        self.message = ""
        self._font: Font = nametofont(SMALL_FONT, root=self)
        self._gap = scaled(self, SPACE_M)
        self._front: Watched | None = None
        self._build_work(on_skipped)
        self.badge = ttk.Label(
            self, icon="lock", icon_size=12, text=" Read-only", style="Warning.TLabel"
        )
        self._badge_tip = ToolTip(self.badge, text="", delay=300)
        self._label = ttk.Label(self, font=SMALL_FONT)
        self._tip = ToolTip(self._label, text="", delay=600)
        self._label.pack(side="left", fill="x", expand=True)
        self._label.bind("<Configure>", self._fit, add="+")

    def _build_work(self, on_skipped: Callable[[], None]) -> None:
        self._work = ttk.Frame(self)
        self._title = ttk.Label(self._work, font=SMALL_FONT)
        self._bar = ttk.Progressbar(self._work, length=scaled(self, 160), bootstyle="thin")
        self._bar_runs = False
        self.skipped = ttk.Button(self._work, bootstyle="link", padding=0, command=on_skipped)
        self.cancel = ttk.Button(
            self._work, text="Cancel", bootstyle="ghost", padding=(8, 0), command=self._cancel
        )
        self._title.pack(side="left", padx=(self._gap, 0))
        self._bar.pack(side="left", padx=self._gap)
        self.cancel.pack(side="right")

    @property
    def visible(self) -> str:
        """The message as it fits."""
        return str(self._label.cget("text"))

    @property
    def work_title(self) -> str:
        """What is said of the job under way."""
        return str(self._title.cget("text"))

    def say(self, message: str, tone: Tone = "") -> None:
        """Say what happened, in one line, until something else is said."""
        self.message = shown(" ".join(message.split()))
        self._label.configure(style="Warning.TLabel" if tone else "TLabel", font=SMALL_FONT)
        self._fit()

    def _fit(self, _event: object = None) -> None:
        text = fit_end(self.message, self._font.measure, max(self._label.winfo_width() - 4, 40))
        if text != self._label.cget("text"):
            self._label.configure(text=text)
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
        now = time.monotonic()
        worth = [job for job in jobs if job.progress or now - job.since > _QUICK_SECONDS]
        if not worth:
            self._hide_work()
            return
        first, waiting = worth[0], len(worth) - 1
        self._front = first
        self._show_progress(first)
        more = f"  (+{waiting} waiting)" if waiting else ""
        self._title.configure(text=_title(first) + more)
        self._show_skipped(first.progress.skipped if first.progress else 0)
        state = "disabled" if first.job.cancelled else "normal"
        self.cancel.configure(state=state, text="Cancelling…" if first.job.cancelled else "Cancel")
        if not self._work.winfo_manager():
            self._work.pack(side="right", before=self._label)

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
            self.skipped.configure(text=f"{count:,} skipped")
            self.skipped.pack(side="left", padx=(0, self._gap))
        else:
            self.skipped.pack_forget()

    def _cancel(self) -> None:
        if self._front is not None:
            self._front.job.cancel()

    def _hide_work(self) -> None:
        self._front = None
        self._stop_bar()
        if self._work.winfo_manager():
            self._work.pack_forget()


def _title(entry: Watched) -> str:
    progress = entry.progress
    if progress is None:
        return entry.title
    if progress.total:
        return f"{entry.title}  {_count(progress.done, progress.total)}"
    return f"{entry.title}: {progress.note}" if progress.note else entry.title


def _count(done: int, total: int) -> str:
    if total > 10_000_000:  # bytes of a download
        return f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
    return f"{done:,} of {total:,}"
