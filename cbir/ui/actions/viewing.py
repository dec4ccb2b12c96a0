"""The large view: which picture is in it, what is loaded for it, and what it asks for."""

from __future__ import annotations

import contextlib
import math
import tkinter
from dataclasses import replace

from cbir.asking import Box, Term
from cbir.describe import format_score
from cbir.errors import CbirError, UnreadableImage
from cbir.images import Loaded
from cbir.language import _, retold
from cbir.records import Record
from cbir.ui.actions.context import Context
from cbir.ui.actions.outcome import why_not_explained
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.results import Results
from cbir.ui.viewer.window import QueryShown, Shown, Viewer, ViewerEvents
from cbir.ui.widgets.text import shown
from cbir.work.explaining import Explanation
from cbir.work.messages import Progress, ThumbnailReady
from cbir.work.searching import SearchOutcome, SearchRequest
from cbir.work.worker import Job

_NO_QUERY = _("Search first: then the query can be seen beside its hits.")
_NO_FILE = _("The file is missing: right-click the picture in the window to locate it.")
_MOST_PIXELS = 64_000_000  # of a picture held in full: 256 MB; larger ones are looked at reduced
_QUERY_SIDE = 1600


class Viewing:
    """Opens the large view and keeps it filled. What is slow is asked of workers."""

    def __init__(self, context: Context, results: Results, records: RecordActions) -> None:
        self._context = context
        self._results = results
        self._records = records
        self._viewer: Viewer | None = None
        self._record: Record | None = None
        self._before: tkinter.Misc | None = None  # what had the keys
        self._asked = 0
        self._picture_job: Job | None = None
        self._query_job: Job | None = None
        self._why_job: Job | None = None
        self._outcome: SearchOutcome | None = None
        self._explained: dict[int, Explanation] = {}

    # -- opening ----------------------------------------------------------------------------------

    def open(self, record_id: int | None = None) -> None:
        """Show a picture in large: the one named, else the one selected."""
        record = self._records.one(record_id)
        if record is not None:
            self._open(record)

    def why(self, record_id: int | None = None) -> None:
        """Show in large which parts of a picture make it a hit."""
        record = self._records.one(record_id)
        if record is None:
            return
        reason = why_not_explained(self._results.outcome, record)
        if reason:
            self._context.say(reason)
        else:
            self._open(record).toggle_heat()

    def _open(self, record: Record) -> Viewer:
        viewer = self._viewer
        if viewer is None:
            with contextlib.suppress(KeyError):  # in a menu, which tkinter does not know
                self._before = self._context.root.focus_get()
            viewer = Viewer(self._context.root, self._context.state.viewer, self._events())
            self._viewer = viewer
            self._show_query(viewer)
        self._show(viewer, record)
        viewer.present()
        return viewer

    def close(self) -> None:
        """Close the large view, where it is open."""
        if self._viewer is not None:
            self._viewer.close()

    def _events(self) -> ViewerEvents:
        return ViewerEvents(
            on_step=self._step,
            on_detail=self._load,
            on_box=self._search_part,
            on_similar=self._similar,
            on_query=self._load_query,
            on_why=self._explain,
            on_stop=lambda: self._context.jobs.drop(self._why_job),
            on_closed=self._closed,
        )

    def _closed(self, geometry: str) -> None:
        self._viewer = None
        self._record = None
        for job in (self._picture_job, self._query_job, self._why_job):
            self._context.jobs.drop(job)
        self._context.state = replace(self._context.state, viewer=geometry)
        if self._before is not None and self._before.winfo_exists():
            self._before.focus_force()

    def follow(self) -> None:
        """Other records are in view: show the one in large as it is now, or close where it went."""
        viewer, record = self._viewer, self._record
        if viewer is None or record is None:
            return
        now = self._results.record(record.id)
        if now is None:
            self.close()
        elif (now.path, now.missing) != (record.path, record.missing):
            self._show(viewer, now)
        else:
            self._record = now

    # -- one picture ------------------------------------------------------------------------------

    def _show(self, viewer: Viewer, record: Record) -> None:
        for job in (self._picture_job, self._why_job):
            self._context.jobs.drop(job)
        self._record, self._asked = record, 0
        if self._outcome is not self._results.outcome:
            self._show_query(viewer)
        order = list(self._results.records)
        place = order.index(record.id) + 1 if record.id in self._results.records else 1
        score = self._score(record.id)
        viewer.show(
            Shown(record, place, max(1, len(order)), score),
            why_not_explained(self._outcome, record),
        )
        if record.missing:
            viewer.show_trouble(_NO_FILE)
        thumbnail = self._context.layout.inspector.picture_of(record)
        if thumbnail is not None:
            viewer.add_image(thumbnail)

    def _score(self, record_id: int) -> str:
        if self._outcome is None:
            return ""
        result = self._outcome.result
        found = (hit.score for hit in result.hits if hit.id == record_id)
        score = next(found, None)
        return "" if score is None else format_score(result.metric, score)

    def _step(self, step: int) -> None:
        """To another of the pictures in view, which is then the one selected."""
        order = list(self._results.records)
        if self._viewer is None or self._record is None or self._record.id not in order:
            return
        place = order.index(self._record.id) + step
        if 0 <= place < len(order):
            record = self._results.records[order[place]]
            self._records.go_to(record.id)
            self._show(self._viewer, record)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """A thumbnail came, for whomever: better than nothing where nothing is loaded yet."""
        viewer, record = self._viewer, self._record
        if viewer is None or record is None or event.image is None:
            return
        if event.path == record.path:
            viewer.add_image(event.image)

    def _load(self, width: int) -> None:
        """Load the picture so that it is sharp when shown so many pixels wide."""
        record = self._record
        if record is None or record.missing or width <= self._asked:
            return
        file = record.file
        long_side = math.ceil(width * max(file.width, file.height) / max(1, file.width))
        if 2 * long_side > max(file.width, file.height):  # it is not reduced by less than 2
            width, long_side = file.width, 0
            if file.width * file.height > _MOST_PIXELS:
                long_side = max(file.width, file.height) // 2
        self._asked = width
        self._context.jobs.drop(self._picture_job)
        self._picture_job = self._context.jobs.watch(
            self._context.engine.picture(record.path, long_side),
            self._loaded,
            failed=self._not_loaded,
        )

    def _loaded(self, loaded: Loaded) -> None:
        if self._viewer is not None:
            self._viewer.add_image(loaded.image)

    def _not_loaded(self, error: BaseException) -> None:
        if self._viewer is None or not isinstance(error, UnreadableImage):
            self._context.show_error(error)
            return
        self._viewer.show_trouble(
            _("This picture cannot be shown: {reason}.").format(reason=shown(retold(error.reason)))
        )

    # -- the query --------------------------------------------------------------------------------

    def _show_query(self, viewer: Viewer) -> None:
        """The query of the search in view, and none of another one's explanations."""
        outcome = self._results.outcome
        if outcome is not self._outcome:
            self._explained.clear()
        self._outcome = outcome
        self._context.jobs.drop(self._query_job)
        self._query_job = None
        if outcome is None:
            viewer.show_query(None, _NO_QUERY)
        else:
            viewer.show_query(QueryShown(words=_words_of(outcome)))

    def _load_query(self) -> None:
        """The query beside its hit is wanted: load its picture, once, where it has one."""
        outcome = self._outcome
        wanted = None if outcome is None else _picture_of(outcome)
        if wanted is None or self._query_job is not None:
            return
        path, box = wanted

        def loaded(picture: Loaded) -> None:
            if self._viewer is not None:
                size = (picture.file.width, picture.file.height)
                self._viewer.show_query(QueryShown(size=size, box=box))
                self._viewer.add_query_image(picture.image)

        def failed(error: BaseException) -> None:
            if self._viewer is not None:
                self._viewer.show_query_trouble(shown(str(error)))

        job = self._context.engine.picture(path, _QUERY_SIDE)
        self._query_job = self._context.jobs.watch(job, loaded, failed=failed)

    def _search_part(self, box: Box) -> None:
        record = self._record
        if record is not None:
            self.close()
            self._results.search(SearchRequest((Term(record=record.id, box=box),)))

    def _similar(self) -> None:
        record = self._record
        if record is not None:
            self.close()
            self._records.find_similar(record.id)

    # -- why --------------------------------------------------------------------------------------

    def _explain(self) -> None:
        """The heat map of the picture in view: known already, or to be made."""
        viewer, record, outcome = self._viewer, self._record, self._outcome
        if viewer is None or record is None or outcome is None:
            return
        known = self._explained.get(record.id)
        if known is not None:
            viewer.show_explanation(known)
            return

        def explained(explanation: Explanation) -> None:
            self._explained[record.id] = explanation
            viewer.show_explanation(explanation)

        def failed(error: BaseException) -> None:
            told = isinstance(error, CbirError)
            viewer.explanation_failed(shown(str(error)) if told else "")
            if not told:
                self._context.show_error(error)

        def progressed(progress: Progress, _rate: object) -> None:
            viewer.show_progress(progress.done, progress.total or 1)

        viewer.show_progress(0, 1)
        self._why_job = self._context.jobs.watch(
            self._context.engine.explain(record.id, outcome.query),
            explained,
            failed=failed,
            cancelled=lambda _: viewer.explanation_failed(""),
            progressed=progressed,
        )


def _picture_of(outcome: SearchOutcome) -> tuple[str, Box | None] | None:
    """The query's picture, and which part of it is meant; of several, the one that counts most."""
    terms = zip(outcome.request.terms, outcome.paths, strict=True)
    pictures = [(term.weight, path, term.box) for term, path in terms if path is not None]
    if not pictures:
        return None
    _, path, box = max(pictures, key=lambda picture: picture[0])
    return path, box


def _words_of(outcome: SearchOutcome) -> str:
    """What is shown in the place of a query without a picture."""
    if _picture_of(outcome) is not None:
        return ""
    words = (term.text for term in outcome.request.terms if term.text is not None)
    return "\n".join(f"“{shown(' '.join(text.split()))}”" for text in words)
