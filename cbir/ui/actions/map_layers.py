"""What lies over the map's points: colours, a query's star and scores, what a filter leaves out.

All of it is asked of the workers for the points in view, and asked again when those are others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cbir.asking import ANY, Filter
from cbir.errors import CbirError
from cbir.records import Modality
from cbir.ui.actions.context import Context
from cbir.ui.actions.outcome import title_of
from cbir.ui.heading import percentile_of
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.throttle import Delay
from cbir.work.mapping import COLOURS, ColourBy, MapQuery
from cbir.work.searching import SearchOutcome
from cbir.work.worker import Job

if TYPE_CHECKING:
    from cbir.work.searching import MapOutcome

_REST_MS = 150  # while a slider is dragged


class MapLayers:
    """Follows the points that ``points_shown`` tells of; nothing is asked before there are some."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._map: MapOutcome | None = None
        self._outcome: SearchOutcome | None = None
        self._filter = ANY
        self._jobs: dict[str, Job] = {}
        self._rest = Delay(context.root, _REST_MS)

    @property
    def _by(self) -> ColourBy:
        chosen = self._context.state.map_colour
        return next(by for by in COLOURS if by == chosen)

    def points_shown(self, outcome: MapOutcome | None) -> None:
        """Other points are in view, or none."""
        if self._map is None and outcome is not None:
            self._context.layout.with_map(lambda panel: panel.choose_colour(self._by))
        self._map = outcome
        self._ask_colours()
        self._ask_filter()
        self._ask_query()

    def colour_by(self, by: ColourBy) -> None:
        """The user wants to see something else by the colours."""
        self._context.state = replace(self._context.state, map_colour=by)
        self._ask_colours()

    def show_query(self, outcome: SearchOutcome | None) -> None:
        """Show a query's star and hits, or none; what takes a while follows."""
        self._outcome = outcome
        panel = self._context.layout.with_map
        self._drop("query")
        panel(lambda panel: panel.show_nearness(None))
        if outcome is None or outcome.request.text is not None:  # words wait for their right place
            panel(lambda panel: panel.show_query(None, "", "image"))
        else:
            self._show_star(outcome)
        self._show_hits()
        self._ask_query()

    def narrow(self, wanted: Filter) -> None:
        """Let the pictures step back that do not pass a filter."""
        if wanted != self._filter:
            self._filter = wanted
            self._ask_filter()

    def similar_changed(self) -> None:
        """The slider of similarity was moved."""
        self._rest.call(self._similar_rests)

    @property
    def waiting(self) -> bool:
        """Whether the slider's new place is to be shown in a moment."""
        return self._rest.waiting

    def _similar_rests(self) -> None:
        self._show_hits()
        self._ask_query()

    def _show_hits(self) -> None:
        """The hits that are similar enough."""
        ids, outcome = [], self._outcome
        if outcome is not None:
            hits = outcome.result.hits
            percentiles = outcome.percentiles or (100.0,) * len(hits)
            told = zip(hits, percentiles, strict=True)
            ids = [hit.id for hit, percentile in told if percentile >= self._least]
        self._context.layout.with_map(lambda panel: panel.show_hits(ids))

    @property
    def _least(self) -> float:
        return 100 * percentile_of(self._context.state.similar)

    def _show_star(self, outcome: SearchOutcome, found: MapQuery | None = None) -> None:
        query, words = outcome.query, outcome.request.text
        corrected = found is not None and found.corrected
        vector = found.seen if found is not None and corrected else query.vector
        label = shown(words) if words is not None else title_of(outcome)
        modality: Modality = (
            "text" if words is not None else "image"
        )  # mixed, it is a place among pictures
        self._context.layout.with_map(
            lambda panel: panel.show_query(
                vector, label, modality, space=query.space, corrected=corrected
            )
        )

    # -- what is asked of the workers -------------------------------------------------------------

    def _ask_colours(self) -> None:
        self._drop("colours")
        if self._map is None or self._by in ("", "score"):
            return
        projection = self._map.projection
        job = self._context.engine.map_colours(
            self._by, projection.space, projection.metric, projection.ids
        )
        self._watch("colours", job, lambda found, panel: panel.show_colours(found))

    def _ask_filter(self) -> None:
        self._drop("filter")
        if self._map is None:
            return
        ids = self._map.projection.ids
        if self._filter == ANY:
            self._context.layout.with_map(lambda panel: panel.show_passing(ids, None))
            return
        job = self._context.engine.map_passing(self._filter, ids)
        self._watch("filter", job, lambda found, panel: panel.show_passing(ids, found))

    def _ask_query(self) -> None:
        self._drop("query")
        outcome = self._outcome
        if outcome is None or self._map is None:
            return
        projection, query = self._map.projection, outcome.query
        if (projection.space, projection.metric) != (query.space, query.metric):
            return  # the map of that space is on its way

        def found(result: MapQuery, panel: Any) -> None:
            if result.corrected:
                self._show_star(outcome, result)
            panel.show_nearness(result)

        job = self._context.engine.map_query(outcome, projection.ids, self._least)
        self._watch("query", job, found, partial(self._show_star, outcome))

    def _watch(
        self,
        kind: str,
        job: Job,
        show: Callable[[Any, Any], None],
        otherwise: Callable[[], None] = lambda: None,
    ) -> None:
        with_map = self._context.layout.with_map

        def failed(error: BaseException) -> None:
            if not isinstance(error, CbirError):
                self._context.show_error(error)
                return
            otherwise()
            self._context.say(str(error), "warning")

        self._jobs[kind] = self._context.jobs.watch(
            job, lambda result: with_map(partial(show, result)), failed=failed
        )

    def _drop(self, kind: str) -> None:
        """What was asked before is wanted no more."""
        self._context.jobs.drop(self._jobs.pop(kind, None))
