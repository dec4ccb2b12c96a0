"""What the window says when something cannot be done: sentences and buttons, never a crash."""

from __future__ import annotations

import tkinter
from collections.abc import Iterator
from pathlib import Path

import pytest
import ttkbootstrap as ttk

from cbir.asking import Term
from cbir.errors import CbirError
from cbir.library import Library
from cbir.ui.widgets.sheet import Sheet
from cbir.ui.window import Window
from cbir.work.messages import Notice
from cbir.work.searching import SearchRequest
from tests.library.helpers import image_file
from tests.ui.conftest import OpenWindow, WaitUntil, settle


def texts(widget: tkinter.Misc) -> list[str]:
    """Every text shown in a widget and below it."""
    return list(_texts(widget))


def _texts(widget: tkinter.Misc) -> Iterator[str]:
    if widget.winfo_class() in ("TLabel", "TButton", "Label"):
        yield str(widget.cget("text"))
    for child in widget.winfo_children():
        yield from _texts(child)


def sheets(window: Window) -> list[Sheet]:
    return [child for child in window.root.winfo_children() if isinstance(child, Sheet)]


def press(widget: tkinter.Misc, text: str) -> None:
    """Press the button with this text."""
    for child in widget.winfo_children():
        if isinstance(child, ttk.Button) and str(child.cget("text")) == text:
            child.invoke()
            return
    for child in widget.winfo_children():
        if text in texts(child):
            press(child, text)
            return
    raise AssertionError(f"no button {text!r} in {texts(widget)}")


@pytest.mark.parametrize(
    ("name", "reason"), [("broken.png", "not an image"), ("gone.png", "no such file")]
)
def test_a_query_that_is_no_picture(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, name: str, reason: str
) -> None:
    window = open_window(pictures)
    window.query.search_image(str(pictures / name))
    settle(window, wait_until)
    assert reason in window.layout.status.message
    assert "This picture cannot be searched by" in texts(window.layout.grid)
    press(window.layout.grid, "Back to the library")
    settle(window, wait_until)
    assert len(window.results.records) == 12


