"""The inspector's parts that can be written in: a record's tags and its note."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ttkbootstrap as ttk

from cbir.language import _
from cbir.records import Record
from cbir.ui.query.words import WordsEntry
from cbir.ui.widgets.completion import Completion
from cbir.ui.widgets.pill import Flow, Pill
from cbir.ui.widgets.theme import BODY_FONT, SPACE_M, SPACE_S, palette, scaled

_NOTE_LINES = 4


class Tags(tkinter.ttk.Frame):
    """A record's tags as badges with a cross each, and an entry that adds more.

    ``on_change(added, removed)`` asks for a change; what is shown follows when it was made.
    ``on_typing`` is called when the cursor comes to the entry: ``know`` takes the tags to offer.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        on_change: Callable[[tuple[str, ...], tuple[str, ...]], None],
        on_typing: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        self._on_change = on_change
        self._known: tuple[str, ...] = ()
        self._read_only = False
        self._tags: tuple[str, ...] | None = None
        self._pills = Flow(self)
        self._pills.pack(fill="x")
        self.words = WordsEntry(self, _("Add a tag and press Enter"))
        self.words.pack(fill="x", pady=(scaled(self, SPACE_S), 0))
        self.completion = Completion(self.words.entry)
        for key in ("<Return>", "<KP_Enter>"):
            self.words.entry.bind(key, self._add)
        self.words.entry.bind("<FocusIn>", lambda _: on_typing(), add="+")

    def show(self, tags: Sequence[str], *, another: bool) -> None:
        """Show these tags; ``another`` record's also empty the entry."""
        if another:
            self.words.text = ""
        if tuple(tags) != self._tags:
            self._tags = tuple(tags)
            self._make_pills()
            self.know(self._known)

    def know(self, tags: Sequence[str]) -> None:
        """These are the library's tags, the likeliest first: those not given yet are offered."""
        self._known = tuple(tags)
        self.completion.known = [tag for tag in tags if tag not in (self._tags or ())]

    def show_read_only(self, read_only: bool) -> None:
        """Take away what changes tags, or give it back."""
        self._read_only = read_only
        self.words.text = ""
        self.words.enable(not read_only)
        self._make_pills()

    def _make_pills(self) -> None:
        for pill in self._pills.winfo_children():
            pill.destroy()
        for tag in self._tags or ():
            remove = None if self._read_only else partial(self._on_change, (), (tag,))
            Pill(self._pills, tag, on_remove=remove)
        self._pills.arrange()

    def _add(self, _event: object) -> None:
        """Enter: one tag, or several with commas between them, the last one perhaps chosen."""
        self.completion.take_chosen()
        self.completion.close()
        typed = tuple(part.strip() for part in self.words.text.split(",") if part.strip())
        self.words.text = ""
        if typed:
            self._on_change(typed, ())


class Note(tkinter.ttk.Frame):
    """A record's note: saved by Ctrl+Enter, or when the cursor leaves it, where it was changed."""

    def __init__(self, parent: tkinter.Misc, on_save: Callable[[int, str], None]) -> None:
        super().__init__(parent)
        self._on_save = on_save
        self._record_id: int | None = None
        self._known = ""  # as the library has it
        self._sent: str | None = None
        self._unsaved: dict[int, str] = {}  # sent for a record, and not known to be written
        head = tkinter.ttk.Frame(self)
        head.pack(fill="x")
        ttk.Label(head, text=_("Note"), style="Caption.TLabel").pack(side="left")
        self.status = ttk.Label(head, style="Muted.TLabel")
        self.status.pack(side="right")
        self.text = tkinter.Text(
            self,
            height=_NOTE_LINES,
            width=1,
            wrap="word",
            font=BODY_FONT,
            relief="flat",
            borderwidth=0,
            undo=True,
            padx=scaled(self, SPACE_M),
            pady=scaled(self, SPACE_S),
        )
        self.text.pack(fill="x", pady=(scaled(self, SPACE_S), 0))
        self._bind_events()
        self._recolour()

    def _bind_events(self) -> None:
        self.text.bind("<FocusOut>", lambda _: self.save())
        self.text.bind("<KeyRelease>", lambda _: self._edited())
        aqua = str(self.tk.call("tk", "windowingsystem")) == "aqua"
        self.text.bind("<Command-Return>" if aqua else "<Control-Return>", self._saved_by_key)
        for sequence in ("<Tab>", "<Shift-Tab>"):  # a note needs no tabs, but the keys lead on
            self.text.bind(sequence, self._leave)
        self.bind("<<ThemeChanged>>", lambda _: self._recolour())

    def show(self, record: Record) -> None:
        """Show a record's note; what was typed for another is saved first, for this one kept."""
        if record.id != self._record_id:
            self.save()
            self._record_id, self._sent = record.id, None
            waiting = self._unsaved.get(record.id, record.note)
            self._put(waiting)
            self.status.configure(text="" if waiting == record.note else _("Not saved"))
        elif self._typed in (self._known, record.note):
            self._put(record.note)
        self._known = record.note
        if self._sent == record.note:
            self._sent = None
            self.status.configure(text=_("Saved"))

    def show_read_only(self, read_only: bool) -> None:
        """Let the note be read but not written, or written again."""
        self.text.configure(state="disabled" if read_only else "normal")
        self._recolour()

    def save(self, *, again: bool = False) -> None:
        """Save what was typed, where it differs from what the library has.

        What was sent already is sent once more only when asked ``again``.
        """
        typed = self._typed
        unchanged = typed == self._known or (typed == self._sent and not again)
        if self._record_id is None or unchanged:
            return
        self._sent = self._unsaved[self._record_id] = typed
        self.status.configure(text=_("Saving…"))
        self._on_save(self._record_id, typed)

    def written(self, record_id: int) -> None:
        """What was sent for a record is in the library."""
        self._unsaved.pop(record_id, None)

    def failed(self, record_id: int) -> None:
        """What was sent was not saved: it stays, and goes with the next save."""
        if record_id == self._record_id and self._sent is not None:
            self._sent = None
            self.status.configure(text=_("Not saved"))

    @property
    def _typed(self) -> str:
        return self.text.get("1.0", "end-1c")

    def _put(self, note: str) -> None:
        if note != self._typed:
            state = self.text.cget("state")
            self.text.configure(state="normal")
            self.text.delete("1.0", "end")
            self.text.insert("1.0", note)
            self.text.edit_reset()
            self.text.configure(state=state)

    def _saved_by_key(self, _event: object) -> str:
        self.save(again=True)
        return "break"

    def _edited(self) -> None:
        if self._sent is None and self._typed != self._known:
            self.status.configure(text="")

    def _leave(self, event: tkinter.Event[Any]) -> str:
        backwards = int(event.state) & 0x1
        target = self.text.tk_focusPrev() if backwards else self.text.tk_focusNext()
        if target is not None:
            target.focus_set()
        return "break"

    def _recolour(self) -> None:
        colours = palette(self)
        locked = self.text.cget("state") == "disabled"
        self.text.configure(
            background=colours.surface if locked else colours.background,
            foreground=colours.text,
            insertbackground=colours.text,
            selectbackground=colours.accent,
            selectforeground=colours.on_accent,
            highlightthickness=1,
            highlightbackground=colours.border,
            highlightcolor=colours.accent,
        )
