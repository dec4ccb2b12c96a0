"""The statistics of the library: numbers on the left, how well an index finds on the right."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import TYPE_CHECKING

import ttkbootstrap as ttk

from cbir.language import _
from cbir.records import METRICS, Metric
from cbir.ui.statistics.words import Rows, Section, as_text, index_rows, sections, way
from cbir.ui.widgets.dialogs import copy
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.work.statistics import IndexStatistics, LibraryStatistics, RecallMeasure

if TYPE_CHECKING:
    from cbir.ui.statistics.plot import RecallPlot

Way = tuple[str, Metric]

_NAMES, _VALUES = 150, 290  # widths in pixels at 100 %


class StatisticsSheet(Sheet):
    """Shows a library's statistics; ``on_measure`` is asked to measure the recall of an index."""

    def __init__(
        self,
        parent: tkinter.Misc,
        library: str,
        first: Way,
        on_measure: Callable[[str, Metric], None],
    ) -> None:
        super().__init__(parent, _("Statistics"), resizable=True)
        self._library, self._first, self._on_measure = library, first, on_measure
        self._ways: list[Way] = []
        self._found: LibraryStatistics | None = None
        self._measured: dict[Way, RecallMeasure] = {}
        self._plot: RecallPlot | None = None
        self.waiting = self.add_text(_("Counting…"), style="Muted.TLabel")
        self._numbers = ttk.Frame(self.body)
        self._side = ttk.Frame(self.body)
        self.index = ttk.Frame(self._side)
        self.ways = ttk.Combobox(self._side, state="readonly", width=28)
        self.ways.bind("<<ComboboxSelected>>", lambda _event: self._show_index())
        self.buttons = self.add_buttons(
            [
                Choice(_("Measure recall"), self._measure, closes=False),
                Choice(_("Copy as text"), self._copy, closes=False),
                Choice(_("Close"), nothing, primary=True),
            ]
        )
        for button in self.buttons[:2]:
            button.configure(state="disabled")
        self.present()

    # -- what it shows -----------------------------------------------------------------------------

    @property
    def counted(self) -> bool:
        """Whether there are numbers to see."""
        return self._found is not None

    def show(self, found: LibraryStatistics) -> None:
        """Show these numbers, in place of those of before."""
        first = self._found is None
        self._found = found
        self._fill_numbers(sections(found, self._library))
        self._ways = [(one.space, metric) for one in found.spaces for metric in METRICS]
        self.ways.configure(values=[way(*one) for one in self._ways])
        self.buttons[1].configure(state="normal")
        if first:
            self._lay_out()
        if self._ways and self.ways.current() < 0:
            self.ways.current(self._ways.index(self._first) if self._first in self._ways else 0)
        self._show_index()

    def _lay_out(self) -> None:
        from cbir.ui.statistics.plot import RecallPlot  # noqa: PLC0415 - imports matplotlib

        gap = scaled(self, SPACE_M)
        self.waiting.destroy()
        self._numbers.pack(side="left", fill="y", anchor="n")
        self._side.pack(side="left", fill="both", expand=True, padx=(scaled(self, 2 * SPACE_L), 0))
        ttk.Label(self._side, text=_("How well searches find"), style="Heading.TLabel").pack(
            anchor="w", pady=(0, gap)
        )
        self.ways.pack(anchor="w", pady=(0, gap))
        self._plot = RecallPlot(self._side)
        self._plot.frame.pack(fill="both", expand=True, pady=(0, gap))
        self.index.pack(fill="x")
        self.after_idle(self._fit)

    def _fit(self) -> None:
        """Be as large as the content, which came later, and in the middle again."""
        self.settle()

    def _fill_numbers(self, told: tuple[Section, ...]) -> None:
        for child in self._numbers.winfo_children():
            child.destroy()
        for at, section in enumerate(told):
            above = scaled(self, SPACE_L) if at else 0
            ttk.Label(self._numbers, text=section.title, style="Heading.TLabel").pack(
                anchor="w", pady=(above, scaled(self, SPACE_S))
            )
            frame = ttk.Frame(self._numbers)
            frame.pack(fill="x")
            self._fill(frame, section.rows)

    def _fill(self, frame: ttk.Frame, rows: Rows) -> None:
        for child in frame.winfo_children():
            child.destroy()
        pad = scaled(self, SPACE_S) // 2
        frame.columnconfigure(0, minsize=scaled(self, _NAMES))
        frame.columnconfigure(1, weight=1)
        for row, (name, value) in enumerate(rows):
            ttk.Label(
                frame, text=name, style="Muted.TLabel", wraplength=scaled(self, _VALUES)
            ).grid(row=row, column=0, sticky="nw", padx=(0, scaled(self, SPACE_M)), pady=pad)
            ttk.Label(frame, text=value, wraplength=scaled(self, _VALUES), justify="left").grid(
                row=row, column=1, sticky="nw", pady=pad
            )

    # -- an index ----------------------------------------------------------------------------------

    @property
    def way(self) -> Way | None:
        """The space and the metric that are looked at."""
        at = self.ways.current()
        return self._ways[at] if 0 <= at < len(self._ways) else None

    def _index_of(self, wanted: Way) -> IndexStatistics | None:
        found = self._found.indexes if self._found is not None else ()
        return next((one for one in found if (one.space, one.metric) == wanted), None)

    def _show_index(self) -> None:
        wanted = self.way
        self.buttons[0].configure(state="disabled" if wanted is None else "normal")
        if wanted is None:
            self._fill(self.index, [("", _("There are no vectors yet: index a folder first."))])
            return
        index, measured = self._index_of(wanted), self._measured.get(wanted)
        again = _("Measure recall again") if measured else _("Measure recall")
        self.buttons[0].configure(text=again)
        self._fill(self.index, index_rows(index, measured))
        if self._plot is not None:
            self._plot.show(index, measured)

    def _measure(self) -> None:
        if self.way is not None:
            self.buttons[0].configure(state="disabled")
            self._on_measure(*self.way)

    def show_measured(self, measured: RecallMeasure) -> None:
        """Show what was measured, where its index is looked at."""
        self._measured[measured.space, measured.metric] = measured
        self._show_index()

    def not_measured(self) -> None:
        """Let it be measured again."""
        self._show_index()

    def _copy(self) -> None:
        if self._found is not None:
            indexes = [
                Section(way(*one), index_rows(self._index_of(one), self._measured.get(one)))
                for one in self._ways
            ]
            copy(self, as_text([*sections(self._found, self._library), *indexes]))
