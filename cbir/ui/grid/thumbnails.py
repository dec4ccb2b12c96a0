"""The grid's thumbnails: Tk pictures kept for a while, and the few that are worth asking for.

Main thread only: a Tk picture must be made and dropped there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import ImageTk

from cbir.records import Record
from cbir.work.messages import ThumbnailReady

_CAPACITY = 600 * 160 * 160  # pixels: 600 usual thumbnails, about 170 MiB with the X server's copy
_OUTSTANDING = 200  # requests at a time, fewer than the loader keeps waiting
_REFILL = 50


@dataclass(frozen=True, slots=True)
class _Kept:
    """A thumbnail of one state of a file (``digest``); without a picture, why there is none."""

    digest: str
    picture: ImageTk.PhotoImage | None
    reason: str
    pixels: int


class Thumbnails:
    """Least recently used pictures by path and size, and requests for those that are seen.

    ``request(path, size)`` asks for one (the newest is answered first); ``keep`` gets the (path,
    size) pairs that still matter, so that stale requests are dropped.
    """

    def __init__(
        self,
        request: Callable[[str, int], None],
        keep: Callable[[set[tuple[str, int]]], None],
        capacity: int = _CAPACITY,
    ) -> None:
        self._request = request
        self._keep = keep
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, int], _Kept] = OrderedDict()
        self._pixels = 0
        self._pending: dict[tuple[str, int], str] = {}
        self._waiting: list[tuple[str, int, str]] = []

    def __len__(self) -> int:
        return len(self._kept)

    def picture(self, record: Record, size: int) -> ImageTk.PhotoImage | None:
        """The thumbnail of a record's file as the library knows it; None while there is none."""
        kept = self._lookup(record.path, size, record.file.digest)
        return kept.picture if kept else None

    def reason(self, record: Record, size: int) -> str:
        """Why a record's file cannot be shown; empty while that is not known or not so."""
        kept = self._lookup(record.path, size, record.file.digest)
        return kept.reason if kept else ""

    def want(self, records: Sequence[Record], size: int) -> None:
        """Ask for what ``records`` (the most urgent first) lack; forget other requests."""
        lacking = [
            (record.path, size, record.file.digest)
            for record in records
            if self._lookup(record.path, size, record.file.digest) is None
        ]
        wanted = {(path, size) for path, size, _ in lacking[:_OUTSTANDING]}
        if self._pending.keys() - wanted:
            self._keep(wanted)
            self._pending = {key: self._pending[key] for key in self._pending.keys() & wanted}
        self._waiting = lacking[::-1]
        self._ask()

    def _ask(self) -> None:
        """Send waiting requests, the most urgent last: the newest is answered first."""
        room = _OUTSTANDING - len(self._pending)
        chosen = self._waiting[-room:] if room > 0 else []
        del self._waiting[len(self._waiting) - len(chosen) :]
        for path, size, digest in chosen:
            if self._pending.get((path, size)) != digest:
                self._pending[path, size] = digest
                self._request(path, size)

    def receive(self, event: ThumbnailReady) -> bool:
        """Keep an answer; False where nobody here had asked for it."""
        digest = self._pending.pop((event.path, event.size), None)
        if digest is None:
            return False
        picture = None if event.image is None else ImageTk.PhotoImage(event.image)
        pixels = 0 if event.image is None else event.image.width * event.image.height
        self._drop((event.path, event.size))
        self._kept[event.path, event.size] = _Kept(digest, picture, event.reason, pixels)
        self._pixels += pixels
        while self._pixels > self._capacity and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))
        if len(self._pending) < _REFILL:
            self._ask()
        return True

    def forget_failures(self) -> None:
        """Ask again, when they are next seen, for those that could not be shown."""
        for key in [key for key, kept in self._kept.items() if kept.picture is None]:
            self._drop(key)

    def _lookup(self, path: str, size: int, digest: str) -> _Kept | None:
        kept = self._kept.get((path, size))
        if kept is None or kept.digest != digest:
            return None
        self._kept.move_to_end((path, size))
        return kept

    def _drop(self, key: tuple[str, int]) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._pixels -= kept.pixels
