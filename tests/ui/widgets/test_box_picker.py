"""Choosing a part of a picture, by mouse and by keys."""

from __future__ import annotations

import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.asking import Box
from cbir.ui.widgets.box_picker import BoxPicker

SIDES = ("left", "top", "right", "bottom")


@pytest.fixture
def told() -> list[Box | None]:
    return []


@pytest.fixture
def picker(root: ttk.App, told: list[Box | None]) -> BoxPicker:
    """A picture 400 pixels wide and 200 high, in the middle of 402 by 402 pixels."""
    canvas = BoxPicker(root, told.append, width=400, height=400)
    canvas.pack()
    canvas.show(Image.new("RGB", (800, 400), "red"))
    canvas.focus_force()
    root.update()
    return canvas


def drag(picker: BoxPicker, start: tuple[int, int], end: tuple[int, int]) -> None:
    """From one point of the picture, in pixels on the screen, to another."""
    places = [(x + 1, y + 101) for x, y in (start, end)]
    picker.event_generate("<Button-1>", x=places[0][0], y=places[0][1])
    picker.event_generate("<B1-Motion>", x=places[1][0], y=places[1][1])
    picker.event_generate("<ButtonRelease-1>", x=places[1][0], y=places[1][1])
    picker.update()


def shares(box: Box | None) -> list[float]:
    return [] if box is None else [round(getattr(box, side), 2) for side in SIDES]


def test_a_box_is_drawn_in_shares_of_the_picture(picker: BoxPicker, told: list[Box | None]) -> None:
    drag(picker, (300, 150), (100, 50))
    assert shares(picker.box) == [0.25, 0.25, 0.75, 0.75]
    assert told == [picker.box]
    assert picker.find_withtag("box")


def test_it_is_moved_but_never_out_of_the_picture(
    picker: BoxPicker, told: list[Box | None]
) -> None:
    picker.box = Box(0.25, 0.25, 0.75, 0.75)
    assert told == []
    drag(picker, (200, 100), (240, 80))
    assert shares(picker.box) == [0.35, 0.15, 0.85, 0.65]
    drag(picker, (240, 80), (900, -300))
    assert shares(picker.box) == [0.5, 0.0, 1.0, 0.5]
    assert len(told) == 2


def test_edges_and_corners_resize_and_may_cross(picker: BoxPicker) -> None:
    picker.box = Box(0.25, 0.25, 0.75, 0.75)
    drag(picker, (300, 100), (360, 180))
    assert shares(picker.box) == [0.25, 0.25, 0.9, 0.75]
    drag(picker, (100, 50), (40, 20))
    assert shares(picker.box) == [0.1, 0.1, 0.9, 0.75]
    drag(picker, (40, 100), (400, 100))
    assert shares(picker.box) == [0.9, 0.1, 1.0, 0.75]


def test_a_click_beside_it_takes_it_away(picker: BoxPicker, told: list[Box | None]) -> None:
    picker.box = Box(0.25, 0.25, 0.75, 0.75)
    drag(picker, (20, 20), (20, 20))
    assert picker.box is None
    assert told == [None]
    assert not picker.find_withtag("box")
    drag(picker, (20, 20), (20, 20))
    assert told == [None]


def test_keys_do_all_of_it(picker: BoxPicker, told: list[Box | None]) -> None:
    for keys in ("<Right>", "<Down>", "<Shift-Left>", "<Control-Up>"):
        picker.event_generate(keys)
    assert shares(picker.box) == [0.25, 0.29, 0.7, 0.79]
    for _ in range(30):
        picker.event_generate("<Left>")
    assert shares(picker.box)[0] == 0
    picker.event_generate("<Delete>")
    assert told[-1] is None


def test_nothing_is_chosen_where_there_is_no_picture(
    picker: BoxPicker, told: list[Box | None]
) -> None:
    picker.show(None)
    drag(picker, (20, 20), (200, 150))
    picker.event_generate("<Right>")
    assert told == []
    assert not picker.find_all()
