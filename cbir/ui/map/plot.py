"""The map as a Matplotlib figure: points, hits, the selected ring and the query's star.

No Tk and no pyplot in here. The artists are made once and moved. What changes with each query
(``overlay``) lies over the ``margin`` (key and legend), and that over the ground (axes, grid and
captions), which are drawn only when it is others that are to be seen: see ``canvas``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from cbir.language import _
from cbir.records import Modality
from cbir.ui.map.cloud import Cloud
from cbir.ui.map.colours import Colouring
from cbir.ui.map.key import MapKey, width_of
from cbir.ui.map.points import MapPoints, Rows, View

if TYPE_CHECKING:
    from cbir.ui.widgets.theme import Palette

DPI = 96  # so that a point of Matplotlib's is 4/3 pixels at 100 %, as on the screen
_FONT, _LABEL_FONT = 8, 8.5  # points
_LEFT, _RIGHT, _TOP, _BOTTOM = 24, 8, 8, 26  # margins around the axes, pixels at 100 %
_LEGEND = 22  # kept above the axes for a legend, so that nothing moves when there is one
_SHORT_CAPTION = 230  # axes shorter than this get the shorter caption, pixels at 100 %
_ROOM = 18  # kept free around the points, pixels at 100 %
_LARGEST_HIT, _SMALLEST_HIT = 78.0, 34.0  # areas of the best and the last hit, square points
_CLOSEST, _FARTHEST = 1e5, 20.0  # how far one may zoom in and out of the whole
_UNSEEN = 0.01  # of a pixel: what is moved by less, as rounding does, stays where it is
_MOST_RINGS = 2000  # they take 4 ms a thousand
_BESIDE_HITS = 0.75  # how much of the points is left to see beside hits
_TEXT_QUERY = _("text query")  # said beside the star too, as it stands apart from its results
_MOVED_QUERY = _("text query, moved across the modality gap")
_BESIDE = 12  # from the axes to the key, pixels at 100 %
_NARROW_SPACE = "\u202f"

Place = tuple[float, float]
_Entry = tuple[str, float, str, str, str]  # of the legend: marker, size, face, edge, label


class MapPlot:
    """What is drawn, and where. Coordinates on the screen are pixels from the figure's lower left.

    ``is_home`` tells whether the whole map is in view; then it stays so when the size changes.
    """

    def __init__(self, colours: Palette) -> None:
        self.figure = Figure(figsize=(3.2, 2.4), dpi=DPI)
        self.axes = self.figure.add_subplot()
        self.points = MapPoints(np.empty(0, np.int64), np.empty((0, 2), np.float32))
        self.is_home = True
        self.star: Place | None = None
        self.hits: Rows = np.empty(0, dtype=np.intp)
        self._explained: Sequence[float] = (0.0, 0.0)
        self._modality: Modality = "image"
        self._shown = View(0.5, 0.5, 1.0)
        self.faded = np.zeros(0, np.bool_)  # points that a filter or the slider leaves out
        self._pair = (0, 1)
        self._corrected = False
        self._colouring: Colouring | None = None
        self.key = MapKey(self.figure)
        self._placed: tuple[float, ...] = ()
        self._key_shown: object = None
        self._legend: tuple[tuple[_Entry, ...], float] = ((), 0.0)
        self.ground_changed = self.margin_changed = True  # the canvas puts it right
        self._make_artists()
        self.recolour(colours)

    def _make_artists(self) -> None:
        axes = self.axes
        axes.set_axisbelow(True)
        axes.format_coord = _nothing  # type: ignore[method-assign, assignment]
        axes.tick_params(length=0, labelbottom=False, labelleft=False)
        axes.spines[:].set_visible(False)
        self.cloud = Cloud(axes)
        axes.add_artist(self.cloud)
        self._hit_dots = axes.scatter([], [], linewidths=0.8, zorder=4)
        self._links = LineCollection([], linewidths=0.7, alpha=0.45, zorder=3)
        axes.add_collection(self._links, autolim=False)
        (self._ring,) = axes.plot([], [], "o", ms=13, mfc="none", mew=2, zorder=5)
        (self._star,) = axes.plot([], [], "*", ms=19, mew=1.1, zorder=6)
        self._star_label = axes.annotate(
            _TEXT_QUERY, (0, 0), (9, 7), textcoords="offset points", fontsize=_FONT, zorder=7
        )
        self._star_label.set_visible(False)

    @property
    def overlay(self) -> tuple[Artist, ...]:
        """What is drawn over the ground, the lowest first."""
        return self.cloud, self._links, self._hit_dots, self._ring, self._star, self._star_label

    @property
    def margin(self) -> tuple[Artist, ...]:
        """What is drawn over the ground before the overlay: beside the axes and above them."""
        return *self.figure.legends, *self.key.artists

    @contextmanager
    def only_ground(self) -> Iterator[None]:
        """Only the ground is drawn."""
        above = (*self.margin, *self.overlay)
        hidden = [artist for artist in above if artist.get_visible()]
        for artist in hidden:
            artist.set_visible(False)
        try:
            yield
        finally:
            for artist in hidden:
                artist.set_visible(True)

    # What is shown ---------------------------------------------------------------------------

    def set_points(
        self, points: MapPoints, explained: Sequence[float], pair: tuple[int, int] = (0, 1)
    ) -> None:
        """Show other points; hits, ring and star go. ``explained``: each axis' share (0 to 1).

        ``pair``: which principal components they are, from 0.
        """
        self.points = points
        self.faded = np.zeros(len(points), np.bool_)
        self._explained, self._pair = explained, pair
        self.cloud.set_points(points.x, points.y)
        self.cloud.set_marker(_marker_size(len(points)), _opacity(len(points)))
        self.set_hits(points.rows(()))
        self.set_selected(points.rows(()))
        self.set_star(None, "image")
        self._caption()

    def set_hits(self, rows: Rows) -> None:
        """Highlight rows, best first: larger, in the hits' colour, fading with their rank."""
        self.hits = rows
        shares = np.linspace(1, 0, len(rows)) if len(rows) > 1 else np.ones(len(rows))
        # the last is drawn on top, so the best goes last
        places = np.column_stack([self.points.x[rows], self.points.y[rows]])[::-1]
        self._hit_dots.set_offsets(places)
        self._link()
        self._hit_dots.set_sizes((_SMALLEST_HIT + (_LARGEST_HIT - _SMALLEST_HIT) * shares)[::-1])
        self._colour_hits()

    def set_selected(self, rows: Rows) -> None:
        """Draw a ring around rows; around some of them only, evenly, where there are very many."""
        rows = rows[:: -(-len(rows) // _MOST_RINGS) or 1]
        self._ring.set_data(self.points.x[rows], self.points.y[rows])

    def set_star(self, place: Place | None, modality: Modality, *, corrected: bool = False) -> None:
        """Put the query's star at a place, or take it away.

        ``corrected``: words, moved from their own side of the modality gap to the pictures'.
        """
        self.star = place
        self._modality, self._corrected = modality, corrected
        self._link()
        self._star.set_data([[place[0]], [place[1]]] if place else [[], []])
        self._star_label.set_visible(place is not None and modality == "text")
        if place:
            self._star_label.xy = place

    def _link(self) -> None:
        """Thin lines from the star to its hits."""
        ends = np.column_stack([self.points.x[self.hits], self.points.y[self.hits]])
        self._links.set_segments([(self.star, end) for end in ends] if self.star else [])

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Colour the points, and tell what by beside them; None: one colour for all."""
        self._colouring = colouring
        self.cloud.set_colours(None if colouring is None else colouring.colours)
        self._colour_hits()

    # Looks -----------------------------------------------------------------------------------

    def recolour(self, colours: Palette) -> None:
        """Take on a theme's colours."""
        self._colours = colours
        axes = self.axes
        self.ground_changed = True
        self.figure.set_facecolor(colours.background)
        axes.set_facecolor(colours.surface)
        axes.grid(True, color=colours.border, linewidth=0.6, alpha=0.6)
        for axis in (axes.xaxis, axes.yaxis):
            axis.label.set(color=colours.muted, fontsize=_LABEL_FONT)
        self._ring.set_markeredgecolor(colours.text)
        self._star.set(markerfacecolor=colours.star, markeredgecolor=colours.text)
        self._star_label.set_color(colours.text)
        self._star_label.set_path_effects([withStroke(linewidth=3, foreground=colours.surface)])
        self._colour_hits()

    def _colour_hits(self) -> None:
        """Hits stand out, and where there are any, all other points step back."""
        colours = self._colours
        any_hits = len(self.hits) > 0
        self.cloud.set_tint(to_rgb(colours.muted if any_hits else colours.accent))
        self.cloud.set_alpha(_BESIDE_HITS if any_hits else 1.0)
        red, green, blue = to_rgb(colours.hit)
        shades = np.linspace(1, 0.55, len(self.hits))[::-1]
        coloured = self._colouring is not None  # then a hit is a ring that leaves the colour to see
        self._hit_dots.set_facecolor(
            "none" if coloured else [(red, green, blue, float(shade)) for shade in shades]
        )
        self._hit_dots.set_edgecolor(colours.hit if coloured else colours.surface)
        self._hit_dots.set_linewidth(2.0 if coloured else 0.8)
        self._links.set_color(colours.hit)

    def prepare(self) -> None:
        """Put the legend right, just before something is drawn: making one takes a while."""
        self._show_key()
        width = float(self.figure.bbox.width)
        wanted = (tuple(self._entries(short=False)), width)
        if wanted == self._legend:
            return
        self._legend = wanted
        self.margin_changed = True
        if self._show_legend(wanted[0]) > width:
            self._show_legend(tuple(self._entries(short=True)))

    def _show_legend(self, entries: tuple[_Entry, ...]) -> float:
        """One row of names, or none; how many pixels it takes."""
        for old in list(self.figure.legends):
            old.remove()
        if not entries:
            return 0.0
        legend = self.figure.legend(
            handles=[_key(*entry) for entry in entries], ncols=len(entries), loc="upper left",
            frameon=False, fontsize=_FONT, labelcolor=self._colours.muted, borderpad=0.3,
            handletextpad=0.1, columnspacing=1.2, borderaxespad=0.2,
        )  # fmt: skip
        return float(legend.get_window_extent().x1)

    def _show_key(self) -> None:
        """What the points' colours mean, in the room that ``layout`` keeps for it."""
        box, shown = self.axes.get_position(), None
        if self._colouring is not None and self._key_width():
            shown = self._colouring
        place = (box.x1 + _BESIDE * self._ratio() / self.figure.bbox.width, box.y1)
        told = None if shown is None else (shown.title, shown.keys, shown.scale)
        wanted = (told, self._colours, *place, self.figure.bbox.height)
        if wanted != self._key_shown:
            self._key_shown = wanted
            self.margin_changed = True
            self.key.show(shown, self._colours, *place)

    def key_told(self, pixel: Place) -> str:
        """All that the key tells, where the pixel is on it and it does not show all; else ""."""
        return self.key.told if pixel[0] > self.axes.bbox.x1 else ""

    def _key_width(self) -> float:
        """Pixels at 100 % that the key takes; 0 where there is none, or too little room for it."""
        width = 0 if self._colouring is None else width_of(self._colouring)
        return width if self.figure.bbox.width > 2.2 * width * self._ratio() else 0

    def _entries(self, *, short: bool) -> Iterator[_Entry]:
        """One row above the axes, while something in it needs a name; ``short``: as needed."""
        colours, coloured = self._colours, self._colouring is not None
        if (len(self.hits) or self.star) and not (coloured or short):
            yield "o", 5, colours.muted, colours.muted, _("library")
        if len(self.hits):
            face, edge = ("none", colours.hit) if coloured else (colours.hit, colours.background)
            yield "o", 7, face, edge, _("results")
        if self.star:
            name = _("query")
            if self._modality == "text":
                name = _MOVED_QUERY if self._corrected and not short else _TEXT_QUERY
            yield "*", 11, colours.star, colours.text, name

    def _caption(self) -> None:
        width, height = self._axes_size()
        for number, (axis, length) in enumerate(
            ((self.axes.xaxis, width), (self.axes.yaxis, height))
        ):
            long = length >= _SHORT_CAPTION * self._ratio()
            text = _("PC {number} ({share} of variance)") if long else _("PC {number} ({share})")
            share = f"{100 * self._explained[number]:.1f}{_NARROW_SPACE}%"
            told = text.format(number=self._pair[number] + 1, share=share)
            self.ground_changed |= told != axis.get_label_text()
            axis.set_label_text(told)
            axis.labelpad = 3

    # Sizes and views -------------------------------------------------------------------------

    def _ratio(self) -> float:
        """This screen's scaling: 2.0 at 200 %."""
        return float(self.figure.dpi) / DPI

    def _axes_size(self) -> tuple[float, float]:
        """Width and height of the drawing area in pixels."""
        box = self.axes.get_position()
        return (
            float(box.width * self.figure.bbox.width),
            float(box.height * self.figure.bbox.height),
        )

    def layout(self) -> None:
        """Fit axes, captions and view to the figure's size, which may be tiny."""
        width, height = self.figure.bbox.width, self.figure.bbox.height
        ratio = self._ratio()
        top = _TOP + _LEGEND
        left, right = _LEFT * ratio / width, 1 - (_RIGHT + self._key_width()) * ratio / width
        bottom, over = _BOTTOM * ratio / height, 1 - top * ratio / height
        place = (min(left, 0.4), min(bottom, 0.4), max(right - left, 0.2), max(over - bottom, 0.2))
        self.ground_changed |= place != self._placed
        self._placed = place
        self.axes.set_position(place)
        self._caption()
        self.stay_home()

    def stay_home(self) -> None:
        """Where the whole map is in view, keep it so: the star may be elsewhere now."""
        self._apply(self._whole() if self.is_home else self._shown)

    @property
    def view(self) -> View:
        """What is in view; where the axes' scales differ, the smaller scale of the two."""
        (x0, x1), (y0, y1) = self.axes.get_xlim(), self.axes.get_ylim()
        width, height = self._axes_size()
        unit = max((x1 - x0) / max(width, 1), (y1 - y0) / max(height, 1))
        return View(float(x0 + x1) / 2, float(y0 + y1) / 2, float(unit))

    def _apply(self, view: View) -> None:
        self._shown = view
        x, y = view.limits(*self._axes_size())
        before = (*self.axes.get_xlim(), *self.axes.get_ylim())
        if np.abs(np.subtract((*x, *y), before)).max() > _UNSEEN * view.unit:
            self.ground_changed = True
            self.axes.set_xlim(x)
            self.axes.set_ylim(y)
        if self.star:  # its label on the side where there is room
            on_left = self.star[0] > view.x
            self._star_label.set(ha="right" if on_left else "left", x=-9 if on_left else 9)

    def _whole(self) -> View:
        """The view of every point and the star, with room around them for their markers."""
        free = 2 * _ROOM * self._ratio()
        width, height = (max(length - free, length / 2) for length in self._axes_size())
        return self.points.fit(width, height, self.star)

    def fit(self) -> None:
        """Bring every point, and the star, into view."""
        self.is_home = True
        self._apply(self._whole())

    def show_view(self, view: View) -> None:
        """Show another part of the map."""
        self._apply(view)
        self.is_home = False

    def straighten(self) -> None:
        """Make both axes' scales equal again: a distance counts the same in every direction."""
        self._apply(self.view)
        self.is_home = self._shown.same(self._whole())

    def zoom(self, pixel: Place, factor: float) -> None:
        """Zoom about a place on the screen: in for a ``factor`` above 1, out below."""
        whole = self._whole()
        view = self.view
        unit = min(max(view.unit / factor, whole.unit / _CLOSEST), whole.unit * _FARTHEST)
        if math.isclose(unit, view.unit):
            return
        x, y = self.axes.transData.inverted().transform(pixel)
        self._apply(view.zoomed(float(x), float(y), view.unit / unit))
        self.is_home = False

    def is_zoomed(self, times: float) -> bool:
        """Whether the map is seen from so many times nearer than the whole of it."""
        return not self.is_home and self.view.unit * times <= self._whole().unit

    def under_label(self, places: NDArray[np.float64], margin: float) -> NDArray[np.bool_]:
        """Which places on the screen (m, 2) are within ``margin`` of a labelled star: (m,)."""
        if not self._star_label.get_visible():
            return np.zeros(len(places), np.bool_)
        parts = [self._star.get_window_extent(), self._star_label.get_window_extent()]
        x0, y0, x1, y1 = Bbox.union(parts).extents
        x, y = places[:, 0], places[:, 1]
        inside_x: NDArray[np.bool_] = (x > x0 - margin) & (x < x1 + margin)
        inside_y: NDArray[np.bool_] = (y > y0 - margin) & (y < y1 + margin)
        return inside_x & inside_y

    def in_view(self, margin: float = 0.0) -> tuple[Rows, NDArray[np.float64]]:
        """The rows of the points in view (m,), and where they are on the screen, (m, 2).

        Those within ``margin`` pixels of the edge are left out.
        """
        edge = margin * self.view.unit
        x0, x1 = np.add(self.axes.get_xlim(), (edge, -edge))
        y0, y1 = np.add(self.axes.get_ylim(), (edge, -edge))
        x, y = self.points.x, self.points.y
        rows: Rows = np.flatnonzero((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
        places = np.column_stack([x[rows], y[rows]]).astype(np.float64)
        pixels: NDArray[np.float64] = self.axes.transData.transform(places)
        return rows, pixels

    def pixel(self, place: Place) -> Place:
        """Where a place of the map is on the screen."""
        x, y = self.axes.transData.transform(place)
        return float(x), float(y)

    def place(self, row: int) -> Place:
        """Where a row's point is on the map."""
        return float(self.points.x[row]), float(self.points.y[row])

    def nearest(self, pixel: Place, radius: float) -> int | None:
        """The row of the point nearest to a pixel, hits before others; None beyond ``radius``."""
        if not self.axes.bbox.contains(*pixel):
            return None
        x, y = self.axes.transData.inverted().transform(pixel)
        reach = radius * self.view.unit
        hit = self.points.nearest(float(x), float(y), reach / 2, self.hits)
        return self.points.nearest(float(x), float(y), reach) if hit is None else hit

    def on_star(self, pixel: Place, radius: float) -> bool:
        """Whether the star is within ``radius`` pixels."""
        return self.star is not None and math.dist(self.pixel(self.star), pixel) <= radius


def _marker_size(count: int) -> float:
    """The diameter of a point, in points: smaller where there are many."""
    return float(np.interp(math.log10(max(count, 1)), [2, 3, 4, 5], [6.5, 5, 3, 1.8]))


def _opacity(count: int) -> float:
    """How much of a point covers what lies below: less where there are many."""
    return float(np.interp(math.log10(max(count, 1)), [3, 4, 5], [0.75, 0.5, 0.25]))


def _key(marker: str, size: float, face: str, edge: str, label: str) -> Line2D:
    """A marker for the legend."""
    return Line2D(
        [], [], marker=marker, ms=size, mfc=face, mec=edge, ls="", label=label,
        mew=1.6 if face == "none" else 0.8,
    )  # fmt: skip


def _nothing(_x: float, _y: float) -> str:
    """What there is to say of a place: formatting it would take as long as all else of a hover."""
    return ""
