"""The inspector's preview: one picture in a box of a steady size."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from PIL import Image, ImageTk

from cbir.language import _
from cbir.records import Record
from cbir.ui.grid.art import Pen, broken_link, no_picture, sign
from cbir.ui.widgets.theme import SMALL_FONT, palette, scaled
from cbir.work.messages import ThumbnailReady

_LARGEST = 320  # pixels at 100 %
_SHAPE = 0.7  # height of the box for its width
_SIGN = 40


class Preview(tkinter.Canvas):
    """Asks for a record's picture once, at the largest size, and fits it to the box.

    ``on_view`` is called by a click. ``most`` is how high the box may be, in screen pixels.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        request: Callable[[str, int], None],
        on_view: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent, highlightthickness=0, borderwidth=0, width=1, height=1)
        self._request = request
        self._record: Record | None = None
        self._loaded: Image.Image | None = None
        self._reason = ""
        self._picture: ImageTk.PhotoImage | None = None
        self._most = 0
        self.configure(cursor="hand2")
        self.bind("<Button-1>", lambda _: on_view())
        self.bind("<Configure>", lambda _: self._resized())
        self.bind("<<ThemeChanged>>", lambda _: self._draw())

    @property
    def wants(self) -> int:
        """The size, in screen pixels, at which pictures are asked for."""
        return scaled(self, _LARGEST)

    @property
    def loaded(self) -> Image.Image | None:
        """The picture that is shown, where it is there."""
        return self._loaded

    def limit(self, most: int) -> None:
        """Let the box be so many screen pixels high at most."""
        if most != self._most:
            self._most = most
            self._resized()

    def show(self, record: Record) -> None:
        """Show a record's picture; a quiet box until it comes."""
        before, self._record = self._record, record
        same = before is not None and before.file == record.file
        if not same or (self._loaded is None and not record.missing):
            self._loaded, self._reason = None, ""
            if not record.missing:
                self._request(record.path, self.wants)
        self._draw()

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """An answer of the loader; ignored unless it is the picture that is shown."""
        record = self._record
        if record is None or (event.path, event.size) != (record.path, self.wants):
            return
        self._loaded, self._reason = event.image, event.reason
        self._draw()

    def _resized(self) -> None:
        height = max(1, min(round(self.winfo_width() * _SHAPE), self._most))
        if height != int(self.cget("height")):
            self.configure(height=height)
        self._draw()

    def _draw(self) -> None:
        colours = palette(self)
        self.delete("all")
        self._picture = None
        self.configure(background=colours.surface)
        if self._record is None or self.winfo_width() <= 1:
            return
        if self._record.missing:
            self._draw_sign(broken_link, "missing")
        elif self._loaded is None and self._reason:
            self._draw_sign(no_picture, _("no preview"))
        elif self._loaded is not None:
            self._draw_picture(self._loaded)

    def _draw_picture(self, loaded: Image.Image) -> None:
        box = (self.winfo_width(), int(self.cget("height")))
        scale = min(1.0, box[0] / loaded.width, box[1] / loaded.height)
        size = (max(1, round(loaded.width * scale)), max(1, round(loaded.height * scale)))
        fitted = loaded.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        self._picture = ImageTk.PhotoImage(fitted)
        self.create_image(box[0] // 2, box[1] // 2, image=str(self._picture))

    def _draw_sign(self, pen: Pen, text: str) -> None:
        colours = palette(self)
        middle, down = self.winfo_width() // 2, int(self.cget("height")) // 2
        drawn = sign(pen, scaled(self, _SIGN), colours.muted, colours.surface)
        self._picture = ImageTk.PhotoImage(drawn)
        self.create_image(middle, down - scaled(self, 8), image=str(self._picture))
        self.create_text(
            middle, down + scaled(self, 28), text=text, font=SMALL_FONT, fill=colours.muted
        )
