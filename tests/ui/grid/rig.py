"""A grid in a window and what a test needs around it: tiles, a loader, what was called, eyes."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import ttkbootstrap as ttk
from PIL import Image, ImageGrab

from cbir.records import ImageFile, Record
from cbir.ui.grid.panel import Grid, GridEvents, Tile
from cbir.work.messages import ThumbnailReady

SHIFT, CONTROL = 0x1, 0x4
_EVENTS = [field.name for field in fields(GridEvents)]


def make_record(number: int, **changes: Any) -> Record:
    """Record ``number`` of ``/photos/0007.jpg`` and the like, 400 x 300 pixels."""
    file = ImageFile(f"/photos/{number:04}.jpg", 1000, 0, f"digest{number}", 400, 300)
    return Record(number, file, **changes)


def make_tiles(count: int, first: int = 1) -> list[Tile]:
    """Tiles of records ``first``, ``first`` + 1, …"""
    return [Tile(make_record(number)) for number in range(first, first + count)]


@dataclass
class Rig:
    """The grid, its canvas, and everything it asked for."""

    root: ttk.App
    grid: Grid = field(init=False)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.grid = Grid(
            self.root,
            request_thumbnail=lambda path, size: self.asked.append((path, size)),
            keep_thumbnails=self._keep,
            events=GridEvents(**{name: self._call(name) for name in _EVENTS}),
        )
        self.grid.pack(fill="both", expand=True)
        self.root.update()
        children = self.grid.winfo_children()
        self.canvas = next(child for child in children if isinstance(child, tkinter.Canvas))

    def _call(self, name: str) -> Callable[..., None]:
        return lambda *given: self.calls.append((name.removeprefix("on_"), *given))

    def _keep(self, wanted: set[tuple[str, int]]) -> None:
        self.asked = [key for key in self.asked if key in wanted]

    def show(self, tiles: Sequence[Tile], **options: Any) -> None:
        self.grid.show(tiles, **options)
        self.root.update()

    def answer(self, count: int = 1000, colour: str = "#c04020") -> list[str]:
        """Answer the newest requests; the paths."""
        answered = []
        while self.asked and len(answered) < count:
            path, size = self.asked.pop()
            image = Image.new("RGB", (size, size * 3 // 4), colour)
            self.grid.thumbnail_ready(ThumbnailReady(path, size, image))
            answered.append(path)
        self.root.update()
        return answered

    # -- eyes -------------------------------------------------------------------------------------

    def texts(self) -> dict[str, tuple[float, float]]:
        """Every text that is drawn inside the canvas, and where."""
        found = {}
        for item in self.canvas.find_all():
            drawn = self.canvas.type(item) == "text"
            if drawn and self.canvas.itemcget(item, "state") != "hidden":
                x, y = self.canvas.coords(item)
                if 0 <= y < self.canvas.winfo_height():
                    found[self.canvas.itemcget(item, "text")] = (x, y)
        return found

    def names(self) -> list[str]:
        """The file names in view, from the top left on."""
        names = [(y, x, text) for text, (x, y) in self.texts().items() if text.endswith(".jpg")]
        return [text for _, _, text in sorted(names)]

    def middle_of(self, number: int) -> tuple[int, int]:
        """A point on the picture of a record that is in view."""
        x, y = self.texts()[f"{number:04}.jpg"]
        return round(x) + 40, round(y) - 60

    def colour_at(self, x: int, y: int) -> tuple[int, int, int]:
        """The colour on the screen at a point of the canvas."""
        self.root.update()
        left, top = self.canvas.winfo_rootx() + x, self.canvas.winfo_rooty() + y
        pixel = ImageGrab.grab((left, top, left + 1, top + 1), xdisplay="").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        return pixel[0], pixel[1], pixel[2]

    # -- hands ------------------------------------------------------------------------------------

    def click(self, number: int, state: int = 0, button: int = 1) -> None:
        x, y = self.middle_of(number)
        self.canvas.event_generate(f"<Button-{button}>", x=x, y=y, state=state)
        self.canvas.event_generate(f"<ButtonRelease-{button}>", x=x, y=y, state=state)
        self.root.update()

    def point(self, x: int, y: int) -> None:
        self.canvas.event_generate("<Motion>", x=x, y=y)
        self.root.update()

    def drag(self, *points: tuple[int, int], state: int = 0) -> None:
        """Press at the first point, move over the others; the button stays down."""
        x, y = points[0]
        self.canvas.event_generate("<Button-1>", x=x, y=y, state=state)
        for x, y in points[1:]:
            self.canvas.event_generate("<B1-Motion>", x=x, y=y, state=state | 0x100)
            self.root.update()

    def release(self, x: int = 0, y: int = 0) -> None:
        self.canvas.event_generate("<ButtonRelease-1>", x=x, y=y)
        self.root.update()

    def key(self, key: str, state: int = 0) -> None:
        self.canvas.focus_force()
        self.root.update()
        modifier = "Shift-" if state == SHIFT else ""
        self.canvas.event_generate(f"<{modifier}{key}>")
        self.root.update()

    def wheel(self, button: int, times: int = 1, state: int = 0) -> None:
        for _ in range(times):
            self.canvas.event_generate(f"<Button-{button}>", x=300, y=300, state=state)
            self.root.update()
