"""The evaluation window: what to evaluate, the figures as a table and a chart, and confusions."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import ttkbootstrap as ttk

from cbir.language import _
from cbir.records import SPACE_TITLES
from cbir.ui.evaluation.choices import ChoiceEvents, Choices
from cbir.ui.evaluation.words import (
    basis_of,
    best_of,
    meaning_of,
    method_title,
    metric_title,
    per_cent,
    way_of,
)
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled, show_chosen_rows
from cbir.work.evaluating import (
    Confusion,
    EvaluationReport,
    EvaluationRequest,
    SpaceEvaluation,
)

if TYPE_CHECKING:
    from cbir.ui.evaluation.chart import EvaluationChart

_WRAP = 1000  # pixels at 100 %
_LEAST_ROWS, _PAIR_ROWS = 4, 8
_LABEL, _WIDE, _NARROW = 150, 96, 74  # widths of columns, pixels at 100 %


@dataclass(frozen=True, slots=True)
class EvaluationEvents:
    """What the window asks for."""

    choices: ChoiceEvents
    on_pair: Callable[[SpaceEvaluation, Confusion], None]
    on_copy: Callable[[], None]
    on_save: Callable[[], None]


class EvaluationWindow(Sheet):
    """Shows choices, and a report once there is one."""

    def __init__(
        self,
        parent: tkinter.Misc,
        events: EvaluationEvents,
        before: EvaluationRequest | None,
    ) -> None:
        super().__init__(parent, _("Evaluate on folders"), resizable=True)
        self.tk.call("wm", "transient", str(self), "")  # the grid with examples may come before it
        self._events = events
        self.report: EvaluationReport | None = None
        self.chart: EvaluationChart | None = None
        self.choices = Choices(self.body, events.choices, before)
        self.choices.pack(fill="x")
        self._results = ttk.Frame(self.body)
        self.basis = self._sentence(style="Muted.TLabel")
        self.meaning = self._sentence(style="TLabel")
        self._tables = ttk.Frame(self._results)
        self._tables.pack(side="left", fill="both", expand=True)
        self.table = self._add_table()
        self._pairs_title = ttk.Label(self._tables, style="Heading.TLabel")
        self.pairs = self._add_pairs()
        self._buttons = self.add_buttons(
            [
                Choice(_("Copy"), events.on_copy, closes=False),
                Choice(_("Save as CSV…"), events.on_save, closes=False),
                Choice(_("Close"), nothing),
            ]
        )
        self._show_buttons()
        self._default = self.choices.evaluate
        self.present()

    def _sentence(self, style: str) -> ttk.Label:
        wrap = scaled(self, _WRAP)
        label = ttk.Label(self._results, style=style, wraplength=wrap, justify="left")
        label.pack(anchor="w", pady=(0, scaled(self, SPACE_S)))
        return label

    def _show_buttons(self) -> None:
        for button in self._buttons[:2]:
            button.configure(state="normal" if self.report else "disabled")

    # -- tables -----------------------------------------------------------------------------------

    def _add_table(self) -> ttk.Treeview:
        columns = (_("Space"), _("Metric"), _("Method"), _("Precision"), _("mAP"), _("Nearest"))
        table = self._make_table(
            self._tables, columns, (_WIDE, _NARROW, _NARROW), height=_LEAST_ROWS
        )
        table.pack(fill="x")
        table.bind("<<TreeviewSelect>>", lambda _event: self._result_chosen())
        return table

    def _add_pairs(self) -> ttk.Treeview:
        self._pairs_title.pack(anchor="w", pady=(scaled(self, SPACE_M), scaled(self, SPACE_S)))
        frame = ttk.Frame(self._tables)
        frame.pack(fill="both", expand=True)
        columns = (_("Pictures of"), _("are taken for"), _("Hits"), _("Share"))
        widths = (_LABEL, _LABEL, _NARROW)
        pairs = self._make_table(frame, columns, widths, height=_PAIR_ROWS, words=2)
        bar = ttk.Scrollbar(frame, command=pairs.yview)
        pairs.configure(yscrollcommand=bar.set)
        bar.pack(side="right", fill="y")
        pairs.pack(side="left", fill="both", expand=True)
        pairs.bind("<ButtonRelease-1>", self._pair_clicked)
        pairs.bind("<Return>", self._pair_key)
        pairs.bind("<space>", self._pair_key)
        return pairs

    def _make_table(
        self,
        parent: tkinter.Misc,
        columns: tuple[str, ...],
        widths: Sequence[int],
        *,
        height: int,
        words: int = 3,
    ) -> ttk.Treeview:
        """A table whose first ``words`` columns hold words, and the others numbers."""
        table = ttk.Treeview(
            parent, columns=columns, show="headings", height=height, selectmode="browse"
        )
        show_chosen_rows(table)
        for at, name in enumerate(columns):
            anchor: Literal["w", "e"] = "w" if at < words else "e"
            width = scaled(self, widths[min(at, len(widths) - 1)])
            table.heading(name, text=name, anchor=anchor)
            table.column(name, width=width, minwidth=width, anchor=anchor, stretch=at < words)
        return table

    # -- a report ---------------------------------------------------------------------------------

    def show(self, report: EvaluationReport) -> None:
        """Show what came out."""
        self.report = report
        opening = self.chart is None
        if opening:
            self._open_results()
        assert self.chart is not None
        self.basis.configure(text=basis_of(report))
        self.meaning.configure(text=meaning_of(report))
        self.table.delete(*self.table.get_children())
        self.table.configure(height=max(len(report.results), _LEAST_ROWS))
        for number, result in enumerate(report.results):
            self.table.insert("", "end", str(number), values=_row(result))
        self.chart.show(report.results)
        self._show_buttons()
        best = report.results.index(best_of(report))
        self.table.selection_set(str(best))
        self.table.focus(str(best))
        if opening:
            self.settle(self.table)

    def _open_results(self) -> None:
        from cbir.ui.evaluation.chart import (  # noqa: PLC0415 - imports matplotlib, when needed
            EvaluationChart,
        )

        self.chart = EvaluationChart(self._results)
        gap = (scaled(self, SPACE_M), 0)
        self.chart.frame.pack(side="left", fill="both", expand=True, padx=gap)
        separator = ttk.Separator(self.body)
        separator.pack(fill="x", pady=scaled(self, SPACE_L))
        self._results.pack(fill="both", expand=True)

    @property
    def result(self) -> SpaceEvaluation | None:
        """The result whose confusions are listed."""
        chosen = self.table.selection()
        return None if self.report is None or not chosen else self.report.results[int(chosen[0])]

    def _result_chosen(self) -> None:
        result = self.result
        if result is None or self.report is None:
            return
        told = _("Taken for one another by {way}").format(way=way_of(result))
        self._pairs_title.configure(text=told)
        self.pairs.delete(*self.pairs.get_children())
        names = [shown(name) for name in self.report.classes]
        for number, pair in enumerate(result.figures.confusions):
            values = (names[pair.label], names[pair.taken_for], f"{pair.count:,}")
            self.pairs.insert("", "end", str(number), values=(*values, per_cent(pair.share, 1)))

    def _pair_clicked(self, event: tkinter.Event[ttk.Treeview]) -> None:
        if self.pairs.identify_row(event.y):
            self._pair_chosen()

    def _pair_key(self, _event: object) -> str:
        self._pair_chosen()
        return "break"  # Enter would evaluate again, as anywhere else in the window

    def _pair_chosen(self) -> None:
        chosen, result = self.pairs.selection(), self.result
        if chosen and result is not None:
            self._events.on_pair(result, result.figures.confusions[int(chosen[0])])


def _row(result: SpaceEvaluation) -> tuple[str, ...]:
    figures = result.figures
    shares = (figures.precision, figures.mean_average_precision, figures.nearest)
    return (
        SPACE_TITLES[result.space],
        metric_title(figures.metric),
        method_title(figures.method),
        *(f"{share:.3f}" for share in shares),
    )
