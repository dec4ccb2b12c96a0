"""A button whose menu has ticks: several of a few, or any."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping, Sequence

import ttkbootstrap as ttk

from cbir.ui.widgets.text import fit_end

_WIDTH = 10  # characters


class MultiChoice(ttk.Menubutton):
    """Shows what is ticked, or ``anything``; ``on_choice`` is called after each click.

    ``titles`` are what names are called on the button, where that is not the name itself.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        anything: str,
        on_choice: Callable[[], None],
        titles: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(parent, width=_WIDTH, bootstyle="secondary-outline")
        self._anything, self._on_choice, self._titles = anything, on_choice, titles or {}
        self._ticks: dict[str, ttk.BooleanVar] = {}
        self._menu = ttk.Menu(self, tearoff=False)
        self.configure(menu=self._menu)
        self._show()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names that are ticked, in the menu's order."""
        return tuple(name for name, tick in self._ticks.items() if tick.get())

    def offer(self, offered: Sequence[tuple[str, str]]) -> None:
        """Offer these, each with its label; what is ticked stays so, also where it is not there."""
        ticked = self.chosen
        labels = dict(offered)
        self._menu.delete(0, "end")
        self._ticks = {}
        for name in dict.fromkeys([*labels, *ticked]):
            tick = ttk.BooleanVar(self, name in ticked)
            self._ticks[name] = tick
            self._menu.add_checkbutton(
                label=labels.get(name, name), variable=tick, command=self._clicked
            )

    def choose(self, names: Sequence[str]) -> None:
        """Tick these and no others; ``on_choice`` is not called."""
        for name in names:
            if name not in self._ticks:
                self._ticks[name] = ttk.BooleanVar(self)
                self._menu.add_checkbutton(
                    label=name, variable=self._ticks[name], command=self._clicked
                )
        for name, tick in self._ticks.items():
            tick.set(name in names)
        self._show()

    def _clicked(self) -> None:
        self._show()
        self._on_choice()

    def _show(self) -> None:
        text = ", ".join(self._titles.get(name, name) for name in self.chosen)
        self.configure(text=fit_end(text, len, _WIDTH) if text else self._anything)
