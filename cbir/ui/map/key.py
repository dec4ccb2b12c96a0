"""The key beside the map: which colour stands for what. Part of the figure, so it is saved too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cbir.language import counted
from cbir.ui.map.colours import Colouring, Scale
from cbir.ui.widgets.text import Fitter

if TYPE_CHECKING:
    from cbir.ui.widgets.theme import Palette

_KEYS_WIDTH, _BAR_WIDTH = 146, 104  # pixels at 100 %
_FONT = 8  # points
_LINE = 12.0  # from one line to the next, in points
_EDGE = 8  # kept free of names at the figure's right, pixels at 100 %
_BAR = 0.55  # the bar's height, as a share of what lies below the key's top


def width_of(colouring: Colouring) -> int:
    """Pixels at 100 % that its key takes."""
    if colouring.scale is not None:
        return _BAR_WIDTH
    return _KEYS_WIDTH if colouring.keys else 0


class MapKey:
    """Drawn to the right of the map, while its points are coloured by something.

    A few artists of its own: Matplotlib's legend takes several times as long to draw.
    """

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self.artists: list[Artist] = []
        self.labels: list[str] = []
        """What the key says, from above; its title first."""
        self.told = ""
        """All of it, a line each, where something was cut or left out; else ""."""
        self._fitters: dict[float, Fitter] = {}  # by the figure's dots per inch

    def show(self, colouring: Colouring | None, palette: Palette, left: float, top: float) -> None:
        """Show what ``colouring`` tells, from a place in shares of the figure, rightwards."""
        for artist in self.artists:
            artist.remove()
        self.artists, self.labels, self.told = [], [], ""
        if colouring is None or not (colouring.keys or colouring.scale):
            return
        self._write(colouring.title, palette.muted, left, top, "top")
        if colouring.scale is not None:
            self._show_bar(colouring.scale, palette, left, top)
        else:
            self._show_keys(colouring, palette, left, top)

    def _write(self, text: str, colour: str, x: float, y: float, align: str = "center") -> None:
        written = self._figure.text(
            x, y, text, color=colour, fontsize=_FONT, va=align, parse_math=False
        )
        self.artists.append(written)
        self.labels.append(text)

    def _pixels(self, points: float) -> tuple[float, float]:
        """A length, as shares of the figure's width and height."""
        width, height = self._figure.get_size_inches() * 72
        return points / float(width), points / float(height)

    def _show_keys(self, colouring: Colouring, palette: Palette, left: float, top: float) -> None:
        (indent, line), dot_at = self._pixels(_LINE), left + self._pixels(_LINE * 0.3)[0]
        rows = max(1, int(top / line) - 1)
        kept = colouring.keys if len(colouring.keys) <= rows else colouring.keys[: rows - 1]
        for row, (colour, label) in enumerate(kept):
            y = top - line * (row + 1.5)
            dot = Line2D(
                [dot_at], [y], marker="o", ms=6, mew=0, mfc=colour, ls="",
                transform=self._figure.transFigure,
            )  # fmt: skip
            self.artists.append(self._figure.add_artist(dot))
            self._write(self._cut(label, left + indent), palette.text, left + indent, y)
        more = len(colouring.keys) - len(kept)
        if more:  # the map is too low for all
            text = counted("… {count:,} more", "… {count:,} more", more)
            self._write(text, palette.muted, left + indent, top - line * (len(kept) + 1.5))
        labels = [label for _colour, label in colouring.keys]
        if self.labels[1:] != labels:
            self.told = "\n".join([colouring.title, *labels])

    def _cut(self, label: str, left: float) -> str:
        """A name and its count, the name cut in the middle where it would pass the edge."""
        dpi = self._figure.dpi
        fitter = self._fitters.setdefault(dpi, Fitter(self._measure))
        return fitter.middle(label, int((1 - left) * self._figure.bbox.width - _EDGE * dpi / 96))

    def _measure(self, text: str) -> int:
        """Pixels that it takes when it is written."""
        written = self._figure.text(0, 0, text, fontsize=_FONT, parse_math=False)
        width = written.get_window_extent().width
        written.remove()
        return round(width)

    def _show_bar(self, scale: Scale, palette: Palette, left: float, top: float) -> None:
        (indent, line), height = self._pixels(_LINE), top * _BAR
        bar = self._figure.add_axes((left, top - 1.4 * line - height, indent, height))
        bar.imshow(scale.colours[:, None], aspect="auto", origin="lower")
        bar.set_axis_off()
        bar.set_navigate(False)
        self.artists.append(bar)
        self._write(scale.high, palette.text, left + 1.6 * indent, top - 1.4 * line, "top")
        below = top - 1.4 * line - height
        self._write(scale.low, palette.text, left + 1.6 * indent, below, "bottom")
