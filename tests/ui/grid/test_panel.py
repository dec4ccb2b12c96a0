from __future__ import annotations

import random
import tkinter
from dataclasses import replace

import pytest
import ttkbootstrap as ttk
from PIL import ImageColor

from cbir.library.columns import RecordColumns
from cbir.library.record_table import RecordTable
from cbir.records import Record
from cbir.ui.grid.panel import SIZE_CHANGED, RecordTiles, Tile
from cbir.ui.widgets.theme import DARK, LIGHT, apply_theme
from cbir.work.listing import Listing
from cbir.work.messages import ThumbnailReady
from tests.ui.conftest import WaitUntil
from tests.ui.grid.rig import CONTROL, SHIFT, Rig, make_record, make_tiles


@pytest.fixture
def rig(root: ttk.App) -> Rig:
    return Rig(root)


# -- what is on the canvas ------------------------------------------------------------------------


def test_only_what_is_in_view_is_drawn_however_many_there_are(rig: Rig) -> None:
    rig.show(make_tiles(100))
    few = len(rig.canvas.find_all())
    assert rig.names()[0] == "0001.jpg"
    rig.show(make_tiles(100_000))
    rig.wheel(5, 30)
    rig.key("End")
    assert rig.names()[-1] == "100000.jpg"
    assert len(rig.canvas.find_all()) <= few + 200


def test_a_tile_shows_rank_name_score_bar_and_tag(rig: Rig) -> None:
    tile = Tile(make_record(7, tags=("sea",)), score="0.93", rank=3, strength=0.5)
    rig.show([tile])
    texts = rig.texts()
    assert texts["3"][0] < texts["0007.jpg"][0] < texts["0.93"][0]
    assert len({y for _, y in texts.values()}) == 1
    boxes = [
        rig.canvas.coords(item)
        for item in rig.canvas.find_all()
        if rig.canvas.type(item) == "rectangle"
        and rig.canvas.itemcget(item, "state") == "normal"
        and rig.canvas.coords(item)[3] - rig.canvas.coords(item)[1] < 6
    ]
    track, bar = sorted(boxes, key=lambda box: box[2], reverse=True)
    assert bar[2] - bar[0] == (track[2] - track[0]) / 2


def test_browsing_tiles_have_neither_rank_nor_score_nor_bar(rig: Rig) -> None:
    rig.show([Tile(make_record(7, tags=("sea",)), score="0.93", rank=3, strength=0.5)])
    rig.show([Tile(make_record(7))])
    assert list(rig.texts()) == ["0007.jpg"]


def test_long_names_are_cut_in_their_middle(rig: Rig) -> None:
    record = make_record(1)
    path = "/photos/" + "a_long_name_" * 12 + "end.jpg"
    file = type(record.file)(path, 1, 0, "d", 400, 300)
    rig.show([Tile(type(record)(1, file), score="0.93", rank=1)])
    name = rig.names()[0]
    assert "…" in name
    assert name.startswith("a_long")
    assert rig.canvas.bbox(*[i for i in rig.canvas.find_all() if name in _text(rig, i)])[2] < 250


def _text(rig: Rig, item: int) -> str:
    return rig.canvas.itemcget(item, "text") if rig.canvas.type(item) == "text" else ""


def test_a_missing_file_is_said_so_where_there_is_no_thumbnail_of_it(rig: Rig) -> None:
    rig.show([Tile(make_record(1, missing=True)), Tile(make_record(2))])
    rig.grid.thumbnail_ready(ThumbnailReady("/photos/0001.jpg", 160, None, "no such file"))
    rig.root.update()
    assert "missing" in rig.texts()


def test_a_kept_thumbnail_of_a_missing_file_is_shown_with_a_sign(rig: Rig) -> None:
    rig.show([Tile(make_record(1, missing=True))])
    corner = bottom_right(rig)
    assert rig.colour_at(*corner) != ImageColor.getrgb(LIGHT.tip)
    x, y = rig.middle_of(1)
    rig.answer(1, "#c04020")
    assert "missing" not in rig.texts()
    assert rig.colour_at(x, y) == (0xC0, 0x40, 0x20)
    assert rig.colour_at(*corner) == ImageColor.getrgb(LIGHT.tip)
    rig.show([Tile(make_record(1))])
    assert rig.colour_at(*corner) != ImageColor.getrgb(LIGHT.tip)


