"""Closing in any state: the window goes at once, and what was finished stays.

The process ends within two seconds, unless changes that the user made are still to be written.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import ttkbootstrap as ttk

from cbir.ui.poller import Poller
from cbir.work.engine import Engine

_log = logging.getLogger(__name__)

_LONGEST = 30.0  # seconds more for the user's own changes, with the window gone already
_PATIENCE = 1.5  # seconds that jobs get to end by themselves
_LOOK_MS = 15


class Closing:
    """Lets changes be written, stops the engine, polls until its jobs have ended, ends the window.

    ``save`` is called once, at the beginning, while the window is as the user left it;
    ``unwritten()`` tells whether changes that the user made are still on their way.
    """

    def __init__(
        self,
        root: ttk.App,
        engine: Engine,
        poller: Poller,
        save: Callable[[], None],
        unwritten: Callable[[], bool],
    ) -> None:
        self._root = root
        self._engine = engine
        self._poller = poller
        self._save = save
        self._unwritten = unwritten
        self._deadline = 0.0
        self._then: Callable[[], None] | None = None
        self.begun = False
        self.stopped = False

    def begin(self, then: Callable[[], None] | None = None) -> None:
        """Close; a second call changes nothing.

        With ``then`` the window stays: the library is let go of, however long a job takes to end,
        and ``then`` is called in place of the end. Closing meanwhile closes all the same.
        """
        if self.begun and (then is not None or self._then is None):
            return
        first, self.begun, self._then = not self.begun, True, then
        self._deadline = time.monotonic() + _PATIENCE
        try:
            if first:
                self._save()
        finally:
            if then is None:
                self._root.withdraw()
            if first:
                self._poller.start()
                self._settle()

    def _settle(self) -> None:
        if self._unwritten() and time.monotonic() < self._deadline - _PATIENCE / 2:
            self._root.after(_LOOK_MS, self._settle)
            return
        self.stopped = True
        self._engine.stop()
        self._wait()

    def _wait(self) -> None:
        patience = _LONGEST if self._engine.keeping else 0.0
        in_time = self._then is not None or time.monotonic() < self._deadline + patience
        if not self._engine.idle and in_time:
            self._root.after(_LOOK_MS, self._wait)
            return
        self._poller.stop()
        if self._engine.keeping:
            _log.error("closed before every change was written")
        try:
            if self._engine.idle:  # else it might wait for a job: the process's end lets go as well
                self._engine.close()
        finally:
            self._cancel_timers()
            (self._then or self._root.destroy)()

    def _cancel_timers(self) -> None:
        """What is due later, by whoever asked for it, would find no window any more."""
        self._root.update_idletasks()  # ttk's own, which cannot be cancelled
        tk = self._root.tk
        for timer in tk.splitlist(tk.call("after", "info")):
            tk.call("after", "cancel", timer)


@contextmanager
def signals_close(wish: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C in the terminal and a polite kill call ``wish``; a second one ends at once.

    ``wish`` may run between any two steps of the main thread: it should only set a flag.
    """

    def handle(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        wish()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
