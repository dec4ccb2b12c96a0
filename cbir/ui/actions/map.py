"""Keeps the map in step: projected anew when the space, the metric or the library changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from cbir.asking import ANY, Filter
from cbir.errors import CbirError, SpaceEmpty
from cbir.language import _
from cbir.records import SPACE_TITLES, Metric, Record
from cbir.ui.actions.context import Context
from cbir.ui.actions.map_layers import MapLayers
from cbir.ui.map.events import title_of
from cbir.ui.widgets.throttle import Delay, Throttle
from cbir.work.searching import MapOutcome, SearchOutcome
from cbir.work.worker import Job

_REST_MS = 60  # while someone walks through many
_SOON_MS = 20  # so that the grid, where the answer is looked for, is drawn first
_COMING_MS = 150  # a map that comes sooner is not announced
_EVERY_MS = 2000  # while a library grows


class MapLink:
    """What the map shows: ``on_map``, whose ``records`` are known by their ids."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wanted: tuple[str, Metric] = ("classic", "cosine")
        self._shown: tuple[str, Metric, int] | None = None
        self._job: Job | None = None
        self._throttle = Throttle(context.root, _EVERY_MS, self._project)
        self._coming = Throttle(context.root, _COMING_MS, self._say_coming)
        self._layers = MapLayers(context)
        self.colour_by = self._layers.colour_by
        self.similar_changed = self._layers.similar_changed
        self._query = Delay(context.root, _SOON_MS)
        self._ring = Delay(context.root, _REST_MS)
        self.records: Mapping[int, Record] = {}
        self.on_map: MapOutcome | None = None

    def show(
        self, space: str, metric: Metric, outcome: SearchOutcome | None, wanted: Filter = ANY
    ) -> None:
        """Show a space as a metric sees it, with a query's star and its hits, or without.

        Pictures that do not pass the filter ``wanted`` step back.
        """
        changed = self._wanted != (space, metric)
        self._wanted = (space, metric)
        self._query.call(partial(self._show_query, outcome, wanted))
        if changed:
            self._context.jobs.drop(self._job)
            self._over()
            self._throttle.now()
        elif not self._is_current():
            self._throttle.poke()

    @property
    def waiting(self) -> bool:
        """Whether a query's star, hits or the selection are to be shown in a moment."""
        return self._query.waiting or self._ring.waiting or self._layers.waiting

    def _show_query(self, outcome: SearchOutcome | None, wanted: Filter) -> None:
        self._layers.narrow(wanted)
        self._layers.show_query(outcome)

    def select(self, ids: Sequence[int]) -> None:
        """Ring the selected pictures, once whoever walks through them has come to rest."""
        with_map = self._context.layout.with_map
        self._ring.call(lambda: with_map(lambda panel: panel.select(ids)))

    def library_changed(self) -> None:
        """The library grew, shrank or was embedded anew: project again before long."""
        self._throttle.poke()

    def _is_current(self) -> bool:
        return self._shown == (*self._wanted, self._context.facts.version)

    def _project(self) -> None:
        if self._job is not None or self._is_current():
            return  # where one is under way, it is looked at again when that one ends
        space, metric = self._wanted
        if self._shown is None or self._shown[:2] != self._wanted:
            self._coming.later()
        self._job = self._context.jobs.watch(
            self._context.engine.project(space, metric),
            partial(self._projected, self._context.facts.version),
            failed=self._failed,
            cancelled=self._cancelled,
        )

    def _say_coming(self) -> None:
        text = _("Computing the map of {title}…").format(title=title_of(*self._wanted))
        self._context.layout.with_map(lambda panel: panel.show_coming(text))

    def _over(self) -> None:
        """No map is on its way any more."""
        self._job = None
        self._coming.cancel()
        self._context.layout.with_map(lambda panel: panel.show_coming(""))

    def _projected(self, version: int, outcome: MapOutcome) -> None:
        self._over()
        projection = outcome.projection
        same = self._shown is not None and self._shown[:2] == (projection.space, projection.metric)
        self._shown = (projection.space, projection.metric, version)
        self.on_map, self.records = outcome, outcome.records.by_id
        self._context.layout.with_map(lambda panel: panel.show(outcome, keep_view=same))
        self._layers.points_shown(outcome)
        if not self._is_current():
            self._throttle.poke()

    def _failed(self, error: BaseException) -> None:
        self._over()
        if not isinstance(error, CbirError):
            self._context.show_error(error)
            return
        self._shown = (*self._wanted, self._context.facts.version)
        self.on_map, self.records = None, {}
        self._layers.points_shown(None)
        text = str(error)
        if isinstance(error, SpaceEmpty):
            text = _("The map appears when pictures are indexed.")
            if self._context.facts.records:
                told = _("The map appears when the library holds {title} vectors.")
                text = told.format(title=SPACE_TITLES[self._wanted[0]])
        self._context.layout.with_map(lambda panel: panel.show_message(text))

    def _cancelled(self, _outcome: object) -> None:
        self._over()
