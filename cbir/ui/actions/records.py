"""What can be done with the records of the selected pictures: find similar, tag, note, remove."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from cbir.asking import Term
from cbir.errors import NothingToUndo
from cbir.language import _, counted, retold
from cbir.records import Record
from cbir.ui.actions import missing
from cbir.ui.actions.context import Context
from cbir.ui.actions.details import Details
from cbir.ui.actions.map import MapLink
from cbir.ui.actions.results import Results
from cbir.ui.grid.tiles import ids_of
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.text import shown_name
from cbir.work.editing import Edit, command_for
from cbir.work.facts import Undone, UserCommand
from cbir.work.relocating import LostFolder
from cbir.work.searching import SearchRequest
from cbir.work.worker import Job

_NOTHING = _("No picture is selected.")
_MISSING = _("The file is missing: locate it first.")


class RecordActions:
    """Acts on records by their ids, or on those selected."""

    def __init__(self, context: Context, results: Results, map_link: MapLink) -> None:
        self._context = context
        self._results = results
        self._map = map_link
        self._details = Details(context, results)
        self._writing = 0
        self._sought: int | None = None
        self.selected: tuple[int, ...] = ()

    @property
    def unwritten(self) -> bool:
        """Whether changes are still on their way to the library."""
        return self._writing > 0

    def record(self, record_id: int) -> Record | None:
        """A record in view, in the grid or on the map."""
        return self._results.record(record_id)

    # -- selection --------------------------------------------------------------------------------

    def select(self, ids: Sequence[int]) -> None:
        """Other pictures are selected: show the details of one, ring all on the map."""
        self.selected = tuple(ids)
        self._map.select(self.selected)
        self._context.layout.highlight(self.selected)
        self.show_details()

    def keep_selection(self, same_view: bool) -> None:
        """Other records came into view: those still there stay selected.

        In the ``same_view`` as before, so does one that was selected on the map alone. One that
        was sought is selected.
        """
        sought, self._sought = self._sought, None
        if sought is not None and sought in self._results.records:
            self.go_to(sought)
            return
        in_grid = self._context.layout.selection
        on_map = not in_grid and len(self.selected) == 1 and self.selected[0] in self._map.records
        self.select(self.selected if same_view and on_map else in_grid)

    def select_on_map(self, record_id: int) -> None:
        """A point was clicked: select its tile, or where the grid has none, show its details."""
        in_grid = record_id in self._results.records
        self._results.reveal(record_id)
        self._context.layout.grid.select([record_id] if in_grid else [])
        self.select((record_id,))

    def select_in_grid(self, ids: Sequence[int]) -> None:
        """Select these: tiles where the grid has them, and points on the map."""
        self._context.layout.grid.select([id_ for id_ in ids if id_ in self._results.records])
        self.select(ids)

    def show_details(self) -> None:
        """Show the selected record as it is now, or how many are selected."""
        record = self.record(self.selected[0]) if len(self.selected) == 1 else None
        self._details.show(record, len(self.selected))

    def go_to(self, record_id: int) -> None:
        """Select a record where it is in view, else in the whole library."""
        if record_id in self._results.records:
            self._results.reveal(record_id)
            self._context.layout.grid.select([record_id])
            self.select((record_id,))
        else:
            self._sought = record_id
            self._results.clear_filter()  # it might hide the one that is looked for
            self._results.browse()

    def look_at(self, record_id: int) -> None:
        """Show a record's details without leaving the view, where that or the map knows it."""
        if self.record(record_id) is None:
            self.go_to(record_id)
        else:
            self.select_on_map(record_id)

    def want_tags(self) -> None:
        """A tag is about to be typed: let the inspector know which there are."""
        self._details.want_tags()

    def select_all(self) -> None:
        """Select every picture in the grid, but for those that lie under others."""
        everything = tuple(ids_of(self._context.layout.grid.tiles))
        self._context.layout.grid.select(everything, see=False)
        self.select(everything)

    def toggle_stack(self) -> None:
        """Show the pictures that are nearly the same as the one selected, or hide them again."""
        record = self.one(None)
        if record is not None:
            self._results.toggle_stack(record.id)

    # -- looking ----------------------------------------------------------------------------------

    def one(self, record_id: int | None) -> Record | None:
        """The record asked for, else the one selected; where there is none, that is said."""
        if record_id is None and len(self.selected) == 1:
            record_id = self.selected[0]
        record = self.record(record_id) if record_id is not None else None
        if record is None:
            self._context.say(_("Select one picture first."))
        return record

    def some(self, ids: Sequence[int] | None) -> list[Record]:
        """The records asked for, else those selected; where there are none, that is said."""
        found = [self.record(id_) for id_ in (self.selected if ids is None else ids)]
        records = [record for record in found if record is not None]
        if not records:
            self._context.say(_("Select pictures first."))
        return records

    def hinders_some(self) -> str:
        """Why nothing can be done with what is selected, "" where it can."""
        return "" if self.selected else _NOTHING

    def hinders_one(self) -> str:
        """Why nothing can be done with one selected picture, "" where it can."""
        if len(self.selected) > 1:
            return _("Several pictures are selected: choose one.")
        return self.hinders_some()

    def hinders_file(self) -> str:
        """Why nothing can be done with one selected picture's file, "" where it can."""
        reason = self.hinders_one()
        record = None if reason else self.record(self.selected[0])
        return _MISSING if record is not None and record.missing else reason

    def hinders_undo(self) -> str:
        """Why there is nothing to take back, "" where there is."""
        return "" if self._context.facts.undoable else _("There is nothing to undo.")

    def find_similar(self, record_id: int | None = None) -> None:
        """Search by a picture of the library."""
        record = self.one(record_id)
        if record is not None:
            self._results.search(SearchRequest((Term(record=record.id),)))

    # -- changing ---------------------------------------------------------------------------------

    def change(
        self,
        job: Job,
        done: Callable[[Any], None],
        *,
        failed: Callable[[BaseException], None] | None = None,
        cancelled: Callable[[Any], None] = lambda _: None,
        title: str = "",
        shown: bool = False,
    ) -> None:
        """Follow a job that changes the library: closing waits until it has ended."""
        self._writing += 1

        def ended(then: Callable[[Any], None]) -> Callable[[Any], None]:
            def end(result: Any) -> None:
                self._writing -= 1
                then(result)

            return end

        self._context.jobs.watch(
            job,
            ended(done),
            failed=ended(failed or self._not_written),
            cancelled=ended(cancelled),
            title=title,
            shown=shown,
        )

    def _not_written(self, error: BaseException) -> None:
        self._context.show_error(error)
        self.show_details()

    def edit(self, record_id: int, change: Edit, command: UserCommand | None = None) -> None:
        """Change one record; edits of one ``command`` are undone together."""
        if not self._context.may_change():
            self.show_details()  # as they are, whatever was typed there
            return
        self.change(
            self._context.engine.edit(record_id, change, command),
            partial(self._edited, change),
            failed=partial(self._not_changed, record_id, change),
            title=_("Computing vectors anew"),
            shown=change.re_embed,
        )

    def _not_changed(self, record_id: int, change: Edit, error: BaseException) -> None:
        if change.note is not None:
            self._context.layout.inspector.edit_failed(record_id)
        self._not_written(error)

    def show_changed(self, records: Sequence[Record]) -> None:
        """Records were changed: show them as they are now."""
        self._results.records_changed(records)
        self.show_details()

    def _edited(self, change: Edit, record: Record) -> None:
        if change.note is not None:
            self._context.layout.inspector.note_written(record.id)
        self._results.record_changed(record)
        name = shown_name(record.path)
        if change.re_embed:
            sentence = _("The vectors of {name} were computed anew.").format(name=name)
        elif change.move_to:
            sentence = _("{name} now points to its moved file.").format(name=name)
        else:
            sentence = _("{name} was changed.").format(name=name)
        self._context.say(sentence)
        if record.id in self.selected:
            self.show_details()
        if change.re_embed and not self._writing:
            self._results.catch_up(sentence)

    def tag(self) -> None:
        """Ask for a tag and give it to every selected picture."""
        ids = self.selected
        if not ids:
            self._context.say(_("Select pictures first."))
        elif self._context.may_change():
            dialogs.ask_line(
                self._context.root,
                _("Tag"),
                _("Tag for {pictures} (several with commas between):").format(
                    pictures=counted("{count:,} picture", "{count:,} pictures", len(ids))
                ),
                lambda line: self._tag(ids, line),
            )

    def _tag(self, ids: Sequence[int], line: str) -> None:
        tags = tuple(tag.strip() for tag in line.split(",") if tag.strip())
        if tags:
            self.change(self._context.engine.tag(ids, tags), self._tagged)

    def _tagged(self, records: Sequence[Record]) -> None:
        self._context.say(
            _("Tagged {pictures}.").format(
                pictures=counted("{count:,} picture", "{count:,} pictures", len(records))
            )
        )
        self.show_changed(records)

    def note(self) -> None:
        """Ask for the selected picture's note."""
        record = self.one(None)
        if record is not None and self._context.may_change():
            dialogs.ask_line(
                self._context.root,
                _("Note"),
                _("Note on {name}:").format(name=shown_name(record.path)),
                lambda line: self.edit(record.id, Edit(note=line)),
                record.note,
            )

    def re_embed(self) -> None:
        """Compute the vectors of every selected picture anew, from its file as it is."""
        change = Edit(re_embed=True)
        command = command_for(change, len(self.selected))
        for record_id in self.selected:
            self.edit(record_id, change, command)

    def undo(self) -> None:
        """Take the last change back, of tags, notes, files or vectors, or a removal."""
        if self._context.may_change():
            self.change(self._context.engine.undo(), self._undone, failed=self._not_undone)

    def _undone(self, undone: Undone) -> None:
        sentence = _("Undone: {title}.").format(title=retold(undone.title))
        self._context.say(sentence)
        self.show_changed(undone.records)
        self._results.catch_up(sentence)

    def _not_undone(self, error: BaseException) -> None:
        if isinstance(error, NothingToUndo):
            self._context.say(str(error))
        else:
            self._context.show_error(error)

    # -- removing ---------------------------------------------------------------------------------

    def remove(self, ids: Sequence[int] | None = None) -> None:
        """Remove records at once, as Undo brings them back; their files stay."""
        records = self.some(ids)
        if records and self._context.may_change():
            self._remove([record.id for record in records], _removed_only)

    def remove_missing(self) -> None:
        """Ask, then remove every record whose file is gone."""
        if self._context.may_change():
            self._context.jobs.watch(
                self._context.engine.missing_records(),
                self._confirm_missing,
                title=_("Looking for missing files"),
                shown=True,
            )

    def _confirm_missing(self, records: Sequence[Record]) -> None:
        ids = [record.id for record in records]
        if not ids:
            self._context.say(_("No record's file is missing."))
            return
        self._context.jobs.watch(
            self._context.engine.folders_of(records), partial(self._ask_to_remove, ids)
        )

    def _ask_to_remove(self, ids: Collection[int], folders: Sequence[LostFolder]) -> None:
        dialogs.confirm(
            self._context.root,
            _("Remove {pictures} from the library?").format(
                pictures=counted("{count:,} picture", "{count:,} pictures", len(ids))
            ),
            missing.question(folders),
            _("Remove"),
            lambda: self._remove(ids, missing.removed),
        )

    def _remove(self, ids: Collection[int], told: Callable[[int], str]) -> None:
        """``told`` says what was done, of how many were removed."""
        self.change(self._context.engine.remove(ids), partial(self._removed, ids, told))

    def _removed(self, ids: Collection[int], told: Callable[[int], str], count: int) -> None:
        self.forget(ids)
        self._context.say(told(count), offer=(_("Undo"), self.undo))

    def forget(self, ids: Collection[int]) -> None:
        """Records have left the library: show them no more."""
        self.selected = tuple(id_ for id_ in self.selected if id_ not in ids)
        self._results.records_removed(ids)


def _removed_only(count: int) -> str:
    return _("Removed {pictures} from the library; the files stay.").format(
        pictures=counted("{count:,} picture", "{count:,} pictures", count)
    )
