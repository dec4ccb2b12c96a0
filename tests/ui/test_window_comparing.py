"""Two opinions in the window, from fake encoders: one that sees only red, one only green."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cbir.encoders import registry as registry_module
from cbir.encoders.registry import Availability
from cbir.records import DIMENSION, Float32Array
from cbir.ui.compare.column import Column
from cbir.ui.compare.view import CompareView
from cbir.ui.window import Window
from tests.fakes import ColourEncoder
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, texts

COLOURS = {"q": (0, 0), "a": (40, 110), "b": (80, 40), "c": (120, 80)}  # red and green of each
LOOKS, MEANS, BOTH = range(3)


class OneChannel(ColourEncoder):
    """Turns one channel of a picture's colour into the angle of its vector."""

    def __init__(self, name: str, channel: int) -> None:
        super().__init__(name, f"channel-{channel}")
        self._channel = channel

    def encode_prepared(self, batch: Sequence[NDArray[Any]]) -> Float32Array:
        angles = np.array([colour[self._channel] for colour in batch], np.float32) / 100
        vectors = np.zeros((len(batch), DIMENSION), np.float32)
        vectors[:, 0], vectors[:, 1] = np.cos(angles), np.sin(angles)
        return vectors


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """A folder with a picture of each colour."""
    folder = tmp_path / "coloured"
    folder.mkdir()
    for name, (red, green) in COLOURS.items():
        Image.new("RGB", (40, 30), (red, green, 200)).save(folder / f"{name}.png")
    return folder


def give_encoders(monkeypatch: pytest.MonkeyPatch, **channels: int) -> None:
    """The learned spaces of these names see one channel each; the others have no weights."""
    encoders = {name: OneChannel(name, channel) for name, channel in channels.items()}
    registry, real = "cbir.work.models.registry.", registry_module.open_encoder

    def available(space: str, *_: object) -> Availability:
        there = space == "classic" or space in encoders
        return Availability(space, there, "" if there else "no weights here")

    monkeypatch.setattr(registry + "available_spaces", lambda _: ("classic", *encoders))
    monkeypatch.setattr(registry + "availability", available)
    monkeypatch.setattr(registry + "preload", lambda *_: None)
    monkeypatch.setattr(
        registry + "open_encoder", lambda name, *rest: encoders.get(name) or real(name, *rest)
    )


