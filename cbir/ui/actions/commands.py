"""Which commands there are: the window's menus, the context menu, and the list of shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.ui.actions.indexing import Indexing
from cbir.ui.actions.query import QueryActions
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.viewing import Viewing
from cbir.ui.actions.watching import Watching
from cbir.ui.menus import Command, Entry, Menus, Toggle

UNDO = "Undo"


@dataclass(frozen=True, slots=True)
class WindowCommands:
    """What the window itself does for a menu, beside indexing and acting on records."""

    models: Callable[[], None]
    verify: Callable[[], None]
    quit: Callable[[], None]
    larger: Callable[[], None]
    smaller: Callable[[], None]
    theme: Callable[[], None]
    parts: Callable[[], None]
    compare: Callable[[], None]
    collapse: Callable[[], None]
    shortcuts: Callable[[], None]
    log: Callable[[], None]
    about: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ViewChoices:
    """The variables behind the View menu's ticks and dots."""

    theme: ttk.StringVar
    show_map: ttk.BooleanVar
    show_details: ttk.BooleanVar
    collapse: ttk.BooleanVar


def window_menus(
    window: WindowCommands,
    indexing: Indexing,
    watching: Watching,
    records: RecordActions,
    viewing: Viewing,
    query: QueryActions,
    view: ViewChoices,
) -> Menus:
    """The menu bar, menu by menu."""
    return (
        ("Library", _library(window, indexing, watching)),
        ("Edit", _edit(records, query)),
        ("Search", _search(query, records, viewing)),
        ("View", _view(window, records, viewing, view)),
        ("Help", _help(window)),
    )


def _library(window: WindowCommands, indexing: Indexing, watching: Watching) -> tuple[Entry, ...]:
    return (
        Command("Index folder…", indexing.choose_folder, "Ctrl+I", ("<Control-i>",), changes=True),
        Command("Refresh", indexing.refresh, "F5", ("<F5>",), changes=True),
        Toggle("Keep folders up to date", watching.wanted, watching.chosen, changes=True),
        None,
        Command("Models…", window.models),
        Command("Skipped files…", indexing.show_skipped),
        Command("Verify library", window.verify),
        None,
        Command("Quit", window.quit, "Ctrl+Q", ("<Control-q>",)),
    )


def _edit(records: RecordActions, query: QueryActions) -> tuple[Entry, ...]:
    return (
        Command(UNDO, records.undo, "Ctrl+Z", ("<Control-z>",), changes=True, typing=True),
        None,
        Command("Paste", query.paste, "Ctrl+V", ("<Control-v>",), typing=True),
        Command("Select all", records.select_all, "Ctrl+A"),
        None,
        Command("Tag…", records.tag, "Ctrl+T", ("<Control-t>",), changes=True, typing=True),
        Command("Note…", records.note, "Ctrl+N", ("<Control-n>",), changes=True, typing=True),
        Command("Re-embed", records.re_embed, changes=True),
        Command("Locate moved file…", records.locate, changes=True),
        None,
        Command("Remove from library…", records.remove, "Del", changes=True),
        Command("Remove missing records…", records.remove_missing, changes=True),
    )


def _search(query: QueryActions, records: RecordActions, viewing: Viewing) -> tuple[Entry, ...]:
    add = ("<Control-Shift-O>", "<Control-Shift-o>")
    saved = ("<Control-Shift-S>", "<Control-Shift-s>")
    return (
        Command("Open image…", query.open_image, "Ctrl+O", ("<Control-o>",)),
        Command("Add image to the query…", query.add_image, "Ctrl+Shift+O", add),
        Command("Search by words", query.type_words, "Ctrl+L", ("<Control-l>",)),
        Command("Edit query as text", query.edit_text, "Ctrl+E", ("<Control-e>",)),
        Command("Copy query as text", query.copy_text),
        None,
        Command("Find similar", records.find_similar, "Ctrl+F", ("<Control-f>",), typing=True),
        Command("Why this hit?", viewing.why),
        Command("Take back the last more or less like this", query.undo_feedback),
        None,
        Command("Back", query.back, "Alt+Left", ("<Alt-Left>",)),
        Command("Forward", query.forward, "Alt+Right", ("<Alt-Right>",)),
        Command("Clear history", query.past.clear),
        None,
        Command("Save search…", query.past.save_search, "Ctrl+S", ("<Control-s>",)),
        Command("Saved searches…", query.past.show_saved, "Ctrl+Shift+S", saved),
        None,
        Command("Clear", query.clear, "Esc", ("<Escape>",)),
    )


