"""The map panel: a space's vectors as an interactive 2-D PCA scatter plot beside the grid.

Importing this module imports Matplotlib (0.4 s): the window does so after its first paint.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import matplotlib
import numpy as np
import ttkbootstrap as ttk
from matplotlib.backend_bases import MouseButton, MouseEvent

from cbir.language import _, counted
from cbir.records import Float32Array, Int64Array, Modality, Record
from cbir.ui.map.canvas import MapCanvas, Navigation
from cbir.ui.map.card import MapCard
from cbir.ui.map.choosers import MapChoosers, Pair
from cbir.ui.map.events import MapEvents, title_of
from cbir.ui.map.hover import MapHover, Star
from cbir.ui.map.moving import MapMover
from cbir.ui.map.paint import MapPaint, Mask
from cbir.ui.map.plot import MapPlot
from cbir.ui.map.points import MapPoints
from cbir.ui.map.thumbs import MapThumbs
from cbir.ui.map.toolbar import MapHeader
from cbir.ui.map.tools import MapTools, Stage
from cbir.ui.thumbnail_desk import ThumbnailDesk
from cbir.ui.widgets.theme import SPACE_M, SPACE_S, palette, scaled
from cbir.work.mapping import ColourBy, MapColours, MapQuery
from cbir.work.messages import ThumbnailReady

if TYPE_CHECKING:
    from cbir.work.searching import MapOutcome

_STILL = 4  # a press that moved less than this is a click, pixels at 100 %
_WHEEL_STEP = 1.25
_SHIFT = 0x1
_HELD_WITH = 0x8 if sys.platform == "darwin" else 0x4  # Command, or Ctrl


class MapPanel(ttk.Frame):
    """Points, hits, a ring around the selection, the query's star; hover, click, wheel, toolbar."""

    def __init__(
        self,
        parent: ttk.Frame,
        *,
        thumbnails: ThumbnailDesk,
        events: MapEvents,
    ) -> None:
        """What is asked of ``thumbnails`` comes by ``thumbnail_ready``."""
        super().__init__(parent)
        self._events = events
        self._outcome: MapOutcome | None = None
        self._hit_ids: tuple[int, ...] = ()
        self._selected_ids: tuple[int, ...] = ()
        self._dragging = False
        self._pressed: tuple[float, float] | None = None
        self._grasped: tuple[float, float] | None = None  # where the map is being moved from
        self._pair = (0, 1)
        self.plot = MapPlot(palette(self))
        self.paint = MapPaint(self.plot)
        self._build(thumbnails)
        self._connect()
        self.show_message("")

    def _build(self, thumbnails: ThumbnailDesk) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self._header = MapHeader(self)
        self._header.grid(row=0, column=0, sticky="ew")
        self.toolbar = self._header.toolbar
        self.choosers = MapChoosers(self, self._colour_chosen, self._pair_chosen)
        self.choosers.grid(row=1, column=0, sticky="ew", pady=(0, scaled(self, SPACE_S)))
        self._stage = ttk.Frame(self, width=scaled(self, 320), height=scaled(self, 200))
        self._stage.grid(row=2, column=0, sticky="nsew")
        self.canvas = MapCanvas(self.plot, self._stage, self._drawn)
        self.canvas.widget.place(relwidth=1, relheight=1)
        self.canvas.widget.configure(background=palette(self).background)
        self.card = MapCard(self.canvas.widget, palette(self), thumbnails.for_grid())
        self.hover = MapHover(
            self.canvas.widget, self.plot, self.card, self._record, self._show_cursor
        )
        self.thumbs = MapThumbs(self.canvas.widget, self.plot, thumbnails.for_grid(), self._record)
        self.navigation = Navigation(self.canvas, self.plot, self.toolbar.refresh, self.hover.hide)
        self._mover = MapMover(self, self.plot, self.navigation, lambda: self._redraw(moved=True))
        stage = Stage(
            self.canvas.widget,
            self.plot,
            self._mover,
            self.hover.show_point,
            self.hover.give_up,
            self.navigation.leave_mode,
            self._tool_changed,
        )
        self.tools = MapTools(stage, palette(self), self._events)
        self.toolbar.attach(self.navigation, self.tools, self._events.on_save)
        self._message = ttk.Label(
            self._stage, style="Muted.TLabel", anchor="center", justify="center"
        )
        self._coming = ttk.Label(
            self._stage, style="Surface.TLabel", anchor="center", justify="center",
            padding=scaled(self, SPACE_M), borderwidth=1, relief="solid",
        )  # fmt: skip

    def _connect(self) -> None:
        connect = self.canvas.mpl_connect
        connect("motion_notify_event", self._moved)
        connect("figure_leave_event", lambda _event: self.hover.hide())
        connect("button_press_event", self._press)
        connect("button_release_event", self._release)
        connect("scroll_event", self._wheel)
        self._colours = palette(self)
        self.bind("<<ThemeChanged>>", self._recolour)
        self.bind("<Destroy>", self._destroyed)
        self._stage.bind("<Configure>", self._stage_resized)

    def show(self, outcome: MapOutcome, *, keep_view: bool = False) -> None:
        """Show a space's map; ``keep_view`` keeps the part in view, where the whole is not shown.

        Hits, selection and star stay, at their new places.
        """
        keep = keep_view and self._outcome is not None and not self.plot.is_home
        view, before = self.plot.view, self._outcome
        self._outcome = outcome
        self._put_points(outcome, kept=before is not None and _on_same_axes(before, outcome))
        self._place_all()
        self._message.place_forget()
        self.show_coming("")
        self._describe()
        self.plot.layout()
        if keep:
            self.plot.show_view(view)
        else:
            self.plot.fit()
            self.navigation.restart()
        self._redraw()

    def _put_points(self, outcome: MapOutcome, *, kept: bool = False) -> None:
        projection, pair = outcome.projection, self._pair
        if max(pair) >= len(projection.explained):
            pair = self._pair = (0, 1)
        # equal vectors differ by rounding only, which must not be blown up to fill the map
        points = projection.points[:, pair] * np.float32(any(projection.explained))
        explained = [projection.explained[axis] for axis in pair]
        self.tools.points_changed(kept)
        self.plot.set_points(MapPoints(projection.ids, points), explained, pair)
        self.choosers.show_axes(len(projection.explained), pair)
        self.paint.apply(palette(self))

    def show_colours(self, found: MapColours | None) -> None:
        """Colour the points by something, or all alike; by the score as soon as one is known."""
        self.paint.show_colours(found)
        self._repaint()

    def choose_colour(self, by: ColourBy) -> None:
        """Colour by something from now on; ``on_colour`` is not told."""
        self.choosers.show_colour(by)
        self.paint.by = by
        self._repaint()

    def show_nearness(self, found: MapQuery | None) -> None:
        """How near all points are to the query, or that there is none: for colours and cards."""
        self.paint.query = found
        self.hover.stand(self.paint.query)
        self._repaint()

    def show_passing(self, ids: Int64Array, passing: Mask | None) -> None:
        """Which points a filter lets by, a mask (n,); None: all. The others step back."""
        self.paint.show_passing(ids, passing)
        self._repaint()

    def _repaint(self) -> None:
        self.paint.apply(palette(self))
        self.plot.layout()
        if self._outcome is not None:
            self._describe()
        self._redraw()

    def _colour_chosen(self, by: ColourBy) -> None:
        self.paint.by = by
        self._repaint()
        self._events.on_colour(by)

    def _pair_chosen(self, pair: Pair) -> None:
        self._pair = pair
        if self._outcome is not None:
            self.show(self._outcome)

    def _describe(self) -> None:
        assert self._outcome is not None
        projection, count = self._outcome.projection, len(self._outcome.records)
        title = title_of(projection.space, projection.metric)
        pictures = counted("{count:,} picture", "{count:,} pictures", count)
        waits = self.paint.by == "score" and self.paint.query is None
        hint = [_("Search to see scores")] if waits else []  # first, as the end may be cut
        self._header.say(" · ".join([*hint, title, pictures]))

    def show_query(
        self,
        vector: Float32Array | None,
        label: str,
        modality: Modality,
        *,
        space: str | None = None,
        corrected: bool = False,
    ) -> None:
        """Put the query's star where its vector, float32 of shape (512,), falls; None removes it.

        ``label`` (a file name or the words) is told on hover. With ``space`` the star waits until
        the map of that space is shown; without it the map shown is taken for the right one.
        ``corrected``: the vector is ``MapQuery.seen`` of words moved across the modality gap.
        """
        self.hover.star = None
        if vector is not None:
            self.hover.star = Star(vector, label, modality, space, corrected)
        self._place_star()
        self.hover.stand(self.paint.query)
        self._redraw_in_view()

    def show_hits(self, ids: Sequence[int]) -> None:
        """Highlight hits, best first; those that are not on the map are left out."""
        self._hit_ids = tuple(ids)
        self.plot.set_hits(self.plot.points.rows(self._hit_ids))
        self._redraw_in_view()

    def select(self, ids: Iterable[int]) -> None:
        """Draw a ring around the points of ``ids``."""
        before, self._selected_ids = self._selected_ids, tuple(ids)
        if self._selected_ids == before:
            return
        self.plot.set_selected(self.plot.points.rows(self._selected_ids))
        self._redraw()

    def show_message(self, text: str) -> None:
        """Show words instead of the map: no vectors yet, computing."""
        self.hover.hide()
        self.thumbs.clear()
        self.show_coming("")
        self._outcome = None
        self._header.say("")
        self._message.configure(text=text)
        self._message.place(relwidth=1, relheight=1)

    def show_coming(self, text: str) -> None:
        """Say over the map that another one is on its way; the map stays. "" says nothing."""
        if not text:
            self._coming.place_forget()
        elif self._outcome is None:
            self._message.configure(text=text)
        else:
            self._coming.configure(text=text)
            self._coming.place(relx=0.5, rely=0.5, anchor="center")

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """Show the thumbnail in the card, where it is the one waited for."""
        self.card.thumbnail_ready(event)
        self.thumbs.thumbnail_ready(event)
        self.card.raise_()

    def _place_all(self) -> None:
        rows = self.plot.points.rows
        self.plot.set_hits(rows(self._hit_ids))
        self.plot.set_selected(rows(self._selected_ids))
        self._place_star()
        self.hover.stand(self.paint.query)

    def _place_star(self) -> None:
        query, outcome = self.hover.star, self._outcome
        if query is None or outcome is None:
            self.plot.set_star(None, "image")
        elif query.space is not None and query.space != outcome.projection.space:
            self.plot.set_star(None, query.modality)
        else:
            projection = outcome.projection
            place = projection.place_seen if query.corrected else projection.place
            x, y = place(query.vector)[list(self._pair)].tolist()
            self.plot.set_star((x, y), query.modality, corrected=query.corrected)

    def _redraw_in_view(self) -> None:
        """Redraw after a change of the star: with the whole in view, it stays the whole."""
        self.plot.stay_home()
        self._redraw()

    def _redraw(self, *, moved: bool = False) -> None:
        self.hover.hide()
        self.canvas.update_idle(moved=moved)

    def _drawn(self) -> None:
        self.tools.redraw()
        if self._outcome is not None:
            self.thumbs.refresh(palette(self))
        self.card.raise_()

    def look_at(self, record_id: int) -> bool:
        """Bring a picture's point to the middle; False where the map has none."""
        rows = self.plot.points.rows((record_id,))
        if not len(rows) or self._outcome is None:
            return False
        self.tools.look_at(int(rows[0]))
        return True

    @property
    def empty(self) -> bool:
        """Whether there is no point to see."""
        return self._outcome is None or not len(self.plot.points)

    def picture(self, kind: Literal["png", "svg"]) -> bytes:
        """The map's figure as a file: PNG at twice its size, or SVG with text as text.

        What lies over the figure is not part of it: thumbnails, outlines of choices, the card.
        Drawn here, on the main thread, as the figure is the one on the screen: a tenth of a second.
        """
        file = io.BytesIO()
        self.plot.prepare()
        with matplotlib.rc_context({"svg.fonttype": "none"}):
            self.canvas.print_figure(
                file, format=kind, dpi=self.plot.figure.dpi * (2 if kind == "png" else 1)
            )
        self._redraw()
        return file.getvalue()

    def _tool_changed(self) -> None:
        if self.tools.lasso.tool:
            self.navigation.leave_mode()
        self.hover.hide()
        self.toolbar.refresh()
        self._show_cursor("")

    def _show_cursor(self, cursor: str) -> None:
        usual = "crosshair" if self.tools.lasso.tool else "arrow"
        if not self.navigation.mode:
            self.canvas.widget.configure(cursor=cursor or usual)

    def _moved(self, event: MouseEvent) -> None:
        if self._dragging or self._outcome is None or self.tools.lasso.tool:
            self.hover.hide()
            self._drag(event)
            return
        self.hover.move((event.x, event.y))

    def _record(self, row: int) -> Record:
        assert self._outcome is not None
        return self._outcome.records[row]

    def _press(self, event: MouseEvent) -> None:
        self._dragging, self._pressed, self._grasped = True, None, None
        busy = self.navigation.mode or self.tools.lasso.tool
        if busy or event.button != MouseButton.LEFT or self._outcome is None:
            return
        if event.dblclick:
            self.navigation.home()
        else:
            self._pressed = self._grasped = (event.x, event.y)

    def _drag(self, event: MouseEvent) -> None:
        """Move the map along with the pointer, once that has really moved."""
        pressed, grasped = self._pressed, self._grasped
        if pressed is None or grasped is None:
            return
        if grasped != pressed or _far(event, pressed, scaled(self, _STILL)):
            self._grasped = (event.x, event.y)
            self._mover.by_pixels(grasped[0] - event.x, grasped[1] - event.y)
            self._show_cursor("fleur")

    def _release(self, event: MouseEvent) -> None:
        pressed, self._pressed, self._dragging = self._pressed, None, False
        if pressed is None:
            return
        if self._grasped != pressed or _far(event, pressed, scaled(self, _STILL)):
            self._show_cursor("arrow")
            return
        row = self.hover.row_at(pressed)
        if row is not None:
            self._events.on_select(self._record(row).id, _adds(event))

    def _wheel(self, event: MouseEvent) -> None:
        if self._outcome is None or event.inaxes is None:
            return
        steps = max(-4.0, min(event.step, 4.0))
        self._mover.zoom(_WHEEL_STEP**steps, (event.x, event.y))

    def _stage_resized(self, event: Any) -> None:
        for told in (self._message, self._coming):
            told.configure(wraplength=max(event.width - 2 * scaled(self, 24), 80))
        self.hover.hide()

    def _recolour(self, _event: object) -> None:
        colours = palette(self)
        if colours == self._colours:
            return  # only some widget's style is new
        self._colours = colours
        self.canvas.widget.configure(background=colours.background)
        self.hover.hide()
        self.card.recolour(colours)
        self.tools.recolour(colours)
        self.plot.recolour(colours)
        self.paint.apply(colours)
        self.plot.layout()
        self.canvas.draw_idle()

    def _destroyed(self, event: Any) -> None:
        if event.widget is self:
            self._mover.stop()


def _on_same_axes(before: MapOutcome, after: MapOutcome) -> bool:
    """Whether a place of one map means the same on the other."""
    old, new = before.projection, after.projection
    same = (old.space, old.metric) == (new.space, new.metric)
    return same and np.array_equal(old.components, new.components)


def _far(event: MouseEvent, place: tuple[float, float], pixels: int) -> bool:
    return max(abs(event.x - place[0]), abs(event.y - place[1])) > pixels


def _adds(event: MouseEvent) -> bool:
    """Whether Ctrl or Shift was held: what is clicked joins what is selected."""
    state = getattr(event.guiEvent, "state", 0)
    return isinstance(state, int) and bool(state & (_SHIFT | _HELD_WITH))
