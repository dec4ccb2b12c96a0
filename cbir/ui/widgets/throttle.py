"""At most one call in so many milliseconds, however often it is asked for; the last wish counts."""

from __future__ import annotations

import time
import tkinter
from collections.abc import Callable


class Throttle:
    """Calls ``function`` soon after ``poke``, never more often than every ``milliseconds``."""

    def __init__(self, root: tkinter.Misc, milliseconds: int, function: Callable[[], None]) -> None:
        self._root = root
        self.milliseconds = milliseconds
        self._function = function
        self._last: float | None = None
        self._after = ""

    @property
    def waiting(self) -> bool:
        """Whether a call is on its way."""
        return bool(self._after)

    def poke(self) -> None:
        """Ask for a call; where one is on its way already, that one will do."""
        if not self._after:
            wait = 0.0
            if self._last is not None:
                wait = self.milliseconds - 1000 * (time.monotonic() - self._last)
            self._after = self._root.after(max(0, round(wait)), self._run)

    def later(self) -> None:
        """Ask for a call when nobody has asked for as long: as after the last key typed."""
        self.cancel()
        self._after = self._root.after(self.milliseconds, self._run)

    def now(self) -> None:
        """Call at once, in place of one that is on its way."""
        self.cancel()
        self._run()

    def cancel(self) -> None:
        """Forget a call that is on its way."""
        if self._after:
            self._root.after_cancel(self._after)
            self._after = ""

    def _run(self) -> None:
        self._after = ""
        self._last = time.monotonic()
        self._function()


class Delay:
    """Calls a function ``milliseconds`` after it was asked for; a newer wish takes its place."""

    def __init__(self, root: tkinter.Misc, milliseconds: int) -> None:
        self._root = root
        self._milliseconds = milliseconds
        self._after = ""

    @property
    def waiting(self) -> bool:
        """Whether a call is on its way."""
        return bool(self._after)

    def call(self, function: Callable[[], None]) -> None:
        """Call ``function`` in a while, unless asked for another one before that."""
        if self._after:
            self._root.after_cancel(self._after)
        self._after = self._root.after(self._milliseconds, self._run, function)

    def _run(self, function: Callable[[], None]) -> None:
        self._after = ""
        function()
