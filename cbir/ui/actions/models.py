"""The Models dialog: which weights are on this computer, where, and how to get the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ttkbootstrap as ttk

from cbir.describe import format_bytes
from cbir.records import SPACE_TITLES
from cbir.ui.actions.context import Context
from cbir.ui.widgets.sheet import WRAP, Choice, Sheet, nothing
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.work.facts import WeightsOffer, WeightsStatus, weights_offered

_WHAT_FOR = {
    "resnet18": "Finds pictures with the same things in them.",
    "clip": "Finds pictures by words, and by what they mean.",
}
_STATES = {
    "verified": "Ready, verified",
    "not verified": "Ready, not verified",
    "damaged": "Damaged",
    "missing": "Not on this computer",
}


class ModelsDialog:
    """Lists the weights; they are hashed on a worker, so their state comes a moment later.

    ``changed()`` is called after a download, as a space may now be used that could not be before.
    """

    def __init__(self, context: Context, changed: Callable[[], None]) -> None:
        self._context = context
        self._changed = changed
        self._downloading: set[str] = set()
        self._sheet: Sheet | None = None
        self._parts: dict[str, tuple[ttk.Label, ttk.Label, ttk.Button]] = {}

    def show(self) -> None:
        """Open the dialog, or bring it to the front."""
        if self._is_open():
            assert self._sheet is not None
            self._sheet.lift()
            return
        sheet = self._sheet = Sheet(self._context.root, "Models")
        sheet.add_text(
            "The Classic space needs no weights. The others are downloaded once, checked, and "
            "then work without the internet."
        )
        for offer in weights_offered():
            self._add(sheet, offer)
        sheet.add_buttons([Choice("Close", nothing, primary=True)])
        sheet.present()
        self.refresh()

    def _is_open(self) -> bool:
        return self._sheet is not None and bool(self._sheet.winfo_exists())

    def _add(self, sheet: Sheet, offer: WeightsOffer) -> None:
        name = offer.name
        card = ttk.Frame(sheet.body, style="Surface.TFrame", padding=scaled(sheet, SPACE_L))
        card.pack(fill="x", pady=(0, scaled(sheet, SPACE_M)))
        card.columnconfigure(0, weight=1)
        heading = f"{offer.title} · {format_bytes(offer.bytes)}"
        title = ttk.Label(card, text=heading, style="SurfaceHeading.TLabel")
        title.grid(row=0, column=0, sticky="w")
        about = ttk.Label(card, text=_WHAT_FOR.get(name, ""), style="Surface.TLabel")
        about.grid(row=1, column=0, sticky="w", pady=scaled(sheet, SPACE_S))
        state = ttk.Label(card, text="Looking…", style="SurfaceMuted.TLabel")
        state.grid(row=2, column=0, sticky="w")
        detail = ttk.Label(card, style="SurfaceMuted.TLabel", wraplength=scaled(sheet, WRAP))
        detail.grid(row=3, column=0, columnspan=2, sticky="w")
        button = ttk.Button(
            card, text="Download", icon="download", command=lambda: self.download(name)
        )
        button.grid(row=0, column=1, rowspan=3, padx=(scaled(sheet, SPACE_L), 0))
        button.grid_remove()
        self._parts[name] = (state, detail, button)

    def refresh(self) -> None:
        """Ask for the state of the weights."""
        self._context.jobs.watch(self._context.engine.weights(), self._show_states)

    def _show_states(self, states: tuple[WeightsStatus, ...]) -> None:
        if not self._is_open():
            return
        for status in states:
            state, detail, button = self._parts[status.name]
            state.configure(text=_STATES[status.state])
            where = f"{shown(status.path)} ({format_bytes(status.bytes)})" if status.path else ""
            detail.configure(text=f"{status.detail}\n{where}".strip())
            wanted = status.state in ("missing", "damaged")
            self._show_button(button, wanted and status.name not in self._downloading)

    @staticmethod
    def _show_button(button: ttk.Button, usable: bool) -> None:
        if usable:
            button.grid()
        else:
            button.grid_remove()

    def download(self, name: str) -> None:
        """Download the weights of a space; progress and Cancel are in the status bar."""
        title = SPACE_TITLES[name]
        self._downloading.add(name)
        if self._is_open():
            state, _, button = self._parts[name]
            state.configure(text="Downloading… (see the status bar)")
            self._show_button(button, usable=False)
        self._context.jobs.watch(
            self._context.engine.download(name),
            partial(self._ended, name, f"{title} was downloaded and verified."),
            title=f"Downloading {title}",
            failed=partial(self._failed, name),
            cancelled=partial(self._ended, name, f"The download of {title} was cancelled."),
            shown=True,
        )

    def _ended(self, name: str, sentence: str, _result: object = None) -> None:
        self._downloading.discard(name)
        self._context.say(sentence)
        self._changed()
        if self._is_open():
            self.refresh()

    def _failed(self, name: str, error: BaseException) -> None:
        self._ended(name, f"The download of {SPACE_TITLES[name]} did not work.")
        self._context.show_error(error)
