"""One desk for everyone who wants thumbnails, so that the grid's scrolling drops nobody else's."""

from __future__ import annotations

from typing import Protocol

from cbir.work.messages import ThumbnailReady

Key = tuple[str, int]  # a path and a size in pixels


class Loader(Protocol):
    """What loads thumbnails on worker threads (``work.thumbnails.ThumbnailLoader``)."""

    def request(self, path: str, size: int, *, keep: bool = True) -> None:
        """Ask for a thumbnail; ``keep``: it may go into the cache on disk."""

    def keep_only(self, wanted: set[Key]) -> None:
        """Drop every waiting request that is not in ``wanted``."""


class ThumbnailDesk:
    """Takes requests of the grid, which come and go with scrolling, and of others, which stay."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._kept: set[Key] = set()

    def request(self, path: str, size: int) -> None:
        """A request of the grid."""
        self._loader.request(path, size)

    def request_kept(self, path: str, size: int) -> None:
        """A request that ``keep_only`` leaves alone, such as a preview."""
        self._kept.add((path, size))
        self._loader.request(path, size)

    def request_query(self, path: str, size: int) -> None:
        """As ``request_kept``, of a picture that need not be in the library: it leaves no trace."""
        self._kept.add((path, size))
        self._loader.request(path, size, keep=False)

    def keep_only(self, wanted: set[Key]) -> None:
        """The grid wants no others than these any more."""
        self._loader.keep_only(wanted | self._kept)

    def arrived(self, event: ThumbnailReady) -> None:
        """A thumbnail has come."""
        self._kept.discard((event.path, event.size))
