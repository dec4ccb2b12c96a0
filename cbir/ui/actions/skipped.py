"""Skipped files: which could not be indexed and why, by reason, and another try at them."""

from __future__ import annotations

import os
import tkinter
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.language import _, counted, retold
from cbir.records import SkippedFile
from cbir.ui.widgets.dialogs import copy
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.text import shown, shown_name, shown_path
from cbir.ui.widgets.theme import SPACE_M, scaled, show_chosen_rows

_ROWS = 14
_NAME, _FOLDER, _REASON = 200, 300, 240  # widths in pixels at 100 %


@dataclass(frozen=True, slots=True)
class SkippedEvents:
    """What the window asks for; ``may_retry()``: whether the library can be changed."""

    retry: Callable[[Sequence[str]], None]
    show_in_folder: Callable[[str], None]
    may_retry: Callable[[], bool]


class SkippedSheet(Sheet):
    """The list of skipped files; ``show`` brings it up to date. Enter shows one in its folder."""

    def __init__(
        self, parent: tkinter.Misc, files: Sequence[SkippedFile], events: SkippedEvents
    ) -> None:
        super().__init__(parent, _("Skipped files"), resizable=True)
        self._events = events
        self._files: Sequence[SkippedFile] = ()
        self._listed: list[SkippedFile] = []
        self._reasons: list[str] = [""]
        self._text = self.add_text("")
        self.reasons = ttk.Combobox(self.body, state="readonly", width=44)
        self.reasons.bind("<<ComboboxSelected>>", lambda _event: self._list())
        self.reasons.pack(anchor="w", pady=(0, scaled(self, SPACE_M)))
        self.table = self._make_table()
        self.buttons = self.add_buttons(
            [
                Choice(_("Copy list"), self._copy, closes=False),
                Choice(_("Show in folder"), self._show_in_folder, closes=False),
                Choice(_("Try again"), self._retry, closes=False),
                Choice(_("Close"), nothing, primary=True),
            ]
        )
        self.show(files)
        self.present(self.table)

    def _make_table(self) -> ttk.Treeview:
        frame = ttk.Frame(self.body)
        frame.pack(fill="both", expand=True)
        columns = {
            "name": (_("File"), _NAME),
            "folder": (_("Folder"), _FOLDER),
            "reason": (_("Reason"), _REASON),
        }
        table = ttk.Treeview(frame, columns=tuple(columns), show="headings", height=_ROWS)
        for name, (title, width) in columns.items():
            table.heading(name, text=title, anchor="w")
            table.column(name, width=scaled(self, width), anchor="w")
        bar = ttk.Scrollbar(frame, command=table.yview)
        table.configure(yscrollcommand=bar.set)
        show_chosen_rows(table)
        bar.pack(side="right", fill="y")
        table.pack(side="left", fill="both", expand=True)
        table.bind("<<TreeviewSelect>>", lambda _event: self._show_buttons())
        for event in ("<Double-Button-1>", "<Return>"):
            table.bind(event, self._pressed)
        return table

    def show(self, files: Sequence[SkippedFile]) -> None:
        """Show these files; the reason that was chosen stays, where any still has it."""
        if files == self._files and self._listed:
            return
        chosen = self._chosen_reason
        self._files = files
        reasons = Counter(file.reason for file in files).most_common()
        self._reasons = ["", *(reason for reason, _count in reasons)]
        told = [f"{shown(retold(reason))} ({count:,})" for reason, count in reasons]
        self.reasons.configure(
            values=[_("All reasons ({count:,})").format(count=len(files)), *told]
        )
        self.reasons.current(self._reasons.index(chosen) if chosen in self._reasons else 0)
        self._text.configure(
            text=_(
                "{files} could not be indexed. Each is tried again when it changes, or when "
                "you ask for it here."
            ).format(files=counted("{count:,} file", "{count:,} files", len(files)))
        )
        self._list()

    @property
    def _chosen_reason(self) -> str:
        at = self.reasons.current()
        return self._reasons[at] if at > 0 else ""

    def _list(self) -> None:
        reason = self._chosen_reason
        self._listed = [file for file in self._files if not reason or file.reason == reason]
        self.table.delete(*self.table.get_children())
        for at, file in enumerate(self._listed):
            folder, reason = shown_path(os.path.dirname(file.path)), shown(retold(file.reason))
            row = shown_name(file.path), folder, reason
            self.table.insert("", "end", str(at), values=row)
        self._show_buttons()

    def _show_buttons(self) -> None:
        one = len(self.table.selection()) == 1
        may_retry = bool(self._listed) and self._events.may_retry()
        usable = (bool(self._listed), one, may_retry)
        for button, can_be in zip(self.buttons, usable, strict=False):
            button.configure(state="normal" if can_be else "disabled")

    @property
    def _selected(self) -> list[SkippedFile]:
        """The chosen rows; all that are listed, where none is."""
        rows = self.table.selection()
        return [self._listed[int(row)] for row in rows] if rows else self._listed

    def _pressed(self, _event: object) -> str:
        self._show_in_folder()
        return "break"

    def _show_in_folder(self) -> None:
        if len(self.table.selection()) == 1:
            self._events.show_in_folder(self._selected[0].path)

    def _retry(self) -> None:
        self._events.retry([file.path for file in self._selected])

    def _copy(self) -> None:
        lines = (f"{shown(file.path)}\t{shown(retold(file.reason))}" for file in self._selected)
        copy(self, "\n".join(lines))
