"""The nearest pictures of the selected one, in a row of small squares."""

from __future__ import annotations

import os
import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import ttkbootstrap as ttk
from PIL import Image, ImageOps, ImageTk

from cbir.describe import format_score
from cbir.language import _
from cbir.records import SPACE_TITLES, Metric, Record
from cbir.ui.grid.art import broken_link, no_picture, sign
from cbir.ui.widgets.text import shown_name, shown_path
from cbir.ui.widgets.theme import SPACE_S, palette, scaled
from cbir.ui.widgets.tooltip import ToolTip
from cbir.work.messages import ThumbnailReady

COUNT = 6
_ASKED = 160  # pixels at 100 %, wherever the squares end up
_DOUBLE_CLICK_MS = 260


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A record and how near it is, by a metric."""

    record: Record
    metric: Metric
    score: float


class Neighbours(tkinter.ttk.Frame):
    """``on_go(id)`` is called by a click or Enter, ``on_similar(id)`` by a double click."""

    def __init__(
        self,
        parent: tkinter.Misc,
        request: Callable[[str, int], None],
        on_go: Callable[[int], None],
        on_similar: Callable[[int], None],
    ) -> None:
        super().__init__(parent)
        self._request, self._on_go, self._on_similar = request, on_go, on_similar
        head = tkinter.ttk.Frame(self)
        head.pack(fill="x", pady=(0, scaled(self, SPACE_S)))
        ttk.Label(head, text=_("Nearest pictures"), style="Caption.TLabel").pack(side="left")
        self.status = ttk.Label(head, style="Muted.TLabel")
        self.status.pack(side="right")
        self._row = tkinter.ttk.Frame(self, height=1)
        self._row.pack(fill="x")
        self._squares = [_Square(self._row) for _ in range(COUNT)]
        self._near: tuple[Neighbour, ...] = ()
        self._click = ""
        for place, square in enumerate(self._squares):
            square.bind("<Button-1>", partial(self._clicked, place))
            square.bind("<Double-Button-1>", partial(self._doubled, place))
            for key in ("<Return>", "<KP_Enter>"):
                square.bind(key, partial(self._go, place))
        self._row.bind("<Configure>", lambda _: self._arrange())
        self.bind("<Destroy>", lambda _: self._forget_click())

    def show(self, near: Sequence[Neighbour] | None, space: str) -> None:
        """Show them; None: the picture has no vector in ``space``."""
        self._forget_click()
        self._near = tuple(near or ())[:COUNT]
        title = SPACE_TITLES.get(space, space)
        if near is None:
            self.status.configure(
                text=_("No {title} vector yet").format(title=title) if space else ""
            )
        else:
            self.status.configure(
                text=_("in {title}").format(title=title)
                if near
                else _("no others in {title}").format(title=title)
            )
        for place, square in enumerate(self._squares):
            square.show(self._near[place] if place < len(self._near) else None)
        for neighbour in self._near:
            self._request(neighbour.record.path, self._wants)

    @property
    def _wants(self) -> int:
        return scaled(self, _ASKED)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """An answer of the loader; ignored unless it is one of those shown."""
        if event.size != self._wants:
            return
        for neighbour, square in zip(self._near, self._squares, strict=False):
            if neighbour.record.path == event.path:
                square.show_image(event.image)

    def _arrange(self) -> None:
        """Six squares share the width."""
        gap = scaled(self, SPACE_S)
        side = max(1, (self._row.winfo_width() - gap * (COUNT - 1)) // COUNT)
        self._row.configure(height=side)
        for place, square in enumerate(self._squares):
            square.place(x=place * (side + gap), y=0, width=side, height=side)

    def _clicked(self, place: int, _event: object) -> None:
        """It may become a double click: going there would put another picture in its place."""
        self._forget_click()
        self._squares[place].focus_set()
        self._click = self.after(_DOUBLE_CLICK_MS, partial(self._go, place))

    def _doubled(self, place: int, _event: object) -> None:
        self._forget_click()
        if place < len(self._near):
            self._on_similar(self._near[place].record.id)

    def _go(self, place: int, _event: object = None) -> None:
        self._forget_click()
        if place < len(self._near):
            self._on_go(self._near[place].record.id)

    def _forget_click(self) -> None:
        if self._click:
            self.after_cancel(self._click)
            self._click = ""


class _Square(tkinter.Canvas):
    """One neighbour: its picture cut to a square, or a sign, or nothing."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, width=1, height=1, borderwidth=0, highlightthickness=0)
        self._neighbour: Neighbour | None = None
        self._image: Image.Image | None = None
        self._failed = False
        self._photo: ImageTk.PhotoImage | None = None
        self._tip = ToolTip(self, text="")
        for sequence in ("<Configure>", "<<ThemeChanged>>", "<FocusIn>", "<FocusOut>"):
            self.bind(sequence, lambda _: self._draw(), add="+")

    def show(self, neighbour: Neighbour | None) -> None:
        same = (
            self._neighbour is not None
            and neighbour is not None
            and self._neighbour.record.file == neighbour.record.file
        )
        self._neighbour = neighbour
        if not same:
            self._image, self._failed = None, False
        self.configure(cursor="hand2" if neighbour else "", takefocus=neighbour is not None)
        self._tip.configure(text=_tell(neighbour) if neighbour else "")
        self._draw()

    def show_image(self, image: Image.Image | None) -> None:
        self._image, self._failed = image, image is None
        self._draw()

    def _draw(self) -> None:
        colours, side = palette(self), self.winfo_width()
        self.delete("all")
        self.configure(background=colours.surface if self._neighbour else colours.background)
        self._photo = None
        if self._neighbour is None or side <= 1:
            return
        picture = self._image and ImageOps.fit(self._image, (side, side), Image.Resampling.BICUBIC)
        if self._failed or (picture is None and self._neighbour.record.missing):
            pen = broken_link if self._neighbour.record.missing else no_picture
            picture = sign(pen, max(8, side // 2), colours.muted, colours.surface)
        if picture is not None:
            self._photo = ImageTk.PhotoImage(picture, master=self)
            self.create_image(side // 2, side // 2, image=str(self._photo))
        if str(self.tk.call("focus")) == str(self):  # tkinter's own fails in menus
            wide = scaled(self, 2)
            self.create_rectangle(
                wide // 2, wide // 2, side - 1, side - 1, width=wide, outline=colours.accent
            )


def _tell(neighbour: Neighbour) -> str:
    """Name, folder, score, and what clicks do."""
    path = neighbour.record.path
    score = format_score(neighbour.metric, neighbour.score)
    return _("{name} · {score}\n{path}\nClick: go there · Double click: find similar").format(
        name=shown_name(path), score=score, path=shown_path(os.path.dirname(path))
    )
