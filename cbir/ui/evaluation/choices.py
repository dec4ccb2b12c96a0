"""What to evaluate: pictures, labels, spaces, metrics, methods, and of how many hits."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.language import _
from cbir.records import METRICS, SPACE_TITLES, SPACES
from cbir.ui.evaluation.words import method_title, metric_title
from cbir.ui.widgets.text import shown_path
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.work.evaluating import METHODS, MOST_HITS, EvaluationRequest
from cbir.work.facts import LibraryFacts
from cbir.work.labelling import LabelKind

_FOLDER_WIDTH = 44  # characters


@dataclass(frozen=True, slots=True)
class ChoiceEvents:
    """What the form asks for: a folder, that is chosen somehow, and the evaluation itself."""

    ask_folder: Callable[[], str | None]
    on_evaluate: Callable[[EvaluationRequest], None]


class Choices(ttk.Frame):
    """The form. ``usable`` spaces can be ticked; ``busy`` greys the button."""

    def __init__(
        self, parent: tkinter.Misc, events: ChoiceEvents, before: EvaluationRequest | None
    ) -> None:
        super().__init__(parent)
        self._events = events
        request = before or EvaluationRequest("")
        self._first = before is None
        self._row = 0
        self._chosen = request.folder
        self.whole = ttk.BooleanVar(self, not request.folder)
        self.folder_text = ttk.StringVar(self, shown_path(self._chosen) if self._chosen else "")
        self.labels = ttk.StringVar(self, request.labels)
        chosen = SPACES if request.spaces is None else request.spaces
        self.spaces = {space: ttk.BooleanVar(self, space in chosen) for space in SPACES}
        self.metrics = {name: ttk.BooleanVar(self, name in request.metrics) for name in METRICS}
        self.methods = {name: ttk.BooleanVar(self, name in request.methods) for name in METHODS}
        self.hits = ttk.StringVar(self, str(request.k))
        self._add_pictures()
        self._add_labels()
        self._add_ways()
        self._add_button()

    # -- rows -------------------------------------------------------------------------------------

    def _line(self, caption: str) -> ttk.Frame:
        pad = scaled(self, SPACE_S)
        label = ttk.Label(self, text=caption, style="Caption.TLabel")
        label.grid(row=self._row, column=0, sticky="w", padx=(0, scaled(self, SPACE_L)), pady=pad)
        frame = ttk.Frame(self)
        frame.grid(row=self._row, column=1, sticky="we", pady=pad)
        self.columnconfigure(1, weight=1)
        self._row += 1
        return frame

    def _put(self, widget: tkinter.Widget) -> None:
        widget.pack(side="left", padx=(0, scaled(self, SPACE_L)))

    def _add_pictures(self) -> None:
        row = self._line(_("Pictures"))
        self._put(
            ttk.Radiobutton(row, text=_("All of the library"), variable=self.whole, value=True)
        )
        radio = ttk.Radiobutton(row, text=_("Below a folder"), variable=self.whole, value=False)
        radio.pack(side="left", padx=(0, scaled(self, SPACE_M)))
        self.entry = ttk.Entry(row, textvariable=self.folder_text, width=_FOLDER_WIDTH)
        self.entry.pack(side="left", padx=(0, scaled(self, SPACE_M)), fill="x", expand=True)
        self.entry.bind("<Button-1>", lambda _event: self.whole.set(False))
        self.folder_text.trace_add("write", lambda *_: self.whole.set(False))
        self.choose = ttk.Button(
            row, text=_("Choose…"), bootstyle="neutral", command=self._choose_folder
        )
        self.choose.pack(side="left")

    def _choose_folder(self) -> None:
        chosen = self._events.ask_folder()
        if chosen:
            self._chosen = chosen
            self.folder_text.set(shown_path(chosen))

    @property
    def folder(self) -> str:
        """The absolute path of the folder that was chosen or typed; "" where there is none.

        What is shown of a name that is not UTF-8 is not that name, so the chosen one is kept.
        """
        typed = self.folder_text.get().strip()
        if self._chosen and typed == shown_path(self._chosen):
            return self._chosen
        return os.path.abspath(os.path.expanduser(typed)) if typed else ""

    def _add_labels(self) -> None:
        row = self._line(_("Labels"))
        kinds: Sequence[tuple[LabelKind, str]] = (
            ("folders", _("Folder names")),
            ("tags", _("Tags")),
        )
        for kind, title in kinds:
            self._put(ttk.Radiobutton(row, text=title, variable=self.labels, value=kind))
        told = _("A subfolder is a class; or pictures that share a tag belong together.")
        ttk.Label(row, text=told, style="Muted.TLabel").pack(side="left")

    def _add_ways(self) -> None:
        row = self._line(_("Spaces"))
        self._space_buttons = {
            space: ttk.Checkbutton(row, text=SPACE_TITLES[space], variable=variable)
            for space, variable in self.spaces.items()
        }
        row = self._line(_("Compared by"))
        buttons = [
            ttk.Checkbutton(row, text=metric_title(metric), variable=variable)
            for metric, variable in self.metrics.items()
        ]
        buttons += [
            ttk.Checkbutton(row, text=method_title(method), variable=variable)
            for method, variable in self.methods.items()
        ]
        for button in (*self._space_buttons.values(), *buttons):
            self._put(button)

    def _add_button(self) -> None:
        row = self._line(_("Nearest"))
        spin = ttk.Spinbox(row, from_=1, to=MOST_HITS, textvariable=self.hits, width=6)
        spin.pack(side="left", padx=(0, scaled(self, SPACE_M)))
        ttk.Label(row, text=_("pictures are looked at"), style="Muted.TLabel").pack(side="left")
        self.evaluate = ttk.Button(
            row, text=_("Evaluate"), bootstyle="primary", command=self._evaluate
        )
        self.evaluate.pack(side="right")
        self.problem = ttk.Label(row, style="Warning.TLabel")
        self.problem.pack(side="right", padx=scaled(self, SPACE_M))

    # -- what is chosen ---------------------------------------------------------------------------

    def show_facts(self, facts: LibraryFacts) -> None:
        """Only spaces with vectors, or whose weights are here, can be evaluated.

        Beside those with vectors the others are not ticked at first: every picture would have to be
        looked at.
        """
        first = self._first and any(facts.space(space).vectors for space in SPACES)
        for space, button in self._space_buttons.items():
            known = facts.space(space)
            if not known.vectors and (first or not known.available):
                self.spaces[space].set(False)
            if not (known.vectors or known.available):
                button.configure(state="disabled")
        self._first = False

    def show_busy(self, busy: bool) -> None:
        """Whether an evaluation is under way."""
        self.evaluate.configure(
            state="disabled" if busy else "normal",
            text=_("Evaluating…") if busy else _("Evaluate"),
        )

    def _evaluate(self) -> None:
        problem = self._problem()
        self.problem.configure(text=problem)
        if not problem:
            self._events.on_evaluate(self._request())

    def _problem(self) -> str:
        """What is wrong with the choices, "" where nothing is."""
        if not self.whole.get() and not self.folder:
            return _("Choose a folder or type its path.")
        if not any(variable.get() for variable in self.spaces.values()):
            return _("Tick a space.")
        if not any(variable.get() for variable in self.metrics.values()):
            return _("Tick Cosine, Euclidean or both.")
        if not any(variable.get() for variable in self.methods.values()):
            return _("Tick Exact, LSH or both.")
        text = self.hits.get().strip()
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_HITS):
            return _("Type a number from 1 to {most:,}.").format(most=MOST_HITS)
        return ""

    def _request(self) -> EvaluationRequest:
        labels: LabelKind = "tags" if self.labels.get() == "tags" else "folders"
        return EvaluationRequest(
            "" if self.whole.get() else self.folder,
            tuple(space for space, ticked in self.spaces.items() if ticked.get()),
            tuple(metric for metric, ticked in self.metrics.items() if ticked.get()),
            tuple(method for method, ticked in self.methods.items() if ticked.get()),
            int(self.hits.get()),
            labels,
            from_library=True,
        )
