"""Indexing from the window: one job at a time, more wait their turn; and what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from cbir.describe import describe_indexing, describe_not_entered, describe_out_of_reach
from cbir.language import _, counted
from cbir.records import SPACE_TITLES
from cbir.ui.actions.context import Context
from cbir.ui.actions.desktop import show_in_folder
from cbir.ui.actions.skipped import SkippedEvents, SkippedSheet
from cbir.ui.widgets.text import shown, shown_name
from cbir.work.indexing import IndexReport
from cbir.work.worker import Job

_NOTHING_LACKS = _("These pictures have their vectors in every space.")


class Indexing:
    """Starts and follows indexing jobs.

    ``started()`` is called as one is asked for, ``ended(sentence)`` after each, also a
    cancelled one, with what the status bar says of it.
    """

    def __init__(
        self, context: Context, started: Callable[[], None], ended: Callable[[str], None]
    ) -> None:
        self._context = context
        self._started = started
        self._ended = ended
        self._jobs: list[Job] = []
        self._folder = ""
        self._skipped: SkippedSheet | None = None

    @property
    def busy(self) -> bool:
        """Whether indexing is under way."""
        return bool(self._jobs)

    def choose_folder(self) -> None:
        """Let the user choose a folder, and index it."""
        if not self._context.may_change():
            return
        chosen = self._context.choosers.folder(
            self._context.root, _("Index a folder of pictures"), self._folder
        )
        if chosen:
            self._folder = os.path.dirname(chosen)
            self.index([chosen])

    def index(self, paths: Sequence[str], spaces: Sequence[str] | None = None) -> None:
        """Index folders and files; ``spaces`` None means all whose weights are here."""
        if self._context.may_change():
            names = ", ".join(shown_name(path) or shown(path) for path in paths)
            self._start(
                self._context.engine.index(paths, spaces), _("Indexing {names}").format(names=names)
            )

    def complete_only(self, ids: Sequence[int]) -> None:
        """Compute the vectors that these records lack, in all spaces whose weights are here."""
        if self._context.may_change():
            title = counted("Indexing {count:,} picture", "Indexing {count:,} pictures", len(ids))
            self._start(self._context.engine.complete(None, ids), title, _NOTHING_LACKS)

    def refresh(self) -> None:
        """Look through every folder of the library again."""
        if not self._context.may_change():
            return
        if not self._context.facts.roots:
            self._context.say(_("There is nothing to refresh yet: index a folder first."))
            return
        self._start(self._context.engine.refresh(), _("Refreshing the index"))

    def complete(self, space: str) -> bool:
        """Compute the vectors of a space for the whole library; whether that may be."""
        if not self._context.may_change():
            return False
        title = _("Indexing with {space}").format(space=SPACE_TITLES[space])
        self._start(self._context.engine.complete([space]), title)
        return True

    def _start(self, job: Job, title: str, nothing: str = "") -> None:
        """``nothing`` is what is said where there was nothing to do."""
        self._jobs.append(job)
        if len(self._jobs) > 1:
            self._context.say(
                _("{title}: waits until the indexing under way has ended.").format(title=title)
            )
        else:
            self._context.say(f"{title}…")
        self._context.jobs.watch(
            job,
            partial(self._done, nothing),
            title=title,
            failed=self._failed,
            cancelled=self._cancelled,
            shown=True,
        )
        self._started()

    def _done(self, nothing: str, report: IndexReport) -> None:
        seen = report.added + report.updated + report.moved + report.unchanged
        if nothing and not seen and not report.skipped:
            self._end(nothing)
            return
        gone = describe_out_of_reach(report.out_of_reach)
        found_any = seen or report.skipped or report.missing
        found = "" if gone and not found_any else describe_indexing(report)
        told = (found, describe_not_entered(report.not_entered), gone)
        self._end(" ".join(filter(None, told)))

    def _cancelled(self, report: IndexReport | None) -> None:
        if report is None:
            self._end(_("Indexing was cancelled before it began."))
        else:
            kept = report.added + report.updated + report.moved
            self._end(
                _("Indexing was cancelled; {pictures} done so far are kept.").format(
                    pictures=counted("{count:,} picture", "{count:,} pictures", kept)
                )
            )

    def _failed(self, error: BaseException) -> None:
        self._end(_("Indexing did not work."))
        self._context.show_error(error)

    def _end(self, sentence: str) -> None:
        self._jobs.pop(0)
        self._context.say(sentence)
        self._ended(sentence)

    def retry(self, paths: Sequence[str]) -> None:
        """Look again at files that were skipped."""
        if self._context.may_change():
            self._start(self._context.engine.retry(paths), _("Trying skipped files again"))

    def show_skipped(self) -> None:
        """The files under the library's folders that could not be indexed, and why."""
        skipped = self._context.facts.skipped
        if not skipped:
            self._context.say(_("No file was skipped."))
        elif self._skipped is not None and self._skipped.winfo_exists():
            self._skipped.lift()
            self._skipped.table.focus_set()
        else:
            events = SkippedEvents(
                retry=self.retry,
                show_in_folder=lambda path: self._context.attempt(lambda: show_in_folder(path)),
                may_retry=lambda: not self._context.facts.read_only,
            )
            self._skipped = SkippedSheet(self._context.root, skipped, events)

    def facts_changed(self) -> None:
        """Other files may have been skipped, or may be so no longer."""
        if self._skipped is not None and self._skipped.winfo_exists():
            self._skipped.show(self._context.facts.skipped)
