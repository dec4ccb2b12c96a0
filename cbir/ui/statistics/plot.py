"""Recall against the share of vectors compared: as the index was tuned, and as measured now.

Importing this module imports Matplotlib: it is done when there is something to draw.
"""

from __future__ import annotations

import tkinter
from typing import TYPE_CHECKING

import ttkbootstrap as ttk
from matplotlib.backends.backend_tkagg import FigureCanvasTkAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from cbir.language import _
from cbir.ui.widgets.theme import Palette, palette, scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cbir.work.statistics import IndexStatistics, RecallMeasure, RecallPoint

_DPI = 96
_FONT = 8.5  # points
_SIZE = (440, 230)  # pixels at 100 %


class RecallPlot:
    """Draws one index at a time; ``frame`` is to be placed, and holds the canvas ``widget``."""

    def __init__(self, parent: tkinter.Misc) -> None:
        self.figure = Figure(dpi=_DPI, layout="constrained")  # the canvas scales it
        self.axes = self.figure.add_subplot()
        width, height = (scaled(parent, side) for side in _SIZE)
        self.frame = ttk.Frame(parent, width=width, height=height)
        self.frame.pack_propagate(False)  # the canvas asks for the size that it has
        self._canvas = FigureCanvasTkAgg(self.figure, self.frame)
        self.widget: tkinter.Canvas = self._canvas.get_tk_widget()
        self.widget.configure(takefocus=False, highlightthickness=0)
        self.widget.pack(fill="both", expand=True)
        self._index: IndexStatistics | None = None
        self._measured: RecallMeasure | None = None
        self.widget.bind("<<ThemeChanged>>", lambda _event: self._draw(), add="+")

    def show(self, index: IndexStatistics | None, measured: RecallMeasure | None) -> None:
        """Show another index, or another measurement of it."""
        self._index, self._measured = index, measured
        self._draw()

    def _draw(self) -> None:
        colours, axes = palette(self.widget), self.axes
        axes.clear()
        self.figure.set_facecolor(colours.background)
        axes.set_facecolor(colours.background)
        curve = self._index.curve if self._index is not None else ()
        found = self._measured.points if self._measured is not None else ()
        points = sorted(found, key=lambda point: point.compared)  # more effort may compare less
        if curve or points:
            self._add(curve, points, colours)
        else:
            axes.text(
                0.5,
                0.5,
                _("Measure the recall to see it here."),
                ha="center",
                color=colours.muted,
                fontsize=_FONT,
                transform=axes.transAxes,
            )
        self._style(colours, drawn=bool(curve or points))
        self._canvas.draw_idle()

    def _add(
        self, curve: Sequence[RecallPoint], points: Sequence[RecallPoint], colours: Palette
    ) -> None:
        axes = self.axes
        if self._index is not None:
            target = self._index.target
            axes.axhline(target, color=colours.muted, ls="--", lw=1, label=_("aimed at"))
        if curve:
            axes.plot(
                [100 * point.compared for point in curve],
                [point.recall for point in curve],
                color=colours.accent,
                lw=1.5,
                label=_("as tuned"),
            )
        if points:
            axes.plot(
                [100 * point.compared for point in points],
                [point.recall for point in points],
                "o-",
                color=colours.hit,
                lw=1,
                ms=4,
                label=_("measured now"),
            )
        axes.legend(loc="lower left", frameon=False, fontsize=_FONT, labelcolor=colours.text)

    def _style(self, colours: Palette, *, drawn: bool) -> None:
        axes = self.axes
        axes.spines[:].set_color(colours.border)
        if not drawn:
            axes.set_xticks([])
            axes.set_yticks([])
            return
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _at: f"{share:g} %"))
        axes.margins(x=0.08, y=0.08)
        axes.tick_params(colors=colours.text, labelsize=_FONT)
        axes.grid(color=colours.border, lw=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(_("Share of vectors compared"), color=colours.text, fontsize=_FONT)
        axes.set_ylabel(_("Recall@10"), color=colours.text, fontsize=_FONT)
