"""The window driven from outside, by real key strokes and clicks (xdotool)."""

from __future__ import annotations

import subprocess
import time
import tkinter
from collections.abc import Callable
from pathlib import Path

import pytest
import ttkbootstrap as ttk

from cbir.ui.help_window import HelpWindow
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import sheets, texts

Act = Callable[..., None]


@pytest.fixture
def act(root: ttk.App) -> Act:
    """``act("key", "Escape")``: run xdotool while the window's loop goes on."""

    def run(*arguments: str) -> None:
        process = subprocess.Popen(["xdotool", *arguments])
        enough = time.monotonic() + 0.15  # the X server tells of it a little later
        while process.poll() is None or time.monotonic() < enough:
            root.update()
            time.sleep(0.002)
        assert process.returncode == 0

    return run


def click(act: Act, widget: tkinter.Misc) -> None:
    x = widget.winfo_rootx() + widget.winfo_width() // 2
    y = widget.winfo_rooty() + widget.winfo_height() // 2
    act("mousemove", str(x), str(y), "click", "1")


def test_words_are_typed_and_searched(
    open_window: OpenWindow, wait_until: WaitUntil, act: Act, pictures: Path
) -> None:
    window = open_window(pictures)
    window.root.focus_force()
    window.root.update()
    act("key", "slash")
    act("type", "--delay", "5", "a red car/boat")
    wait_until(lambda: window.layout.query_bar.words.text == "a red car/boat")
    act("key", "Return")
    settle(window, wait_until)
    assert "No CLIP vectors in this library yet" in texts(window.layout.grid)
    act("key", "Escape")
    settle(window, wait_until)
    assert len(window.results.records) == 12
    assert window.layout.query_bar.words.text == ""


def test_a_click_on_the_other_metric_runs_the_search_again(
    open_window: OpenWindow, wait_until: WaitUntil, act: Act, pictures: Path
) -> None:
    window = open_window(pictures)
    window.query.search_image(str(pictures / "red_01.png"))
    settle(window, wait_until)
    click(act, window.layout.query_bar.metric_buttons["euclidean"])
    wait_until(lambda: window.context.state.metric == "euclidean")
    settle(window, wait_until)
    assert window.results.request is not None
    assert window.results.request.metric == "euclidean"


def test_the_menu_switches_to_the_dark_theme(
    open_window: OpenWindow, wait_until: WaitUntil, act: Act
) -> None:
    window = open_window()
    act("mousemove", "1500", "950")  # not where the menu opens
    window.root.focus_force()
    window.root.update()
    act("key", "alt+v")
    act("key", "Down")
    act("key", "Return")
    wait_until(lambda: window.context.state.theme == "dark")


def test_shortcuts_work_and_are_listed(
    open_window: OpenWindow, wait_until: WaitUntil, act: Act, pictures: Path
) -> None:
    window = open_window()
    window.context.choosers.folder = lambda *_: str(pictures)
    window.root.focus_force()
    window.root.update()
    act("key", "ctrl+i")
    wait_until(lambda: window.context.facts.records == 12)
    size = window.layout.grid.thumbnail_size
    act("key", "ctrl+plus")
    assert window.layout.grid.thumbnail_size == size + 32
    act("key", "ctrl+F1")
    wait_until(lambda: bool(sheets(window)))
    help_window = sheets(window)[0]
    assert isinstance(help_window, HelpWindow)
    listed = help_window.text.get("1.0", "end")
    assert all(
        f"{keys}\t{told}\n" in listed for keys, told in (("F5", "Refresh"), ("F2", "Rename"))
    )


def test_a_picture_is_selected_and_removed_by_mouse_and_keys(
    open_window: OpenWindow, wait_until: WaitUntil, act: Act, pictures: Path
) -> None:
    window = open_window(pictures)
    grid = window.layout.grid
    act("mousemove", str(grid.winfo_rootx() + 80), str(grid.winfo_rooty() + 60), "click", "1")
    wait_until(lambda: len(window.records.selected) == 1)
    act("key", "Delete")
    wait_until(lambda: window.context.facts.records == 11)
    assert len(list(pictures.iterdir())) == 13
