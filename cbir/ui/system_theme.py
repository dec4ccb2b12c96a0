"""The system's own theme, light or dark: asked on a thread, since some systems take their time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import darkdetect
import ttkbootstrap as ttk

from cbir.ui.widgets.theme import ThemeName

_POLL_MS = 50
_PAUSE_SECONDS = 2.0


class SystemTheme:
    """Asks once the window has begun, and when it gets the keyboard again; ``found`` is told.

    ``wanted()`` says whether the window follows the system's theme now. What cannot be found out
    is light.
    """

    def __init__(
        self, root: ttk.App, wanted: Callable[[], bool], found: Callable[[ThemeName], None]
    ) -> None:
        self._root = root
        self._wanted = wanted
        self._found = found
        self._answers: queue.SimpleQueue[ThemeName] = queue.SimpleQueue()
        self._asking = False
        self._asked = float("-inf")  # by time.monotonic
        root.bind("<FocusIn>", lambda _event: self.look(), add="+")

    def look(self) -> None:
        """Ask, unless that was just done, or is under way."""
        now = time.monotonic()
        if self._wanted() and not self._asking and now - self._asked > _PAUSE_SECONDS:
            self._asked, self._asking = now, True
            answers = self._answers  # the thread holds nothing of Tk's
            threading.Thread(target=_ask, args=(answers,), name="cbir-theme", daemon=True).start()
            self._root.after(_POLL_MS, self._poll)

    def _poll(self) -> None:
        try:
            theme = self._answers.get_nowait()
        except queue.Empty:
            self._root.after(_POLL_MS, self._poll)
            return
        self._asking = False
        if self._wanted():
            self._found(theme)


def _ask(answers: queue.SimpleQueue[ThemeName]) -> None:
    answers.put("dark" if darkdetect.theme() == "Dark" else "light")
