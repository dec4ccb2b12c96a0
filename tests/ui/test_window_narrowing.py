"""Filtering, sorting and cutting off what the window shows, as a user does it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cbir.asking import ANY, Filter, Order, Term
from cbir.ui.window import Window
from cbir.work.searching import SearchRequest
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import texts


def names(window: Window) -> list[str]:
    """The files of the tiles, in their order."""
    return [Path(tile.record.path).name for tile in window.layout.grid._view.tiles]


@pytest.fixture
def window(open_window: OpenWindow, pictures: Path) -> Window:
    (pictures / "more").mkdir()
    (pictures / "red_00.png").rename(pictures / "more" / "red_00.png")
    return open_window(pictures)


def choose(window: Window, wanted: Filter, wait_until: WaitUntil) -> None:
    """What the filter bar's controls come to."""
    window.layout.filter_bar._show(wanted)
    window.layout.filter_bar._apply()
    window.layout.filter_bar._tell(wanted)
    settle(window, wait_until)


def test_the_bar_comes_and_goes_with_its_key(window: Window, wait_until: WaitUntil) -> None:
    window.root.focus_force()
    window.root.update()
    bar = window.layout.filter_bar
    assert not bar.winfo_ismapped()
    window.root.event_generate("<Control-f>")
    wait_until(bar.winfo_ismapped)
    settle(window, wait_until)
    labels = [str(value) for value in bar.folder.cget("values")]
    assert any(label.endswith("pictures/more  (1)") for label in labels)
    assert window.root.focus_get() is bar.folder
    window.root.event_generate("<Control-f>")
    wait_until(lambda: not bar.winfo_ismapped())


def test_a_filter_narrows_the_library_and_is_told(window: Window, wait_until: WaitUntil) -> None:
    assert window.layout.heading.text == "Library · 12 pictures"
    folder = str(Path(window.layout.grid._view.tiles[0].record.path).parent)
    more = folder if folder.endswith("more") else f"{folder}/more"
    choose(window, Filter(folder=more), wait_until)
    assert names(window) == ["red_00.png"]
    assert window.layout.heading.text == "Library · 1 of 12 pictures, filtered"
    choose(window, ANY, wait_until)
    assert len(names(window)) == 12


def test_a_filter_narrows_a_search_which_still_finds_as_many(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.results.search(SearchRequest((Term(image=str(pictures / "red_01.png")),)))
    settle(window, wait_until)
    everything = names(window)
    size = (pictures / "red_03.png").stat().st_size
    choose(window, Filter(max_bytes=size), wait_until)
    small = {path.name for path in pictures.rglob("*.png") if path.stat().st_size <= size}
    assert names(window) == [name for name in everything if name in small]
    assert "filtered pictures most like red_01.png" in window.layout.heading.text


def test_a_folder_without_pictures_is_told_from_a_filter_that_none_passes(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    told = "The library has no picture below "
    for search in (False, True):
        if search:
            window.results.search(SearchRequest((Term(image=str(pictures / "red_01.png")),)))
        choose(window, Filter(folder=str(pictures / "none")), wait_until)
        assert any(text.startswith(told) for text in texts(window.layout.grid._message))
        choose(window, Filter(folder=str(pictures / "more"), tags=("x",)), wait_until)
        assert "No picture passes the filter." in texts(window.layout.grid._message)


def test_where_nothing_passes_the_filter_can_be_cleared(
    window: Window, wait_until: WaitUntil
) -> None:
    choose(window, Filter(tags=("no such tag",)), wait_until)
    assert names(window) == []
    message = window.layout.grid._message
    assert message is not None
    (button,) = message.buttons
    assert button.cget("text") == "Clear the filter"
    button.invoke()
    settle(window, wait_until)
    assert len(names(window)) == 12


def test_going_back_brings_the_filter_back(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    choose(window, Filter(formats=("png",)), wait_until)
    window.results.search(SearchRequest((Term(image=str(pictures / "red_01.png")),)))
    settle(window, wait_until)
    choose(window, ANY, wait_until)
    window.results.back()
    settle(window, wait_until)
    assert window.layout.filter_bar.filter == Filter(formats=("png",))
    assert window.layout.filter_bar.formats.cget("text") == "png"
    assert "filtered" in window.layout.heading.text


def test_the_library_and_hits_are_sorted(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    line = window.layout.heading
    line._choose(Order("name", reverse=True))
    settle(window, wait_until)
    assert names(window) == sorted(names(window), reverse=True)
    window.results.search(SearchRequest((Term(image=str(pictures / "red_01.png")),)))
    settle(window, wait_until)
    assert line.sort_by.get() == "Similarity"
    nearest_first = names(window)
    assert nearest_first[0] == "red_01.png"
    line._choose(Order("name"))
    window.root.update()
    assert names(window) == sorted(nearest_first)
    assert [tile.rank for tile in window.layout.grid._view.tiles] != list(range(1, 13))
    window.results.back()
    settle(window, wait_until)
    assert line.sort_by.get() == "Name"
    line._choose(Order("added"))
    window.results.forward()
    settle(window, wait_until)
    assert line.sort_by.get() == "Name"
    assert names(window) == sorted(nearest_first)


def test_a_search_that_is_cancelled_leaves_filter_metric_and_order_as_they_were(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.query.search_image(str(pictures / "red_01.png"))
    settle(window, wait_until)
    before = names(window)
    held = threading.Event()
    window.engine.ask("Hold", lambda _library: held.wait(60))
    window.results.set_metric("euclidean")
    window.narrowing.choose_filter(Filter(formats=("jpg",)))
    window.narrowing.choose_order(Order("name"))
    window.jobs.shown[0].job.cancel()
    held.set()
    wait_until(lambda: window.layout.status.message == "The search was cancelled.")
    settle(window, wait_until)
    assert window.layout.query_bar.metric.get() == "cosine"
    assert window.layout.filter_bar.filter == ANY
    assert window.layout.heading.sort_by.get() == "Name"  # an order needs no search
    assert sorted(names(window)) == sorted(before)


def test_the_slider_hides_hits_that_are_not_similar_enough(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.results.search(SearchRequest((Term(image=str(pictures / "red_01.png")),)))
    settle(window, wait_until)
    tiles = window.layout.grid._view.tiles
    assert tiles[0].percentile.startswith("top ")
    window.layout.heading.choose_similar(0.5)  # nearer than two thirds of unrelated pairs
    window.root.update()
    left = names(window)
    assert 0 < len(left) < 12
    assert left == [Path(tile.record.path).name for tile in tiles][: len(left)]
    assert window.layout.heading.text.startswith(f"{len(left)} of 12 pictures")
    window.layout.heading.choose_similar(0.0)
    window.root.update()
    assert len(names(window)) == 12
