"""The large view and the details, in the real window."""

from __future__ import annotations

import tkinter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.asking import Term
from cbir.ui.viewer.window import Viewer
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, settle


def widgets(parent: tkinter.Misc) -> Iterator[tkinter.Misc]:
    for child in parent.winfo_children():
        if child.winfo_viewable():
            yield child
            yield from widgets(child)


def texts(parent: tkinter.Misc) -> list[str]:
    return [
        str(widget.cget("text")).strip()
        for widget in widgets(parent)
        if "text" in widget.keys()  # noqa: SIM118
    ]


def viewer(window: Window) -> Viewer:
    (found,) = [child for child in window.root.winfo_children() if isinstance(child, Viewer)]
    return found


def is_open(window: Window) -> bool:
    return any(isinstance(child, Viewer) for child in window.root.winfo_children())


def button(parent: tkinter.Misc, text: str) -> ttk.Button:
    return next(
        widget
        for widget in widgets(parent)
        if isinstance(widget, (ttk.Button, ttk.Checkbutton)) and widget.cget("text") == text
    )


def record_named(window: Window, name: str) -> int:
    return next(id_ for id_, r in window.results.records.items() if r.path.endswith(name))


@pytest.fixture
def searched(open_window: OpenWindow, wait_until: WaitUntil, pictures: Path) -> Window:
    """A window with a search by ``blue_07.png``, whose first hit is selected."""
    window = open_window(pictures)
    window.query.search_image(str(pictures / "blue_07.png"))
    settle(window, wait_until)
    first = next(iter(window.results.records))
    window.layout.grid.select([first])
    window.records.select((first,))
    settle(window, wait_until)
    return window


def show(window: Window, wait_until: WaitUntil) -> Viewer:
    window.viewing.open()
    opened = viewer(window)
    wait_until(lambda: opened.canvas.loaded == 64)
    settle(window, wait_until)
    return opened


def press(window: Window, opened: Viewer, key: str, wait_until: WaitUntil) -> None:
    opened.canvas.focus_force()
    opened.canvas.event_generate(f"<{key}>" if "-" in key else f"<KeyPress-{key}>")
    window.root.update()
    settle(window, wait_until)


def test_space_on_a_hit_shows_it_large_with_its_name_rank_and_score_and_closes_it_again(
    searched: Window, wait_until: WaitUntil
) -> None:
    canvas = next(w for w in widgets(searched.layout.grid) if isinstance(w, tkinter.Canvas))
    canvas.focus_force()
    canvas.event_generate("<space>")
    opened = viewer(searched)
    wait_until(lambda: opened.canvas.loaded == 64)
    told = texts(opened)
    assert {"1 of 12", "blue_07.png", "1.00", "64 × 48"} <= set(told)
    opened.canvas.event_generate("<space>")
    searched.root.update()
    assert not is_open(searched)
    assert searched.root.focus_get() is canvas


def test_arrows_walk_through_the_hits_and_the_selection_follows(
    searched: Window, wait_until: WaitUntil
) -> None:
    opened = show(searched, wait_until)
    order = list(searched.results.records)
    press(searched, opened, "Left", wait_until)
    assert searched.records.selected == (order[0],)
    press(searched, opened, "Right", wait_until)
    press(searched, opened, "Next", wait_until)
    assert "3 of 12" in texts(opened)
    assert searched.records.selected == (order[2],)
    wait_until(lambda: opened.canvas.loaded == 64)
    press(searched, opened, "Prior", wait_until)
    assert "2 of 12" in texts(opened)


def test_where_the_picture_is_larger_than_its_place_arrows_move_it(
    searched: Window, wait_until: WaitUntil
) -> None:
    opened = show(searched, wait_until)
    opened.geometry("800x500")
    for _ in range(9):
        press(searched, opened, "Control-plus", wait_until)
    before = opened.canvas.view.x
    press(searched, opened, "Right", wait_until)
    assert "1 of 12" in texts(opened)
    assert opened.canvas.view.x > before
    press(searched, opened, "0", wait_until)
    press(searched, opened, "1", wait_until)
    assert "100 %" in texts(opened)


def test_the_query_is_shown_beside_the_hit_and_moves_along(
    searched: Window, wait_until: WaitUntil
) -> None:
    opened = show(searched, wait_until)
    assert not opened.query_canvas.winfo_viewable()
    press(searched, opened, "q", wait_until)
    assert opened.query_canvas.winfo_viewable()
    wait_until(lambda: opened.query_canvas.loaded == 64)
    press(searched, opened, "Control-plus", wait_until)
    assert opened.query_canvas.view == opened.canvas.view
    press(searched, opened, "Right", wait_until)
    assert opened.query_canvas.winfo_viewable()
    press(searched, opened, "Q", wait_until)
    assert not opened.query_canvas.winfo_viewable()


