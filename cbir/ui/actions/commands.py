"""Which commands there are: the window's menus, the context menu, and the list of shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.actions.export import ExportActions
from cbir.ui.actions.files import FileActions
from cbir.ui.actions.indexing import Indexing
from cbir.ui.actions.libraries import Libraries
from cbir.ui.actions.map_selection import MapSelection
from cbir.ui.actions.query import QueryActions
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.viewing import Viewing
from cbir.ui.actions.watching import Watching
from cbir.ui.menus import Command, Entry, Menus, Submenu, Toggle

UNDO = _("Undo")


@dataclass(frozen=True, slots=True)
class WindowCommands:
    """What the window itself does for a menu, beside what its parts do."""

    libraries: Libraries
    models: Callable[[], None]
    filters: Callable[[], None]
    duplicates: Callable[[], None]
    verify: Callable[[], None]
    clear_cache: Callable[[], None]
    quit: Callable[[], None]
    larger: Callable[[], None]
    smaller: Callable[[], None]
    theme: Callable[[], None]
    parts: Callable[[], None]
    compare: Callable[[], None]
    collapse: Callable[[], None]
    evaluate: Callable[[], None]
    preferences: Callable[[], None]
    statistics: Callable[[], None]
    locate_folder: Callable[[], None]
    help: Callable[[], None]
    shortcuts: Callable[[], None]
    log: Callable[[], None]
    about: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Acting:
    """The parts that act on pictures: records, their files, the large view, queries, export."""

    records: RecordActions
    files: FileActions
    viewing: Viewing
    query: QueryActions
    export: ExportActions
    map: MapSelection


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
    acting: Acting,
    view: ViewChoices,
) -> Menus:
    """The menu bar, menu by menu."""
    return (
        (_("Library"), _library(window, indexing, watching, acting)),
        (_("Edit"), _edit(window, acting)),
        (_("Search"), _search(acting)),
        (_("View"), _view(window, acting, view)),
        (_("Tools"), _tools(window)),
        (_("Help"), _help(window)),
    )


def _library(
    window: WindowCommands, indexing: Indexing, watching: Watching, acting: Acting
) -> tuple[Entry, ...]:
    export, libraries = acting.export, window.libraries
    return (
        Command(_("New library…"), libraries.new, "Shift+F3", ("<Shift-F3>",)),
        Command(_("Open library…"), libraries.open, "F3", ("<F3>",)),
        Submenu(_("Open recent"), libraries.recent),
        Command(_("Save a copy…"), libraries.save_copy, "Ctrl+F3", ("<Control-F3>",)),
        None,
        Command(
            _("Index folder…"), indexing.choose_folder, "Ctrl+I", ("<Control-i>",), changes=True
        ),
        Command(_("Refresh"), indexing.refresh, "F5", ("<F5>",), changes=True),
        Toggle(
            _("Keep folders up to date"),
            watching.wanted,
            watching.chosen,
            changes=True,
            shown="Shift+F5",
            keys=("<Shift-F5>",),
        ),
        None,
        Command(_("Export…"), export.show, "Ctrl+Shift+X", _shift("x"), hindered=export.hindered),
        None,
        Command(_("Models…"), window.models, "Ctrl+M", ("<Control-m>",)),
        Command(_("Skipped files…"), indexing.show_skipped, "Ctrl+Shift+K", _shift("k")),
        Command(
            _("Locate missing folder…"),
            window.locate_folder,
            "Ctrl+J",
            ("<Control-j>",),
            changes=True,
        ),
        Command(
            _("Remove missing records…"),
            acting.records.remove_missing,
            "Ctrl+Shift+R",
            _shift("r"),
            changes=True,
        ),
        Command(_("Verify library"), window.verify, "F7", ("<F7>",)),
        Command(_("Clear cache…"), window.clear_cache, "Ctrl+Shift+G", _shift("g")),
        None,
        Command(_("Quit"), window.quit, "Ctrl+Q", ("<Control-q>",)),
    )


def _shift(letter: str) -> tuple[str, str]:
    """Tk's names of Ctrl+Shift+letter, without and with Caps Lock."""
    return f"<Control-Shift-{letter.upper()}>", f"<Control-Shift-{letter}>"


def _edit(window: WindowCommands, acting: Acting) -> tuple[Entry, ...]:
    records = acting.records
    return (
        Command(
            UNDO,
            records.undo,
            "Ctrl+Z",
            ("<Control-z>",),
            changes=True,
            typing=True,
            hindered=records.hinders_undo,
        ),
        Command(_("Paste"), acting.query.paste, "Ctrl+V", ("<Control-v>",), typing=True),
        Command(_("Select all"), records.select_all, "Ctrl+A", ("<Control-a>",), typing=True),
        None,
        *record_menu(acting),
        None,
        Command(_("Preferences…"), window.preferences, "Ctrl+,", ("<Control-comma>",)),
    )


