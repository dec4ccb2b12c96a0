"""Menus and shortcuts, from one table."""

from __future__ import annotations

import tkinter
from pathlib import Path

import pytest
import ttkbootstrap as ttk

from cbir.ui.actions.commands import record_menu, shortcuts
from cbir.ui.menus import Command, MenuBar, Toggle, fill, is_typing, pop_up
from tests.ui.conftest import OpenWindow, WaitUntil, settle


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


def test_the_context_menu_is_what_the_edit_menu_offers(
    open_window: OpenWindow, pictures: Path
) -> None:
    window = open_window(pictures)
    labels = [entry.label for entry in record_menu(window.acting) if isinstance(entry, Command)]
    assert labels[0] == "Find similar"
    edit = window.menu_bar.menus["Edit"]
    last = edit.index("end")
    assert last is not None
    offered = [
        edit.entrycget(index, "label") for index in range(last + 1) if edit.type(index) == "command"
    ]
    assert set(labels) <= set(offered)


def grey(menu: ttk.Menu) -> list[str]:
    last = menu.index("end")
    assert last is not None
    commands = [index for index in range(last + 1) if menu.type(index) == "command"]
    return [
        str(menu.entrycget(index, "label"))
        for index in commands
        if menu.entrycget(index, "state") == "disabled"
    ]


def test_what_cannot_be_done_is_grey_and_the_menu_says_why(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    menu = window.menu_bar.menus["Edit"]
    open_it = menu.cget("postcommand")
    window.root.tk.call(open_it)
    assert {"Tag…", "Open", "Copy files", "No picture is selected."} <= set(grey(menu))
    assert "Select all" not in grey(menu)
    window._ask_facts()  # more becomes known while the menu is open
    settle(window, wait_until)
    assert {"Tag…", "Rename…", "Remove from library"} <= set(grey(menu))

    window.records.select_all()
    window.root.tk.call(open_it)
    assert "Tag…" not in grey(menu)
    assert {"Rename…", "Several pictures are selected: choose one."} <= set(grey(menu))
    assert "No picture is selected." not in grey(menu)

    record_id = next(iter(window.results.records))
    Path(window.results.records[record_id].path).unlink()
    window.indexing.refresh()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    window.records.go_to(record_id)
    window.root.tk.call(open_it)
    assert {"Open", "The file is missing: locate it first."} <= set(grey(menu))
    assert "Locate moved file…" not in grey(menu)


def test_every_key_means_one_thing(open_window: OpenWindow) -> None:
    window = open_window()
    meanings: dict[str, set[str]] = {}
    for _, entries in window._menus:
        for entry in entries:
            for key in () if entry is None else entry.keys:
                meanings.setdefault(key, set()).add(entry.label)  # type: ignore[union-attr]
    assert all(len(labels) == 1 for labels in meanings.values())
    told = shortcuts(window._menus)
    assert len({keys for keys, _ in told}) == len(told)


TEXT_CLASSES = ("TEntry", "Entry", "Text", "TCombobox", "TSpinbox")
EDITING = ("a", "c", "v", "x", "y", "z", "Left", "Right", "BackSpace", "Delete", "Home", "End")


def as_tk_names(root: ttk.App, key: str) -> str:
    """A key as Tk writes it: ``<Control-f>`` is ``<Control-Key-f>``."""
    probe = ttk.Frame(root)
    probe.bind(key, lambda _event: None)
    [name] = probe.bind()
    probe.destroy()
    return str(name)


def test_no_key_means_something_where_text_is_typed(open_window: OpenWindow) -> None:
    window = open_window()
    root = window.root
    texts = {event for name in TEXT_CLASSES for event in map(str, root.bind_class(name))}
    for event in [event for event in texts if event.startswith("<<")]:
        texts.update(map(str, root.event_info(event)))
    editing = {f"<Control-Key-{key}>" for key in EDITING} | {"<Key-Delete>", "<Shift-Key-Delete>"}
    assert editing & texts  # the names are those that Tk uses
    entries = [entry for _, some in window._menus for entry in some if entry is not None]
    for entry in entries:
        if isinstance(entry, Command) and entry.typing:
            continue  # left to the text while one is typed
        for key in entry.keys:
            name = as_tk_names(root, key)
            assert name not in texts, f"{entry.label}: {name}"
            if name[-2].isupper():  # Tk's own name of Ctrl+Shift+N is Control-N
                assert name.replace("Shift-", "") not in texts, entry.label
            assert name not in editing, entry.label


def test_every_entry_can_be_reached_by_a_key(open_window: OpenWindow) -> None:
    window = open_window()
    without = [
        entry.label
        for _, some in window._menus
        for entry in some
        if isinstance(entry, (Command, Toggle)) and not entry.shown
    ]
    assert without == []
    told = {label for _, label in shortcuts(window._menus)}
    assert {"Verify library", "Clear cache", "Light", "Keep folders up to date"} <= told


def test_a_tick_is_set_by_its_key(root: ttk.App, done: list[str]) -> None:
    shown = ttk.BooleanVar(root, True)
    toggle = Toggle("Map", shown, lambda: done.append("map"), shown="F8", keys=("<F8>",))
    bar = MenuBar(root, (("View", [toggle]),))
    press(root, "<F8>")
    assert (shown.get(), done) == (False, ["map"])
    assert bar.menus["View"].entrycget(0, "accelerator") == "F8"


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
