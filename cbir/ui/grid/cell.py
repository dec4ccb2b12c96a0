"""One pooled cell of the grid: a handful of canvas items that show whichever tile is in view."""

from __future__ import annotations

import tkinter
from collections import defaultdict
from dataclasses import dataclass
from tkinter import font as tkfont
from typing import Literal

from cbir.language import _
from cbir.records import Record
from cbir.ui.grid.art import CHIP, CardState, GridArt
from cbir.ui.grid.layout import Box, Metrics
from cbir.ui.grid.tiles import Tile
from cbir.ui.widgets.text import Fitter, shown_name
from cbir.ui.widgets.theme import CAPTION_FONT, SMALL_FONT, TIP_TEXT, scaled

CELL_TAG = "cell"
Anchor = Literal["nw", "n", "center", "w", "e", "se"]


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
        self.glyph = scaled(canvas, 12)
        self.chip = scaled(canvas, CHIP)
        self.least_name = scaled(canvas, 48)  # of which enough can be read
        self.roomy_name = scaled(canvas, 110)

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
        self._path = str(canvas)
        self._told: defaultdict[int, dict[str, str]] = defaultdict(dict)
        self.tile: Tile | None = None
        self._state = CardState()
        self._style: Style | None = None
        self._square: Box = (0, 0, 0, 0)
        self._area: Box = (0, 0, 0, 0)  # of the picture in the square
        self._card = self._make_image("nw")
        self._waiting = self._make_rectangle()
        self._image = self._make_image("center")
        self._mark = self._make_text("n", SMALL_FONT)
        self._missing = self._make_image("se")
        self._chip = self._make_rectangle()
        self._count = self._make_text("center", CAPTION_FONT)
        self._track = self._make_rectangle()
        self._bar = self._make_rectangle()
        self._rank = self._make_text("w", SMALL_FONT)
        self._move = self._make_text("w", CAPTION_FONT)
        self._name = self._make_text("w", SMALL_FONT)
        self._duplicate = self._make_image("e")
        self._tag = self._make_image("e")
        self._percentile = self._make_text("e", SMALL_FONT)
        self._score = self._make_text("e", CAPTION_FONT)
        self._signs = (self._duplicate, self._tag)
        self._images = (self._card, self._image, self._missing, *self._signs)
        lefts, rights = (self._rank, self._move, self._name), (self._percentile, self._score)
        rectangles = (self._waiting, self._chip, self._track, self._bar)
        self._others = (*rectangles, self._mark, self._count, *lefts, *rights)

    def _make_image(self, anchor: Anchor) -> int:
        return self._canvas.create_image(0, 0, anchor=anchor, tags=CELL_TAG)

    def _make_rectangle(self) -> int:
        return self._canvas.create_rectangle(0, 0, 0, 0, width=0, tags=CELL_TAG)

    def _make_text(self, anchor: Anchor, font: str) -> int:
        return self._canvas.create_text(0, 0, anchor=anchor, font=font, tags=CELL_TAG)

    def show(
        self, tile: Tile, picture: Picture, state: CardState, style: Style, left: int, top: int
    ) -> None:
        """Draw ``tile`` with its card's corner at (left, top) of the canvas."""
        self.tile, self._style, self._state = tile, style, state
        metrics = style.metrics
        x = left + (style.card_width - metrics.picture) // 2
        y = top + metrics.padding
        self._square = (x, y, x + metrics.picture, y + metrics.picture)
        self._put(self._card, left, top)
        self._configure(self._card, image=style.art.card(state), state="normal")
        self._show_picture(tile, picture, style)
        ends = (left + metrics.padding, left + style.card_width - metrics.padding)
        self._show_bar(tile.strength, style, *ends)
        self._show_caption(tile, style, *ends)

    def moved(self, dy: int) -> None:
        """The canvas moved every cell by ``dy`` pixels."""
        self._square = _down(self._square, dy)
        self._area = _down(self._area, dy)

    def set_picture(self, picture: Picture) -> None:
        """The tile's thumbnail came, or cannot come."""
        if self.tile is not None and self._style is not None:
            self._show_picture(self.tile, picture, self._style)

    def set_state(self, state: CardState) -> None:
        """Selected, hovered or focused changed."""
        if self.tile is None or self._style is None or state == self._state:
            return
        self._state = state
        self._configure(self._card, image=self._style.art.card(state))
        for item, shown in zip(self._signs, self._signs_of(self.tile, self._style), strict=True):
            if self._told[item].get("image"):
                self._configure(item, image=shown)

    def hide(self) -> None:
        """Out of sight, ready for another tile.

        Its pictures are let go of: Tk refuses any change to an item whose picture is gone.
        """
        self.tile = None
        for item in self._images:
            self._configure(item, image="", state="hidden")
        for item in self._others:
            self._configure(item, state="hidden")

    @property
    def count_box(self) -> Box | None:
        """Where the count is on the canvas; None where the tile has none."""
        if self.tile is None or self._style is None or self.tile.count < 2:
            return None
        high = self._style.chip
        wide = max(high, self._style.scores.width(_times(self.tile.count)) + 3 * self._style.small)
        left, top, right, bottom = self._area
        if right - left < 2 * wide or bottom - top < 2 * high:
            left, top = self._square[:2]  # it would hide a tiny picture
        return left, top, left + wide, top + high

    def _show_picture(self, tile: Tile, picture: Picture, style: Style) -> None:
        """The picture, or a quiet rectangle of just its size until it comes, or why it cannot."""
        record = tile.record
        mark = picture.reason and ("missing" if record.missing else _("no preview"))
        if mark:
            self._area = self._square
            self._show_sign(style.art.missing if record.missing else style.art.unreadable, style)
        else:
            left, top, right, bottom = self._square
            x, y = (left + right) // 2, (top + bottom) // 2
            width, height = fitted(record, right - left)
            across, down = x - width // 2, y - height // 2
            self._area = (across, down, across + width, down + height)
            self._put(self._waiting, *self._area)
            state = "normal" if picture.image else "hidden"
            self._place(self._image, x, y, image=picture.image, state=state)
        art, shown = style.art, bool(picture.image and not mark)
        self._configure(self._waiting, fill=art.waiting, state="hidden" if shown else "normal")
        self._configure(
            self._mark, text=mark, fill=art.colours.muted, state="normal" if mark else "hidden"
        )
        chip = style.art.missing_chip if record.missing and shown else ""
        self._place_sign(self._missing, *self._area[2:], chip)
        self._show_count(tile, style)

    def _show_count(self, tile: Tile, style: Style) -> None:
        """How many near-identical pictures it stands for, in the top left corner."""
        box = self.count_box
        if box is None:
            for item in (self._chip, self._count):
                self._configure(item, state="hidden")
            return
        self._put(self._chip, *box)
        fill = style.art.colours.accent if tile.unfolded else style.art.colours.tip
        self._configure(self._chip, fill=fill, state="normal")
        x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
        self._place(self._count, x, y, text=_times(tile.count), fill=TIP_TEXT)

    def _show_sign(self, sign: str, style: Style) -> None:
        """A sign and a word in the middle of the whole square."""
        left, top, right, bottom = self._square
        x, y = (left + right) // 2, (top + bottom) // 2
        self._put(self._waiting, left, top, right, bottom)
        self._put(self._mark, x, y + 2 * style.glyph)
        self._place(self._image, x, y - style.glyph // 2, image=sign)

    def _show_bar(self, strength: float | None, style: Style, left: int, right: int) -> None:
        top = self._square[3] + style.small
        if strength is None:
            self._configure(self._track, state="hidden")
            self._configure(self._bar, state="hidden")
            return
        end = left + round((right - left) * min(max(strength, 0.0), 1.0))
        self._put(self._track, left, top, right, top + style.bar)
        self._put(self._bar, left, top, end, top + style.bar)
        self._configure(self._track, fill=style.art.track, state="normal")
        state = "normal" if end > left else "hidden"
        self._configure(self._bar, fill=style.art.colours.accent, state=state)

    def _show_caption(self, tile: Tile, style: Style, start: int, end: int) -> None:
        """From the left: rank, move, name; from the right: score, percentile, signs."""
        metrics, colours = style.metrics, style.art.colours
        line = metrics.caption - 2 * style.small - style.bar - metrics.padding
        middle = self._square[3] + 2 * style.small + style.bar + line // 2
        rank = str(tile.rank) if tile.rank else ""
        self._place_text(self._rank, start, middle, rank, colours.muted)
        start += style.names.width(rank) + style.small if rank else 0
        self._place_text(self._move, start, middle, tile.move, style.art.move(tile.move))
        start += style.scores.width(tile.move) + style.small if tile.move else 0
        self._place_text(self._score, end, middle, tile.score, colours.text)
        end -= style.scores.width(tile.score) + 2 * style.small if tile.score else 0
        end = self._show_percentile(tile.percentile, style, (start, end, middle))
        end = self._show_signs(tile, style, (start, end, middle))
        named = end - start >= style.least_name
        name = style.names.middle(shown_name(tile.record.path), end - start) if named else ""
        self._place_text(self._name, start, middle, name, colours.text)

    def _show_percentile(self, text: str, style: Style, line: tuple[int, int, int]) -> int:
        """Where there is ample room; returns where it begins, or ``end`` of (start, end, y)."""
        start, end, y = line
        width = style.names.width(text) + 2 * style.small if text else 0
        fits = end - width - start >= style.roomy_name
        self._place_text(self._percentile, end, y, text if fits else "", style.art.colours.muted)
        return end - width if fits else end

    def _show_signs(self, tile: Tile, style: Style, line: tuple[int, int, int]) -> int:
        """Those that leave room for a name, where there is any; returns where they begin."""
        start, end, y = line
        if end - start >= style.least_name:
            start += style.least_name
        for item, shown in zip(self._signs, self._signs_of(tile, style), strict=True):
            fits = end - style.glyph - style.small >= start
            self._place_sign(item, end, y, shown if fits else "")
            end -= style.glyph + style.small if shown and fits else 0
        return end

    def _signs_of(self, tile: Tile, style: Style) -> tuple[str, str]:
        art, state = style.art, self._state
        duplicate = art.duplicate(state) if tile.duplicate else ""
        return duplicate, art.tag(state) if tile.record.tags else ""

    def _place_text(self, item: int, x: int, y: int, text: str, fill: str) -> None:
        if text:
            self._place(item, x, y, text=text, fill=fill)
        else:
            self._configure(item, state="hidden")

    def _place_sign(self, item: int, x: int, y: int, image: str) -> None:
        if image:
            self._place(item, x, y, image=image)
        else:
            self._configure(item, image="", state="hidden")

    def _put(self, item: int, *places: int) -> None:
        self._canvas.tk.call(self._path, "coords", item, *places)

    def _configure(self, item: int, **options: str) -> None:
        """Tell Tk what is new: from tile to tile most options stay as they are."""
        told = self._told[item]
        new = {name: value for name, value in options.items() if told.get(name) != value}
        if new:
            told.update(new)
            flat = [word for name, value in new.items() for word in (f"-{name}", value)]
            self._canvas.tk.call(self._path, "itemconfigure", item, *flat)

    def _place(self, item: int, x: int, y: int, **options: str) -> None:
        self._put(item, x, y)
        self._configure(item, **{"state": "normal", **options})


def _down(box: Box, dy: int) -> Box:
    left, top, right, bottom = box
    return left, top + dy, right, bottom + dy


def _times(count: int) -> str:
    return f"×{count:,}"
