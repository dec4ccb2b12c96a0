"""Takes what is in view elsewhere: asks what, as what and where, and follows the job."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.language import _, counted
from cbir.records import Record
from cbir.ui.actions import desktop
from cbir.ui.actions.context import Context
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.results import Results
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.text import shown, shown_path
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.work.exporting import Export, ExportKind, ExportReport

_KINDS: dict[ExportKind, tuple[str, str]] = {
    "csv": (_("Table (CSV)"), _("A line a picture, for spreadsheets.")),
    "json": ("JSON", _("For programs; the keys of cbir search --json.")),
    "html": (_("Page with pictures (HTML)"), _("One file to look at in any browser, or to send.")),
    "copy": (_("Copies of the files"), _("Into a folder; nothing there is overwritten.")),
    "link": (
        _("Hard links to the files"),
        _("Take no room; only on the drive where the files are."),
    ),
}
_INTO_FOLDER = ("copy", "link")


def _by_ending(path: str, chosen: ExportKind) -> tuple[str, ExportKind]:
    """The file to write and its kind: an ending that was typed decides, else the kind gives one."""
    kinds: dict[str, ExportKind] = {".csv": "csv", ".json": "json", ".html": "html", ".htm": "html"}
    kind = kinds.get(os.path.splitext(path)[1].lower())
    return (path, kind) if kind is not None else (f"{path}.{chosen}", chosen)


@dataclass(slots=True)
class ExportChoices:
    """What was chosen last, to begin with the next time."""

    kind: ExportKind = "csv"
    numbered: bool = True
    folder: str = ""


class ExportActions:
    """The Export dialog, and what comes of it."""

    def __init__(self, context: Context, results: Results, records: RecordActions) -> None:
        self._context = context
        self._results = results
        self._records = records
        self._choices = ExportChoices()

    def hindered(self) -> str:
        """Why there is nothing to export, "" where there is."""
        shown = self._results.records and not self._results.failed
        return "" if shown else _("There are no pictures in view.")

    def show(self) -> None:
        """Ask what is to be exported, and as what."""
        if reason := self.hindered():
            self._context.say(reason)
            return
        everything = tuple(self._results.records.values())
        chosen = set(self._records.selected)
        selected = tuple(record for record in everything if record.id in chosen)
        ExportSheet(self._context.root, self._choices, selected, everything, self._ask_where)

    def _ask_where(self, records: Sequence[Record]) -> None:
        choices, choosers = self._choices, self._context.choosers
        title, root = _KINDS[choices.kind][0], self._context.root
        if choices.kind in _INTO_FOLDER:
            to = choosers.folder(
                root, _("{title}: into which folder?").format(title=title), choices.folder
            )
        else:
            to = choosers.new_file(root, title, f"pictures.{choices.kind}", choices.folder)
        if to:
            choices.folder = os.path.dirname(to)
            kind = choices.kind
            if kind not in _INTO_FOLDER:
                to, kind = _by_ending(to, kind)
            self._export(kind, to, tuple(records))

    def _export(self, kind: ExportKind, to: str, records: tuple[Record, ...]) -> None:
        outcome = self._results.outcome
        scores = {} if outcome is None else {hit.id: hit.score for hit in outcome.result.hits}
        known = bool(scores) and all(record.id in scores for record in records)
        heading = self._context.layout.heading.text
        wanted = Export(
            kind,
            to,
            records,
            tuple(scores[record.id] for record in records) if known else (),
            "" if outcome is None else str(heading),
            self._choices.numbered,
        )
        self._context.jobs.watch(
            self._context.engine.export(wanted),
            self._exported,
            cancelled=self._cancelled,
            title=_("Exporting"),
            shown=True,
        )

    def _cancelled(self, report: ExportReport | None) -> None:
        if report is None:
            self._context.say(_("The export was cancelled; nothing was written."))
        else:
            self._say(report, _("Cancelled. "))

    def _exported(self, report: ExportReport) -> None:
        self._say(report)
        if report.skipped:
            dialogs.show_table(
                self._context.root,
                _("Export"),
                _("{pictures} could not be exported in full:").format(
                    pictures=counted("{count:,} picture", "{count:,} pictures", len(report.skipped))
                ),
                (_("File"), _("Reason")),
                [(shown(path), shown(reason)) for path, reason in report.skipped],
            )

    def _say(self, report: ExportReport, before: str = "") -> None:
        count = counted("{count:,} picture", "{count:,} pictures", report.exported)
        self._context.say(
            _("{before}Exported {count} to {path}.").format(
                before=before, count=count, path=shown_path(report.to)
            ),
            offer=(_("Show"), lambda: self._context.attempt(lambda: desktop.reveal(report.to))),
        )


class ExportSheet(Sheet):
    """What, and as what; changes ``choices``, and calls ``on_done`` with the records chosen."""

    def __init__(
        self,
        parent: tkinter.Misc,
        choices: ExportChoices,
        selected: Sequence[Record],
        everything: Sequence[Record],
        on_done: Callable[[Sequence[Record]], None],
    ) -> None:
        super().__init__(parent, _("Export"))
        self._choices = choices
        self._records = {"selected": selected, "all": everything}
        self._on_done = on_done
        self._which = ttk.StringVar(self, "selected" if len(selected) > 1 else "all")
        self._kind = ttk.StringVar(self, choices.kind)
        self._numbered = ttk.BooleanVar(self, choices.numbered)
        self._add_which()
        self._add_kinds()
        self._add_numbered()
        buttons = [
            Choice(_("Cancel"), nothing),
            Choice(_("Choose where…"), self._done, primary=True),
        ]
        self.add_buttons(buttons)
        self._kind_chosen()
        self.present()

    def _heading(self, text: str) -> None:
        label = ttk.Label(self.body, text=text, style="Heading.TLabel")
        label.pack(anchor="w", pady=(0, scaled(self, SPACE_S)))

    def _add_which(self) -> None:
        self._heading(_("Export"))
        for which, records in self._records.items():
            count = len(records)
            if which == "selected":
                text = counted("{count:,} selected picture", "{count:,} selected pictures", count)
            else:
                text = counted("{count:,} picture in view", "{count:,} pictures in view", count)
            button = ttk.Radiobutton(
                self.body,
                text=text,
                variable=self._which,
                value=which,
                state="normal" if records else "disabled",
            )
            button.pack(anchor="w", pady=scaled(self, 2))

    def _add_kinds(self) -> None:
        gap = ttk.Frame(self.body, height=scaled(self, SPACE_L))
        gap.pack()
        self._heading(_("As"))
        for kind, (title, text) in _KINDS.items():
            row = ttk.Frame(self.body)
            row.pack(fill="x", pady=scaled(self, 2))
            ttk.Radiobutton(
                row, text=title, variable=self._kind, value=kind, command=self._kind_chosen
            ).pack(side="left")
            label = ttk.Label(row, text=text, style="Muted.TLabel")
            label.pack(side="left", padx=(scaled(self, SPACE_M), 0))
            label.bind("<Button-1>", lambda _, kind=kind: self._choose(kind))  # type: ignore[misc]

    def _choose(self, kind: str) -> None:
        self._kind.set(kind)
        self._kind_chosen()

    def _add_numbered(self) -> None:
        self._rank = ttk.Checkbutton(
            self.body,
            text=_("Begin the names with their rank (01 sea.jpg)"),
            variable=self._numbered,
        )
        self._rank.pack(anchor="w", pady=(scaled(self, SPACE_M), 0))

    def _kind_chosen(self) -> None:
        self._rank.configure(state="normal" if self._kind.get() in _INTO_FOLDER else "disabled")

    def _done(self) -> None:
        kinds = {str(kind): kind for kind in _KINDS}
        self._choices.kind = kinds[self._kind.get()]
        self._choices.numbered = bool(self._numbered.get())
        self._on_done(self._records[self._which.get()])
