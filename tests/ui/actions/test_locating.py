"""A folder that is elsewhere now: listed, previewed, followed, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import ttkbootstrap as ttk

from cbir.ui.actions.locating import LostFolders
from cbir.ui.widgets.sheet import Sheet
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, settle

S = TypeVar("S", bound=Sheet)


def sheets(window: Window, kind: type[S]) -> list[S]:
    return [child for child in window.root.winfo_children() if type(child) is kind]


def texts(widget: ttk.Toplevel) -> str:
    found = [str(widget.cget("text"))] if "text" in widget.keys() else []  # noqa: SIM118
    return "\n".join(found + [texts(child) for child in widget.winfo_children()])


def button(widget: ttk.Toplevel, text: str) -> ttk.Button:
    for child in widget.winfo_children():
        if isinstance(child, ttk.Button) and text in str(child.cget("text")):
            return child
        if not isinstance(child, ttk.Button):
            try:
                return button(child, text)
            except LookupError:
                continue
    raise LookupError(text)


def test_a_folder_is_located_and_all_its_pictures_follow(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    window.root.event_generate("<Control-j>")
    wait_until(lambda: "every folder is where it was" in window.layout.status.message)
    assert not sheets(window, LostFolders)

    new = tmp_path / "renamed"
    pictures.rename(new)
    (new / "red_00.png").unlink()
    window.root.event_generate("<Control-j>")
    wait_until(lambda: sheets(window, LostFolders))
    [listing] = sheets(window, LostFolders)
    rows = [listing.table.item(row, "values") for row in listing.table.get_children()]
    assert rows == [(str(pictures), "12")]

    window.records.find_similar(next(iter(window.results.records)))
    settle(window, wait_until)
    nowhere = tmp_path / "nowhere" / "deep"
    nowhere.mkdir(parents=True)
    (nowhere / "red_01.png").write_bytes(b"another")
    starts, answers = [], [str(nowhere), str(tmp_path)]

    def choose(_parent: object, _title: str, start: str) -> str:
        starts.append(start)
        return answers[len(starts) - 1]

    window.context.choosers.folder = choose
    button(listing, "Locate folder").invoke()
    wait_until(lambda: sheets(window, Sheet))
    [told] = sheets(window, Sheet)
    assert "None of these pictures is there" in texts(told)
    assert f"{nowhere} and the folders directly in it were looked into" in texts(told)
    why = "No picture is located: 11 files are not there, 1 file there is another one."
    assert why in texts(told)
    told.destroy()

    button(listing, "Locate folder").invoke()
    wait_until(lambda: sheets(window, Sheet))
    [preview] = sheets(window, Sheet)
    assert starts == [str(tmp_path), str(nowhere.parent)]
    assert f"{pictures} is now {new}" in texts(preview)
    assert "in the folder that you chose, which has none of them itself" in texts(preview)
    assert "11 pictures are there. Left as they are: 1 file is not there." in texts(preview)
    assert all(str(pictures) in record.path for record in window.results.records.values())
    button(preview, "Locate 11 pictures").invoke()
    wait_until(lambda: "Located 11 pictures" in window.layout.status.message)
    settle(window, wait_until)
    assert sum(str(new) in record.path for record in window.results.records.values()) == 11

    def listed() -> list[tuple[str, ...]]:
        return [listing.table.item(row, "values") for row in listing.table.get_children()]

    wait_until(lambda: listed() == [(str(pictures), "1")])
    assert "Located 11 pictures" in window.layout.status.message

    window.layout.status.offer.invoke()
    wait_until(lambda: "ndone" in window.layout.status.message)
    settle(window, wait_until)
    assert all(str(pictures) in record.path for record in window.results.records.values())
    wait_until(lambda: listed() == [(str(pictures), "12")])
