"""Locate missing folder: which folders are not where they were, and where one is now."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import ttkbootstrap as ttk

from cbir.describe import describe_move
from cbir.language import _, counted
from cbir.ui.actions.context import Context
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.sheet import WRAP, Choice, Sheet, nothing
from cbir.ui.widgets.text import shown_path
from cbir.ui.widgets.theme import SPACE_M, scaled, show_chosen_rows
from cbir.work.relocating import LostFolder, Move
from cbir.work.worker import Job

_COUNT_WIDTH = 110  # pixels at 100 %
_ROWS = 10


class LocateFolder:
    """Lists the folders that miss files, and points the records of one to where it is now.

    ``undo`` takes the last command back.
    """

    def __init__(self, context: Context, undo: Callable[[], None]) -> None:
        self._context = context
        self._undo = undo
        self._sheet: LostFolders | None = None
        self._job: Job | None = None

    def show(self) -> None:
        """Look which folders miss files, and list them."""
        if self._sheet is not None and self._sheet.winfo_exists():
            self._sheet.lift()
            self._sheet.focus_set()
        elif self._context.may_change():
            self._look(self._found)

    def _look(self, then: Callable[[Sequence[LostFolder]], None]) -> None:
        self._context.jobs.drop(self._job)
        self._job = self._context.jobs.watch(
            self._context.engine.lost_folders(),
            then,
            title=_("Looking for folders that miss files"),
            shown=True,
        )

    def _found(self, folders: Sequence[LostFolder]) -> None:
        if not folders:
            self._context.say(_("No file is missing: every folder is where it was."))
            return
        self._sheet = LostFolders(self._context, folders, self._ask_where)

    def _ask_where(self, folder: LostFolder) -> None:
        name = os.path.basename(folder.path) or folder.path
        title = _("Where is {name} now?").format(name=shown_path(name))
        new = self._context.choosers.folder(self._context.root, title)
        if new:
            job = self._context.engine.preview_move(folder.path, new)
            self._context.jobs.watch(
                job, self._preview, title=_("Looking into the folder"), shown=True
            )

    def _preview(self, move: Move) -> None:
        if not move.found:
            dialogs.tell(
                self._context.root,
                _("None of these pictures is there"),
                _("Below {path} is no file of the name and size that any of them had.").format(
                    path=shown_path(move.new)
                ),
                detail=describe_move(move, done=False),
            )
            return
        sheet = Sheet(self._context.root, _("Locate this folder?"))
        sheet.add_text(
            _("{old} is now {new}").format(old=shown_path(move.old), new=shown_path(move.new)),
            style="Heading.TLabel",
        )
        sheet.add_text(describe_move(move, done=False))
        sheet.add_text(
            _("Tags, notes and vectors stay. Undo takes it back. No file is moved."),
            style="Muted.TLabel",
        )
        verb = counted("Locate {count:,} picture", "Locate {count:,} pictures", move.found)
        choices = [Choice(_("Cancel"), nothing), Choice(verb, lambda: self._move(move), True)]
        sheet.add_buttons(choices)
        sheet.present()

    def _move(self, move: Move) -> None:
        self._context.jobs.watch(
            self._context.engine.move_folder(move.old, move.new),
            self._moved,
            title=_("Locating the folder"),
            shown=True,
        )

    def _moved(self, move: Move) -> None:
        self._context.say(describe_move(move), offer=(_("Undo"), self._undo))
        if self._sheet is not None and self._sheet.winfo_exists():
            self._look(self._list_again)

    def _list_again(self, folders: Sequence[LostFolder]) -> None:
        if self._sheet is None or not self._sheet.winfo_exists():
            return
        if folders:
            self._sheet.fill(folders)
        else:
            self._sheet.destroy()


class LostFolders(Sheet):
    """The list of folders; ``on_locate`` is asked to find the one that was chosen."""

    def __init__(
        self,
        context: Context,
        folders: Sequence[LostFolder],
        on_locate: Callable[[LostFolder], None],
    ) -> None:
        super().__init__(context.root, _("Locate missing folder"), resizable=True)
        self._on_locate = on_locate
        self._folders: tuple[LostFolder, ...] = ()
        self.add_text(
            _(
                "Files are missing below these folders. Choose one and tell where it is now: all "
                "its pictures that are found there follow at once."
            )
        )
        self.table = self._make_table()
        self.buttons = self.add_buttons(
            [
                Choice(_("Close"), nothing),
                Choice(_("Locate folder…"), self.locate, primary=True, closes=False),
            ]
        )
        self.fill(folders)
        self.present(self.table)

    def _make_table(self) -> ttk.Treeview:
        frame = ttk.Frame(self.body)
        frame.pack(fill="both", expand=True, pady=(0, scaled(self, SPACE_M)))
        table = ttk.Treeview(
            frame, columns=("folder", "missing"), show="headings", height=_ROWS, selectmode="browse"
        )
        table.heading("folder", text=_("Folder"), anchor="w")
        table.column("folder", width=scaled(self, WRAP), anchor="w")
        table.heading("missing", text=_("Missing"), anchor="e")
        table.column("missing", width=scaled(self, _COUNT_WIDTH), anchor="e", stretch=False)
        bar = ttk.Scrollbar(frame, command=table.yview)
        table.configure(yscrollcommand=bar.set)
        show_chosen_rows(table)
        bar.pack(side="right", fill="y")
        table.pack(side="left", fill="both", expand=True)
        table.bind("<Double-1>", lambda _event: self.locate())
        return table

    def fill(self, folders: Sequence[LostFolder]) -> None:
        """List these folders, the first of them chosen."""
        self._folders = tuple(folders)
        self.table.delete(*self.table.get_children())
        for number, folder in enumerate(self._folders):
            values = (shown_path(folder.path), f"{folder.missing:,}")
            self.table.insert("", "end", iid=str(number), values=values)
        self.table.selection_set("0")
        self.table.focus("0")

    def locate(self) -> None:
        """Ask where the folder that is chosen is now."""
        chosen = self.table.selection()
        if chosen:
            self._on_locate(self._folders[int(chosen[0])])
