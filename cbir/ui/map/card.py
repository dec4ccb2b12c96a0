"""The small card beside a point of the map: its thumbnail and name, drawn over the figure.

Tk canvas items over Matplotlib's image: showing one redraws nothing of the figure.
"""

from __future__ import annotations

import tkinter
from tkinter import font as tkfont

from PIL import Image, ImageTk

from cbir.ui.thumbnail_desk import GridDesk
from cbir.ui.widgets.text import fit_middle, shown
from cbir.ui.widgets.theme import BODY_FONT, SMALL_FONT, SPACE_M, Palette, scaled
from cbir.work.messages import ThumbnailReady

PICTURE = 128  # the thumbnail's longer side and the words' width, pixels at 100 %
_LOWEST = 32  # the picture's place, however low the map is, pixels at 100 %
_TAG = "map-card"
_LONGEST_TITLE = 200  # characters
_RING = 7  # radius, pixels at 100 %
_GAP = 12  # between point and card, pixels at 100 %


class MapCard:
    """One card on a canvas, hidden until ``show_picture`` or ``show_text``."""

    def __init__(self, canvas: tkinter.Canvas, colours: Palette, desk: GridDesk) -> None:
        self._canvas = canvas
        self._desk = desk
        self._photo: ImageTk.PhotoImage | None = None
        self._anchor = self._picture = (0, 0)
        self._wanted: tuple[str, int] | None = None
        self.name = self._told = ""
        self.recolour(colours)

    @property
    def visible(self) -> bool:
        """Whether the card is shown."""
        return bool(self._canvas.find_withtag(_TAG))

    @property
    def has_picture(self) -> bool:
        """Whether the card shows a thumbnail."""
        return self.visible and self._photo is not None

    def recolour(self, colours: Palette) -> None:
        """Take on a theme's colours, from the next card on; hides the one shown."""
        self._colours = colours
        self.hide()

    def hide(self) -> None:
        """Take the card away; its thumbnail is not waited for any more."""
        self._canvas.delete(_TAG)
        self._photo = None
        if self._wanted is not None:
            self._wanted = None
            self._desk.keep_only(set())
        self.name = ""

    def raise_(self) -> None:
        """Bring the card back over the figure's image, which was put on top."""
        self._canvas.tag_raise(_TAG)

    def show_picture(
        self, x: int, y: int, path: str, name: str, shape: tuple[int, int], told: str = ""
    ) -> None:
        """Show a file beside the canvas place x, y; its thumbnail follows when it is ready.

        ``shape`` is the picture's width and height in pixels; ``told`` is what there is to say of
        it, below its name.
        """
        self.hide()
        self._anchor, self.name, self._told = (x, y), name, told
        self._picture = self._fitted(shape)
        size = max(self._picture)
        self._wanted = (path, size)
        self._draw_picture(None, "")
        self._desk.request(path, size)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """Put the thumbnail into the card, where it is the one waited for."""
        if self.visible and self._wanted == (event.path, event.size) and self._photo is None:
            self._draw_picture(event.image, event.reason)

    def _fitted(self, shape: tuple[int, int]) -> tuple[int, int]:
        """How large the picture is shown, so that its words have room below it on a low map."""
        longest = scaled(self._canvas, PICTURE)
        room = max(self._canvas.winfo_height() - self._below(), scaled(self._canvas, _LOWEST))
        width, height = (max(side, 1) for side in shape)
        factor = min(longest / max(width, height), room / height, 1.0)
        return max(round(factor * width), 1), max(round(factor * height), 1)

    def _below(self) -> int:
        """The height of all but the picture: the name, what is told and the room around them."""
        line = tkfont.nametofont(BODY_FONT, self._canvas).metrics("linespace")
        told = self._words(scaled(self._canvas, PICTURE)) if self._told else 0
        return int(line) + 3 * scaled(self._canvas, SPACE_M) + told

    def _draw_picture(self, image: Image.Image | None, reason: str) -> None:
        canvas, pad = self._canvas, scaled(self._canvas, SPACE_M)
        width, height = scaled(canvas, PICTURE), max(self._picture[1], scaled(canvas, _LOWEST))
        font = tkfont.nametofont(BODY_FONT, canvas)
        left, top = self._frame(width + 2 * pad, height + self._below())
        middle, below = left + pad + width // 2, top + height + 2 * pad
        if image is None:
            self._empty_picture(left + pad, top + pad, width, height, reason)
        else:
            self._photo = ImageTk.PhotoImage(image, master=canvas)
            canvas.create_image(middle, top + pad + height // 2, image=self._photo, tags=_TAG)
        canvas.create_text(
            middle, below, anchor="n", font=BODY_FONT, tags=_TAG,
            fill=self._colours.text, text=fit_middle(shown(self.name), font.measure, width),
        )  # fmt: skip
        if self._told:
            canvas.create_text(
                left + pad, below + font.metrics("linespace"), anchor="nw", width=width, tags=_TAG,
                font=SMALL_FONT, fill=self._colours.muted, text=self._told,
            )  # fmt: skip

    def _words(self, width: int) -> int:
        """The height of what is told, in pixels, with the room above it."""
        item = self._canvas.create_text(0, 0, width=width, font=SMALL_FONT, text=self._told)
        box = self._canvas.bbox(item)
        self._canvas.delete(item)
        return box[3] - box[1]

    def _empty_picture(self, left: int, top: int, width: int, height: int, reason: str) -> None:
        colours = self._colours
        self._canvas.create_rectangle(
            left, top, left + width, top + height, width=0, fill=colours.background, tags=_TAG
        )
        self._canvas.create_text(
            left + width // 2, top + height // 2, width=width - 8, justify="center", tags=_TAG,
            font=SMALL_FONT, fill=colours.muted, text=shown(reason) or "…",
        )  # fmt: skip

    def show_text(self, x: int, y: int, title: str, text: str) -> None:
        """Show words beside the canvas place x, y: a title, and a paragraph below it."""
        self.hide()
        self._anchor, self.name = (x, y), title
        canvas, pad = self._canvas, scaled(self._canvas, SPACE_M)
        width = min(scaled(canvas, 260), max(canvas.winfo_width() - 4 * pad, 80))
        lines = (
            (shown(title)[:_LONGEST_TITLE], BODY_FONT, self._colours.text),
            (text, SMALL_FONT, self._colours.muted),
        )
        items, right, bottom = [], 0, 0
        for words, font, colour in lines:
            if words:
                item = canvas.create_text(
                    0, bottom, anchor="nw", width=width, font=font,
                    fill=colour, text=words, tags=_TAG,
                )  # fmt: skip
                items.append(item)
                right = max(right, canvas.bbox(item)[2])
                bottom = canvas.bbox(item)[3] + pad // 2
        left, top = self._frame(right + 2 * pad, bottom - pad // 2 + 2 * pad, clear=False)
        for item in items:
            canvas.move(item, left + pad, top + pad)
            canvas.tag_raise(item)

    def _frame(self, width: int, height: int, *, clear: bool = True) -> tuple[int, int]:
        """Draw the card's ground where it stays inside the canvas; its upper left corner."""
        canvas, gap = self._canvas, scaled(self._canvas, _GAP)
        if clear:
            canvas.delete(_TAG)
        left = _beside(self._anchor[0], width, gap, canvas.winfo_width())
        top = _beside(self._anchor[1], height, gap, canvas.winfo_height())
        self._ring()
        canvas.create_rectangle(
            left, top, left + width - 1, top + height - 1, tags=_TAG,
            fill=self._colours.surface, outline=self._colours.border,
        )  # fmt: skip
        return left, top

    def _ring(self) -> None:
        """Mark the place that the card is about."""
        x, y = self._anchor
        radius, width = scaled(self._canvas, _RING), scaled(self._canvas, 2)
        self._canvas.create_oval(
            x - radius, y - radius, x + radius, y + radius, tags=_TAG,
            outline=self._colours.accent, width=width,
        )  # fmt: skip


def _beside(place: int, length: int, gap: int, room: int) -> int:
    """Where something of ``length`` starts: on the roomier side of ``place``, as near as fits."""
    if place * 2 < room:
        return min(place + gap, max(room - length, 0))
    return max(place - gap - length, 0)
