"""What can be done with the files of the selected pictures: open, copy, rename, throw away."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Callable, Sequence
from functools import partial

from cbir.errors import CbirError
from cbir.language import _, counted
from cbir.records import Record
from cbir.ui import copying
from cbir.ui.actions import desktop
from cbir.ui.actions.context import Context
from cbir.ui.actions.open_with import ask_program
from cbir.ui.actions.records import RecordActions
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.text import shown, shown_name, shown_path
from cbir.work.editing import Edit
from cbir.work.filing import TrashReport
from cbir.work.handing import Program

_NAMED = 6  # files that the question before the trash names


class FileActions:
    """Acts on the files of records, by id or of those selected. What is slow is done by workers."""

    def __init__(self, context: Context, records: RecordActions) -> None:
        self._context = context
        self._records = records

    # -- other programs ---------------------------------------------------------------------------

    def open(self, record_id: int | None = None) -> None:
        """Open the file in the system's viewer."""
        self._on_file(record_id, desktop.open_file)

    def show_in_folder(self, record_id: int | None = None) -> None:
        """Show the file in its folder."""
        self._on_file(record_id, desktop.show_in_folder)

    def _on_file(self, record_id: int | None, action: Callable[[str], None]) -> None:
        record = self._records.one(record_id)
        if record is not None:
            self._context.attempt(lambda: action(record.path))

    def open_with(self, record_id: int | None = None) -> None:
        """Let the user choose a program to open the file with."""
        record = self._records.one(record_id)
        if record is None:
            return
        if desktop.HAS_CHOOSER:
            self._context.attempt(lambda: desktop.choose_program(record.path))
            return
        root, name = self._context.root, shown_name(record.path)

        def chosen(command: str) -> None:
            self._context.attempt(lambda: desktop.open_with(command, record.path))

        def ask(programs: Sequence[Program]) -> None:
            ask_program(root, name, programs, chosen)

        self._context.jobs.watch(self._context.engine.programs(record.path), ask)

    # -- the clipboard ----------------------------------------------------------------------------

    def copy_path(self, record_id: int | None = None) -> None:
        """Put the file's path on the clipboard."""
        record = self._records.one(record_id)
        if record is not None:
            dialogs.copy(self._context.root, record.path)
            self._context.say(_("Copied: {path}").format(path=shown(record.path)))

    def copy_files(self, ids: Sequence[int] | None = None) -> None:
        """Put the files on the clipboard."""
        records = self._records.some(ids)
        if records:
            copying.copy_files(self._context.root, [record.path for record in records])
            count = counted("{count:,} file", "{count:,} files", len(records))
            more = copying.takes_more_than_text(self._context.root)
            self._context.say(
                _("Copied {count}.").format(count=count)
                if more
                else _("Copied the paths of {count}.").format(count=count)
            )

    def copy_image(self, record_id: int | None = None) -> None:
        """Put the picture itself on the clipboard, to be pasted into another program."""
        record = self._records.one(record_id)
        if record is not None:
            self._context.jobs.watch(
                self._context.engine.png(record.path),
                partial(self._copy_image, record),
                title=_("Copying the picture"),
                shown=True,
            )

    def _copy_image(self, record: Record, png: bytes) -> None:
        copying.copy_png(self._context.root, png)
        self._context.say(_("Copied the picture {name}.").format(name=shown_name(record.path)))

    def no_pictures_on_clipboard(self) -> str:
        """Why a picture cannot be copied on this system, "" where it can."""
        can = copying.takes_more_than_text(self._context.root)
        return "" if can else _("This system's clipboard takes only text from Tk.")

    # -- where it is, and its name ----------------------------------------------------------------

    def locate(self, record_id: int | None = None) -> None:
        """Let the user choose where a picture's file is now."""
        record = self._records.one(record_id)
        if record is None or not self._context.may_change():
            return
        title = _("Where is {name} now?").format(name=shown_name(record.path))
        chosen = self._context.choosers.image(self._context.root, title)
        if chosen:
            self._records.edit(record.id, Edit(move_to=chosen))

    def rename(self, record_id: int | None = None) -> None:
        """Ask for another name for a picture's file."""
        record = self._records.one(record_id)
        if record is None or not self._context.may_change():
            return
        name = shown_name(record.path)
        if record.missing:
            told = _("The file of {name} is missing: locate it first.").format(name=name)
            self._context.say(told, "warning")
            return
        sheet = dialogs.LineSheet(
            self._context.root,
            _("Rename"),
            _("Another name for {name}, in the same folder:").format(name=name),
            lambda line: self._rename(record, sheet, line),
            name,
            selected=len(os.path.splitext(name)[0]),
        )

    def _rename(self, record: Record, sheet: dialogs.LineSheet, name: str) -> None:
        if name == shown_name(record.path):
            sheet.destroy()
            return
        self._records.change(
            self._context.engine.rename(record.id, name),
            partial(self._renamed, record, sheet),
            failed=partial(self._not_renamed, sheet),
            cancelled=lambda _result: sheet.destroy(),
        )

    def _not_renamed(self, sheet: dialogs.LineSheet, error: BaseException) -> None:
        """The dialog stays with what was typed, and the reason in it."""
        if isinstance(error, CbirError) and sheet.winfo_exists():
            sheet.refuse(shown(str(error)))
            return
        sheet.destroy()
        self._context.show_error(error)

    def _renamed(self, before: Record, sheet: dialogs.LineSheet, record: Record) -> None:
        sheet.destroy()
        self._records.show_changed([record])
        self._context.say(
            _("Renamed {name} to {new_name}.").format(
                name=shown_name(before.path), new_name=shown_name(record.path)
            ),
            offer=(_("Undo"), self._records.undo),
        )

    # -- the trash --------------------------------------------------------------------------------

    def trash(self, ids: Sequence[int] | None = None) -> None:
        """Ask, each time, then move files to the system's trash and remove their records."""
        records = self._records.some(ids)
        if not records or not self._context.may_change():
            return
        count = counted("{count:,} file", "{count:,} files", len(records))
        dialogs.confirm(
            self._context.root,
            _("Move {count} to the trash?").format(count=count),
            counted(
                "{where}\n\nThe library forgets it, with tags and note. Undo brings those "
                "back; the file itself comes back from your system's trash.",
                "{where}\n\nThe library forgets them, with tags and notes. Undo brings those "
                "back; the files themselves come back from your system's trash.",
                len(records),
                where=_where(records),
            ),
            _("Move to trash"),
            lambda: self.throw_away(records),
        )

    def throw_away(
        self,
        records: Sequence[Record],
        then: Callable[[Sequence[int]], None] = lambda _ids: None,
        window: Callable[[], tkinter.Misc] | None = None,
    ) -> None:
        """Move files to the trash, unasked; ``then`` gets the ids of records that have gone.

        What did not go is told over the ``window`` that there is then, otherwise the main one.
        """
        trashed = partial(self._trashed, then, window or (lambda: self._context.root))
        self._records.change(
            self._context.engine.trash([record.id for record in records]),
            trashed,
            failed=partial(self._not_trashed, then),
            cancelled=trashed,
            title=_("Moving to the trash"),
            shown=True,
        )

    def _not_trashed(self, then: Callable[[Sequence[int]], None], error: BaseException) -> None:
        then(())
        self._context.show_error(error)

    def _trashed(
        self,
        then: Callable[[Sequence[int]], None],
        window: Callable[[], tkinter.Misc],
        report: TrashReport | None,
    ) -> None:
        then(() if report is None else report.ids)
        if report is None:  # cancelled before it began
            return
        self._records.forget(report.ids)
        moved = _("Moved {files} to the trash.").format(
            files=counted("{count:,} file", "{count:,} files", len(report.ids))
        )
        undo = (_("Undo for the records"), self._records.undo) if report.ids else None
        if not report.kept:
            self._context.say(moved, offer=undo)
            return
        count = counted("{count:,} file", "{count:,} files", len(report.kept))
        self._context.say(
            _("{moved} {count} could not be moved.").format(moved=moved, count=count),
            "warning",
            undo,
        )
        rows = [(shown(path), shown(reason)) for path, reason in report.kept]
        dialogs.show_table(
            window(),
            _("Not in the trash"),
            _("{count} could not be moved to the trash:").format(count=count),
            (_("File"), _("Reason")),
            rows,
        )


def _where(records: Sequence[Record]) -> str:
    """Which files, by name, and in which folders they are."""
    names = [shown_name(record.path) for record in records[:_NAMED]]
    more = len(records) - len(names)
    told = ", ".join(names) + (_(" and {more:,} more").format(more=more) if more else "")
    folders = {os.path.dirname(record.path) for record in records}
    if len(folders) == 1:
        return _("{told}, in {path}.").format(told=told, path=shown_path(folders.pop()))
    return _("{told}, in {count:,} folders.").format(told=told, count=len(folders))