def bottom_right(rig: Rig) -> tuple[int, int]:
    """A point in the bottom right corner of the first picture, 160 x 120 pixels."""
    x, y = rig.middle_of(1)
    left, middle = rig.canvas.coords(picture_item(rig, x, y))
    return round(left) + 79, round(middle) + 58


def picture_item(rig: Rig, x: int, y: int) -> int:
    """The image that is drawn on a card at a point, shown or yet to come."""
    cards = [
        item
        for item in rig.canvas.find_withtag("cell")
        if rig.canvas.type(item) == "image" and rig.canvas.itemcget(item, "anchor") == "center"
    ]
    return min(cards, key=lambda item: abs(rig.canvas.coords(item)[0] - x))


# -- near-identical pictures, duplicates, percentiles ---------------------------------------------


def test_a_count_says_how_many_a_tile_stands_for_and_a_click_on_it_asks_for_them(rig: Rig) -> None:
    rig.show([Tile(make_record(1), count=3), Tile(make_record(2))])
    assert "×3" in rig.texts()
    x, y = (round(place) for place in rig.texts()["×3"])
    rig.point(x, y)
    assert str(rig.canvas.cget("cursor")) == "hand2"
    rig.drag((x, y))
    rig.release(x, y)
    assert rig.calls == [("stack", 1)]
    rig.drag((x, y))  # a double click opens nothing
    rig.release(x, y)
    assert rig.calls == [("stack", 1)]
    rig.show([Tile(make_record(1))])
    assert "×3" not in rig.texts()
    rig.point(x, y)
    assert str(rig.canvas.cget("cursor")) == ""


def test_a_count_does_not_hide_a_tiny_picture(rig: Rig) -> None:
    tiny = make_record(1)
    tiny = replace(tiny, file=replace(tiny.file, width=30, height=22))
    rig.show([Tile(tiny, count=3), Tile(make_record(2), count=4)])
    boxes = [
        rig.canvas.coords(item)
        for item in rig.canvas.find_withtag("cell")
        if rig.canvas.type(item) == "rectangle" and rig.canvas.itemcget(item, "state") == "normal"
    ]
    x, y = rig.texts()["×3"]
    (picture,) = [box for box in boxes if (box[2] - box[0], box[3] - box[1]) == (30, 22)]
    (chip,) = [box for box in boxes if box[0] <= x <= box[2] and box[1] <= y <= box[3]]
    assert chip[2] <= picture[0] or chip[3] <= picture[1]


def test_a_percentile_stands_beside_the_score_where_there_is_room(rig: Rig) -> None:
    tile = Tile(make_record(1), score="0.93", rank=1, strength=0.9, percentile="top 0.1 %")
    rig.show([tile])
    assert "top 0.1 %" not in rig.texts()
    rig.grid.thumbnail_size = 320
    rig.root.update()
    texts = rig.texts()
    assert texts["0001.jpg"][0] < texts["top 0.1 %"][0] < texts["0.93"][0]


def test_names_that_could_not_be_read_make_room(rig: Rig) -> None:
    rig.grid.thumbnail_size = 96
    rig.show([Tile(make_record(1, tags=("sea",)), score="0.9312", rank=123456, strength=0.9)])
    assert list(rig.texts()) == ["123456", "0.9312"]
    rig.show([Tile(make_record(1))])
    assert list(rig.texts()) == ["0001.jpg"]


@pytest.mark.parametrize("tags", [(), ("sea",)])
def test_signs_of_tags_and_duplicates_come_and_go(rig: Rig, tags: tuple[str, ...]) -> None:
    def signs() -> int:
        small = [
            item
            for item in rig.canvas.find_withtag("cell")
            if rig.canvas.type(item) == "image"
            and rig.canvas.itemcget(item, "state") == "normal"
            and rig.canvas.itemcget(item, "image")
            and rig.root.tk.call("image", "width", rig.canvas.itemcget(item, "image")) < 20
        ]
        return len(small)

    rig.show([Tile(make_record(1, tags=tags), duplicate=True)])
    assert signs() == 1 + len(tags)
    rig.click(1)
    assert signs() == 1 + len(tags)
    rig.show([Tile(make_record(1))])
    assert signs() == 0


