"""One desk for everyone who wants thumbnails, so that a grid's scrolling drops nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cbir.work.messages import ThumbnailReady

Key = tuple[str, int]  # a path and a size in pixels


class Loader(Protocol):
    """What loads thumbnails on worker threads (``work.thumbnails.ThumbnailLoader``)."""

    def request(self, path: str, size: int, *, keep: bool = True) -> None:
        """Ask for a thumbnail; ``keep``: it may go into the cache on disk."""

    def keep_only(self, wanted: set[Key]) -> None:
        """Drop every waiting request that is not in ``wanted``."""


class GridDesk:
    """The requests of one grid, or of the map. ``wanted`` are those it has not let go of."""

    def __init__(self, loader: Loader, changed: Callable[[], None]) -> None:
        self._loader = loader
        self._changed = changed
        self.wanted: set[Key] = set()

    def request(self, path: str, size: int) -> None:
        """The grid wants this as well."""
        self.wanted.add((path, size))
        self._loader.request(path, size)

    def keep_only(self, wanted: set[Key]) -> None:
        """The grid wants no others than these any more."""
        self.wanted = set(wanted)
        self._changed()


class ThumbnailDesk:
    """Takes requests of grids and the map, which go with the view, and of others, which stay."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._kept: set[Key] = set()
        self._grids: list[GridDesk] = []

    def for_grid(self) -> GridDesk:
        """A place at the desk for one more grid."""
        grid = GridDesk(self._loader, self._keep_wanted)
        self._grids.append(grid)
        return grid

    def leave(self, grid: GridDesk) -> None:
        """A grid is gone: nothing that it alone waits for is wanted any more."""
        self._grids.remove(grid)
        self._keep_wanted()

    def request_kept(self, path: str, size: int) -> None:
        """A request that ``keep_only`` leaves alone, such as a preview."""
        self._kept.add((path, size))
        self._loader.request(path, size)

    def request_query(self, path: str, size: int) -> None:
        """As ``request_kept``, of a picture that need not be in the library: it leaves no trace."""
        self._kept.add((path, size))
        self._loader.request(path, size, keep=False)

    def _keep_wanted(self) -> None:
        self._loader.keep_only(self._kept.union(*(grid.wanted for grid in self._grids)))

    def arrived(self, event: ThumbnailReady) -> None:
        """A thumbnail has come."""
        self._kept.discard((event.path, event.size))
