"""The bar chart of an evaluation: precision and mAP of each result, beside what chance gives.

Importing this module imports Matplotlib: it is done when the first results are there.
"""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import ttkbootstrap as ttk
from matplotlib.backends.backend_tkagg import FigureCanvasTkAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from cbir.language import _
from cbir.ui.evaluation.words import way_of
from cbir.ui.widgets.theme import palette, scaled

if TYPE_CHECKING:
    from cbir.ui.widgets.theme import Palette
    from cbir.work.evaluating import SpaceEvaluation

_DPI = 96
_FONT = 8.5  # points
_BAR = 0.36
_SIZE = (480, 300)  # pixels at 100 %


class EvaluationChart:
    """Shows results as horizontal bars; ``frame`` is to be placed."""

    def __init__(self, parent: tkinter.Misc) -> None:
        # Matplotlib asks for more room as it learns of the screen's scaling: the frame decides
        width, height = (scaled(parent, pixels) for pixels in _SIZE)
        self.frame = ttk.Frame(parent, width=width, height=height)
        self.frame.pack_propagate(False)
        self.figure = Figure(dpi=_DPI, layout="constrained")
        self.axes = self.figure.add_subplot()
        self._canvas = FigureCanvasTkAgg(self.figure, self.frame)
        self.widget: tkinter.Canvas = self._canvas.get_tk_widget()
        self.widget.configure(takefocus=False, highlightthickness=0)
        self.widget.configure(background=palette(parent).background)  # until it is drawn
        self.widget.pack(fill="both", expand=True)
        self._results: Sequence[SpaceEvaluation] = ()
        self.widget.bind("<<ThemeChanged>>", lambda _event: self._draw(), add="+")

    def show(self, results: Sequence[SpaceEvaluation]) -> None:
        """Show other results, the first at the top."""
        self._results = results
        self._draw()

    def _draw(self) -> None:
        if not self._results:
            return
        colours = palette(self.widget)
        self.axes.clear()
        for legend in list(self.figure.legends):
            legend.remove()
        self._add_bars(colours)
        self._style(colours)
        self._canvas.draw_idle()

    def _add_bars(self, colours: Palette) -> None:
        figures = [result.figures for result in self._results]
        places = np.arange(len(figures))
        k = figures[0].k
        precision = [one.precision for one in figures]
        bars = self.axes.barh(
            places - _BAR / 2,
            precision,
            _BAR,
            color=colours.accent,
            label=_("precision@{k}").format(k=k),
        )
        self._label(bars, precision, colours)
        whole = [place for place in places if figures[place].method == "exact"]
        averages = [figures[place].mean_average_precision for place in whole]
        rows = np.array(whole, dtype=float)
        if whole:  # LSH ranks too little for a bar beside those
            bars = self.axes.barh(
                rows + _BAR / 2, averages, _BAR, color=colours.hit, label=_("mAP (of all)")
            )
            self._label(bars, averages, colours)
        chance = figures[0].chance
        self.axes.axvline(chance, color=colours.muted, ls="--", lw=1, label=_("by chance"))

    def _label(self, bars: object, values: Sequence[float], colours: Palette) -> None:
        texts = [f"{value:.3f}" for value in values]
        self.axes.bar_label(bars, texts, padding=3, fontsize=_FONT, color=colours.text)  # type: ignore[arg-type]

    def _style(self, colours: Palette) -> None:
        axes = self.axes
        self.figure.set_facecolor(colours.background)
        axes.set_facecolor(colours.background)
        axes.set_yticks(range(len(self._results)), [way_of(result) for result in self._results])
        axes.invert_yaxis()
        axes.set_xlim(0, 1.12)
        axes.set_xticks(np.linspace(0, 1, 6))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.tick_params(colors=colours.text, labelsize=_FONT, length=0)
        axes.grid(axis="x", color=colours.border, lw=0.6)
        axes.set_axisbelow(True)
        axes.spines[:].set_visible(False)
        legend = self.figure.legend(
            loc="outside upper center", ncols=3, frameon=False, fontsize=_FONT
        )
        for text in legend.get_texts():
            text.set_color(colours.text)
