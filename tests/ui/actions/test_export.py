"""The Export dialog: what, as what, where; and what is said of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import ttkbootstrap as ttk

from cbir.ui.actions.export import ExportSheet, _by_ending
from cbir.ui.window import Window
from cbir.work.exporting import ExportKind
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, sheets, texts


def open_sheet(window: Window) -> ExportSheet:
    window.export.show()
    sheet = sheets(window)[0]
    assert isinstance(sheet, ExportSheet)
    return sheet


def choose(sheet: ExportSheet, text: str) -> None:
    def look(widget: Any) -> None:
        for child in widget.winfo_children():
            button = isinstance(child, (ttk.Radiobutton, ttk.Checkbutton))
            if button and child.cget("text") == text:
                child.invoke()
            look(child)

    look(sheet)


def test_hits_become_a_table_with_scores_in_their_order(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    window.query.search_image(str(pictures / "red_03.png"))
    settle(window, wait_until)
    window.context.choosers.new_file = lambda *_: str(tmp_path / "hits.csv")
    press(open_sheet(window), "Choose where…")
    settle(window, wait_until)
    with (tmp_path / "hits.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    paths = [record.path for record in window.results.records.values()]
    assert [row["path"] for row in rows] == paths
    assert float(rows[0]["score"]) == 1.0
    assert window.layout.status.message.startswith("Exported 12 pictures to ")
    assert window.layout.status.offer.winfo_manager()


def test_selected_pictures_alone_as_json(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    two = tuple(window.results.records)[3:5]
    window.layout.grid.select(two)
    window.records.select(two)
    window.context.choosers.new_file = lambda *_: str(tmp_path / "two.json")
    sheet = open_sheet(window)
    assert "disabled" in str(sheet._rank.cget("state"))
    choose(sheet, "JSON")
    press(sheet, "Choose where…")
    settle(window, wait_until)
    document = json.loads((tmp_path / "two.json").read_text())
    assert [hit["id"] for hit in document["hits"]] == list(two)
    assert document["hits"][0]["score"] is None


def test_files_are_copied_and_what_could_not_be_is_listed(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    (pictures / "red_00.png").unlink()
    folder = tmp_path / "copies"
    folder.mkdir()
    window.context.choosers.folder = lambda *_: str(folder)
    sheet = open_sheet(window)
    choose(sheet, "Copies of the files")
    choose(sheet, "Begin the names with their rank (01 sea.jpg)")  # not, then
    press(sheet, "Choose where…")
    settle(window, wait_until)
    assert len(list(folder.glob("*.png"))) == 11
    assert (folder / "blue_06.png").exists()
    assert any("1 picture could not be exported" in text for text in texts(sheets(window)[0]))


def test_nothing_happens_where_it_is_cancelled(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    before = window.layout.status.message
    press(open_sheet(window), "Cancel")
    window.context.choosers.new_file = lambda *_: None
    press(open_sheet(window), "Choose where…")
    settle(window, wait_until)
    assert window.layout.status.message == before


def test_what_cannot_be_written_is_told(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    window.context.choosers.new_file = lambda *_: str(tmp_path / "no" / "such" / "a.csv")
    press(open_sheet(window), "Choose where…")
    wait_until(lambda: bool(sheets(window)))
    assert any("cannot be written" in text for text in texts(sheets(window)[0]))


def test_an_empty_view_has_nothing_to_export(open_window: OpenWindow) -> None:
    window = open_window()
    assert window.export.hindered()
    window.export.show()
    assert not sheets(window)


@pytest.mark.parametrize(
    ("typed", "chosen", "written"),
    [
        ("/a/out.csv", "html", ("/a/out.csv", "csv")),
        ("/a/out.HTM", "csv", ("/a/out.HTM", "html")),
        ("/a/out", "json", ("/a/out.json", "json")),
        ("/a/out.v2", "csv", ("/a/out.v2.csv", "csv")),
    ],
)
def test_an_ending_that_was_typed_decides_the_kind(
    typed: str, chosen: ExportKind, written: tuple[str, ExportKind]
) -> None:
    assert _by_ending(typed, chosen) == written
