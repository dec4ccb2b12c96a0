"""One pooled cell of the grid: a handful of canvas items that show whichever tile is in view."""

from __future__ import annotations

import tkinter
from dataclasses import dataclass
from tkinter import font as tkfont
from typing import Any

from cbir.records import Record
from cbir.ui.grid.art import CardState, GridArt
from cbir.ui.grid.layout import Box, Metrics
from cbir.ui.widgets.text import Fitter, shown_name
from cbir.ui.widgets.theme import CAPTION_FONT, SMALL_FONT, scaled

CELL_TAG = "cell"


@dataclass(frozen=True, slots=True)
class Tile:
    """A record as the grid shows it.

    ``score`` is ready to read (``0.93``), ``rank`` counts from 1 (0: none) and ``strength`` draws
    a thin bar from 0 to 1 (None: none, as when browsing).
    """

    record: Record
    score: str = ""
    rank: int = 0
    strength: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands in a tile's square: a Tk picture, or (empty) the reason why there is none yet."""

    image: str = ""
    width: int = 0
    height: int = 0
    reason: str = ""


class Style:
    """What all cells share while theme, card size and scaling stay: lengths, pictures, fonts."""

    def __init__(self, canvas: tkinter.Canvas, art: GridArt, metrics: Metrics, width: int) -> None:
        self.art = art
        self.metrics = metrics
        self.card_width = width
        self.names = Fitter(tkfont.nametofont(SMALL_FONT, root=canvas).measure)
        self.scores = Fitter(tkfont.nametofont(CAPTION_FONT, root=canvas).measure)
        self.small = scaled(canvas, 4)
        self.bar = scaled(canvas, 3)
        self.tag = scaled(canvas, 12)

    @staticmethod
    def metrics_for(canvas: tkinter.Misc, picture: int) -> Metrics:
        """The lengths around a picture's square of ``picture`` screen pixels."""
        line = tkfont.nametofont(SMALL_FONT, root=canvas).metrics("linespace")
        padding = scaled(canvas, 8)
        return Metrics(
            picture=picture,
            padding=padding,
            caption=2 * scaled(canvas, 4) + scaled(canvas, 3) + line + padding,
            gap=scaled(canvas, 8),
            margin=scaled(canvas, 8),
        )


def fitted(record: Record, side: int) -> tuple[int, int]:
    """Width and height that a record's thumbnail will have in a square of ``side`` pixels."""
    width, height = max(1, record.file.width), max(1, record.file.height)
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


