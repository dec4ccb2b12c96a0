"""A text entry that says what to type while it is empty, and one that knows what was typed."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Sequence

import ttkbootstrap as ttk

from cbir.ui.widgets.theme import BODY_FONT, palette, scaled

_STYLE = "Recent.TCombobox"
_LIST = 560  # pixels at 100 %


class WordsEntry(ttk.Frame):
    """An entry with a hint over it, which goes as soon as there is a character."""

    def __init__(self, parent: tkinter.Misc, hint: str) -> None:
        super().__init__(parent)
        self._variable = ttk.StringVar(self)
        self.entry = self._make_entry(self._variable)
        self.entry.pack(fill="both", expand=True)
        self._hint = tkinter.Label(
            self, text=hint, font=BODY_FONT, cursor="xterm", borderwidth=0, padx=0, pady=0
        )
        self._hint.bind("<Button-1>", self._focus)
        trace = self._variable.trace_add("write", self._changed)
        # Tcl holds what a trace calls, and so all of this, for as long as the trace is there
        self.bind("<Destroy>", lambda _: self._variable.trace_remove("write", trace), add="+")
        self.bind("<<ThemeChanged>>", self._recolour)
        self._recolour()
        self._changed()

    def _make_entry(self, variable: ttk.StringVar) -> tkinter.ttk.Entry:
        return ttk.Entry(self, textvariable=variable, font=BODY_FONT)

    @property
    def text(self) -> str:
        """What was typed."""
        return self._variable.get()

    @text.setter
    def text(self, text: str) -> None:
        self._variable.set(text)

    def show_hint(self, hint: str) -> None:
        """Say something else of what can be typed."""
        self._hint.configure(text=hint)

    def enable(self, enabled: bool) -> None:
        """Let it be typed into, or not."""
        self.entry.configure(state="normal" if enabled else "disabled")
        self._changed()

    def focus_entry(self) -> None:
        """Put the cursor in, with all text selected."""
        self.entry.focus_set()
        self.entry.selection_range(0, "end")

    def _focus(self, _event: object) -> str:
        self.entry.focus_set()
        return "break"

    def _changed(self, *_trace: str) -> None:
        if self.text or self.entry.instate(["disabled"]):
            self._hint.place_forget()
        else:
            inset = scaled(self, 10)
            self._hint.place(in_=self.entry, x=inset, rely=0.5, anchor="w")

    def _recolour(self, _event: object = None) -> None:
        colours = palette(self)
        style = ttk.Style()
        field = str(style.lookup("TEntry", "fieldbackground") or colours.background)
        self._hint.configure(background=field, foreground=colours.muted)


class RecentWordsEntry(WordsEntry):
    """An entry that lists earlier queries on ↓ or a click on its arrow; ``<<ComboboxSelected>>``.

    The list tells their titles; ``chosen`` is the query itself.
    """

    def _make_entry(self, variable: ttk.StringVar) -> tkinter.ttk.Entry:
        self._recent: tuple[str, ...] = ()
        self._box = ttk.Combobox(
            self, textvariable=variable, font=BODY_FONT, height=12, style=_STYLE
        )
        self._box.configure(postcommand=self._widen)
        for wheel in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            self._box.bind(wheel, lambda _: "break")  # it would put another text in
        return self._box

    @property
    def recent(self) -> tuple[str, ...]:
        """The queries that are listed."""
        return self._recent

    def show_recent(self, queries: Sequence[str], titles: Sequence[str]) -> None:
        """List these queries, by their titles."""
        self._recent = tuple(queries)
        self._box.configure(values=list(titles))

    @property
    def chosen(self) -> str:
        """The query that was chosen from the list."""
        return self._recent[self._box.current()]

    def _widen(self) -> None:
        """Let the list be wide enough to read, also where chips leave little room for words."""
        more = max(0, scaled(self, _LIST) - self._box.winfo_width())
        ttk.Style().configure(_STYLE, postoffset=(-more, 0, more, 0))
