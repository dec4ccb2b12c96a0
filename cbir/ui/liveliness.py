"""How alive the window stays: how late its event loop is while folders are indexed.

Run as a program (``python -m cbir.ui.liveliness '{…}'``), it opens the real window, waits until it
can be used, indexes one folder to load the models and a second one to be measured, closes, and
prints what it saw as JSON. ``cbir bench index`` reads that.
"""

from __future__ import annotations

import json
import sys
import time
import tkinter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from cbir.config import load_settings
from cbir.ui.run import create_window
from cbir.ui.window import Window

_TICK_MS = 10
_LOOK_MS = 10


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds by which the event loop was late: median, 99th percentile, greatest."""

    median: float
    p99: float
    greatest: float

    @staticmethod
    def of(seconds: Sequence[float]) -> Delays:
        """The figures of many ticks."""
        late = [1000 * each for each in seconds]
        return Delays(median(late), quantiles(late, n=100)[98], max(late))


class Ticker:
    """Asks the event loop to be called every 10 ms, and notes how late that happens."""

    def __init__(self, root: tkinter.Misc) -> None:
        self._root = root
        self._late: list[float] = []
        self._schedule()

    def _schedule(self) -> None:
        self._due = time.perf_counter() + _TICK_MS / 1000
        self._root.after(_TICK_MS, self._tick)

    def _tick(self) -> None:
        self._late.append(max(0.0, time.perf_counter() - self._due))
        self._schedule()

    def start(self) -> None:
        """Forget the delays until now."""
        self._late = []

    def delays(self) -> Delays:
        """The delays since the start."""
        return Delays.of(self._late)

    def figures(self) -> dict[str, float]:
        """``delays`` by their names."""
        return asdict(self.delays())


class Measurement:
    """Drives the window from one stage to the next, on its own event loop."""

    def __init__(self, window: Window, asked: Mapping[str, Any]) -> None:
        self._window = window
        self._began: float = asked["began"]
        self._spaces: list[str] = asked["spaces"]
        self._folders: list[str] = list(asked["folders"])
        self._ticker = Ticker(window.root)
        self.found: dict[str, object] = {}
        self.error: BaseException | None = None
        window.root.after(0, self._wait, self._usable)

    def _wait(self, then: Callable[[], None]) -> None:
        """Call ``then`` once nothing is under way any more."""
        if self._window.quiet and self._window.root.winfo_viewable():
            then()
        else:
            self._window.root.after(_LOOK_MS, self._wait, then)

    def fail(self, kind: type[BaseException], error: BaseException, trace: object) -> None:
        """What Tk calls where a callback raises: the measurement has failed."""
        self.error = error
        self._window.root.destroy()

    def _usable(self) -> None:
        self._window.root.update_idletasks()
        self.found["usable_seconds"] = time.time() - self._began
        self.found["opening"] = self._ticker.figures()
        self._next()

    def _next(self) -> None:
        if not self._folders:
            self._window.close()
            return
        start, stage = time.perf_counter(), ("indexing" if "loading" in self.found else "loading")

        def done() -> None:
            self.found[f"{stage}_seconds"] = time.perf_counter() - start
            self.found[stage] = self._ticker.figures()
            self._next()

        self._ticker.start()
        self._window.indexing.index([self._folders.pop(0)], self._spaces)
        self._wait(done)


def main(arguments: Sequence[str]) -> None:
    """Measure as the JSON in the only argument says, and print JSON."""
    asked = json.loads(arguments[0])
    settings = load_settings(
        library=asked["library"],
        models=asked["models"],
        device=asked["device"],
        precision=asked["precision"],
        environ={"CBIR_HOME": str(Path(asked["library"]).parent)},
    )
    window = create_window(settings)
    measurement = Measurement(window, asked)
    window.root.report_callback_exception = measurement.fail
    window.start()
    window.root.mainloop()
    if measurement.error is not None:
        raise measurement.error
    sys.stdout.write(json.dumps(measurement.found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
