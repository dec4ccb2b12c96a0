"""Acting on files from the window: open, copy, rename, throw away."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cbir.errors import CbirError
from cbir.ui.actions import desktop
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, sheets, texts


def select(window: Window, name: str) -> int:
    records = window.results.records.values()
    record_id = next(record.id for record in records if record.path.endswith(name))
    window.records.go_to(record_id)
    return record_id


def entry_of(sheet: object) -> object:
    children = sheet.body.winfo_children()  # type: ignore[attr-defined]
    return next(child for child in children if child.winfo_class() == "TEntry")


def type_line(window: Window, line: str, button: str = "OK") -> None:
    entry = entry_of(sheets(window)[0])
    entry.delete(0, "end")  # type: ignore[attr-defined]
    entry.insert(0, line)  # type: ignore[attr-defined]
    press(sheets(window)[0], button)


def test_opening_and_copying_the_path(
    open_window: OpenWindow, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(pictures)
    opened: list[str] = []
    monkeypatch.setattr(desktop, "open_file", opened.append)
    record_id = select(window, "red_00.png")
    path = window.results.records[record_id].path
    window.files.open()
    assert opened == [path]
    window.files.copy_path()
    assert window.root.clipboard_get() == path

    def refuse(path: str) -> None:
        raise CbirError("The system has no `xdg-open` to open it with.")

    monkeypatch.setattr(desktop, "show_in_folder", refuse)
    window.files.show_in_folder(record_id)
    assert "xdg-open" in window.layout.status.message


def test_files_on_the_clipboard_are_for_file_managers_and_editors(
    open_window: OpenWindow, pictures: Path
) -> None:
    window = open_window(pictures)
    window.files.copy_files()
    assert window.layout.status.message == "Select pictures first."
    window.records.select_all()
    window.files.copy_files()

    def held(kind: str) -> list[str]:
        text = window.root.selection_get(selection="CLIPBOARD", type=kind)
        return str(text).split()

    paths = [record.path for record in window.results.records.values()]
    uris = [Path(path).as_uri() for path in paths]
    assert held("text/uri-list") == uris
    assert held("x-special/gnome-copied-files") == ["copy", *uris]
    assert window.root.clipboard_get().splitlines() == paths


def test_a_picture_on_the_clipboard_is_offered_as_png(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    select(window, "red_00.png")
    window.files.copy_image()
    settle(window, wait_until)
    assert window.layout.status.message == "Copied the picture red_00.png."
    text = window.root.selection_get(selection="CLIPBOARD", type="image/png")
    assert str(text).startswith("\x89PNG")  # Tk itself reads no further than the first zero


def test_a_program_is_chosen_to_open_with(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "share" / "applications"
    folder.mkdir(parents=True)
    (folder / "seen.desktop").write_text(
        "[Desktop Entry]\nName=Seen\nExec=seen --here %f\nMimeType=image/png;\n"
    )
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "none"))
    window = open_window(pictures)
    record_id = select(window, "red_00.png")
    path = window.results.records[record_id].path
    window.files.open_with()
    wait_until(lambda: bool(sheets(window)))
    window.root.update()
    assert entry_of(sheets(window)[0]).get() == "seen --here %f"  # type: ignore[attr-defined]

    started: list[list[str]] = []
    monkeypatch.setattr(desktop, "_start", started.append)
    press(sheets(window)[0], "Open")
    assert started == [["seen", "--here", path]]
    assert not sheets(window)

    window.files.open_with()
    wait_until(lambda: bool(sheets(window)))
    window.root.update()
    type_line(window, 'unfinished "', "Open")
    assert "is no command line" in window.layout.status.message


@pytest.mark.skipif(sys.platform == "win32", reason="there a program of Windows asks")
def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(CbirError, match="has no `no-such-viewer`"):
        desktop.open_with("no-such-viewer", str(tmp_path / "a.png"))
    with pytest.raises(CbirError, match="not there any more"):
        desktop.open_with("true", str(tmp_path / "gone.png"))


def test_renaming_from_the_window_and_back(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = select(window, "red_00.png")
    window.files.rename()
    assert entry_of(sheets(window)[0]).selection_get() == "red_00"  # type: ignore[attr-defined]
    type_line(window, "the first")
    settle(window, wait_until)
    assert (pictures / "the first.png").exists()
    assert window.results.records[record_id].path == str(pictures / "the first.png")
    assert window.layout.status.message == "Renamed red_00.png to the first.png."
    assert "the first.png" in texts(window.layout.inspector)
    window.layout.status.offer.invoke()
    settle(window, wait_until)
    assert (pictures / "red_00.png").exists()
    assert window.results.records[record_id].path == str(pictures / "red_00.png")


def test_a_name_that_is_taken_is_told(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = select(window, "red_00.png")
    window.files.rename()
    sheet = sheets(window)[0]
    for typed, told in (
        ("red_01", "There is a picture red_01.png in the library already: choose another name."),
        ("red_01.jpg", "The picture is of the kind PNG, which the ending .jpg does not fit: "),
    ):
        type_line(window, typed)
        settle(window, wait_until)
        assert any(told in text for text in texts(sheet))
        assert entry_of(sheet).get() == typed  # type: ignore[attr-defined]
        assert not window.records.unwritten
    type_line(window, "a better name")
    settle(window, wait_until)
    assert not sheets(window)
    assert (pictures / "a better name.png").exists()

    (pictures / "a better name.png").unlink()
    window.indexing.refresh()
    settle(window, wait_until)
    window.records.go_to(record_id)
    window.files.rename()
    assert not sheets(window)
    assert window.layout.status.message == (
        "The file of a better name.png is missing: locate it first."
    )


def test_the_trash_asks_each_time_and_undo_brings_the_records_back(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trash = tmp_path / "trash"
    trash.mkdir()

    def throw(path: str) -> None:
        if path.endswith("red_01.png"):
            raise PermissionError(13, "Permission denied")
        os.rename(path, trash / Path(path).name)

    monkeypatch.setattr("send2trash.send2trash", throw)
    window = open_window(pictures)
    two = [record.id for record in window.results.records.values() if "red_0" in record.path][:2]
    window.files.trash(two)
    told = texts(sheets(window)[0])
    assert "Move 2 files to the trash?" in told
    assert any("red_00.png, red_01.png, in" in text for text in told)
    press(sheets(window)[0], "Cancel")
    assert not list(trash.iterdir())

    window.files.trash(two)
    press(sheets(window)[0], "Move to trash")
    settle(window, wait_until)
    assert [path.name for path in trash.iterdir()] == ["red_00.png"]
    assert [id_ in window.results.records for id_ in two] == [False, True]
    assert "1 file could not be moved" in window.layout.status.message
    press(sheets(window)[0], "Close")
    window.layout.status.offer.invoke()
    settle(window, wait_until)
    assert two[0] in window.results.records


def test_what_is_only_read_is_neither_renamed_nor_thrown_away(
    open_window: OpenWindow, pictures: Path
) -> None:
    window = open_window(pictures)
    select(window, "red_00.png")
    window.context.facts = type(window.context.facts)(
        read_only=True, read_only_reason="Another program writes this library."
    )
    for act in (window.files.rename, window.files.trash, window.records.remove):
        act()
        assert not sheets(window)
        assert window.layout.status.message == "Another program writes this library."
