"""Near-identical hits under one tile: folded, unfolded, told of and found again."""

from __future__ import annotations

import shutil
import tkinter
from pathlib import Path

import pytest
from PIL import Image

from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, settle


@pytest.fixture
def window(open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path) -> Window:
    """A window on a search by ``a.png``, of which there are three; ``b`` and ``c`` are others."""
    folder = tmp_path / "some"
    folder.mkdir()
    for name, colour in (("a", "#c02020"), ("b", "#20c020"), ("c", "#2020c0")):
        Image.new("RGB", (40, 30), colour).save(folder / f"{name}.png")
    for name in ("a2", "a3"):
        shutil.copy(folder / "a.png", folder / f"{name}.png")
    window = open_window(folder, collapse=True)
    window.query.search_image(str(folder / "a.png"))
    settle(window, wait_until)
    return window


def canvas_of(window: Window) -> tkinter.Canvas:
    children = window.layout.grid.winfo_children()
    return next(child for child in children if isinstance(child, tkinter.Canvas))


def names(window: Window) -> list[str]:
    return [Path(tile.record.path).stem for tile in window.layout.grid.tiles]


def count(window: Window) -> tuple[int, int] | None:
    """Where the count of a stack of three is on the canvas."""
    window.root.update()
    canvas = canvas_of(window)
    for item in canvas.find_all():
        shown = canvas.type(item) == "text" and canvas.itemcget(item, "state") != "hidden"
        if shown and canvas.itemcget(item, "text") == "×3":
            x, y = map(round, canvas.coords(item))
            return x, y
    return None


def click_count(window: Window, when: int = 1000) -> None:
    place = count(window)
    assert place is not None
    x, y = place
    canvas = canvas_of(window)
    canvas.event_generate("<Motion>", x=x, y=y)
    canvas.event_generate("<Button-1>", x=x, y=y, time=when)
    canvas.event_generate("<ButtonRelease-1>", x=x, y=y, time=when)
    window.root.update()


def press_e(window: Window) -> None:
    canvas_of(window).focus_force()
    window.root.update()
    canvas_of(window).event_generate("<e>")
    window.root.update()


def id_of(window: Window, name: str) -> int:
    records = window.results.records.values()
    return next(record.id for record in records if Path(record.path).stem == name)


def test_the_same_picture_three_times_is_one_tile_with_a_count(window: Window) -> None:
    shown = names(window)
    assert shown[0].startswith("a")
    assert sorted(shown[1:]) == ["b", "c"]
    assert count(window) is not None
    heading = window.layout.heading.text
    assert heading == "5 pictures most like a.png · 2 stacked"


def test_a_click_on_the_count_unfolds_in_place_and_folds_again(window: Window) -> None:
    folded = names(window)
    click_count(window)
    assert sorted(names(window)[:3]) == ["a", "a2", "a3"]
    assert names(window)[3:] == folded[1:]
    assert window.layout.heading.text == "5 pictures most like a.png"
    click_count(window, when=3000)  # long after: or it were a double click
    assert names(window) == folded


def test_a_key_does_the_same_and_the_selection_stays(window: Window) -> None:
    first = window.layout.grid.tiles[0].record.id
    window.layout.grid.select([first])
    press_e(window)
    assert len(names(window)) == 5
    assert window.layout.grid.selection == (first,)
    press_e(window)
    assert len(names(window)) == 3


def test_the_menu_shows_each_in_its_place_and_that_is_remembered(window: Window) -> None:
    menu = window.menu_bar.menus["View"]
    menu.invoke("Collapse near-identical results")
    assert len(names(window)) == 5
    assert count(window) is None
    assert not window.context.state.collapse
    menu.invoke("Collapse near-identical results")
    assert len(names(window)) == 3


def test_a_picture_under_another_is_shown_when_it_is_gone_to(window: Window) -> None:
    hidden = next(name for name in ("a", "a2", "a3") if name not in names(window))
    window.records.go_to(id_of(window, hidden))
    assert hidden in names(window)
    assert window.layout.grid.selection == (id_of(window, hidden),)


def test_another_search_begins_folded_and_the_library_shows_every_file(
    window: Window, wait_until: WaitUntil
) -> None:
    click_count(window)
    window.records.find_similar(id_of(window, "b"))
    settle(window, wait_until)
    assert len(names(window)) == 3
    window.query.clear()
    settle(window, wait_until)
    assert len(names(window)) == 5


def test_select_all_leaves_out_what_is_not_to_be_seen(window: Window) -> None:
    window.records.select_all()
    assert len(window.records.selected) == len(names(window)) == 3
