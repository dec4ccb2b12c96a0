"""Paths that changed, handed on in batches: when it has become quiet, and one batch at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

QUIET_SECONDS = 1.0
LONGEST_SECONDS = 5.0


class Batches:
    """Collects paths from any thread; ``hand_on`` gets them on a daemon thread of its own.

    A batch is due when nothing was added for ``quiet`` seconds, or ``longest`` seconds after its
    first path, so that a long copy is picked up while it goes on. A path that was added within the
    last ``quiet`` seconds waits for the next batch: its file is still being written. After a batch
    none comes until ``ready`` is called. The thread sleeps while nothing is pending; it calls
    ``ended`` as its last act.
    """

    def __init__(
        self,
        hand_on: Callable[[Sequence[str]], None],
        *,
        quiet: float = QUIET_SECONDS,
        longest: float = LONGEST_SECONDS,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._hand_on = hand_on
        self._quiet = quiet
        self._longest = longest
        self._ended = ended
        self._condition = threading.Condition()
        self._pending: dict[str, float] = {}  # when each path was last added
        self._first = self._last = 0.0
        self._busy = self._stopped = False
        threading.Thread(target=self._work, name="cbir-batches", daemon=True).start()

    def add(self, paths: Iterable[str]) -> None:
        """These paths changed, now."""
        with self._condition:
            if self._stopped:
                return
            now = time.monotonic()
            if not self._pending:
                self._first = now
                self._condition.notify()  # else its sleep ends before anything is due
            self._last = now
            self._pending.update(dict.fromkeys(paths, now))

    def ready(self) -> None:
        """The last batch was dealt with: the next may come."""
        with self._condition:
            self._busy = False
            self._condition.notify()

    def stop(self) -> None:
        """Hand nothing more on, and end the thread. Never waits."""
        with self._condition:
            self._stopped = True
            self._condition.notify()

    def _work(self) -> None:
        while (batch := self._next()) is not None:
            self._hand_on(batch)
        self._ended()

    def _next(self) -> list[str] | None:
        """Sleep until a batch is due; None after ``stop``."""
        with self._condition:
            while not self._stopped:
                if self._busy or not self._pending:
                    self._condition.wait()
                    continue
                due = min(self._last + self._quiet, self._first + self._longest)
                left = due - time.monotonic()
                if left > 0:
                    self._condition.wait(left)
                elif batch := self._take():
                    return batch
        return None

    def _take(self) -> list[str]:
        """The paths that became quiet; the others wait for the next batch."""
        now = self._first = time.monotonic()
        batch = [path for path, at in self._pending.items() if now - at >= self._quiet]
        for path in batch:
            del self._pending[path]
        self._busy = bool(batch)
        return batch
