"""Asking in the window: several parts, more and less like this, history, saved searches, paste."""

from __future__ import annotations

import shutil
import tkinter
from pathlib import Path
from typing import Any

import pytest
import ttkbootstrap as ttk

from cbir.asking import Box, Filter, Order, Term
from cbir.ui.actions.saved import NameSheet, SavedSheet
from cbir.ui.clipboard import Pasted
from cbir.ui.query.part import PartSheet
from cbir.ui.window import Window
from tests.standins import make_models
from tests.ui.conftest import OpenWindow, WaitUntil, settle


def names(window: Window) -> list[str]:
    return [Path(record.path).name for record in window.results.records.values()]


def chips(window: Window) -> list[str]:
    return [chip.text for chip in window.layout.query_bar.chips.chips]


def id_of(window: Window, name: str) -> int:
    return next(id_ for id_, one in window.results.records.items() if one.path.endswith(name))


def sheet(window: Window, kind: type[Any]) -> Any:
    """The dialog of this kind that is open."""
    inside = [*window.root.winfo_children(), *window.layout.query_bar.winfo_children()]
    return next(widget for widget in inside if isinstance(widget, kind))


def press(widget: tkinter.Misc, key: str) -> None:
    """A key, once the widget has the focus."""
    widget.focus_force()
    widget.update()
    widget.event_generate(key)


@pytest.fixture
def window(open_window: OpenWindow, wait_until: WaitUntil, pictures: Path) -> Window:
    """On twelve pictures, with the focus where words are typed."""
    made = open_window(pictures)
    made.layout.query_bar.words.entry.focus_force()
    made.root.update()
    return made


