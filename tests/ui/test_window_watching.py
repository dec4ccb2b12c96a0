"""Keep folders up to date: the menu's tick, what is picked up, and what is said."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from cbir.library import Library
from cbir.ui.state import WindowState, save_state
from cbir.ui.window import Window
from cbir.work.batching import Batches
from cbir.work.watching import WatchReport
from tests.conftest import draw
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import sheets, texts

ENTRY = "Keep folders up to date"


@pytest.fixture(autouse=True)
def _sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.work.watching.Batches", partial(Batches, quiet=0.2, longest=1.0))


def tick(window: Window) -> None:
    """Choose the menu's entry."""
    window.menu_bar.menus["Library"].invoke(ENTRY)


def names(window: Window) -> set[str]:
    return {Path(record.path).name for record in window.results.records.values()}


def test_changes_are_picked_up_while_the_tick_is_set(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    status = window.layout.status
    tick(window)
    wait_until(lambda: "Folders are kept up to date." in status.message)
    assert "12 unchanged" in status.message and window.context.state.keep_up_to_date

    draw(pictures / "new.png", (1, 2, 3))
    wait_until(lambda: "new.png" in names(window))
    assert status.message == "Picked up: 1 new."

    (pictures / "blue_06.png").unlink()
    wait_until(lambda: window.context.facts.missing == 1)
    settle(window, wait_until)
    assert status.message == "Picked up: 1 missing."
    assert any(record.missing for record in window.results.records.values())

    tick(window)
    assert not window.context.state.keep_up_to_date
    assert "no longer kept up to date" in status.message
    draw(pictures / "later.png", (1, 2, 3))
    settle(window, wait_until)
    window.indexing.refresh()
    wait_until(lambda: "later.png" in names(window))
    assert "1 new" in status.message  # by the refresh, not by itself


def test_what_changed_before_the_start_is_found_and_new_folders_are_watched(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    save_state(home / "window.json", WindowState(keep_up_to_date=True))
    window = open_window(pictures)
    wait_until(lambda: window.context.facts.roots == (str(pictures),))
    settle(window, wait_until)
    draw(pictures / "new.png", (1, 2, 3))
    wait_until(lambda: "new.png" in names(window))

    other = draw(tmp_path / "other" / "1.png", (3, 2, 1)).parent
    window.indexing.index([str(other)])
    wait_until(lambda: "1.png" in names(window))
    draw(other / "2.png", (3, 2, 1))
    wait_until(lambda: "2.png" in names(window))


def test_a_library_that_changed_meanwhile_is_looked_through_as_the_window_opens(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    save_state(home / "window.json", WindowState(keep_up_to_date=True))
    with Library.open(home / "library.npz") as library:
        library.add_root(str(pictures))
    window = open_window()
    wait_until(lambda: len(names(window)) == 12)
    settle(window, wait_until)
    assert window.layout.status.message.endswith("Folders are kept up to date.")


def test_a_limit_of_the_system_is_told_and_the_folders_are_looked_through(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(pictures)
    draw(pictures / "new.png", (1, 2, 3))
    refused = WatchReport((), {str(pictures): "The limit of watches is reached."})
    monkeypatch.setattr("cbir.work.engine.FolderWatcher.follow", lambda *_: refused)
    tick(window)
    wait_until(lambda: "new.png" in names(window))
    settle(window, wait_until)
    assert window.layout.status.message.endswith("The limit of watches is reached.")
    assert "kept up to date." not in window.layout.status.message


def test_without_watchdog_the_tick_goes_and_the_extra_is_named(
    open_window: OpenWindow, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    monkeypatch.setitem(sys.modules, "watchdog.observers", None)
    tick(window)
    wait_until(lambda: sheets(window))
    assert any("pip install 'cbir[watch]'" in text for text in texts(sheets(window)[0]))
    assert not window.watching.wanted.get() and not window.context.state.keep_up_to_date


def test_a_library_that_is_only_read_is_not_watched(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    save_state(home / "window.json", WindowState(keep_up_to_date=True))
    with Library.open(home / "library.npz"):
        window = open_window()
        settle(window, wait_until)
        assert window.engine._watcher is None
        menu = window.menu_bar.menus["Library"]
        assert menu.entrycget(ENTRY, "state") == "disabled"
