"""Several libraries in one window: made, opened, switched between, copied, forgotten."""

from __future__ import annotations

import gc
import threading
import tkinter
import tkinter.ttk
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import ttkbootstrap as ttk

from cbir.library import Library
from cbir.ui.actions import libraries as libraries_module
from cbir.ui.instance import summon
from cbir.ui.menus import Command
from cbir.ui.recent import recent_libraries, remember
from cbir.ui.widgets.sheet import Sheet
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, draw_picture, is_alive, settle


def workers() -> list[threading.Thread]:
    names = ("cbir-indexer", "cbir-searcher", "cbir-housekeeper", "cbir-doorbell")
    return [thread for thread in threading.enumerate() if thread.name in names]


def sheets(window: Window) -> list[Sheet]:
    return [child for child in window.root.winfo_children() if isinstance(child, Sheet)]


def text_of(widget: tkinter.Misc) -> str:
    """All that the labels in a part of the window say."""
    own = [str(widget.cget("text"))] if isinstance(widget, tkinter.ttk.Label) else []
    return " ".join([*own, *map(text_of, widget.winfo_children())])


def button_texts(widget: tkinter.Misc) -> list[str]:
    """What the buttons in a part of the window say."""
    own = [str(widget.cget("text"))] if isinstance(widget, tkinter.ttk.Button) else []
    return own + [text for child in widget.winfo_children() for text in button_texts(child)]


def recent(window: Window) -> dict[str, Callable[[], object]]:
    entries = window.libraries.recent()
    return {Path(e.label).name: e.run for e in entries if isinstance(e, Command)}


def opened(window: Window, path: Path) -> bool:
    return window.engine.settings.library == path and window.context.facts.version >= 0


def test_a_new_library_takes_the_place_of_the_old_and_back(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    old, new = window.engine.settings.library, tmp_path / "other" / "birds.npz"
    window.query.search_words("red")
    window.records.select_all()
    settle(window, wait_until)
    children = len(window.root.winfo_children())
    threads = len(workers())
    window.context.choosers.new_file = lambda *_: str(new)
    window.root.focus_force()
    window.root.event_generate("<Shift-F3>")
    wait_until(lambda: opened(window, new))
    settle(window, wait_until)
    assert window.root.title().startswith("birds.npz")
    assert not window.results.records
    assert window.records.selected == ()
    assert not window.query.terms
    assert not window.results.history.can_go_back
    assert "Find pictures" in text_of(window.layout.grid)
    with Library.open(old) as library:  # its lock is free
        assert not library.read_only
        assert len(library) == 12
    assert not summon(window.engine.settings.__class__(window.engine.settings.home, old))
    assert len(workers()) == threads
    assert len(window.root.winfo_children()) <= children

    draw_picture(tmp_path / "one.png", 3)
    window.indexing.index([str(tmp_path / "one.png")])
    wait_until(lambda: window.context.facts.records == 1)
    assert list(recent(window)) == ["library.npz"]
    recent(window)["library.npz"]()
    wait_until(lambda: opened(window, old))
    settle(window, wait_until)
    assert len(window.results.records) == 12
    window.query.search_words("blue")  # everything works as before
    settle(window, wait_until)


def test_a_copy_is_whole_and_a_library_of_its_own(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    copy = tmp_path / "copy.npz"
    window.context.choosers.new_file = lambda *_: str(copy)
    window.libraries.save_copy()
    wait_until(lambda: "A copy" in window.layout.status.message)
    with Library.open(copy) as library:
        assert not library.read_only
        assert library.notice == ""
        assert len(library) == 12
        assert len(library.lacking("classic")) == 0
        assert library.roots == (str(pictures),)
    window.libraries.save_copy()  # never over what is there
    wait_until(lambda: bool(sheets(window)))
    assert "is there already" in text_of(sheets(window)[0])


def test_what_stands_in_the_way_is_told(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    own, file = window.engine.settings.library, window.engine.settings.recent_file
    remember(file, str(tmp_path / "gone.npz"))
    recent(window)["gone.npz"]()
    wait_until(lambda: bool(sheets(window)))
    (sheet,) = sheets(window)
    assert "There is no file" in text_of(sheet)
    buttons(sheet)[1].invoke()
    assert recent_libraries(file) == (str(own),)

    window.context.choosers.library = lambda *_: str(own)
    window.libraries.open()
    assert "open already" in window.layout.status.message

    other = tmp_path / "other.npz"
    Library.open(other).close()
    monkeypatch.setattr(libraries_module, "summon", lambda settings: settings.library == other)
    window.context.choosers.library = lambda *_: str(other)
    window.libraries.open()
    wait_until(lambda: "in another window" in window.layout.status.message)
    assert window.engine.settings.library == own

    monkeypatch.undo()
    window.context.choosers.library = lambda *_: str(pictures / "broken.png")
    window.libraries.open()
    wait_until(lambda: bool(sheets(window)))
    (sheet,) = sheets(window)
    assert "is not a cbir library" in text_of(sheet)
    assert window.engine.settings.library == own
    buttons(sheet)[0].invoke()

    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(other.read_bytes()[:-100])
    window.context.choosers.library = lambda *_: str(damaged)
    window.libraries.open()
    wait_until(lambda: "cannot be opened" in text_of(window.layout.grid))
    assert {"Save what is whole", "Open library…"} <= set(button_texts(window.layout.grid))
    wait_until(lambda: not window.closing.begun)
    window.context.choosers.library = lambda *_: str(other)
    with Library.open(other):
        window.libraries.open()
        wait_until(lambda: opened(window, other))
        assert window.context.facts.read_only
    assert "read-only" in window.root.title()


def buttons(sheet: Sheet) -> list[ttk.Button]:
    """From left to right."""
    rows = [child for child in sheet.winfo_children() if child is not sheet.body]
    placed = [button for row in rows for button in row.winfo_children()]
    return sorted(placed, key=lambda button: button.winfo_x())


def test_switching_asks_while_pictures_are_indexed(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path, many_pictures: Path
) -> None:
    window = open_window()
    old, new = window.engine.settings.library, tmp_path / "new.npz"
    window.indexing.index([str(many_pictures)])
    wait_until(lambda: window.context.facts.records > 0)
    window.context.choosers.new_file = lambda *_: str(new)
    window.libraries.new()
    wait_until(lambda: bool(sheets(window)))
    buttons(sheets(window)[0])[1].invoke()
    wait_until(lambda: opened(window, new))
    with Library.open(old) as library:
        assert not library.read_only
        assert len(library) > 0
        assert library.lacking("classic") == []


def test_closing_while_another_library_is_about_to_open(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    window = open_window()
    root, new = window.root, tmp_path / "new.npz"
    looking, looked = threading.Event(), threading.Event()

    def look(_library: object) -> None:
        looking.set()
        looked.wait(60)

    window.engine.ask("Look long", look)
    assert looking.wait(60)
    window.switch(new)
    root.update()
    assert root.winfo_viewable()
    window.close()
    looked.set()
    wait_until(lambda: not is_alive(root), 5)
    assert not new.exists()


def test_a_library_that_was_left_is_let_go_of_wholly(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path, pictures: Path
) -> None:
    window = open_window(pictures)
    wait_until(lambda: window.layout.map is not None)
    left = [weakref.ref(window.engine), weakref.ref(window.layout), weakref.ref(window.results)]
    new = tmp_path / "new.npz"
    window.context.choosers.new_file = lambda *_: str(new)
    window.libraries.new()
    wait_until(lambda: opened(window, new))
    gc.collect()
    assert [one() for one in left] == [None, None, None]