class Cell:
    """The items of one cell; ``show`` puts a tile in it, ``hide`` takes it out of sight."""

    def __init__(self, canvas: tkinter.Canvas) -> None:
        self._canvas = canvas
        self.tile: Tile | None = None
        self._state = CardState()
        self._style: Style | None = None
        self._square: Box = (0, 0, 0, 0)
        self._card = canvas.create_image(0, 0, anchor="nw", tags=CELL_TAG)
        self._waiting = canvas.create_rectangle(0, 0, 0, 0, width=0, tags=CELL_TAG)
        self._image = canvas.create_image(0, 0, anchor="center", tags=CELL_TAG)
        self._mark = canvas.create_text(0, 0, anchor="n", font=SMALL_FONT, tags=CELL_TAG)
        self._track = canvas.create_rectangle(0, 0, 0, 0, width=0, tags=CELL_TAG)
        self._bar = canvas.create_rectangle(0, 0, 0, 0, width=0, tags=CELL_TAG)
        self._rank = canvas.create_text(0, 0, anchor="w", font=SMALL_FONT, tags=CELL_TAG)
        self._name = canvas.create_text(0, 0, anchor="w", font=SMALL_FONT, tags=CELL_TAG)
        self._tag = canvas.create_image(0, 0, anchor="e", tags=CELL_TAG)
        self._score = canvas.create_text(0, 0, anchor="e", font=CAPTION_FONT, tags=CELL_TAG)
        self._images = (self._card, self._image, self._tag)
        texts = (self._mark, self._rank, self._name, self._score)
        self._others = (self._waiting, self._track, self._bar, *texts)

    def show(
        self, tile: Tile, picture: Picture, state: CardState, style: Style, left: int, top: int
    ) -> None:
        """Draw ``tile`` with its card's corner at (left, top) of the canvas."""
        self.tile, self._style, self._state = tile, style, state
        metrics = style.metrics
        x = left + (style.card_width - metrics.picture) // 2
        y = top + metrics.padding
        self._square = (x, y, x + metrics.picture, y + metrics.picture)
        canvas = self._canvas
        canvas.coords(self._card, left, top)
        canvas.itemconfigure(self._card, image=style.art.card(state), state="normal")
        self._show_picture(tile.record, picture, style)
        self._show_bar(tile.strength, style)
        self._show_caption(tile, style, left)

    def moved(self, dy: int) -> None:
        """The canvas moved every cell by ``dy`` pixels."""
        left, top, right, bottom = self._square
        self._square = (left, top + dy, right, bottom + dy)

    def set_picture(self, picture: Picture) -> None:
        """The tile's thumbnail came, or cannot come."""
        if self.tile is not None and self._style is not None:
            self._show_picture(self.tile.record, picture, self._style)

    def set_state(self, state: CardState) -> None:
        """Selected, hovered or focused changed."""
        if self.tile is None or self._style is None or state == self._state:
            return
        self._state = state
        self._canvas.itemconfigure(self._card, image=self._style.art.card(state))
        if self.tile.record.tags:
            self._canvas.itemconfigure(self._tag, image=self._style.art.tag(state))

    def hide(self) -> None:
        """Out of sight, ready for another tile.

        Its pictures are let go of: Tk refuses any change to an item whose picture is gone.
        """
        self.tile = None
        for item in self._images:
            self._canvas.itemconfigure(item, image="", state="hidden")
        for item in self._others:
            self._canvas.itemconfigure(item, state="hidden")

    def _show_picture(self, record: Record, picture: Picture, style: Style) -> None:
        """The picture, or a quiet rectangle of just its size until it comes, or why it cannot."""
        mark = "missing" if record.missing else picture.reason and "no preview"
        if mark:
            self._show_sign(style.art.missing if record.missing else style.art.unreadable, style)
        else:
            left, top, right, bottom = self._square
            x, y = (left + right) // 2, (top + bottom) // 2
            width, height = fitted(record, right - left)
            across, down = x - width // 2, y - height // 2
            self._canvas.coords(self._waiting, across, down, across + width, down + height)
            state = "normal" if picture.image else "hidden"
            self._place(self._image, x, y, image=picture.image, state=state)
        art, shown = style.art, bool(picture.image and not mark)
        self._canvas.itemconfigure(
            self._waiting, fill=art.waiting, state="hidden" if shown else "normal"
        )
        self._canvas.itemconfigure(
            self._mark, text=mark, fill=art.colours.muted, state="normal" if mark else "hidden"
        )

    def _show_sign(self, sign: str, style: Style) -> None:
        """A sign and a word in the middle of the whole square."""
        left, top, right, bottom = self._square
        x, y = (left + right) // 2, (top + bottom) // 2
        self._canvas.coords(self._waiting, left, top, right, bottom)
        self._canvas.coords(self._mark, x, y + 2 * style.tag)
        self._place(self._image, x, y - style.tag // 2, image=sign)

    def _show_bar(self, strength: float | None, style: Style) -> None:
        canvas = self._canvas
        left, _, right, bottom = self._square
        top = bottom + style.small
        if strength is None:
            canvas.itemconfigure(self._track, state="hidden")
            canvas.itemconfigure(self._bar, state="hidden")
            return
        end = left + round((right - left) * min(max(strength, 0.0), 1.0))
        canvas.coords(self._track, left, top, right, top + style.bar)
        canvas.coords(self._bar, left, top, end, top + style.bar)
        canvas.itemconfigure(self._track, fill=style.art.track, state="normal")
        state = "normal" if end > left else "hidden"
        canvas.itemconfigure(self._bar, fill=style.art.colours.accent, state=state)

    def _show_caption(self, tile: Tile, style: Style, left: int) -> None:
        """From the left: rank, name; from the right: score, the tag's sign."""
        canvas, metrics, colours = self._canvas, style.metrics, style.art.colours
        start, end = left + metrics.padding, left + style.card_width - metrics.padding
        line = metrics.caption - 2 * style.small - style.bar - metrics.padding
        middle = self._square[3] + 2 * style.small + style.bar + line // 2
        if tile.rank:
            rank = str(tile.rank)
            self._place(self._rank, start, middle, text=rank, fill=colours.muted)
            start += style.names.width(rank) + style.small
        if tile.score:
            self._place(self._score, end, middle, text=tile.score, fill=colours.text)
            end -= style.scores.width(tile.score) + 2 * style.small
        if tile.record.tags:
            self._place(self._tag, end, middle, image=style.art.tag(self._state))
            end -= style.tag + style.small
        name = style.names.middle(shown_name(tile.record.path), max(0, end - start))
        self._place(self._name, start, middle, text=name, fill=colours.text)
        if not tile.rank:
            canvas.itemconfigure(self._rank, state="hidden")
        if not tile.score:
            canvas.itemconfigure(self._score, state="hidden")
        if not tile.record.tags:
            canvas.itemconfigure(self._tag, image="", state="hidden")

    def _place(self, item: int, x: int, y: int, **options: Any) -> None:
        self._canvas.coords(item, x, y)
        self._canvas.itemconfigure(item, **{"state": "normal", **options})
