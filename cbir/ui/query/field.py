"""Where a query is written: its parts as chips, and an entry for words beside them."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cbir.asking import Term
from cbir.language import _
from cbir.ui.query.chip import HEIGHT
from cbir.ui.query.chips import ChipStrip, ChipStripEvents
from cbir.ui.query.words import RecentWordsEntry
from cbir.ui.widgets.theme import SPACE_S, scaled

_ALONE = _("Describe a picture…, e.g. a red sports car")
_BESIDE = _("Add words…")
_WORDS = 190  # pixels at 100 % that are always left for words


@dataclass(frozen=True, slots=True)
class QueryFieldEvents:
    """What the field asks for. ``on_words(text, add)``: search by the chips and what was typed.

    With ``add`` the words are to be one more part of the search in view. ``on_terms``: by these
    terms from now on.
    """

    on_words: Callable[[str, bool], None]
    on_terms: Callable[[tuple[Term, ...]], None]
    on_part: Callable[[int], None]
    on_copy: Callable[[], None]
    on_edit: Callable[[], None]


class QueryField(tkinter.ttk.Frame):
    """Words alone are in the entry; anything else is shown as chips, with the entry to add words.

    What is being typed stays while chips change.
    """

    def __init__(self, parent: tkinter.Misc, events: QueryFieldEvents) -> None:
        super().__init__(parent)
        self._events = events
        self._shown = ""  # the words that were put into the entry, not typed
        self._kept: str | None = None
        strip = ChipStripEvents(
            on_terms=self._chips_changed,
            on_part=events.on_part,
            on_copy=events.on_copy,
            on_edit=events.on_edit,
            on_end=self._to_words,
        )
        self.chips = ChipStrip(self, strip)
        self.words = RecentWordsEntry(self, _ALONE)
        self.columnconfigure(1, weight=1)
        self.rowconfigure(0, weight=1, minsize=scaled(self, HEIGHT))
        self.words.grid(row=0, column=1, sticky="nsew")
        self.bind("<Configure>", lambda _: self._share_room())
        entry = self.words.entry
        for key in ("<Return>", "<KP_Enter>"):
            entry.bind(key, lambda _: self.search())
        for key in ("<Control-Return>", "<Control-KP_Enter>"):
            entry.bind(key, lambda _: self.add())
        entry.bind("<<ComboboxSelected>>", self._recent_chosen)
        entry.bind("<BackSpace>", lambda _: self._at_start(remove=True))
        entry.bind("<Left>", lambda _: self._at_start(remove=False))
        entry.bind("<Alt-Left>", lambda _: None)  # that is for going back

    def show(self, terms: Sequence[Term], paths: Sequence[str], *, as_chips: bool = False) -> None:
        """Show what is looked for; ``as_chips``: also where it is nothing but words.

        So they are where other words are being typed, too: none are lost.
        """
        kept, self._kept = self._kept or "", None
        words = None if as_chips or kept else plain_words(terms)
        self._put(words or kept, shown=words or "")
        chips = () if words is not None else terms
        self.words.show_hint(_BESIDE if chips else _ALONE)
        self.chips.show(chips, paths[: len(chips)])
        if chips:
            self.chips.grid(row=0, column=0, sticky="w", padx=(0, scaled(self, SPACE_S)))
        else:
            self.chips.grid_remove()

    def edit(self, text: str) -> None:
        """Let the query be changed as text: in place of the chips."""
        self.show((), ())
        self._put(text, shown="")
        self.words.focus_entry()

    def search(self) -> str:
        """Search by the chips and what was typed."""
        self._events.on_words(self.words.text, False)
        return "break"

    def add(self) -> str:
        """Add what was typed to the search in view."""
        self._events.on_words(self.words.text, True)
        return "break"

    def _put(self, text: str, shown: str) -> None:
        self._shown = shown
        if self.words.text != text:
            self.words.text = text

    def _share_room(self) -> None:
        self.chips.limit = self.winfo_width() - scaled(self, _WORDS)

    def _chips_changed(self, terms: tuple[Term, ...]) -> None:
        self._kept = self.words.text
        self._events.on_terms(terms)
        self._kept = None

    def _to_words(self) -> None:
        self.words.entry.focus_set()
        self.words.entry.icursor(0)

    def _recent_chosen(self, _event: object) -> None:
        """A recent query takes the place of what is there."""
        self.edit(self.words.chosen)
        self.search()

    def _at_start(self, *, remove: bool) -> str | None:
        """Backspace or ← before the first character: away with the last chip, or on to it."""
        entry = self.words.entry
        if entry.index("insert") > 0 or entry.selection_present() or not self.chips.chips:
            return None
        if remove:
            self._chips_changed(self.chips.terms[:-1])
        else:
            self.chips.focus_last()
        return "break"


def plain_words(terms: Sequence[Term]) -> str | None:
    """The words, where they are all that is looked for."""
    if len(terms) == 1 and terms[0] == Term(text=terms[0].text):
        return terms[0].text
    return None
