"""Near-duplicates in the real window: found, compared, removed, thrown away, brought back."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from cbir.records import DuplicateLevel
from cbir.ui.duplicates.window import DuplicatesWindow
from cbir.ui.widgets.sheet import Sheet
from cbir.ui.window import Window
from cbir.work.duplicates import DuplicateFinder
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.duplicates.copies import make_copies
from tests.ui.test_window_trouble import press, texts


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return make_copies(tmp_path / "copies")


def names(shown: DuplicatesWindow) -> list[list[str]]:
    return [
        sorted(Path(r.path).stem for r in (group.best, *(copy.record for copy in group.copies)))
        for group in shown.groups
    ]


def open_duplicates(window: Window, wait_until: WaitUntil) -> DuplicatesWindow:
    window.duplicates.show()
    shown = window.duplicates.window
    assert shown is not None
    wait_until(lambda: shown.groups or "No duplicates" in shown.message)
    settle(window, wait_until)
    return shown


def choose(shown: DuplicatesWindow, level: DuplicateLevel) -> None:
    shown.levels[level].invoke()


def key(shown: DuplicatesWindow, name: str) -> None:
    shown.group_list.canvas.focus_force()
    shown.update()
    shown.group_list.canvas.event_generate(name)
    shown.update()


def asked(shown: DuplicatesWindow) -> Sheet:
    [sheet] = [child for child in shown.winfo_children() if isinstance(child, Sheet)]
    return sheet


SAME = [["car", "car_half", "car_twin"], ["boat", "boat_twin"]]


def test_groups_are_found_at_each_level_compared_and_shown_in_the_grid(
    open_window: OpenWindow, wait_until: WaitUntil, copies: Path
) -> None:
    window = open_window(copies)
    shown = open_duplicates(window, wait_until)
    assert sorted(names(shown)) == sorted(SAME)
    assert shown.summary.cget("text").startswith("2 groups · 3 copies · ")
    choose(shown, "identical")
    wait_until(lambda: [len(group) for group in names(shown)] == [2, 2])
    assert "by their bytes" in shown.summary.cget("text")
    choose(shown, "alike")
    wait_until(lambda: any("car_mirrored" in group for group in names(shown)))
    choose(shown, "same")  # found before: there at once
    assert sorted(names(shown)) == sorted(SAME)

    largest = next(at for at, group in enumerate(names(shown)) if "car_half" in group)
    shown.group_list.choose(largest)
    settle(window, wait_until)
    half = [Path(m.record.path).stem for m in shown.member_list.members].index("car_half")
    shown.member_list.choose(half)
    settle(window, wait_until)
    table = shown.comparison.table
    wait_until(lambda: table.cells["format", 1].cget("text") == "JPEG, RGB")
    assert table.cells["name", 1].cget("text") == "car_half.jpg"
    assert table.cells["pixels", 0].cget("text").startswith("✓ ")
    assert not table.cells["pixels", 1].cget("text").startswith("✓ ")
    canvases = shown.comparison.canvases
    assert canvases[0].loaded == 2 * canvases[1].loaded > 0
    assert [canvas.winfo_viewable() for canvas in canvases] == [1, 1, 0]
    canvases[0].zoom(3)  # the other one follows
    assert canvases[1].view == canvases[0].view

    key(shown, "<KeyPress-f>")
    assert shown.comparison.flipped
    assert shown.winfo_containing(*middle_of(canvases[0])) is canvases[1]
    key(shown, "<KeyRelease-f>")
    wait_until(lambda: not shown.comparison.flipped)
    assert shown.winfo_containing(*middle_of(canvases[0])) is canvases[0]
    key(shown, "<d>")
    wait_until(lambda: canvases[2].loaded > 0)
    assert "of the pixels differ visibly" in shown.comparison.captions[2].cget("text")

    key(shown, "<g>")
    settle(window, wait_until)
    paths = {Path(record.path).stem for record in window.results.records.values()}
    assert paths == {"car", "car_half", "car_twin"}
    window.results.browse()
    settle(window, wait_until)
    assert len(window.results.records) == 7
    window.results.back()
    settle(window, wait_until)
    assert len(window.results.records) == 3


def middle_of(canvas: Any) -> tuple[int, int]:
    x, y = canvas.winfo_width() // 2, canvas.winfo_height() // 2
    return canvas.winfo_rootx() + x, canvas.winfo_rooty() + y


def test_the_rest_is_removed_and_comes_back(
    open_window: OpenWindow, wait_until: WaitUntil, copies: Path
) -> None:
    window = open_window(copies)
    shown = open_duplicates(window, wait_until)
    shown.group_list.choose(next(at for at, n in enumerate(names(shown)) if "car" in n))
    key(shown, "<space>")  # what is selected stays
    assert shown.foot.going.cget("text").startswith("1 picture is to go")
    key(shown, "<Delete>")
    settle(window, wait_until)
    assert sorted(map(len, names(shown))) == [2, 2]
    assert shown.foot.told == "Removed 1 picture from the library; the files stay."
    shown.foot.scope.invoke()
    key(shown, "<space>")
    shown.foot.remove.invoke()
    wait_until(lambda: "No duplicates were found" in shown.message)
    assert len(list(copies.iterdir())) == 7
    assert str(shown.foot.remove.cget("state")) == "disabled"
    for _ in range(2):
        key(shown, "<Control-z>")
        settle(window, wait_until)
    wait_until(lambda: sorted(names(shown)) == sorted(SAME))
    assert window.layout.status.message.startswith("Undone: remove")


def test_the_trash_asks_each_time_tells_of_emptied_groups_and_records_come_back(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    copies: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trash = tmp_path / "trash"
    trash.mkdir()

    def throw(path: str) -> None:
        if path.endswith("car_twin.jpg"):
            raise PermissionError(13, "Permission denied")
        os.rename(path, trash / Path(path).name)

    monkeypatch.setattr("send2trash.send2trash", throw)
    window = open_window(copies)
    shown = open_duplicates(window, wait_until)
    shown.group_list.choose(next(at for at, n in enumerate(names(shown)) if "boat" in n))
    key(shown, "<Shift-Delete>")
    told = texts(asked(shown))
    assert "Move 1 file to the trash?" in told
    assert not any("Nothing would be left" in text for text in told)
    assert any("The library forgets it" in text for text in told)
    asked(shown).update()
    shown.focus_get().event_generate("<Return>")  # type: ignore[union-attr]  # the safe one
    shown.update()
    assert not any(isinstance(child, Sheet) for child in shown.winfo_children())
    assert not list(trash.iterdir())

    key(shown, "<Left>")
    key(shown, "<space>")  # the best as well
    shown.foot.trash.invoke()
    told = texts(asked(shown))
    assert any("Nothing would be left of 1 group" in text for text in told)
    assert any("The library forgets them" in text for text in told)
    press(asked(shown), "Move to trash")
    settle(window, wait_until)
    assert sorted(path.stem for path in trash.iterdir()) == ["boat", "boat_twin"]
    assert names(shown) == [["car", "car_half", "car_twin"]]
    press(shown.foot, "Undo for the records")
    settle(window, wait_until)
    wait_until(lambda: len(shown.groups) == 2)
    boats = next(group for group in shown.groups if "boat" in group.best.path)
    assert Path(boats.best.path).exists() is False
    assert boats.best.missing
    assert shown.picks.going([boats]) == []  # there is nothing to throw away

    shown.group_list.choose(next(at for at, n in enumerate(names(shown)) if "car" in n))
    key(shown, "<Shift-Delete>")
    press(asked(shown), "Move to trash")
    settle(window, wait_until)
    assert asked(shown).title() == "Not in the trash"
    assert not any(isinstance(child, Sheet) for child in window.root.winfo_children())


def test_a_search_is_cancelled_closed_and_told_of(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    copies: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(copies)
    go_on = threading.Event()
    find = DuplicateFinder.find

    def slow(self: DuplicateFinder, *given: Any) -> Any:
        self.run.progress(1, 7, "comparing")
        while not go_on.wait(0.01):
            self.run.check()
        return find(self, *given)

    monkeypatch.setattr(DuplicateFinder, "find", slow)
    window.duplicates.show()
    shown = window.duplicates.window
    assert shown is not None
    wait_until(lambda: "1 of 7" in shown.summary.cget("text"))
    wait_until(lambda: "Finding near-duplicates" in window.layout.status.job.title)
    shown.cancel.invoke()
    wait_until(lambda: "was cancelled" in shown.message)
    assert not shown.cancel.winfo_manager()
    choose(shown, "same")
    wait_until(lambda: "1 of 7" in shown.summary.cget("text"))
    key(shown, "<Escape>")
    assert window.duplicates.window is None
    settle(window, wait_until)

    for path in copies.glob("car_*.jpg"):
        path.unlink()
    window.indexing.refresh()
    settle(window, wait_until)
    go_on.set()
    window.duplicates.show()
    shown = window.duplicates.window
    assert shown is not None
    wait_until(lambda: len(shown.groups) == 2)
    shown.unseen.invoke()
    assert "Not compared" in asked(shown).title()
    assert "2 pictures could not be opened…" in texts(shown)
    go_on.clear()
    choose(shown, "alike")  # and the main window closes while this is searched for
    wait_until(lambda: "1 of 7" in shown.summary.cget("text"))


def test_what_changes_during_a_search_is_searched_anew(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    copies: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(copies)
    found, go_on = threading.Event(), threading.Event()
    find = DuplicateFinder.find

    def slow(self: DuplicateFinder, *given: Any) -> Any:
        result = find(self, *given)
        found.set()
        go_on.wait(60)
        return result

    monkeypatch.setattr(DuplicateFinder, "find", slow)
    window.duplicates.show()
    shown = window.duplicates.window
    assert shown is not None
    wait_until(found.is_set)
    records = window.results.records.values()
    window.records.remove([record.id for record in records if "car_half" in record.path])
    wait_until(lambda: window.layout.status.message.startswith("Removed 1 picture"))
    go_on.set()
    wait_until(lambda: sorted(map(len, names(shown))) == [2, 2])


def test_after_a_cancelled_removal_changes_are_still_noticed(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    copies: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(copies)
    shown = open_duplicates(window, wait_until)
    go_on = threading.Event()
    window.engine.ask("Keep the worker from it", lambda _library: go_on.wait(60))
    job = window.engine.remove([])
    with monkeypatch.context() as patched:
        patched.setattr(window.engine, "remove", lambda _ids: job)
        key(shown, "<Delete>")
    job.cancel()
    go_on.set()
    settle(window, wait_until)
    assert sorted(names(shown)) == sorted(SAME)
    records = window.results.records.values()
    window.records.remove([record.id for record in records if "car_half" in record.path])
    wait_until(lambda: sorted(map(len, names(shown))) == [2, 2])


def test_an_empty_library_says_so(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    window.duplicates.show()
    shown = window.duplicates.window
    assert shown is not None
    wait_until(lambda: "index a folder first" in shown.message)
