"""How far a job is, on stderr: one line, rewritten, on a terminal; else a line now and then."""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TextIO

from cbir.cli.output import complain, encodable, printable
from cbir.describe import format_bytes
from cbir.work.messages import Event, Notice, Progress

Unit = Literal["images", "bytes"]

_REWRITE_SECONDS = 0.1
_LINE_SECONDS = 10.0


@dataclass(slots=True)
class _Start:
    """Where the count that is now going on began, for the speed."""

    done: int
    total: int | None
    at: float


class ProgressLine:
    """Shows a job's Progress events; hand ``on_event`` to the loop and ``clear`` it at the end.

    ``live`` rewrites one line; otherwise a line appears every ten seconds, so that a short job says
    nothing. ``clock`` gives seconds.
    """

    def __init__(
        self,
        stream: TextIO | None,
        *,
        live: bool,
        unit: Unit = "images",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._live = live
        self._unit = unit
        self._clock = clock
        self._start = _Start(0, None, clock())
        self._done = 0
        self._shown_at = -math.inf if live else clock()  # at once on a terminal
        self._width = 0

    def on_event(self, event: Event) -> None:
        """Show a Progress event, unless the last one was shown just now; ignore other events."""
        if isinstance(event, Notice):
            self.clear()
            complain(event.text)
        if not isinstance(event, Progress) or self._stream is None:
            return
        now = self._clock()
        if event.total != self._start.total or event.done < self._done:
            self._start = _Start(event.done, event.total, now)
        self._done = event.done
        if now - self._shown_at < (_REWRITE_SECONDS if self._live else _LINE_SECONDS):
            return
        self._shown_at = now
        text = self._text(event, now)
        if self._live:
            self._rewrite(text[: shutil.get_terminal_size().columns - 1])
        else:
            self._write(f"cbir: {text}\n")

    def clear(self) -> None:
        """Take the line away."""
        if self._width:
            self._rewrite("")
            self._write("\r")

    def _text(self, event: Progress, now: float) -> str:
        parts = [self._count(event)]
        made, seconds = event.done - self._start.done, now - self._start.at
        if made > 0 and seconds > 0 and event.total is not None:
            speed = made / seconds
            parts.append(f"{self._amount(speed)}/s")
            parts.append(f"{_rounded((event.total - event.done) / speed)} left")
        if event.skipped:
            parts.append(f"{event.skipped:,} skipped")
        if event.note:
            parts.append(printable(event.note))
        return " · ".join(part for part in parts if part)

    def _count(self, event: Progress) -> str:
        if event.total is None:
            return ""
        if self._unit == "bytes":
            return f"{format_bytes(event.done)} of {format_bytes(event.total)}"
        return f"{event.done:,} of {event.total:,} images"

    def _amount(self, speed: float) -> str:
        return format_bytes(round(speed)) if self._unit == "bytes" else f"{speed:.1f} images"

    def _rewrite(self, text: str) -> None:
        # blanks instead of an escape sequence: every terminal understands them
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(encodable(text, self._stream))
            self._stream.flush()
        except OSError:  # nobody reads it any more, which is no reason to end the job
            self._stream = None


def _rounded(seconds: float) -> str:
    """A guess at a duration: ``8 s``, ``2 min 5 s``, ``1 h 3 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def stderr_progress(verbose: bool, unit: Unit = "images") -> ProgressLine:
    """Progress on stderr: live on a terminal, unless log lines would break the line up."""
    stream = sys.stderr
    live = (
        stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb" and not verbose
    )
    return ProgressLine(stream, live=live, unit=unit)
