"""The help, About and the cache: what a user reads, finds, copies and clears."""

from __future__ import annotations

from pathlib import Path

from cbir import __version__
from cbir.ui.help_pages import Page, pages
from cbir.ui.help_window import HelpWindow
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, sheets, texts


def open_help(window: object) -> HelpWindow:
    window.root.focus_force()  # type: ignore[attr-defined]
    window.root.update()  # type: ignore[attr-defined]
    window.root.event_generate("<F1>")  # type: ignore[attr-defined]
    window.root.update()  # type: ignore[attr-defined]
    shown = [sheet for sheet in sheets(window) if isinstance(sheet, HelpWindow)]  # type: ignore[arg-type]
    assert len(shown) == 1
    return shown[0]


def test_f1_opens_the_help_once(open_window: OpenWindow) -> None:
    window = open_window()
    help_window = open_help(window)
    assert help_window.text.get("1.0", "1.end") == "First steps"
    assert open_help(window) is help_window
    window.help.show((), "The map")
    window.root.update()
    assert help_window.text.get("1.0", "1.end") == "The map"
    assert "PCA" in help_window.text.get("1.0", "end")


def test_words_are_found_and_marked(open_window: OpenWindow) -> None:
    help_window = open_help(open_window())
    help_window.words.set("cosine")
    help_window.update()
    titles = help_window.list.get_children()
    assert titles
    assert set(titles) < set(help_window._pages)
    assert help_window.text.tag_ranges("found")
    help_window.words.set("xyzzy")
    help_window.update()
    assert not help_window.list.get_children()
    assert "No page holds this." in texts(help_window)
    help_window.words.set("")
    help_window.update()
    assert len(help_window.list.get_children()) == len(help_window._pages)


def test_the_help_tells_every_shortcut_of_the_menus(open_window: OpenWindow) -> None:
    window = open_window()
    window.menu_bar.menus["Help"].invoke("Shortcuts")
    window.root.update()
    help_window = next(sheet for sheet in sheets(window) if isinstance(sheet, HelpWindow))
    told = help_window.text.get("1.0", "end")
    for menu in window.menu_bar.menus.values():
        last = menu.index("end")
        assert last is not None
        for index in range(last + 1):
            if menu.type(index) != "separator" and menu.entrycget(index, "accelerator"):
                assert f"{menu.entrycget(index, 'accelerator')}\t" in told


def test_a_page_is_found_by_all_its_words() -> None:
    page = Page("Shortcuts", "", (("F2", "Rename"),))
    assert page.holds("rename f2")
    assert not page.holds("rename f3")
    assert [page.title for page in pages([])][:2] == ["First steps", "Shortcuts"]


def test_about_tells_versions_and_copies_them(open_window: OpenWindow) -> None:
    window = open_window()
    window.help.show_about()
    sheet = sheets(window)[0]
    assert __version__ in texts(sheet)
    press(sheet, "Copy details")
    copied = window.root.clipboard_get()
    for name in ("cbir", "Python", "Tk", "torch", "numpy", "System", "Models run on"):
        assert f"{name}: " in copied


def test_a_first_window_says_what_to_do(open_window: OpenWindow) -> None:
    window = open_window()
    told = texts(window.layout.grid)
    assert {"Index a folder…", "Models…", "Help"} <= set(told)
    assert any("get CLIP under Models" in text for text in told)
    press(window.layout.grid, "Help")
    assert isinstance(sheets(window)[0], HelpWindow)


def test_the_cache_is_cleared_after_a_question(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    folder = window.engine.settings.thumbnails_folder
    wait_until(lambda: any(path.is_file() for path in folder.rglob("*")))
    settle(window, wait_until)
    menu = window.menu_bar.menus["Library"]
    menu.invoke("Clear cache…")
    wait_until(lambda: bool(sheets(window)))
    press(sheets(window)[0], "Clear cache")
    settle(window, wait_until)
    assert window.layout.status.message.startswith("The cache was cleared: ")
    menu.invoke("Clear cache…")
    settle(window, wait_until)
    assert window.layout.status.message == "The cache is empty."
    assert len(window.results.records) == 12
