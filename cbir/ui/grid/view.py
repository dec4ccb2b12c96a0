"""The grid's virtual canvas: a few pooled cells show whichever of many tiles are in view.

Canvas coordinates end at 32,767 pixels on X11, so the view keeps its own scroll offset.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence

import ttkbootstrap as ttk

from cbir.ui.grid.art import CardState, GridArt
from cbir.ui.grid.cell import CELL_TAG, Cell, Picture, Style
from cbir.ui.grid.layout import Box, GridLayout
from cbir.ui.grid.thumbnails import Thumbnails
from cbir.ui.grid.tiles import Tile
from cbir.ui.widgets.theme import palette, scaled
from cbir.work.messages import ThumbnailReady

_PREFETCH_ROWS = 1


class GridView:
    """Draws tiles on ``canvas`` and moves its scrollbar; ``state_of`` says how each card looks.

    ``on_drawn`` is called after what is in view has changed.
    """

    def __init__(
        self,
        canvas: tkinter.Canvas,
        scrollbar: ttk.Scrollbar,
        thumbnails: Thumbnails,
        state_of: Callable[[int], CardState],
        on_drawn: Callable[[], None],
    ) -> None:
        self._canvas = canvas
        self._scrollbar = scrollbar
        self._thumbnails = thumbnails
        self._state_of = state_of
        self._on_drawn = on_drawn
        self._cells: dict[int, Cell] = {}
        self._free: list[Cell] = []
        self._drawn_offset = 0
        self._idle = ""
        self.offset = 0
        self.tiles: Sequence[Tile] = ()
        self._size = 160
        self.layout: GridLayout
        self.art: GridArt
        self._style: Style
        self._restyle()
        scrollbar.configure(command=self._scrolled)

    @property
    def picture_side(self) -> int:
        """Width and height of a picture's square in screen pixels: what thumbnails are asked at."""
        return self.layout.metrics.picture

    @property
    def cells(self) -> dict[int, Cell]:
        """The cells in view by their tile's position."""
        return self._cells

    def reason(self, index: int) -> str:
        """Why a tile's picture cannot be shown; empty while that is not known or not so."""
        return self._thumbnails.reason(self.tiles[index].record, self.picture_side)

    def count_box(self, index: int) -> Box | None:
        """Where a tile's count is on the canvas, while it is in view; None where it has none."""
        cell = self._cells.get(index)
        return None if cell is None else cell.count_box

    def set_tiles(self, tiles: Sequence[Tile], offset: int) -> None:
        """Show these tiles from ``offset`` on, or from the nearest offset there is."""
        self.tiles = tiles
        self.offset = offset
        self._relayout()

    def set_size(self, size: int) -> None:
        """A new picture size in pixels at 100 %; the tile at the top stays in view."""
        first = self.layout.visible(self.offset).start
        before = self.layout.origin(first)[1] - self.offset
        self._size = size
        self._restyle()
        if self.tiles:
            if self.offset:  # what is scrolled to the top stays there, margin and all
                self.offset = self.layout.clamp(self.layout.origin(first)[1] - min(before, 0))
            self.redraw()

    def resized(self) -> None:
        """The canvas has another size: the tile at the top stays in view."""
        if self._measure() == (self.layout.width, self.layout.height):
            return
        first = self.layout.visible(self.offset).start
        beyond = self.offset - self.layout.origin(first)[1]
        self._restyle()
        if self.tiles and self.offset:
            self.offset = self.layout.origin(first)[1] + beyond
        self._relayout()

    def recolour(self) -> None:
        """The theme changed; Tk says so as well where a style alone did."""
        if palette(self._canvas) == self.art.colours:
            return
        self._canvas.configure(background=palette(self._canvas).background)
        self._restyle()
        self.redraw()

    def scroll_to(self, offset: float) -> None:
        """Scroll; drawn when the events that wait have been seen to."""
        offset = self.layout.clamp(offset)
        if offset != self.offset:
            self.offset = offset
            self._update_scrollbar()
            if not self._idle:
                self._idle = self._canvas.after_idle(self._draw_when_idle)

    def see(self, index: int) -> None:
        """Scroll no further than needed to show a tile whole."""
        self.scroll_to(self.layout.offset_to_see(index, self.offset))

    def redraw(self) -> None:
        """Draw every cell in view anew."""
        self._release(list(self._cells))
        self.draw()

    def draw(self) -> None:
        """Bring the cells to the scroll offset: those still in view move, others change tiles."""
        moved = self._drawn_offset - self.offset
        if moved and self._cells:
            self._canvas.move(CELL_TAG, 0, moved)
            for cell in self._cells.values():
                cell.moved(moved)
        self._drawn_offset = self.offset
        seen = self.layout.visible(self.offset)
        self._release([index for index in self._cells if index not in seen])
        for index in seen:
            if index not in self._cells:
                self._fill(index)
        for cell in self._free:
            if cell.tile is not None:
                cell.hide()
        self._want(seen)
        self._on_drawn()

    def update_states(self) -> None:
        """Selection, hover or focus changed: recolour the cards concerned."""
        for index, cell in self._cells.items():
            cell.set_state(self._state_of(index))

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """Keep a thumbnail that was asked for; show it where its tile is still in view."""
        if not self._thumbnails.receive(event):
            return
        for index, cell in self._cells.items():
            if self.tiles[index].record.path == event.path:
                cell.set_picture(self._picture(index))

    def stop(self) -> None:
        """The canvas is about to go: draw no more."""
        if self._idle:
            self._canvas.after_cancel(self._idle)
            self._idle = ""

    def _draw_when_idle(self) -> None:
        self._idle = ""
        self.draw()

    def _measure(self) -> tuple[int, int]:
        return max(1, self._canvas.winfo_width()), max(1, self._canvas.winfo_height())

    def _relayout(self) -> None:
        self.layout = GridLayout(self.layout.metrics, *self._measure(), len(self.tiles))
        self.offset = self.layout.clamp(self.offset)
        self._update_scrollbar()
        self.redraw()

    def _restyle(self) -> None:
        """Lengths and shared pictures for the present size, theme and canvas."""
        canvas = self._canvas
        metrics = Style.metrics_for(canvas, scaled(canvas, self._size))
        self.layout = GridLayout(metrics, *self._measure(), len(self.tiles))
        card = (self.layout.card_width, metrics.card_height)
        self.art = GridArt(palette(canvas), card, scaled(canvas, 100) / 100)
        self._style = Style(canvas, self.art, metrics, self.layout.card_width)
        self._update_scrollbar()

    def _release(self, indexes: Sequence[int]) -> None:
        self._free.extend(self._cells.pop(index) for index in indexes)

    def _fill(self, index: int) -> None:
        cell = self._free.pop() if self._free else Cell(self._canvas)
        left, top = self.layout.origin(index)
        state, picture = self._state_of(index), self._picture(index)
        cell.show(self.tiles[index], picture, state, self._style, left, top - self.offset)
        self._cells[index] = cell

    def _picture(self, index: int) -> Picture:
        record, side = self.tiles[index].record, self.picture_side
        image = self._thumbnails.picture(record, side)
        if image is None:
            return Picture(reason=self.reason(index))
        return Picture(str(image))

    def _want(self, seen: range) -> None:
        """Thumbnails for what is seen, then for the rows just outside."""
        near = self.layout.visible(self.offset, _PREFETCH_ROWS)
        after, before = range(seen.stop, near.stop), range(near.start, seen.start)
        wanted = [self.tiles[index].record for part in (seen, after, before) for index in part]
        self._thumbnails.want(wanted, self.picture_side)

    def _update_scrollbar(self) -> None:
        """Show how far the view is; a grid that fits has no scrollbar, only the room for it."""
        if not self.layout.furthest:
            self._scrollbar.grid_remove()
            return
        height = self.layout.content_height
        self._scrollbar.set(self.offset / height, (self.offset + self.layout.height) / height)
        self._scrollbar.grid()

    def _scrolled(self, verb: str, amount: str, unit: str = "") -> None:
        """The scrollbar's commands: ``moveto FRACTION``, ``scroll NUMBER units|pages``."""
        if verb == "moveto":
            self.scroll_to(float(amount) * self.layout.content_height)
            return
        step = self.layout.pitch // 3 if unit.startswith("unit") else self.layout.height * 9 // 10
        self.scroll_to(self.offset + float(amount) * step)
