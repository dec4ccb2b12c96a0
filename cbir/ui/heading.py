"""The line above the grid: what it shows, how similar that must be, and in which order it comes."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter.font import nametofont

import ttkbootstrap as ttk

from cbir.asking import ORDER_KEYS, Order, OrderKey
from cbir.language import _
from cbir.ui.state import FINEST
from cbir.ui.widgets.text import fit_end
from cbir.ui.widgets.theme import HEADING_FONT, SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.tooltip import ToolTip

_LEAST_TEXT = 280  # pixels at 100 % that the sentence has beside the choices
_NAMES: dict[OrderKey, str] = {
    "score": _("Similarity"),
    "added": _("Added"),
    "name": _("Name"),
    "date": _("Date"),
    "size": _("File size"),
}
_TIPS: dict[OrderKey, str] = {
    "score": _("The most similar first"),
    "added": _("As they came into the library"),
    "name": _("By name, numbers by their value"),
    "date": _("The newest first: when taken, else when the file was changed"),
    "size": _("The largest file first"),
}
_LISTED_NAME: dict[OrderKey, str] = {"added": _("As listed")}
_LISTED_TIP: dict[OrderKey, str] = {"added": _("In this list's own order")}


def percentile_of(position: float) -> float:
    """The share, 0 to 1, of unrelated pictures that the slider's ``position`` leaves behind."""
    return 1 - 10.0**-position if position > 0 else 0.0


@dataclass(frozen=True, slots=True)
class HeadingOffer:
    """Something that can be done with the pictures in view."""

    text: str
    tip: str
    command: Callable[[], None]


