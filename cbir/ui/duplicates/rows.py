"""A list of equally high rows on a canvas, of which only those in view are ever drawn."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from functools import partial
from typing import Any

import ttkbootstrap as ttk

from cbir.ui.widgets.theme import palette, scaled

_WHEEL = 72  # pixels at 100 % for one notch


class Rows(ttk.Frame):
    """Shows ``count`` rows of ``height`` screen pixels, one of them selected.

    ``draw(number, top)`` puts what is in row ``number`` on ``canvas``, with the tag ``row``.
    ``on_select(number)`` is told of rows that the user chose by mouse or keyboard, ``on_click``
    of where a row was clicked, in pixels from its left.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        height: int,
        draw: Callable[[int, int], None],
        on_select: Callable[[int], None],
        on_click: Callable[[int, int], None] = lambda number, x: None,
        on_seen: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        self.height = height
        self.count, self.selected, self._offset = 0, 0, 0
        self._draw_row, self._on_select = draw, on_select
        self._on_click, self._on_seen = on_click, on_seen
        self._due = ""
        self.canvas = tkinter.Canvas(self, highlightthickness=0, borderwidth=0, takefocus=True)
        self._bar = ttk.Scrollbar(self, orient="vertical", command=self._scrolled)
        self.canvas.pack(side="left", fill="both", expand=True)
        self.pack_propagate(False)  # the scrollbar takes its width from the rows
        self._bind_events()

    # -- what is shown ----------------------------------------------------------------------------

    def show(self, count: int, selected: int = 0) -> None:
        """Other rows, with one selected, which is in view then."""
        self.count = count
        self.selected = max(0, min(selected, count - 1))
        self.see(self.selected)

    def see(self, number: int) -> None:
        """Scroll so that a row is in view."""
        top, room = number * self.height, self._room
        self._scroll_to(min(top, max(self._offset, top + self.height - room)))

    @property
    def in_view(self) -> range:
        """The rows that can be seen, wholly or in part."""
        first = self._offset // self.height
        return range(first, min(self.count, -(-(self._offset + self._room) // self.height)))

    @property
    def width(self) -> int:
        """How wide a row is."""
        return max(1, self.canvas.winfo_width())

    @property
    def _room(self) -> int:
        return max(1, self.canvas.winfo_height())

    @property
    def _page(self) -> int:
        return max(1, self._room // self.height - 1)

    def redraw(self) -> None:
        """Draw what is in view anew, as soon as there is time."""
        if not self._due:
            self._due = self.after_idle(self._draw)

    def _draw(self) -> None:
        self._due = ""
        colours, canvas = palette(self), self.canvas
        canvas.configure(background=colours.background)
        canvas.delete("row")
        focused = str(self.tk.call("focus")) == str(canvas)
        for number in self.in_view:
            top = number * self.height - self._offset
            if number == self.selected:
                ring = colours.accent if focused else colours.selection
                corner = (self.width - 2, top + self.height - 2)
                canvas.create_rectangle(
                    1, top + 1, *corner, fill=colours.selection, outline=ring, tags="row"
                )
            self._draw_row(number, top)
        self._show_bar(max(1, self.count * self.height))
        self._on_seen()

    def _show_bar(self, whole: int) -> None:
        self._bar.set(self._offset / whole, min(1.0, (self._offset + self._room) / whole))
        if whole > self._room:
            self._bar.pack(side="right", fill="y", before=self.canvas)
        else:
            self._bar.pack_forget()

    # -- moving -----------------------------------------------------------------------------------

    def choose(self, number: int) -> None:
        """Select a row, as the user does."""
        if not self.count:
            return
        number = max(0, min(number, self.count - 1))
        changed = number != self.selected
        self.selected = number
        self.see(number)
        if changed:
            self._on_select(number)

    def _scroll_to(self, offset: int) -> None:
        most = max(0, self.count * self.height - self._room)
        self._offset = max(0, min(offset, most))
        self.redraw()

    def _scrolled(self, how: str, amount: str, unit: str = "") -> None:
        """The scrollbar's words: ``moveto 0.3`` or ``scroll 1 pages``."""
        if how == "moveto":
            self._scroll_to(round(float(amount) * self.count * self.height))
        else:
            step = self._room if unit == "pages" else self.height
            self._scroll_to(self._offset + int(amount) * step)

    # -- events -----------------------------------------------------------------------------------

    def _bind_events(self) -> None:
        canvas = self.canvas
        moves: dict[str, Callable[[], int]] = {
            "<Up>": lambda: self.selected - 1,
            "<Down>": lambda: self.selected + 1,
            "<Prior>": lambda: self.selected - self._page,
            "<Next>": lambda: self.selected + self._page,
            "<Home>": lambda: 0,
            "<End>": lambda: self.count - 1,
        }
        for key, target in moves.items():
            canvas.bind(key, partial(self._key, target))
        canvas.bind("<Button-4>", lambda _: self._wheel(-1))
        canvas.bind("<Button-5>", lambda _: self._wheel(1))
        canvas.bind("<MouseWheel>", lambda event: self._wheel(-1 if event.delta > 0 else 1))
        canvas.bind("<Button-1>", self._clicked)
        for sequence in ("<FocusIn>", "<FocusOut>", "<<ThemeChanged>>"):
            canvas.bind(sequence, lambda _: self.redraw())
        canvas.bind("<Configure>", lambda _: self._scroll_to(self._offset))
        canvas.bind("<Destroy>", lambda _: self._stop())

    def _key(self, target: Callable[[], int], _event: object) -> str:
        self.choose(target())
        return "break"

    def _wheel(self, direction: int) -> str:
        self._scroll_to(self._offset + direction * scaled(self, _WHEEL))
        return "break"

    def _clicked(self, event: tkinter.Event[Any]) -> None:
        self.canvas.focus_set()
        number = (self._offset + event.y) // self.height
        if number < self.count:
            self.choose(number)
            self._on_click(number, event.x)

    def _stop(self) -> None:
        if self._due:
            self.after_cancel(self._due)
            self._due = ""