def record_menu(acting: Acting) -> tuple[Entry, ...]:
    """What can be done with the selected pictures: their context menu, and most of the Edit menu.

    Keys that only the grid understands (Space, Enter) are told here and bound there.
    """
    return (*_asking(acting), None, *_looking(acting), None, *_changing(acting))


def _asking(acting: Acting) -> tuple[Command, ...]:
    one = acting.records.hinders_one
    similar = Command(
        _("Find similar"),
        acting.records.find_similar,
        "Ctrl+Shift+F",
        _shift("f"),
        typing=True,
        hindered=one,
    )
    why = Command(_("Why this hit?"), acting.viewing.why, "Ctrl+Shift+W", _shift("w"), hindered=one)
    return similar, *_judging(acting), why


def _judging(acting: Acting) -> tuple[Command, Command]:
    """More and less like what is selected; a letter alone is a key of the grid."""
    records, query = acting.records, acting.query

    def no_query() -> str:
        return records.hinders_some() or ("" if query.terms else _("Nothing is searched for yet."))

    return (
        Command(
            _("More like this"),
            lambda: query.more_like(records.selected),
            "+",
            hindered=records.hinders_some,
        ),
        Command(
            _("Less like this"), lambda: query.less_like(records.selected), "−", hindered=no_query
        ),
    )


def _looking(acting: Acting) -> tuple[Entry, ...]:
    files, one, file = acting.files, acting.records.hinders_one, acting.records.hinders_file
    some = acting.records.hinders_some

    def image() -> str:
        return files.no_pictures_on_clipboard() or file()

    keys = ("<Control-Return>", "<Control-KP_Enter>")
    return (
        Command(_("View large"), acting.viewing.open, "Space", hindered=one),
        Command(_("Open"), files.open, "Enter", hindered=file),
        Command(_("Open with…"), files.open_with, "Ctrl+Enter", keys, typing=True, hindered=file),
        Command(
            _("Show in folder"), files.show_in_folder, "Ctrl+Shift+D", _shift("d"), hindered=one
        ),
        Command(_("Show on map"), acting.map.show_on_map, "Ctrl+G", ("<Control-g>",), hindered=one),
        None,
        Command(
            _("Copy files"),
            files.copy_files,
            "Ctrl+C",
            ("<Control-c>",),
            typing=True,
            hindered=some,
        ),
        Command(_("Copy image"), files.copy_image, "Ctrl+Shift+I", _shift("i"), hindered=image),
        Command(
            _("Copy path"), files.copy_path, "Ctrl+Shift+C", _shift("c"), typing=True, hindered=one
        ),
    )


def _changing(acting: Acting) -> tuple[Entry, ...]:
    records, files = acting.records, acting.files

    def command(
        label: str,
        run: Callable[[], None],
        shown: str,
        keys: tuple[str, ...],
        hindered: Callable[[], str] = records.hinders_some,
    ) -> Command:
        return Command(label, run, shown, keys, changes=True, typing=True, hindered=hindered)

    one, file = records.hinders_one, records.hinders_file
    return (
        command(_("Tag…"), records.tag, "Ctrl+T", ("<Control-t>",)),
        command(_("Note…"), records.note, "Ctrl+N", ("<Control-n>",), one),
        command(_("Re-embed"), records.re_embed, "Ctrl+Shift+E", _shift("e")),
        command(_("Locate moved file…"), files.locate, "Ctrl+Shift+L", _shift("l"), one),
        command(_("Rename…"), files.rename, "F2", ("<F2>",), file),
        None,
        command(_("Remove from library"), records.remove, "Del", ("<Delete>",)),
        command(_("Move to trash…"), files.trash, "Shift+Del", ("<Shift-Delete>",)),
    )


def _search(acting: Acting) -> tuple[Entry, ...]:
    query = acting.query
    return (
        Command(_("Open image…"), query.open_image, "Ctrl+O", ("<Control-o>",)),
        Command(_("Add image to the query…"), query.add_image, "Ctrl+Shift+O", _shift("o")),
        Command(_("Search by words"), query.type_words, "Ctrl+L", ("<Control-l>",)),
        Command(_("Edit query as text"), query.edit_text, "Ctrl+E", ("<Control-e>",)),
        Command(_("Copy query as text"), query.copy_text, "Ctrl+Shift+Y", _shift("y")),
        None,
        *_asking(acting),
        Command(
            _("Take back the last more or less like this"),
            query.undo_feedback,
            "Ctrl+U",
            ("<Control-u>",),
        ),
        None,
        Command(_("Back"), query.back, "Alt+Left", ("<Alt-Left>",)),
        Command(_("Forward"), query.forward, "Alt+Right", ("<Alt-Right>",)),
        Command(_("Clear history"), query.past.clear, "Ctrl+Shift+H", _shift("h")),
        None,
        Command(_("Save search…"), query.past.save_search, "Ctrl+S", ("<Control-s>",)),
        Command(_("Saved searches…"), query.past.show_saved, "Ctrl+Shift+S", _shift("s")),
        None,
        Command(_("Clear"), query.clear, "Esc", ("<Escape>",)),
    )


