"""Near-duplicates: the search at each level, its window, and what becomes of what is ticked."""

from __future__ import annotations

from collections.abc import Sequence

from cbir.describe import describe_progress
from cbir.errors import CbirError
from cbir.language import _, counted, retold
from cbir.records import DuplicateLevel, Record
from cbir.ui.actions.context import Context
from cbir.ui.actions.files import FileActions
from cbir.ui.actions.pair import Pair
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.results import Results
from cbir.ui.duplicates.picks import Member, Picks, members, without
from cbir.ui.duplicates.window import DuplicatesWindow, WindowEvents
from cbir.ui.duplicates.words import nothing_found, summary_of, trash_question
from cbir.ui.status_bar import Offer
from cbir.ui.thumbnail_desk import GridDesk
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.text import shown, shown_path
from cbir.ui.widgets.throttle import Throttle
from cbir.work.duplicates import Duplicates
from cbir.work.messages import Progress, ThumbnailReady
from cbir.work.pace import Rate
from cbir.work.worker import Job

_AGAIN_MS = 700  # after the library was changed


class DuplicateActions:
    """Opens the window, searches for it, and acts on its ticks.

    What was found at a level is kept while the library stays as it is, but for what is removed
    from here; after another change it is searched anew.
    """

    def __init__(
        self, context: Context, results: Results, records: RecordActions, files: FileActions
    ) -> None:
        self._context, self._results = context, results
        self._records, self._files = records, files
        self._pair = Pair(context)
        self._window: DuplicatesWindow | None = None
        self._desk: GridDesk | None = None
        self._geometry = ""
        self._level: DuplicateLevel = "same"
        self._found: dict[DuplicateLevel, Duplicates] = {}
        self._job: Job | None = None
        self._shown: Duplicates | None = None
        self._removing = 0
        self._stale = False  # whether the library was changed since the search began
        self._throttle = Throttle(context.root, _AGAIN_MS, self._search_again)

    @property
    def window(self) -> DuplicatesWindow | None:
        """The window, where it is open."""
        return self._window

    def show(self) -> None:
        """Open the window and search; where it is open, bring it to the front."""
        if self._window is None:
            self._desk = self._context.layout.desk.for_grid()
            self._window = DuplicatesWindow(
                self._context.root, self._geometry, self._desk, Picks(), self._events()
            )
            self._window.level.set(self._level)
            self._show_read_only()
            self.choose(self._level)
        self._window.present()

    def _events(self) -> WindowEvents:
        return WindowEvents(
            on_level=self.choose,
            on_cancel=self._cancel,
            on_pair=self._compare,
            on_difference=self._pair.compare,
            on_detail=self._pair.load_in_full,
            on_unseen=self._show_unseen,
            on_grid=self.show_in_grid,
            on_similar=self._find_similar,
            on_remove=self.remove,
            on_trash=self.trash,
            on_undo=self._undo,
            on_closed=self._closed,
        )

    def _closed(self, geometry: str) -> None:
        self._window, self._geometry = None, geometry
        self._context.jobs.drop(self._job)
        self._job = None
        self._pair.drop()
        self._throttle.cancel()
        if self._desk is not None:
            self._context.layout.desk.leave(self._desk)

    def close(self) -> None:
        """Close the window, where it is open."""
        if self._window is not None:
            self._window.close()

    # -- searching --------------------------------------------------------------------------------

    def choose(self, level: DuplicateLevel) -> None:
        """Show what there is at a level: what was found before, or what is found now."""
        self._level = level
        self._context.jobs.drop(self._job)
        self._job = None
        if self._window is None:
            return
        if level in self._found:
            self._show(self._found[level], 0)
            return
        self._shown = None
        self._window.show_groups((), "")
        self._window.show_unseen(0)
        self._window.say(_("Searching…"))
        self._search()

    def _search(self) -> None:
        self._stale = False
        if self._window is not None:
            self._window.show_searching(_("Searching…"))
        self._job = self._context.jobs.watch(
            self._context.engine.find_duplicates(self._level),
            self._finished,
            title=_("Finding near-duplicates"),
            failed=self._failed,
            cancelled=lambda _result: self._cancelled(),
            progressed=self._progressed,
            shown=True,
        )

    def _progressed(self, progress: Progress, rate: Rate | None) -> None:
        if self._window is not None and progress.total:
            told = _("Searching: {progress}")
            self._window.show_searching(told.format(progress=describe_progress(progress, rate)))

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _cancelled(self) -> None:
        self._ended(_("The search was cancelled. Choose a level to search again."))

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, CbirError):
            self._ended(shown(str(error)))
        else:
            self._ended(_("The search did not work."))
            self._context.show_error(error)

    def _ended(self, sentence: str) -> None:
        self._job = None
        if self._window is not None:
            self._window.show_searching("")
            self._window.show_groups((), "")
            self._window.say(sentence)

    def _finished(self, found: Duplicates) -> None:
        self._job = None
        self._found[found.level] = found
        if self._window is not None:
            kept = self._window.chosen
            groups = found.groups
            ids = [] if kept is None else [member.record.id for member in members(kept)]
            near = (at for at, group in enumerate(groups) if group.best.id in ids)
            listed = self._window.group_list
            self._show(found, next(near, listed.selected))
        if self._stale:  # better than nothing, until it was searched anew
            self._found.clear()
            self._throttle.later()

    def _show(self, found: Duplicates, near: int) -> None:
        """Show what was found, with this group selected."""
        window, self._shown = self._window, found
        if window is None:
            return
        if self._job is None:
            window.show_searching("")
        window.show_groups(found.groups, summary_of(found) if found.groups else "", near=near)
        window.show_unseen(len(found.unseen))
        if not found.groups:
            window.say(nothing_found(found))

    def _show_unseen(self) -> None:
        if self._window is not None and self._shown is not None:
            rows = [
                (shown_path(path), shown(retold(reason))) for path, reason in self._shown.unseen
            ]
            dialogs.show_table(
                self._window,
                _("Not compared"),
                _(
                    "These pictures could not be opened to compare them pixel by pixel. Whether "
                    "they are duplicates is told by their vectors alone."
                ),
                (_("File"), _("Reason")),
                rows,
            )

    # -- the library changes ----------------------------------------------------------------------

    def library_changed(self) -> None:
        """The library was changed: where not from here, search anew before long."""
        self._stale = True
        if not self._removing:
            self._found.clear()
            if self._window is not None:
                self._throttle.later()

    def facts_changed(self) -> None:
        """More is known of the library: whether it can be changed."""
        self._show_read_only()

    def _show_read_only(self) -> None:
        facts = self._context.facts
        if self._window is not None:
            told = facts.read_only_reason or _("The library can only be read.")
            self._window.foot.show_read_only(told if facts.read_only else "")

    def _search_again(self) -> None:
        """What is shown stays until the new groups are there."""
        if self._window is not None and self._level not in self._found:
            self._context.jobs.drop(self._job)
            self._search()

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """A thumbnail came, for whomever."""
        if self._window is not None:
            self._window.thumbnail_ready(event)

    # -- acting -----------------------------------------------------------------------------------

    def _compare(self, first: Member, second: Member) -> None:
        if self._window is not None:
            self._pair.show(self._window.comparison, first, second)

    def show_in_grid(self) -> None:
        """Show the group in the main window's grid."""
        group = None if self._window is None else self._window.chosen
        if group is not None:
            ids = [member.record.id for member in members(group)]
            self._results.show_only(ids, _("Near-duplicates"))
            self._context.root.lift()
            self._context.layout.grid.focus_tiles()

    def _find_similar(self) -> None:
        record = None if self._window is None else self._window.selected
        if record is not None:
            self._records.find_similar(record.id)
            self._context.root.lift()

    def remove(self) -> None:
        """Remove the records of what is ticked, at once, as Undo brings them back."""
        records, _emptied = self._going()
        if not records:
            return
        self._removing += 1

        def removed(count: int) -> None:
            self._records.forget(ids)
            self._gone(ids)
            pictures = counted("{count:,} picture", "{count:,} pictures", count)
            told = _("Removed {pictures} from the library; the files stay.")
            self._say(told.format(pictures=pictures), (_("Undo"), self._undo))

        def failed(error: BaseException) -> None:
            self._gone(())
            self._context.show_error(error)

        ids = [record.id for record in records]
        self._records.change(
            self._context.engine.remove(ids),
            removed,
            failed=failed,
            cancelled=lambda _result: self._gone(()),
        )

    def trash(self) -> None:
        """Ask, each time, then move the files of what is ticked to the system's trash."""
        records, emptied = self._going()
        if records and self._window is not None:
            files = counted("{count:,} file", "{count:,} files", len(records))
            dialogs.confirm(
                self._window,
                _("Move {files} to the trash?").format(files=files),
                trash_question(records, emptied),
                _("Move to trash"),
                lambda: self._trash(records),
            )

    def _trash(self, records: Sequence[Record]) -> None:
        self._removing += 1

        def thrown(ids: Sequence[int]) -> None:
            self._gone(ids)
            if ids:
                files = counted("{count:,} file", "{count:,} files", len(ids))
                told = _("Moved {files} to the trash.").format(files=files)
                self._say(told, (_("Undo for the records"), self._undo))

        self._files.throw_away(records, thrown, lambda: self._window or self._context.root)

    def _going(self) -> tuple[list[Record], int]:
        """What is ticked, and of how many groups nothing would be left; none where it may not."""
        window = self._window
        if window is None or not window.groups or not self._context.may_change():
            return [], 0
        groups = window.chosen_groups
        return window.picks.going(groups), window.picks.emptied(groups)

    def _undo(self) -> None:
        """Take the last command back; what was said of it is over."""
        if self._window is not None:
            self._window.foot.say("")
        self._records.undo()

    def _say(self, sentence: str, offer: Offer) -> None:
        self._context.say(sentence, offer=offer)
        if self._window is not None:
            self._window.foot.say(sentence, offer)

    def _gone(self, ids: Sequence[int]) -> None:
        """Records have left the library from here: take them out of what was found."""
        self._removing -= 1
        if not ids:
            return
        if self._window is not None:
            self._window.picks.forget(ids)
        for level, found in list(self._found.items()):
            left = without(found, ids)
            if left is None:
                del self._found[level]
            else:
                self._found[level] = left
        shown = None if self._shown is None else without(self._shown, ids)
        if self._window is None:
            return
        if shown is not None:
            self._show(shown, self._window.group_list.selected)
        if self._level not in self._found:
            self._throttle.now()