def test_tiles_that_are_made_when_they_are_seen(rig: Rig) -> None:
    records = [make_record(number) for number in range(1, 1001)]
    copy = Record(1000, replace(records[-1].file, digest=records[-2].file.digest))
    table = RecordTable(RecordColumns.of([*records[:-1], copy]))
    tiles = RecordTiles(Listing(table, table.ids.tolist()))
    rig.show(tiles)
    rig.key("End")
    assert rig.names()[-1] == "1000.jpg"
    assert rig.grid.selection == (1000,)
    assert tiles[-1].duplicate and not tiles[0].duplicate
    assert [tile.record.id for tile in tiles[3:5]] == [4, 5]


def test_columns_follow_the_width(rig: Rig) -> None:
    rig.show(make_tiles(30))
    rows = {y for text, (_, y) in rig.texts().items()}
    rig.root.geometry("640x800")
    rig.root.update()
    assert len({y for text, (_, y) in rig.texts().items()}) >= len(rows)
    assert len({x for text, (x, _) in rig.texts().items()}) == 3
    assert max(x for x, _ in rig.texts().values()) < 640


def test_resizing_keeps_the_tile_at_the_top_in_view(rig: Rig) -> None:
    rig.show(make_tiles(1000))
    rig.wheel(5, 40)
    first = rig.names()[0]
    rig.root.geometry("700x800")
    rig.root.update()
    assert first in rig.names()[:6]


# -- thumbnails -----------------------------------------------------------------------------------


def test_thumbnails_are_asked_for_in_view_first_and_drawn_when_they_come(rig: Rig) -> None:
    rig.show(make_tiles(1000))
    assert rig.asked[-1] == ("/photos/0001.jpg", 160)
    seen = len(rig.names())
    assert seen <= len(rig.asked) <= seen + 24  # what is seen, and a row or two to come
    x, y = rig.middle_of(1)
    rig.answer(1, "#c04020")
    assert rig.colour_at(x, y) == (0xC0, 0x40, 0x20)
    x, y = rig.middle_of(2)
    assert rig.colour_at(x, y) != (0xC0, 0x40, 0x20)


def test_thumbnails_for_tiles_that_scrolled_away_change_nothing(rig: Rig) -> None:
    rig.show(make_tiles(1000))
    stale = list(rig.asked)
    rig.key("End")
    assert not set(stale) & set(rig.asked)
    for path, size in stale:
        rig.grid.thumbnail_ready(ThumbnailReady(path, size, None, "late"))
    rig.root.update()
    assert "no preview" not in rig.texts()


def test_late_thumbnails_of_another_size_change_nothing(rig: Rig) -> None:
    rig.show(make_tiles(10))
    rig.grid.thumbnail_size = 224
    rig.root.update()
    assert {size for _, size in rig.asked} == {224}
    rig.grid.thumbnail_ready(ThumbnailReady("/photos/0001.jpg", 160, None, "late"))
    assert "no preview" not in rig.texts()


def test_a_picture_that_cannot_be_shown_is_marked(rig: Rig) -> None:
    rig.show(make_tiles(1))
    path, size = rig.asked.pop()
    rig.grid.thumbnail_ready(ThumbnailReady(path, size, None, "truncated"))
    rig.root.update()
    assert "no preview" in rig.texts()


def test_scrolling_back_draws_kept_thumbnails_at_once(rig: Rig) -> None:
    rig.show(make_tiles(300))
    rig.answer()
    rig.key("End")
    rig.answer()
    rig.key("Home")
    assert rig.asked == []
    x, y = rig.middle_of(1)
    assert rig.colour_at(x, y) == (0xC0, 0x40, 0x20)


