"""The main thread's side of the workers: drains the outbox every few milliseconds, never waits."""

from __future__ import annotations

import contextlib
import time
import tkinter
from collections.abc import Callable

from cbir.ui.garbage import Garbage
from cbir.work.loop import OnEvent, drain
from cbir.work.worker import Outbox

BUSY_MS = 16
CALL_MS = 1  # after a model has run: the next one waits already, the window comes first
IDLE_MS = 60
HURRIED_MS = 4
_HURRIED_SECONDS = 0.25
_SECONDS_A_TICK = 0.005
_LONG = 0.016  # seconds that only a model takes


class Poller:
    """Hands what workers say to ``on_event``, at most about 5 ms of it at a time.

    ``busy`` tells whether jobs run: then the outbox is looked at every 16 ms, else every 60 ms, and
    1 ms after a look that took long, as one does that runs a model. ``hurry`` has it looked at more
    often for a moment.
    ``each_tick`` is called after each look. While it polls, Python's cyclic garbage is collected
    here and on no worker.
    """

    def __init__(
        self,
        root: tkinter.Misc,
        outbox: Outbox,
        on_event: OnEvent,
        *,
        busy: Callable[[], bool],
        each_tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._root = root
        self._outbox = outbox
        self._on_event = on_event
        self._busy = busy
        self._each_tick = each_tick
        self._after = ""
        self._running = False
        self._hurried_until = 0.0
        self._garbage = Garbage()

    def start(self) -> None:
        """Begin polling; a second call changes nothing."""
        if not self._running:
            self._running = True
            self._garbage.start()
            self._schedule(0)

    def stop(self) -> None:
        """End polling; messages stay in the outbox."""
        if self._running:
            self._garbage.stop()
        self._running = False
        if self._after:
            with contextlib.suppress(tkinter.TclError):  # the root is gone, and the timer with it
                self._root.after_cancel(self._after)
            self._after = ""

    def hurry(self) -> None:
        """Something was asked for: its answer is waited for, and may come soon."""
        self._hurried_until = time.monotonic() + _HURRIED_SECONDS
        if self._after:
            self._root.after_cancel(self._after)
            self._schedule(HURRIED_MS)

    def _tick(self) -> None:
        handled, start = 0, time.monotonic()
        self._after = ""
        try:
            handled = drain(self._outbox, self._on_event, _SECONDS_A_TICK)
            self._each_tick()
            self._garbage.tick()
        finally:  # an error in one event must not silence all that follow
            if self._running:
                self._schedule(self._pause(handled, time.monotonic() - start))

    def _pause(self, handled: int, seconds: float) -> int:
        """Milliseconds until the next look."""
        if handled and seconds > _LONG:
            return CALL_MS
        if time.monotonic() < self._hurried_until:
            return HURRIED_MS
        return BUSY_MS if handled or self._busy() else IDLE_MS

    def _schedule(self, milliseconds: int) -> None:
        self._after = self._root.after(milliseconds, self._tick)
