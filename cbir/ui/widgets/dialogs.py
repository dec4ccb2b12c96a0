"""Dialogs of a sentence or two: to tell, to confirm, to ask for a line."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.widgets.sheet import WRAP, Choice, Sheet, nothing
from cbir.ui.widgets.theme import SPACE_M, scaled, show_chosen_rows


def tell(
    parent: tkinter.Misc, title: str, text: str, choices: Sequence[Choice] = (), detail: str = ""
) -> Sheet:
    """A message with a Close button, and more buttons where there is more to do."""
    sheet = Sheet(parent, title)
    sheet.add_text(title, style="Heading.TLabel")
    sheet.add_text(text)
    if detail:
        sheet.add_text(detail, style="Muted.TLabel")
    sheet.add_buttons([*choices, Choice(_("Close"), nothing, primary=True)])
    sheet.present()
    return sheet


def confirm(
    parent: tkinter.Misc, title: str, text: str, verb: str, on_yes: Callable[[], None]
) -> Sheet:
    """Ask before something that cannot simply be taken back; ``verb`` names what will be done.

    The keys are on Cancel: Enter alone, pressed in haste, changes nothing.
    """
    sheet = Sheet(parent, title)
    sheet.add_text(title, style="Heading.TLabel")
    sheet.add_text(text)
    buttons = sheet.add_buttons([Choice(_("Cancel"), nothing), Choice(verb, on_yes, danger=True)])
    sheet.present(buttons[0])
    return sheet


def ask_line(
    parent: tkinter.Misc,
    title: str,
    text: str,
    on_line: Callable[[str], None],
    line: str = "",
    selected: int | None = None,
) -> Sheet:
    """Ask for one line of text, which ``on_line`` gets; Enter is OK.

    So many characters of what is there at first are ``selected``; None: all.
    """

    def once(typed: str) -> None:
        sheet.destroy()
        on_line(typed)

    sheet = LineSheet(parent, title, text, once, line, selected)
    return sheet


class LineSheet(Sheet):
    """Asks for one line of text as ``ask_line`` does, but stays until it is destroyed.

    After OK it waits, until ``refuse`` tells what is wrong with the line.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        title: str,
        text: str,
        on_line: Callable[[str], None],
        line: str = "",
        selected: int | None = None,
    ) -> None:
        super().__init__(parent, title)
        self._on_line = on_line
        self.add_text(text)
        self._entry = ttk.Entry(self.body, width=48)
        self._entry.insert(0, line)
        self._entry.pack(fill="x", pady=(0, scaled(self, SPACE_M)))
        self._entry.selection_range(0, "end" if selected is None else selected)
        self._entry.icursor("end" if selected is None else selected)
        choices = (Choice(_("Cancel"), nothing), Choice("OK", self._ok, primary=True, closes=False))
        self._button = self.add_buttons(choices)[-1]
        self._fault: ttk.Label | None = None
        self.present(self._entry)

    def _ok(self) -> None:
        self._button.configure(state="disabled")
        self._on_line(self._entry.get())

    def refuse(self, sentence: str) -> None:
        """Say what is wrong with the line, which can be changed then."""
        if self._fault is None:
            self._fault = self.add_text("", style="Warning.TLabel")
        self._fault.configure(text=sentence)
        self._button.configure(state="normal")
        self.settle(self._entry)


def show_table(
    parent: tkinter.Misc,
    title: str,
    text: str,
    columns: tuple[str, str],
    rows: Sequence[tuple[str, str]],
) -> Sheet:
    """A list of two columns, with a button that copies it as lines with a tab between."""
    sheet = Sheet(parent, title, resizable=True)
    sheet.add_text(text)
    table = _table(sheet, columns, rows)
    lines = "\n".join("\t".join(row) for row in rows)
    sheet.add_buttons(
        [
            Choice(_("Copy"), lambda: copy(sheet, lines), closes=False),
            Choice(_("Close"), nothing, primary=True),
        ]
    )
    sheet.present(table)
    return sheet


def _table(sheet: Sheet, columns: tuple[str, str], rows: Sequence[tuple[str, str]]) -> ttk.Treeview:
    frame = ttk.Frame(sheet.body)
    frame.pack(fill="both", expand=True)
    table = ttk.Treeview(frame, columns=columns, show="headings", height=12)
    bar = ttk.Scrollbar(frame, command=table.yview)
    show_chosen_rows(table)
    table.configure(yscrollcommand=bar.set)
    for name, width in zip(columns, (WRAP, WRAP * 5 // 8), strict=True):
        table.heading(name, text=name, anchor="w")
        table.column(name, width=scaled(sheet, width), anchor="w")
    for row in rows:
        table.insert("", "end", values=row)
    bar.pack(side="right", fill="y")
    table.pack(side="left", fill="both", expand=True)
    return table


def show_lines(parent: tkinter.Misc, title: str, text: str, lines: str) -> Sheet:
    """A text that can be scrolled, selected and copied; its end is shown first."""
    sheet = Sheet(parent, title, resizable=True)
    sheet.add_text(text)
    area = ttk.ScrolledText(sheet.body, width=96, height=22, wrap="none", auto_hide=True)
    area.pack(fill="both", expand=True)
    area.insert("end", lines)
    area.see("end")
    area.text.configure(state="disabled")
    sheet.add_buttons(
        [
            Choice(_("Copy"), lambda: copy(sheet, lines), closes=False),
            Choice(_("Close"), nothing, primary=True),
        ]
    )
    sheet.present()
    return sheet


def show_pairs(parent: tkinter.Misc, title: str, pairs: Sequence[tuple[str, str]]) -> Sheet:
    """Two aligned columns, such as keys and what they do."""
    sheet = Sheet(parent, title)
    sheet.add_text(title, style="Heading.TLabel")
    frame = ttk.Frame(sheet.body)
    frame.pack(fill="both", expand=True)
    for number, (left, right) in enumerate(pairs):
        pad = scaled(sheet, 3)
        ttk.Label(frame, text=left, style="Muted.TLabel").grid(
            row=number, column=0, sticky="w", padx=(0, scaled(sheet, 24)), pady=pad
        )
        ttk.Label(frame, text=right, wraplength=scaled(sheet, WRAP)).grid(
            row=number, column=1, sticky="w", pady=pad
        )
    sheet.add_buttons([Choice(_("Close"), nothing, primary=True)])
    sheet.present()
    return sheet


def copy(widget: tkinter.Misc, text: str) -> None:
    """Put text on the clipboard; characters that X11 cannot carry are replaced."""
    widget.clipboard_clear()
    widget.clipboard_append(text.encode("utf-8", "replace").decode("utf-8"))
