"""Daemon threads that decode pictures: an ordered, bounded look-ahead, and newest-first thumbnails.

``concurrent.futures`` joins its threads when the interpreter ends, so that one slow decode would
hold up closing the window; these threads are daemons and hold up nothing.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images import DEFAULT_MAX_PIXELS, Loaded, load_thumbnail, stat_file, thumbnail
from cbir.work.messages import Call, ThumbnailReady
from cbir.work.worker import Outbox, run_call

T = TypeVar("T")
R = TypeVar("R")

_LAST_ONES_SECONDS = 0.1
_OFFERED = 96  # about 20 MB of the largest
_OFFERED_SIZE = 320
_log = logging.getLogger(__name__)


class DecodePool:
    """A few daemon threads that run functions; results come back in order."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._inbox: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._turn = threading.Condition()
        self._busy = 0
        self._pauses = 0
        for number in range(threads):
            threading.Thread(target=self._work, name=f"cbir-decode-{number}", daemon=True).start()

    def map_ahead(
        self, function: Callable[[T], R], items: Iterable[T], window: Callable[[], int]
    ) -> Iterator[Future[R]]:
        """Futures of ``function(item)`` in the order of ``items``; the caller waits on each.

        At most ``window()`` items, asked each time, are taken ahead of the one handed out, so
        memory is bounded. Those not yet begun are cancelled when the iterator is closed.
        """
        ahead: deque[Future[R]] = deque()
        try:
            for item in items:
                ahead.append(self._submit(function, item))
                while len(ahead) >= window():
                    yield ahead.popleft()
            while ahead:
                yield ahead.popleft()
        finally:
            for future in ahead:
                future.cancel()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within, the threads begin nothing new; what they do is awaited, a tenth of a second.

        For a model on the CPU: its threads wait for one another many times a picture, so that
        whoever takes a core from one of them holds up all (measured: 40 ms became 1,800).
        """
        with self._turn:
            self._pauses += 1
            self._turn.wait_for(lambda: not self._busy, _LAST_ONES_SECONDS)
        try:
            yield
        finally:
            with self._turn:
                self._pauses -= 1
                self._turn.notify_all()

    def stop(self) -> None:
        """End the threads after what they are doing. Never waits."""
        for _ in range(self.threads):
            self._inbox.put(None)

    def _submit(self, function: Callable[[T], R], item: T) -> Future[R]:
        future: Future[Any] = Future()
        self._inbox.put(Call(lambda: function(item), future))
        return future

    def _work(self) -> None:
        while (call := self._inbox.get()) is not None:
            with self._turn:
                self._turn.wait_for(lambda: not self._pauses)
                self._busy += 1
            run_call(call)
            del call  # a waiting thread keeps no picture alive
            with self._turn:
                self._busy -= 1
                self._turn.notify_all()


class ThumbnailLoader:
    """Loads thumbnails newest-first on daemon threads; stale requests are dropped.

    Pictures of more than ``max_pixels`` get a reason in the place of a thumbnail. What others have
    decoded just now (``offer``) is not decoded once more.
    Each request ends in one ``ThumbnailReady`` in the outbox, unless it was dropped.
    """

    def __init__(
        self,
        outbox: Outbox,
        threads: int = 2,
        pending: int = 400,
        max_pixels: int = DEFAULT_MAX_PIXELS,
    ) -> None:
        self._outbox = outbox
        self._max_pixels = max_pixels
        self._pending = pending
        self._wanted: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._offered: OrderedDict[str, Loaded] = OrderedDict()
        self._used = False
        self._changed = threading.Condition()
        self._stopping = False
        for number in range(threads):
            threading.Thread(target=self._work, name=f"cbir-thumb-{number}", daemon=True).start()

    def request(self, path: str, size: int) -> None:
        """Ask for a thumbnail that fits ``size`` x ``size`` pixels; the newest request goes first.

        More than ``pending`` waiting requests: the oldest is dropped.
        """
        with self._changed:
            self._used = True
            self._wanted[path, size] = None
            self._wanted.move_to_end((path, size))
            if len(self._wanted) > self._pending:
                self._wanted.popitem(last=False)
            self._changed.notify()

    def keep_only(self, wanted: set[tuple[str, int]]) -> None:
        """Drop every waiting request that is not in ``wanted`` (path, size)."""
        with self._changed:
            for key in [key for key in self._wanted if key not in wanted]:
                del self._wanted[key]

    def offer(self, loaded: Loaded) -> None:
        """A picture that was decoded for its vectors: its thumbnail may be asked for soon.

        Kept small, and only where thumbnails are asked for at all.
        """
        if not self._used:
            return
        small = replace(loaded, image=thumbnail(loaded.image, _OFFERED_SIZE))
        with self._changed:
            self._offered[loaded.file.path] = small
            if len(self._offered) > _OFFERED:
                self._offered.popitem(last=False)

    def stop(self) -> None:
        """Drop what waits and end the threads. Never waits."""
        with self._changed:
            self._stopping = True
            self._wanted.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while (key := self._next()) is not None:
            self._outbox.put(self._from_offered(*key) or _load(*key, self._max_pixels))

    def _from_offered(self, path: str, size: int) -> ThumbnailReady | None:
        """The thumbnail from what was offered, where that is large enough and the file still so."""
        with self._changed:
            held = self._offered.get(path)
        if held is None or size > _OFFERED_SIZE:
            return None
        try:
            now = stat_file(path)
        except UnreadableImage:
            return None
        if (now.size, now.mtime_ns) != (held.file.size, held.file.mtime_ns):
            return None
        return ThumbnailReady(path, size, thumbnail(held.image, size))

    def _next(self) -> tuple[str, int] | None:
        with self._changed:
            while not self._wanted and not self._stopping:
                self._changed.wait()
            if self._stopping:
                return None
            key, _ = self._wanted.popitem(last=True)
            return key


def _load(path: str, size: int, max_pixels: int) -> ThumbnailReady:
    image: Image.Image | None = None
    reason = ""
    try:
        image = load_thumbnail(path, size, max_pixels=max_pixels)
    except UnreadableImage as error:
        reason = error.reason
    except Exception:  # noqa: BLE001 - a fault in one picture must not end the thread
        _log.exception("unexpected error in the thumbnail of %r", path)
        reason = "unexpected error"
    return ThumbnailReady(path, size, image, reason)
