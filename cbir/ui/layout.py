"""The window's parts and where they are: query bar, grid, map and details in panes, status bar."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import ttkbootstrap as ttk

from cbir.asking import Filter, Order
from cbir.ui.compare.view import CompareView
from cbir.ui.details.panel import Inspector, Looking
from cbir.ui.filters.bar import FilterBar
from cbir.ui.grid.events import GridEvents
from cbir.ui.grid.panel import Grid
from cbir.ui.heading import HeadingRow
from cbir.ui.map.events import MapEvents
from cbir.ui.query.bar import QueryBar, QueryBarEvents
from cbir.ui.state import WindowState
from cbir.ui.status_bar import StatusBar
from cbir.ui.thumbnail_desk import ThumbnailDesk
from cbir.work.editing import Edit
from cbir.work.facts import LibraryFacts
from cbir.work.messages import ThumbnailReady

if TYPE_CHECKING:
    from cbir.ui.map.panel import MapPanel

MapTask = Callable[["MapPanel"], None]

_IMPORT_POLL_MS = 40


@dataclass(frozen=True, slots=True)
class LayoutEvents:
    """What the parts ask of the window."""

    query_bar: QueryBarEvents
    on_filter: Callable[[Filter], None]
    ask_folder: Callable[[], str | None]
    on_order: Callable[[Order], None]
    on_similar_enough: Callable[[float], None]
    grid: GridEvents
    map: MapEvents
    on_similar: Callable[[int], None]
    on_delete: Callable[[tuple[int, ...]], None]
    on_delete_selected: Callable[[], None]
    on_edit: Callable[[int, Edit], None]
    on_locate: Callable[[int], None]
    on_copy: Callable[[int], None]
    looking: Looking
    on_skipped: Callable[[], None]


class Layout:
    """Builds the parts. The map comes a moment later, as matplotlib takes its time to be imported.

    ``with_map(task)`` runs ``task`` on the map panel as soon as it is there.
    """

    def __init__(
        self, root: ttk.App, state: WindowState, desk: ThumbnailDesk, events: LayoutEvents
    ) -> None:
        self.root = root
        self.desk = desk
        self._events = events
        self._state = state
        self.map: MapPanel | None = None
        self._map_tasks: list[MapTask] = []
        self.compare: CompareView | None = None
        self._sides_placed = False
        self._build_frame()
        self._build_panes()
        self.panes.bind("<Map>", self._first_shown, add="+")

    def _build_frame(self) -> None:
        self.query_bar = QueryBar(
            self.root, self._state, self._events.query_bar, self.desk.request_query
        )
        self.query_bar.pack(fill="x")
        self.filter_bar = FilterBar(
            self.root,
            self._events.on_filter,
            self._events.ask_folder,
            on_leave=self._leave_filters,
        )
        ttk.Separator(self.root).pack(fill="x")
        self.status = StatusBar(self.root, self._events.on_skipped)
        self.status.pack(fill="x", side="bottom")
        ttk.Separator(self.root).pack(fill="x", side="bottom")
        self.panes = ttk.Panedwindow(self.root, orient="horizontal")
        self.panes.pack(fill="both", expand=True)

    def _build_panes(self) -> None:
        events, desk = self._events, self.desk
        grid_desk = desk.for_grid()
        self._middle = ttk.Frame(self.panes)  # holds one of two: results, or a comparison
        self._centre = centre = ttk.Frame(self._middle)
        centre.pack(fill="both", expand=True)
        self.heading = HeadingRow(centre, events.on_order, events.on_similar_enough)
        self.heading.pack(fill="x")
        self.grid = Grid(
            centre,
            request_thumbnail=grid_desk.request,
            keep_thumbnails=grid_desk.keep_only,
            events=events.grid,
        )
        self.grid.thumbnail_size = self._state.thumbnail
        self.grid.pack(fill="both", expand=True)
        self.panes.add(self._middle, weight=1)
        self._side = ttk.Panedwindow(self.panes, orient="vertical")
        self._map_place = ttk.Frame(self._side)
        self.inspector = Inspector(
            self._side,
            request_thumbnail=desk.request_kept,
            on_edit=events.on_edit,
            on_similar=events.on_similar,
            on_locate=events.on_locate,
            on_remove=lambda record_id: events.on_delete((record_id,)),
            on_remove_all=events.on_delete_selected,
            on_copy=events.on_copy,
            looking=events.looking,
        )
        self.show_parts(show_map=self._state.show_map, show_details=self._state.show_details)

    # -- a comparison -----------------------------------------------------------------------------

    def open_compare(self, on_close: Callable[[], None]) -> CompareView:
        """Put a comparison in the place of the results, which stay as they are behind it."""
        size = self.grid.thumbnail_size
        view = CompareView(self._middle, self.desk, self._events.grid, size, on_close)
        self._centre.pack_forget()
        view.pack(fill="both", expand=True)
        self.compare = view
        return view

    def close_compare(self) -> None:
        """Show the results again."""
        if self.compare is not None:
            self.compare.destroy()
            self.compare = None
            self._centre.pack(fill="both", expand=True)
            self.grid.focus_tiles()

    @property
    def selection(self) -> tuple[int, ...]:
        """The ids of the pictures that are selected in what is in view."""
        return self.grid.selection if self.compare is None else self.compare.selection

    def highlight(self, ids: Sequence[int]) -> None:
        """Show these pictures as selected, also where a comparison lies over the results."""
        if self.compare is not None:
            self.compare.select(ids)

    def set_thumbnail(self, size: int) -> None:
        """Show thumbnails of another size, in pixels at 100 %."""
        self.grid.thumbnail_size = size
        if self.compare is not None:
            self.compare.set_thumbnail(size)

    # -- panes ------------------------------------------------------------------------------------

    def show_parts(self, *, show_map: bool, show_details: bool) -> None:
        """Show or hide the map and the details; where both are hidden, the grid has it all."""
        self.remember_sashes()
        for part in self._side.panes():
            self._side.forget(part)
        if show_map:
            self._side.add(self._map_place, weight=1)
        if show_details:
            self._side.add(self.inspector, weight=1)
        shown = str(self._side) in map(str, self.panes.panes())
        if (show_map or show_details) and not shown:
            self.panes.add(self._side, weight=0)
        elif shown and not (show_map or show_details):
            self.panes.forget(self._side)
        self._state = replace(self._state, show_map=show_map, show_details=show_details)
        self.root.after_idle(self._place_sashes)

    def _first_shown(self, _event: object) -> None:
        if not self._sides_placed:
            self._place_sashes()

    def _place_sashes(self) -> None:
        """Put the sashes where they were remembered, once the panes have a size."""
        self.root.update_idletasks()
        if self.panes.winfo_width() > 1 and len(self.panes.panes()) > 1:
            width = self.panes.winfo_width()
            self.panes.sashpos(0, round(width * (1 - self._state.side)))
            self._sides_placed = True
        if self._side.winfo_height() > 1 and len(self._side.panes()) > 1:
            self._side.sashpos(0, round(self._side.winfo_height() * self._state.map_share))

    def remember_sashes(self) -> WindowState:
        """The state with the sashes as they are now."""
        if self._sides_placed and len(self.panes.panes()) > 1:
            side = 1 - self.panes.sashpos(0) / max(self.panes.winfo_width(), 1)
            self._state = replace(self._state, side=min(max(side, 0.1), 0.9))
            if len(self._side.panes()) > 1 and self._side.winfo_height() > 1:
                share = self._side.sashpos(0) / self._side.winfo_height()
                self._state = replace(self._state, map_share=min(max(share, 0.1), 0.9))
        return self._state

    # -- the map ----------------------------------------------------------------------------------

    def start_map(self) -> None:
        """Import matplotlib on a thread (it makes no Tk object there), then make the panel."""
        thread = threading.Thread(target=_import_matplotlib, name="cbir-import", daemon=True)
        thread.start()

        def look() -> None:
            if thread.is_alive():
                self.root.after(_IMPORT_POLL_MS, look)
            else:
                self._make_map()

        self.root.after(_IMPORT_POLL_MS, look)

    def _make_map(self) -> None:
        from cbir.ui.map.panel import MapPanel  # noqa: PLC0415 - after first paint: matplotlib

        self.map = MapPanel(self._map_place, thumbnails=self.desk, events=self._events.map)
        self.map.pack(fill="both", expand=True)
        tasks, self._map_tasks = self._map_tasks, []
        for task in tasks:
            task(self.map)

    def with_map(self, task: MapTask) -> None:
        """Run ``task`` on the map panel, now or when it is there."""
        if self.map is not None:
            task(self.map)
        else:
            self._map_tasks.append(task)

    # -- thumbnails -------------------------------------------------------------------------------

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """Hand a thumbnail to whoever shows it."""
        self.desk.arrived(event)
        self.grid.thumbnail_ready(event)
        if self.compare is not None:
            self.compare.thumbnail_ready(event)
        self.inspector.thumbnail_ready(event)
        if self.map is not None:
            self.map.thumbnail_ready(event)
        self.query_bar.thumbnail_ready(event)

    def _leave_filters(self) -> None:
        self.grid.focus_tiles()

    @property
    def filters_shown(self) -> bool:
        """Whether the filter bar is there."""
        return bool(self.filter_bar.winfo_manager())

    def show_filters(self, shown: bool) -> bool:
        """Show or hide the filter bar; whether it is there now."""
        if shown:
            self.filter_bar.pack(fill="x", after=self.query_bar)
        else:
            self.filter_bar.pack_forget()
        return shown

    def show_facts(self, facts: LibraryFacts) -> None:
        """Show which spaces can be used, and whether the library can only be read."""
        read_only = facts.read_only_reason if facts.read_only else ""
        self.query_bar.spaces.show_facts(facts.spaces)
        self.status.show_read_only(read_only)
        self.inspector.show_read_only(read_only)


def _import_matplotlib() -> Any:
    return import_module("cbir.ui.map.panel")
