"""The map in the real window: colours by folder, a filter, words, pictures that come in."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from cbir.asking import Filter
from cbir.ui.state import load_state
from cbir.ui.window import Window
from cbir.work import searching
from tests.ui.conftest import OpenWindow, WaitUntil, draw_picture, settle


def map_shown(window: Window, wait_until: WaitUntil, points: int) -> None:
    def there() -> bool:
        panel = window.layout.map
        return panel is not None and len(panel.plot.points) == points

    wait_until(there, 30)
    settle(window, wait_until)


def choose(window: Window, title: str) -> None:
    """Choose a colour as a person does."""
    assert window.layout.map is not None
    box = window.layout.map.choosers.colour
    box.current(list(box.cget("values")).index(title))
    box.event_generate("<<ComboboxSelected>>")


def test_the_map_by_folder_filtered_searched_and_growing(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    (pictures / "blue").mkdir()
    for number in range(6, 12):
        shutil.move(pictures / f"blue_{number:02}.png", pictures / "blue")
    window = open_window(pictures)
    map_shown(window, wait_until, 12)
    panel = window.layout.map
    assert panel is not None

    choose(window, "Folder")
    wait_until(lambda: {"blue (6)", "pictures (6)"} <= set(panel.plot.key.labels))
    assert window.context.state.map_colour == "folder"

    window.narrowing.choose_filter(Filter(folder=str(pictures / "blue")))
    settle(window, wait_until)
    names = [record.path for record in window.map_link.records.values()]
    assert panel.plot.faded.tolist() == ["/blue/" not in name for name in names]
    window.narrowing.choose_filter(Filter())
    settle(window, wait_until)
    assert not panel.plot.faded.any()

    query = str(pictures / "red_01.png")
    window.query.search_image(query)
    settle(window, wait_until)
    row = next(at for at, name in enumerate(names) if name == query)
    assert panel.plot.star is not None and panel.plot.hits[0] == row
    assert panel.paint.query is not None
    choose(window, "Score")
    wait_until(lambda: panel.plot.key.labels[:1] == ["Score"])

    axes = panel.plot.axes.get_xlabel()
    draw_picture(pictures / "red_more.png", 3)
    window.indexing.index([str(pictures)])
    settle(window, wait_until)
    map_shown(window, wait_until, 13)
    assert panel.plot.axes.get_xlabel() == axes  # one new picture is put on the same axes
    assert len(panel.paint.query.ids) == 13

    window.close()
    wait_until(lambda: load_state(tmp_path / "home" / "window.json").map_colour == "score")


def test_a_map_that_takes_a_while_is_announced_over_the_one_that_stays(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(pictures)
    map_shown(window, wait_until, 12)
    panel, ready, project = window.layout.map, threading.Event(), searching.project
    assert panel is not None

    def slowly(*asked: Any) -> Any:
        ready.wait(20)
        return project(*asked)

    def notes() -> list[str]:
        labels = panel.canvas.widget.master.winfo_children()
        told = [str(label.cget("text")) for label in labels[1:] if label.winfo_viewable()]
        return [text for text in told if text]

    monkeypatch.setattr(searching, "project", slowly)
    window.map_link.show("classic", "euclidean", None)
    wait_until(lambda: notes() == ["Computing the map of Classic · euclidean…"])
    assert window.map_link.on_map is not None
    assert window.map_link.on_map.projection.metric == "cosine"
    ready.set()
    wait_until(lambda: not notes() and window.map_link.on_map.projection.metric == "euclidean")