class HeadingRow(tkinter.ttk.Frame):
    """A sentence on the left; a slider and an order on the right, of one height at all times.

    ``on_order`` is told of an order that was chosen, ``on_similar`` of the slider's position, 0 to
    ``FINEST``, while it is dragged.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        on_order: Callable[[Order], None],
        on_similar: Callable[[float], None],
    ) -> None:
        large, middle = scaled(parent, SPACE_L), scaled(parent, SPACE_M)
        super().__init__(parent, padding=(large, middle, large, 0))
        self._on_order, self._on_similar = on_order, on_similar
        self._order, self._listed = Order("added"), False
        self._text = ""
        self._direction = "sort-down"
        self._keys: dict[str, OrderKey] = {}
        self.label = ttk.Label(self, style="Heading.TLabel", anchor="w", width=1)
        self._tip = ToolTip(self.label, text="", delay=600)
        self.warning = ttk.Label(self, style="Warning.TLabel", anchor="w")
        self.columnconfigure(0, weight=1)
        self.label.grid(row=0, column=0, sticky="ew")
        self.label.bind("<Configure>", lambda _: self._fit(), add="+")
        self._choices = tkinter.ttk.Frame(self)
        self._offers = tkinter.ttk.Frame(self)
        self.offers: list[ttk.Button] = []
        self._build_similar()
        self._build_order()
        self.bind("<Configure>", lambda _: self._arrange(), add="+")
        for event in ("<Configure>", "<Unmap>"):  # their width is known then
            self._offers.bind(event, lambda _: self._arrange())
        self.show_order(self._order, searching=False)

    @property
    def text(self) -> str:
        """What is said of the pictures in view."""
        return self._text

    def say(self, text: str, warning: str = "") -> None:
        """Say what is in view; what does not fit is cut, and whole in the tooltip.

        ``warning`` is what must be known of it, on a line of its own.
        """
        self._text = text
        self._fit()
        self.warning.configure(text=warning)
        if warning:
            self.warning.grid(row=1, column=0, columnspan=2, sticky="ew")
        else:
            self.warning.grid_forget()

    def offer(self, offers: Sequence[HeadingOffer]) -> None:
        """Show buttons below for what can be done with the pictures in view; none takes them away.

        Said again as pictures come in, so that the buttons stay where they are the same.
        """
        if [button.cget("text") for button in self.offers] != [one.text for one in offers]:
            for button in self.offers:
                button.destroy()
            self.offers = [self._make_offer(one) for one in offers]
        for button, one in zip(self.offers, offers, strict=True):
            button.configure(command=one.command)
        if offers:
            self._offers.grid(row=3, column=0, sticky="w", pady=(scaled(self, SPACE_S), 0))
        else:
            self._offers.grid_forget()

    def _make_offer(self, offer: HeadingOffer) -> ttk.Button:
        button = ttk.Button(self._offers, text=offer.text, bootstyle="neutral")
        button.pack(side="left", padx=(0, scaled(self, SPACE_S)))
        ToolTip(button, text=offer.tip, delay=600)
        return button

    @property
    def order(self) -> Order:
        """The order that is shown."""
        return self._order

    def show_order(self, order: Order, *, searching: bool, listed: bool = False) -> None:
        """Show an order; only a search has scores to order by, and to cut off at.

        ``listed``: some pictures in an order of their own, which takes the place of “Added”.
        """
        self._order, self._listed = order, listed
        keys = [key for key in ORDER_KEYS if searching or key != "score"]
        if searching:
            keys.remove("added")
        names, tips = (_NAMES | _LISTED_NAME, _TIPS | _LISTED_TIP) if listed else (_NAMES, _TIPS)
        self._keys = dict(zip([names[key] for key in keys], keys, strict=True))
        self.sort_by.configure(values=list(self._keys))
        self.sort_by.set(names[order.key])
        self._sort_tip.configure(text=tips[order.key] + (_(", reversed") if order.reverse else ""))
        self._show_direction("sort-up" if order.reverse else "sort-down")
        state = "normal" if searching else "disabled"
        self.slider.configure(state=state)
        self._show_least()

    def _show_direction(self, icon: str) -> None:
        if icon != self._direction:  # it changes a style, so Tk lays out the whole window anew
            self._direction = icon
            ttk.apply_icon(self.direction, icon, size=16)

    def choose_similar(self, position: float) -> None:
        """Put the slider there, as if it were dragged."""
        self.show_similar(position)
        self._on_similar(position)

    def show_similar(self, position: float) -> None:
        """Put the slider there; ``on_similar`` is not told."""
        self._position.set(position)
        self._show_least()

    def _build_similar(self) -> None:
        gap = scaled(self, SPACE_M)
        caption = ttk.Label(self._choices, text=_("How similar"), style="Muted.TLabel")
        self._position = ttk.DoubleVar(self, 0.0)
        self.slider = ttk.Scale(
            self._choices,
            from_=0,
            to=FINEST,
            variable=self._position,
            length=scaled(self, 110),
            command=self._slid,
        )
        self.least = ttk.Label(self._choices, style="Muted.TLabel", anchor="w", width=10)
        for column, part in enumerate((caption, self.slider, self.least), start=1):
            part.grid(row=0, column=column, padx=(gap, 0))
        tip = _(
            "Show only what is really similar. “top 1 %”: hits that are nearer to the query than "
            "99 of 100 unrelated pictures of this library are to each other. It means the same in "
            "every space, for words and for pictures."
        )
        for part in (caption, self.slider, self.least):
            ToolTip(part, text=tip, delay=600)

    def _build_order(self) -> None:
        caption = ttk.Label(self._choices, text=_("Sort by"), style="Muted.TLabel")
        caption.grid(row=0, column=4, padx=(scaled(self, SPACE_M), scaled(self, SPACE_S)))
        self.sort_by = ttk.Combobox(self._choices, state="readonly", width=9)
        self.sort_by.bind("<<ComboboxSelected>>", self._key_chosen)
        self._sort_tip = ToolTip(self.sort_by, text="", delay=600)
        self.sort_by.grid(row=0, column=5)
        self.direction = ttk.Button(
            self._choices, icon="sort-down", icon_only=True, bootstyle="ghost", command=self._turned
        )
        ToolTip(self.direction, text=_("The other way round"), delay=600)
        self.direction.grid(row=0, column=6, padx=(scaled(self, SPACE_S), 0))

    def _arrange(self) -> None:
        """The choices stand beside the offers, else beside the sentence, else below that.

        Beside the offers they leave the sentence, a list's title, all of its line.
        """
        width, choices = self.winfo_width(), self._choices.winfo_reqwidth()
        gap = (scaled(self, SPACE_S), 0)
        above = bool(self.offers) and width >= self._offers.winfo_reqwidth() + choices
        self.label.grid(columnspan=2 if above else 1)
        if above:
            self._choices.grid(row=3, column=1, sticky="e", pady=gap)
        elif width >= scaled(self, _LEAST_TEXT) + choices:
            self._choices.grid(row=0, column=1, sticky="e", pady=0)
        else:
            self._choices.grid(row=2, column=0, sticky="w", pady=gap)

    def _fit(self) -> None:
        measure = nametofont(HEADING_FONT, root=self).measure
        text = fit_end(self._text, measure, max(self.label.winfo_width() - 4, 40))
        if text != self.label.cget("text"):
            self.label.configure(text=text)
        self._tip.configure(text=self._text if text != self._text else "")

    def _key_chosen(self, _event: object) -> None:
        self.sort_by.selection_clear()
        self._choose(Order(self._keys[self.sort_by.get()]))

    def _turned(self) -> None:
        self._choose(Order(self._order.key, not self._order.reverse))

    def _choose(self, order: Order) -> None:
        searching = "score" in self._keys.values()
        self.show_order(order, searching=searching, listed=self._listed)
        self._on_order(order)

    def _slid(self, value: str) -> None:
        self._show_least()
        self._on_similar(float(value))

    def _show_least(self) -> None:
        position = self._position.get()
        share = 100 * 10.0**-position
        self.least.configure(
            text=_("all")
            if position <= 0
            else _("top {share:.0f} %").format(share=share)
            if share >= 1
            else _("top {share:.1g} %").format(share=share)
        )
