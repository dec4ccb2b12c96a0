from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.ui.map.points import MapPoints, View

coordinates = st.floats(-1e4, 1e4, width=32)
places = st.lists(st.tuples(coordinates, coordinates), max_size=30)


def points_of(found: list[tuple[float, float]]) -> MapPoints:
    points = np.asarray(found, np.float32).reshape(-1, 2)
    return MapPoints(np.arange(len(points), dtype=np.int64) * 7 + 3, points)


def test_rows_follow_the_order_of_the_ids_and_leave_out_strangers() -> None:
    points = MapPoints(np.array([40, 10, 30]), np.zeros((3, 2), np.float32))

    assert points.rows([30, 99, 40, -5]).tolist() == [2, 0]
    assert points.rows([]).tolist() == []
    assert points_of([]).rows([1]).tolist() == []


@given(found=places, x=coordinates, y=coordinates, radius=st.floats(0, 100))
def test_nearest_is_the_nearest_within_the_radius(
    found: list[tuple[float, float]], x: float, y: float, radius: float
) -> None:
    distances = [float(np.hypot(px - x, py - y)) for px, py in found]

    row = points_of(found).nearest(x, y, radius)

    slack = 1e-2  # float32 at coordinates up to 1e4
    if row is None:
        assert not distances or min(distances) >= radius - slack
    else:
        assert distances[row] <= min(distances) + slack
        assert distances[row] <= radius + slack


def test_nearest_among_some_rows() -> None:
    points = points_of([(0, 0), (1, 0), (5, 0)])

    assert points.nearest(0.1, 0, 2, np.array([1, 2])) == 1
    assert points.nearest(0.1, 0, 2, np.array([2])) is None
    assert points.nearest(0.1, 0, 2, np.array([], dtype=np.intp)) is None


@given(found=places, width=st.floats(1, 3000), height=st.floats(1, 3000))
def test_the_whole_view_shows_every_point(
    found: list[tuple[float, float]], width: float, height: float
) -> None:
    (x0, x1), (y0, y1) = points_of(found).fit(width, height).limits(width, height)

    assert x0 < x1 and y0 < y1
    slack = 1e-3 + 1e-6 * (x1 - x0 + y1 - y0)
    assert all(x0 - slack <= x <= x1 + slack for x, _ in found)
    assert all(y0 - slack <= y <= y1 + slack for _, y in found)


def test_the_whole_view_holds_the_star_too() -> None:
    view = points_of([(0, 0), (1, 1)]).fit(100, 100, also=(9, -3))

    (x0, x1), (y0, y1) = view.limits(100, 100)
    assert x1 >= 9 and y0 <= -3
    assert x0 <= 0 and y1 >= 1


@pytest.mark.parametrize("found", [[], [(0, 0)], [(5, -2)] * 4, [(1e-30, 0)]])
def test_a_single_place_gets_a_view_around_it(found: list[tuple[float, float]]) -> None:
    view = points_of(found).fit(200, 100)

    assert view.unit > 1e-4
    assert (view.x, view.y) == pytest.approx(found[0] if found else (0, 0), abs=1e-6)


def test_zooming_keeps_the_place_under_the_pointer() -> None:
    view = View(10, 20, 0.5)

    zoomed = view.zoomed(14, 18, 2)

    assert zoomed.unit == 0.25
    assert ((14 - zoomed.x) / zoomed.unit, (18 - zoomed.y) / zoomed.unit) == (
        (14 - view.x) / view.unit,
        (18 - view.y) / view.unit,
    )
    assert zoomed.zoomed(14, 18, 0.5).same(view)
    assert not zoomed.same(view)
