"""A picture on which a part is chosen: a box that is drawn, moved and resized, by mouse or keys."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageTk

from cbir.asking import Box
from cbir.ui.widgets.theme import palette, scaled

_DIMMED = 0.55  # of black over what lies outside of the box
_HANDLE = 8  # pixels at 100 %: corners, and how near an edge is meant
_SMALLEST = 8  # pixels at 100 %: a smaller box was a click, and means none
_STEP, _FINE = 0.05, 0.01  # shares of the picture that a key moves by, with Control the finer
_FIRST = Box(0.25, 0.25, 0.75, 0.75)  # what the first key gives
_MOVES = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
_SHIFT, _CONTROL = 0x1, 0x4

Edges = tuple[bool, bool, bool, bool]  # left, top, right, bottom: which of them follow the pointer

_ALL: Edges = (True, True, True, True)
_CURSORS: dict[Edges, str] = {
    _ALL: "fleur",
    (True, False, False, False): "sb_h_double_arrow",
    (False, False, True, False): "sb_h_double_arrow",
    (False, True, False, False): "sb_v_double_arrow",
    (False, False, False, True): "sb_v_double_arrow",
    (True, True, False, False): "top_left_corner",
    (False, True, True, False): "top_right_corner",
    (True, False, False, True): "bottom_left_corner",
    (False, False, True, True): "bottom_right_corner",
}


class BoxPicker(tkinter.Canvas):
    """Fits a picture to its own size; ``on_box`` hears of each box that the user lets go of.

    Dragging outside of the box draws a new one, inside moves it, on an edge or corner resizes it; a
    click outside takes it away (``on_box(None)``). With the focus, arrows move it, with Shift they
    resize it, with Control finely; Delete takes it away. ``box`` set from outside tells nobody.
    """

    def __init__(
        self, parent: tkinter.Misc, on_box: Callable[[Box | None], None], **options: Any
    ) -> None:
        super().__init__(
            parent, highlightthickness=1, borderwidth=0, takefocus=True, cursor="crosshair"
        )
        self.configure(**options)
        self._on_box = on_box
        self._image: Image.Image | None = None
        self._box: Box | None = None
        self._fitted = self._inside = Image.new("RGB", (1, 1))
        self._photos: list[ImageTk.PhotoImage] = []
        self._corner = (0, 0)  # of the fitted picture on the canvas
        self._drag: tuple[Edges, float, float, Box] | None = None
        self._told: Box | None = None  # what the box was before a drag
        self.bind("<Configure>", lambda _: self._fit())
        self.bind("<<ThemeChanged>>", lambda _: self._fit())
        self.bind("<Motion>", self._hover)
        self.bind("<Button-1>", self._press)
        self.bind("<B1-Motion>", self._move)
        self.bind("<ButtonRelease-1>", self._release)
        self.bind("<Key>", self._key)

    @property
    def box(self) -> Box | None:
        """The part that is chosen, in shares of the picture; None for all of it."""
        return self._box

    @box.setter
    def box(self, box: Box | None) -> None:
        self._box = box
        self._draw()

    def show(self, image: Image.Image | None) -> None:
        """Show a picture (RGB), fitted to the canvas and kept so; the box stays. None: nothing."""
        self._image = image
        self._fit()

    # -- drawing ----------------------------------------------------------------------------------

    def _fit(self) -> None:
        colours = palette(self)
        self.configure(
            background=colours.surface,
            highlightbackground=colours.border,
            highlightcolor=colours.accent,
        )
        image, room = self._image, (self.winfo_width() - 2, self.winfo_height() - 2)
        if image is not None and min(room) > 0:
            scale = min(room[0] / image.width, room[1] / image.height)
            size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
            self._inside = image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
            self._fitted = Image.blend(self._inside, Image.new("RGB", size), _DIMMED)
            self._corner = (1 + (room[0] - size[0]) // 2, 1 + (room[1] - size[1]) // 2)
        self._draw()

    def _draw(self) -> None:
        self.delete("all")
        self._photos.clear()
        if self._image is None:
            return
        if self._box is None:
            self._place(self._inside, self._corner)
            return
        left, top, right, bottom = self._pixels(self._box)
        x, y = self._corner
        self._place(self._fitted, self._corner)
        part = self._inside.crop((left - x, top - y, right - x, bottom - y))
        self._place(part, (left, top))
        accent = palette(self).accent
        self.create_rectangle(left, top, right - 1, bottom - 1, outline="#ffffff", width=3)
        self.create_rectangle(left, top, right - 1, bottom - 1, outline=accent, tags="box")
        half = scaled(self, _HANDLE) // 2
        for across in (left, right - 1):
            for down in (top, bottom - 1):
                corners = (across - half, down - half, across + half, down + half)
                self.create_rectangle(*corners, fill="#ffffff", outline=accent)

    def _place(self, image: Image.Image, corner: tuple[int, int]) -> None:
        self._photos.append(ImageTk.PhotoImage(image, master=self))
        self.create_image(*corner, image=str(self._photos[-1]), anchor="nw")

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        """Where a box lies on the canvas: at least one pixel."""
        (x, y), (width, height) = self._corner, self._inside.size
        left, top = min(int(box.left * width), width - 1), min(int(box.top * height), height - 1)
        right = max(round(box.right * width), left + 1)
        bottom = max(round(box.bottom * height), top + 1)
        return x + left, y + top, x + right, y + bottom

    # -- the mouse --------------------------------------------------------------------------------

    def _shares(self, event: tkinter.Event[tkinter.Misc]) -> tuple[float, float]:
        """Where the pointer is, in shares of the picture; may lie outside of 0 to 1."""
        (x, y), (width, height) = self._corner, self._inside.size
        return (event.x - x) / width, (event.y - y) / height

    def _grip(self, x: int, y: int) -> Edges | None:
        """What a press here takes hold of: edges, all of the box, or (None) nothing."""
        if self._box is None:
            return None
        left, top, right, bottom = self._pixels(self._box)
        near = scaled(self, _HANDLE)
        if not (left - near <= x <= right + near and top - near <= y <= bottom + near):
            return None
        edges = (abs(x - left), abs(y - top), abs(x - right), abs(y - bottom))
        on_left, on_top, on_right, on_bottom = (distance <= near // 2 + 1 for distance in edges)
        held = (
            on_left and edges[0] <= edges[2],
            on_top and edges[1] <= edges[3],
            on_right and edges[2] < edges[0],
            on_bottom and edges[3] < edges[1],
        )
        if any(held):
            return held
        return _ALL if left <= x <= right and top <= y <= bottom else None

    def _hover(self, event: tkinter.Event[tkinter.Misc]) -> None:
        grip = self._grip(event.x, event.y)
        self.configure(cursor=_CURSORS[grip] if grip else "crosshair")

    def _press(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self.focus_set()
        if self._image is None:
            return
        x, y = (min(max(share, 0.0), 1.0) for share in self._shares(event))
        grip, self._told = self._grip(event.x, event.y), self._box
        if grip is None or self._box is None:
            self._drag = (False, False, True, True), x, y, Box(x, y, x, y)
        else:
            self._drag = grip, x, y, self._box

    def _move(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if self._drag is None:
            return
        edges, from_x, from_y, before = self._drag
        x, y = self._shares(event)
        self.box = _moved(before, edges, x - from_x, y - from_y)

    def _release(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if self._drag is None:
            return
        self._move(event)
        self._drag, box = None, self._box
        if box is not None:
            left, top, right, bottom = self._pixels(box)
            if min(right - left, bottom - top) < scaled(self, _SMALLEST):
                self.box = None
        if self._box != self._told:
            self._on_box(self._box)

    # -- keys -------------------------------------------------------------------------------------

    def _key(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        if self._image is None:
            return None
        if event.keysym in ("Delete", "BackSpace"):
            self._tell(None)
        elif event.keysym in _MOVES:
            across, down = _MOVES[event.keysym]
            state = int(event.state)
            step = _FINE if state & _CONTROL else _STEP
            edges: Edges = (False, False, True, True) if state & _SHIFT else _ALL
            moved = self._box and _moved(self._box, edges, across * step, down * step)
            self._tell(moved or _FIRST)
        else:
            return None
        return "break"

    def _tell(self, box: Box | None) -> None:
        if box != self._box:
            self.box = box
            self._on_box(box)


def _moved(box: Box, edges: Edges, across: float, down: float) -> Box | None:
    """The box with some edges moved, turned over where they cross, and kept within the picture."""
    if edges == _ALL:
        across = min(max(across, -box.left), 1 - box.right)
        down = min(max(down, -box.top), 1 - box.bottom)
        return Box(box.left + across, box.top + down, box.right + across, box.bottom + down)
    sides = (box.left, box.top, box.right, box.bottom)
    by = (across, down, across, down)
    left, top, right, bottom = (
        min(max(side + way, 0.0), 1.0) if moves else side
        for side, way, moves in zip(sides, by, edges, strict=True)
    )
    left, right, top, bottom = *sorted((left, right)), *sorted((top, bottom))
    return Box(left, top, right, bottom) if left < right and top < bottom else None