# -- mouse ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [96, 160, 320])
@pytest.mark.parametrize("notches", [0, 3, 57])
def test_a_click_selects_the_tile_under_it_at_any_offset_and_size(
    rig: Rig, size: int, notches: int
) -> None:
    rig.grid.thumbnail_size = size
    rig.show(make_tiles(5000))
    rig.wheel(5, notches)
    names = [name for name in rig.names() if rig.texts()[name][1] > 120]
    for name in random.Random(notches).sample(names, min(3, len(names))):
        rig.click(int(name.removesuffix(".jpg")))
        assert rig.grid.selection == (int(name.removesuffix(".jpg")),)
        assert rig.calls[-1] == ("select", rig.grid.selection)


def test_ctrl_and_shift_clicks(rig: Rig) -> None:
    rig.show(make_tiles(50))
    rig.click(2)
    rig.click(5, CONTROL)
    assert rig.grid.selection == (2, 5)
    rig.click(8, SHIFT)
    assert rig.grid.selection == (5, 6, 7, 8)
    rig.click(6, CONTROL)
    assert rig.grid.selection == (5, 7, 8)


def test_a_click_beside_the_tiles_selects_nothing(rig: Rig) -> None:
    rig.show(make_tiles(2))
    rig.click(1)
    rig.drag((900, 600))
    rig.release()
    assert rig.grid.selection == ()
    assert rig.calls[-1] == ("select", ())


def test_a_double_click_opens(rig: Rig) -> None:
    rig.show(make_tiles(10))
    for _ in range(3):
        rig.click(3)
    assert rig.calls == [("select", (3,)), ("open", 3)]


def test_a_right_click_selects_and_asks_for_the_menu(rig: Rig) -> None:
    rig.show(make_tiles(10))
    rig.click(4, button=3)
    assert rig.grid.selection == (4,)
    assert rig.calls[-1][:2] == ("menu", 4)
    rig.click(5, CONTROL)
    rig.click(4, button=3)
    assert rig.grid.selection == (4, 5)  # a menu for all of them


def test_the_lens_on_a_hovered_tile_finds_similar(rig: Rig) -> None:
    rig.show(make_tiles(10))
    x, y = rig.middle_of(3)
    rig.point(x, y)
    lens = [
        rig.canvas.coords(item)
        for item in rig.canvas.find_all()
        if rig.canvas.type(item) == "image"
        and rig.canvas.itemcget(item, "state") == "normal"
        and not rig.canvas.gettags(item)
    ]
    assert len(lens) == 1
    at = (round(lens[0][0]) + 14, round(lens[0][1]) + 14)
    rig.point(*at)
    assert str(rig.canvas.cget("cursor")) == "hand2"
    rig.drag(at)
    rig.release()
    assert rig.calls == [("similar", 3)]
    assert rig.grid.selection == ()
    rig.canvas.event_generate("<Leave>")
    assert str(rig.canvas.cget("cursor")) == ""


def test_the_tooltip_tells_all_about_a_tile(rig: Rig, wait_until: WaitUntil) -> None:
    rig.show([Tile(make_record(1, tags=("sea", "2023")))])
    rig.point(*rig.middle_of(1))

    def tip() -> str:
        found = [w for w in _descendants(rig.root) if "0001.jpg\n" in str(_label_text(w))]
        return _label_text(found[0]) if found else ""

    wait_until(tip)
    assert tip() == "0001.jpg\n/photos\n400 × 300 pixels\nTags: sea, 2023"
    rig.point(900, 600)
    assert tip() == ""


def test_the_tooltip_tells_the_score_and_that_there_are_more(
    rig: Rig, wait_until: WaitUntil
) -> None:
    tile = Tile(make_record(1), "0.93", 1, 0.9, percentile="top 0.1 %", count=2, duplicate=True)
    rig.show([tile])
    rig.point(*rig.middle_of(1))
    wait_until(lambda: any("Score 0.93 · top 0.1 %" in text for text in tips(rig)))
    assert "Another file has the same content." in tips(rig)[0]
    x, y = rig.texts()["×2"]
    rig.point(round(x), round(y))
    wait_until(lambda: tips(rig) == ["Show the 2 pictures that are nearly the same (E)"])