@pytest.fixture
def window(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    coloured: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Window:
    """A window whose library holds both opinions on the pictures, on a search by ``q``."""
    give_encoders(monkeypatch, resnet18=0, clip=1)
    window = open_window(coloured)
    window.layout.show_parts(show_map=False, show_details=False)  # room for every tile
    window.query.search_image(str(coloured / "q.png"))
    settle(window, wait_until)
    return window


def compare(window: Window, wait_until: WaitUntil) -> CompareView:
    window.layout.query_bar.compare_button.invoke()
    settle(window, wait_until)
    view = window.layout.compare
    assert view is not None
    return view


def canvas_of(column: Column) -> tkinter.Canvas:
    children = column.grid_view.winfo_children()
    return next(child for child in children if isinstance(child, tkinter.Canvas))


def drawn(column: Column) -> list[str]:
    """What each tile says, from the top left on: its texts from left to right, spaces between."""
    canvas = canvas_of(column)
    column.winfo_toplevel().update()
    lines: dict[tuple[float, int], list[tuple[float, str]]] = {}
    width = canvas.winfo_width() // _tiles_across(column)
    for item in canvas.find_all():
        if canvas.type(item) == "text" and canvas.itemcget(item, "state") != "hidden":
            x, y = canvas.coords(item)
            lines.setdefault((y, int(x // width)), []).append((x, canvas.itemcget(item, "text")))
    return [" ".join(text for _, text in sorted(lines[place])) for place in sorted(lines)]


def _tiles_across(column: Column) -> int:
    return max(1, canvas_of(column).winfo_width() // (column.grid_view.thumbnail_size + 24))


def names(column: Column) -> list[str]:
    return [tile.record.path[-5] for tile in column.grid_view.tiles]


def click(column: Column, name: str) -> None:
    canvas = canvas_of(column)
    item = next(
        item
        for item in canvas.find_all()
        if canvas.type(item) == "text" and canvas.itemcget(item, "text") == f"{name}.png"
    )
    x, y = map(round, canvas.coords(item))
    canvas.event_generate("<Button-1>", x=x + 2, y=y - 30)
    canvas.event_generate("<ButtonRelease-1>", x=x + 2, y=y - 30)
    column.winfo_toplevel().update()


def selected(window: Window, column: Column) -> list[str]:
    return [window.records.record(id_).file.path[-5] for id_ in column.grid_view.selection]  # type: ignore[union-attr]


def test_both_opinions_stand_side_by_side_with_how_ranks_moved(
    window: Window, wait_until: WaitUntil
) -> None:
    view = compare(window, wait_until)
    assert not window.layout.grid.winfo_viewable()
    assert view.heading.cget("text") == "Two opinions on q.png"
    assert view.summary.cget("text") == "4 of the first 4 pictures are the same in both."
    assert drawn(view.columns[LOOKS]) == [
        "1 = q.png 1.00",
        "2 ▲2 a.png 0.92",
        "3 ▼1 b.png 0.70",
        "4 ▼1 c.png 0.36",
    ]
    assert drawn(view.columns[MEANS]) == [
        "1 = q.png 1.00",
        "2 ▲1 b.png 0.92",
        "3 ▲1 c.png 0.70",
        "4 ▼2 a.png 0.45",
    ]
    assert drawn(view.columns[BOTH]) == [
        "1 (1 · 1) q.png",
        "2 (3 · 2) b.png",
        "3 (2 · 4) a.png",
        "4 (4 · 3) c.png",
    ]


def test_a_picture_selected_in_one_is_selected_in_all_and_in_the_details(
    window: Window, wait_until: WaitUntil
) -> None:
    view = compare(window, wait_until)
    click(view.columns[MEANS], "a")
    assert [selected(window, column) for column in view.columns] == [["a"], ["a"], ["a"]]
    assert "a.png" in texts(window.layout.inspector)
    window.records.select_on_map(next(iter(window.results.records)))
    assert [selected(window, column) for column in view.columns] == [["q"], ["q"], ["q"]]


def test_closing_shows_what_was_in_view(window: Window, wait_until: WaitUntil) -> None:
    before = [tile.record.id for tile in window.layout.grid.tiles]
    view = compare(window, wait_until)
    click(view.columns[LOOKS], "c")
    canvas_of(view.columns[LOOKS]).focus_force()
    window.root.update()
    canvas_of(view.columns[LOOKS]).event_generate("<Escape>")
    settle(window, wait_until)
    window.root.update()
    assert window.layout.compare is None
    assert window.layout.grid.winfo_viewable()
    assert [tile.record.id for tile in window.layout.grid.tiles] == before
    assert window.records.selected == window.layout.grid.selection != ()
    assert "c.png" in texts(window.layout.inspector)


def test_the_ranking_of_both_can_be_left_out(window: Window, wait_until: WaitUntil) -> None:
    view = compare(window, wait_until)
    window.root.update()
    narrow = view.columns[LOOKS].winfo_width()
    view.both_button.invoke()
    window.root.update()
    assert not view.columns[BOTH].winfo_viewable()
    assert view.columns[LOOKS].winfo_width() > 1.3 * narrow
    view.both_button.invoke()
    window.root.update()
    assert view.columns[BOTH].winfo_viewable()


def test_the_next_search_is_compared_too_and_the_library_is_not(
    window: Window, wait_until: WaitUntil
) -> None:
    view = compare(window, wait_until)
    click(view.columns[LOOKS], "c")
    window.records.find_similar()
    settle(window, wait_until)
    assert window.layout.compare is view
    assert view.heading.cget("text") == "Two opinions on c.png"
    assert names(view.columns[LOOKS]) == ["c", "b", "a", "q"]
    assert names(view.columns[MEANS]) == ["c", "a", "b", "q"]
    window.query.clear()
    settle(window, wait_until)
    assert window.layout.compare is None
    assert window.layout.heading.text == "Library · 4 pictures"


def test_fewer_results_leave_ranks_as_they_are(window: Window, wait_until: WaitUntil) -> None:
    view = compare(window, wait_until)
    window.context.state = window.context.state.__class__(results=2)
    window.results.run_again()
    settle(window, wait_until)
    assert drawn(view.columns[LOOKS]) == ["1 = q.png 1.00", "2 ▲2 a.png 0.92"]
    assert view.summary.cget("text") == "1 of the first 2 pictures are the same in both."


def test_from_the_library_the_selected_picture_is_compared(
    window: Window, wait_until: WaitUntil
) -> None:
    window.query.clear()
    settle(window, wait_until)
    window.comparing.toggle()
    assert "Search by a picture, or select one" in window.layout.status.message
    ids = [id_ for id_, record in window.results.records.items() if record.path.endswith("b.png")]
    window.layout.grid.select(ids)
    window.records.select(ids)
    view = compare(window, wait_until)
    assert view.heading.cget("text") == "Two opinions on b.png"


def test_a_removed_picture_leaves_every_column(window: Window, wait_until: WaitUntil) -> None:
    view = compare(window, wait_until)
    click(view.columns[MEANS], "b")
    window.records.remove()
    dialog = next(c for c in window.root.winfo_children() if c.winfo_class() == "Toplevel")
    press(dialog, "Remove")
    settle(window, wait_until)
    assert window.layout.compare is view
    fused = ["q", "a", "c"]  # a and c tie, and a has the smaller id
    assert [names(column) for column in view.columns] == [["q", "a", "c"], ["q", "c", "a"], fused]


def test_words_have_no_second_opinion(window: Window, wait_until: WaitUntil) -> None:
    window.query.clear()
    settle(window, wait_until)
    window.layout.query_bar.words.text = "red"
    window.layout.query_bar.search_button.invoke()
    settle(window, wait_until)
    window.comparing.toggle()
    settle(window, wait_until)
    assert window.layout.compare is None
    assert "Only CLIP knows words" in texts(window.layout.grid)
    press(window.layout.grid, "Back")
    settle(window, wait_until)
    assert window.layout.heading.text == "4 pictures for “red”"


def test_words_after_a_comparison_close_it(window: Window, wait_until: WaitUntil) -> None:
    compare(window, wait_until)
    window.layout.query_bar.words.text = "red"
    window.layout.query_bar.search_button.invoke()
    settle(window, wait_until)
    assert window.layout.compare is None


def test_a_space_without_vectors_is_explained(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    coloured: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give_encoders(monkeypatch, resnet18=0)
    window = open_window(coloured)
    window.query.search_image(str(coloured / "q.png"))
    settle(window, wait_until)
    window.comparing.toggle()
    settle(window, wait_until)
    assert window.layout.compare is None
    assert "No CLIP vectors in this library yet" in texts(window.layout.grid)
    press(window.layout.grid, "Back")
    assert len(window.layout.grid.tiles) == 4
