"""How smooth the window is: what scrolling, themes and searches take until the screen shows it.

Run as a program (``python -m cbir.ui.smoothness '{…}'``), it opens the real window on a library,
works it as a person would, closes it, and prints what it saw as JSON. ``cbir bench window`` reads
that.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cbir.bench.stand_in import StandInModels
from cbir.bench.timing import Timed
from cbir.config import load_settings
from cbir.ui.run import SWITCH_INTERVAL
from cbir.ui.widgets.theme import create_root
from cbir.ui.window import Window
from cbir.work.engine import Engine

_STEPS, _PAGES, _JUMPS, _THEMES, _SEARCHES = 300, 60, 60, 10, 30
_STEP = 60  # pixels
_FRAME = 0.016  # seconds between steps, as a wheel or a held key makes them
_PAUSE = 0.3  # seconds between things that a person does one by one

Condition = Callable[[], bool]


class Use:
    """Works a window, from one wait to the next, on its own event loop.

    ``began`` is when its process did, by ``time.time``; ``share`` of the usual times are measured.
    """

    def __init__(self, window: Window, began: float, share: float = 1.0) -> None:
        self.found: dict[str, object] = {}
        self.error: BaseException | None = None
        self._window = window
        self._began = began
        self._share = share
        self._random = random.Random(6)
        self._steps = self._work()

    def start(self) -> None:
        """Open the library, and go on from there."""
        self._opened = time.perf_counter()
        self._window.start()
        self._go_on()

    def fail(self, kind: type[BaseException], error: BaseException, trace: object) -> None:
        """What Tk calls where a callback raises: the measurement has failed."""
        if self.error is None:
            self.error = error
            self._window.root.destroy()

    def _go_on(self, condition: Condition = lambda: True) -> None:
        """To the next wait once ``condition`` holds; looks every millisecond."""
        while condition():
            following = next(self._steps, None)
            if following is None:
                self._window.close()
                return
            condition = following
        self._window.root.after(1, self._go_on, condition)

    def _work(self) -> Iterator[Condition]:
        """What is done, waiting on each condition that is handed out."""
        grid, window = self._window.layout.grid, self._window
        yield lambda: len(grid.tiles) > 0
        self._paint()
        self.found["process_seconds"] = time.time() - self._began
        self.found["opening_seconds"] = time.perf_counter() - self._opened
        yield lambda: window.quiet and window.layout.map is not None
        yield later(2 * _PAUSE)
        yield from self._measure("scroll", _STEPS, _FRAME, lambda _: grid.scroll_by(_STEP))
        grid.scroll_by(math.inf)
        self._depth = 0.8 * grid.offset  # so that there are pages left below
        yield from self._measure("jump", _JUMPS, _PAUSE / 3, self._jump)
        yield from self._measure("page", _PAGES, _PAUSE / 3, self._page)
        yield from self._measure("theme", _THEMES, _PAUSE, self._theme)
        yield from self._search()

    def _measure(
        self, name: str, times: int, pause: float, action: Callable[[int], None]
    ) -> Iterator[Condition]:
        seconds = []
        for number in range(self._times(times)):
            start = time.perf_counter()
            action(number)
            self._paint()
            seconds.append(time.perf_counter() - start)
            yield later(start + pause - time.perf_counter())
        self.found[name] = figures(seconds)

    def _times(self, usual: int) -> int:
        return max(2, round(usual * self._share))

    def _jump(self, _number: int) -> None:
        grid = self._window.layout.grid
        grid.scroll_by(self._random.random() * self._depth - grid.offset)

    def _page(self, _number: int) -> None:
        self._window.layout.grid.step("page_down", extend=False, keep=False)

    def _theme(self, number: int) -> None:
        view = self._window.view
        view.choices.theme.set("light" if number % 2 else "dark")
        view.theme_chosen()

    def _search(self) -> Iterator[Condition]:
        grid, seconds = self._window.layout.grid, []
        for number in range(self._times(_SEARCHES)):
            yield later(_PAUSE)
            before, start = grid.tiles, time.perf_counter()
            self._window.query.search_words(f"word {number}")
            yield lambda before=before: grid.tiles is not before  # type: ignore[misc]
            self._window.root.update_idletasks()
            self._window.root.winfo_pointerxy()
            seconds.append(time.perf_counter() - start)
        self.found["search"] = figures(seconds)

    def _paint(self) -> None:
        """Draw all that is due, and wait until the screen has it: a question takes its turn."""
        self._window.root.update()
        self._window.root.winfo_pointerxy()


def later(seconds: float) -> Condition:
    """Holds from so many seconds from now on."""
    due = time.perf_counter() + seconds
    return lambda: time.perf_counter() >= due


def figures(seconds: Sequence[float]) -> dict[str, float]:
    """In milliseconds."""
    timed = Timed.of(seconds)
    return {"median": timed.median, "p99": timed.p99, "greatest": 1000 * max(seconds)}


def main(arguments: Sequence[str], kind: type[Use] = Use) -> None:
    """Measure as the JSON in the only argument says, and print JSON."""
    asked: dict[str, Any] = json.loads(arguments[0])
    home = str(Path(asked["library"]).parent)
    settings = load_settings(library=asked["library"], environ={"CBIR_HOME": home})
    root = create_root("light")
    sys.setswitchinterval(SWITCH_INTERVAL)
    models = StandInModels(settings.models, settings.device)
    use = kind(Window(root, Engine(settings, models=models)), asked["began"], asked["share"])
    root.report_callback_exception = use.fail
    use.start()
    root.mainloop()
    if use.error is not None:
        raise use.error
    sys.stdout.write(json.dumps(use.found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
