"""The inspector: everything about the selected picture, and what can be done with it."""

from __future__ import annotations

import os
import tkinter
import tkinter.ttk
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from tkinter import font as tkfont

import ttkbootstrap as ttk
from PIL import Image

from cbir.images import Metadata
from cbir.language import _
from cbir.records import Record
from cbir.ui.details.copies import Copies
from cbir.ui.details.facts import Facts
from cbir.ui.details.neighbours import Neighbour, Neighbours
from cbir.ui.details.parts import Note, Tags
from cbir.ui.details.preview import Preview
from cbir.ui.widgets.scroller import Scroller
from cbir.ui.widgets.text import file_size, fit_middle, shown, shown_name, shown_path
from cbir.ui.widgets.theme import CAPTION_FONT, SMALL_FONT, SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.tooltip import ToolTip
from cbir.work.editing import Edit
from cbir.work.messages import ThumbnailReady

_HINT = _("Select a picture to see its details.")
_PREVIEW_SHARE, _PREVIEW_MOST = 0.42, 0.55  # of the details' height
_PREVIEW_LEAST = 140  # pixels at 100 %
_WHY = _("Show which parts of the picture make it a hit")


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Looking:
    """What can be asked for that changes nothing.

    ``on_view(id)`` wants it large, ``on_why(id)`` why it is a hit; ``on_go(id)`` leads to another
    record. ``on_typing_tag``: which tags there are should be told by ``show_known_tags``.
    """

    on_view: Callable[[int], None] = _nothing
    on_why: Callable[[int], None] = _nothing
    on_go: Callable[[int], None] = _nothing
    on_typing_tag: Callable[[], None] = _nothing


