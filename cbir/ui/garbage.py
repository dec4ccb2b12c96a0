"""Cyclic garbage is collected on the main thread alone, while there is a window.

Python collects it on whichever thread happens to fill the last generation. Where that is a worker
and a dialog's variables or pictures are in the cycle, they call Tk from there as they end, which
waits for the main thread, fails, or ends the program (https://bugs.python.org/issue39093).
"""

from __future__ import annotations

import gc
import time

_FULL_SECONDS = 20.0
"""How often all of the memory is looked through at most: that takes a tenth of a second."""


class Garbage:
    """Takes over from Python's own collecting between ``start`` and ``stop``."""

    def __init__(self) -> None:
        self._full_at = 0.0
        self._ours = False

    def start(self) -> None:
        """From now on only ``tick`` collects."""
        self._ours = gc.isenabled()
        gc.disable()
        self._full_at = time.monotonic() + _FULL_SECONDS

    def tick(self) -> None:
        """Collect what is due, by Python's own thresholds; on the main thread."""
        counts, limits = gc.get_count(), gc.get_threshold()
        if counts[2] > limits[2] and time.monotonic() > self._full_at:
            gc.collect(2)
            self._full_at = time.monotonic() + _FULL_SECONDS
        elif counts[1] > limits[1]:
            gc.collect(1)
        elif counts[0] > limits[0]:
            gc.collect(0)

    def stop(self) -> None:
        """Let Python collect again, where it did before."""
        if self._ours:
            gc.enable()
        self._ours = False
