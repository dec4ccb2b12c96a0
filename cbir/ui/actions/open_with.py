"""Asks which program is to open a picture: one that says that it can, or one that is typed."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.widgets.sheet import WRAP, Choice, Sheet, nothing
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import SPACE_M, scaled, show_chosen_rows
from cbir.work.handing import Program

_MOST_ROWS = 8


def ask_program(
    parent: tkinter.Misc, name: str, programs: Sequence[Program], on_command: Callable[[str], None]
) -> Sheet:
    """Ask for a program to open the file ``name`` with; ``on_command`` gets its command line."""
    sheet = Sheet(parent, _("Open with"))
    sheet.add_text(_("Open {name} with").format(name=name), style="Heading.TLabel")
    command = ttk.StringVar(sheet)

    def done() -> None:
        if command.get().strip():
            sheet.destroy()
            on_command(command.get())

    table = _table(sheet, programs, command, done) if programs else None
    label = (
        _("Command") if programs else _("No program here says that it opens such files. Command")
    )
    sheet.add_text(
        _("{label} (“%f” is the file; without it, the file comes last):").format(label=label)
    )
    entry = ttk.Entry(sheet.body, textvariable=command)
    entry.pack(fill="x", pady=(0, scaled(sheet, SPACE_M)))
    sheet.add_buttons(
        [Choice(_("Cancel"), nothing), Choice(_("Open"), done, primary=True, closes=False)]
    )
    sheet.present(table or entry)
    return sheet


def _table(
    sheet: Sheet, programs: Sequence[Program], command: ttk.StringVar, done: Callable[[], None]
) -> ttk.Treeview:
    """The programs; choosing one puts its command into the entry, a double click opens with it."""
    height = min(len(programs), _MOST_ROWS)
    table = ttk.Treeview(sheet.body, show="tree", height=height, selectmode="browse")
    show_chosen_rows(table)
    table.column("#0", width=scaled(sheet, WRAP))
    for number, program in enumerate(programs):
        table.insert("", "end", str(number), text=shown(program.name))
    table.pack(fill="both", expand=True, pady=(0, scaled(sheet, SPACE_M)))

    def chosen(_event: object) -> None:
        for number in table.selection():
            command.set(programs[int(number)].command)

    table.bind("<<TreeviewSelect>>", chosen)
    table.bind("<Double-Button-1>", lambda _: done())
    table.selection_set("0")
    table.focus("0")
    return table
