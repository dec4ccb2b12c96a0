"""The filter bar: folder, days, format, shape, size, tags and missing files, beside the query."""

from __future__ import annotations

import os
import tkinter
import tkinter.ttk
from collections.abc import Callable, Mapping
from dataclasses import replace

import ttkbootstrap as ttk

from cbir.asking import ANY, DATE_KINDS, ORIENTATIONS, DateKind, Filter
from cbir.errors import InvalidQuery
from cbir.language import _
from cbir.ui.filters.choice import MultiChoice
from cbir.ui.filters.reading import (
    Sizes,
    read_day,
    read_sizes,
    read_tags,
    write_sizes,
)
from cbir.ui.widgets.pill import Flow
from cbir.ui.widgets.text import shown, shown_path
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.throttle import Throttle
from cbir.ui.widgets.tooltip import ToolTip
from cbir.work.facts import Choices

_TYPING_MS = 400
_ANY_FOLDER, _BROWSE = _("Any folder"), _("Another folder…")
_SHAPES: dict[str, str] = {
    "landscape": _("Landscape"),
    "portrait": _("Portrait"),
    "square": _("Square"),
}
_DATES: dict[DateKind, str] = {"taken": _("Taken"), "modified": _("Modified")}
_MISSING = {_("Any"): None, _("Missing"): True, _("Present"): False}
_SIZE_EXAMPLES = ("", "< 500 kB", "> 2 MB", "> 10 MB", "< 2 MP", "> 12 MP")


