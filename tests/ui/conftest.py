"""What every window test needs: a real root whose callbacks' errors fail the test, and waiting."""

from __future__ import annotations

import gc
import time
import tkinter
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.config import Settings
from cbir.ui.state import WindowState, save_state
from cbir.ui.widgets.theme import create_root
from cbir.ui.window import Window
from cbir.work.engine import Engine
from cbir.work.models import WINDOW_CALL_SECONDS

WaitUntil = Callable[..., None]


@pytest.fixture
def root() -> Iterator[ttk.App]:
    """A themed root window, shown at 1280x800; errors in callbacks and in Tcl fail the test."""
    errors: list[str] = []

    def collect(kind: type[BaseException], error: BaseException, trace: TracebackType) -> None:
        errors.append("".join(traceback.format_exception(kind, error, trace)))

    window = create_root("light")
    window.report_callback_exception = collect  # type: ignore[assignment]
    window.tk.createcommand("bgerror", lambda _: errors.append(window.tk.eval("set ::errorInfo")))
    window.geometry("1280x800+0+0")
    window.deiconify()
    window.update()
    yield window
    if is_alive(window):
        window.update()
        window.destroy()
    gc.collect()  # Tk's images and variables end here, on the main thread
    assert not errors, "\n".join(errors)


def is_alive(window: tkinter.Misc) -> bool:
    """Whether the root was not destroyed by the test itself."""
    try:
        return bool(window.winfo_exists())
    except tkinter.TclError:
        return False


@pytest.fixture
def wait_until(root: ttk.App) -> WaitUntil:
    """``wait_until(condition, timeout=60.0)``: run Tk's loop until the condition holds, or fail."""

    def wait(condition: Callable[[], Any], timeout: float = 60.0) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "what was waited for did not happen"
            root.update()
            time.sleep(0.002)

    return wait


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with twelve small pictures, red ones and blue ones, and one that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(12):
        draw_picture(folder / f"{'red' if number < 6 else 'blue'}_{number:02}.png", number)
    (folder / "broken.png").write_bytes(b"this is no picture")
    return folder


@pytest.fixture
def many_pictures(tmp_path: Path) -> Path:
    """A folder with so many pictures that something can be done while they are indexed: 300."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        draw_picture(folder / f"{number}.png", number % 12)
    return folder


def draw_picture(path: Path, number: int) -> None:
    """A picture of stripes: red below number 6, blue from there on, each a little different."""
    colour = (220, 12 * number, 20) if number < 6 else (20, 12 * number, 220)
    image = Image.new("RGB", (64, 48), colour)
    for x in range(0, 64, 6 + number):
        image.paste((240, 240, 240), (x, 0, x + 2, 48))
    image.save(path)


OpenWindow = Callable[..., Window]


@pytest.fixture
def open_window(root: ttk.App, wait_until: WaitUntil, tmp_path: Path) -> Iterator[OpenWindow]:
    """``open_window(folder=None, **settings)``: the real window on a library of its own.

    It is opened and, with a folder, has indexed that, unless told not to wait; there are no
    weights. Closed at the end. ``collapse``: near-identical hits, as these made-up pictures are,
    lie under one tile.
    """
    windows: list[Window] = []

    def make(
        folder: Path | None = None, wait: bool = True, collapse: bool = False, **changes: Any
    ) -> Window:
        home = tmp_path / "home"
        if not (home / "window.json").exists():
            save_state(home / "window.json", WindowState(collapse=collapse))
        settings = Settings(home, home / "library.npz", models=tmp_path / "models")
        engine = Engine(replace(settings, **changes), call_seconds=WINDOW_CALL_SECONDS)
        window = Window(root, engine)
        windows.append(window)
        window.start(str(folder) if folder else None)
        if not wait:
            return window
        wait_until(lambda: window.context.facts.version >= 0)
        if folder:
            wait_until(lambda: "ndexed" in window.layout.status.message)
        settle(window, wait_until)
        return window

    yield make
    for window in windows:
        if is_alive(root):
            window.close()
            wait_until(lambda: not is_alive(root))


def settle(window: Window, wait_until: WaitUntil) -> None:
    """Wait until nothing is under way in the window, nor about to begin."""
    wait_until(lambda: window.quiet)
