"""The Preferences dialog: fields in four groups; wrong values are told beside them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import ttkbootstrap as ttk

from cbir.language import _
from cbir.records import SPACE_TITLES
from cbir.settings_file import ANY_SPACE, DEVICES, PRECISIONS, Preferences, wrong_with
from cbir.ui.preferences.fields import (
    ChoiceField,
    Field,
    FolderField,
    LinesField,
    NumberField,
    TickField,
)
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled

_WRAP, _WIDTH = 300, 760  # pixels at 100 %, of what is said below a field, and above them all
_CAPTION = 104


@dataclass(frozen=True, slots=True)
class PreferencesEvents:
    """What the dialog asks for."""

    ask_folder: Callable[[], str | None]
    on_save: Callable[[Preferences], None]


class PreferencesDialog(Sheet):
    """Shows ``said``, what the file says; ``fixed`` names what this run goes by otherwise.

    ``also_excluded`` are the names that options pass over, beside those that the file says.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        said: Preferences,
        fixed: Collection[str],
        also_excluded: Sequence[str],
        events: PreferencesEvents,
    ) -> None:
        super().__init__(parent, _("Preferences"))
        self._events = events
        self._fixed, self._also_excluded = fixed, also_excluded
        self.fields: dict[str, Field] = {}
        self.notes: dict[str, ttk.Label] = {}
        self._add_problems(said)
        columns = ttk.Frame(self.body)
        columns.pack(fill="both", expand=True)
        left, right = ttk.Frame(columns), ttk.Frame(columns)
        left.pack(side="left", anchor="n", padx=(0, 2 * scaled(self, SPACE_L)))
        right.pack(side="left", anchor="n")
        self._add_looks(left)
        self._add_searching(left)
        self._add_computing(left)
        self._add_indexing(right)
        self._add_places(right)
        self.show(said)
        self.failure = self.add_text("", style="Warning.TLabel")
        self.add_buttons(
            [
                Choice(_("Defaults"), lambda: self.show(Preferences()), closes=False),
                Choice(_("Cancel"), nothing),
                Choice(_("Save"), self._save, primary=True, closes=False),
            ]
        )
        self.present(self.fields["theme"].part)

    def _add_problems(self, said: Preferences) -> None:
        if said.problems:
            label = self.add_text("\n".join(map(shown, said.problems)), style="Warning.TLabel")
            label.configure(wraplength=scaled(self, _WIDTH))

    # -- groups -----------------------------------------------------------------------------------

    def _group(self, parent: ttk.Frame, title: str, note: str = "") -> ttk.Frame:
        heading = ttk.Frame(parent)
        heading.pack(fill="x", pady=(0, scaled(self, SPACE_S)))
        ttk.Label(heading, text=title, style="Heading.TLabel").pack(side="left")
        label = ttk.Label(heading, text=note, style="Muted.TLabel")
        label.pack(side="left", padx=scaled(self, SPACE_M))
        frame = ttk.Frame(parent)
        frame.pack(fill="x", pady=(0, scaled(self, SPACE_L)))
        frame.columnconfigure(0, minsize=scaled(self, _CAPTION))
        frame.columnconfigure(1, weight=1)
        return frame

    def _add(self, group: ttk.Frame, key: str, caption: str, field: Field) -> None:
        """A line with a field, and room for a word on it below."""
        row = 2 * len(group.grid_slaves(column=1))
        pad = scaled(self, 3)
        label = ttk.Label(group, text=caption)
        above = pad if isinstance(field, TickField) else pad + scaled(self, SPACE_S + 2)
        label.grid(row=row, column=0, sticky="nw", padx=(0, scaled(self, SPACE_L)), pady=(above, 0))
        field.grid(row=row, column=1, sticky="we", pady=pad)
        note = ttk.Label(group, wraplength=scaled(self, _WRAP), justify="left")
        note.grid(row=row + 1, column=1, sticky="w")
        note.grid_remove()
        self.fields[key], self.notes[key] = field, note

    def _add_looks(self, parent: ttk.Frame) -> None:
        group = self._group(parent, _("Looks"))
        themes = {"light": _("Light"), "dark": _("Dark"), "system": _("As the system")}
        self._add(group, "theme", _("Theme"), ChoiceField(group, themes))
        size = NumberField(group, _("pixels, 96 to 320"))
        self._add(group, "thumbnail", _("Thumbnails"), size)

    def _add_searching(self, parent: ttk.Frame) -> None:
        group = self._group(parent, _("Searching"))
        spaces = {ANY_SPACE: _("What fits best"), **SPACE_TITLES}
        self._add(group, "space", _("Space"), ChoiceField(group, spaces))
        metrics = {"cosine": _("Cosine"), "euclidean": _("Euclidean")}
        self._add(group, "metric", _("Compare by"), ChoiceField(group, metrics))
        self._add(group, "k", _("Results"), NumberField(group, _("hits of a search")))
        recall = NumberField(group, _("of the true nearest, by LSH"), whole=False)
        self._add(group, "recall", _("Find a share"), recall)

    def _add_indexing(self, parent: ttk.Frame) -> None:
        group = self._group(parent, _("Indexing"))
        self._add(group, "exclude", _("Pass over"), LinesField(group))
        largest = NumberField(group, _("megapixels; larger pictures are skipped"))
        self._add(group, "max_megapixels", _("Up to"), largest)
        newest = TickField(group, _("Folders that changed last come first"))
        self._add(group, "newest_first", _("Order"), newest)
        drives = TickField(group, _("Enter other drives below a folder"))
        self._add(group, "cross_file_systems", _("Drives"), drives)

    def _add_computing(self, parent: ttk.Frame) -> None:
        group = self._group(parent, _("Computing"), _("from the next start"))
        named = {"auto": _("Automatic"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
        devices = {name: named[name] for name in DEVICES}
        self._add(group, "device", _("Device"), ChoiceField(group, devices))
        precisions = {name: _("Automatic") if name == "auto" else name for name in PRECISIONS}
        self._add(group, "precision", _("Precision"), ChoiceField(group, precisions))
        threads = NumberField(group, _("0: as many as there are cores"))
        self._add(group, "threads", _("Threads"), threads)

    def _add_places(self, parent: ttk.Frame) -> None:
        group = self._group(parent, _("Places"), _("from the next start"))
        folder = FolderField(group, self._events.ask_folder)
        self._add(group, "models", _("Weights"), folder)
        self._say("models", _("Empty: the usual caches of torch hub and Hugging Face."))

    # -- values -----------------------------------------------------------------------------------

    def show(self, said: Preferences) -> None:
        """Show these values; nothing is saved yet."""
        self._say("exclude", self._exclude_note())
        for key, field in self.fields.items():
            field.show(getattr(said, key))
            if key in self._fixed:
                self._say(
                    key, _("This time an option or the environment decides, whatever stands here.")
                )

    def _exclude_note(self) -> str:
        note = _("Names of files and folders, a line each, such as *.bak or cache.")
        if not self._also_excluded:
            return note
        names = shown(", ".join(self._also_excluded))
        told = _("An option passes over these too, this time: {names}.").format(names=names)
        return f"{note} {told}"

    def _say(self, key: str, text: str, style: str = "Muted.TLabel") -> None:
        note = self.notes[key]
        note.configure(text=text, style=style)
        if text:
            note.grid()
        else:
            note.grid_remove()

    def _save(self) -> None:
        values: dict[str, Any] = {key: field.value() for key, field in self.fields.items()}
        problems = {key: wrong_with(key, value) for key, value in values.items()}
        wrong = [key for key, problem in problems.items() if problem]
        for key, problem in problems.items():
            if problem:
                self._say(key, problem, "Warning.TLabel")
            elif str(self.notes[key].cget("style")) == "Warning.TLabel":
                self._say(key, "")
        if wrong:
            self.fields[wrong[0]].part.focus_set()
        else:
            self.failure.configure(text="")
            self._events.on_save(Preferences(**values))

    def show_failure(self, sentence: str) -> None:
        """Say why nothing was saved."""
        self.failure.configure(text=shown(sentence))
