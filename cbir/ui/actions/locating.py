"""Locate missing folder: which folders are not where they were, and where one is now."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

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

    ``undo`` takes the last command back; ``catch_up`` brings what is in view up to date.
    """

    def __init__(
        self, context: Context, undo: Callable[[], None], catch_up: Callable[[], None]
    ) -> None:
        self._context = context
        self._undo = undo
        self._catch_up = catch_up
        self._sheet: LostFolders | None = None
        self._job: Job | None = None  # the look under way
        self._version = -1  # of the library when it was looked at
        self._chosen_in = ""  # where the last folder was chosen

    def show(self) -> None:
        """Look which folders miss files, and list them."""
        sheet = self._listing()
        if sheet is not None:
            sheet.lift()
            sheet.focus_set()
        elif self._context.may_change():
            self._context.jobs.drop(self._job)
            self._look(self._found, shown=True)

    def facts_changed(self) -> None:
        """Where the library was changed, list the folders anew; one look at a time."""
        changed = self._version != self._context.facts.version
        if changed and self._job is None and self._listing() is not None:
            self._look(self._list_again, shown=False)

    def _listing(self) -> LostFolders | None:
        return self._sheet if self._sheet is not None and self._sheet.winfo_exists() else None

    def _look(self, then: Callable[[Sequence[LostFolder]], None], *, shown: bool) -> None:
        def found(folders: Sequence[LostFolder]) -> None:
            self._job = None
            then(folders)

        def failed(error: BaseException) -> None:
            self._job = None
            self._context.show_error(error)

        def cancelled(_result: object) -> None:
            self._job = None

        self._version = self._context.facts.version
        self._job = self._context.jobs.watch(
            self._context.engine.lost_folders(),
            found,
            title=_("Looking for folders that miss files"),
            failed=failed,
            cancelled=cancelled,
            shown=shown,
        )

    def _found(self, folders: Sequence[LostFolder]) -> None:
        if folders:
            self._sheet = LostFolders(self._context, folders, self._ask_where)
        else:
            self._context.say(_("No file is missing: every folder is where it was."))

    def _list_again(self, folders: Sequence[LostFolder]) -> None:
        sheet = self._listing()
        if sheet is not None and folders:
            sheet.fill(folders)
            self.facts_changed()  # it may have been changed meanwhile
        elif sheet is not None:
            sheet.destroy()

    def _ask_where(self, folder: LostFolder) -> None:
        name = os.path.basename(folder.path) or folder.path
        title = _("Where is {name} now?").format(name=shown_path(name))
        start = self._chosen_in or folder.nearest
        new = self._context.choosers.folder(self._context.root, title, start)
        if new:
            self._chosen_in = os.path.dirname(new)
            job = self._context.engine.preview_move(folder.path, new)
            self._context.jobs.watch(
                job, partial(self._preview, new), title=_("Looking into the folder"), shown=True
            )

    def _preview(self, chosen: str, move: Move) -> None:
        """``chosen`` was looked into; the move may lead to a folder in it."""
        if not move.found:
            self._tell_none(move)
            return
        sheet = Sheet(self._context.root, _("Locate this folder?"))
        sheet.add_text(
            _("{old} is now {new}").format(old=shown_path(move.old), new=shown_path(move.new)),
            style="Heading.TLabel",
        )
        if move.new != os.path.abspath(chosen):
            sheet.add_text(
                _("That is in the folder that you chose, which has none of them itself.")
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

    def _tell_none(self, move: Move) -> None:
        looked = _(
            "{new} and the folders directly in it were looked into: none holds files of the same "
            "names and sizes in the same places as {old} did."
        )
        dialogs.tell(
            self._context.root,
            _("None of these pictures is there"),
            looked.format(new=shown_path(move.new), old=shown_path(move.old)),
            detail=describe_move(move) if move.absent < move.records else "",
        )

    def _move(self, move: Move) -> None:
        self._context.jobs.watch(
            self._context.engine.move_folder(move.old, move.new),
            self._moved,
            title=_("Locating the folder"),
            shown=True,
        )

    def _moved(self, move: Move) -> None:
        if move.found:
            self._context.say(describe_move(move), offer=(_("Undo"), self._undo))
            self._catch_up()
        else:  # of the right sizes, but not the pictures
            self._context.say(describe_move(move), "warning")


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
        """List these folders, the one chosen before still chosen, else the first."""
        before = {self._folders[int(row)].path for row in self.table.selection()}
        self._folders = tuple(folders)
        self.table.delete(*self.table.get_children())
        for number, folder in enumerate(self._folders):
            values = (shown_path(folder.path), f"{folder.missing:,}")
            self.table.insert("", "end", iid=str(number), values=values)
        chosen = [n for n, folder in enumerate(self._folders) if folder.path in before] or [0]
        self.table.selection_set(str(chosen[0]))
        self.table.focus(str(chosen[0]))
        self.table.see(str(chosen[0]))

    def locate(self) -> None:
        """Ask where the folder that is chosen is now."""
        chosen = self.table.selection()
        if chosen:
            self._on_locate(self._folders[int(chosen[0])])