def test_without_a_search_there_is_no_query_and_nothing_to_explain(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.select((next(iter(window.results.records)),))
    opened = show(window, wait_until)
    for text in ("Query beside", "Why this hit?"):
        assert str(button(opened, text).cget("state")) == "disabled"
    for key in ("q", "h"):
        press(window, opened, key, wait_until)
    assert not opened.query_canvas.winfo_viewable()
    assert not window.jobs.busy
    press(window, opened, "Escape", wait_until)
    assert not is_open(window)
    assert str(button(window.layout.inspector, "Why this hit?").cget("state")) == "disabled"
    window.viewing.why()
    assert "Search first" in window.layout.status.message


def test_a_part_is_searched_for(searched: Window, wait_until: WaitUntil) -> None:
    opened = show(searched, wait_until)
    press(searched, opened, "b", wait_until)
    frame = opened.canvas.frame
    (x0, y0), (x1, y1) = frame.place_of(0.25, 0.5), frame.place_of(0.75, 1.0)
    opened.canvas.event_generate("<Button-1>", x=round(x0), y=round(y0))
    opened.canvas.event_generate("<B1-Motion>", x=round(x1), y=round(y1))
    opened.canvas.event_generate("<ButtonRelease-1>", x=round(x1), y=round(y1))
    shown = searched.records.selected[0]
    settle(searched, wait_until)
    assert not is_open(searched)
    assert searched.results.outcome is not None
    (term,) = searched.results.outcome.request.terms
    assert term.record == shown
    assert term.box is not None
    assert (term.box.left, term.box.top) == pytest.approx((0.25, 0.5), abs=0.01)
    assert (term.box.right, term.box.bottom) == pytest.approx((0.75, 1.0), abs=0.01)


def test_escape_gives_a_box_up_before_it_closes(searched: Window, wait_until: WaitUntil) -> None:
    opened = show(searched, wait_until)
    press(searched, opened, "b", wait_until)
    assert any("Draw a box" in text for text in texts(opened))
    press(searched, opened, "Escape", wait_until)
    assert is_open(searched)
    assert not any("Draw a box" in text for text in texts(opened))


def test_why_a_hit_is_one_is_drawn_over_it_told_and_remembered(
    searched: Window, wait_until: WaitUntil
) -> None:
    button(searched.layout.inspector, "Why this hit?").invoke()
    opened = viewer(searched)
    settle(searched, wait_until)
    assert any(text.startswith(("Orange:", "Blue:")) for text in texts(opened))
    press(searched, opened, "h", wait_until)
    assert not any("covering" in text for text in texts(opened))
    asked: list[object] = []
    searched.engine.explain = asked.append  # type: ignore[assignment, method-assign]
    press(searched, opened, "h", wait_until)
    press(searched, opened, "Escape", wait_until)
    searched.viewing.why()
    settle(searched, wait_until)
    assert any("covering" in text for text in texts(viewer(searched)))
    assert asked == []


def test_an_explanation_is_given_up_by_cancel_and_by_going_on(
    searched: Window, wait_until: WaitUntil
) -> None:
    opened = show(searched, wait_until)
    opened.toggle_heat()
    searched.root.update_idletasks()
    button(opened, "Cancel").invoke()
    settle(searched, wait_until)
    assert not any("overing" in text for text in texts(opened))
    opened.toggle_heat()
    press(searched, opened, "Next", wait_until)
    assert not any("overing" in text for text in texts(opened))


def test_a_missing_and_an_unreadable_file_are_told(
    searched: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    (pictures / "red_01.png").write_bytes(b"rubbish")
    searched.records.select((record_named(searched, "red_01.png"),))
    searched.viewing.open()
    settle(searched, wait_until)
    canvas = viewer(searched).canvas

    def words() -> str:
        items = [item for item in canvas.find_all() if canvas.type(item) == "text"]
        return canvas.itemcget(items[0], "text")

    wait_until(lambda: "cannot be shown: not an image" in words())
    searched.viewing.close()
    (pictures / "red_02.png").unlink()
    searched.indexing.refresh()
    wait_until(lambda: not searched.indexing.busy)
    settle(searched, wait_until)
    searched.records.select((record_named(searched, "red_02.png"),))
    searched.viewing.open()
    canvas = viewer(searched).canvas
    wait_until(lambda: "missing" in words())
    assert str(button(viewer(searched), "Why this hit?").cget("state")) == "disabled"


def test_it_follows_a_picture_that_is_renamed_and_closes_when_it_is_removed(
    searched: Window, wait_until: WaitUntil
) -> None:
    show(searched, wait_until)
    id_ = record_named(searched, "blue_07.png")
    job = searched.engine.rename(id_, "sea")
    searched.jobs.watch(job, searched.results.record_changed)
    settle(searched, wait_until)
    assert "sea.png" in texts(viewer(searched))
    searched.records.remove((id_,))
    wait_until(lambda: not is_open(searched))


def test_a_large_picture_is_loaded_as_closely_as_it_is_looked_at(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 450, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((4500, 3000)).save(pictures / "large.jpg")
    window = open_window(pictures)
    window.records.select((record_named(window, "large.jpg"),))
    window.viewing.open()
    opened = viewer(window)
    wait_until(lambda: opened.canvas.loaded >= opened.canvas.wanted)
    settle(window, wait_until)
    assert opened.canvas.loaded < 4500
    opened.canvas.actual()
    wait_until(lambda: opened.canvas.loaded == 4500)


def test_the_window_remembers_where_the_large_view_was(
    searched: Window, wait_until: WaitUntil
) -> None:
    opened = show(searched, wait_until)
    opened.geometry("800x500+40+30")
    searched.root.update()
    opened.close()
    assert searched.context.state.viewer == "800x500+40+30"
    opened = show(searched, wait_until)
    searched.root.update()
    assert (opened.winfo_width(), opened.winfo_height()) == (800, 500)


def test_the_window_closes_with_the_large_view_open(
    searched: Window, wait_until: WaitUntil
) -> None:
    opened = show(searched, wait_until)
    opened.toggle_heat()
    searched.close()  # the fixture waits until it is gone


# -- the details ----------------------------------------------------------------------------------


def test_what_the_file_tells_is_shown(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    exif = Image.Exif()
    exif[271], exif[272], exif[306] = "Canon", "Canon EOS R6", "2019:07:04 12:30:05"
    Image.new("RGB", (64, 48), "red").save(pictures / "camera.jpg", exif=exif)
    window = open_window(pictures)
    window.records.select((record_named(window, "camera.jpg"),))
    settle(window, wait_until)
    window.root.update()
    facts = [str(w.cget("text")) for w in _all(window.layout.inspector) if "text" in w.keys()]  # noqa: SIM118
    assert {"Canon EOS R6", "4 Jul 2019, 12:30", "JPEG, RGB"} <= set(facts)


def _all(parent: tkinter.Misc) -> Iterator[tkinter.Misc]:
    for child in parent.winfo_children():
        yield child
        yield from _all(child)


def test_the_nearest_pictures_come_and_lead_on(searched: Window, wait_until: WaitUntil) -> None:
    row = searched.layout.inspector._neighbours
    wait_until(lambda: "in Classic" in texts(searched.layout.inspector))
    near = [neighbour.record for neighbour in row._near]
    assert len(near) == 6
    assert all("blue" in record.path for record in near[:5])
    square = row._squares[0]
    square.focus_force()
    square.event_generate("<Return>")
    settle(searched, wait_until)
    assert searched.records.selected == (near[0].id,)
    assert searched.results.request is not None  # the search is still in view


def test_a_double_click_on_a_near_picture_searches_by_it(
    searched: Window, wait_until: WaitUntil
) -> None:
    row = searched.layout.inspector._neighbours
    wait_until(lambda: len(row._near) == 6)
    square, record = row._squares[1], row._near[1].record
    for _ in range(2):
        square.event_generate("<Button-1>", x=5, y=5)
        square.event_generate("<ButtonRelease-1>", x=5, y=5)
    settle(searched, wait_until)
    assert searched.results.request is not None
    assert searched.results.request.terms == (Term(record=record.id),)


def test_tags_of_the_library_are_offered(searched: Window, wait_until: WaitUntil) -> None:
    ids = list(searched.results.records)
    searched.jobs.watch(searched.engine.tag(ids[:2], ["holiday", "home"]))
    searched.jobs.watch(searched.engine.tag(ids[2:3], ["holiday"]))
    settle(searched, wait_until)
    searched.records.select((ids[5],))
    settle(searched, wait_until)
    tags = searched.layout.inspector._tags
    tags.words.entry.focus_force()
    searched.root.update()
    settle(searched, wait_until)
    for key in ("h", "o"):
        tags.words.entry.event_generate(f"<KeyPress-{key}>")
        tags.words.entry.event_generate(f"<KeyRelease-{key}>")
    assert tags.completion.offered == ("holiday", "home")
    tags.words.entry.event_generate("<Tab>")
    tags.words.entry.event_generate("<Return>")
    settle(searched, wait_until)
    assert searched.results.records[ids[5]].tags == ("holiday",)
