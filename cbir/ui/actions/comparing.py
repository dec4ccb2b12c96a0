"""Two opinions on the search in view: asked for, shown in its place, and in step with it."""

from __future__ import annotations

from functools import partial

from cbir.language import _
from cbir.ui.actions.context import Context
from cbir.ui.actions.opinions import agreement, heading_of, tiles_of
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.results import Results
from cbir.ui.actions.trouble import SearchTrouble
from cbir.ui.grid.panel import MESSAGE_SHOWN
from cbir.work.comparing import Comparison
from cbir.work.searching import SearchRequest
from cbir.work.worker import Job


class Comparing:
    """Shows what ResNet18 and CLIP find side by side, until it is closed or the library browsed."""

    def __init__(
        self, context: Context, results: Results, records: RecordActions, trouble: SearchTrouble
    ) -> None:
        self._context = context
        self._results = results
        self._records = records
        self._trouble = trouble
        self._wanted = False
        self._job: Job | None = None

    def give_way(self) -> None:
        """Close, from now on, when the grid behind has something to say."""
        self._context.layout.grid.bind(MESSAGE_SHOWN, lambda _: self.close())

    def toggle(self) -> None:
        """Compare the search in view, or find pictures like the one selected first; or close."""
        request = self._results.request
        if self._wanted:
            self.close()
        elif request is not None:
            self._ask(request)
        elif len(self._records.selected) == 1:
            self._wanted = True
            self._records.find_similar()
        else:
            self._context.say(_("Search by a picture, or select one: then compare two opinions."))

    def follow(self, same_view: bool) -> None:
        """Other records came into view: compare by what found them, or make room for them."""
        if not self._wanted:
            return
        if self._results.request is None:
            self.close()
        else:
            self._ask(self._results.request, keep_position=same_view)

    def close(self) -> None:
        """Show again what was in view before; what is selected stays so where it is there too."""
        self._wanted = False
        self._context.jobs.drop(self._job)
        layout = self._context.layout
        if layout.compare is None:
            return
        kept = [id_ for id_ in layout.selection if id_ in self._results.records]
        layout.close_compare()
        self._results.beside = {}
        if kept:
            layout.grid.select(kept)
        self._records.select(layout.grid.selection)

    def _ask(self, request: SearchRequest, *, keep_position: bool = False) -> None:
        context = self._context
        context.jobs.drop(self._job)
        if request.modality == "text":
            self._trouble.words_alone(self._results.show_again)
            return
        self._wanted = True
        self._job = context.jobs.watch(
            context.engine.compare(request),
            partial(self._compared, keep_position),
            title=_("Comparing"),
            failed=self._failed,
            cancelled=self._cancelled,
            shown=not keep_position,
        )

    def _compared(self, keep_position: bool, comparison: Comparison) -> None:
        layout = self._context.layout
        opened = layout.compare is None
        view = layout.compare or layout.open_compare(self.close)
        self._results.beside = {
            record.id: record for opinion in comparison.opinions for record in opinion.records
        } | {hit.record.id: hit.record for hit in comparison.fused}
        summary = agreement(comparison)
        view.show(
            heading_of(comparison), summary, tiles_of(comparison), keep_position=keep_position
        )
        if opened:
            view.focus_tiles()
        if not keep_position:
            self._context.say(summary)

    def _failed(self, error: BaseException) -> None:
        self._trouble.search_failed(error, self._results.show_again, _("Back"))

    def _cancelled(self, _event: object) -> None:
        self._wanted = self._context.layout.compare is not None
        self._context.say(_("The comparison was cancelled."))
