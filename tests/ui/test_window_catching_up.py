"""What is in view stays true: after indexing, after new vectors, after a search that failed."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from cbir.asking import Term
from cbir.errors import LibraryUnwritable
from cbir.images import Loaded
from cbir.ui.window import Window
from cbir.work.editing import Edit
from cbir.work.searching import SearchRequest
from tests.ui.conftest import OpenWindow, WaitUntil, draw_picture, settle
from tests.ui.test_window_trouble import press, sheets, texts


def names(window: Window) -> list[str]:
    return [Path(record.path).name for record in window.results.records.values()]


def search(window: Window, path: Path, wait_until: WaitUntil) -> None:
    window.query.search_image(str(path))
    settle(window, wait_until)


def test_a_search_in_view_finds_what_was_indexed_meanwhile(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    search(window, pictures / "red_02.png", wait_until)
    chosen = list(window.results.records)[5]
    window.layout.grid.select([chosen])
    window.records.select((chosen,))
    shutil.copy(pictures / "red_02.png", pictures / "twin.png")
    window.indexing.refresh()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert "twin.png" in names(window)[:2]
    assert window.layout.grid.selection == window.records.selected == (chosen,)
    message = window.layout.status.message
    assert message.startswith("Indexed 13 pictures in ")
    assert " Searched again: " in message
    assert message.index("new") < message.index("compared 13")


def test_a_search_that_came_too_early_is_answered_while_pictures_are_indexed(
    open_window: OpenWindow,
    wait_until: WaitUntil,
    many_pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    load, begin, go_on = window.engine._load, threading.Event(), threading.Event()

    def held(path: str) -> Loaded:
        assert (go_on if Path(path).name == "99.png" else begin).wait(60)
        return load(path)

    monkeypatch.setattr(window.engine, "_load", held)
    window.indexing.index([str(many_pictures)])
    window.query.search_image(str(many_pictures / "0.png"))
    wait_until(lambda: window.results.failed)
    assert "Pictures are on their way" in texts(window.layout.grid)
    begin.set()
    wait_until(lambda: window.results.outcome is not None)
    assert names(window)[0] == "0.png"
    assert window.indexing.busy
    go_on.set()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert names(window)[0] == "0.png"


def test_a_refresh_that_changed_nothing_leaves_the_search_alone(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    search(window, pictures / "red_02.png", wait_until)
    window.indexing.refresh()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert "Searched again" not in window.layout.status.message
    assert window.results.request is not None

    pictures.rename(pictures.parent / "elsewhere")
    window.indexing.refresh()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert window.layout.status.message == f"1 folder is not there: {pictures}."


def test_what_the_user_did_meanwhile_is_still_what_the_status_bar_says(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    search(window, pictures / "red_02.png", wait_until)
    window.results.catch_up("Indexed.")
    window.context.say("Copied: a path")
    settle(window, wait_until)
    assert window.layout.status.message == "Copied: a path"


def test_indexing_that_ends_during_another_search_does_not_hold_it_up(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    search(window, pictures / "red_02.png", wait_until)
    window.query.search_image(str(pictures / "blue_07.png"))
    window.results.catch_up("Indexed.")
    settle(window, wait_until)
    assert names(window)[0] == "blue_07.png"
    assert window.layout.status.message.startswith(("LSH", "Exact"))


def test_new_vectors_run_the_search_again(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    search(window, pictures / "red_02.png", wait_until)
    draw_picture(pictures / "blue_11.png", 2)  # now as the query is
    record_id = next(id_ for id_, r in window.results.records.items() if "blue_11" in r.path)
    window.records.edit(record_id, Edit(re_embed=True))
    settle(window, wait_until)
    assert "blue_11.png" in names(window)[:2]
    assert window.layout.status.message.startswith("The vectors of blue_11.png were computed anew.")


def test_a_picture_selected_on_the_map_alone_stays_selected(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    wait_until(lambda: len(window.map_link.records) == 12, 20)
    search(window, pictures / "red_02.png", wait_until)
    hidden = window.results.records.popitem()[0]
    window.records.select_on_map(hidden)
    window.records.keep_selection(same_view=True)
    assert window.records.selected == (hidden,)
    window.records.keep_selection(same_view=False)
    assert window.records.selected == ()


def test_the_query_bar_and_the_map_let_go_of_a_search_before_a_failed_one(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    wait_until(lambda: window.layout.map is not None and bool(window.map_link.records), 20)
    picture = window.layout.query_bar.picture
    search(window, pictures / "red_02.png", wait_until)
    wait_until(lambda: picture.showing)
    assert window.layout.map is not None
    plot = window.layout.map.plot
    wait_until(lambda: plot.star is not None)
    search(window, pictures / "broken.png", wait_until)
    wait_until(lambda: picture.sign == "file-earmark-x")
    assert not picture.showing
    assert picture.path == str(pictures / "broken.png")
    assert plot.star is None
    assert len(plot.hits) == 0


def test_the_query_bar_shows_words_or_a_picture_never_both(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    bar = window.layout.query_bar
    window.query.search_words("a red car")
    settle(window, wait_until)
    assert (bar.words.text, bar.picture.sign) == ("a red car", "chat-quote")
    record_id = 1
    window.results.search(SearchRequest((Term(record=record_id),)))
    settle(window, wait_until)
    assert bar.words.text == ""
    assert bar.picture.path == window.results.records[record_id].path
    window.query.clear()
    assert (bar.words.text, bar.picture.sign) == ("", "image")


def test_a_space_indexed_because_it_was_wanted_leads_to_the_search(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window()
    window.query.search_image(str(pictures / "red_02.png"))
    settle(window, wait_until)
    window.indexing.index([str(pictures)])
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert names(window)[0] == "red_02.png"
    assert " Searched" in window.layout.status.message
    window.index_space("classic")
    assert "Indexing with Classic…" in texts(window.layout.grid)
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert window.context.state.space == "classic"
    assert names(window)[0] == "red_02.png"


def test_several_pictures_are_removed_from_the_details(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.select_all()
    press(window.layout.inspector, "Remove from the library")
    settle(window, wait_until)
    assert not window.results.records
    assert window.records.selected == ()


def test_a_note_that_could_not_be_written_says_so_and_stays(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(pictures)
    record_id = next(iter(window.results.records))
    window.records.select((record_id,))

    def refuse(*_: object) -> None:
        raise LibraryUnwritable("The disk is full.")

    monkeypatch.setattr("cbir.work.editing.edit", refuse)
    note = window.layout.inspector._note
    note.text.insert("1.0", "precious")
    window.layout.inspector.save()
    wait_until(lambda: bool(sheets(window)))
    assert "The disk is full." in texts(sheets(window)[0])
    assert note.status.cget("text") == "Not saved"
    assert note.text.get("1.0", "end-1c") == "precious"
    monkeypatch.undo()
    press(sheets(window)[0], "Close")


def test_opening_a_library_says_what_it_holds(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    from cbir.images import load_image
    from cbir.library import Library

    file = tmp_path / "held.npz"
    with Library.open(file) as library:
        library.add([load_image(str(pictures / "red_02.png")).file], {})
    window = open_window(library=file)
    assert window.layout.status.message == "This library holds 1 picture."
    window.query.search_image(str(pictures / "red_02.png"))
    settle(window, wait_until)
    assert "No Classic vectors in this library yet" in texts(window.layout.grid)


def test_indexing_leads_back_to_the_library_from_a_query_that_is_no_picture(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    search(window, pictures / "broken.png", wait_until)
    assert "This picture cannot be searched by" in texts(window.layout.grid)
    (tmp_path / "more").mkdir()
    draw_picture(tmp_path / "more" / "new.png", 9)
    window.indexing.index([str(tmp_path / "more")])
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert "new.png" in names(window)
    assert window.layout.status.message.startswith("Indexed 1 picture in ")


def test_a_space_that_is_being_indexed_is_not_offered_again(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window._wanted_space = "clip"
    window.trouble.space_empty("clip", window.results.show_again)
    assert "Indexing with CLIP…" in texts(window.layout.grid)
    assert "Index with CLIP" not in texts(window.layout.grid)
    press(window.layout.grid, "Back")
    settle(window, wait_until)
    assert len(window.results.records) == 12
