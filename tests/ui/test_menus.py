"""Menus and shortcuts, from one table."""

from __future__ import annotations

import tkinter
from pathlib import Path

import pytest
import ttkbootstrap as ttk

from cbir.ui.actions.commands import record_menu
from cbir.ui.menus import Command, MenuBar, Toggle, fill, is_typing, pop_up
from tests.ui.conftest import OpenWindow


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def bar(root: ttk.App, done: list[str]) -> MenuBar:
    entries = (
        Command("Open…", lambda: done.append("open"), "Ctrl+O", ("<Control-o>",)),
        None,
        Command("Tag…", lambda: done.append("tag"), "T", ("<t>",), changes=True, typing=True),
    )
    return MenuBar(root, (("File", entries),))


def press(widget: tkinter.Misc, key: str) -> None:
    widget.focus_force()
    widget.update()
    widget.event_generate(key)
    widget.update()


def test_shortcuts_run_their_commands(root: ttk.App, bar: MenuBar, done: list[str]) -> None:
    press(root, "<Control-o>")
    press(root, "<t>")
    assert done == ["open", "tag"]


def test_typing_goes_before_shortcuts_that_are_letters(
    root: ttk.App, bar: MenuBar, done: list[str]
) -> None:
    entry = ttk.Entry(root)
    text = ttk.Text(root)
    for widget in (entry, text):
        widget.pack()
    press(entry, "<t>")
    press(text, "<t>")
    assert done == []
    assert entry.get() == "t"
    press(text, "<Control-o>")
    assert done == ["open"]
    assert text.get("1.0", "end").strip() == "t"
    assert is_typing(entry)
    assert not is_typing(root)


def test_what_changes_the_library_is_grey_where_it_can_only_be_read(bar: MenuBar) -> None:
    menu = bar.menus["File"]
    assert menu.entrycget(0, "accelerator") == "Ctrl+O"
    bar.show_read_only(True)
    assert [menu.entrycget(index, "state") for index in (0, 2)] == ["normal", "disabled"]
    bar.show_read_only(False)
    assert menu.entrycget(2, "state") == "normal"


def test_ticks_and_dots(root: ttk.App, done: list[str]) -> None:
    theme, shown = ttk.StringVar(root, "light"), ttk.BooleanVar(root, True)
    menu = ttk.Menu(root, tearoff=False)
    run = done.append
    fill(
        menu,
        [
            Toggle("Dark", theme, lambda: run("theme"), "dark"),
            Toggle("Map", shown, lambda: run("parts")),
        ],
    )
    menu.invoke(0)
    menu.invoke(1)
    assert (theme.get(), shown.get(), done) == ("dark", False, ["theme", "parts"])


def test_the_context_menu_fits_the_picture(open_window: OpenWindow, pictures: Path) -> None:
    window = open_window(pictures)
    record_id = next(iter(window.results.records))

    def labels(missing: bool) -> list[str]:
        entries = record_menu(window.records, window.viewing, record_id, missing=missing)
        return [entry.label for entry in entries if isinstance(entry, Command)]

    assert labels(missing=False)[0] == "Find similar"
    assert "Locate moved file…" not in labels(missing=False)
    assert "Locate moved file…" in labels(missing=True)


def test_a_context_menu_in_a_library_that_can_only_be_read(root: ttk.App) -> None:
    entries = [Command("Open", lambda: None), Command("Tag…", lambda: None, changes=True)]
    menu = pop_up(root, entries, 100, 100, read_only=True)
    root.update()
    assert menu.entrycget(1, "state") == "disabled"
    assert menu.winfo_ismapped()
    menu.unpost()
    menu.grab_release()


def test_an_entry_says_what_it_will_do(bar: MenuBar) -> None:
    menu = bar.menus["File"]
    bar.relabel("Tag…", "Tag: blue", enabled=False)
    assert (menu.entrycget(2, "label"), menu.entrycget(2, "state")) == ("Tag: blue", "disabled")
    bar.relabel("Tag…", "Tag…", enabled=True)
    assert (menu.entrycget(2, "label"), menu.entrycget(2, "state")) == ("Tag…", "normal")
