"""The map's second row: by what its points are coloured, and which components its axes are."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from itertools import combinations

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.map.colours import TITLES
from cbir.ui.widgets.pill import Flow
from cbir.ui.widgets.theme import SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.tooltip import ToolTip
from cbir.work.mapping import COLOURS, ColourBy

Pair = tuple[int, int]


class MapChoosers(Flow):
    """Side by side, or one below the other where that is too wide.

    ``on_colour`` and ``on_pair`` (components from 0) are told of what the user chooses."""

    def __init__(
        self,
        parent: tkinter.Misc,
        on_colour: Callable[[ColourBy], None],
        on_pair: Callable[[Pair], None],
    ) -> None:
        super().__init__(parent)
        self._on_colour, self._on_pair = on_colour, on_pair
        self._pairs: list[Pair] = []
        self.colour = self._chooser(_("Colour"), 10, self._colour_chosen)
        self.colour.configure(values=[TITLES[by] for by in COLOURS])
        self.colour.set(TITLES[""])
        ToolTip(self.colour, text=_("What the colours of the points tell"), delay=600)
        self.axes = self._chooser(_("Axes"), 11, self._pair_chosen)
        ToolTip(
            self.axes,
            text=_("Which two principal components are seen: the first ones tell the most"),
            delay=600,
        )
        self._align()

    def _align(self) -> None:
        """Boxes start at one place where one stands below the other."""
        labels = [pair.grid_slaves(row=0, column=0)[0] for pair in self.winfo_children()]
        widest = max(label.winfo_reqwidth() for label in labels)
        for label in labels:
            beside = scaled(self, SPACE_S) + widest - label.winfo_reqwidth()
            label.grid(padx=(scaled(self, SPACE_M), beside))

    def _chooser(self, caption: str, width: int, chosen: Callable[[], None]) -> ttk.Combobox:
        pair = ttk.Frame(self)
        ttk.Label(pair, text=caption, style="Muted.TLabel").grid(row=0, column=0)
        box = ttk.Combobox(pair, state="readonly", width=width)
        box.grid(row=0, column=1)

        def tell(_event: object) -> None:
            box.selection_clear()
            chosen()

        box.bind("<<ComboboxSelected>>", tell)
        return box

    def show_colour(self, by: ColourBy) -> None:
        """Show what is chosen; ``on_colour`` is not told."""
        self.colour.set(TITLES[by])

    def show_axes(self, count: int, pair: Pair) -> None:
        """Offer the pairs of ``count`` components, ``pair`` chosen."""
        self._pairs = list(combinations(range(count), 2))
        self.axes.configure(values=[_name(each) for each in self._pairs])
        self.axes.set(_name(pair))

    def _colour_chosen(self) -> None:
        self._on_colour(COLOURS[self.colour.current()])

    def _pair_chosen(self) -> None:
        self._on_pair(self._pairs[self.axes.current()])


def _name(pair: Pair) -> str:
    return f"PC {pair[0] + 1}, PC {pair[1] + 1}"
