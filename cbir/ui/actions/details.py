"""Fills the inspector: what is known of the selected record at once, and the rest as it comes."""

from __future__ import annotations

from functools import partial

from cbir.asking import Term
from cbir.errors import CbirError
from cbir.images import Metadata
from cbir.language import _
from cbir.records import Record
from cbir.ui.actions.context import Context
from cbir.ui.actions.outcome import why_not_explained
from cbir.ui.actions.results import Results
from cbir.ui.details.neighbours import COUNT, Neighbour
from cbir.work.facts import Choices, RecordFacts, filter_choices, record_facts
from cbir.work.searching import SearchOutcome, SearchRequest
from cbir.work.worker import Job

_NEIGHBOURS_MS = 180  # someone who walks through the pictures is not followed at every step


class Details:
    """What is asked about a record is given up as soon as another one is shown."""

    def __init__(self, context: Context, results: Results) -> None:
        self._context = context
        self._results = results
        self._record: Record | None = None
        self._facts_job: Job | None = None
        self._metadata_job: Job | None = None
        self._neighbours_job: Job | None = None
        self._timer = ""
        self._near: tuple[int, str, str, int] | None = None  # whose neighbours are shown
        self._tags_version = -1

    def show(self, record: Record | None, count: int) -> None:
        """Show a record as it is now; None: how many are selected."""
        inspector = self._context.layout.inspector
        another = record is None or self._record is None or record.file != self._record.file
        self._record = record
        self._context.jobs.drop(self._facts_job)
        if another:
            self._forget()
        inspector.show(record, {}, count)
        if record is None:
            return
        inspector.show_why(why_not_explained(self._results.outcome, record))
        self._facts_job = self._context.jobs.watch(
            self._context.engine.ask(_("Look"), lambda library: record_facts(library, record)),
            partial(self._known, record),
        )
        if another and not record.missing:
            self._metadata_job = self._context.jobs.watch(
                self._context.engine.metadata(record.path),
                partial(self._told, record),
                failed=partial(self._quietly, record),
            )

    def _forget(self) -> None:
        """What was asked about the record of before is no longer wanted."""
        self._context.jobs.drop(self._metadata_job)
        self._context.jobs.drop(self._neighbours_job)
        self._near = None
        if self._timer:
            self._context.root.after_cancel(self._timer)
            self._timer = ""

    def _is_shown(self, record: Record) -> bool:
        return self._record is not None and self._record.id == record.id

    def _known(self, record: Record, facts: RecordFacts) -> None:
        newest = self._results.record(record.id)
        if not self._is_shown(record) or newest is None:
            return
        self._context.layout.inspector.show(newest, facts.spaces, 1, facts.copies)
        space = self._results.space_in_view
        if facts.spaces.get(space):
            self._want_neighbours(record, space)
        else:
            self._near = None
            self._context.layout.inspector.show_neighbours(space, None)

    def _told(self, record: Record, metadata: Metadata) -> None:
        if self._is_shown(record):
            self._context.layout.inspector.show_metadata(metadata)

    def _quietly(self, record: Record, error: BaseException) -> None:
        """A file that cannot be read is told of by its preview; anything else is a fault."""
        if isinstance(error, CbirError):
            self._told(record, Metadata())
        else:
            self._context.show_error(error)

    # -- neighbours -------------------------------------------------------------------------------

    def _want_neighbours(self, record: Record, space: str) -> None:
        """Look for the nearest pictures, where they are not shown yet, in a moment."""
        state, facts = self._context.state, self._context.facts
        near = (record.id, space, state.metric, facts.version)
        if near == self._near:
            return
        self._near = near
        self._context.jobs.drop(self._neighbours_job)
        if self._timer:
            self._context.root.after_cancel(self._timer)
        request = SearchRequest((Term(record=record.id),), space, state.metric, k=COUNT + 1)
        self._timer = self._context.root.after(_NEIGHBOURS_MS, partial(self._look, record, request))

    def _look(self, record: Record, request: SearchRequest) -> None:
        self._timer = ""

        def found(outcome: SearchOutcome) -> None:
            if self._is_shown(record):
                self._context.layout.inspector.show_neighbours(
                    outcome.query.space, neighbours_in(outcome, record.id)
                )

        def failed(error: BaseException) -> None:
            if not isinstance(error, CbirError):  # else the space is empty by now, or the record
                self._context.show_error(error)

        self._neighbours_job = self._context.jobs.watch(
            self._context.engine.search(request), found, failed=failed
        )

    # -- tags -------------------------------------------------------------------------------------

    def want_tags(self) -> None:
        """A tag is about to be typed: which ones there are is asked, where it may have changed."""
        version = self._context.facts.version
        if version != self._tags_version:
            self._tags_version = version
            self._context.jobs.watch(
                self._context.engine.ask(_("Look for tags"), filter_choices), self._tags_known
            )

    def _tags_known(self, choices: Choices) -> None:
        self._context.layout.inspector.show_known_tags([tag for tag, _ in choices.tags])


def neighbours_in(outcome: SearchOutcome, record_id: int) -> tuple[Neighbour, ...]:
    """The hits but for the record itself, nearest first, with their scores."""
    records = {record.id: record for record in outcome.records}
    near = [hit for hit in outcome.result.hits if hit.id != record_id and hit.id in records]
    metric = outcome.query.metric
    return tuple(Neighbour(records[hit.id], metric, hit.score) for hit in near[:COUNT])
