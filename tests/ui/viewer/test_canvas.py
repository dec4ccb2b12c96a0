from __future__ import annotations

import pytest
import ttkbootstrap as ttk
from PIL import Image, ImageColor, ImageGrab

from cbir.asking import Box
from cbir.ui.viewer.canvas import PictureCanvas
from cbir.ui.viewer.view import WHOLE, View
from cbir.ui.widgets.theme import LIGHT
from tests.ui.conftest import WaitUntil


class Rig:
    """A canvas of 800 × 600 with a picture of 1,600 × 1,200: red left, blue right."""

    def __init__(self, root: ttk.App, wait_until: WaitUntil) -> None:
        self.root, self.wait_until = root, wait_until
        self.views: list[View] = []
        self.boxes: list[Box | None] = []
        self.canvas = PictureCanvas(root, self.views.append, self.boxes.append)
        self.canvas.place(x=0, y=0, width=800, height=600)
        root.update()
        self.canvas.show((1600, 1200), "Loading…")

    def add(self, width: int) -> None:
        image = Image.new("RGB", (width, width * 3 // 4), (200, 0, 0))
        image.paste((0, 0, 200), (width // 2, 0, width, width))
        self.canvas.add(image)

    def settle(self) -> None:
        self.root.update()
        self.wait_until(lambda: not self.canvas._timers)
        self.root.update()

    def colour(self, x: int, y: int) -> tuple[int, ...]:
        """What is on the screen at a place of the canvas."""
        self.settle()
        left, top = self.canvas.winfo_rootx() + x, self.canvas.winfo_rooty() + y
        grabbed = ImageGrab.grab((left, top, left + 1, top + 1), xdisplay=self.root.winfo_screen())
        pixel = grabbed.convert("RGB").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        return pixel

    def texts(self) -> list[str]:
        self.settle()
        items = self.canvas.find_all()
        return [self.canvas.itemcget(i, "text") for i in items if self.canvas.type(i) == "text"]

    def double_click(self, x: int, y: int) -> None:
        for _ in range(2):
            self.canvas.event_generate("<Button-1>", x=x, y=y)
            self.canvas.event_generate("<ButtonRelease-1>", x=x, y=y)
        self.settle()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.canvas.event_generate("<Button-1>", x=start[0], y=start[1])
        for share in (0.5, 1.0):
            x = round(start[0] + share * (end[0] - start[0]))
            y = round(start[1] + share * (end[1] - start[1]))
            self.canvas.event_generate("<B1-Motion>", x=x, y=y)
        self.canvas.event_generate("<ButtonRelease-1>", x=end[0], y=end[1])
        self.root.update()


RED, BLUE = (200, 0, 0), (0, 0, 200)


@pytest.fixture
def rig(root: ttk.App, wait_until: WaitUntil) -> Rig:
    return Rig(root, wait_until)


def test_words_stand_in_until_there_is_a_picture(rig: Rig) -> None:
    assert rig.texts() == ["Loading…"]
    rig.add(100)
    assert rig.texts() == [""]
    assert rig.colour(200, 300) == RED
    assert rig.colour(600, 300) == BLUE


def test_a_sharper_picture_takes_the_place_of_a_coarse_one_and_never_the_other_way(
    rig: Rig,
) -> None:
    rig.add(100)
    rig.add(1600)
    rig.add(400)
    assert rig.canvas.loaded == 1600
    assert rig.canvas.wanted == 800


def test_the_wheel_zooms_at_the_pointer(rig: Rig) -> None:
    rig.add(1600)
    for _ in range(12):
        rig.canvas.event_generate("<Button-4>", x=200, y=300)
    assert rig.colour(790, 300) == RED  # the middle of the picture is out of view by now
    assert rig.views[-1].zoom > 5
    assert rig.canvas.wanted == 1600
    for _ in range(20):
        rig.canvas.event_generate("<Button-5>", x=200, y=300)
    assert rig.canvas.view == WHOLE


def test_a_drag_moves_the_picture_where_some_is_out_of_view(rig: Rig) -> None:
    rig.add(1600)
    rig.drag((400, 300), (300, 300))
    assert rig.canvas.view == WHOLE
    rig.canvas.actual()
    assert rig.colour(380, 300) == RED
    rig.drag((600, 300), (500, 280))
    assert rig.colour(380, 300) == BLUE
    rig.canvas.pan(-100, 0)
    assert rig.colour(380, 300) == RED


def test_a_double_click_looks_closely_and_back(rig: Rig) -> None:
    rig.add(1600)
    rig.double_click(100, 100)
    assert rig.canvas.frame.scale == pytest.approx(1)
    rig.double_click(400, 300)
    assert rig.canvas.view == WHOLE


def test_a_box_is_drawn_once_and_a_click_is_none(rig: Rig) -> None:
    rig.add(1600)
    rig.canvas.begin_box()
    rig.drag((100, 100), (101, 100))
    assert rig.boxes == []
    assert rig.canvas.boxing
    rig.drag((600, 450), (200, 150))
    assert rig.boxes == [Box(0.25, 0.25, 0.75, 0.75)]
    assert not rig.canvas.boxing
    rig.drag((600, 450), (200, 150))
    assert len(rig.boxes) == 1


def test_a_part_is_outlined(rig: Rig) -> None:
    rig.add(1600)
    rig.canvas.mark(Box(0.25, 0.25, 0.75, 0.75))
    assert rig.colour(200, 300) == ImageColor.getrgb(LIGHT.accent)
    rig.canvas.mark(None)
    assert rig.colour(200, 300) == RED


def test_a_heat_map_covers_the_picture_wherever_it_is(rig: Rig) -> None:
    rig.add(1600)
    heat = Image.new("RGBA", (70, 70), (0, 0, 0, 0))
    heat.paste((0, 255, 0, 255), (0, 0, 35, 70))
    rig.canvas.show_heat(heat)
    assert rig.colour(200, 300) == (0, 255, 0)
    assert rig.colour(600, 300) != BLUE
    rig.canvas.actual()
    rig.canvas.pan(2000, 0)
    assert rig.colour(200, 300) != (0, 255, 0)
    rig.canvas.show_heat(None)
    assert rig.colour(200, 300) == BLUE


def test_it_can_be_destroyed_while_it_waits_to_draw(rig: Rig) -> None:
    rig.add(1600)
    rig.canvas.zoom(1)
    rig.canvas.destroy()
    rig.root.update()


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (20_000, 30)])
def test_odd_pictures_can_be_looked_at_closely(rig: Rig, size: tuple[int, int]) -> None:
    rig.canvas.show(size)
    rig.canvas.add(Image.new("RGB", size, RED))
    for _ in range(3):
        rig.canvas.zoom(5)
        rig.settle()
        rig.canvas.pan(50, 50)
        rig.settle()
    rig.canvas.actual()
    rig.settle()
