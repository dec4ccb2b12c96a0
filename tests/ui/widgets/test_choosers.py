"""Choosing files and folders: what was typed is what is taken, and the window goes on meanwhile."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ttkbootstrap as ttk

from cbir.ui.widgets import choosers


def below(widget: tkinter.Misc) -> Iterator[tkinter.Misc]:
    for child in widget.winfo_children():
        yield child
        yield from below(child)


def dialog_of(root: ttk.App) -> tkinter.Toplevel:
    return next(child for child in root.winfo_children() if isinstance(child, tkinter.Toplevel))


def choose(root: ttk.App, start: Path, work: Callable[[ttk.Entry], None]) -> str | None:
    """Open the folder chooser at ``start``; ``work`` is handed its entry, then it is closed."""

    def act() -> None:
        dialog = dialog_of(root)
        work(next(widget for widget in below(dialog) if isinstance(widget, ttk.Entry)))
        if dialog.winfo_exists():
            dialog.destroy()

    root.after(5, act)
    return choosers.choose_folder(root, "Index a folder", str(start))


def typed(entry: ttk.Entry, text: str) -> None:
    entry.delete(0, "end")
    entry.insert(0, text)
    entry.focus_force()
    entry.update()
    entry.event_generate("<Return>")


def test_the_folder_typed_is_chosen_not_the_one_listed(root: ttk.App, tmp_path: Path) -> None:
    start, other = tmp_path / "start", tmp_path / "other"
    start.mkdir()
    other.mkdir()
    assert choose(root, start, lambda entry: typed(entry, str(other))) == str(other)
    assert choose(root, start, lambda entry: typed(entry, "../other")) == str(other)


def test_the_home_folder_can_be_typed(
    root: ttk.App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pictures").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    chosen = choose(root, tmp_path, lambda entry: typed(entry, "~/Pictures"))
    assert chosen == str(tmp_path / "Pictures")


def test_the_folder_listed_is_offered_and_a_wrong_one_is_not_taken(
    root: ttk.App, tmp_path: Path
) -> None:
    offered: list[str] = []

    def work(entry: ttk.Entry) -> None:
        offered.append(entry.get())
        typed(entry, str(tmp_path / "nowhere"))

    assert choose(root, tmp_path, work) is None
    assert offered == [str(tmp_path)]


def test_a_file_chooser_gives_a_path_or_none(
    root: ttk.App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    answers = ["/a.jpg", None]

    def answer(_parent: object, **options: Any) -> str | None:
        asked.append(options)
        return answers.pop(0)

    monkeypatch.setattr(ttk.Querybox, "get_open_filename", answer)
    assert choosers.choose_image(root, "Open", str(tmp_path)) == "/a.jpg"
    assert choosers.choose_image(root) is None
    kinds = dict(asked[0]["filetypes"])
    assert "*.jpg" in kinds["Pictures"]
    assert "*.JPG" in kinds["Pictures"]
    assert [options["initialdir"] for options in asked] == [str(tmp_path), choosers.usual_folder()]


def test_polling_goes_on_while_a_file_is_chosen(root: ttk.App, tmp_path: Path) -> None:
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) < 10:
            root.after(5, tick)
        else:
            dialog_of(root).destroy()

    root.after(5, tick)
    assert choosers.choose_folder(root, "Index a folder", str(tmp_path)) is None
    assert len(ticks) == 10


def test_pictures_are_looked_for_where_they_usually_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_pictures_dir", lambda: str(tmp_path))
    assert choosers.usual_folder() == str(tmp_path)
    monkeypatch.setattr("platformdirs.user_pictures_dir", lambda: str(tmp_path / "gone"))
    monkeypatch.setenv("HOME", "/home/somebody")
    assert choosers.usual_folder() == "/home/somebody"