class Inspector(tkinter.ttk.Frame):
    """Details of one record; a hint where none, a count where several are selected.

    ``on_edit(id, edit)`` asks for a change: show the changed record when it was made;
    ``on_copy(id)`` for another record of the same content; ``looking`` is what changes nothing.
    ``on_remove_all`` removes what is selected where that is several pictures; without it there is
    no such button.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        *,
        request_thumbnail: Callable[[str, int], None],
        on_edit: Callable[[int, Edit], None],
        on_similar: Callable[[int], None],
        on_locate: Callable[[int], None],
        on_remove: Callable[[int], None],
        on_remove_all: Callable[[], None] | None = None,
        on_copy: Callable[[int], None] = lambda _: None,
        looking: Looking | None = None,
    ) -> None:
        super().__init__(parent)
        self._looking = looking or Looking()
        self._on_edit, self._on_similar = on_edit, on_similar
        self._on_locate, self._on_remove = on_locate, on_remove
        self._on_remove_all = on_remove_all
        self._record: Record | None = None
        self._copies: tuple[Record, ...] = ()
        self._read_only = ""
        self._scroller = Scroller(self)
        self._make_details(self._scroller.body, request_thumbnail, on_copy)
        self._make_hint()
        self.bind("<Configure>", lambda _: self._resized())
        self._arrange(details=False)

    def show(
        self,
        record: Record | None,
        spaces: Mapping[str, bool] | None = None,
        count: int = 1,
        copies: Sequence[Record] | None = None,
    ) -> None:
        """Show a record as it is now, the hint for None, or how many (``count``) are selected.

        ``copies`` are the other records of the same content; None: not known yet.
        """
        several = count > 1
        if several or record is None:
            self._note.save()
            self._record = None
            text = _("{count:,} pictures selected").format(count=count) if several else _HINT
            self._hint_text.configure(text=text)
            self._show_remove_all(several)
        else:
            another = self._record is None or self._record.id != record.id
            self._record = record
            if another or copies is not None:
                self._copies = tuple(copies or ())
            self._fill(record, spaces or {}, another=another)
        self._arrange(details=self._record is not None)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """An answer of the loader; ignored unless it is the preview that is shown."""
        self._preview.thumbnail_ready(event)
        self._neighbours.thumbnail_ready(event)

    def show_metadata(self, metadata: Metadata) -> None:
        """What the file of the record that is shown tells of itself."""
        self._facts.show_metadata(metadata)

    def show_neighbours(self, space: str, near: Sequence[Neighbour] | None) -> None:
        """The nearest pictures in ``space``; None: there is no vector of this one."""
        self._neighbours.show(near, space)

    def show_known_tags(self, tags: Sequence[str]) -> None:
        """The tags of the library, to complete what is typed."""
        self._tags.know(tags)

    def show_why(self, reason: str) -> None:
        """Grey "Why this hit?", with the reason; "" gives it back."""
        self._why.configure(state="disabled" if reason else "normal")
        self._why_tip.configure(text=reason or _WHY)

    def picture_of(self, record: Record) -> Image.Image | None:
        """The preview of a record, where it is the one shown, and there."""
        same = self._record is not None and self._record.file == record.file
        return self._preview.loaded if same else None

    def show_read_only(self, reason: str) -> None:
        """Grey what changes the library, and say why in its tooltips; "" gives it back."""
        if reason == self._read_only:
            return
        self._read_only = reason
        self._tags.show_read_only(bool(reason))
        self._note.show_read_only(bool(reason))
        for part, tip in self._changing.items():
            self._tips[part].configure(text=reason or tip)
            if isinstance(part, ttk.Button):
                part.configure(state="disabled" if reason else "normal")

    def save(self) -> None:
        """Save what was typed into the note; to be called before the window closes."""
        self._note.save()

    def note_written(self, record_id: int) -> None:
        """A record's note is in the library as it was sent."""
        self._note.written(record_id)

    def edit_failed(self, record_id: int) -> None:
        """A note was not written: what was typed stays, to be saved again."""
        self._note.failed(record_id)

    def _make_details(
        self,
        body: tkinter.ttk.Frame,
        request_thumbnail: Callable[[str, int], None],
        on_copy: Callable[[int], None],
    ) -> None:
        large, middle = scaled(self, SPACE_L), scaled(self, SPACE_M)
        column = tkinter.ttk.Frame(body, padding=(large, middle, middle, large))
        column.pack(fill="both", expand=True)
        self._column = column
        self._preview = Preview(column, request_thumbnail, self._view_now)
        self._preview.pack(fill="x")
        self._file_name = ttk.Label(column, font=CAPTION_FONT, justify="left")
        self._file_name.pack(fill="x", pady=(middle, 0))
        self._folder = ttk.Label(column, style="Muted.TLabel", width=1, anchor="w")
        self._folder.pack(fill="x")
        self._folder_tip = ToolTip(self._folder, text="")
        self._summary = ttk.Label(column, style="Muted.TLabel")
        self._summary.pack(fill="x")
        self._same = Copies(column, on_copy)
        self._same.pack(fill="x")
        self._make_buttons(column)
        self._neighbours = Neighbours(
            column, request_thumbnail, self._looking.on_go, self._on_similar
        )
        self._neighbours.pack(fill="x", pady=(middle, 0))
        ttk.Label(column, text=_("Tags"), style="Caption.TLabel").pack(
            fill="x", pady=(middle, scaled(self, SPACE_S))
        )
        self._tags = Tags(column, self._change_tags, self._looking.on_typing_tag)
        self._tags.pack(fill="x")
        self._note = Note(column, lambda id_, note: self._on_edit(id_, Edit(note=note)))
        self._note.pack(fill="x", pady=(middle, 0))
        self._facts = Facts(column)
        self._facts.pack(fill="x", pady=(large, 0))
        for part in (self._tags.words.entry, self._note.text):
            self._changing[part] = ""
            self._tips[part] = ToolTip(part, text="")

    def _make_buttons(self, column: tkinter.ttk.Frame) -> None:
        row = tkinter.ttk.Frame(column)
        row.pack(fill="x", pady=(scaled(self, SPACE_M), 0))
        style = "secondary-outline"
        self._similar = ttk.Button(
            row, text=_("Find similar"), bootstyle="primary", command=self._similar_now
        )
        self._view = ttk.Button(row, text=_("View large"), bootstyle=style, command=self._view_now)
        self._why = ttk.Button(row, text=_("Why this hit?"), bootstyle=style, command=self._why_now)
        self._locate = ttk.Button(row, text=_("Locate…"), bootstyle=style, command=self._locate_now)
        self._re_embed = ttk.Button(
            row, text=_("Re-embed"), bootstyle=style, command=self._re_embed_now
        )
        self._remove = ttk.Button(
            row, text=_("Remove"), bootstyle="danger-outline", command=self._remove_now
        )
        self._actions = row
        ToolTip(self._similar, text=_("Search the library by this picture (Ctrl+Shift+F)"))
        ToolTip(self._view, text=_("Look at it closely, with the query beside it (Space)"))
        self._why_tip = ToolTip(self._why, text=_WHY)
        self._changing: dict[tkinter.Misc, str] = {
            self._locate: _("The file is gone: point this record to where it is now"),
            self._re_embed: _("Compute this picture's vectors anew from its file"),
            self._remove: _("Remove from the library; the file stays where it is"),
        }
        self._tips = {part: ToolTip(part, text=tip) for part, tip in self._changing.items()}

    def _make_hint(self) -> None:
        self._hint = tkinter.ttk.Frame(self)
        self._hint_text = ttk.Label(self._hint, style="Muted.TLabel", justify="center", text=_HINT)
        self._hint_text.pack()
        self._remove_all = ttk.Button(
            self._hint,
            text=_("Remove from the library"),
            bootstyle="danger-outline",
            command=lambda: self._on_remove_all and self._on_remove_all(),
        )
        self._changing[self._remove_all] = _("Remove them all; the files stay where they are")
        self._tips[self._remove_all] = ToolTip(
            self._remove_all, text=self._changing[self._remove_all]
        )

    def _arrange(self, *, details: bool) -> None:
        """Either the details or the hint in the middle."""
        if details:
            self._hint.place_forget()
            self._scroller.place(x=0, y=0, relwidth=1, relheight=1)
        else:
            self._scroller.place_forget()
            self._hint.place(relx=0.5, rely=0.45, anchor="center")

    def _show_remove_all(self, several: bool) -> None:
        if several and self._on_remove_all is not None:
            self._remove_all.pack(pady=(scaled(self, SPACE_M), 0))
        else:
            self._remove_all.pack_forget()

    def _fill(self, record: Record, spaces: Mapping[str, bool], *, another: bool) -> None:
        self._preview.show(record)
        self._file_name.configure(text=shown_name(record.path))
        file = record.file
        self._summary.configure(text=f"{file.width:,} × {file.height:,} · {file_size(file.size)}")
        self._facts.show(record, spaces, another=another)
        self._tags.show(record.tags, another=another)
        self._note.show(record)
        self._lay_out_actions(record)
        self._fit_text()
        if another:
            self._neighbours.show(None, "")
            self._scroller.to_top()

    def _lay_out_actions(self, record: Record) -> None:
        """Two buttons in a line, then three where there is room for them, each as wide as others.

        "Locate…" is there only where the file is not.
        """
        for button in (self._locate, self._re_embed):
            button.place_forget()
        mending = self._locate if record.missing else self._re_embed
        others = (self._why, mending, self._remove)
        gap = scaled(self, SPACE_S)
        widest = max(button.winfo_reqwidth() for button in others)
        lines = [(self._similar, self._view), others]
        if 3 * widest + 2 * gap > self._text_width():
            lines[1:] = [(self._why, mending), (self._remove,)]
        high = self._similar.winfo_reqheight()
        self._actions.configure(height=len(lines) * (high + gap) - gap)
        for row, line in enumerate(lines):
            columns = max(2, len(line))
            for column, button in enumerate(line):
                share = column / columns
                button.place(
                    relx=share, x=gap * share, y=row * (high + gap), height=high,
                    relwidth=1 / columns, width=-gap * (columns - 1) / columns,
                )  # fmt: skip

    def _resized(self) -> None:
        margin = scaled(self, 2 * SPACE_L)
        self._hint_text.configure(wraplength=max(1, self.winfo_width() - margin))
        self._preview.limit(self._preview_height(self.winfo_height()))
        if self._record is not None:
            self._lay_out_actions(self._record)
        self._fit_text()

    def _preview_height(self, height: int) -> int:
        """A share of the height, so that what is known of the picture is in view as well."""
        least = min(scaled(self, _PREVIEW_LEAST), round(height * _PREVIEW_MOST))
        return max(least, round(height * _PREVIEW_SHARE))

    def _fit_text(self) -> None:
        """Break the name, cut the folder to the width there is."""
        width = self._text_width()
        self._file_name.configure(wraplength=width)
        if self._record is not None:
            folder = shown_path(os.path.dirname(self._record.path))
            measure = tkfont.nametofont(SMALL_FONT, root=self).measure
            self._folder.configure(text=fit_middle(folder, measure, width))
            self._folder_tip.configure(text=shown(self._record.path))
            self._same.show(self._copies, width)

    def _text_width(self) -> int:
        outside = scaled(self, SPACE_L) + 2 * scaled(self, SPACE_M) + scaled(self, SPACE_S)
        return max(1, self.winfo_width() - outside)

    def _change_tags(self, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
        if self._record is not None:
            self._on_edit(self._record.id, Edit(add_tags=added, remove_tags=removed))

    def _view_now(self) -> None:
        if self._record is not None:
            self._looking.on_view(self._record.id)

    def _why_now(self) -> None:
        if self._record is not None:
            self._looking.on_why(self._record.id)

    def _similar_now(self) -> None:
        if self._record is not None:
            self._on_similar(self._record.id)

    def _locate_now(self) -> None:
        if self._record is not None:
            self._on_locate(self._record.id)

    def _re_embed_now(self) -> None:
        if self._record is not None:
            self._on_edit(self._record.id, Edit(re_embed=True))

    def _remove_now(self) -> None:
        if self._record is not None:
            self._on_remove(self._record.id)
