"""One picture on a canvas that zooms and pans; only the part in view is ever drawn."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageTk

from cbir.asking import Box
from cbir.ui.viewer.heat import lay_over
from cbir.ui.viewer.view import WHOLE, Frame, View
from cbir.ui.widgets.theme import BODY_FONT, palette, scaled

_STEP = 1.25  # a notch of the wheel
_SHARP_MS = 120  # after the last move
_DRAG_FROM = 4  # pixels at 100 % before a press becomes a drag
_SQUARES_FROM = 4.0  # screen pixels a picture's pixel takes where its pixels are shown as squares

# A whole screen of a 24-megapixel picture: 15 ms, against 65 with any smoothing.
_QUICK, _SHARP = Image.Resampling.NEAREST, Image.Resampling.BICUBIC

Event = tkinter.Event  # of any widget


class PictureCanvas(tkinter.Canvas):
    """Shows a picture, at first coarse and sharper as more of it is loaded.

    ``on_view(view)`` is called when the user zooms or pans; ``on_box(box)`` when a part was drawn
    after ``begin_box``, with None where that was given up.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        on_view: Callable[[View], None] = lambda _: None,
        on_box: Callable[[Box | None], None] = lambda _: None,
    ) -> None:
        super().__init__(parent, highlightthickness=0, borderwidth=0, width=1, height=1)
        self._on_view, self._on_box = on_view, on_box
        self._size = (1, 1)
        self._levels: list[Image.Image] = []
        self._heat: Image.Image | None = None
        self._view = WHOLE
        self._marked: Box | None = None
        self._message = ""
        self._photo: ImageTk.PhotoImage | None = None
        self._press: tuple[int, int] | None = None
        self._boxing = False
        self._timers: dict[str, str] = {}
        self._image = self.create_image(0, 0, anchor="nw")
        self._text = self.create_text(0, 0, font=BODY_FONT, justify="center")
        self._edges = [self.create_rectangle(0, 0, 0, 0, state="hidden") for _ in range(2)]
        self._bind_events()
        self._recolour()

    # -- what is shown ----------------------------------------------------------------------------

    def show(self, size: tuple[int, int], message: str = "") -> None:
        """Another picture, of ``size`` pixels, of which nothing is loaded yet."""
        self._size = (max(1, size[0]), max(1, size[1]))
        self._levels.clear()
        self._heat, self._marked = None, None
        self._view = WHOLE
        self.end_box()
        self.say(message)

    def add(self, image: Image.Image) -> None:
        """The picture in some size: what is shown becomes as sharp as the sharpest there is."""
        if not self._levels or image.width > self._levels[-1].width:
            self._levels.append(image)
            self.say("")

    def say(self, message: str) -> None:
        """Words in the middle; "" for none."""
        self._message = message
        self._redraw()

    def show_heat(self, heat: Image.Image | None) -> None:
        """Lay a square RGBA picture over the whole picture, stretched; None takes it away."""
        self._heat = heat
        self._redraw()

    def mark(self, box: Box | None) -> None:
        """Outline a part of the picture."""
        self._marked = box
        self._redraw()

    @property
    def loaded(self) -> int:
        """The width of the sharpest picture there is; 0 where there is none."""
        return self._levels[-1].width if self._levels else 0

    @property
    def wanted(self) -> int:
        """How wide a picture would have to be to be sharp in this view."""
        return min(self._size[0], round(self._size[0] * self.frame.scale))

    @property
    def frame(self) -> Frame:
        """Where the picture lies now."""
        room = max(1, self.winfo_width()), max(1, self.winfo_height())
        return Frame(self._size, room, self._view)

    @property
    def view(self) -> View:
        """What is in view."""
        return self._view

    @view.setter
    def view(self, view: View) -> None:
        self._view = view
        self._redraw()

    # -- moving -----------------------------------------------------------------------------------

    def fit(self) -> None:
        """All of the picture."""
        self._look(WHOLE)

    def actual(self) -> None:
        """A picture's pixel on one of the screen's."""
        self._look(self.frame.actual())

    def zoom(self, steps: int) -> None:
        """Closer by so many notches, farther where negative."""
        self._look(self.frame.zoomed(_STEP**steps))

    def pan(self, right: int, down: int) -> None:
        """Look further right and down by so many pixels at 100 %."""
        self._look(self.frame.panned(-scaled(self, right), -scaled(self, down)))

    def _look(self, view: View) -> None:
        if view != self._view and self._levels:
            self.view = view
            self._on_view(view)

    # -- a part -----------------------------------------------------------------------------------

    @property
    def boxing(self) -> bool:
        """Whether a part is to be drawn."""
        return self._boxing

    def begin_box(self) -> None:
        """Let the next drag draw a part of the picture."""
        self._boxing = True
        self.configure(cursor="crosshair")

    def end_box(self) -> None:
        """Drags move the picture again."""
        self._boxing = False
        self._press = None
        self.configure(cursor="")
        self._draw_edges()

    # -- events -----------------------------------------------------------------------------------

    def _bind_events(self) -> None:
        self.bind("<Configure>", lambda _: self._redraw())
        self.bind("<<ThemeChanged>>", lambda _: self._recolour())
        self.bind("<Destroy>", lambda _: self._stop_timers())
        self.bind("<MouseWheel>", lambda event: self._wheel(event, 1 if event.delta > 0 else -1))
        self.bind("<Button-4>", lambda event: self._wheel(event, 1))
        self.bind("<Button-5>", lambda event: self._wheel(event, -1))
        self.bind("<Button-1>", self._pressed)
        self.bind("<B1-Motion>", self._dragged)
        self.bind("<ButtonRelease-1>", self._released)
        self.bind("<Double-Button-1>", self._double)
        self.bind("<Triple-Button-1>", lambda _: None)  # or Tk takes it for a second double click

    def _wheel(self, event: Event[Any], steps: int) -> str:
        self._look(self.frame.zoomed(_STEP**steps, (event.x, event.y)))
        return "break"

    def _pressed(self, event: Event[Any]) -> None:
        self.focus_set()
        self._press = (event.x, event.y)

    def _dragged(self, event: Event[Any]) -> None:
        if self._press is None:
            return
        if self._boxing:
            box = self.frame.box_between(self._press, (event.x, event.y))
            self._draw_edges(box)
        elif self.frame.pannable:
            self.configure(cursor="fleur")
            moved = self.frame.panned(event.x - self._press[0], event.y - self._press[1])
            self._press = (event.x, event.y)
            self._look(moved)

    def _released(self, event: Event[Any]) -> None:
        if not self._boxing:
            self._press = None
            self.configure(cursor="")
        elif self._press is not None:
            box = self.frame.box_between(self._press, (event.x, event.y))
            self._press = None
            if box is not None:  # a mere click draws nothing yet
                self.end_box()
                self._on_box(box)

    def _double(self, event: Event[Any]) -> None:
        """To 1:1 at that place, and back."""
        if not self._boxing:
            fitted = self._view.zoom == 1.0
            self._look(self.frame.actual((event.x, event.y)) if fitted else WHOLE)

    # -- drawing ----------------------------------------------------------------------------------

    def _redraw(self) -> None:
        """Draw coarsely as soon as there is time, and well when nothing has moved for a moment."""
        self._later("quick", 0, lambda: self._draw(_QUICK))
        self._later("sharp", _SHARP_MS, lambda: self._draw(_SHARP))

    def _later(self, name: str, milliseconds: int, draw: Callable[[], None]) -> None:
        if name == "quick" and name in self._timers:
            return
        if name in self._timers:
            self.after_cancel(self._timers[name])

        def run() -> None:
            del self._timers[name]
            draw()

        self._timers[name] = self.after(milliseconds, run)

    def _stop_timers(self) -> None:
        for timer in self._timers.values():
            self.after_cancel(timer)
        self._timers.clear()

    def _draw(self, resampling: Image.Resampling) -> None:
        frame = self.frame
        middle = frame.canvas[0] // 2, frame.canvas[1] // 2
        self.coords(self._text, *middle)
        self.itemconfigure(
            self._text, text=self._message, width=max(1, frame.canvas[0] - scaled(self, 64))
        )
        if self._levels:
            self._show_photo(self._part(frame, resampling), frame.seen[:2])
        else:
            self._photo = None
            self.itemconfigure(self._image, image="")
        self._draw_edges()

    def _part(self, frame: Frame, resampling: Image.Resampling) -> Image.Image:
        """The part in view, in screen pixels."""
        left, top, right, bottom = frame.seen
        size = (right - left, bottom - top)
        level = self._level(frame.scale)
        shrunk = level.width / self._size[0], level.height / self._size[1]
        source = frame.source()
        box = tuple(min(place * shrunk[n % 2], level.size[n % 2]) for n, place in enumerate(source))
        smooth = resampling
        if frame.scale >= _SQUARES_FROM and level.width == self._size[0]:
            resampling = Image.Resampling.NEAREST
        part = level.resize(size, resampling, box=_solid(box, level.size), reducing_gap=2.0)
        if self._heat is not None:
            spread = [self._heat.size[n] / self._size[n] for n in (0, 1)]
            place = tuple(
                min(at * spread[n % 2], self._heat.size[n % 2]) for n, at in enumerate(source)
            )
            heat = self._heat.resize(size, smooth, box=_solid(place, self._heat.size))
            part = lay_over(part, heat)
        return part

    def _level(self, scale: float) -> Image.Image:
        """The smallest picture that is sharp at ``scale``, else the sharpest there is."""
        sharp = (level for level in self._levels if level.width >= 0.99 * scale * self._size[0])
        return next(sharp, self._levels[-1])

    def _show_photo(self, part: Image.Image, corner: tuple[int, int]) -> None:
        if self._photo is None or (self._photo.width(), self._photo.height()) != part.size:
            self._photo = ImageTk.PhotoImage(part, master=self)
        else:
            self._photo.paste(part)
        self.coords(self._image, *corner)
        self.itemconfigure(self._image, image=str(self._photo))

    def _draw_edges(self, box: Box | None = None) -> None:
        """An outline that is seen on dark and on light."""
        shown = box or self._marked
        state = "normal" if shown is not None and self._levels else "hidden"
        if shown is not None:
            places = (
                *self.frame.place_of(shown.left, shown.top),
                *self.frame.place_of(shown.right, shown.bottom),
            )
            for edge in self._edges:
                self.coords(edge, *places)
        for edge in self._edges:
            self.itemconfigure(edge, state=state)

    def _recolour(self) -> None:
        colours = palette(self)
        self.configure(background=colours.surface)
        self.itemconfigure(self._text, fill=colours.muted)
        self.itemconfigure(self._edges[0], outline="#ffffff", width=scaled(self, 4))
        self.itemconfigure(self._edges[1], outline=colours.accent, width=scaled(self, 2))


def _solid(box: tuple[float, ...], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """``box`` with at least a hundredth of a pixel in it, within ``size``."""
    left, top = (min(box[n], size[n] - 0.01) for n in (0, 1))
    return left, top, max(box[2], left + 0.01), max(box[3], top + 0.01)
