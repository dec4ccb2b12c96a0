"""Lasso, box and keys on a map."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.conftest import WaitUntil
from tests.ui.map.data import make_vectors, placed, projected
from tests.ui.map.stage import SQUARE, Stage

SHIFT, CONTROL = 0x1, 0x4


@pytest.fixture
def square(stage: Stage) -> Stage:
    """A map of SQUARE: ids 1 to 4 around, 5 in the middle."""
    stage.panel.show(placed(SQUARE))
    stage.settle()
    return stage


def outlines(stage: Stage) -> int:
    return len(stage.canvas.find_withtag("map-lasso"))


def test_a_lasso_chooses_what_is_inside_and_adds_and_takes_away(square: Stage) -> None:
    lasso = square.panel.toolbar.buttons["lasso"]
    lasso.invoke()
    square.drag((-0.3, 1.0), (-0.3, 3.3), (0.5, 3.3), (2.5, 1.6), (1.5, 0.9))
    square.drag((3.7, -0.3), (3.7, 0.3), (4.3, 0.3), (4.3, -0.3), state=SHIFT)
    square.drag((-0.3, 2.7), (-0.3, 3.3), (0.3, 3.3), (0.3, 2.7), state=CONTROL)
    assert square.shapes == [({4, 5}, "new"), ({2}, "add"), ({4}, "remove")]
    assert outlines(square) == 3
    assert square.selected == square.added == []
    square.key("<Escape>")
    square.click(SQUARE[3])
    assert square.selected == [4]  # a click is a click again
    assert lasso.instate(["!selected"])


def test_a_box_takes_the_lasso_s_place_and_a_click_draws_nothing(square: Stage) -> None:
    buttons = square.panel.toolbar.buttons
    buttons["lasso"].invoke()
    buttons["box"].invoke()
    assert buttons["lasso"].instate(["!selected"])
    square.drag((3.5, 3.5), (4.5, -0.5))
    square.click(SQUARE[0])
    assert square.shapes == [({2, 3}, "new")]
    buttons["zoom"].invoke()
    assert buttons["box"].instate(["!selected"])


def test_outlines_move_with_the_map_and_go_with_its_points(square: Stage) -> None:
    square.key("<Key-b>")
    square.drag((-0.5, -0.5), (0.5, 0.5))
    before = square.canvas.bbox("map-lasso")
    square.panel.plot.zoom(square.panel.plot.pixel((0, 0)), 2.0)
    square.settle()
    assert square.canvas.bbox("map-lasso") != before
    square.panel.show(projected(make_vectors(5)))
    assert outlines(square) == 0


def test_what_lies_outside_chooses_nothing_and_many_points_are_no_matter(stage: Stage) -> None:
    points = np.random.default_rng(3).uniform(-1, 1, (20_000, 2))
    stage.panel.show(placed(points))
    stage.settle()
    stage.key("<Key-l>")
    stage.drag((-0.5, 0.0), (0.0, 0.5), (0.5, 0.0), (0.0, -0.5))
    ((chosen, how),) = stage.shapes
    inside = np.abs(points).sum(axis=1)
    assert how == "new"
    assert chosen <= set((np.flatnonzero(inside < 0.51) + 1).tolist())
    assert chosen >= set((np.flatnonzero(inside < 0.49) + 1).tolist())


def test_keys_zoom_move_and_show_all(square: Stage) -> None:
    plot = square.panel.plot
    whole = plot.view
    square.key("<Key-plus>")
    assert plot.view.unit < whole.unit
    square.key("<Key-minus>")
    assert plot.view.unit == pytest.approx(whole.unit)
    square.key("<Key-Right>")
    square.key("<Key-Up>")
    assert plot.view.x > whole.x and plot.view.y > whole.y
    square.key("<Key-Home>")
    assert plot.is_home


def test_keys_step_from_point_to_point_and_select(square: Stage, wait_until: WaitUntil) -> None:
    square.key("<Control-Left>")  # from the middle of the view
    square.key("<Return>")
    first = square.selected[-1]
    assert first in (1, 4)
    square.key("<Control-Right>")
    wait_until(lambda: "picture" in square.card_texts())
    square.key("<Control-space>")
    assert square.added and square.added[-1] != first
    square.key("<Control-Right>")
    square.key("<Control-Right>")
    square.key("<Return>")
    assert square.selected[-1] in (2, 3)


def test_the_map_shows_that_it_has_the_keys(square: Stage, wait_until: WaitUntil) -> None:
    square.canvas.focus_force()
    wait_until(lambda: bool(square.canvas.find_withtag("map-focus")))
    square.root.focus_force()
    wait_until(lambda: not square.canvas.find_withtag("map-focus"))


def test_shift_and_ctrl_click_add(square: Stage) -> None:
    for state, place in ((SHIFT, SQUARE[1]), (CONTROL, SQUARE[2])):
        x, y = square.pixel_of(place)
        square.canvas.event_generate("<Button-1>", x=x, y=y, state=state)
        square.canvas.event_generate("<ButtonRelease-1>", x=x, y=y, state=0x100 | state)
    assert square.added == [2, 3]
    assert square.selected == []


def test_a_picture_is_looked_at(square: Stage, wait_until: WaitUntil) -> None:
    assert square.panel.look_at(3)
    view = square.panel.plot.view
    assert (view.x, view.y) == pytest.approx(SQUARE[2], abs=0.01)
    assert not square.panel.plot.is_home
    wait_until(lambda: "picture-3" in square.card_texts())
    assert not square.panel.look_at(99)


def test_escape_leaves_zooming_before_anything_else(square: Stage) -> None:
    zoom = square.panel.toolbar.buttons["zoom"]
    zoom.invoke()
    assert zoom.instate(["selected"])
    square.key("<Escape>")
    assert zoom.instate(["!selected"])


def test_outlines_and_the_step_stay_while_the_same_axes_get_other_points(square: Stage) -> None:
    square.key("<Key-b>")
    square.drag((-0.5, -0.5), (0.5, 0.5))
    square.key("<Escape>")
    assert square.panel.look_at(1)
    square.panel.show(placed([*SQUARE, (3.0, 3.0)]), keep_view=True)
    assert outlines(square) == 1
    square.key("<Return>")
    assert square.selected == [1]


def test_where_words_stand_there_is_no_map(square: Stage) -> None:
    square.panel.show_message("The map appears when pictures are indexed.")
    assert square.panel.empty
    assert not square.panel.look_at(1)