def test_the_tooltip_does_not_lie_on_a_dialog(rig: Rig, wait_until: WaitUntil) -> None:
    rig.canvas.focus_force()
    rig.show(make_tiles(2))
    rig.point(*rig.middle_of(1))
    wait_until(lambda: tips(rig))
    dialog = ttk.Toplevel(master=rig.root)
    dialog.focus_force()
    wait_until(lambda: not tips(rig))
    rig.point(*rig.middle_of(2))  # as where a key opened it while the tooltip was still to come
    later: list[bool] = []
    rig.root.after(700, lambda: later.append(True))
    wait_until(lambda: later)
    assert tips(rig) == []


def tips(rig: Rig) -> list[str]:
    """What the tooltips over the grid say."""
    windows = [w for w in rig.canvas.winfo_children() if isinstance(w, tkinter.Toplevel)]
    return [_label_text(child) for window in windows for child in window.winfo_children()]


def _descendants(widget: ttk.App) -> list[object]:
    found: list[object] = []
    waiting = list(widget.winfo_children())
    while waiting:
        child = waiting.pop()
        found.append(child)
        waiting.extend(child.winfo_children())
    return found


def _label_text(widget: object) -> str:
    return str(widget.cget("text")) if isinstance(widget, ttk.Label) else ""


def test_a_rubber_band_selects_what_it_touches(rig: Rig) -> None:
    rig.show(make_tiles(50))
    one, nine = rig.middle_of(1), rig.middle_of(9)
    rig.drag(one, (one[0] + 20, one[1] + 20), nine)
    assert rig.grid.selection == (1, 2, 3, 7, 8, 9)
    rig.release(*nine)
    rig.drag(rig.middle_of(5), rig.middle_of(4), state=CONTROL)
    rig.release()
    assert rig.grid.selection == (1, 2, 3, 4, 5, 7, 8, 9)


def test_a_rubber_band_scrolls_beyond_the_edge(rig: Rig, wait_until: WaitUntil) -> None:
    rig.show(make_tiles(500))
    start = rig.middle_of(2)
    rig.drag(start, (1200, rig.canvas.winfo_height() + 90))
    wait_until(lambda: len(rig.grid.selection) > 30)
    rig.release()
    size = len(rig.grid.selection)
    rig.root.after(120, lambda: rig.calls.append(("later",)))
    wait_until(lambda: ("later",) in rig.calls)
    assert len(rig.grid.selection) == size
    assert rig.grid.selection[0] == 2


# -- keys -----------------------------------------------------------------------------------------


def test_walking_with_the_keys(rig: Rig) -> None:
    rig.show(make_tiles(100))
    columns = 6
    for key, expected in [
        ("Right", 1),  # the first key shows where one is
        ("Right", 2),
        ("Down", 2 + columns),
        ("Left", 1 + columns),
        ("Up", 1),
        ("End", 100),
        ("Home", 1),
    ]:
        rig.key(key)
        assert rig.grid.selection == (expected,), key
        assert f"{expected:04}.jpg" in rig.names()


def test_paging_moves_by_what_is_in_view(rig: Rig) -> None:
    rig.show(make_tiles(1000))
    rig.key("Home")
    rig.key("Next")
    assert rig.grid.selection == (1 + 3 * 6,)
    rig.key("Prior")
    assert rig.grid.selection == (1,)


def test_shift_with_a_key_selects_on_the_way(rig: Rig) -> None:
    rig.show(make_tiles(20))
    rig.click(2)
    rig.key("Right", SHIFT)
    rig.key("Right", SHIFT)
    rig.key("Left", SHIFT)
    assert rig.grid.selection == (2, 3)


def test_ctrl_a_enter_delete_and_the_menu_key(rig: Rig) -> None:
    rig.show(make_tiles(3))
    rig.click(2)
    rig.key("Return")
    rig.key("Menu")
    assert rig.calls[-1][:2] == ("menu", 2)
    rig.key("Control-a")
    assert rig.grid.selection == (1, 2, 3)
    rig.key("Delete")
    assert rig.calls[-1] == ("delete", (1, 2, 3))
    assert ("open", 2) in rig.calls


