"""A share of memory that all who decode pictures divide among themselves."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

DECODING_BYTES = 400 << 20
"""What pictures may take while they are decoded, all together: one of 100 megapixels, or many."""


class Budget:
    """So many bytes that are handed out in turn; one picture alone may exceed them."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._free = total
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, needed: int) -> Iterator[None]:
        """Wait until ``needed`` bytes are free and keep them for the ``with`` block.

        First come, first served: many small pictures cannot keep a large one waiting for ever.
        Those of less than a hundredth of the total do not wait at all: their sum hardly matters,
        and a window full of thumbnails should not stand still for one panorama.
        """
        if needed < self._total // 100:
            yield
            return
        share = min(needed, self._total)
        turn = object()
        with self._changed:
            self._queue.append(turn)
            try:
                self._changed.wait_for(lambda: self._queue[0] is turn and self._free >= share)
                self._free -= share
            finally:
                self._queue.remove(turn)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += share
                self._changed.notify_all()