class FilterBar(ttk.Frame):
    """Controls in as many lines as the width asks for. ``filter`` is what they say.

    ``on_filter`` is told of every other filter, as soon as it is chosen and shortly after it is
    typed; what cannot be read is told beside the control, and changes nothing. ``ask_folder`` lets
    the user choose a folder that is not listed; ``on_leave`` is called where Esc is pressed.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        on_filter: Callable[[Filter], None],
        ask_folder: Callable[[], str | None],
        on_leave: Callable[[], None] = lambda: None,
    ) -> None:
        pad = scaled(parent, SPACE_L)
        super().__init__(parent, padding=(pad, 0, pad, scaled(parent, SPACE_M)))
        self._on_filter, self._ask_folder, self._on_leave = on_filter, ask_folder, on_leave
        self._filter = ANY
        self._folders: dict[str, str] = {}
        self._throttle = Throttle(self, _TYPING_MS, self._apply)
        self._flow = Flow(self)
        self._flow.pack(fill="x")
        self._build()
        self.problem = ttk.Label(self, style="Warning.TLabel")
        self._show(ANY)
        entries = (self.folder, self.kind, self.since, self.until, self.sizes, self.tags)
        for part in (*entries, self.formats, self.shapes, self.missing, self.clear_button):
            part.bind("<Escape>", self._leave)

    @property
    def filter(self) -> Filter:
        """What the controls say, as far as it can be read."""
        return self._filter

    def show(self, wanted: Filter) -> None:
        """Show another filter; ``on_filter`` is not told."""
        if wanted != self._filter:
            self._throttle.cancel()
            self._filter = wanted
            self._show(wanted)

    def clear(self) -> None:
        """Let every picture through again."""
        self._show(ANY)
        self._tell(ANY)

    def show_choices(self, choices: Choices) -> None:
        """Offer what the library holds: folders, endings and tags, with how many have them."""
        self._folders = {
            f"{shown_path(path)}  ({count:,})": path for path, count in choices.folders
        }
        self.folder.configure(values=[_ANY_FOLDER, *self._folders, _BROWSE])
        self.formats.offer([(ending, f"{shown(ending)}  ({n:,})") for ending, n in choices.endings])
        self.tags.configure(values=[shown(tag) for tag, _ in choices.tags])
        for kind, days in (("taken", choices.taken), ("modified", choices.modified)):
            self._day_tips[kind] = (
                _("{first} to {last}").format(first=days[0], last=days[1])
                if days
                else _("none is known")
            )
        self._show_days()

    def focus_first(self) -> None:
        """Put the keyboard into the first control."""
        self.folder.focus_set()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self._day_tips: dict[str, str] = {}
        self.folder = self._combobox(_("Folder"), 20, _("Only pictures below this folder"))
        self.folder.configure(values=[_ANY_FOLDER, _BROWSE])
        self.folder.bind("<<ComboboxSelected>>", self._folder_chosen)
        self._build_days()
        self.formats = self._choices(_("Format"), _("Any format"), {})
        self.shapes = self._choices(_("Shape"), _("Any shape"), _SHAPES)
        self.sizes = self._combobox(
            _("Size"), 10, _("> 2 MB, < 500 kB, 1–5 MB; in megapixels > 12 MP"), typed=True
        )
        self.sizes.configure(values=_SIZE_EXAMPLES)
        self.tags = self._combobox(
            _("Tags"), 15, _("Pictures with all of these, between commas"), True
        )
        self.tags.bind("<<ComboboxSelected>>", self._tag_chosen)
        self._tags_before = ""
        self.missing = self._combobox(_("Files"), 8, _("Pictures whose file is gone, or is there"))
        self.missing.configure(values=list(_MISSING))
        self.missing.bind("<<ComboboxSelected>>", self._chosen)
        self.clear_button = ttk.Button(
            self._group(""), text=_("Clear"), bootstyle="secondary-outline", command=self.clear
        )
        self.clear_button.pack(fill="x")
        ToolTip(self.clear_button, text=_("Show pictures of every kind again"))

    def _group(self, caption: str) -> tkinter.ttk.Frame:
        """A caption with room for a control below it."""
        group = tkinter.ttk.Frame(self._flow, padding=(0, 0, scaled(self, SPACE_S), 0))
        group.place(x=0, y=0)
        ttk.Label(group, text=caption, style="Muted.TLabel").pack(anchor="w")
        return group

    def _combobox(self, caption: str, width: int, tip: str, typed: bool = False) -> ttk.Combobox:
        box = ttk.Combobox(
            self._group(caption), width=width, state="normal" if typed else "readonly"
        )
        box.pack()
        ToolTip(box, text=tip, delay=600)
        if typed:
            self._follow_typing(box)
            box.bind("<<ComboboxSelected>>", self._chosen)
        return box

    def _choices(self, caption: str, anything: str, titles: Mapping[str, str]) -> MultiChoice:
        choice = MultiChoice(self._group(caption), anything, self._chosen, titles)
        choice.offer(list(titles.items()))
        choice.pack()
        return choice

    def _build_days(self) -> None:
        group = self._group(_("Date"))
        self.kind = ttk.Combobox(
            group, width=9, state="readonly", values=[_DATES[kind] for kind in DATE_KINDS]
        )
        self.kind.bind("<<ComboboxSelected>>", self._kind_chosen)
        self.since, self.until = ttk.Entry(group, width=10), ttk.Entry(group, width=10)
        dash = ttk.Label(group, text="to", style="Muted.TLabel")
        gap = scaled(self, SPACE_S)
        for part in (self.kind, self.since, dash, self.until):
            part.pack(side="left", padx=(0, gap))
        self._kind_tip = ToolTip(self.kind, text="", delay=600)
        for entry, what in ((self.since, "first"), (self.until, "last")):
            self._follow_typing(entry)
            ToolTip(
                entry,
                text=_("The {what} day, month or year: 2024-05-31").format(what=what),
                delay=600,
            )

    def _leave(self, _event: object) -> str:
        """Esc: back to the pictures; it does not clear the search, as it does elsewhere."""
        self._throttle.cancel()
        self._show(self._filter)
        self._on_leave()
        return "break"

    def _follow_typing(self, entry: ttk.Entry | ttk.Combobox) -> None:
        entry.bind("<KeyRelease>", lambda _: self._throttle.later(), add="+")
        entry.bind("<Return>", lambda _: self._throttle.now(), add="+")
        entry.bind("<FocusOut>", lambda _: self._apply(), add="+")

    # -- what was chosen --------------------------------------------------------------------------

    def _folder_chosen(self, _event: object) -> None:
        label = self.folder.get()
        if label == _BROWSE:
            chosen = self._ask_folder()
            path = os.path.abspath(chosen) if chosen else self._filter.folder
        else:
            path = self._folders.get(label, "")
        self._show_folder(path)
        self._tell(replace(self._filter, folder=path))

    def _tag_chosen(self, _event: object) -> None:
        """A tag of the list comes beside those that are there."""
        chosen = (*read_tags(self._tags_before), self.tags.get())
        self.tags.set(", ".join(dict.fromkeys(chosen)))
        self._chosen()

    def _kind_chosen(self, _event: object) -> None:
        self._show_days()
        self._chosen()

    def _chosen(self, _event: object = None) -> None:
        self._throttle.cancel()
        self._apply()

    def _apply(self) -> None:
        """Read the controls; tell of the filter where it is another."""
        try:
            wanted = self._read()
        except InvalidQuery as error:
            self._complain(str(error))
            return
        self._complain("")
        self._tags_before = self.tags.get()
        self._tell(wanted)

    def _read(self) -> Filter:
        sizes = read_sizes(self.sizes.get())
        wanted = replace(
            self._filter,
            date=next(kind for kind in DATE_KINDS if _DATES[kind] == self.kind.get()),
            since=read_day(self.since.get(), last=False),
            until=read_day(self.until.get(), last=True),
            min_bytes=sizes.min_bytes,
            max_bytes=sizes.max_bytes,
            min_megapixels=sizes.min_megapixels,
            max_megapixels=sizes.max_megapixels,
            formats=self.formats.chosen,
            orientations=tuple(name for name in ORIENTATIONS if name in self.shapes.chosen),
            tags=read_tags(self.tags.get()),
            missing=_MISSING[self.missing.get()],
        )
        if wanted.since and wanted.until and wanted.since > wanted.until:
            raise InvalidQuery(_("The first day is later than the last: nothing lies between."))
        # which kind of date is meant says nothing where no day is
        return wanted if wanted.since or wanted.until else replace(wanted, date=ANY.date)

    def _tell(self, wanted: Filter) -> None:
        if wanted != self._filter:
            self._filter = wanted
            self._show_clear()
            self._on_filter(wanted)

    # -- showing ----------------------------------------------------------------------------------

    def _show(self, wanted: Filter) -> None:
        self._show_folder(wanted.folder)
        self.kind.set(_DATES[wanted.date])
        for entry, day in ((self.since, wanted.since), (self.until, wanted.until)):
            entry.delete(0, "end")
            entry.insert(0, day.isoformat() if day else "")
        self.formats.choose(wanted.formats)
        self.shapes.choose(wanted.orientations)
        sizes = Sizes(
            wanted.min_bytes, wanted.max_bytes, wanted.min_megapixels, wanted.max_megapixels
        )
        self.sizes.set(write_sizes(sizes))
        self.tags.set(", ".join(wanted.tags))
        self._tags_before = self.tags.get()
        self.missing.set(next(name for name, is_so in _MISSING.items() if is_so == wanted.missing))
        self._complain("")
        self._show_days()
        self._show_clear()

    def _show_folder(self, path: str) -> None:
        known = {folder: label for label, folder in self._folders.items()}
        self.folder.set(known.get(path, shown_path(path)) if path else _ANY_FOLDER)
        self.folder.selection_clear()

    def _show_days(self) -> None:
        words = {
            "taken": _("When pictures were taken"),
            "modified": _("When files were changed last"),
        }
        for kind, title in _DATES.items():
            if title == self.kind.get():
                days = self._day_tips.get(kind, _("not known yet"))
                told = _("{meaning}; in this library: {days}")
                self._kind_tip.configure(text=told.format(meaning=words[kind], days=days))

    def _show_clear(self) -> None:
        self.clear_button.configure(state="disabled" if self._filter == ANY else "normal")

    def _complain(self, sentence: str) -> None:
        self.problem.configure(text=sentence)
        if sentence and not self.problem.winfo_manager():
            self.problem.pack(fill="x", pady=(scaled(self, SPACE_S), 0))
        elif not sentence:
            self.problem.pack_forget()