def test_keys_for_what_is_selected(rig: Rig) -> None:
    rig.show(make_tiles(5))
    rig.click(2)
    rig.click(4, CONTROL)
    for key, expected in [
        ("space", ("preview", 4)),
        ("F2", ("rename", 4)),
        ("Shift-Delete", ("trash", (2, 4))),
        ("Control-c", ("copy_files", (2, 4))),
        ("Control-Shift-C", ("copy_path", 4)),
        ("plus", ("feedback", (2, 4), 1)),
        ("KP_Add", ("feedback", (2, 4), 1)),
        ("minus", ("feedback", (2, 4), -1)),
        ("KP_Subtract", ("feedback", (2, 4), -1)),
    ]:
        rig.key(key)
        assert rig.calls[-1] == expected, key


def test_keys_of_others_are_left_to_them(rig: Rig) -> None:
    rig.show(make_tiles(5))
    rig.click(2)
    rig.calls.clear()
    heard: list[str] = []
    for key in ("Control-plus", "Control-minus", "Alt-Left", "Alt-Right", "x", "Control-F2"):
        rig.root.bind(f"<{key}>", lambda _, key=key: heard.append(key))
        rig.key(key)
        assert heard[-1] == key
    assert rig.calls == []


def test_ctrl_with_a_key_moves_the_cursor_alone(rig: Rig) -> None:
    rig.show(make_tiles(100))
    rig.click(2)
    rig.key("Control-Right")
    rig.key("Control-Right")
    assert rig.grid.selection == (2,)
    rig.key("Control-space")
    assert rig.grid.selection == (2, 4)
    rig.key("Control-Shift-Right")
    assert rig.grid.selection == (2, 4, 5)
    rig.key("Control-End")
    assert rig.grid.selection == (2, 4, 5)
    assert "0100.jpg" in rig.names()
    rig.key("Shift-Home")
    assert rig.grid.selection == (1, 2, 3, 4)
    rig.key("Shift-Next")
    assert rig.grid.selection == tuple(range(4, 20))


def test_keys_on_an_empty_grid_do_nothing(rig: Rig) -> None:
    rig.show([])
    keys = ("Right", "End", "Next", "Return", "Delete", "Menu", "Control-a", "space", "plus", "F2")
    for key in (*keys, "Control-space", "Control-Home", "Shift-Delete", "Control-c"):
        rig.key(key)
    assert rig.calls == []


def test_tab_shows_where_the_keys_begin(rig: Rig) -> None:
    entry = ttk.Entry(rig.root)
    entry.pack(before=rig.grid)
    rig.show(make_tiles(5))
    entry.focus_force()
    entry.event_generate("<Tab>")
    rig.root.update()
    assert rig.root.focus_get() is rig.canvas
    x, _ = rig.middle_of(1)
    assert ImageColor.getrgb(LIGHT.accent) == rig.colour_at(x, 9)
    entry.focus_force()
    rig.root.update()
    assert ImageColor.getrgb(LIGHT.accent) != rig.colour_at(x, 9)
    assert rig.grid.selection == ()


# -- the window's side ----------------------------------------------------------------------------


def test_selecting_from_outside_scrolls_there_and_does_not_call_back(rig: Rig) -> None:
    rig.show(make_tiles(1000))
    rig.grid.select([700, 5000])
    rig.root.update()
    assert rig.grid.selection == (700,)
    assert "0700.jpg" in rig.names()
    assert rig.calls == []
    rig.grid.select([1], see=False)
    rig.root.update()
    assert "0700.jpg" in rig.names()
    rig.grid.select([])
    assert rig.grid.selection == ()


def test_live_indexing_keeps_place_and_selection(rig: Rig) -> None:
    rig.show(make_tiles(500))
    rig.wheel(5, 10)
    rig.click(30)
    before = rig.texts()
    rig.show(make_tiles(800), keep_position=True)
    assert rig.texts() == before
    assert rig.grid.selection == (30,)
    rig.calls.clear()
    rig.show(make_tiles(500, first=100), keep_position=True)
    assert rig.calls == [("select", ())]


def test_another_result_starts_at_the_top_with_nothing_selected(rig: Rig) -> None:
    rig.show(make_tiles(500))
    rig.key("End")
    rig.show(make_tiles(400))
    assert rig.names()[0] == "0001.jpg"
    assert rig.grid.selection == ()


