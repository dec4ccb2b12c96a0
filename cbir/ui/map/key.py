"""The key beside the map: which colour stands for what. Part of the figure, so it is saved too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from cbir.ui.map.colours import Colouring, Scale

if TYPE_CHECKING:
    from cbir.ui.widgets.theme import Palette

WIDTH = 132  # pixels at 100 %
_FONT = 8  # points
_BAR = (0.1, 0.62)  # the bar's width, and its height: shares of the column's
_BELOW = 0.12  # from the figure's lower edge to the bar, a share of its height


class MapKey:
    """Drawn to the right of the map, while its points are coloured by something."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._legend: Legend | None = None
        self._bar: Axes | None = None

    @property
    def labels(self) -> list[str]:
        """What the key says, from above; its title first."""
        if self._bar is not None:
            return [self._bar.get_title(), *(text.get_text() for text in self._bar.texts)]
        if self._legend is None:
            return []
        texts = self._legend.get_texts()
        return [self._legend.get_title().get_text(), *(text.get_text() for text in texts)]

    def show(self, colouring: Colouring | None, palette: Palette, left: float, top: float) -> None:
        """Show what ``colouring`` tells, from a place in shares of the figure, rightwards."""
        if self._legend is not None:
            self._legend.remove()
        if self._bar is not None:
            self._bar.remove()
        self._legend = self._bar = None
        if colouring is None:
            return
        if colouring.scale is not None:
            self._show_bar(colouring.title, colouring.scale, palette, left, top)
        elif colouring.keys:
            self._show_keys(colouring, palette, left, top)

    def _show_keys(self, colouring: Colouring, palette: Palette, left: float, top: float) -> None:
        handles = [
            Line2D([], [], marker="o", ms=6, mew=0, mfc=colour, ls="", label=label)
            for colour, label in colouring.keys
        ]
        legend = Legend(
            self._figure, handles, [label for _colour, label in colouring.keys],
            title=colouring.title, loc="upper left", bbox_to_anchor=(left, top), frameon=False,
            fontsize=_FONT, title_fontsize=_FONT, labelcolor=palette.text, alignment="left",
            borderpad=0, borderaxespad=0, handletextpad=0.1, handlelength=1.2, labelspacing=0.35,
        )  # fmt: skip
        legend.get_title().set_color(palette.muted)
        self._figure.add_artist(legend)
        self._legend = legend

    def _show_bar(
        self, title: str, scale: Scale, palette: Palette, left: float, top: float
    ) -> None:
        width = (1 - left) * _BAR[0]
        height = max((top - _BELOW) * _BAR[1], 0.05)
        bar = self._figure.add_axes((left, top - 0.08 - height, width, height))
        bar.imshow(scale.colours[:, None], aspect="auto", origin="lower", extent=(0, 1, 0, 1))
        bar.set_axis_off()
        bar.set_navigate(False)
        bar.set_title(title, fontsize=_FONT, color=palette.muted, loc="left", pad=5)
        for text, place in ((scale.high, 1.0), (scale.low, 0.0)):
            bar.text(
                1.5, place, text, va="top" if place else "bottom", color=palette.text,
                fontsize=_FONT, transform=bar.transAxes,
            )  # fmt: skip
        self._bar = bar
