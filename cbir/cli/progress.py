"""How far a job is, on stderr: one line, rewritten, on a terminal; else a line now and then."""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from cbir.cli.output import complain, encodable, printable
from cbir.describe import describe_rate, format_count
from cbir.work.messages import Event, Notice, Progress
from cbir.work.pace import Pace

_REWRITE_SECONDS = 0.1
_LINE_SECONDS = 10.0


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._live = live
        self._clock = clock
        self._pace = Pace()
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
        self._pace.feed(event.done, event.total, now)
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
        parts = []
        if event.total is not None:
            count = format_count(event.done, event.total, event.unit)
            parts.append(f"{count} images" if event.unit == "images" else count)
        parts += describe_rate(self._pace.rate(now), event.unit)
        if event.skipped:
            parts.append(f"{event.skipped:,} skipped")
        if event.note:
            parts.append(printable(event.note))
        return " · ".join(parts)

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


def stderr_progress(verbose: bool) -> ProgressLine:
    """Progress on stderr: live on a terminal, unless log lines would break the line up."""
    stream = sys.stderr
    live = (
        stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb" and not verbose
    )
    return ProgressLine(stream, live=live)