def test_fewer_tiles_than_the_offset_allows(rig: Rig) -> None:
    rig.show(make_tiles(1000))
    rig.key("End")
    rig.show(make_tiles(30), keep_position=True)
    assert rig.names()[-1] == "0030.jpg"
    rig.show([], keep_position=True)
    assert rig.names() == []


def test_the_wheel_with_ctrl_changes_the_size_and_says_so(rig: Rig) -> None:
    said: list[int] = []
    rig.grid.bind(SIZE_CHANGED, lambda _: said.append(rig.grid.thumbnail_size))
    rig.show(make_tiles(500))
    rig.wheel(4, 2, CONTROL)
    rig.wheel(5, 1, CONTROL)
    assert said == [192, 224, 192]
    rig.wheel(5, 9, CONTROL)
    assert rig.grid.thumbnail_size == 96
    rig.grid.thumbnail_size = 10_000
    assert rig.grid.thumbnail_size == 320


def test_the_scrollbar_leads_and_follows(rig: Rig) -> None:
    bar = next(c for c in rig.grid.winfo_children() if isinstance(c, ttk.Scrollbar))
    rig.show(make_tiles(4))
    assert not bar.winfo_ismapped()
    rig.show(make_tiles(10_000))
    assert bar.winfo_ismapped()
    command = str(bar.cget("command"))
    rig.root.tk.call(command, "moveto", "0.5")
    rig.root.update()
    assert 4900 < int(rig.names()[0].removesuffix(".jpg")) < 5100
    assert bar.get()[0] == pytest.approx(0.5, abs=0.01)
    before = rig.names()[0]
    rig.root.tk.call(command, "scroll", "1", "pages")
    rig.root.tk.call(command, "scroll", "-1", "pages")
    rig.root.tk.call(command, "scroll", "2", "units")
    rig.root.tk.call(command, "scroll", "-2", "units")
    rig.root.update()
    assert rig.names()[0] == before


def test_a_change_of_theme_recolours_everything(rig: Rig) -> None:
    rig.show([Tile(make_record(n), score="0.9", rank=n, strength=0.5) for n in range(1, 40)])
    rig.answer()
    rig.click(1)
    apply_theme(rig.root, "dark")
    rig.root.update()
    assert rig.colour_at(3, 3) == ImageColor.getrgb(DARK.background)
    x, y = rig.texts()["0001.jpg"]
    assert rig.colour_at(round(x) + 10, round(y) - 20) == ImageColor.getrgb(DARK.selection)
    for item in rig.canvas.find_all():
        if rig.canvas.type(item) == "text" and rig.canvas.itemcget(item, "state") == "normal":
            assert rig.canvas.itemcget(item, "fill") in (DARK.text, DARK.muted)


def test_a_message_replaces_the_tiles_and_its_buttons_work(rig: Rig) -> None:
    pressed: list[str] = []
    rig.show(make_tiles(10))
    rig.click(3)
    rig.grid.show_message(
        "This library is empty",
        "Index a folder of pictures to begin. " * 5,
        [("Index a folder…", lambda: pressed.append("index")), ("Other", lambda: None)],
    )
    rig.root.update()
    assert rig.names() == []
    assert rig.calls[-1] == ("select", ())
    widgets = _descendants(rig.root)
    buttons = {str(b.cget("text")): b for b in widgets if isinstance(b, ttk.Button)}
    assert sorted(buttons) == ["Index a folder…", "Other"]
    buttons["Index a folder…"].invoke()
    assert pressed == ["index"]
    rig.root.geometry("500x600")
    rig.root.update()
    labels = [w for w in widgets if _label_text(w).startswith("Index a folder of")]
    assert isinstance(labels[0], ttk.Label)
    assert labels[0].winfo_width() < 500
    rig.show(make_tiles(3))
    assert rig.names() == ["0001.jpg", "0002.jpg", "0003.jpg"]
    assert not any(isinstance(w, ttk.Button) for w in _descendants(rig.root))


def test_closing_with_work_in_flight_is_clean(rig: Rig) -> None:
    rig.show(make_tiles(500))
    rig.point(*rig.middle_of(1))
    rig.drag(rig.middle_of(2), (300, rig.canvas.winfo_height() + 40))
    rig.grid.scroll_by(500)
    rig.root.destroy()