def _view(
    window: WindowCommands, records: RecordActions, viewing: Viewing, view: ViewChoices
) -> tuple[Entry, ...]:
    larger = ("<Control-plus>", "<Control-equal>", "<Control-KP_Add>")
    smaller = ("<Control-minus>", "<Control-KP_Subtract>")
    return (
        Command("View large", viewing.open, "Space"),
        None,
        Toggle("Light", view.theme, window.theme, "light"),
        Toggle("Dark", view.theme, window.theme, "dark"),
        None,
        Toggle("Map", view.show_map, window.parts),
        Toggle("Details", view.show_details, window.parts),
        Command("Two opinions", window.compare, "Ctrl+D", ("<Control-d>",), typing=True),
        None,
        Toggle("Collapse near-identical results", view.collapse, window.collapse),
        Command("Show or hide the near-identical", records.toggle_stack, "E"),
        None,
        Command("Larger thumbnails", window.larger, "Ctrl++", larger),
        Command("Smaller thumbnails", window.smaller, "Ctrl+−", smaller),
    )


def _help(window: WindowCommands) -> tuple[Entry, ...]:
    return (
        Command("Shortcuts", window.shortcuts, "F1", ("<F1>",)),
        Command("Show the log", window.log),
        Command("About cbir", window.about),
    )


def record_menu(
    records: RecordActions, viewing: Viewing, record_id: int, *, missing: bool
) -> tuple[Entry, ...]:
    """The context menu of a picture."""
    locate = Command("Locate moved file…", lambda: records.locate(record_id), changes=True)
    return (
        Command("Find similar", lambda: records.find_similar(record_id), "Ctrl+F"),
        Command("Why this hit?", lambda: viewing.why(record_id)),
        None,
        Command("View large", lambda: viewing.open(record_id), "Space"),
        Command("Open", lambda: records.open(record_id), "Enter"),
        Command("Show in folder", lambda: records.show_in_folder(record_id)),
        Command("Copy path", lambda: records.copy_path(record_id)),
        None,
        Command("Tag…", records.tag, "Ctrl+T", changes=True),
        Command("Note…", records.note, "Ctrl+N", changes=True),
        Command("Re-embed", records.re_embed, changes=True),
        *((locate,) if missing else ()),
        None,
        Command("Remove from library…", records.remove, "Del", changes=True),
    )


def shortcuts(menus: Menus) -> list[tuple[str, str]]:
    """Every shortcut and what it does, for the Help menu."""
    told = [
        (entry.shown, entry.label.rstrip("…"))
        for _, entries in menus
        for entry in entries
        if isinstance(entry, Command) and entry.shown
    ]
    return [
        *told,
        ("/", "Search by words"),
        ("Enter, double click", "Open the picture in the system's viewer"),
        ("Arrows, Home, End, Page up, Page down", "Walk through the pictures"),
        ("Ctrl+click, Shift+click, drag", "Select several pictures"),
        ("Ctrl+wheel", "Larger or smaller thumbnails"),
        ("In the large view: arrows, Page up, Page down", "Move, or go to other pictures"),
        ("In the large view: wheel, Ctrl++, Ctrl+−, 0, 1", "Zoom; all of it; single pixels"),
        ("In the large view: Q, B, H", "Query beside; search a part; why this hit"),
    ]
