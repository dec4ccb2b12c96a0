"""Skipped files: listed by reason, shown in their folder, tried again, copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from cbir.ui.actions import desktop
from cbir.ui.actions.skipped import SkippedSheet
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, draw_picture, settle


def sheet_of(window: Window) -> SkippedSheet:
    (sheet,) = [c for c in window.root.winfo_children() if isinstance(c, SkippedSheet)]
    return sheet


def names(sheet: SkippedSheet) -> list[str]:
    return [sheet.table.set(row, "name") for row in sheet.table.get_children()]


def test_skipped_files_are_filtered_shown_tried_again_and_copied(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = (pictures / "red_00.png").read_bytes()
    (pictures / "cut.png").write_bytes(whole[:60])
    (pictures / "gone.png").write_bytes(b"no picture either")
    window = open_window(pictures)
    assert len(window.context.facts.skipped) == 3
    window.root.focus_force()
    window.root.event_generate("<Control-Shift-K>")
    sheet = sheet_of(window)
    assert names(sheet) == ["broken.png", "cut.png", "gone.png"]
    values = list(sheet.reasons.cget("values"))
    assert values[0] == "All reasons (3)"
    assert values[1] == "not an image (2)"
    sheet.reasons.current(1)
    sheet.reasons.event_generate("<<ComboboxSelected>>")
    assert names(sheet) == ["broken.png", "gone.png"]

    copied, show, again, _ = sheet.buttons
    copied.invoke()
    assert window.root.clipboard_get() == (
        f"{pictures / 'broken.png'}\tnot an image\n{pictures / 'gone.png'}\tnot an image"
    )
    assert str(show.cget("state")) == "disabled"
    sheet.table.selection_set("0")
    window.root.update()
    started: list[list[str]] = []
    monkeypatch.setattr(desktop, "_start", started.append)
    show.invoke()
    assert str(pictures) in started[0][-1]

    # what was repaired without a trace in size and time is found by another try
    at = (pictures / "broken.png").stat()
    skipped = {Path(f.path).name: f for f in window.context.facts.skipped}
    draw_picture(pictures / "broken.png", 5)
    (pictures / "gone.png").unlink()
    assert skipped["broken.png"].mtime_ns == at.st_mtime_ns
    sheet.table.selection_set("0", "1")
    again.invoke()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert window.context.facts.records == 13
    assert names(sheet) == ["cut.png"]
    assert "1 file could not be indexed" in str(sheet._text.cget("text"))
    again.invoke()  # all that is listed
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert names(sheet) == ["cut.png"]
    window.indexing.show_skipped()
    assert sheet_of(window) is sheet