def _view(window: WindowCommands, acting: Acting, view: ViewChoices) -> tuple[Entry, ...]:
    larger = ("<Control-plus>", "<Control-equal>", "<Control-KP_Add>")
    smaller = ("<Control-minus>", "<Control-KP_Subtract>")
    show_map, details = view.show_map, view.show_details
    return (
        Command(_("View large"), acting.viewing.open, "Space", hindered=acting.records.hinders_one),
        None,
        *_themes(window, view),
        None,
        Command(_("Filter"), window.filters, "Ctrl+F", ("<Control-f>",)),
        Toggle(_("Map"), show_map, window.parts, shown="F8", keys=("<F8>",)),
        Toggle(_("Details"), details, window.parts, shown="F9", keys=("<F9>",)),
        Command(_("Save map as…"), acting.map.save, "Ctrl+Shift+P", _shift("p")),
        Command(_("Two opinions"), window.compare, "Ctrl+D", ("<Control-d>",), typing=True),
        None,
        Toggle(
            _("Collapse near-identical results"),
            view.collapse,
            window.collapse,
            shown="F6",
            keys=("<F6>",),
        ),
        Command(
            _("Show or hide the near-identical"),
            acting.records.toggle_stack,
            "E",
            hindered=acting.records.hinders_one,
        ),
        None,
        Command(_("Larger thumbnails"), window.larger, "Ctrl++", larger),
        Command(_("Smaller thumbnails"), window.smaller, "Ctrl+−", smaller),
    )


def _themes(window: WindowCommands, view: ViewChoices) -> Iterator[Toggle]:
    for label, name, key in (
        (_("Light"), "light", "F8"),
        (_("Dark"), "dark", "F9"),
        (_("As the system"), "system", "F7"),
    ):
        keys = (f"<Shift-{key}>",)
        yield Toggle(label, view.theme, window.theme, name, shown=f"Shift+{key}", keys=keys)


def _tools(window: WindowCommands) -> tuple[Entry, ...]:
    return (
        Command(_("Near-duplicates…"), window.duplicates, "Ctrl+Shift+N", _shift("n")),
        Command(_("Evaluate on folders…"), window.evaluate, "Ctrl+Shift+M", _shift("m")),
        Command(_("Statistics…"), window.statistics, "F4", ("<F4>",)),
    )


def _help(window: WindowCommands) -> tuple[Entry, ...]:
    return (
        Command(_("Help"), window.help, "F1", ("<F1>",)),
        Command(_("Shortcuts"), window.shortcuts, "Ctrl+F1", ("<Control-F1>",)),
        None,
        Command(_("Show the log"), window.log, "F12", ("<F12>",)),
        Command(_("About cbir"), window.about, "Shift+F1", ("<Shift-F1>",)),
    )


def shortcuts(menus: Menus) -> list[tuple[str, str]]:
    """Every shortcut and what it does, each once, for the help."""
    told = {
        (entry.shown, entry.label.rstrip("…")): None
        for _, entries in menus
        for entry in entries
        if entry is not None and entry.shown
    }
    return [
        *told,
        ("/", _("Search by words")),
        (_("Double click"), _("Open the picture in the system's viewer")),
        (_("Arrows, Home, End, Page up, Page down"), _("Walk through the pictures")),
        (_("Ctrl+click, Shift+click, drag"), _("Select several pictures")),
        (_("Menu, Shift+F10, right click"), _("What can be done with a picture")),
        (_("Ctrl+arrows, Ctrl+Space"), _("Walk without selecting; select or unselect one more")),
        ("Ctrl+wheel", _("Larger or smaller thumbnails")),
        (_("In the large view: arrows, Page up, Page down"), _("Move, or go to other pictures")),
        (_("In the large view: wheel, Ctrl++, Ctrl+−, 0, 1"), _("Zoom; all of it; single pixels")),
        (
            _("In near-duplicates: Left, Right, Ctrl+Up, Ctrl+Down"),
            _("To other pictures or groups"),
        ),
        (_("In near-duplicates: Space, F, D, S, G"), _("Tick, flip, difference, beside, in grid")),
        (_("In the large view: Q, B, H"), _("Query beside; search a part; why this hit")),
        (_("On the map: + and −, arrows, 0 or Home"), _("Zoom; move; show all of it")),
        (_("On the map: Ctrl+arrows, Enter, Ctrl+Space"), _("To the next point; select; add it")),
        (_("On the map: L, B, Esc"), _("Draw a lasso; draw a box; neither")),
        (_("F10, Alt+underlined letter"), _("Open a menu")),
    ]
