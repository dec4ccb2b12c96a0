from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.asking import Box
from cbir.ui.viewer.view import LARGEST_SCALE, Frame, View

SIZE = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
CANVAS = st.tuples(st.integers(1, 3000), st.integers(1, 2000))
MOVES = st.lists(
    st.tuples(st.floats(0.2, 5), st.floats(-900, 900), st.floats(-900, 900)), max_size=6
)


def test_a_picture_is_fitted_and_centred() -> None:
    frame = Frame((4000, 2000), (1000, 800))
    assert frame.scale == 0.25
    assert frame.seen == (0, 150, 1000, 650)
    assert frame.source() == (0, 0, 4000, 2000)
    assert not frame.pannable


def test_a_small_picture_is_enlarged_twice_at_most() -> None:
    assert Frame((100, 100), (1000, 800)).scale == 2


def test_zooming_keeps_what_is_under_the_pointer_there() -> None:
    frame = Frame((4000, 2000), (1000, 800))
    at = (300.0, 400.0)
    before = frame.share_at(*at)
    later = replace(frame, view=frame.zoomed(6, at))
    assert later.scale == pytest.approx(1.5)
    assert later.share_at(*at) == pytest.approx(before)
    assert later.pannable


def test_one_to_one_is_one_to_one_and_back() -> None:
    frame = Frame((4000, 2000), (1000, 800))
    assert replace(frame, view=frame.actual()).scale == pytest.approx(1)
    small = Frame((100, 100), (1000, 800))
    assert replace(small, view=small.actual()).scale == pytest.approx(1)


def test_panning_moves_by_screen_pixels_and_stops_at_the_ends() -> None:
    frame = Frame((4000, 2000), (1000, 800))
    close = replace(frame, view=frame.actual())
    moved = replace(close, view=close.panned(-100, 0))
    assert moved.source()[0] - close.source()[0] == pytest.approx(100)
    end = replace(close, view=close.panned(-1e6, -1e6))
    assert end.source()[2:] == pytest.approx((4000, 2000))
    back = replace(end, view=end.panned(50, 0))  # at once: no slack to take up first
    assert end.source()[0] - back.source()[0] == pytest.approx(50)


def test_a_box_is_in_shares_of_the_picture_whichever_way_it_is_drawn() -> None:
    frame = Frame((4000, 2000), (1000, 800))
    box = Box(0.25, 0.2, 0.5, 0.6)
    drawn = frame.box_between((500, 450), (250, 250))
    assert drawn is not None
    assert (drawn.left, drawn.top, drawn.right, drawn.bottom) == pytest.approx(
        (box.left, box.top, box.right, box.bottom)
    )


def test_a_box_beyond_the_picture_is_cut_and_next_to_none_is_none() -> None:
    frame = Frame((4000, 2000), (1000, 800))
    assert frame.box_between((-50, 0), (2000, 790)) == Box(0, 0, 1, 1)
    assert frame.box_between((300, 300), (302, 500)) is None
    assert frame.box_between((0, 0), (1000, 100)) is None  # above the picture


@given(SIZE, CANVAS, MOVES)
def test_whatever_is_done_a_good_part_of_the_picture_is_in_view(
    size: tuple[int, int], canvas: tuple[int, int], moves: list[tuple[float, float, float]]
) -> None:
    frame = Frame(size, canvas)
    for factor, right, down in moves:
        frame = replace(frame, view=frame.zoomed(factor, (canvas[0] / 3, canvas[1] / 2)))
        frame = replace(frame, view=frame.panned(right, down))
        assert frame.scale <= max(LARGEST_SCALE, frame.fitting) * 1.001
        assert 0 <= frame.view.x <= 1
        assert 0 <= frame.view.y <= 1
        left, top, right_, bottom = frame.seen
        assert 0 <= left < right_ <= canvas[0] + 1
        assert 0 <= top < bottom <= canvas[1] + 1
        x0, y0, x1, y1 = frame.source()
        assert 0 <= x0 <= x1 <= size[0]
        assert 0 <= y0 <= y1 <= size[1]


@given(SIZE, CANVAS, st.floats(0, 1), st.floats(0, 1), st.floats(1, 8))
def test_places_and_shares_lead_to_each_other(
    size: tuple[int, int], canvas: tuple[int, int], x: float, y: float, zoom: float
) -> None:
    frame = Frame(size, canvas, View(zoom, 0.4, 0.6))
    assert frame.share_at(*frame.place_of(x, y)) == pytest.approx((x, y), abs=1e-6)