def test_several_pictures_are_searched_by_at_once(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    both = (str(pictures / "red_01.png"), str(pictures / "red_04.png"))
    window.context.choosers.images = lambda *_: both
    window.query.open_image()
    settle(window, wait_until)
    assert chips(window) == ["+ red_01.png", "+ red_04.png"]
    assert set(names(window)[:2]) == {"red_02.png", "red_03.png"}  # between the two
    assert window.layout.heading.text == "12 pictures for red_01.png + red_04.png"
    press(window.layout.query_bar.chips.chips[0], "<Delete>")
    settle(window, wait_until)
    assert chips(window) == ["+ red_04.png"]
    assert names(window)[0] == "red_04.png"


def test_a_picture_is_added_to_what_is_looked_for(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.query.search_image(str(pictures / "red_01.png"))
    window.context.choosers.images = lambda *_: (str(pictures / "blue_08.png"),)
    window.query.add_image()
    settle(window, wait_until)
    assert chips(window) == ["+ red_01.png", "+ blue_08.png"]
    window.query.dropped([str(pictures / "red_02.png")], "add")
    wait_until(lambda: len(chips(window)) == 3)
    (pictures / "broken.png").unlink()
    window.query.dropped([str(pictures)], "search")
    wait_until(lambda: len(chips(window)) == 12)


def test_a_query_is_typed_read_and_changed_as_text(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    bar = window.layout.query_bar
    bar.words.text = "red_01.png - blue_08.png"
    bar.words.entry.event_generate("<Return>")
    settle(window, wait_until)
    assert chips(window) == ["+ red_01.png", "− blue_08.png"]
    assert bar.words.text == ""
    assert names(window)[0].startswith("red")
    window.root.event_generate("<Control-e>")
    expected = f'image:"{pictures / "red_01.png"}" -image:"{pictures / "blue_08.png"}"'
    assert bar.words.text == expected
    assert chips(window) == []
    bar.words.text = expected.replace("-image", "image")
    bar.search_button.invoke()
    settle(window, wait_until)
    assert chips(window) == ["+ red_01.png", "+ blue_08.png"]
    window.query.copy_text()
    assert window.root.clipboard_get() == expected.replace("-image", "image")


def test_what_cannot_be_read_is_said_and_stays(window: Window) -> None:
    bar = window.layout.query_bar
    bar.words.text = 'sea "without end'
    bar.search_button.invoke()
    assert "must come before and after words" in window.layout.status.message
    assert bar.words.text == 'sea "without end'


def test_more_and_less_like_a_hit_run_again_and_are_taken_back_one_by_one(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.query.search_image(str(pictures / "red_02.png"))
    settle(window, wait_until)
    liked, disliked = id_of(window, "blue_11.png"), id_of(window, "red_03.png")
    window.query.more_like([liked])
    settle(window, wait_until)
    window.query.less_like([disliked])
    settle(window, wait_until)
    assert chips(window) == ["+ red_02.png", "+ more", "− less"]
    assert names(window).index("blue_11.png") < names(window).index("red_03.png")
    assert window.layout.grid.selection == (disliked,)  # the next key is about the same picture
    window.query.more_like([liked])
    assert window.layout.status.message == "That was said already."
    window.query.more_like([disliked])
    settle(window, wait_until)
    assert chips(window) == ["+ red_02.png", "+ more", "+ more"]
    window.layout.query_bar.words.entry.event_generate("<BackSpace>")
    window.query.undo_feedback()
    settle(window, wait_until)
    assert chips(window) == ["+ red_02.png"]
    window.query.undo_feedback()
    assert "Nothing in this search was marked" in window.layout.status.message


def test_less_like_needs_a_search_and_more_like_makes_one(
    window: Window, wait_until: WaitUntil
) -> None:
    blue = id_of(window, "blue_09.png")
    window.query.less_like([blue])
    assert "Search for something first" in window.layout.status.message
    window.query.more_like([])
    assert window.layout.status.message == "Select a picture first."
    window.query.more_like([blue])
    settle(window, wait_until)
    assert all(name.startswith("blue") for name in names(window)[:4])


def test_back_and_forward_bring_query_metric_and_selection(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    bar = window.layout.query_bar
    assert bar.back_button.instate(["disabled"])
    window.query.search_image(str(pictures / "red_02.png"))
    settle(window, wait_until)
    chosen = id_of(window, "red_04.png")
    window.layout.grid.select([chosen])
    bar.metric_buttons["euclidean"].invoke()
    settle(window, wait_until)
    window.query.search_image(str(pictures / "blue_08.png"))
    settle(window, wait_until)

    window.root.event_generate("<Alt-Left>")
    settle(window, wait_until)
    assert (chips(window), bar.metric.get()) == (["+ red_02.png"], "euclidean")
    bar.back_button.invoke()
    settle(window, wait_until)
    assert (chips(window), bar.metric.get()) == (["+ red_02.png"], "cosine")
    assert window.layout.grid.selection == (chosen,)
    assert window.records.selected == (chosen,)
    bar.back_button.invoke()
    settle(window, wait_until)
    assert window.layout.heading.text == "Library · 12 pictures"
    assert bar.back_button.instate(["disabled"])
    for _ in range(3):
        window.root.event_generate("<Alt-Right>")
    settle(window, wait_until)
    assert chips(window) == ["+ blue_08.png"]
    assert names(window)[0] == "blue_08.png"
    assert bar.forward_button.instate(["disabled"])


def test_recent_queries_are_listed_kept_and_cleared(
    open_window: OpenWindow, window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    words = window.layout.query_bar.words
    window.query.search_image(str(pictures / "red_02.png"))
    settle(window, wait_until)
    window.query.search_words("a red car")
    settle(window, wait_until)
    picture = f'image:"{pictures / "red_02.png"}"'
    assert words.recent == (f'{picture} "a red car"', picture)
    window.query.clear()
    window.query.search_words("a red car")
    assert words.recent[0] == "a red car"
    window.query.past.save()
    window.query.past.clear()
    assert words.recent == ()
    window.query.search_image(str(pictures / "red_02.png"))
    assert words.recent == (picture,)


def test_a_search_is_saved_renamed_run_and_removed(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    query_bar = window.layout.query_bar
    query_bar.metric_buttons["euclidean"].invoke()
    window.query.search_images([str(pictures / "red_02.png"), str(pictures / "red_03.png")])
    settle(window, wait_until)
    window.narrowing.choose_filter(Filter(formats=("png",)))
    window.narrowing.choose_order(Order("name", reverse=True))
    settle(window, wait_until)
    window.root.event_generate("<Control-s>")
    asked = sheet(window, NameSheet)
    asked.entry.delete(0, "end")
    asked.entry.insert(0, "  my   reds ")
    press(asked.entry, "<Return>")
    assert window.layout.status.message == "The search was saved as “my reds”."
    window.query.clear()
    query_bar.metric_buttons["cosine"].invoke()
    window.narrowing.clear_filter()
    settle(window, wait_until)

    window.query.past.show_saved()
    listed = sheet(window, SavedSheet)
    assert [listed.table.item(row, "text") for row in listed.table.get_children()] == ["my reds"]
    listed.buttons[2].invoke()
    asked = sheet(window, NameSheet)
    asked.entry.delete(0, "end")
    asked.entry.insert(0, "reds")
    asked.buttons[-1].invoke()
    assert [listed.table.item(row, "text") for row in listed.table.get_children()] == ["reds"]
    listed.buttons[-1].invoke()
    settle(window, wait_until)
    assert chips(window) == ["+ red_02.png", "+ red_03.png"]
    assert query_bar.metric.get() == "euclidean"
    assert window.results.filter == Filter(formats=("png",))
    assert names(window)[0] == "red_05.png"

    window.query.past.show_saved()
    listed = sheet(window, SavedSheet)
    listed.buttons[1].invoke()
    assert not listed.table.get_children()
    assert listed.buttons[-1].instate(["disabled"])
    assert window.query.past.searches.saved == ()


def test_nothing_to_save_is_said(window: Window) -> None:
    window.query.past.save_search()
    assert window.layout.status.message == "There is no query: the whole library is shown."


def test_a_part_of_the_query_picture_is_searched_by(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.query.search_image(str(pictures / "red_02.png"))
    settle(window, wait_until)
    wait_until(lambda: window.layout.query_bar.picture.showing)
    chip = window.layout.query_bar.chips.chips[0]
    press(chip, "<F2>")
    part = sheet(window, PartSheet)
    wait_until(lambda: bool(part.picker.find_all()))
    assert part.buttons[-1].instate(["disabled"])
    press(part.picker, "<Right>")
    assert part.picker.box == Box(0.25, 0.25, 0.75, 0.75)
    press(part.picker, "<Return>")
    settle(window, wait_until)
    assert chips(window) == ["+ part of red_02.png"]
    assert window.layout.heading.text == "12 pictures for part of red_02.png"
    assert window.query.terms == (
        Term(image=str(pictures / "red_02.png"), box=Box(0.25, 0.25, 0.75, 0.75)),
    )


def test_files_on_the_clipboard_are_searched_by(
    window: Window, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "my picture.png"
    shutil.copy(pictures / "blue_08.png", mine)
    window.root.clipboard_clear()
    window.root.clipboard_append(mine.as_uri() + "\r\n", type="text/uri-list", format="UTF8_STRING")
    window.layout.grid.focus_force()
    window.root.update()
    window.query.paste()
    wait_until(lambda: chips(window) == ["+ my picture.png"])
    settle(window, wait_until)
    assert names(window)[0] == "blue_08.png"


def test_text_on_the_clipboard_goes_where_words_are_typed(window: Window) -> None:
    window.root.clipboard_clear()
    window.root.clipboard_append("a red\ncar")
    window.query.paste()
    assert window.layout.query_bar.words.text == "a red car"
    window.layout.query_bar.words.text = ""
    window.layout.query_bar.words.entry.event_generate("<<Paste>>")
    assert window.layout.query_bar.words.text.split() == ["a", "red", "car"]


def test_cells_of_a_table_are_pasted_as_text_though_their_picture_is_offered_too(
    window: Window,
) -> None:
    window.root.clipboard_clear()
    window.root.clipboard_append("0x89 0x50", type="image/png", format="STRING")
    window.root.clipboard_append("sunset\tsea", type="UTF8_STRING", format="UTF8_STRING")
    window.query.paste()
    assert window.layout.query_bar.words.text.split() == ["sunset", "sea"]


def test_a_chip_goes_and_words_being_typed_stay(
    window: Window, wait_until: WaitUntil, tmp_path: Path, pictures: Path
) -> None:
    query_bar = window.layout.query_bar
    query_bar.field.show(
        (Term(text="sea"), Term(image=str(pictures / "red_01.png"))),
        ("", str(pictures / "red_01.png")),
    )
    query_bar.words.text = "at night"
    press(query_bar.chips.chips[1], "<Delete>")
    assert query_bar.words.text == "at night"
    assert chips(window) == ["+ “sea”"]


def test_a_chip_s_copy_key_copies_the_query_as_text(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    path = str(pictures / "red_02.png")
    window.query.search_image(path)
    settle(window, wait_until)
    press(window.layout.query_bar.chips.chips[0], "<Control-c>")
    assert window.root.clipboard_get() == window.query.past.text()
    assert path in window.root.clipboard_get()


def test_a_pasted_picture_is_searched_by(
    window: Window, wait_until: WaitUntil, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    png = (pictures / "blue_08.png").read_bytes()

    def held(_: tkinter.Misc) -> Pasted:
        return Pasted(picture=True, png=png)

    monkeypatch.setattr("cbir.ui.actions.query.read_clipboard", held)
    window.layout.query_bar.words.entry.event_generate("<<Paste>>")
    wait_until(lambda: len(chips(window)) == 1)
    settle(window, wait_until)
    assert names(window)[0] == "blue_08.png"


def test_an_empty_clipboard_is_said(window: Window) -> None:
    window.root.clipboard_clear()
    window.query.paste()
    assert window.layout.status.message == "There is nothing on the clipboard to search by."


def test_words_become_chips_and_pictures_join_them(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    make_models(tmp_path / "models")
    window = open_window()
    window.indexing.index([str(pictures)])
    wait_until(lambda: not window.indexing.busy, 100)  # torch may be imported first
    settle(window, wait_until)
    bar = window.layout.query_bar
    bar.words.entry.focus_force()
    bar.words.text = "a red car"
    bar.words.entry.event_generate("<Return>")
    settle(window, wait_until)
    assert (bar.words.text, chips(window)) == ("a red car", [])
    bar.words.entry.event_generate("<Control-Return>")
    settle(window, wait_until)
    assert (bar.words.text, chips(window)) == ("", ["+ “a red car”"])
    bar.words.text = '-"people"'
    bar.words.entry.event_generate("<Return>")
    settle(window, wait_until)
    assert chips(window) == ["+ “a red car”", "− “people”"]
    window.query.search_images([str(pictures / "red_02.png")], add=True)
    settle(window, wait_until)
    heading = "12 pictures for “a red car” − “people” + red_02.png"
    assert window.layout.heading.text == heading
    assert bar.spaces.selected == "clip"
    assert isinstance(bar.words.entry, ttk.Combobox)


def test_another_search_lays_out_nothing_anew(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.query.search_image(str(pictures / "red_02.png"))
    settle(window, wait_until)
    changes: list[object] = []
    window.layout.query_bar.bind("<<ThemeChanged>>", changes.append, add="+")
    for name in ("red_03.png", "blue_07.png"):
        window.query.search_image(str(pictures / name))
        settle(window, wait_until)
        window.root.update()
    assert changes == []  # Tk sends it to every widget when any style changes, and draws all again