def test_words_without_clip_lead_to_the_models(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.layout.query_bar.words.text = "a red car"
    window.layout.query_bar.search_button.invoke()
    assert window.layout.query_bar.spaces.selected == "clip"
    settle(window, wait_until)
    assert "No CLIP vectors in this library yet" in texts(window.layout.grid)
    press(window.layout.grid, "Models…")
    assert len(sheets(window)) == 1
    settle(window, wait_until)
    assert "Not on this computer" in texts(sheets(window)[0])
    window.models.show()
    assert len(sheets(window)) == 1


def test_no_words_are_asked_for_again(open_window: OpenWindow) -> None:
    window = open_window()
    window.layout.query_bar.search_button.invoke()
    assert window.layout.status.message.startswith("Type some words first")


def test_a_space_without_vectors_is_not_chosen_but_explained(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.layout.query_bar.spaces.buttons["resnet18"].invoke()
    assert "No ResNet18 vectors in this library yet" in texts(window.layout.grid)
    assert window.layout.query_bar.spaces.selected == "classic"
    press(window.layout.grid, "Back")
    settle(window, wait_until)
    assert len(window.results.records) == 12


def test_a_library_file_that_is_none(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    file = tmp_path / "library.npz"
    file.write_bytes(b"not a library at all")
    window = open_window(library=file, wait=False)
    wait_until(lambda: "cannot be opened" in window.layout.status.message)
    assert "The library cannot be opened" in texts(window.layout.grid)
    assert file.read_bytes() == b"not a library at all"


def test_a_folder_that_is_not_there(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    window = open_window()
    window.indexing.index([str(tmp_path / "nowhere")])
    wait_until(lambda: bool(sheets(window)))
    assert any("nowhere" in text for text in texts(sheets(window)[0]))
    assert not window.indexing.busy


def test_a_second_window_on_the_same_library_can_only_read(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    from cbir.library import Library

    with Library.open(tmp_path / "held.npz"):
        window = open_window(library=tmp_path / "held.npz")
        assert window.context.facts.read_only
        assert window.root.title().endswith("(read-only)")
        window.indexing.index([str(pictures)])
        assert not window.indexing.busy
        assert window.layout.status.message == window.context.facts.read_only_reason
        menu = window.menu_bar.menus["Library"]
        assert menu.entrycget("Index folder…", "state") == "disabled"


def test_unexpected_errors_are_told_once_and_the_program_goes_on(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.help.show_error(ValueError("first"))
    window.help.show_error(ValueError("second"))
    assert len(sheets(window)) == 1
    assert "ValueError: first" in texts(sheets(window)[0])
    press(sheets(window)[0], "Close")
    window.help.show_error(CbirError("A sentence for the user."))
    assert "A sentence for the user." in texts(sheets(window)[0])
    press(sheets(window)[0], "Close")
    window.query.search_image(str(pictures / "red_01.png"))
    settle(window, wait_until)
    assert window.results.records


def test_an_error_in_a_callback_is_logged_and_told(
    open_window: OpenWindow, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_window()
    try:
        raise KeyError("a fault")
    except KeyError as error:
        window.help.report(KeyError, error, error.__traceback__)
    assert "KeyError" in caplog.text
    assert any("KeyError" in text for text in texts(sheets(window)[0]))
    press(sheets(window)[0], "Close")
    window.help.report_tcl("unknown option")
    assert any("unknown option" in text for text in texts(sheets(window)[0]))


def test_a_search_for_a_removed_record(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.results.search(SearchRequest((Term(record=999),)))
    settle(window, wait_until)
    assert "This picture cannot be searched by" in texts(window.layout.grid)


def test_skipped_files_are_listed(open_window: OpenWindow, pictures: Path) -> None:
    window = open_window(pictures)
    window.indexing.show_skipped()
    assert any("1 file could not be indexed" in text for text in texts(sheets(window)[0]))
    press(sheets(window)[0], "Copy list")
    assert window.root.clipboard_get() == f"{pictures / 'broken.png'}\tnot an image"
    press(sheets(window)[0], "Close")
    assert not sheets(window)


def test_verify_and_help_dialogs(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.verify()
    wait_until(lambda: bool(sheets(window)))
    assert any("12 records" in text for text in texts(sheets(window)[0]))
    press(sheets(window)[0], "Close")
    window.help.show_about()
    assert "ttkbootstrap" in texts(sheets(window)[0])
    press(sheets(window)[0], "Close")
    window.help.show_log()
    press(sheets(window)[0], "Close")
    assert not sheets(window)


def test_what_is_whole_of_a_damaged_library_is_saved_from_the_window(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    path = tmp_path / "home" / "library.npz"
    with Library.open(path) as library:
        library.add([image_file(number) for number in range(1, 6)])
        library.fold()
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content[:-100])
    window = open_window(wait=False)
    wait_until(lambda: window.quiet)
    assert "cannot be opened" in window.layout.status.message
    press(window.layout.grid._message, "Save what is whole")
    wait_until(lambda: bool(sheets(window)))
    assert any("Saved 5 records" in text for text in texts(sheets(window)[0]))
    assert path.with_name("library.repaired.npz").exists()


def test_a_wrong_settings_file_is_told_as_the_window_opens(open_window: OpenWindow) -> None:
    window = open_window(problems=("One is wrong.", "Another\nline."))
    (sheet,) = sheets(window)
    assert any("One is wrong." in text and "Another" in text for text in texts(sheet))


def test_a_notice_of_the_work_is_told(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    window.engine.outbox.put(Notice("The CPU does it from here on."))
    wait_until(lambda: bool(sheets(window)))
    assert "The CPU does it from here on." in texts(sheets(window)[0])
    press(sheets(window)[0], "Close")
