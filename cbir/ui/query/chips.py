"""The parts of a query side by side: a strip of chips, one line high, that scrolls where needed."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image

from cbir.asking import Term
from cbir.language import _
from cbir.ui.menus import Command, Entry, pop_up
from cbir.ui.query.chip import HEIGHT, WEIGHTS, Chip, ChipEvents
from cbir.ui.widgets.theme import BODY_FONT, SMALL_FONT, SPACE_S, palette, scaled

_WHEEL = 60  # pixels at 100 % that a notch of the wheel scrolls
_MARGIN = 24  # pixels at 100 %: a chip let go farther away than that is removed


@dataclass(frozen=True, slots=True)
class ChipStripEvents:
    """What the strip asks for: other terms, a part of the picture of term i, the query as text.

    ``on_end``: a key leads on from the last chip, to where words are typed.
    """

    on_terms: Callable[[tuple[Term, ...]], None]
    on_part: Callable[[int], None]
    on_copy: Callable[[], None]
    on_edit: Callable[[], None]
    on_end: Callable[[], None]


class ChipStrip(tkinter.Canvas):
    """Chips from left to right; as wide as they are, but no wider than ``limit`` pixels."""

    def __init__(self, parent: tkinter.Misc, events: ChipStripEvents) -> None:
        super().__init__(
            parent, highlightthickness=0, borderwidth=0, width=1, height=scaled(parent, HEIGHT)
        )
        self._events = events
        self._limit = 1
        self.chips: list[Chip] = []
        self._row = tkinter.ttk.Frame(self)
        self.create_window(0, 0, window=self._row, anchor="nw")
        self._ghost: tkinter.Label | None = None
        self._menu: tkinter.Menu | None = None
        self._more = [self._make_arrow("‹", -1), self._make_arrow("›", 1)]
        self._row.bind("<Configure>", lambda _: self._fit())
        self.bind("<Configure>", lambda _: self._show_more())
        self.bind("<<ThemeChanged>>", lambda _: self._recolour())
        self._recolour()

    def _make_arrow(self, text: str, way: int) -> tkinter.Label:
        """A sign that more chips lie that way, which scrolls there."""
        arrow = tkinter.Label(self, text=text, font=BODY_FONT, cursor="hand2", borderwidth=0)
        arrow.bind("<Button-1>", lambda _: self._scroll(2 * way))
        return arrow

    @property
    def terms(self) -> tuple[Term, ...]:
        """What the chips show."""
        return tuple(chip.term for chip in self.chips)

    @property
    def limit(self) -> int:
        """The most pixels that the strip may take."""
        return self._limit

    @limit.setter
    def limit(self, pixels: int) -> None:
        self._limit = max(1, pixels)
        self._fit()

    def show(self, terms: Sequence[Term], paths: Sequence[str]) -> None:
        """Show these terms, in the chips that are there where there are some: focus stays."""
        grows = len(terms) > len(self.chips)
        while len(self.chips) > len(terms):
            self._drop_last()
        while len(self.chips) < len(terms):
            self.chips.append(self._make_chip())
        for chip, term, path in zip(self.chips, terms, paths, strict=True):
            chip.show(term, path)
        self.update_idletasks()
        self._fit()
        if grows:
            self.xview_moveto(1.0)
            self._show_more()

    def _drop_last(self) -> None:
        """Fewer chips: the focus goes to what is left."""
        chip = self.chips.pop()
        if chip.focus_get_here():
            self.focus_last()
        chip.destroy()
        self._hide_ghost()  # it may have been dragged

    def thumbnail_ready(self, path: str, image: Image.Image | None) -> None:
        """A thumbnail has come."""
        for chip in self.chips:
            chip.thumbnail_ready(path, image)

    def focus_last(self) -> None:
        """Let keys go to the last chip, or on to the words where there is none."""
        if self.chips:
            self.chips[-1].focus_set()
        else:
            self._events.on_end()

    # -- chips ------------------------------------------------------------------------------------

    def _make_chip(self) -> Chip:
        events = ChipEvents(
            on_change=self._changed,
            on_part=lambda chip: self._events.on_part(self.chips.index(chip)),
            on_menu=self._pop_up,
            on_step=self._step,
            on_drag=self._dragged,
            on_focus=self._see,
        )
        chip = Chip(self._row, events)
        chip.pack(side="left", padx=(0, scaled(self, SPACE_S)))
        for key in ("<Control-c>", "<<Copy>>"):
            chip.bind(key, self._copy)
        chip.bind("<Button-4>", lambda _: self._scroll(-1))
        chip.bind("<Button-5>", lambda _: self._scroll(1))
        chip.bind("<MouseWheel>", lambda event: self._scroll(-1 if event.delta > 0 else 1))
        return chip

    def _changed(self, chip: Chip, term: Term | None) -> None:
        at, terms = self.chips.index(chip), list(self.terms)
        terms[at : at + 1] = [] if term is None else [term]
        self._events.on_terms(tuple(terms))

    def _step(self, chip: Chip, way: int) -> None:
        at = self.chips.index(chip) + way
        if at >= len(self.chips):
            self._events.on_end()
        elif at >= 0:
            self.chips[at].focus_set()

    def _pop_up(self, chip: Chip, x: int, y: int) -> None:
        if self._menu is not None:
            self._menu.destroy()
        self._menu = pop_up(self.winfo_toplevel(), self._entries(chip), x, y, read_only=False)

    def _entries(self, chip: Chip) -> tuple[Entry, ...]:
        less = (
            _("Look for more like this") if chip.term.weight < 0 else _("Look for less like this")
        )
        edit = _("Edit words") if chip.term.text is not None else _("Search by a part…")
        weights = (
            Command(
                _("Counts {weight:g}×").format(weight=weight),
                partial(chip.weigh, weight),
                _tick(chip, weight),
            )
            for weight in WEIGHTS
        )
        return (
            Command(less, chip.turn, "−" if chip.term.weight > 0 else "+"),
            Command(edit, chip.edit, "Enter"),
            None,
            *weights,
            None,
            Command(_("Copy the query as text"), self._events.on_copy, "Ctrl+C"),
            Command(_("Edit the query as text"), self._events.on_edit),
            Command(_("Remove from the query"), partial(self._changed, chip, None), "Del"),
        )

    # -- dragging away ----------------------------------------------------------------------------

    def _dragged(self, chip: Chip, x: int, y: int, released: bool) -> None:
        away = self._is_away(x, y)
        if not released:
            self._show_ghost(chip, x, y, away)
            return
        self._end_ghost(chip)
        if away:
            self._changed(chip, None)

    def _is_away(self, x: int, y: int) -> bool:
        margin = scaled(self, _MARGIN)
        across, down = x - self.winfo_rootx(), y - self.winfo_rooty()
        within = -margin <= across <= self.winfo_width() + margin
        return not (within and -margin <= down <= self.winfo_height() + margin)

    def _copy(self, _event: object) -> str:
        self._events.on_copy()
        return "break"  # for the window it would mean the selected files

    def _show_ghost(self, chip: Chip, x: int, y: int, away: bool) -> None:
        window, colours = self.winfo_toplevel(), palette(self)
        if self._ghost is None:
            self._ghost = tkinter.Label(window, font=SMALL_FONT, borderwidth=1, relief="solid")
            self._ghost.configure(padx=scaled(self, 6), pady=scaled(self, 3))
        self._ghost.configure(
            text=_("Remove {text}").format(text=chip.text) if away else chip.text,
            background=colours.danger if away else colours.surface,
            foreground=colours.on_accent if away else colours.text,
        )
        chip.configure(cursor="pirate" if away else "fleur")
        beside = scaled(self, 12)
        self._ghost.place(x=x - window.winfo_rootx() + beside, y=y - window.winfo_rooty() + beside)
        self._ghost.lift()

    def _end_ghost(self, chip: Chip) -> None:
        chip.configure(cursor="")
        self._hide_ghost()

    def _hide_ghost(self) -> None:
        if self._ghost is not None:
            self._ghost.destroy()
            self._ghost = None

    # -- scrolling --------------------------------------------------------------------------------

    def _fit(self) -> None:
        wide = self._row.winfo_reqwidth() if self.chips else 1
        width = min(wide, self._limit)
        self.configure(width=width, scrollregion=(0, 0, wide, scaled(self, HEIGHT)))
        if wide <= width:
            self.xview_moveto(0.0)
        self._show_more()

    def _scroll(self, notches: int) -> str:
        wide = max(1, self._row.winfo_reqwidth())
        left = self.xview()[0] + notches * scaled(self, _WHEEL) / wide
        self.xview_moveto(min(max(left, 0.0), 1.0))
        self._show_more()
        return "break"

    def _see(self, chip: Chip) -> None:
        """Scroll a chip that has the focus into view."""
        wide, room = max(1, self._row.winfo_reqwidth()), scaled(self, 16)
        left, right = chip.winfo_x() - room, chip.winfo_x() + chip.winfo_width() + room
        start, width = self.xview()[0] * wide, self.winfo_width()
        if left < start:
            self.xview_moveto(max(left, 0) / wide)
        elif right > start + width:
            self.xview_moveto((right - width) / wide)
        self._show_more()

    def _show_more(self) -> None:
        start, end = self.xview()
        for arrow, hidden, at in (
            (self._more[0], start > 0.001, 0.0),
            (self._more[1], end < 0.999, 1.0),
        ):
            if hidden and self.chips:
                arrow.place(relx=at, rely=0, relheight=1, anchor="nw" if at == 0 else "ne")
                arrow.tkraise()
            else:
                arrow.place_forget()

    def _recolour(self) -> None:
        colours = palette(self)
        self.configure(background=colours.background)
        for arrow in self._more:
            arrow.configure(background=colours.background, foreground=colours.text)


def _tick(chip: Chip, weight: float) -> str:
    return "✓" if abs(chip.term.weight) == weight else ""
