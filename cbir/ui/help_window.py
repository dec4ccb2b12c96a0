"""The help's window: pages on the left, the page in view on the right, and words to look for."""

from __future__ import annotations

import tkinter
import tkinter.font
from collections.abc import Sequence

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.help_pages import Page
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.theme import (
    BODY_FONT,
    HEADING_FONT,
    SPACE_L,
    SPACE_M,
    SPACE_S,
    TITLE_FONT,
    palette,
    scaled,
    show_chosen_rows,
)

_LIST_WIDTH = 230  # pixels at 100 %
_TEXT = (74, 30)  # characters in a line, which read well, and lines


class HelpWindow(Sheet):
    """Shows ``pages``; only those that hold the words looked for, which are marked."""

    def __init__(self, parent: tkinter.Misc, pages: Sequence[Page]) -> None:
        super().__init__(parent, _("Help"), resizable=True)
        self._pages = {page.title: page for page in pages}
        self.words = ttk.StringVar(self)
        self.words.trace_add("write", lambda *_: self._look_for())
        self._add_search()
        self.list = self._add_list()
        self.text = self._add_text()
        self.add_buttons([Choice(_("Close"), nothing, primary=True)])
        self._configure_tags()
        self.bind("<<ThemeChanged>>", lambda _: self._configure_tags())
        self._show_titles(list(self._pages))
        self.present(self.list)

    # -- parts ------------------------------------------------------------------------------------

    def _add_search(self) -> None:
        row = ttk.Frame(self.body)
        row.pack(fill="x", pady=(0, scaled(self, SPACE_M)))
        ttk.Label(row, text=_("Find in the help")).pack(side="left")
        self.entry = ttk.Entry(row, textvariable=self.words, width=30)
        self.entry.pack(side="left", padx=scaled(self, SPACE_M))
        self._nothing = ttk.Label(row, style="Muted.TLabel")
        self._nothing.pack(side="left")
        for key in ("<Control-f>", "<slash>"):
            self.bind(key, self._to_search)

    def _to_search(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        if event.widget is self.entry:
            return None
        self.entry.focus_set()
        return "break"

    def _add_list(self) -> ttk.Treeview:
        listed = ttk.Treeview(self.body, show="tree", selectmode="browse")
        listed.column("#0", width=scaled(self, _LIST_WIDTH))
        listed.pack(side="left", fill="y", padx=(0, scaled(self, SPACE_M)))
        show_chosen_rows(listed)
        listed.bind("<<TreeviewSelect>>", lambda _: self._show_selected())
        return listed

    def _add_text(self) -> tkinter.Text:
        frame = ttk.Frame(self.body)
        frame.pack(side="left", fill="both", expand=True)
        pad = scaled(self, SPACE_L)
        text = ttk.Text(frame, width=_TEXT[0], height=_TEXT[1], wrap="word", font=BODY_FONT)
        bar = ttk.Scrollbar(frame, command=text.yview)
        text.configure(yscrollcommand=bar.set, state="disabled", padx=pad, pady=pad)
        bar.pack(side="right", fill="y")
        text.pack(side="left", fill="both", expand=True)
        return text

    def _configure_tags(self) -> None:
        colours = palette(self)
        small, middle, large = (scaled(self, space) for space in (SPACE_S, SPACE_M, SPACE_L))
        font = tkinter.font.nametofont(BODY_FONT, root=self)
        point = font.measure("•  ")
        keys = scaled(self, 250)
        text = self.text
        text.tag_configure("title", font=TITLE_FONT, spacing3=middle)
        text.tag_configure("heading", font=HEADING_FONT, spacing1=large, spacing3=small)
        text.tag_configure("paragraph", spacing2=2, spacing3=middle)
        text.tag_configure("point", lmargin1=0, lmargin2=point, spacing2=2, spacing3=small)
        text.tag_configure("pair", tabs=(keys,), lmargin2=keys, spacing3=small)
        text.tag_configure("key", foreground=colours.muted)
        text.tag_configure("found", background=colours.selection, foreground=colours.text)

    # -- pages ------------------------------------------------------------------------------------

    def _look_for(self) -> None:
        words = self.words.get()
        self._show_titles([page.title for page in self._pages.values() if page.holds(words)])

    def _show_titles(self, titles: Sequence[str]) -> None:
        before = self.list.selection()
        self.list.delete(*self.list.get_children())
        for title in titles:
            self.list.insert("", "end", title, text=title)
        self._nothing.configure(text="" if titles else _("No page holds this."))
        if titles:
            self.go_to(before[0] if before and before[0] in titles else titles[0])

    def go_to(self, title: str) -> None:
        """Show the page with this title."""
        self.list.selection_set(title)
        self.list.focus(title)
        self.list.see(title)

    def _show_selected(self) -> None:
        for title in self.list.selection():
            self._show(self._pages[title])

    def _show(self, page: Page) -> None:
        text = self.text
        text.configure(state="normal")
        text.delete("1.0", "end")
        text.insert("end", f"{page.title}\n", "title")
        for line in page.text.splitlines():
            if line.startswith("# "):
                text.insert("end", f"{line[2:]}\n", "heading")
            elif line.startswith("- "):
                text.insert("end", f"•  {line[2:]}\n", "point")
            else:
                text.insert("end", f"{line}\n", "paragraph")
        for keys, told in page.pairs:
            text.insert("end", f"{keys}\t", ("key", "pair"), f"{told}\n", "pair")
        self._mark()
        text.configure(state="disabled")
        text.yview_moveto(0)

    def _mark(self) -> None:
        for word in self.words.get().split():
            at = self.text.search(word, "1.0", "end", nocase=True)
            while at:
                end = f"{at}+{len(word)}c"
                self.text.tag_add("found", at, end)
                at = self.text.search(word, end, "end", nocase=True)
