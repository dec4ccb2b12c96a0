"""The window's life: what it remembers, and that closing in any state loses nothing finished."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import ttkbootstrap as ttk

from cbir.config import Settings
from cbir.errors import CbirError
from cbir.library import Library
from cbir.ui.state import WindowState, load_state
from cbir.ui.widgets.sheet import Sheet
from cbir.ui.window import Window
from cbir.work.editing import Edit
from cbir.work.engine import Engine
from tests.ui.conftest import OpenWindow, WaitUntil, is_alive, settle


def close(window: Window, wait_until: WaitUntil) -> None:
    root = window.root
    window.close()
    window.close()
    wait_until(lambda: not is_alive(root), 5)


def test_choices_and_sizes_are_remembered(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.layout.query_bar.metric_buttons["euclidean"].invoke()
    window.view.choices.theme.set("dark")
    window.view.theme_chosen()
    window.view.choices.show_map.set(False)
    window.view.parts_chosen()
    window.view.set_thumbnail(200)
    window.results.set_results(50)
    window.root.geometry("1100x750+10+20")
    settle(window, wait_until)
    window.root.update()
    file = window.engine.settings.window_file
    close(window, wait_until)
    state = load_state(file)
    assert (state.metric, state.theme, state.results) == ("euclidean", "dark", 50)
    assert (state.thumbnail, state.show_map, state.show_details) == (200, False, True)
    assert state.geometry.startswith("1100x750")


def test_sashes_are_put_where_they_were(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    panes = window.layout.panes
    wait_until(lambda: panes.winfo_width() > 1)
    panes.sashpos(0, 600)
    window.root.update()
    share = 1 - panes.sashpos(0) / panes.winfo_width()
    file = window.engine.settings.window_file
    close(window, wait_until)
    assert load_state(file).side == pytest.approx(share, abs=0.02)


def test_hidden_parts_come_back(open_window: OpenWindow) -> None:
    window = open_window()
    layout = window.layout
    layout.show_parts(show_map=False, show_details=False)
    window.root.update()
    assert len(layout.panes.panes()) == 1
    layout.show_parts(show_map=True, show_details=True)
    window.root.update()
    assert len(layout.panes.panes()) == 2
    assert layout.inspector.winfo_ismapped()


def test_closing_while_indexing_ends_soon_and_keeps_what_was_finished(
    open_window: OpenWindow, wait_until: WaitUntil, many_pictures: Path
) -> None:
    window = open_window()
    window.indexing.index([str(many_pictures)])
    wait_until(lambda: window.context.facts.records > 0)
    settings, finished = window.engine.settings, window.context.facts.records
    close(window, wait_until)
    with Library.open(settings.library) as library:
        assert not library.read_only
        assert finished <= len(library) < 300
        assert len(library.lacking("classic")) == 0


def test_closing_during_the_very_first_paint(
    root: ttk.App, wait_until: WaitUntil, tmp_path: Path
) -> None:
    engine = Engine(Settings(tmp_path, tmp_path / "library.npz"))
    window = Window(root, engine)
    window.start()
    close(window, wait_until)
    assert engine.idle


def test_closing_before_it_was_started(
    root: ttk.App, wait_until: WaitUntil, tmp_path: Path
) -> None:
    window = Window(root, Engine(Settings(tmp_path, tmp_path / "library.npz")))
    close(window, wait_until)


def test_a_change_on_its_way_is_written_before_the_end(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = next(iter(window.results.records))
    window.records.edit(record_id, Edit(note="at the last moment"))
    settings = window.engine.settings
    close(window, wait_until)
    with Library.open(settings.library) as library:
        assert library.get(record_id).note == "at the last moment"


def test_changes_behind_a_long_search_are_written_before_the_end(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    file, ids = window.engine.settings.library, tuple(window.results.records)
    window.engine.ask("Look long", lambda library: time.sleep(2.2))  # longer than closing waits
    window.records._tag(ids, "kept")
    window.records.edit(ids[0], Edit(note="kept too"))
    close(window, wait_until)
    with Library.open(file) as library:
        assert all(record.tags == ("kept",) for record in library)
        assert library.get(ids[0]).note == "kept too"


def test_a_signal_closes_it_at_the_next_tick(
    open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    window = open_window()
    window.close_wanted = True
    root = window.root
    wait_until(lambda: not is_alive(root))


def test_broken_state_is_ignored(open_window: OpenWindow, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "window.json").write_text("{broken")
    window = open_window()
    assert replace(window.context.state, preferred={}) == WindowState()


DIALOGS: dict[str, Callable[[Window], object]] = {
    "export": lambda window: window.export.show(),
    "rename": lambda window: window.files.rename(),
    "trash": lambda window: window.files.trash(),
    "tag": lambda window: window.records.tag(),
    "note": lambda window: window.records.note(),
    "open with": lambda window: window.files.open_with(),
    "models": lambda window: window.models.show(),
    "skipped": lambda window: window.indexing.show_skipped(),
    "help": lambda window: window.help.show([]),
    "log": lambda window: window.help.show_log(),
    "about": lambda window: window.help.show_about(),
    "error": lambda window: window.help.show_error(CbirError("The disk is full.")),
    "missing": lambda window: window.records.remove_missing(),
    "cache": lambda window: window.menu_bar.menus["Library"].invoke("Clear cache…"),
}


def open_dialogs(window: Window) -> list[Sheet]:
    return [child for child in window.root.winfo_children() if isinstance(child, Sheet)]


def test_every_dialog_closes_by_escape_and_holds_up_nothing(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    records = list(window.results.records.values())
    Path(records[-1].path).unlink()
    window.indexing.refresh()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    window.records.go_to(records[0].id)
    for name, show in DIALOGS.items():
        show(window)
        wait_until(lambda: bool(open_dialogs(window)))
        settle(window, wait_until)  # jobs end while it is open
        (sheet,) = open_dialogs(window)
        assert not sheet.grab_status(), name
        sheet.focus_force()
        window.root.update()
        sheet.event_generate("<Escape>")
        wait_until(lambda: not open_dialogs(window))
    assert len(window.context.facts.roots) == 1


def test_closing_with_every_dialog_open(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.go_to(next(iter(window.results.records)))
    for name, show in DIALOGS.items():
        if name != "missing":  # nothing is
            show(window)
    window.viewing.open()
    settle(window, wait_until)
    assert len(open_dialogs(window)) >= len(DIALOGS) - 2
    close(window, wait_until)
