"""What the grid shows: the whole library, or the answer to a search, and how it came about."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import replace

from cbir.asking import ANY, BY_ADDED, BY_SCORE, Filter, Order, Term
from cbir.errors import RecordNotFound, SpaceEmpty, UnreadableImage
from cbir.language import _, counted
from cbir.records import Metric, Record
from cbir.ui.actions.context import Context
from cbir.ui.actions.history import History, Only, View
from cbir.ui.actions.map import MapLink
from cbir.ui.actions.outcome import heading, line_of, listing_heading, tiles_of
from cbir.ui.actions.stacks import Stacks
from cbir.ui.actions.trouble import SearchTrouble
from cbir.ui.grid.panel import RecordTiles, Tile
from cbir.ui.heading import HeadingOffer, percentile_of
from cbir.ui.widgets.throttle import Throttle
from cbir.work.listing import Listing
from cbir.work.searching import SearchOutcome, SearchRequest
from cbir.work.worker import Job

_BROWSE_MS = 500
_SEARCHING = _("Searching…")
_SLOWER_FROM = 20_000  # records, from which on a growing library is listed less often


class Results:
    """Runs searches and shows them. ``request`` is the search in view, None while browsing.

    ``shown(same_view)`` is called when other records are in view; ``same_view`` where it is the
    view of before, brought up to date. ``asked`` is told of what is searched for anew.
    """

    def __init__(
        self,
        context: Context,
        map_link: MapLink,
        trouble: SearchTrouble,
        shown: Callable[[bool], None],
        asked: Callable[[SearchRequest], None],
    ) -> None:
        self._context = context
        self._map = map_link
        self._trouble = trouble
        self._shown = shown
        self._asked = asked
        self._job: Job | None = None
        self._outcome: SearchOutcome | None = None
        self._error: BaseException | None = None
        self._shows_library = False
        self._throttle = Throttle(context.root, _BROWSE_MS, self._list)
        self._version = -1
        self._paths: dict[int, str] = {}  # of the records that queries named
        self.filter = ANY
        self._only: Only | None = None  # while the library is not searched
        self.offers_for: Callable[[Only], Sequence[HeadingOffer]] = lambda _only: ()
        self._order, self._listing_order = BY_SCORE, BY_ADDED
        self._whole_order = BY_ADDED  # the library's, while some of it is in view
        self._arrived = False  # whether what the history says is in view is so
        self._returning: View | None = None  # whose selection and place are to come back
        self._kept: tuple[int, ...] = ()  # to be selected when the search in view has come
        self._in_view = self._view(None)
        self.history = History(self._in_view, self._history_moved)
        self._stacks = Stacks(context.state.collapse)
        self.request: SearchRequest | None = None
        self.records: MutableMapping[int, Record] = {}
        self.beside: Mapping[int, Record] = {}  # in view elsewhere: those of a comparison

    @property
    def listing_due(self) -> bool:
        """Whether the library will be listed anew before long."""
        return self._throttle.waiting

    def is_current(self, version: int) -> bool:
        """Whether what is in view was found in the library as it is in ``version``."""
        return self._outcome is not None and self._version == version

    @property
    def outcome(self) -> SearchOutcome | None:
        """The answer in view; None while browsing."""
        return self._outcome

    @property
    def failed(self) -> bool:
        """Whether a message of what went wrong stands where pictures were."""
        return self._error is not None

    def record(self, record_id: int) -> Record | None:
        """A record in view, in the grid, in a comparison or on the map."""
        found = self.records.get(record_id) or self.beside.get(record_id)
        return found if found is not None else self._map.records.get(record_id)

    @property
    def on_map(self) -> Mapping[int, Record]:
        """The records on the map, by their ids."""
        return self._map.records

    # -- choices ----------------------------------------------------------------------------------

    @property
    def space(self) -> str:
        """The space in which pictures are compared: the one chosen, where it holds vectors."""
        facts, chosen = self._context.facts, self._context.state.space
        if chosen and facts.space(chosen).vectors:
            return chosen
        return facts.default_space

    @property
    def space_in_view(self) -> str:
        """The space of what is in view: words are always compared in clip."""
        if self.request is None:
            return self.space
        return "clip" if self.request.modality == "text" else self.request.space or self.space

    def set_metric(self, metric: Metric) -> None:
        """Compare by another metric: the search in view runs again at once."""
        self._context.state = replace(self._context.state, metric=metric)
        self.run_again()

    def compare_by(self, space: str, metric: Metric) -> None:
        """How the next search compares; ``space`` "" leaves that as it is."""
        context = self._context
        context.state = replace(context.state, space=space or context.state.space, metric=metric)
        context.layout.query_bar.metric.set(metric)

    def set_results(self, count: int) -> None:
        """Show another number of results."""
        self._context.state = replace(self._context.state, results=count)
        if self.request is not None:
            self.run_again()

    def clear_filter(self) -> None:
        """Let every picture through from now on; what is in view stays."""
        self.filter = ANY
        self._context.layout.filter_bar.show(ANY)

    def set_filter(self, wanted: Filter) -> None:
        """Show only what passes a filter, of the library or in the search in view."""
        self.filter = wanted
        if self.request is not None:
            self._search(self.request)
        else:
            self._context.say("")
            self._leave()
            self._only = None
            self.history.visit(self._view(None))
            self._browse(None, keep_typed=True)

    def show_as(self, wanted: Filter, order: Order) -> None:
        """What the next search shows of its hits, and in which order."""
        self.filter, self._order = wanted, order
        self._context.layout.filter_bar.show(wanted)

    @property
    def order(self) -> Order:
        """The order of what is in view."""
        return self._listing_order if self.request is None else self._order

    def set_order(self, order: Order) -> None:
        """Show what is in view in another order; searches and the library have each their own."""
        self._in_view = replace(self._in_view, order=order)
        if self.request is None:
            self._listing_order, self._shows_library = order, False
            self._throttle.now()
        else:
            self._order = order
            self.show_fewer()

    def show_fewer(self) -> None:
        """Show the hits that are similar enough, in the order chosen, as they are now."""
        if self._outcome is not None:
            self._show_outcome()
            self._map.similar_changed()

    def set_space(self, space: str) -> None:
        """Compare pictures in another space, or say why that cannot be."""
        context = self._context
        if not context.facts.space(space).vectors:
            self._trouble.space_empty(space, self.show_again)
            return
        context.state = replace(context.state, space=space)
        if self.request is not None and self.request.modality == "text" and space != "clip":
            context.say(
                _(
                    "Words are always compared in CLIP. "
                    "The space that you chose is used for the next picture."
                )
            )
            return
        self.run_again()

    # -- searching --------------------------------------------------------------------------------

    def search(
        self, request: SearchRequest, *, as_chips: bool = False, keep: Sequence[int] = ()
    ) -> None:
        """Search for pictures, records or words; a search still running gives way.

        ``as_chips``: words are shown as a chip, also where nothing else is looked for. Records to
        ``keep`` are selected among the hits.
        """
        for term in request.terms:
            record = None if term.record is None else self.record(term.record)
            if record is not None:
                self._paths[record.id] = record.path
        self._asked(request)
        self._show_query(request, as_chips=as_chips)
        self._search(request)
        self._kept = tuple(keep)

    def path_of(self, term: Term) -> str:
        """The absolute path of a term's picture; "" for words, and where it is not known."""
        if term.record is not None:
            return self._paths.get(term.record, "")
        return os.path.abspath(term.image) if term.image is not None else ""

    def _show_query(self, request: SearchRequest | None, *, as_chips: bool = False) -> None:
        terms = () if request is None else request.terms
        paths = [self.path_of(term) for term in terms]
        self._context.layout.query_bar.show_query(terms, paths, as_chips=as_chips)

    def _search(self, request: SearchRequest, returning: View | None = None) -> None:
        context = self._context
        self._leave()
        job = self._ask(request)
        self._arrived, self._returning, self._kept = False, returning, ()
        if returning is None:
            self.history.visit(self._view(self.request))
        context.say(_SEARCHING)
        self._job = context.jobs.watch(
            job,
            self._found,
            title=_("Searching"),
            failed=self._failed,
            cancelled=lambda _: self._cancelled(),
            shown=True,
        )

    def _cancelled(self) -> None:
        """What was in view before the search stays, and is what later changes are about."""
        view = self._in_view
        self.request = view.request
        self._choose_as(view)
        self._show_query(self.request)
        self.history.return_to(view)
        self._arrived, self._returning = True, None
        self._context.layout.query_bar.spaces.select(self.space_in_view)
        self._context.say(_("The search was cancelled."))
        self.library_changed()

    def _ask(self, request: SearchRequest) -> Job:
        """Ask for ``request`` with the choices as they are now."""
        context = self._context
        context.jobs.drop(self._job)
        self._throttle.cancel()
        self._error = None
        state = context.state
        space = None if request.modality == "text" else self.space
        self.request = replace(
            request, metric=state.metric, k=state.results, space=space, filter=self.filter
        )
        context.layout.query_bar.spaces.select(self.space_in_view)
        return context.engine.search(self.request)

    def run_again(self) -> None:
        """The same search with the choices as they are now; browsing, only the map changes."""
        if self.request is not None:
            self._search(self.request)
        else:
            self._context.layout.query_bar.spaces.select(self.space)
            self._map.show(self.space, self._context.state.metric, None, self.filter)

    def catch_up(self, sentence: str = "", space: str = "") -> None:
        """Show what became of the library, as ``sentence`` tells, where that is still what is said.

        Without one, what is said stays.

        The library is listed, or the search in view runs again, quietly: scroll position and
        selection stay. With ``space`` it is compared in that space from now on.
        """
        context = self._context
        if space:
            context.state = replace(context.state, space=space)
        if self.request is None:
            self._throttle.poke()
            return
        in_view = None if self._outcome is None else self._outcome.request
        same_view = in_view == self.request and not space
        job = self._ask(self.request)

        def found(outcome: SearchOutcome) -> None:
            self._show_found(outcome, keep_position=same_view)
            if context.layout.status.message == _SEARCHING:
                context.say(line_of(outcome))
            elif sentence and context.layout.status.message == sentence:
                told = (
                    _("{sentence} Searched again: {result}")
                    if same_view
                    else _("{sentence} Searched: {result}")
                )
                context.say(told.format(sentence=sentence, result=line_of(outcome)))

        def failed(error: BaseException) -> None:
            if not same_view or context.layout.status.message == _SEARCHING:
                self._failed(error)

        self._job = context.jobs.watch(job, found, title=_("Searching"), failed=failed)

    # -- history ----------------------------------------------------------------------------------

    def back(self) -> None:
        """Show again what was in view before."""
        self._go(-1)

    def forward(self) -> None:
        """Show again what was in view before going back."""
        self._go(1)

    def _go(self, steps: int) -> None:
        self._leave()
        view = self.history.go(steps)
        if view is None:
            return
        self._choose_as(view)
        if view.request is None:
            self._context.say("")
            self._browse(view)
        else:
            self._show_query(view.request)
            self._search(view.request, view)

    def _choose_as(self, view: View) -> None:
        """Make the choices that a view was found by."""
        self._context.state = replace(self._context.state, space=view.space)
        self.compare_by("", view.metric)
        self._only = view.only
        if view.request is None:
            self._listing_order = view.order
            self.show_as(view.filter, self._order)
        else:
            self.show_as(view.filter, view.order)

    def _view(self, request: SearchRequest | None) -> View:
        state = self._context.state
        order = self._listing_order if request is None else self._order
        only = self._only if request is None else None
        return View(request, state.space, state.metric, self.filter, order, only=only)

    def _leave(self) -> None:
        """Note in the history how the view that is left was ordered, selected and scrolled."""
        if self._arrived:  # one that never came keeps what was noted before
            grid = self._context.layout.grid
            self.history.leave(self.order, grid.selection, grid.offset)

    def _return(self) -> None:
        """Select and scroll as it was when this view was left."""
        view, self._returning, self._arrived = self._returning, None, True
        self._in_view = self._view(None)
        if self._outcome is not None:
            request = self._outcome.request
            self._in_view = replace(
                self._in_view,
                request=request,
                metric=request.metric,
                filter=request.filter,
                order=self._order,
            )
        selection, self._kept = self._kept if view is None else view.selection, ()
        grid = self._context.layout.grid
        if selection:
            grid.select([id_ for id_ in selection if id_ in self.records], see=False)
        if view is not None:
            grid.scroll_by(view.offset - grid.offset)

    def _history_moved(self) -> None:
        history = self.history
        self._context.layout.query_bar.show_history(
            back=history.can_go_back, forward=history.can_go_forward
        )

    # -- outcomes ---------------------------------------------------------------------------------

    def _found(self, outcome: SearchOutcome) -> None:
        self._show_found(outcome)
        self._context.say(line_of(outcome))

    def _show_found(self, outcome: SearchOutcome, *, keep_position: bool = False) -> None:
        self._outcome = outcome
        self._version = self._context.facts.version  # the library may be a little further by now
        self._show_outcome(keep_position=keep_position)
        self._map.show(outcome.query.space, outcome.query.metric, outcome, outcome.request.filter)

    def _show_outcome(self, *, keep_position: bool = False) -> None:
        assert self._outcome is not None
        outcome = self._outcome
        state = self._context.state
        tiles = tiles_of(outcome, self._order, 100 * percentile_of(state.similar))
        self._shows_library = False
        if not keep_position:
            self._stacks.fold_all()
        records = {tile.record.id: tile.record for tile in tiles}  # also those that are folded away
        self._put(self._stacks.fold(tiles, outcome), records, keep_position)
        line = self._context.layout.heading
        line.offer(())
        line.show_order(self._order, searching=True)
        line.show_similar(state.similar)
        line.say(heading(outcome, len(tiles)) + self._stacks.note, outcome.nothing)
        if not tiles:
            self._nothing_left(outcome)

    def _nothing_left(self, outcome: SearchOutcome) -> None:
        """No hit is shown: the slider hides them all, or there is none."""
        if outcome.result.hits:
            self._trouble.nothing_left(outcome.nothing, ANY)
        else:
            self._trouble.nothing_left(outcome.nothing if outcome.lacking else "", self.filter)

    def leave_unreadable_query(self) -> None:
        """Back to the library from a query that cannot be made, as pictures come in."""
        if isinstance(self._error, (UnreadableImage, RecordNotFound)):
            self.browse()

    def _failed(self, error: BaseException) -> None:
        self._outcome, self._error = None, error
        self._shows_library = False
        self._map.show(self.space, self._context.state.metric, None)
        self._trouble.search_failed(error, self.browse)

    # -- browsing ---------------------------------------------------------------------------------

    def browse(self) -> None:
        """Show the whole library. What was said of another view goes."""
        self._context.say("")
        self._show_listing(None)

    def show_only(
        self, ids: Sequence[int], title: str, marks: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Show some records of the library in this order, and above them what they are.

        ``marks`` are a sign and a tooltip for each. What was said of another view goes.
        """
        self._context.say("")
        self.clear_filter()
        self._show_listing(Only(tuple(ids), title, tuple(marks)))

    @property
    def only(self) -> Only | None:
        """The records of the library that are in view as such; None where others are."""
        return self._only if self.request is None else None

    def close_only(self) -> None:
        """Back to what was in view before some of the library's records."""
        if self.history.can_go_back:
            self.back()
        else:
            self.browse()

    def _show_listing(self, only: Only | None) -> None:
        self._leave()
        if only is not None and self._only is None:
            self._whole_order, self._listing_order = self._listing_order, BY_ADDED
        elif only is None and self._only is not None:
            self._listing_order = self._whole_order
        self._only = only
        self.history.visit(self._view(None))
        self._browse(None)

    def _browse(self, returning: View | None, *, keep_typed: bool = False) -> None:
        self._context.jobs.drop(self._job)
        if self._context.layout.status.message == _SEARCHING:
            self._context.say("")
        self._arrived, self._returning = False, returning
        self.request = None
        self._outcome = self._error = None
        if not keep_typed:
            self._show_query(None)
        self._throttle.now()

    def _list(self) -> None:
        context = self._context
        context.jobs.drop(self._job)
        self._job = context.jobs.watch(
            context.engine.browse(
                self.filter, self._listing_order, None if self._only is None else self._only.ids
            ),
            self._listed,
            failed=self._trouble.library_closed,
        )

    def _listed(self, records: Listing) -> None:
        context = self._context
        self._throttle.milliseconds = max(_BROWSE_MS, _BROWSE_MS * len(records) // _SLOWER_FROM)
        tiles = RecordTiles(records) if self._only is None else self._only.tiles(records)
        self._put(tiles, records.by_id, keep_position=self._shows_library)
        self._shows_library = True
        line = context.layout.heading
        line.show_order(self._listing_order, searching=False, listed=self._only is not None)
        pictures = counted("{count:,} picture", "{count:,} pictures", len(records))
        line.offer(() if self._only is None else self.offers_for(self._only))
        if self._only is not None:
            line.say(f"{self._only.title} · {pictures}")
        else:
            line.say(listing_heading(len(records), context.facts.records, self.filter))
        if not records and self._only is not None:
            self._show_listing(None)
        elif not records and self.filter != ANY:
            self._trouble.nothing_left("", self.filter)
        elif not records:
            self._trouble.empty_library()
        elif self._only is None and self.filter == ANY and not context.layout.status.message:
            context.say(
                _("This library holds {pictures}.").format(
                    pictures=counted("{count:,} picture", "{count:,} pictures", len(records))
                )
            )
        context.layout.query_bar.spaces.select(self.space)
        if self._only is None:  # chosen on the map: it stays as it is
            self._map.show(self.space, context.state.metric, None, self.filter)

    def set_collapse(self, wanted: bool) -> None:
        """Show near-identical hits under one tile, or each in its place."""
        self._context.state = replace(self._context.state, collapse=wanted)
        self._stacks.wanted = wanted
        if self._outcome is not None:
            self._show_outcome(keep_position=True)

    def toggle_stack(self, record_id: int) -> None:
        """Show what lies under a tile, or hide it again."""
        if self._outcome is not None:
            self._stacks.toggle(record_id)
            self._show_outcome(keep_position=True)

    def reveal(self, record_id: int) -> None:
        """Show a hit that lies under another's tile."""
        if self._outcome is not None and self._stacks.reveal(record_id):
            self._show_outcome(keep_position=True)

    def show_again(self) -> None:
        """What was in view before a message came over it."""
        if self._outcome is not None:
            self._show_outcome()
        elif self._only is not None:
            self._browse(None)
        else:
            self._show_listing(None)

    # -- changes ----------------------------------------------------------------------------------

    def library_changed(self) -> None:
        """The library was changed: list it again before long, where it is what is in view."""
        if self.request is None:
            self._throttle.poke()

    def facts_changed(self) -> None:
        """More is known of the library: which spaces there are to compare in."""
        self._context.layout.query_bar.spaces.select(self.space_in_view)
        error = self._error
        if isinstance(error, SpaceEmpty) and self._context.facts.space(error.space).vectors:
            self.catch_up()  # it was asked for too early, and there is an answer by now
        if self.request is None and self._only is None:
            self._map.show(self.space, self._context.state.metric, None, self.filter)
            if self._shows_library and not self._context.facts.records:
                self._trouble.empty_library()  # which spaces there are is part of what it says

    def record_changed(self, record: Record) -> None:
        """A record in view has new tags, a new note, another file."""
        self.records_changed([record])

    def records_changed(self, records: Sequence[Record]) -> None:
        """Records in view have new tags, new notes, other files."""
        new = {record.id: record for record in records}
        self.records.update((id_, record) for id_, record in new.items() if id_ in self.records)
        if self._outcome is not None:
            changed = tuple(new.get(old.id, old) for old in self._outcome.records)
            self._outcome = replace(self._outcome, records=changed)
            self._show_outcome(keep_position=True)

    def records_removed(self, ids: Collection[int]) -> None:
        """Records are no longer in the library."""
        if self._outcome is not None:
            left = tuple(record for record in self._outcome.records if record.id not in ids)
            self._outcome = replace(self._outcome, records=left)
            self._show_outcome(keep_position=True)

    def _put(
        self, tiles: Sequence[Tile], records: MutableMapping[int, Record], keep_position: bool
    ) -> None:
        self.records = records
        self._context.layout.grid.show(tiles, keep_position=keep_position)
        self._return()
        self._shown(keep_position)
